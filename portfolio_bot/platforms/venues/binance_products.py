"""The past of products that few accounts use: staked ETH and SOL, and options.

Staking ETH or SOL exchanges it for a coin (BETH, WBETH, BNSOL), redeeming exchanges it back some days later; what the
coin earns shows in its price, or among the distributions. Of options Binance keeps three months.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import ContractTrade, Fee
from portfolio_bot.platforms.ledger import Ask, Batch, Span, Stream, StreamReader
from portfolio_bot.platforms.paging import PAGE, between, by_count, moment, unless_full
from portfolio_bot.platforms.records import digest, exchanged, flow, side_of
from portfolio_bot.platforms.strict import Row, amount, maybe, rows, stated, text
from portfolio_bot.platforms.venue import upper

STAKED = frozenset({"BETH", "WBETH", "BNSOL"})
STAKING_BEGAN = datetime(2020, 12, 1, tzinfo=UTC)
LIMIT = 1000

_EXCHANGES = (
    "sapi_get_eth_staking_eth_history_stakinghistory",
    "sapi_get_eth_staking_eth_history_redemptionhistory",
    "sapi_get_sol_staking_sol_history_stakinghistory",
    "sapi_get_sol_staking_sol_history_redemptionhistory",
)
_WRAPS = (
    "sapi_get_eth_staking_wbeth_history_wraphistory",
    "sapi_get_eth_staking_wbeth_history_unwraphistory",
)


def staking(known: Collection[Asset]) -> list[StreamReader]:
    """Staking and redeeming, for an account that knows one of the coins that come of it."""
    if STAKED.isdisjoint(known):
        return []
    return [StreamReader(Stream("staking", "staking of ETH and SOL", window=timedelta(days=85)), _staking)]


async def _staking(ask: Ask) -> Batch:
    if ask.span.end <= STAKING_BEGAN:
        return Batch()
    params = {**between(Span(max(ask.span.start, STAKING_BEGAN), ask.span.end)), "size": PAGE}
    records: list[CashFlow] = []
    for method in _EXCHANGES:
        for row in await by_count(ask.api, method, params):
            records += _staked(ask, row) if text(row, "status") == "SUCCESS" else []
    for method in _WRAPS:
        for row in await by_count(ask.api, method, params):
            records += _wrapped(ask, row) if text(row, "status") == "SUCCESS" else []
    return Batch(tuple(records))


def _staked(ask: Ask, row: Row) -> list[CashFlow]:
    """What was given at the time of asking, what was got when it came; the first stakes brought BETH, one for one."""
    given, spent = upper(text(row, "asset")), amount(row, "amount")
    got, received = "BETH", spent
    if row.get("distributeAsset"):
        got, received = upper(text(row, "distributeAsset")), amount(row, "distributeAmount")
    at = moment(row, "time")
    came = moment(row, "arrivalTime") if maybe(row, "arrivalTime") else at
    deal, kind = f"staking:{digest(at, given, spent, got, received)}", FlowKind.CONVERSION
    return [
        *flow(ask, kind, f"{deal}:out", at, given, -spent, txid=deal, detail="staking"),
        *flow(ask, kind, f"{deal}:in", came, got, received, txid=deal, detail="staking"),
    ]


def _wrapped(ask: Ask, row: Row) -> list[CashFlow]:
    at = moment(row, "time")
    given = (upper(text(row, "fromAsset")), amount(row, "fromAmount"), ZERO)
    got = (upper(text(row, "toAsset")), amount(row, "toAmount"), ZERO)
    return exchanged(ask, f"wrap:{digest(at, *given, *got)}", at, given, got, "wrapping")


async def _options(ask: Ask) -> Batch:
    """Premiums and settlements, which are results; fills with their fees. Transfers stand among the moves."""
    window = {**between(ask.span), "limit": LIMIT}
    bills = rows(await ask.api.call("eapiprivate_get_bill", {**window, "currency": "USDT"}))
    fills = rows(await ask.api.call("eapiprivate_get_usertrades", window))
    records: list[CashFlow | ContractTrade] = [_fill(ask, row) for row in unless_full(fills, LIMIT)]
    for row in unless_full(bills, LIMIT):
        word = text(row, "type")
        if word in {"FEE", "TRANSFER"}:
            continue
        kind = FlowKind.FUTURES_PNL if word == "CONTRACT" else FlowKind.UNCLASSIFIED
        name, at, asset = f"option:{text(row, 'id')}:{word}", moment(row, "createDate"), upper(text(row, "asset"))
        records += flow(ask, kind, name, at, asset, amount(row, "amount"), detail=f"options {word}")
    return Batch(tuple(records))


def _fill(ask: Ask, row: Row) -> ContractTrade:
    settle = upper(text(row, "quoteAsset")) if row.get("quoteAsset") else "USDT"
    fee = abs(stated(row, "fee"))
    return ContractTrade(
        id=f"{text(row, 'symbol')}:{text(row, 'id')}",
        account=ask.account,
        at=moment(row, "time"),
        side=side_of(row),
        contract=text(row, "symbol"),
        settle=settle,
        size=abs(amount(row, "quantity")),
        price=amount(row, "price"),
        fees=(Fee(settle, fee),) if fee else (),
        realised=maybe(row, "realizedProfit"),
    )


OPTIONS = StreamReader(
    Stream("options", "options", window=timedelta(days=7), keeps=timedelta(days=90)),
    _options,
)
"""Read where the account has opened options."""
