"""The profit of lots as JSON from which anybody can work it out again; numbers as in `explain_json`."""

from __future__ import annotations

from typing import Final

from portfolio_bot.analytics.lot_report import AssetProfit, Disposal, Lot
from portfolio_bot.report import profit_json
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.explain_rows import flow_row, long_or_none, long_text, trade_row
from portfolio_bot.report.explain_views import PnlView, Valued
from portfolio_bot.report.layout import foreign
from portfolio_bot.report.numbers import plain

PNL_FORMULA: Final = (
    "nav_pnl = realised + unrealised + income + funding + futures_pnl + fees_paid_apart + withdrawn_gain + revaluation "
    "− unrealised and revaluation of before"
)
ASSET_FORMULA: Final = (
    "realised = Σ gain of disposals, withdrawals apart; gain = proceeds − unmatched_proceeds − cost; cost = Σ cost of "
    "their lots; unrealised = Σ (amount × price − cost) of the lots that are left, the other way round for short ones"
)


def pnl(view: PnlView) -> dict[str, Json]:
    """`explain pnl [ASSET] --json`: lots, and for one asset each trade, flow and disposal of the period."""
    told = profit_json.pnl(view.profit)
    common: dict[str, Json] = {
        "figure": "pnl",
        "asset": None if view.asset is None else foreign(view.asset),
        "currency": "USD",
        "from": told["from"],
        "to": told["to"],
        "rules": {"lot_scope": view.scope, "unknown_basis": view.unknown, "order": "first in, first out"},
        "prices": {asset: _price(view.prices[asset]) for asset in sorted(view.prices) if _is_named(view, asset)},
    }
    if view.asset is None:
        end = view.profit.end
        return {
            **common,
            "result": told["totals"],
            "formula": PNL_FORMULA,
            "before": _before(view),
            "assets": [_asset(view, one) for one in end.assets],
            "cash": told["cash"],
        }
    mine = next((one for one in view.profit.end.assets if one.asset == view.asset), None)
    rows = told["assets"] if isinstance(told["assets"], list) else []
    row = next((one for one in rows if isinstance(one, dict) and one["asset"] == view.asset), None)
    cash = told["cash"] if isinstance(told["cash"], list) else []
    return {
        **common,
        "result": row or next((one for one in cash if isinstance(one, dict) and one["asset"] == view.asset), None),
        "formula": ASSET_FORMULA,
        "lots": [] if mine is None else [_lot(one) for one in mine.lots],
        "disposals": [_disposal(one) for one in view.disposals],
        "trades": [trade_row(one) for one in view.trades],
        "flows": [flow_row(one) for one in view.flows],
        "left_out": view.left_out,
    }


def _before(view: PnlView) -> Json:
    """What the period began with; null where it begins with the first record."""
    before = view.profit.before
    if before is None:
        return None
    return {"unrealised": long_text(before.unrealised), "revaluation": long_text(before.revaluation)}


def _is_named(view: PnlView, asset: str) -> bool:
    end = view.profit.end
    if view.asset is not None:
        return asset == view.asset
    held = {one.asset for one in end.assets if one.lots} | {one.asset for one in end.cash if one.quantity}
    return asset in held


def _price(found: Valued) -> Json:
    return {"usd": long_text(found.usd), "source": found.source, "as_of": instant(found.at)}


def _asset(view: PnlView, one: AssetProfit) -> Json:
    return {
        "asset": foreign(one.asset),
        "amount": plain(one.quantity - one.short),
        "cost": long_text(one.cost - one.short_proceeds),
        "price": long_or_none(one.price),
        "value": long_or_none(one.value),
        "unrealised": long_or_none(one.unrealised),
        "realised": long_text(view.profit.realised(one)),
        "income": long_text(view.profit.income(one)),
        "lots": [_lot(lot) for lot in one.lots],
        "flags": [str(flag) for flag in one.flags],
    }


def _lot(one: Lot) -> Json:
    return {
        "account": one.account,
        "acquired_at": instant(one.acquired_at),
        "amount": plain(one.quantity),
        "cost": long_or_none(one.cost),
        "source": str(one.source),
    }


def _disposal(one: Disposal) -> Json:
    return {
        "at": instant(one.at),
        "account": one.account,
        "kind": str(one.kind),
        "cause": foreign(one.cause),
        "amount": plain(one.quantity),
        "proceeds": long_or_none(one.proceeds),
        "cost": long_text(one.cost),
        "gain": long_or_none(one.gain),
        "unmatched": plain(one.unmatched),
        "unmatched_proceeds": long_text(one.unmatched_proceeds),
        "lots": [_lot(lot) for lot in one.lots],
    }
