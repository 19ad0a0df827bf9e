"""OKX: the trading account's bills, and its fills.

A bill tells the balance's change, with `pnl` and `fee` in it (a fee is negative when it is paid). Of a contract only
the result is taken from it, of an option what was paid and received; fees and legs of spot trades come with the fills.
Left out: moves of margin and of a strategy's share inside the account, borrowing and repaying, structured orders; a
move to or from the funding account, which that account tells; conversions, which have a list of their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Side, Trade
from portfolio_bot.platforms.ledger import Ask, Batch
from portfolio_bot.platforms.paging import each_once, moment
from portfolio_bot.platforms.records import earned_or_paid, words
from portfolio_bot.platforms.strict import Row, amount, maybe, stated, text
from portfolio_bot.platforms.venue import upper
from portfolio_bot.platforms.venues.okx_pages import by_bill

INST_TYPES = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION")
_CONTRACTS = frozenset({"SWAP", "FUTURES", "OPTION"})


_TRANSFER, _FORCED_REPAYMENT, _INTEREST, _FUNDING = "1", "4", "7", "8"
_TRADES = words("2 3 5 9 10 13 14 24 30 32 34")
"""Trade, delivery, liquidation, ADL, clawback, DDH, block, spread and simple trade, moved position, settlement."""
_EXCHANGES = words("4 11 20 28 29")
"""Forced repayment, tokens converted by the system, small amounts, one-click repayment."""
_GAINS_OR_COSTS = words("7 38 250 251")
_LEFT_OUT = words("6 12 15 16 22 26 27 33")
_LEFT_OUT_SUBTYPES = words("110 111 283 284 285 286 287 290 296 297 298 299 332 333")
_GAINS_SUBTYPES = words("9 14 280 281 282 293 294 295 372 373 374 375 381")
"""Interest of loans, profit shares, airdrops to bots, interest of coins lent by themselves."""
_FUNDS, _TRADING = "6", "18"

_WORDS = {
    "3": "delivery", "4": "forced repayment", "5": "liquidation", "7": "interest", "8": "funding fee", "9": "adl",
    "10": "clawback", "11": "token conversion", "13": "delta hedge", "14": "block trade", "24": "spread trade",
    "28": "small amounts", "29": "one-click repayment", "30": "simple trade", "32": "position moved",
    "34": "settlement", "38": "rewards", "250": "profit share", "251": "profit share refund",
}  # fmt: skip
_FILL_WORDS = {
    **dict.fromkeys(("100", "101", "102", "103", "104", "105", "106", "107"), "liquidation"),
    **dict.fromkeys(("110", "111"), "liquidation"),
    **dict.fromkeys(("125", "126", "127", "128"), "adl"),
    **dict.fromkeys(("112", "113"), "delivery"),
    **dict.fromkeys(("170", "171"), "exercise"),
    "172": "expired",
    **dict.fromkeys(("131", "132"), "delta hedge"),
    **dict.fromkeys(("204", "205", "206", "207", "208", "209"), "block trade"),
}


async def trading_bills(ask: Ask) -> Batch:
    """The archive of three months, in which the last week stands as well."""
    found = await by_bill(ask.api, "private_get_account_bills_archive", ask.span)
    rows = each_once(found, lambda row: text(row, "billId"))
    return Batch(tuple(flow for row in rows for flow in _of_bill(row, ask.account)))


def _of_bill(row: Row, account: AccountId) -> Iterable[CashFlow]:
    kind, sub = text(row, "type"), str(row.get("subType") or "")
    changed = stated(row, "balChg")
    contract = row.get("instType") in _CONTRACTS
    txid, wallets = None, ""
    if sub in _GAINS_SUBTYPES or kind in _GAINS_OR_COSTS:
        moved = changed
        sort = earned_or_paid(moved)
    elif kind in _LEFT_OUT or sub in _LEFT_OUT_SUBTYPES or (kind in _TRADES and not contract):
        return
    elif kind == _FUNDING:
        moved, sort = maybe(row, "pnl") or changed, FlowKind.FUNDING
    elif kind in _TRADES:
        moved, sort = _result(row, changed), FlowKind.FUTURES_PNL
    elif kind in _EXCHANGES:
        moved, sort = changed - stated(row, "fee"), FlowKind.CONVERSION
        txid = str(row.get("ordId") or "") or f"{kind}:{text(row, 'ts')}"
    elif kind == _TRANSFER:
        ends = {str(row.get("from")), str(row.get("to"))}
        if ends == {_FUNDS, _TRADING}:
            return
        wallets = "trading → another account" if changed < 0 else "another account → trading"
        moved, sort = changed, FlowKind.TRANSFER
    else:
        moved, sort = changed, FlowKind.UNCLASSIFIED
    if moved:
        yield CashFlow(
            text(row, "billId"),
            account,
            sort,
            moment(row, "ts"),
            upper(text(row, "ccy")),
            moved,
            txid=txid,
            detail=_about(row, kind, sub),
            wallets=wallets,
        )


def _result(row: Row, changed: Decimal) -> Decimal:
    """Of a swap or future the result alone, whatever margin moved with it; of an option the premium too."""
    result = None if row.get("instType") == "OPTION" else maybe(row, "pnl")
    return changed - stated(row, "fee") if result is None else result


def _about(row: Row, kind: str, sub: str) -> str:
    word = "auto earn" if sub == "381" else _WORDS.get(kind, f"bill {kind}")
    return f"{word} {row.get('instId') or ''}".strip()[:64]


def fills(inst_type: str) -> Callable[[Ask], Awaitable[Batch]]:
    """The reader of one type of instrument."""

    async def read(ask: Ask) -> Batch:
        method = "private_get_trade_fills_history"
        found = await by_bill(ask.api, method, ask.span, {"instType": inst_type})
        rows = each_once(found, lambda row: text(row, "billId"))
        made = (_trade(row, inst_type, ask.account) for row in rows)
        return Batch(tuple(trade for trade in made if trade is not None))

    return read


def _trade(row: Row, inst_type: str, account: AccountId) -> Trade | ContractTrade | None:
    size, price = amount(row, "fillSz"), amount(row, "fillPx")
    if not size:
        return None
    side = {"buy": Side.BUY, "sell": Side.SELL}.get(text(row, "side"))
    if side is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, "side is neither buy nor sell")
    name, identity = text(row, "instId"), text(row, "billId")
    at = moment(row, "fillTime" if row.get("fillTime") else "ts")
    base, _, rest = name.partition("-")
    quote = rest.partition("-")[0]
    if not quote:
        raise SourceError.of(FailureKind.BAD_ANSWER, "instId names no pair")
    if inst_type in _CONTRACTS:
        settle = upper(str(row.get("feeCcy") or "") or (base if quote == "USD" else quote))
        word = _FILL_WORDS.get(str(row.get("subType")), "")
        realised = maybe(row, "fillPnl") or None
        return ContractTrade(identity, account, at, side, name, settle, size, price, _fees(row, settle), realised, word)
    market = Market.MARGIN if inst_type == "MARGIN" else Market.SPOT
    fees = _fees(row, upper(base if side is Side.BUY else quote))
    cost = size * price
    return Trade(
        identity, account, at, side, upper(base), upper(quote), size, cost, fees=fees, market=market, price=price
    )


def _fees(row: Row, usual: Asset) -> tuple[Fee, ...]:
    """Negative is what was paid, positive a rebate.

    Args:
        usual: the coin where the row names none.
    """
    paid = -stated(row, "fee")
    return (Fee(upper(str(row.get("feeCcy") or usual)), paid),) if paid else ()
