"""Figures for machines: as they are printed they still add up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from portfolio_bot.analytics.attribution import Explained, Parts
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.report import figures_json
from tests.report.figures import at, performance, track

NAMES = figures_json.PARTS


def parts(random: Random) -> Parts:
    """Of many more digits than are printed."""
    amounts = {name: Decimal(random.randint(-(10**17), 10**17)).scaleb(-13) for name in (*NAMES, "start")}
    return Parts(**amounts, end=sum(amounts.values(), Decimal(0)))


def number(figure: Any) -> Decimal:
    return Decimal(figure["value"])


@pytest.mark.parametrize("seed", range(20))
def test_printed_parts_add_up_to_the_printed_change(seed: int) -> None:
    total = parts(Random(seed))
    found = track("1 40000, 8 41000")
    ends = (Valuation(at(1), total.start), Valuation(at(8), total.end))
    view = performance(replace(found, valuations=ends, flows=(Flow(at(1), total.flows + total.accounts),)))
    answer: Any = figures_json.performance(replace(view, why=Explained(total, {}, {}, ())))
    printed = {name: number(answer["change_parts"][name]) for name in NAMES}
    assert sum(printed.values()) == number(answer["change"])
    assert number(answer["end_value"]) - number(answer["start_value"]) == number(answer["change"])
    assert printed["flows"] + printed["accounts"] == number(answer["net_flows"])
    assert number(answer["change"]) - number(answer["net_flows"]) == number(answer["profit"])
    assert abs(printed["market"] - total.market) < Decimal("1e-7")


@pytest.mark.parametrize("seed", range(20))
def test_printed_parts_of_an_asset_add_up(seed: int) -> None:
    told = figures_json.why(replace(parts(Random(seed)), moved=Decimal("0.333333333333")))
    amounts = {name: Decimal(str(value)) for name, value in told.items()}
    assert sum(amounts[name] for name in (*NAMES, "moved")) == amounts["end"] - amounts["start"]
