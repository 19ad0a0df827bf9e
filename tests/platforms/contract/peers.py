"""The table of the contract suite: for each source a loopback peer with a good account, and where to hurt it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import PriceSource, Quote
from portfolio_bot.net.door import Timing, deadline, open_session
from portfolio_bot.platforms.base import AccountConfig, Secret, Source, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.limits import Gate, Gates, Limit
from tests.peers.faults import Peer, Reply
from tests.peers.tbank import PORTFOLIO, error, tbank_server
from tests.peers.venue import cases, venue_server
from tests.platforms.contract.errors import Refusal, no_right, refusals, tbank_refusals

CANARY = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeS1jYW5hcnk="
"""A secret that can sign at every venue (Kraken wants base64) and that is looked for where it must not be."""


VENUES: Mapping[str, str] = {
    **{name: name for name in ("bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin")},
    "gateio": "gate",
    "mexc": "mexc",
}
"""Venues that ccxt signs for: key of the source → name of its module and of its folder of fixtures."""


@dataclass(frozen=True)
class ContractPeer:
    """How one source is put to the test.

    Attributes:
        open: a peer with a good account in which at least one amount is not zero.
        secrets: values of the spec's secrets.
        main: the route of the most important wallet.
        amounts: names of fields, in the JSON of `main`, that hold amounts that count; () for another format.
        needed: a field of that JSON without which it cannot be read; "" for another format.
        second: the route of a wallet that a key may lack the right for; None where there is but one.
        refusals: code, answer and cause of everything that the source is known to refuse with.
        no_right: the answer to a key that may not read this; None where there is no `second`.
        statuses: causes of bare HTTP statuses where they differ from those of exchanges.
        keyed: names of objects whose own fields are data (coins): new fields there are new data.
        one_by_one: private calls wait for each other on purpose.
        config: further settings of the account.
    """

    open: Callable[[], AbstractAsyncContextManager[Peer]]
    secrets: Mapping[str, str]
    main: str
    amounts: tuple[str, ...] = ()
    needed: str = ""
    second: str | None = None
    refusals: tuple[Refusal, ...] = ()
    no_right: Reply | None = None
    statuses: Mapping[str, FailureKind] = field(default_factory=dict)
    keyed: frozenset[str] = frozenset()
    one_by_one: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)


def _venue(folder: str, main: str, amounts: tuple[str, ...], needed: str, **more: Any) -> ContractPeer:
    """A venue of `tests/fixtures/exchanges`, with its case "whole account"."""
    source = "gateio" if folder == "gate" else folder
    whole = next(found for found in cases(folder) if found.kind == "whole_account")

    @asynccontextmanager
    async def opened() -> AsyncIterator[Peer]:
        async with venue_server(folder, whole) as peer:
            yield peer

    given = {"refusals": refusals(source), "no_right": no_right(source), **more}
    return ContractPeer(opened, dict.fromkeys(SOURCES[source].secrets, CANARY), main, amounts, needed, **given)


@asynccontextmanager
async def _tbank() -> AsyncIterator[Peer]:
    async with tbank_server() as peer:
        peer.token = None
        yield peer


CONTRACT: Mapping[str, ContractPeer] = {
    "bybit": _venue(
        "bybit",
        "GET /v5/account/wallet-balance",
        ("equity", "usdValue", "totalEquity"),
        "equity",
        second="GET /v5/asset/transfer/query-account-coins-balance",
        statuses={"403": FailureKind.RATE_LIMITED},
    ),
    "okx": _venue(
        "okx",
        "GET /api/v5/account/balance",
        ("eq", "eqUsd", "totalEq"),
        "eq",
        second="GET /api/v5/asset/balances",
    ),
    "binance": _venue("binance", "GET /api/v3/account", ("free", "locked"), "free", second="GET /fapi/v3/account"),
    "kraken": _venue(
        "kraken", "POST /0/private/BalanceEx", ("balance",), "balance", keyed=frozenset({"result"}), one_by_one=True
    ),
    "krakenfutures": _venue(
        "krakenfutures",
        "GET /derivatives/api/v3/accounts",
        ("pv", "portfolioValue"),
        "pv",
        keyed=frozenset({"accounts", "balances", "currencies"}),
    ),
    "kucoin": _venue(
        "kucoin", "GET /api/v1/accounts", ("balance",), "balance", second="GET /api/v1/account-overview?currency=USDT"
    ),
    "gateio": _venue(
        "gate",
        "GET /api/v4/spot/accounts",
        ("available", "locked"),
        "available",
        second="GET /api/v4/futures/usdt/accounts",
        keyed=frozenset({"balances", "details"}),
    ),
    "mexc": _venue(
        "mexc", "GET /api/v3/account", ("free", "locked"), "free", second="GET /api/v1/private/account/assets"
    ),
    "tbank": ContractPeer(
        _tbank,
        {"API_TOKEN": CANARY},
        f"POST {PORTFOLIO}?accountId=2000000001",
        ("units", "nano"),
        "totalAmountPortfolio",
        second=f"POST {PORTFOLIO}?accountId=2000000002",
        refusals=tbank_refusals(),
        no_right=error("no permission"),
    ),
}
"""By source. A broker joins with a row of its own."""


class KeptMemory:
    """A source's memory that a test can look into."""

    def __init__(self, rows: Mapping[str, str] | None = None) -> None:
        self.rows = dict(rows or {})

    def get(self, key: str) -> str | None:
        return self.rows.get(key)

    async def put(self, key: str, value: str | None) -> None:
        if value is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = value


