"""One reading of a venue, or of its past, that answers what the test says, and emptily otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio_bot.analytics.valuation import AccountInfo, pin_dollars, value
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.reading import Live
from portfolio_bot.model.statement import Statement
from portfolio_bot.platforms.ledger import Batch, Hints, KeepsLedger, Price, Span
from tests.builders import rates
from tests.peers.venue import VenuePeer, venue_server
from tests.platforms.contract.peers import opened, reference_dollars


@asynccontextmanager
async def venue(
    folder: str, served: Mapping[str, object], statuses: Mapping[str, int] = {}
) -> AsyncIterator[VenuePeer]:
    """A peer with these endpoints: bodies, and where they matter statuses."""
    async with venue_server(folder) as peer:
        for endpoint, body in served.items():
            peer.serve(endpoint, {"body": body, "status": statuses.get(endpoint, 200)})
        yield peer


async def read(folder: str, served: Mapping[str, object], statuses: Mapping[str, int] = {}, **config: Any) -> Statement:
    """The statement that comes of it."""
    async with venue(folder, served, statuses) as peer:
        async with opened("gateio" if folder == "gate" else folder, peer.url, **config) as made:
            statement = await made.read()
        assert peer.unknown == []
        return statement


def worth(statement: Statement, source: str) -> Decimal:
    """USD, as the service values it."""
    info = AccountInfo(source, source, source, is_exchange=True)
    reading = Live(source, pin_dollars(statement, reference_dollars()))
    [found] = value([reading], {source: info}, rates(EUR="1.08"), at=datetime.now(UTC)).accounts
    assert isinstance(found, KnownAccount)
    return found.total.amount


def rows(statement: Statement) -> dict[str, Decimal]:
    """`{"spot BTC": 1}`, whichever of the venue's wallets told it."""
    found: dict[str, Decimal] = {}
    for row in statement.holdings:
        name = f"{row.wallet} {row.asset}"
        found[name] = found.get(name, Decimal(0)) + row.amount
    return found


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AROUND_NOON = Span(NOON - timedelta(hours=6), NOON + timedelta(hours=6))


def millis(at: datetime = NOON) -> str:
    """As venues print an instant."""
    return str(int(at.timestamp() * 1000))


async def past(
    folder: str, served: Mapping[str, object], stream: str, *, span: Span = AROUND_NOON, assets: Collection[str] = ()
) -> Batch:
    """One batch of a stream of the venue's past."""
    async with venue(folder, served) as peer, opened("gateio" if folder == "gate" else folder, peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {found.name: found for found in await made.streams(Hints(frozenset(assets)))}
        batch = await made.past(streams[stream], span)
        assert peer.unknown == []
        return batch


async def price(folder: str, served: Mapping[str, object], asset: str, at: datetime = NOON) -> Price | None:
    """What a coin was worth."""
    async with venue(folder, served) as peer, opened("gateio" if folder == "gate" else folder, peer.url) as made:
        assert isinstance(made, KeepsLedger)
        return await made.price_at(asset, at)


def changes(batch: Batch) -> list[tuple[str, str, object]]:
    """`("withdrawal", "USDT", -9)` for each flow: what it was and what it did to the balance; in alphabetical order."""
    found = [record for record in batch.records if isinstance(record, CashFlow)]
    return sorted((row.kind, row.asset, row.amount - (row.fee.amount if row.fee else 0)) for row in found)
