"""The benchmark: the examples, what it does when prices or weeks are missing, and what never changes its value."""

from __future__ import annotations

import decimal
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.analytics.benchmark import (
    Applied,
    Flow,
    Plan,
    State,
    Tick,
    follow,
    next_rebalance,
    outperformance,
    outperformance_twr,
)
from portfolio_bot.model.figure import Known, Unknown

FOLDER = Path(__file__).parents[1] / "fixtures" / "analytics"
CASES = {case["id"]: case for case in json.loads((FOLDER / "benchmark.json").read_text())["cases"]}
SCHEDULE = json.loads((FOLDER / "benchmark_schedule.json").read_text())["cases"]
PLAN = Plan({"BTC": Decimal(50), "ETH": Decimal(50)})
WEDNESDAY = datetime(2025, 7, 2, 12, tzinfo=UTC)
CLOSE = Decimal("1e-40")
D = Decimal


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def tick(hours: float, btc: str | None, eth: str | None, nav: str = "1000") -> Tick:
    prices = {coin: D(price) for coin, price in (("BTC", btc), ("ETH", eth)) if price is not None}
    return Tick(WEDNESDAY + timedelta(hours=hours), D(nav), prices)


def flow(name: str, hours: float, usd: str) -> Flow:
    return Flow(name, WEDNESDAY + timedelta(hours=hours), D(usd))


def value(state: State) -> Decimal:
    assert isinstance(state.basket.value, Decimal)
    return state.basket.value


def twr(state: State) -> Decimal:
    assert isinstance(state.basket.twr, Decimal)
    return state.basket.twr


def near(one: object, expected: str | Decimal, tolerance: str = "1e-12") -> bool:
    assert isinstance(one, Decimal)
    return abs(one - D(expected)) <= D(tolerance) * max(D(1), abs(D(expected)))


@pytest.mark.parametrize("name", CASES)
def test_every_state_is_that_of_the_example(name: str) -> None:
    case = CASES[name]
    params, expected = case["params"], case["expected"]
    plan = Plan(
        {coin: D(part) for coin, part in params["weights"].items()}, params["rebalance_day"], params["rebalance_hour"]
    )
    ticks = [
        Tick(instant(row["t"]), D(case["initial"]["nav"]), {"BTC": D(row["btc"]), "ETH": D(row["eth"])})
        for row in case["ticks"]
    ]
    flows = [Flow(str(at), instant(row["t"]), D(row["amount"])) for at, row in enumerate(case["flows"])]
    states = follow(plan, ticks, flows)
    for state, row in zip(states, expected["states"], strict=True):
        assert state.at == instant(row["t"])
        assert near(state.basket.units["BTC"], row["btc_units"])
        assert near(state.basket.units["ETH"], row["eth_units"])
        assert near(state.basket.value, row["value"])
        assert state.rebalanced is row["rebalanced"]
        assert state.next_rebalance == instant(row["next_rebalance"])
    assert near(states[-1].basket.value, expected["final_value"])
    assert near(states[-1].basket.twr, expected["benchmark_twr"])
    assert sum(state.rebalanced for state in states) == expected["rebalances"]
    assert states[-1].clamped is ("clamped" in expected["flags"])


@pytest.mark.parametrize("row", SCHEDULE, ids=[row["now"] for row in SCHEDULE])
def test_the_next_rebalance_is_that_of_the_example(row: Mapping[str, str]) -> None:
    due = next_rebalance(instant(row["now"]), int(row["rebalance_day"]), int(row["rebalance_hour"]))
    assert due == instant(row["expected"])


def test_weights_may_be_any_numbers_of_any_coins() -> None:
    plan = Plan({"BTC": D(3), "SOL": D(1)})
    state = follow(plan, [Tick(WEDNESDAY, D(1000), {"BTC": D(100), "SOL": D(10)})], ())[0]
    assert state.basket.units == {"BTC": D("7.5"), "SOL": D(25)}


@pytest.mark.parametrize(
    ("weights", "day", "hour"), [({}, 0, 0), ({"BTC": "0"}, 0, 0), ({"BTC": "1"}, 7, 0), ({"BTC": "1"}, 0, 24)]
)
def test_a_plan_that_cannot_be_followed_is_refused(weights: Mapping[str, str], day: int, hour: int) -> None:
    with pytest.raises(ValueError):
        Plan({coin: D(part) for coin, part in weights.items()}, day, hour)


