"""OKX's past. API: v5.

What it keeps: the funding account's bills since 1 February 2021, with deposits and withdrawals beside them; bills and
fills of the trading account for three months (older ones only in archives that are ordered by hand); interest of simple
earn for a month. A deposit counts at its own time, a withdrawal from the moment it is asked for; `fee` comes on top of
`amt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.candles import Size, price_then
from portfolio_bot.platforms.ledger import Ask, Batch, Ledger, Stream, StreamReader
from portfolio_bot.platforms.paging import millis, moment
from portfolio_bot.platforms.records import digest
from portfolio_bot.platforms.strict import Row, amount, listed, text
from portfolio_bot.platforms.venue import Api, upper
from portfolio_bot.platforms.venues.okx_funding import funding
from portfolio_bot.platforms.venues.okx_pages import by_time
from portfolio_bot.platforms.venues.okx_trading import INST_TYPES, fills, trading_bills

QUARTER = timedelta(days=90)
FORTNIGHT = timedelta(days=15)
MONTH = timedelta(days=30)

_SIZES = (Size("1m", timedelta(minutes=1)), Size("1H", timedelta(hours=1)), Size("1Dutc", timedelta(days=1)))


async def converted(ask: Ask) -> Batch:
    """Conversions without a market; one that was rejected never happened."""
    found = await by_time(ask.api, "private_get_asset_convert_history", ask.span, lambda row: text(row, "tradeId"))
    return Batch(tuple(leg for row in found for leg in _legs(row, ask.account)))


def _legs(row: Row, account: AccountId) -> Iterable[CashFlow]:
    if text(row, "state") != "fullyFilled":
        return
    txid, at, bought = text(row, "tradeId"), moment(row, "ts"), text(row, "side") == "buy"
    for name, field, sign in (("base", "fillBaseSz", 1), ("quote", "fillQuoteSz", -1)):
        asset, moved = upper(text(row, f"{name}Ccy")), amount(row, field) * (sign if bought else -sign)
        if moved:
            yield CashFlow(f"{txid}:{name}", account, FlowKind.CONVERSION, at, asset, moved, txid=txid)


async def savings(ask: Ask) -> Batch:
    """Interest of simple earn, hour by hour; the rows have no id."""
    found = await by_time(ask.api, "private_get_finance_savings_lending_history", ask.span, _mark)
    return Batch(
        tuple(
            CashFlow(
                f"savings:{_mark(row)}",
                ask.account,
                FlowKind.INCOME,
                moment(row, "ts"),
                upper(text(row, "ccy")),
                amount(row, "earnings"),
                detail="simple earn",
            )
            for row in found
            if amount(row, "earnings") > 0
        )
    )


def _mark(row: Row) -> str:
    return digest(*(row.get(name) for name in ("ccy", "ts", "amt", "earnings", "rate")))


async def price(api: Api, asset: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The last price of the minute, else the hour, else the day; see `ledger.Ledger`."""

    async def ask(size: Size) -> Sequence[object]:
        # `after` asks for what is older than it
        params = {"instId": f"{asset}-{quote}", "bar": size.name, "after": millis(at) + 1, "limit": 1}
        return listed(await api.call("public_get_market_history_candles", params), "data")

    return await price_then(at, _SIZES, ask)


LEDGER = Ledger(
    opened=date(2021, 2, 1),
    streams=(
        StreamReader(Stream("funding", "funding account", QUARTER, border=True), funding),
        StreamReader(Stream("trading", "trading account", FORTNIGHT, QUARTER), trading_bills),
        StreamReader(Stream("conversions", "conversions", QUARTER), converted),
        StreamReader(Stream("savings", "interest of simple earn", FORTNIGHT, MONTH), savings),
        *(
            StreamReader(Stream(f"fills_{name.lower()}", f"{name.lower()} trades", FORTNIGHT, QUARTER), fills(name))
            for name in INST_TYPES
        ),
    ),
    price=price,
    bridges=("USD", "USDT", "USDC", "EUR", "BTC", "ETH"),
)
