"""The past of KuCoin's unified account, for owners who switched to it: its ledger, and fills.

The ledger tells neither markets nor trades, so spot fills are asked for market by market of all known coins. What
opening a position costs is its fee, which comes with the fill.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade, Market, Trade
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Record
from portfolio_bot.platforms.paging import MOST_PAGES, moment
from portfolio_bot.platforms.records import earned_or_paid, fees_of, flow, side_of, spoken
from portfolio_bot.platforms.strict import Row, amount, rows, stated, table, text
from portfolio_bot.platforms.venue import upper
from portfolio_bot.platforms.venues.kucoin_futures import NANOSECONDS, futures_coin
from portfolio_bot.platforms.venues.kucoin_pages import came_in, once, span_of
from portfolio_bot.platforms.venues.kucoin_words import kind_of, other_end

PAGE = 200

_ALSO: Mapping[str, FlowKind | None] = {
    "FUTURES_EXCHANGE_OPEN": None,
    "FUTURES_EXCHANGE_CLOSE": FlowKind.FUTURES_PNL,
    "FUNDING_FEE": FlowKind.FUNDING,
    "AUTO_EXCHANGE_USER": FlowKind.CONVERSION,
}
"""Words that only the unified account has."""


async def unified_ledger(ask: Ask) -> Batch:
    """Its entries."""
    found = await _pages(ask, "utaprivate_get_account_ledger", {"accountType": "UNIFIED"}, "id")
    return Batch(once(record for row in found for record in _entry(ask, row)))


def _entry(ask: Ask, row: Row) -> list[CashFlow]:
    word, size = text(row, "businessType"), amount(row, "amount")
    moved = abs(size) if came_in(row) else -abs(size)
    name = spoken(word)
    kind = _ALSO[name] if name in _ALSO else kind_of(word, moved)
    if name == "FUTURES_EXCHANGE_REBATE":
        kind = earned_or_paid(moved)
    if kind is None:
        return []
    way = ""
    if kind is FlowKind.TRANSFER:
        other = str(row.get("remark") or other_end(word))
        way = f"{other} → unified" if moved > 0 else f"unified → {other}"
    at, coin = _exact(row, "ts"), futures_coin(text(row, "currency"))
    return flow(ask, kind, f"unified:{text(row, 'id')}", at, coin, moved, detail=word, wallets=way[:64])


def unified_trades(markets: Sequence[str]) -> Callable[[Ask], Awaitable[Batch]]:
    """Fills of contracts, and of these spot markets."""

    async def read(ask: Ask) -> Batch:
        records: list[Record] = [_contract(ask, row) for row in await _fills(ask, {"tradeType": "FUTURES"})]
        for market in markets:
            records += [_spot(ask, row) for row in await _fills(ask, {"tradeType": "SPOT", "symbol": market})]
        return Batch(once(records))

    return read


async def _fills(ask: Ask, params: Mapping[str, object]) -> list[Row]:
    method = "utaprivate_get_accountmode_order_execution"
    return await _pages(ask, method, {"accountMode": "unified", **params}, "tradeId")


def _contract(ask: Ask, row: Row) -> ContractTrade:
    contract, coin = text(row, "symbol"), futures_coin(text(row, "feeCurrency"))
    word = str(row.get("fillType") or "NORMAL")
    return ContractTrade(
        f"{contract}:{text(row, 'tradeId')}",
        ask.account,
        _exact(row, "executionTime"),
        side_of(row),
        contract,
        coin,  # fees are paid in what the contract is settled in
        amount(row, "size"),
        amount(row, "price"),
        fees_of((coin, stated(row, "fee"))),
        detail="" if word == "NORMAL" else word.lower(),
    )


def _spot(ask: Ask, row: Row) -> Trade:
    symbol, side = text(row, "symbol"), side_of(row)
    base, separator, quote = symbol.partition("-")
    if not separator:
        raise SourceError.of(FailureKind.BAD_ANSWER, "symbol is not a pair")
    cost = stated(row, "fee") + amount(row, "tax", blank=ZERO)
    return Trade(
        f"{symbol}:{text(row, 'tradeId')}:{side}",
        ask.account,
        _exact(row, "executionTime"),
        side,
        upper(base),
        upper(quote),
        amount(row, "size"),
        amount(row, "value"),
        fees=fees_of((upper(text(row, "feeCurrency")), cost)),
        market=Market.SPOT,
        price=amount(row, "price"),
    )


def _exact(row: Row, field: str) -> datetime:
    """An instant in nanoseconds."""
    return moment({field: amount(row, field) / NANOSECONDS}, field)


async def _pages(ask: Ask, method: str, params: Mapping[str, object], key: str) -> list[Row]:
    """All rows of a list that goes on behind the id that it names."""
    found: dict[str, Row] = {}
    asked: dict[str, object] = {**params, **span_of(ask), "pageSize": PAGE}
    for _ in range(MOST_PAGES):
        answer = await ask.api.call(method, asked)
        page = rows(answer, "data", "items")
        before = len(found)
        found |= {text(row, key): row for row in page}
        last = table(answer, "data").get("lastId")
        if len(page) < PAGE or not last:
            if len(page) >= PAGE:
                raise CutShort
            return list(found.values())
        if len(found) == before:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        asked["lastId"] = str(last)
    raise CutShort
