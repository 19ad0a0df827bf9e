"""Cash flows: a record that contradicts itself is refused, a day is placed where the owner's calendar has it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, Confidence, FlowKind, MatchedBy, Transfer
from portfolio_bot.model.trade import NOT_PRICED, Worth, WorthSource

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
PARIS = Calendar.of("Europe/Paris")  # on 2026-03-29 it loses an hour


def flow(kind: str, amount: str, at: datetime | date = NOON, usd: str | None = None) -> CashFlow:
    worth = NOT_PRICED if usd is None else Worth(Decimal(usd), WorthSource.STATED)
    return CashFlow("1", "bybit", FlowKind(kind), at, "BTC", Decimal(amount), worth)


@pytest.mark.parametrize(
    ("kind", "amount", "usd"),
    [
        ("deposit", "-1", None),
        ("withdrawal", "1", None),
        ("income", "-1", None),
        ("fee", "1", None),
        ("deposit", "0", None),
        ("transfer", "-1", "100"),
    ],
)
def test_a_sign_that_contradicts_is_refused(kind: str, amount: str, usd: str | None) -> None:
    with pytest.raises(ValueError):
        flow(kind, amount, usd=usd)


@pytest.mark.parametrize("kind", ["transfer", "funding", "futures_pnl", "opening", "conversion", "unclassified"])
def test_the_other_kinds_go_both_ways(kind: str) -> None:
    assert flow(kind, "1", usd="100").amount == -flow(kind, "-1", usd="-100").amount


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError):
        flow("deposit", "1", datetime(2026, 3, 29))  # noqa: DTZ001 - that is the point


def test_a_day_without_a_time_begins_for_inflows_and_ends_for_outflows() -> None:
    day = date(2026, 3, 29)
    came, went = flow("deposit", "1", day), flow("withdrawal", "-1", day)
    assert came.day_only
    assert came.instant(PARIS) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert went.instant(PARIS) == datetime(2026, 3, 29, 21, 59, 59, 999999, tzinfo=UTC)
    assert PARIS.day(went.instant(PARIS)) == day
    assert came.span(PARIS) == went.span(PARIS)


def test_an_instant_stands_whatever_the_calendar() -> None:
    assert flow("withdrawal", "-1").span(PARIS) == (NOON, NOON)


def test_the_network_keeps_what_left_and_did_not_arrive() -> None:
    sent, got = flow("withdrawal", "-1"), flow("deposit", "1")
    link = Transfer(
        sent,
        got,
        Decimal("1.0005"),
        Decimal(1),
        MatchedBy.TXID,
        Confidence.CERTAIN,
        difference=Decimal(0),
        delay=NOON - NOON,
    )
    assert link.network_fee == Decimal("0.0005")
    assert sent.key == ("bybit", "1")