@asynccontextmanager
async def in_a_hurry() -> AsyncIterator[None]:
    """No time for a second try."""
    token = deadline.set(asyncio.get_running_loop().time() + 0.5)
    try:
        yield
    finally:
        deadline.reset(token)


def now() -> datetime:
    """The true time: a peer's `Date` header is compared with it."""
    return datetime.now(UTC)


class WideGates(Gates):
    """Nobody waits for a venue's limit where another thing is tested."""

    def gate(self, key: Hashable, limit: Limit, member: str) -> Gate:
        return super().gate(key, replace(limit, units=1e9), member)


@asynccontextmanager
async def surroundings(total: float = 5.0) -> AsyncIterator[Surroundings]:
    """A session of its own, and deadlines in seconds."""
    async with open_session() as session:
        yield Surroundings(
            session,
            now,
            Timing(total=total, connect=total),
            patience=total * 2,
            gates=WideGates(),
            identity_key=b"same in every life",
        )


async def make(
    source: str,
    url: str | None,
    around: Surroundings,
    memory: KeptMemory | None = None,
    secrets: Mapping[str, str] | None = None,
    **config: Any,
) -> Source:
    """The real source, with nothing changed but its address."""
    given = AccountConfig(
        account=source,
        source=source,
        name=SOURCES[source].title,
        secrets={name: Secret(value) for name, value in (secrets or CONTRACT[source].secrets).items()},
        base_url=url,
        **{**CONTRACT[source].config, **config},
    )
    return await SOURCES[source].open(given, around, memory or KeptMemory())


@asynccontextmanager
async def opened(source: str, url: str | None, *, total: float = 5.0, **how: Any) -> AsyncIterator[Source]:
    """The real source with short deadlines; `how` as in `make`."""
    async with surroundings(total) as around:
        made = await make(source, url, around, **how)
        try:
            yield made
        finally:
            await made.close()


def reference_dollars() -> Mapping[str, Quote]:
    """USDT and USDC as Kraken's public ticker of the fixtures has them, for venues without a pair in dollars."""
    prices = {"USDT": "0.9995", "USDC": "0.9998998"}
    return {name: Quote(name, Decimal(price), PriceSource.VENUE_TICKER, now()) for name, price in prices.items()}
