"""Accounts that join or leave are flows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.membership import Linked, Parts, linked
from portfolio_bot.analytics.returns import twr
from portfolio_bot.analytics.series import Flow, cut
from portfolio_bot.model.figure import Known, Unknown
from tests.analytics.examples import START


def parts(*snapshots: Mapping[str, int] | int) -> Linked:
    """One snapshot an hour: accounts by name, or a total alone."""
    found = [
        Parts(
            START + timedelta(hours=hour),
            Decimal(one if isinstance(one, int) else sum(one.values())),
            None if isinstance(one, int) else {name: Decimal(value) for name, value in one.items()},
        )
        for hour, one in enumerate(snapshots)
    ]
    return linked(found)


def test_a_removed_account_leaves_with_its_last_value() -> None:
    found = parts({"a": 1000, "b": 500}, {"a": 1100, "b": 400}, {"a": 1210})
    assert found.flows == (Flow(START + timedelta(hours=1), Decimal(-400)),)
    assert twr(found.valuations, found.flows).figure == Known(Decimal("0.1"))


def test_an_account_replaced_by_another_is_a_flow_out_and_one_in() -> None:
    found = parts({"a": 1000}, {"b": 700})
    assert [flow.amount for flow in found.flows] == [-1000, 700]
    assert isinstance(twr(found.valuations, found.flows).figure, Known)


def test_a_period_that_ends_with_a_joining_account_ends_with_all_there_is() -> None:
    found = parts({"a": 1000}, {"a": 1100, "b": 5000})
    period = cut(found.valuations, found.flows)
    assert not isinstance(period, Unknown)
    assert [period.end.value, period.net_flows, period.profit] == [6100, 5000, 100]


def test_the_first_snapshot_and_one_after_a_total_alone_join_nobody() -> None:
    assert parts({"a": 1000}).flows == ()
    assert parts(900, {"a": 1000}, {"a": 1010}).flows == ()


def test_an_account_in_debt_joins_with_its_debt() -> None:
    found = parts({"a": 1000}, {"a": 1000, "b": -100}, {"a": 1000, "b": -100})
    assert [flow.amount for flow in found.flows] == [-100]
    assert twr(found.valuations, found.flows).figure == Known(Decimal(0))


def test_nothing_is_linked_from_nothing() -> None:
    assert parts() == Linked((), ())
