"""What a venue file says: `VENUE = Venue(...)`, read by `ccxt_venue`.

A venue knows the names of its endpoints, fields, wallets and error codes, and nothing else: no HTTP, no retries, no
regions, no settings. Most are one small file of data and short readers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, Notice, StatedTotal, UnreadableWallet, VenueWallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, maybe
from portfolio_bot.platforms.tickers import Tickers

NO_PARAMS: Mapping[str, object] = {}

STATUS_ONLY = "HTTP "
"""Begins the code of a refusal that only its HTTP status tells (`HTTP 403`)."""


OF_THE_KEY = frozenset(
    {FailureKind.BAD_KEY, FailureKind.KEY_EXPIRED, FailureKind.IP_NOT_ALLOWED, FailureKind.WRONG_REGION}
)
"""Refusals that speak of the whole key, if all of its wallets refuse with them."""

REFUSALS = OF_THE_KEY | {FailureKind.MISSING_RIGHT, FailureKind.GEO_BLOCKED}
"""Of one wallet while another one answers: want of rights. Of all wallets: the key's own failure."""


class Refused(SourceError):
    """The venue answered and said no; `code` is its own raw code, or `HTTP 403` where only the status speaks."""

    def __init__(self, failure: Failure, code: str) -> None:
        super().__init__(failure)
        self.code = code


class Api(Protocol):
    """What a reader gets: the venue's raw calls, signed, throttled, strict, their errors turned into causes."""

    async def call(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        """Ask once (a lost connection or a 5xx: twice) and return the parsed answer; fractions are Decimal.

        Args:
            method: an implicit method of ccxt's class by its snake_case name (`private_get_account_balance`).

        Raises:
            SourceError: with its cause; `Refused` where the venue gave a code.
        """

    async def look(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """Like `call`, but None where the venue says that there is no such wallet (`Venue.absent`): worth 0."""

    async def once(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """Like `look`, but all readers of one reading share one answer (an account's mode)."""


class Role(Enum):
    """What it means when a reader is refused for want of rights while another one answers."""

    WALLET = "wallet"
    """Named as unreadable; if it was read before, the whole reading fails."""
    EXTRA = "extra"
    """A product that not every account or region has: also a refusal by an unknown code leaves the account standing,
    as long as it never held anything."""
    FIGURE = "figure"
    """The same for what is no wallet: an overview, the result of open positions. That it answers shows no right to read
    a wallet, and a refusal later takes nothing away that it did not hold."""
    CHECK = "check"
    """Gives only the venue's total to compare with: no total, nothing else, whatever went wrong."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A sub-account that the key can see into.

    Attributes:
        uid: its number, which leaves the venue file only to be hashed.
        name: what kind of an account it is, or as its owner named it.
        total: what the venue says that it is worth; None if it does not say.
        holdings: what lies in it; none where only its worth is known.
    """

    uid: str
    name: str
    total: Money | None
    holdings: tuple[Holding, ...] = ()


@dataclass(frozen=True, slots=True)
class WalletAnswer:
    """What one reader found.

    Attributes:
        holdings: zero rows and several rows of one asset are welcome: they are dropped and added up later.
        stated: the venue's own value of a part, which *is* the value of that part; its holdings carry the same
            `part`. None where the sum of the rows is the value.
        venue_total: the venue's figure for the whole account, to compare with.
        overview: the same by wallet, of wallets that are read: it names the one in which a gap lies.
        unreadable: wallets that the venue shows but nobody can read or value.
        notices: warnings that come with what was found.
        wallets: further names of wallets that this answer held.
        inside: sub-accounts; what is worth nothing is left out.
    """

    holdings: tuple[Holding, ...] = ()
    stated: StatedTotal | None = None
    venue_total: StatedTotal | None = None
    overview: tuple[VenueWallet, ...] = ()
    unreadable: tuple[UnreadableWallet, ...] = ()
    notices: tuple[Notice, ...] = ()
    wallets: tuple[str, ...] = ()
    inside: tuple[Inside, ...] = ()


Reader: TypeAlias = Callable[[Api], Awaitable[WalletAnswer]]


@dataclass(frozen=True, slots=True)
class WalletReader:
    """One wallet.

    Attributes:
        name: as the venue's users know it; shown when it cannot be read, and data hang on it: never change it.
        read: one or more calls; all of them must answer.
    """

    name: str
    read: Reader
    role: Role = Role.WALLET


class Login(NamedTuple):
    """An account as the venue numbers it; it leaves the venue file only to be hashed.

    Attributes:
        uid: its number.
        main: that of the account that it is a sub-account of; "" for a main account, or if that is not told.
    """

    uid: str
    main: str = ""


@dataclass(frozen=True, slots=True)
class Venue:
    """A row of data for `CcxtSource`.

    Attributes:
        source: key of `catalog.SOURCES`; regions and their hosts stand there.
        ccxt_id: class of ccxt that signs.
        wallets: the most important one first: its verdict on the key is the one that is told, and it is what a
            regional host is tried with. All are read at once, or one after the other if `serial`.
        tickers: one call for all prices; None if nothing ever needs one.
        code: `(HTTP status, parsed answer) -> raw code`: None if the answer is the venue's envelope of success;
            raises bad_answer (by the strict readers) if it is no envelope at all.
        causes: raw code → cause. Codes that are not here are classified by ccxt's own table.
        absent: raw codes that mean "there is no such wallet": worth 0, not a failure.
        elsewhere: raw codes that a good key gets on the wrong region's host.
        rights: what the key may do; None = the venue cannot tell.
        identity: whose account the key opens, if possible by a call that is made anyway; None = the venue cannot
            tell.
        not_built: wallets that no call here covers and that an ordinary account may well hold.
        page_403: what an HTTP 403 without the venue's own code means.
        serial: private calls one at a time with a rising nonce.
        testnet: the same venue as its test network knows it; None if it has none.
        settings: for ccxt's constructor (`options`).
        endpoints: private ones to be read that ccxt has no name for yet: our name (`private_get_…`) → path and weight.
        ledger: the module beside the venue's own that holds its `LEDGER` (`bybit_ledger`), imported when the past is
            read for the first time; "" = this venue tells nothing of its past.
    """

    source: str
    ccxt_id: str
    wallets: tuple[WalletReader, ...]
    code: Callable[[int, object], str | None]
    causes: Mapping[str, FailureKind]
    tickers: Callable[[Api], Awaitable[Tickers]] | None = None
    absent: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    rights: Callable[[Api], Awaitable[KeyRights]] | None = None
    identity: Callable[[Api], Awaitable[Login | None]] | None = None
    not_built: tuple[str, ...] = ()
    page_403: FailureKind = FailureKind.GEO_BLOCKED
    serial: bool = False
    testnet: Venue | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    endpoints: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    ledger: str = ""


def in_dollars(row: Row, field_name: str) -> Money | None:
    """The venue's own value of a row in USD; "" and 0 say that it has none, and then its market is asked."""
    value = maybe(row, field_name)
    return Money(value, "USD") if value else None


def upper(name: str) -> Asset:
    """The canonical name where the venue's own is the canonical one but for its case."""
    return name.upper()
