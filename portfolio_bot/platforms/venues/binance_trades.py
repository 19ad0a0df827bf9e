"""Trades of a Binance account: spot and margin market by market, futures by the symbols that its income names.

Spot and margin go back to the beginning and are counted by ids: each market goes on where it stopped. Futures trades
are kept for 6 months and futures income for 3: of a time before that the perpetuals of known coins are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Side, Trade
from portfolio_bot.platforms.ledger import Ask, Batch, Stream, StreamReader
from portfolio_bot.platforms.paging import between, moment, unless_full
from portfolio_bot.platforms.records import earned_or_paid, flow, side_of, yes
from portfolio_bot.platforms.strict import Row, amount, maybe, rows, said, stated, text
from portfolio_bot.platforms.venue import Refused, upper

LIMIT = 1000
FORCED_LIMIT = 100
CLEARED = "INSURANCE_CLEAR"
"""The fee of a liquidation."""

INCOME_KEPT = timedelta(days=89)
TRADES_KEPT = timedelta(days=180)

_LEFT_OUT = frozenset({"COMMISSION", "TRANSFER", "INTERNAL_TRANSFER"})
"""Comes with the trade; stands among the moves between wallets, or to and from sub-accounts, with both its sides."""

_KINDS = {
    "REALIZED_PNL": FlowKind.FUTURES_PNL,
    "FUNDING_FEE": FlowKind.FUNDING,
    "DELIVERED_SETTELMENT": FlowKind.FUTURES_PNL,  # Binance's own spelling
    "OPTIONS_PREMIUM_FEE": FlowKind.FUTURES_PNL,
    "OPTIONS_SETTLE_PROFIT": FlowKind.FUTURES_PNL,
    "COIN_SWAP_DEPOSIT": FlowKind.CONVERSION,
    "COIN_SWAP_WITHDRAW": FlowKind.CONVERSION,
    "AUTO_EXCHANGE": FlowKind.CONVERSION,
    "CROSS_COLLATERAL_TRANSFER": FlowKind.TRANSFER,
    "STRATEGY_UMFUTURES_TRANSFER": FlowKind.TRANSFER,
}
_BY_SIGN = frozenset(
    {
        CLEARED, "WELCOME_BONUS", "REFERRAL_KICKBACK", "COMMISSION_REBATE", "API_REBATE", "CONTEST_REWARD",
        "FEE_RETURN", "POSITION_LIMIT_INCREASE_FEE", "BFUSD_REWARD",
    }
)  # fmt: skip
"""Income where they bring something, a fee where they cost something."""

_SETTLES = ("USDT", "USDC", "BUSD", "FDUSD", "USD1", "BTC")


@dataclass(frozen=True, slots=True)
class Futures:
    """One of the two futures exchanges, or its part of a portfolio margin account.

    Attributes:
        name: of the stream, and before the ids of its flows.
        title: as people know it.
        perpetual: what follows a coin in the names of its perpetuals.
    """

    name: str
    title: str
    income: str
    trades: str
    prices: str
    forced: str
    perpetual: tuple[str, ...]


USD_M = Futures(
    "um", "USDⓈ-M futures", "fapiprivate_get_income", "fapiprivate_get_usertrades", "fapipublic_get_ticker_price",
    "fapiprivate_get_forceorders", ("USDT", "USDC"),
)  # fmt: skip
COIN_M = Futures(
    "cm", "COIN-M futures", "dapiprivate_get_income", "dapiprivate_get_usertrades", "dapipublic_get_ticker_price",
    "dapiprivate_get_forceorders", ("USD_PERP",),
)  # fmt: skip
PORTFOLIO_USD_M = Futures(
    "um",
    USD_M.title,
    "papi_get_um_income",
    "papi_get_um_usertrades",
    USD_M.prices,
    "papi_get_um_forceorders",
    USD_M.perpetual,
)
PORTFOLIO_COIN_M = Futures(
    "cm",
    COIN_M.title,
    "papi_get_cm_income",
    "papi_get_cm_usertrades",
    COIN_M.prices,
    "papi_get_cm_forceorders",
    COIN_M.perpetual,
)


def spot_trades(base: Asset, quote: Asset) -> StreamReader:
    """Every fill of one spot market."""
    return _counted(base, quote, "spot", "private_get_mytrades", {})


def margin_trades(base: Asset, quote: Asset, *, portfolio: bool) -> StreamReader:
    """Every fill of one market in cross margin."""
    method = "papi_get_margin_mytrades" if portfolio else "sapi_get_margin_mytrades"
    return _counted(base, quote, "margin", method, {})


def isolated_trades(base: Asset, quote: Asset) -> StreamReader:
    """Every fill of one isolated pair."""
    return _counted(base, quote, "isolated", "sapi_get_margin_mytrades", {"isIsolated": "TRUE"})


def futures(exchange: Futures, known: Collection[Asset]) -> StreamReader:
    """Income, and the trades of the symbols that it names; a week at a time.

    Args:
        known: coins whose perpetuals are asked for where income is no longer kept.
    """

    async def read(ask: Ask) -> Batch:
        income = await _income(ask, exchange)
        symbols = {text(row, "symbol") for row in income if row.get("symbol")}
        cleared = {text(row, "symbol") for row in income if row.get("incomeType") == CLEARED and row.get("symbol")}
        if _ago(ask) > INCOME_KEPT:
            symbols |= await _perpetuals(ask, exchange, known)
        records: list[CashFlow | ContractTrade] = []
        for row in income:
            records += _income_row(ask, exchange, row)
        for symbol in sorted(symbols):
            params = {**between(ask.span), "symbol": symbol, "limit": LIMIT}
            answer = rows(await ask.api.call(exchange.trades, params))
            forced = await _forced(ask, exchange, symbol) if symbol in cleared else frozenset()
            records += [_contract(ask, exchange, row, forced) for row in unless_full(answer, LIMIT)]
        return Batch(tuple(records))

    return StreamReader(Stream(exchange.name, exchange.title, window=timedelta(days=7), keeps=TRADES_KEPT), read)


def _counted(base: Asset, quote: Asset, place: str, method: str, more: dict[str, object]) -> StreamReader:
    """A market that is counted by trade ids: the token is the first one that was not read yet."""
    symbol = f"{base}{quote}"

    async def read(ask: Ask) -> Batch:
        first = int(ask.token or 0)
        params = {"symbol": symbol, "fromId": first, "limit": LIMIT, **more}
        found = rows(await ask.api.call(method, params))
        fresh = [row for row in found if amount(row, "id") >= first]
        full = len(found) >= LIMIT
        if full and not fresh:
            raise SourceError.of(FailureKind.BAD_ANSWER, "trades that were read before came again")
        trades = tuple(_trade(ask, row, base, quote, place) for row in fresh)
        after = max((int(amount(row, "id")) + 1 for row in fresh), default=first)
        return Batch(trades, token=str(after), more=full)

    return StreamReader(Stream(f"{place} {symbol}", f"{place} trades {symbol}"), read)


def _trade(ask: Ask, row: Row, base: Asset, quote: Asset, place: str) -> Trade:
    name = f"{base}{quote}:{text(row, 'id')}"
    price, size = amount(row, "price"), amount(row, "qty")
    cost = maybe(row, "quoteQty")  # margin answers leave it out
    return Trade(
        id=name if place == "spot" else f"{place}:{name}",
        account=ask.account,
        at=moment(row, "time"),
        side=Side.BUY if yes(row, "isBuyer") else Side.SELL,
        base=base,
        quote=quote,
        amount=size,
        cost=price * size if cost is None else cost,
        fees=_fees(row),
        market=Market.SPOT if place == "spot" else Market.MARGIN,
        price=price,
    )


def _fees(row: Row) -> tuple[Fee, ...]:
    cost = stated(row, "commission")
    return (Fee(upper(text(row, "commissionAsset")), cost),) if cost else ()


def _contract(ask: Ask, exchange: Futures, row: Row, forced: Collection[str]) -> ContractTrade:
    symbol = text(row, "symbol")
    return ContractTrade(
        id=f"{symbol}:{text(row, 'id')}",
        account=ask.account,
        at=moment(row, "time"),
        side=side_of(row),
        contract=symbol,
        settle=_settle(exchange, row, symbol),
        size=amount(row, "qty"),
        price=amount(row, "price"),
        fees=_fees(row),
        realised=maybe(row, "realizedPnl"),
        detail="liquidation" if forced and text(row, "orderId") in forced else "",
    )


async def _forced(ask: Ask, exchange: Futures, symbol: str) -> frozenset[str]:
    """The orders by which Binance closed a position itself: asked for only where it took its fee for that."""
    params = {**between(ask.span), "symbol": symbol, "autoCloseType": "LIQUIDATION", "limit": FORCED_LIMIT}
    found = unless_full(rows(await ask.api.call(exchange.forced, params)), FORCED_LIMIT)
    return frozenset(text(row, "orderId") for row in found)


def _settle(exchange: Futures, row: Row, symbol: str) -> Asset:
    if row.get("marginAsset"):
        return upper(text(row, "marginAsset"))
    name = symbol.partition("_")[0]
    if exchange.name == COIN_M.name:
        return name.removesuffix("USD")
    return next((coin for coin in _SETTLES if name.endswith(coin)), "USDT")


async def _income(ask: Ask, exchange: Futures) -> Sequence[Row]:
    """Of a time that is no longer kept it may be refused: then there is none."""
    try:
        answer = rows(await ask.api.call(exchange.income, {**between(ask.span), "limit": LIMIT}))
    except Refused as error:
        if error.failure.kind is FailureKind.BAD_ANSWER and _ago(ask) > INCOME_KEPT:
            return ()
        raise
    return unless_full(answer, LIMIT)


async def _perpetuals(ask: Ask, exchange: Futures, known: Collection[Asset]) -> set[str]:
    listed = {text(row, "symbol") for row in rows(await ask.api.call(exchange.prices))}
    return {f"{coin}{suffix}" for coin in known for suffix in exchange.perpetual} & listed


def _ago(ask: Ask) -> timedelta:
    return datetime.now(UTC) - ask.span.start


def _income_row(ask: Ask, exchange: Futures, row: Row) -> list[CashFlow]:
    word, moved, asset = text(row, "incomeType"), amount(row, "income"), upper(text(row, "asset"))
    if word in _LEFT_OUT:
        return []
    symbol = said(row, "symbol")
    kind = _KINDS.get(word, FlowKind.UNCLASSIFIED)
    if word in _BY_SIGN:
        kind = earned_or_paid(moved)
    transaction = text(row, "tranId")
    name = f"{exchange.name}:{transaction}:{word}:{symbol or asset}"
    linked = transaction if kind in {FlowKind.CONVERSION, FlowKind.TRANSFER} else None
    wallets = exchange.title if kind is FlowKind.TRANSFER else ""
    detail = f"{word} {symbol}".strip()
    return flow(ask, kind, name, moment(row, "time"), asset, moved, txid=linked, detail=detail, wallets=wallets)
