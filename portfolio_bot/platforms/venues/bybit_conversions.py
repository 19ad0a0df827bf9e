"""Bybit: coins exchanged for others without a market, small balances too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ledger import Ask, Batch
from portfolio_bot.platforms.paging import by_number, moment
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.venue import Api, upper

_DONE = frozenset({"success", "partial_fulfillment"})
_PAGE = 50
_DUST_PAGE = 100


async def converted(ask: Ask) -> Batch:
    """Conversions since the start of the span; the venue lists them from the newest on and knows no other filter."""
    found = await _converted(ask.api, ask.span.start)
    failed = [name for row in found if row.get("exchangeStatus") == "failure" for name in _names(row)]
    return Batch(tuple(leg for row in found for leg in _legs(row, ask.account)), void=tuple(failed))


async def small_balances(ask: Ask) -> Batch:
    """Small balances turned into one coin: all that there ever were, which are few."""
    return Batch(tuple(leg for row in await _dust(ask.api) for leg in _dust_legs(row, ask.account)))


async def conversions(api: Api, account: AccountId, since: datetime) -> list[CashFlow]:
    """The legs of both, to find in them what the account's log tells again."""
    found = [leg for row in await _converted(api, since) for leg in _legs(row, account)]
    return [*found, *(leg for row in await _dust(api) for leg in _dust_legs(row, account))]


async def _converted(api: Api, since: datetime) -> list[Row]:
    async def page(number: int) -> Sequence[Row]:
        params = {"index": number, "limit": _PAGE}
        result = table(await api.call("private_get_v5_asset_exchange_query_convert_history", params), "result")
        found = rows(result, "list")
        return found if any(moment(row, "createdAt") >= since for row in found) else ()

    return await by_number(page, full=_PAGE)


async def _dust(api: Api) -> list[Row]:
    async def page(number: int) -> Sequence[Row]:
        params = {"cursor": number, "size": _DUST_PAGE}
        result = table(await api.call("private_get_v5_asset_covert_small_balance_history", params), "result")
        return rows(result, "records")

    return await by_number(page, full=_DUST_PAGE)


def _names(row: Row) -> tuple[str, str]:
    identity = text(row, "exchangeTxId")
    return f"{identity}:from", f"{identity}:to"


def _legs(row: Row, account: AccountId) -> Iterable[CashFlow]:
    if text(row, "exchangeStatus") not in _DONE:
        return
    at, txid = moment(row, "createdAt"), text(row, "exchangeTxId")
    legs = zip(_names(row), (("fromCoin", "fromAmount", -1), ("toCoin", "toAmount", 1)), strict=True)
    for name, (coin, field, sign) in legs:
        moved = sign * amount(row, field)
        if moved:
            yield CashFlow(name, account, FlowKind.CONVERSION, at, upper(text(row, coin)), moved, txid=txid)


def _dust_legs(row: Row, account: AccountId) -> Iterable[CashFlow]:
    """One coin for several; what was received is net of the fee."""
    if text(row, "status") not in _DONE:
        return
    at, txid = moment(row, "createdAt"), text(row, "exchangeTxId")
    given = [
        (upper(text(part, "fromCoin")), -amount(part, "fromAmount"))
        for part in rows(row, "subRecords")
        if text(part, "status") in _DONE
    ]
    for asset, moved in (*given, (upper(text(row, "toCoin")), amount(row, "toAmount"))):
        if moved:
            name = f"{txid}:{asset}"
            yield CashFlow(name, account, FlowKind.CONVERSION, at, asset, moved, txid=txid, detail="small balances")