def test_a_flow_counts_once_however_often_it_is_told() -> None:
    ticks = [tick(0, "100", "10"), tick(1, "100", "10"), tick(2, "100", "10")]
    twice = [flow("x", 0.5, "500"), flow("y", 0.6, "-100"), flow("x", 0.5, "500")]
    assert value(follow(PLAN, ticks, twice)[-1]) == 1400


def test_what_came_before_or_with_the_start_is_inside_its_value() -> None:
    ticks = [tick(0, "100", "10"), tick(1, "100", "10")]
    assert value(follow(PLAN, ticks, [flow("x", -1, "500"), flow("y", 0, "500")])[-1]) == 1000


def test_it_begins_where_there_are_all_prices_and_something_to_split() -> None:
    ticks = [tick(0, "100", None), tick(1, "100", "10", "0"), tick(2, "100", "0"), tick(3, "100", "10", "700")]
    states = follow(PLAN, ticks, [flow("x", 2.5, "9")])
    assert [(state.at, value(state)) for state in states] == [(WEDNESDAY + timedelta(hours=3), D(700))]
    assert follow(PLAN, ticks[:3], ()) == []


def test_a_missing_price_keeps_the_units_and_what_was_due_waits() -> None:
    ticks = [tick(0, "100", "10"), tick(120, None, "10"), tick(121, "200", "10"), tick(122, "200", "10")]
    blind, seeing, later = follow(PLAN, ticks, [flow("x", 119, "300")])[1:]
    assert blind.basket.value == blind.basket.twr == Unknown("no_price")
    assert blind.basket.units == {"BTC": D(5), "ETH": D(50)}
    assert (blind.rebalanced, blind.applied) == (False, ())
    assert (seeing.rebalanced, value(seeing), twr(seeing)) == (True, D(1800), D("0.5"))
    assert [one.what for one in seeing.applied] == ["x", "rebalance"]
    assert not later.rebalanced


def test_weeks_that_were_missed_are_caught_up_once() -> None:
    ticks = [tick(0, "100", "10"), tick(24 * 40, "300", "10"), tick(24 * 40 + 1, "300", "20")]
    states = follow(PLAN, ticks, ())
    assert [state.rebalanced for state in states] == [False, True, False]
    assert states[1].next_rebalance == datetime(2025, 8, 18, 12, tzinfo=UTC)
    assert near(value(states[2]), "3000")


def test_a_withdrawal_of_more_than_there_is_empties_it_and_a_deposit_begins_anew() -> None:
    ticks = [tick(0, "100", "10"), tick(1, "200", "20"), tick(2, "100", "10"), tick(3, "150", "15")]
    states = follow(PLAN, ticks, [flow("out", 1, "-9999"), flow("in", 2, "100")])
    assert (value(states[1]), states[1].clamped, twr(states[1])) == (D(0), True, D(1))
    assert (value(states[2]), twr(states[2])) == (D(100), D(1))
    assert (value(states[3]), twr(states[3])) == (D(150), D(2))


def test_taking_all_of_it_out_is_no_clamp() -> None:
    state = follow(PLAN, [tick(0, "100", "10"), tick(1, "100", "10")], [flow("out", 1, "-1000")])[-1]
    assert (value(state), state.clamped) == (D(0), False)


def test_a_flow_is_done_at_the_prices_of_its_own_time_if_they_are_known() -> None:
    known = {WEDNESDAY + timedelta(hours=1): {"BTC": D(200), "ETH": D(10)}}
    ticks = [tick(0, "100", "10"), tick(2, "100", "10")]
    state = follow(PLAN, ticks, [flow("x", 1, "400")], known.get)[-1]
    assert state.basket.units == {"BTC": D(6), "ETH": D(70)}
    assert state.applied == (Applied("x", WEDNESDAY + timedelta(hours=1)),)
    assert twr(state) == D("1.5") * (D(1300) / D(1900)) - 1
    at_the_tick = follow(PLAN, ticks, [flow("x", 1, "400")])[-1]
    assert at_the_tick.applied == (Applied("x", WEDNESDAY + timedelta(hours=2)),)


def test_a_rebalance_is_done_at_the_prices_of_its_own_time_if_they_are_known() -> None:
    due = datetime(2025, 7, 7, 12, tzinfo=UTC)
    known = {due: {"BTC": D(300), "ETH": D(10)}}
    ticks = [tick(0, "100", "10"), tick(24 * 6, "100", "10")]
    state = follow(PLAN, ticks, [flow("x", 24 * 5 + 1, "100")], known.get)[-1]
    assert [one.what for one in state.applied] == ["rebalance", "x"]
    assert state.applied[0].priced_at == due
    assert near(value(state), D(1000) / 300 * 100 + D(1000) + 100)


