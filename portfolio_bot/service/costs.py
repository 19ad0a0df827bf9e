"""What fees were worth in USD at their time, and what was earned and paid since an instant."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.shares import share
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee, Trade, Worth
from portfolio_bot.report.views import Came, Crossed
from portfolio_bot.storage import ledger
from portfolio_bot.storage.trade_stream import every_trade
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

_CAUSES = {FlowKind.INCOME: Came.INCOME, FlowKind.FEE: Came.FEE}


def of_flow(flow: CashFlow, fee: Fee) -> Worth | Unknown:
    """What a flow's fee was worth; in the flow's own coin by the flow's own value."""
    if isinstance(fee.usd, Unknown) and fee.asset == flow.asset and isinstance(flow.usd, Worth):
        return flow.usd._replace(usd=abs(flow.usd.usd) * fee.amount / abs(flow.amount))
    return fee.usd


def of_trade(trade: Trade, fee: Fee) -> Worth | Unknown:
    """What a trade's fee was worth; in the coins of the trade itself by the trade's own value."""
    if isinstance(fee.usd, Worth) or isinstance(trade.usd, Unknown):
        return fee.usd
    whole = {trade.base: trade.amount, trade.quote: trade.cost}.get(fee.asset)
    return trade.usd._replace(usd=share(trade.usd.usd, fee.amount, whole)) if whole else fee.usd


async def earned_and_paid(tx: Tx, calendar: Calendar, since: datetime, until: datetime) -> tuple[Crossed, ...]:
    """Income (+) and fees (-) by account, as far as their value is known: what of a change is no market.

    Where they cannot be read, one entry says so: then no parts are told, and nothing else is lost.
    """
    try:
        flows = await ledger.flows(tx, since=since, until=until)
        found = list(_of_flows(flows, calendar, since))
        async for page in every_trade(tx, until, since=since):
            for trade in page:
                usd = (of_trade(trade, fee) if isinstance(trade, Trade) else fee.usd for fee in trade.fees)
                found += _paid(trade.account, usd)
    except Exception:  # why the value changed must not cost the report that it did
        log.exception("what was earned and paid cannot be told")
        return (Crossed("", None, Came.UNTOLD),)
    sums: dict[tuple[AccountId, Came], Decimal] = {}
    for one in found:
        sums[one.account, one.cause] = sums.get((one.account, one.cause), ZERO) + (one.usd or ZERO)
    return tuple(Crossed(account, usd, cause) for (account, cause), usd in sums.items())


def _of_flows(flows: Iterable[CashFlow], calendar: Calendar, since: datetime) -> Iterator[Crossed]:
    for flow in flows:
        if flow.instant(calendar) < since:
            continue
        if flow.kind in _CAUSES and isinstance(flow.usd, Worth):
            yield Crossed(flow.account, flow.usd.usd, _CAUSES[flow.kind])
        if flow.fee is not None:
            yield from _paid(flow.account, [of_flow(flow, flow.fee)])


def _paid(account: AccountId, fees: Iterable[Worth | Unknown]) -> Iterator[Crossed]:
    return (Crossed(account, -usd.usd, Came.FEE) for usd in fees if isinstance(usd, Worth))
