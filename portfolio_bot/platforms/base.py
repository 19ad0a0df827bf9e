"""What a source is: the protocol, its configuration, its specification."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import Failure, SourceError
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId, Notice, Statement, WarningKind
from portfolio_bot.net.timing import Timing
from portfolio_bot.platforms.claims import Claims
from portfolio_bot.platforms.limits import Gates
from portfolio_bot.platforms.shared import Shared

if TYPE_CHECKING:
    import aiohttp  # 0.3 s that a demo without network need not pay

PATIENCE = 20.0
"""Seconds that one source may take for everything (a parameter, so that tests of hangs take milliseconds)."""

SOON = timedelta(days=14)
"""How long before its end a key is worth a warning."""


class Secret:
    """A secret that neither `repr`, `str`, an f-string nor a traceback's locals show."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself: only for signing and for the redactor."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One account as the settings describe it.

    Attributes:
        account: its id.
        source: a key of `catalog.SOURCES`.
        name: what people see; the source's title, with its label, if they gave none.
        secrets: by the names of the source's spec: `API_KEY`, `API_SECRET`, `API_PASSPHRASE`, …
        base_url: replaces scheme, host and port; with it set no other host is asked.
        region: fixed by the owner; None = found by itself.
        region_urls: base URLs of single regions (`{"eu": "http://127.0.0.1:9001"}`).
        query_id: IBKR's query.
        expires: the day a token ends, where it cannot be read.
        ca_file: T-Bank's trust root; None = the bundled one.
        testnet: Binance's test network.
    """

    account: AccountId
    source: str
    name: str
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    base_url: str | None = None
    region: str | None = None
    region_urls: Mapping[str, str] = field(default_factory=dict)
    query_id: str | None = None
    expires: date | None = None
    ca_file: str | None = None
    testnet: bool = False


@dataclass(frozen=True, slots=True)
class KeyRights:
    """What a key may do; None = cannot be told. Never found out by trying to act.

    Attributes:
        read_only: it can do nothing but read.
        ip_bound: it works from listed addresses only.
        expires: the day it ends; None = never or unknown.
        notes: short facts worth a line in `check`, plain words.
    """

    read_only: bool | None = None
    can_trade: bool | None = None
    can_transfer: bool | None = None
    can_withdraw: bool | None = None
    ip_bound: bool | None = None
    expires: date | None = None
    notes: tuple[str, ...] = ()

    def notices(self, today: date) -> tuple[Notice, ...]:
        """The warnings that follow: what the key may do beyond reading, and that it ends within 14 days.

        The right to move money between own accounts is not named beside the greater right to withdraw.
        """
        kinds = [
            (WarningKind.KEY_MAY_TRADE, self.can_trade),
            (WarningKind.KEY_MAY_TRANSFER, self.can_transfer and not self.can_withdraw),
            (WarningKind.KEY_MAY_WITHDRAW, self.can_withdraw),
        ]
        found = [Notice(kind) for kind, may in kinds if may]
        if self.expires is not None and self.expires - today <= SOON:
            found.append(Notice(WarningKind.KEY_EXPIRES, self.expires.isoformat()))
        return tuple(found)


class Memory(Protocol):
    """A small persisted table of one account (found region, IBKR's last statement and reference code)."""

    def get(self, key: str) -> str | None:
        """The value, or None."""

    async def put(self, key: str, value: str | None) -> None:
        """Store or, with None, forget."""


WALLETS_READ, WALLETS_HELD = "wallets_read", "wallets_held"
"""Notes in the memory of an account: JSON lists of the wallets that ever answered, and of those that held something."""


class Source(Protocol):
    """One account at one platform. It knows nothing of settings, storage, Telegram, rounding or other sources."""

    @property
    def account(self) -> AccountId:
        """Whose account this is."""

    @property
    def patience(self) -> float:
        """Seconds it may take for everything."""

    async def read(self) -> Statement:
        """The whole account, now.

        Raises:
            SourceError: with its cause; nothing else, unless it is a bug.
        """

    async def rights(self) -> KeyRights:
        """What the key may do.

        Raises:
            SourceError: the venue refused or did not answer.
        """

    async def close(self) -> None:
        """Give back what it holds. The shared session is not its own."""


class StandIn(SourceError):
    """The source failed, or its newest answer is too old to be live, but it holds one that may stand in.

    Whoever catches it keeps `statement` as the account's last good value, marked stale with `failure`. A plain
    `SourceError` says nothing about older values.
    """

    def __init__(self, failure: Failure, statement: Statement) -> None:
        super().__init__(failure)
        self.statement = statement


@runtime_checkable
class ImpliesDollar(Protocol):
    """A source whose own valuation implies a rate: a cross-check, and the resort when no bank can be asked."""

    @property
    def account(self) -> AccountId:
        """Whose account this is."""

    async def implied_usd_rub(self) -> Decimal | None:
        """Roubles per dollar by the broker's own books (of its previous close); None if it cannot be told."""


@runtime_checkable
class QuotesRouble(Protocol):
    """A source with a market of USDT against the rouble: the very last resort, at times several percent off."""

    @property
    def account(self) -> AccountId:
        """Whose account this is."""

    async def usdt_rub(self) -> Decimal | None:
        """Roubles per USDT, last trade; None if there is no such market or it cannot be asked."""


@runtime_checkable
class PricesMore(Protocol):
    """A source that can price what its account does not hold."""

    def price_also(self, assets: frozenset[Asset]) -> None:
        """From the next reading on, these and no others beside what is held: what left it and has not arrived."""


@runtime_checkable
class Regional(Protocol):
    """A source whose venue has several hosts, each with keys of its own."""

    @property
    def region(self) -> str | None:
        """Where the key is asked; None for a venue without a choice."""


@runtime_checkable
class KnownIdentity(Protocol):
    """A source that can tell whose account its key opens."""

    @property
    def identity(self) -> Identity | None:
        """Of the account that its history is of; None while nobody knows."""


@runtime_checkable
class KnowsClock(Protocol):
    """A source that sees the clock of its platform."""

    @property
    def skew(self) -> float | None:
        """Our clock less theirs, in seconds, as the last answer told it; None until one did."""


def _timing() -> Timing:
    from portfolio_bot.net.door import Timing

    return Timing()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every source gets beside its own configuration.

    Attributes:
        patient: nobody will ask again soon (a command line without a service): a source that would fetch in the
            background and answer with what it has waits for the fetch instead, within its patience.
        shared: price lists that the accounts of one venue have in common for a few seconds.
        gates: what the accounts of one venue may ask, counted together where the venue counts them together.
        claims: which credential tells the past of an account that several of them see.
        identity_key: random, made once and kept in the database: hashes of account numbers made with it can be
            compared between accounts, and by nobody else.
        logins: whose account each credential opens, as far as that is known by now.
    """

    session: aiohttp.ClientSession
    clock: Clock
    timing: Timing = field(default_factory=_timing)
    patience: float = PATIENCE
    proxy: str | None = None
    patient: bool = False
    shared: Shared = field(default_factory=Shared)
    gates: Gates = field(default_factory=Gates)
    claims: Claims = field(default_factory=Claims)
    identity_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    logins: dict[AccountId, Identity] = field(default_factory=dict)


OpenSource: TypeAlias = Callable[[AccountConfig, Surroundings, Memory], Awaitable[Source]]


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A row of `catalog.SOURCES`; settings, `.env.example`, README and `check` follow it or are tested against it.

    Attributes:
        source: the name that ids begin with.
        title: the name people know.
        prefix: of its variables: `BYBIT` for `BYBIT_API_KEY`.
        secrets: names behind the prefix, all of them needed.
        open: makes a source (imports what it needs when called, never earlier).
        is_exchange: counts in the crypto subtotal.
        aliases: other prefixes that mean the same (`GATE` for `GATEIO`).
        regions: region → official address, the first is the main one; empty = no regions.
        takes: further variables behind the prefix: `QUERY_ID`, `FLEX_TOKEN_EXPIRES`, `CA_FILE`, `TESTNET`.
        key_help: where the owner makes a key and what to tick, one or two plain sentences.
    """

    source: str
    title: str
    prefix: str
    secrets: tuple[str, ...]
    open: OpenSource
    is_exchange: bool = True
    aliases: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)
    takes: tuple[str, ...] = ()
    key_help: str = ""