def test_without_rebalancing_the_drift_stays() -> None:
    ticks = [tick(0, "100", "10"), tick(24 * 6, "300", "10"), tick(24 * 7, "100", "10")]
    state = follow(PLAN, ticks, [flow("x", 24 * 6, "200")])[-1]
    assert state.held.units["BTC"] == 5 + D(100) / 300
    assert near(state.held.value, D(500) + D(100) / 3 + 600)
    assert near(value(state), D(1100) / 300 * 100 + D(1100))


def test_outperformance_is_what_the_benchmark_would_have_to_grow_by() -> None:
    assert outperformance(D(110), D(100)) == Known(D("0.1"))
    assert outperformance(D(110), D(0)) == Unknown("benchmark_empty")
    assert outperformance(D(110), Unknown("no_price")) == Unknown("no_price")


def test_outperformance_of_returns_is_the_same_thing_where_nothing_flowed() -> None:
    assert outperformance_twr(D("0.21"), D("0.1")) == Known(D("0.1"))
    assert outperformance_twr(D("0.1"), D(-1)) == Unknown("benchmark_empty")
    assert outperformance_twr(Unknown("too_short"), D(0)) == Unknown("too_short")


PRICE = st.decimals("0.01", "100000", places=2)


@given(st.lists(st.tuples(PRICE, PRICE), min_size=2, max_size=30), st.integers(1, 200))
@settings(max_examples=60, deadline=None)
def test_a_rebalance_never_changes_the_value(prices: list[tuple[Decimal, Decimal]], hours: int) -> None:
    ticks = [tick(hours * at, str(btc), str(eth)) for at, (btc, eth) in enumerate(prices)]
    for state, now in zip(follow(PLAN, ticks, ()), ticks, strict=True):
        worth = sum(state.basket.units[coin] * now.prices[coin] for coin in ("BTC", "ETH"))
        assert near(worth, value(state), "1e-40")
        if state.rebalanced:
            assert near(state.basket.units["BTC"] * now.prices["BTC"] * 2, value(state), "1e-40")


@given(st.lists(st.integers(-800, 800).filter(bool), max_size=12), st.tuples(PRICE, PRICE), st.tuples(PRICE, PRICE))
@settings(max_examples=100, deadline=None)
def test_flows_change_the_value_by_themselves_and_never_the_return(
    amounts: list[int], first: tuple[Decimal, Decimal], second: tuple[Decimal, Decimal]
) -> None:
    ticks = [tick(0, str(first[0]), str(first[1])), tick(1, str(second[0]), str(second[1]))]
    flows = [flow(str(at), 2 + at, str(amount)) for at, amount in enumerate(amounts)]
    ticks += [tick(2 + at, str(second[0]), str(second[1])) for at in range(len(amounts))]
    states = follow(PLAN, ticks, flows)
    expected, grown = value(states[1]), twr(states[1])
    for state, amount in zip(states[2:], amounts, strict=True):
        expected = max(D(0), expected + amount)
        assert abs(value(state) - expected) < D("1e-38")
        assert near(state.basket.twr, grown, "1e-38")


@pytest.mark.parametrize("digits", [9, 28, 50])
def test_the_callers_decimal_context_does_not_matter(digits: int) -> None:
    ticks = [tick(30 * at, str(100 + at * 7 % 13), str(10 + at % 3)) for at in range(30)]
    flows = [flow("x", 100, "333"), flow("y", 200, "-77")]
    expected = follow(PLAN, ticks, flows)
    with decimal.localcontext(prec=digits):
        assert follow(PLAN, ticks, flows) == expected


def test_a_price_that_is_too_old_values_the_basket_and_never_rebalances_it() -> None:
    due = next_rebalance(WEDNESDAY, 0, 12)
    hours = (due - WEDNESDAY) / timedelta(hours=1)
    old = tick(hours, "200000", "2500")._replace(fresh=False)
    states = follow(PLAN, [tick(0, "100000", "2500"), old, tick(hours + 5, "200000", "2500")], [])
    assert [state.rebalanced for state in states] == [False, False, True]
    assert value(states[1]) == value(states[2])
    assert states[1].basket.units == states[0].basket.units != states[2].basket.units
