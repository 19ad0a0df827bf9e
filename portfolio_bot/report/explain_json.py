"""What stands behind a figure, as JSON from which anybody can work it out again.

What enters a sum has 18 decimal places, so that rounding only the last line gives the figure that is printed
elsewhere; that one stands under `result`, rounded as it is there: money to 8 places, fractions to 12.
"""

from __future__ import annotations

from typing import Final

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.returns import Method, Rule
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import PriceSource
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import (
    Complete,
    InTransit,
    KnownAccount,
    Portfolio,
    Priced,
    UnknownAccount,
)
from portfolio_bot.model.portfolio import Valued as Row
from portfolio_bot.model.trade import Worth
from portfolio_bot.report import as_json
from portfolio_bot.report.as_json import Guides, Json, instant
from portfolio_bot.report.explain_rows import flow_row, long_or_none, long_text
from portfolio_bot.report.explain_views import Counted, Link, Paid, TwrView, XirrView
from portfolio_bot.report.figures_json import figure
from portfolio_bot.report.layout import foreign
from portfolio_bot.report.numbers import money_text, plain

TOTAL_FORMULA: Final = (
    "total_usd = Σ accounts + Σ in_transit; an account = Σ value_usd; total_rub = total_usd × USD/RUB"
)
IMPORTED_FORMULA: Final = "the newest total of the imported history, as it was given"
TWR_FORMULA: Final = (
    "(1 + return 1) × (1 + return 2) × … − 1; a return = profit / capital; "
    "profit = end − start − Σ flows; capital = start + Σ weight × flow"
)
XIRR_FORMULA: Final = "Σ amount × (1 + rate)^(−days / 365) = 0; of the period: (1 + rate)^(days / 365) − 1"

RULES: Final = {
    Rule.SIMPLE: "no flow inside: capital is the value at the start",
    Rule.START: "every flow counts as capital wholly (weight 1)",
    Rule.DIETZ: "Modified Dietz: a flow counts by the part of the stretch that it was there",
    Rule.PP: "an inflow counts wholly, an outflow not at all: in at the start, out at the end",
}
METHODS: Final = {
    Method.AUTO: "the first that is safe of start, dietz, pp",
    Method.START: "start, wherever it can be used",
    Method.DIETZ: "dietz, wherever it can be used",
    Method.PP: "pp",
}


def total(portfolio: Portfolio, guides: Guides | None = None) -> dict[str, Json]:
    """`explain total --json`: the newest total, row by row.

    Args:
        guides: which settings the messages name; by account.
    """
    told = as_json.report(portfolio, guides)
    stale = {} if isinstance(portfolio.total_usd, Complete) else {"at_least_usd": told["at_least_usd"]}
    return {
        "figure": "total",
        "as_of": told["as_of"],
        "state": told["state"],
        "result": {"total_usd": told["total_usd"], "total_rub": told["total_rub"], **stale},
        "formula": TOTAL_FORMULA,
        "fx": told["fx"],
        "accounts": [_account(one) for one in portfolio.accounts],
        "in_transit": [_in_transit(one) for one in portfolio.in_transit],
        "unpriced": told["unpriced"],
        "missing": told["missing"],
        "warnings": told["warnings"],
    }


def imported_total(point: NavPoint) -> dict[str, Json]:
    """The same of a history from elsewhere: there are no rows, the sum is all that is known."""
    told = {"total_usd": point.usd, "total_rub": point.rub}
    return {
        "figure": "total",
        "as_of": instant(point.at),
        "state": "complete",
        "origin": str(point.origin),
        "result": {name: None if value is None else money_text(value) for name, value in told.items()},
        "formula": IMPORTED_FORMULA,
        "fx": {},
        "accounts": [],
        "in_transit": [],
        "unpriced": [],
        "missing": [],
        "warnings": [],
    }


def twr(view: TwrView) -> dict[str, Json]:
    """`explain twr --json`: every sub-period, none folded."""
    found = view.figures
    rules = dict.fromkeys(link.interval.rule for link in view.links if link.interval.rule is not None)
    return {
        "figure": "twr",
        **_period(view),
        "result": {"twr": figure(found.twr), "twr_annualized": figure(found.twr_annualized)},
        "formula": TWR_FORMULA,
        "annualized_formula": "(1 + twr)^(365 / days) − 1",
        "method": {"name": str(view.method), "meaning": METHODS[view.method]},
        "rules": {str(rule): RULES[rule] for rule in rules},
        "periods": [_link(link) for link in view.links],
        "snapshots": [_snapshot(view.portfolios[at], view.currency) for at in sorted(view.portfolios)],
        "snapshots_left_out": view.left_out,
    }


