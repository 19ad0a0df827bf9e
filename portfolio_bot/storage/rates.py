"""The newest exchange rates and dollar prices that were seen, for the hours in which nobody publishes any."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from portfolio_bot.model.instrument import Asset, FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.model.money import Currency
from portfolio_bot.storage.tables import dollar, fx_rate
from portfolio_bot.storage.tx import Tx, put


async def remember(tx: Tx, rates: Mapping[Currency, FxRate], dollars: Mapping[Asset, Quote]) -> None:
    """Store the rates, by currency, and the prices of crypto dollars in USD; what is not given stays as it was."""
    await put(
        tx,
        fx_rate,
        [
            {
                "currency": currency,
                "base": rate.base,
                "quote": rate.quote,
                "rate": rate.rate,
                "provider": rate.provider,
                "day": rate.date,
                "state": rate.state,
                "crossed": rate.crossed,
            }
            for currency, rate in rates.items()
        ],
    )
    await put(
        tx,
        dollar,
        [
            {"asset": asset, "price": quote.price, "source": quote.source, "as_of": quote.as_of}
            for asset, quote in dollars.items()
        ],
    )


async def stored(tx: Tx) -> Mapping[Currency, FxRate]:
    """The rates that were remembered last, with the state they had then."""
    rows = await tx.execute(select(fx_rate))
    return {
        r.currency: FxRate(r.base, r.quote, r.rate, FxProvider(r.provider), r.day, FxState(r.state), crossed=r.crossed)
        for r in rows
    }


async def dollars(tx: Tx) -> Mapping[Asset, Quote]:
    """The prices of crypto dollars that were remembered last."""
    rows = await tx.execute(select(dollar))
    return {row.asset: Quote(row.asset, row.price, PriceSource(row.source), row.as_of) for row in rows}
