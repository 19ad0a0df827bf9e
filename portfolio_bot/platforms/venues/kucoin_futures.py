"""The past of KuCoin's futures: settled results, moves to and from other wallets, fills.

What is settled every eight hours is one sum of result, funding and fees of a contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Record
from portfolio_bot.platforms.paging import MOST_PAGES, moment
from portfolio_bot.platforms.records import fees_of, flow, side_of
from portfolio_bot.platforms.strict import Row, amount, rows, stated, table, text
from portfolio_bot.platforms.venue import upper
from portfolio_bot.platforms.venues.kucoin_pages import numbered, once, span_of

PAGE = 50
NANOSECONDS = Decimal(1_000_000)
"""In a millisecond."""


async def futures_ledger(ask: Ask) -> Batch:
    """Settled results and moves to and from other wallets. What is not settled yet is read again later."""
    records: list[Record] = []
    kept: set[str] = set()
    params: dict[str, object] = {**span_of(ask), "maxCount": PAGE}
    for _ in range(MOST_PAGES):
        answer = await ask.api.call("futuresprivate_get_transaction_history", params)
        if table(answer, "data").get("items") == []:
            return Batch()
        page = rows(answer, "data", "dataList")
        fresh = [row for row in page if _offset(row) not in kept]
        kept |= {_offset(row) for row in fresh}
        records += [record for row in fresh for record in _settled(ask, row)]
        if not page or (table(answer, "data").get("hasMore") is not True and len(page) < PAGE):
            return Batch(once(records))
        if not fresh:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page came twice")
        params["offset"] = min(int(amount(row, "offset")) for row in fresh)
    raise CutShort


def _offset(row: Row) -> str:
    return f"{text(row, 'currency')}:{text(row, 'offset')}"


_FUTURES: Mapping[str, tuple[FlowKind, int]] = {
    "REALISEDPNL": (FlowKind.FUTURES_PNL, 1),
    "TRANSFERIN": (FlowKind.TRANSFER, 1),
    "TRANSFEROUT": (FlowKind.TRANSFER, -1),
    "DEPOSIT": (FlowKind.TRANSFER, 1),
    "WITHDRAWAL": (FlowKind.TRANSFER, -1),
}


def _settled(ask: Ask, row: Row) -> list[CashFlow]:
    if text(row, "status").lower() != "completed":
        return []
    word, moved = text(row, "type"), amount(row, "amount")
    kind, sign = _FUTURES.get(word.upper(), (FlowKind.UNCLASSIFIED, 1))
    way = ""
    if kind is FlowKind.TRANSFER:
        moved = sign * abs(moved)
        way = "another wallet → futures" if sign > 0 else "futures → another wallet"
    about = f"{word} {row.get('remark') or ''}".strip() if kind is FlowKind.FUTURES_PNL else word
    at, coin = moment(row, "time"), futures_coin(text(row, "currency"))
    return flow(ask, kind, f"futures:{_offset(row)}", at, coin, moved, detail=about[:64], wallets=way)


async def futures_trades(ask: Ask) -> Batch:
    """Fills of contracts."""
    found = await numbered(ask, "futuresprivate_get_fills")
    contracts = [row for row in found if "-" not in text(row, "symbol")]  # spot markets have lists of their own
    return Batch(once(_contract_fill(ask, row) for row in contracts))


def _contract_fill(ask: Ask, row: Row) -> ContractTrade:
    contract, settle = text(row, "symbol"), futures_coin(text(row, "settleCurrency"))
    word = str(row.get("tradeType") or "trade")
    exact = amount(row, "tradeTime", blank=ZERO) / NANOSECONDS
    coin = futures_coin(str(row.get("feeCurrency") or text(row, "settleCurrency")))
    return ContractTrade(
        f"{contract}:{text(row, 'tradeId')}",
        ask.account,
        moment({"at": exact}, "at") if exact else moment(row, "createdAt"),
        side_of(row),
        contract,
        settle,
        amount(row, "size"),
        amount(row, "price"),
        fees_of((coin, stated(row, "fee"))),
        detail="" if word == "trade" else word,
    )


def futures_coin(name: str) -> Asset:
    """Futures say XBT for what spot calls BTC."""
    return "BTC" if name == "XBT" else upper(name)
