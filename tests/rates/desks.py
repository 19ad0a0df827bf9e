"""The two services with deadlines of a fraction of a second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, Quote, RateTable
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.rates.dollars import Dollars
from portfolio_bot.rates.service import Rates
from tests.clock import HeldClock


def rouble(rate: str, day: str, provider: FxProvider = FxProvider.CBR) -> FxRate:
    return FxRate("USD", "RUB", Decimal(rate), provider, date.fromisoformat(day))


@asynccontextmanager
async def rates_at(
    urls: Mapping[str, str],
    clock: HeldClock,
    *,
    provider: Literal["ECB", "CBR"] = "ECB",
    stored: Mapping[str, FxRate] | None = None,
    ttl: int = 60,
    total: float = 0.5,
    **more: Any,
) -> AsyncIterator[Rates]:
    async with open_session() as session:
        made = Rates(
            session,
            clock,
            provider=provider,
            ttl=timedelta(minutes=ttl),
            base_urls=urls,
            stored=stored or {},
            timing=Timing(total, total),
            **more,
        )
        try:
            yield made
        finally:
            await made.close()


@asynccontextmanager
async def dollars_at(
    urls: Mapping[str, str], clock: HeldClock, stored: Mapping[str, Quote] | None = None, **more: Any
) -> AsyncIterator[Dollars]:
    async with open_session() as session:
        made = Dollars(session, clock, base_urls=urls, stored=stored or {}, timing=Timing(2.0, 2.0), **more)
        try:
            yield made
        finally:
            await made.close()


def known(table: RateTable, currency: str) -> FxRate:
    """The rate that must be there."""
    found = table.to_usd(currency)
    assert isinstance(found, FxRate), found
    return found


def unknown(table: RateTable, currency: str) -> Unknown:
    """The rate that must not be there."""
    found = table.to_usd(currency)
    assert isinstance(found, Unknown), found
    return found
