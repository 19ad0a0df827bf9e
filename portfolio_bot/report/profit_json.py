"""Profit of lots as the public JSON, and disposals as CSV for a year's report. Money in USD, plain notation."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.lot_report import AssetProfit, CashPosition, Disposal, DisposalKind, Lot
from portfolio_bot.analytics.positions import UNNAMED
from portfolio_bot.analytics.shares import exactly, share
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.figures_json import why
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.numbers import derived_text, fraction_text, money_text, plain
from portfolio_bot.report.profit_view import ProfitView

DISPOSALS: Final = (
    "disposed_at", "account", "asset", "kind", "quantity", "acquired_at", "acquired_how", "proceeds_usd", "cost_usd",
    "gain_usd", "cause",
)  # fmt: skip
"""Columns of the year's report: one row for each lot that was used."""


def pnl(view: ProfitView, change: PerformanceView | None = None, *, asset: Asset | None = None) -> dict[str, Json]:
    """`pnl --json`.

    Args:
        change: why value changed in the same period.
        asset: only this one is listed; the totals are those of everything.
    """
    return {
        "currency": "USD",
        "window": view.window or None,
        "from": None if view.since is None else instant(view.since),
        "to": instant(view.until),
        "assets": [_asset(view, one) for one in view.end.assets if asset in {None, one.asset}],
        "cash": [_cash(one) for one in view.end.cash if asset in {None, one.asset}],
        "totals": _totals(view),
        "change": None if change is None else _change(change),
    }


def _change(view: PerformanceView) -> Json:
    """Why value changed, by account and by asset too; None where there is nothing to explain."""
    if view.why is None or view.ends is None:
        return None
    start, end = view.ends
    return {
        "currency": view.currency,
        "start": instant(start),
        "end": instant(end),
        "total": why(view.why.total),
        "by_account": {name or UNNAMED: why(parts) for name, parts in view.why.by_account.items()},
        "by_asset": {name: why(parts) for name, parts in view.why.by_asset.items()},
        "without_rate": list(view.why.without_rate),
    }


def lot(one: Lot) -> dict[str, Json]:
    """A lot: what is left of it."""
    return {
        "account": one.account,
        "acquired_at": instant(one.acquired_at),
        "amount": plain(one.quantity),
        "cost": _money(one.cost),
        "source": str(one.source),
    }


def disposals(rows: Iterable[Disposal]) -> str:
    """The year's report: each disposal split over the lots that it used, a part without a known cost by itself."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(DISPOSALS)
    for one in rows:
        for cells in _by_lot(one):
            writer.writerow(cells)
    return out.getvalue()


def _asset(view: ProfitView, one: AssetProfit) -> Json:
    return {
        "asset": one.asset,
        "amount": plain(one.quantity - one.short + one.without_basis),
        "without_basis": plain(one.without_basis),
        "average_cost": None if isinstance(one.average_cost, Unknown) else derived_text(one.average_cost),
        "cost": money_text(one.cost - one.short_proceeds),
        "price": None if isinstance(one.price, Unknown) else derived_text(one.price),
        "value": _money(one.value),
        "unrealised": _money(one.unrealised),
        "unrealised_percent": None
        if isinstance(one.unrealised_fraction, Unknown)
        else fraction_text(one.unrealised_fraction * 100),
        "realised": money_text(view.realised(one)),
        "income": money_text(view.income(one)),
        "fees": money_text(view.fees(one)),
        "volume": money_text(one.volume),
        "trades": one.trades,
        "unmatched": plain(one.unmatched),
        "unmatched_proceeds": money_text(one.unmatched_proceeds),
        "lots": [lot(part) for part in one.lots],
        "flags": [str(flag) for flag in one.flags],
    }


def _cash(one: CashPosition) -> Json:
    return {
        "asset": one.asset,
        "amount": plain(one.quantity),
        "book": money_text(one.book),
        "revaluation": _money(one.revaluation),
        "flags": [str(flag) for flag in one.flags],
    }


def _totals(view: ProfitView) -> Json:
    end = view.end
    names = ("realised", "income", "withdrawn_gain", "fees", "unmatched_proceeds")
    return {
        **{name: money_text(view.total(name)) for name in names},
        "funding": money_text(view.bucket("funding")),
        "futures_pnl": money_text(view.bucket("futures_pnl")),
        "fees_paid_apart": money_text(view.bucket("fee")),
        "net_flows": money_text(view.total("flows")),
        "unrealised": money_text(end.unrealised),
        "revaluation": money_text(end.revaluation),
        "nav_pnl": money_text(end.nav_pnl),
        "residual": plain(end.residual),
        "unpriced": list(end.unpriced),
        "missing": [
            {"account": account, "asset": asset, "amount": plain(amount)}
            for (account, asset), amount in sorted(view.missing.items())
        ],
        "flags": [str(flag) for flag in end.flags],
    }


def _money(figure: Decimal | Unknown) -> str | None:
    return None if isinstance(figure, Unknown) else money_text(figure)


def _by_lot(one: Disposal) -> Iterable[list[str]]:
    """What is paid once falls to lots by their quantity; the last one takes the rest, so that they add up.

    A sale brings its proceeds once, and each lot has its cost; covering shorts has its cost once, and each short what
    it was sold for.
    """
    parts = [(part.quantity, instant(part.acquired_at), str(part.source), part.cost) for part in one.lots]
    told = sum((quantity for quantity, *_ in parts), Decimal(0))
    if told < one.quantity:
        parts.append((one.quantity - told, "", "", Unknown("unknown_basis", one.asset)))
    covers = one.kind is DisposalKind.SHORT_COVER
    paid: Decimal | Unknown = one.gain if isinstance(one.gain, Unknown) else one.cost
    whole = left = paid if covers else one.proceeds
    for place, (quantity, acquired, how, own) in enumerate(parts):
        shared: Decimal | Unknown = left
        if place + 1 < len(parts) and isinstance(whole, Decimal) and isinstance(left, Decimal):
            with exactly():
                shared = share(whole, quantity, one.quantity)
                left -= shared
        proceeds, cost = (own, shared) if covers else (shared, own)
        gain = proceeds - cost if isinstance(proceeds, Decimal) and isinstance(cost, Decimal) else None
        yield [
            instant(one.at), one.account, one.asset, str(one.kind), plain(quantity), acquired, how,
            _money(proceeds) or "", _money(cost) or "", "" if gain is None else money_text(gain), one.cause,
        ]  # fmt: skip
