"""One reading of a venue that answers what the test says, and emptily otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from portfolio_bot.model.statement import Statement
from tests.peers.venue import VenuePeer, venue_server
from tests.platforms.contract.peers import opened


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


def rows(statement: Statement) -> dict[str, Decimal]:
    """`{"spot BTC": 1}`."""
    return {f"{row.wallet} {row.asset}": row.amount for row in statement.holdings}
