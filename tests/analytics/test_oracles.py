"""Agreement with libraries that others wrote, on random series: pyxirr for money-weighted returns, empyrical for risk.

They are told what we mean: 365 days a year, one root a schedule. Where pyxirr gives no answer, or one whose payments
are worth something, it is counted and not believed. They are imported where they are asked: empyrical brings scipy and
pandas, seconds for every worker that only collects.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from portfolio_bot.analytics.irr import xirr
from portfolio_bot.analytics.returns import annualised, daily_returns, index, twr
from portfolio_bot.analytics.risk import drawdown, ratios
from portfolio_bot.analytics.series import Closing, Flow, Valuation
from portfolio_bot.model.figure import Figure, Known, Reason, Unknown
from tests.analytics.examples import START

SERIES = 25
NEARLY_ALL_LOST = -0.999
CLOSE = 1e-9
"""Relative: floats are compared with fifty digits, over a thousand days at most."""


def number(figure: Figure) -> float:
    assert isinstance(figure, Known), figure
    return float(figure.value)


def days(chance: Random, flows: bool) -> tuple[list[Closing], list[Flow], list[float]]:
    """Closes of a walk, the flows right after some of them, and the returns that it was made with."""
    value, returns = Decimal(chance.randrange(1_000, 10_000_000)), []
    closes = [Closing(date(2026, 1, 1), Valuation(START, value))]
    moved: list[Flow] = []
    for number in range(1, chance.randrange(40, 900)):
        begin = closes[-1].valuation
        if flows and chance.random() < 0.2:
            amount = (begin.value * Decimal(chance.randrange(-30, 60)) / 100).quantize(Decimal("0.01"))
            moved += [Flow(begin.at, amount)] if amount else []
            value += amount
        change = Decimal(f"{chance.gauss(0.0004, 0.03):.6f}")
        value *= 1 + change
        returns.append(float(change))
        after = timedelta(days=number)
        closes.append(Closing(date(2026, 1, 1) + after, Valuation(START + after, value)))
    return closes, moved, returns


@pytest.mark.parametrize("flows", [False, True], ids=["without flows", "with flows"])
def test_risk_is_what_empyrical_says(flows: bool) -> None:
    import empyrical
    import numpy as np

    chance = Random(17)
    for _ in range(SERIES):
        closes, moved, made = days(chance, flows)
        found = daily_returns(closes, [one.valuation for one in closes], moved)
        free = Decimal(chance.randrange(0, 9)) / 100
        daily = float((1 + free) ** (Decimal(1) / 365) - 1)
        theirs, mine = np.array(made), ratios(found, risk_free_annual=free)
        year = {"annualization": 365}
        assert number(mine.volatility) == pytest.approx(empyrical.annual_volatility(theirs, **year), rel=CLOSE)
        assert number(mine.sharpe) == pytest.approx(
            empyrical.sharpe_ratio(theirs, risk_free=daily, **year), rel=CLOSE, abs=CLOSE
        )
        assert number(mine.sortino) == pytest.approx(
            empyrical.sortino_ratio(theirs, required_return=daily, **year), rel=CLOSE, abs=CLOSE
        )
        fall = drawdown(index(found))
        assert not isinstance(fall, Unknown)
        assert float(fall.depth) == pytest.approx(empyrical.max_drawdown(theirs), rel=CLOSE, abs=1e-12)


@pytest.mark.parametrize("flows", [False, True], ids=["without flows", "with flows"])
def test_a_time_weighted_return_is_what_empyrical_chains(flows: bool) -> None:
    import empyrical
    import numpy as np

    chance = Random(18)
    for _ in range(SERIES):
        closes, moved, made = days(chance, flows)
        found = twr([one.valuation for one in closes], moved).figure
        assert number(found) == pytest.approx(empyrical.cum_returns_final(np.array(made)), rel=CLOSE, abs=CLOSE)
        yearly = annualised(Decimal(str(number(found))), len(made))
        theirs = empyrical.annual_return(np.array(made), annualization=365)
        assert number(yearly) == pytest.approx(theirs, rel=1e-7, abs=CLOSE)


def schedule(chance: Random) -> list[tuple[date, Decimal]]:
    """Paid in first, taken out later: one sign change, so one root."""
    count, paying = chance.randrange(2, 60), chance.randrange(1, 30)
    when = date(2020, 1, 1)
    rows = []
    for place in range(count):
        amount = Decimal(chance.randrange(1, 10**9)).scaleb(-2)
        rows.append((when, -amount if place < min(paying, count - 1) else amount))
        when += timedelta(days=chance.randrange(1, 40))
    return rows


def test_a_money_weighted_return_is_what_pyxirr_says() -> None:
    import pyxirr

    chance, agreed, missed = Random(19), 0, 0
    for _ in range(300):
        rows = schedule(chance)
        at = [START + timedelta(days=(day - rows[0][0]).days) for day, _ in rows]
        mine = number(xirr([(moment, amount) for moment, (_, amount) in zip(at, rows, strict=True)]).annual)
        largest = max(abs(float(amount)) for _, amount in rows)
        dates, amounts = [day for day, _ in rows], [float(amount) / largest for _, amount in rows]
        if mine < NEARLY_ALL_LOST:
            continue  # the last digit of the rate moves what payments are worth by more than they are
        assert abs(pyxirr.xnpv(mine, dates, amounts) or 0.0) < 1e-6 * max(1.0, sum(map(abs, amounts)))
        theirs = pyxirr.xirr(dates, amounts)
        if theirs is None or not math.isfinite(theirs) or abs(pyxirr.xnpv(theirs, dates, amounts) or 1.0) > 1e-6:
            missed += 1  # a root is there, as the line above has shown
            continue
        assert mine == pytest.approx(theirs, rel=1e-6, abs=1e-8)
        agreed += 1
    assert agreed > 200
    assert missed < 50


def test_without_any_deviation_there_is_no_ratio_and_no_infinity() -> None:
    import empyrical
    import numpy as np

    closes = [
        Closing(date(2026, 1, 1) + timedelta(days=n), Valuation(START + timedelta(days=n), Decimal(2) ** n))
        for n in range(5)
    ]
    assert ratios(daily_returns(closes)).sharpe == Unknown(Reason.ZERO_DEVIATION)
    assert math.isinf(empyrical.sharpe_ratio(np.ones(4), annualization=365))
