"""Returns from day close to day close, and the index they make."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from portfolio_bot.analytics.returns import IndexPoint, daily_returns, index
from portfolio_bot.analytics.series import Closing, Flow, Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Known, Note, Reason, Unknown
from tests.analytics.examples import START, cases, day_returns, flows, hours, instant, moved, near, valuations, value_of

(PARIS,) = cases("daily")


def closes(text: str) -> list[Closing]:
    """`1 100, 2 110`: the value at the end of a day in January."""
    pairs = (piece.split() for piece in text.split(","))
    return [
        Closing(date(2026, 1, int(day)), Valuation(START + timedelta(days=int(day)), Decimal(value)))
        for day, value in pairs
    ]


def test_worked_example_gives_its_closes_and_daily_returns() -> None:
    calendar = Calendar.of(PARIS["timezone"])
    series = valuations(PARIS["valuations"])
    by_day = {calendar.day(one.at): Closing(calendar.day(one.at), one) for one in series}
    expected = PARIS["expected"]
    assert [(str(one.day), one.valuation.at, str(one.valuation.value)) for one in by_day.values()] == [
        (row["day"], instant(row["t"]), row["value"]) for row in expected["closes"]
    ]
    found = daily_returns(list(by_day.values()), series, flows(PARIS["flows"]))
    for one, row in zip(found, expected["returns"], strict=True):
        assert (str(one.day), str(one.profit), one.span_days) == (row["day"], row["usd"], row["span_days"])
        assert near(value_of(one.percent), row["pct"], PARIS["tol"])


def test_a_missing_day_makes_one_figure_over_two_days() -> None:
    (found,) = daily_returns(closes("1 100, 3 121"))
    assert (found.span_days, found.since, found.day) == (2, date(2026, 1, 1), date(2026, 1, 3))
    assert found.percent == Known(Decimal("0.21"), (Note.GAP,))


def test_a_deposit_at_a_close_counts_on_the_next_day() -> None:
    found = daily_returns(closes("1 100, 2 110, 3 231"), [], [Flow(START + timedelta(days=2), Decimal(100))])
    assert [one.net_flows for one in found] == [0, 100]
    assert [value_of(one.percent) for one in found] == [Decimal("0.1"), Decimal("0.1")]


def test_snapshots_between_closes_make_the_return_exact() -> None:
    deposit = moved("36 100")
    rough = daily_returns(closes("1 100, 2 231"), [], deposit)[0].percent
    fine = daily_returns(closes("1 100, 2 231"), hours("36 110"), deposit)[0].percent
    assert isinstance(rough, Known)
    assert rough.notes == (Note.APPROXIMATE,)
    assert fine == Known(Decimal("0.21"))


def test_a_day_in_debt_has_a_profit_but_no_return() -> None:
    found = daily_returns(closes("1 100, 2 -20, 3 50"))
    assert [one.profit for one in found] == [-120, 70]
    assert {one.percent for one in found} == {Unknown(Reason.NEGATIVE_NAV)}


def test_one_close_has_no_return() -> None:
    assert daily_returns(closes("1 100")) == []
    assert index([]) == []


def test_an_account_that_joins_at_a_close_is_no_profit() -> None:
    # the valuation is the one without the account that joined, and its value flows in just after
    joined = START + timedelta(days=2)
    found = daily_returns(
        closes("1 1000, 2 6100, 3 6710"), [Valuation(joined, Decimal(1100))], [Flow(joined, Decimal(5000))]
    )
    assert [one.profit for one in found] == [100, 610]
    assert [value_of(one.percent) for one in found] == [Decimal("0.1"), Decimal("0.1")]


def test_the_index_stands_still_over_a_day_without_a_return() -> None:
    found = index(day_returns(["0.1", Unknown(Reason.NEGATIVE_NAV), "-0.5"]))
    assert found == [
        IndexPoint(date(2026, 1, day), Decimal(value)) for day, value in ((1, "1"), (2, "1.1"), (3, "1.1"), (4, "0.55"))
    ]