def xirr(view: XirrView) -> dict[str, Json]:
    """`explain xirr --json`: every payment, and what all are worth at the rate that was found: nothing."""
    found = view.figures.xirr
    present = [one.present for one in view.payments]
    with exactly():
        npv = None if None in present or not present else sum((one for one in present if one is not None), ZERO)
    return {
        "figure": "xirr",
        **_period(view),
        "result": {"xirr": figure(found.annual), "xirr_period": figure(found.period)},
        "formula": XIRR_FORMULA,
        "rate": None if isinstance(view.rate, Unknown) else long_text(view.rate.value),
        "roots": [long_text(root) for root in found.roots],
        "span_days": long_text(found.days),
        "payments": [_paid(one) for one in view.payments],
        "npv": None if npv is None else long_text(npv),
        "snapshots": [_snapshot(view.portfolios[at], view.currency) for at in sorted(view.portfolios)],
    }


# a total


def _account(account: KnownAccount | UnknownAccount) -> Json:
    if isinstance(account, UnknownAccount):
        return {
            "id": account.id,
            "name": foreign(account.name),
            "state": "failed",
            "as_of": None,
            "value_usd": None,
            "why": account.failure.kind.value,
            "rows": [],
        }
    return {
        "id": account.id,
        "name": foreign(account.name),
        "state": account.state.value,
        "as_of": instant(account.as_of),
        "value_usd": long_text(account.total.amount),
        "why": None if account.failure is None else account.failure.kind.value,
        "rows": [_row(account, row) for row in account.holdings],
    }


def _row(account: KnownAccount, row: Row) -> Json:
    if not isinstance(row, Priced):
        return {
            "asset": foreign(row.asset),
            "wallet": row.wallet.value,
            "amount": plain(row.amount),
            "price_usd": None,
            "price_source": None,
            "price_as_of": None,
            "value_usd": None,
            "stands_in": False,
        }
    return {
        "asset": foreign(row.asset),
        "wallet": row.wallet.value,
        "amount": plain(row.amount),
        "price_usd": long_text(row.price),
        "price_source": str(row.source),
        "price_as_of": instant(row.as_of),
        "value_usd": long_text(row.value),
        "stands_in": row.source in {PriceSource.KNOWN_BEFORE, PriceSource.ASSUMED_PAR}
        or row.asset in account.provisional_prices,
    }


def _in_transit(row: InTransit) -> Json:
    stands_in = row.stands_in
    return {
        "asset": foreign(row.asset),
        "amount": plain(row.amount),
        "value_usd": long_or_none(row.value),
        "from": row.origin,
        "to": row.destination,
        "since": instant(row.since),
        "price_source": None if stands_in is None else str(stands_in.source),
        "price_as_of": None if stands_in is None else instant(stands_in.as_of),
    }


def _snapshot(portfolio: Portfolio, currency: str) -> Json:
    """A snapshot behind a valuation: its accounts, and the rate that turns their dollars into the currency."""
    told = total(portfolio)
    value = portfolio.total_usd if currency == "USD" else portfolio.total_rub
    amount = value.value.amount if isinstance(value, Complete) else None
    kept = {name: told[name] for name in ("as_of", "fx", "accounts", "in_transit", "unpriced")}
    return {**kept, "total": long_or_none(amount)}


# returns


def _period(view: TwrView | XirrView) -> dict[str, Json]:
    period = view.figures.period
    if isinstance(period, Unknown):
        return {"window": view.window or None, "currency": view.currency, "start": None, "end": None, "days": None}
    return {
        "window": view.window or None,
        "currency": view.currency,
        "start": instant(period.start.at),
        "end": instant(period.end.at),
        "days": long_text(period.days),
    }


@at_fifty_digits
def _link(link: Link) -> Json:
    one = link.interval
    return {
        "from": instant(one.start.at),
        "to": instant(one.end.at),
        "start_value": long_text(one.start.value),
        "flows": [{**_counted(each), "weight": long_text(weight)} for each, weight in link.flows],
        "net_flows": long_text(one.net_flows),
        "end_value": long_text(one.end.value),
        "profit": long_text(one.profit),
        "capital": long_or_none(link.capital),
        "rule": None if one.rule is None else str(one.rule),
        "return": None if one.value is None else long_text(one.value),
        "product": long_text(link.growth),
        "notes": [str(note) for note in one.notes],
    }


@at_fifty_digits
def _counted(one: Counted) -> dict[str, Json]:
    at = {
        "at": instant(one.flow.at),
        "until": None if one.flow.until is None else instant(one.flow.until),
        "value": long_text(one.flow.amount),
    }
    if one.record is None:
        joint = one.joint
        if joint is not None and joint.cause:
            named = {"account": joint.account, "inside": joint.inside or None, "asset": joint.asset or None}
            return {**at, "what": joint.cause, **named}
        return {
            **at,
            "what": "account_joined" if joint is not None and joint.joined else "account_left",
            "account": None if joint is None else joint.account,
        }
    usd = one.record.usd
    rate = one.flow.amount / usd.usd if isinstance(usd, Worth) and usd.usd else None
    return {
        **at,
        "what": str(one.record.kind),
        "per_usd": long_or_none(rate),
        "shown_later": one.later,
        "record": flow_row(one.record),
    }


def _paid(one: Paid) -> Json:
    return {
        "at": instant(one.at),
        "days": long_text(one.days),
        "amount": long_text(one.amount),
        "present_value": long_or_none(one.present),
        "what": "value" if one.counted is None else _counted(one.counted),
    }
