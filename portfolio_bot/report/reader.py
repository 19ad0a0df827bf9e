"""Who reads: the zone, the language, the currency and the moment, and which settings mend which account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.money import Currency
from portfolio_bot.model.statement import AccountId


@dataclass(frozen=True, slots=True)
class Guide:
    """What the owner of an account has to touch when it fails.

    Attributes:
        prefix: of its variables: `KRAKEN`, `KRAKEN_ACCOUNT1`.
        secrets: names behind the prefix, the key or token first.
        key_help: where a key is made and what to tick; "" if there is nothing to say.
        regions: names that `<PREFIX>_REGION` takes.
        takes: further variables behind the prefix (`QUERY_ID`, `CA_FILE`).
    """

    prefix: str
    secrets: tuple[str, ...] = ("API_KEY", "API_SECRET")
    key_help: str = ""
    regions: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()

    @classmethod
    def by_id(cls, account: AccountId) -> Guide:
        """The best guess where nobody says more: variables are named like the id."""
        return cls(account.upper().replace("-", "_"))

    def variable(self, suffix: str) -> str:
        """The full name of one of its variables."""
        return f"{self.prefix}_{suffix}"

    @property
    def key(self) -> str:
        """The variable that holds the key or token."""
        return self.variable(self.secrets[0])


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a document is for.

    Attributes:
        calendar: their days and their zone.
        zone_name: IANA name of that zone.
        language: two letters; what is not known is English.
        currency: of the headline and the tables; USD and RUB are always given too.
        now: the moment of reading, aware UTC.
        demo: the accounts are simulated: said in every document.
        guides: by account, what to touch.
        pull: what they type to fetch everything anew.
        percent_only: no amount of money or of an asset may be shown to them, only shares and changes in percent.
        light: pictures are for a light screen.
        form: of messages to them, where there is a choice: `auto`, `rich` or `classic`.
    """

    calendar: Calendar
    zone_name: str
    now: datetime
    language: str = "en"
    currency: Currency = "USD"
    demo: bool = False
    guides: Mapping[AccountId, Guide] = field(default_factory=dict)
    pull: str = "/pull"
    percent_only: bool = False
    light: bool = False
    form: str = "classic"

    @property
    def in_chat(self) -> bool:
        """Whether they read in a chat, where there are pages and buttons, and not on the command line."""
        return self.pull.startswith("/")

    def command(self, name: str) -> str:
        """What they type for another command: `/accounts`, or `portfolio-bot accounts`."""
        return self.pull.removesuffix("pull") + name

    def guide(self, account: AccountId) -> Guide:
        """What mends this account."""
        return self.guides.get(account) or Guide.by_id(account)
