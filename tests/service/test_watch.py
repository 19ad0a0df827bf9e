"""What the owner is told about accounts that go and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.identity import ANOTHER
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Live, Stale
from portfolio_bot.model.statement import Notice as Remark
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report.views import AccountBack, AccountDown, KeyMoved, KeyNews, NoClose
from portfolio_bot.service.watch import Notice, notices, without_close
from tests.service.fakes import NOON, down, statement

HOUR = timedelta(hours=1)
GOOD = AccountState()


def failing(times: int, kind: FailureKind = FailureKind.TIMEOUT) -> AccountState:
    return AccountState(down(kind), NOON, times)


def portfolio(failure: Failure | None = None, *, after: timedelta = HOUR, amount: str = "1") -> Portfolio:
    known = statement("kraken", {"BTC": amount})
    reading = Stale("kraken", known, failure, NOON) if failure else Live("kraken", known)
    infos = {"kraken": AccountInfo("kraken", "Kraken", "kraken", is_exchange=True)}
    return value([reading], infos, RateTable({}), at=NOON + after)


def told(before: AccountState, after: AccountState, now: Portfolio, earlier: Portfolio | None = None) -> list[Notice]:
    def of(state: AccountState) -> Mapping[str, AccountState]:
        return {"kraken": state}

    return list(notices(of(before), of(after), now, earlier))


def test_one_failed_fetch_is_a_hiccup() -> None:
    assert told(GOOD, failing(1), portfolio(down())) == []


def test_the_second_one_is_told_with_its_number() -> None:
    (notice,) = told(failing(1), failing(2), portfolio(down()))
    assert isinstance(notice.news, AccountDown)
    assert (notice.news.times, notice.news.reminder) == (2, False)


def test_it_is_the_same_notice_for_a_day_and_then_a_reminder() -> None:
    (first,) = told(failing(1), failing(2), portfolio(down()))
    (later,) = told(failing(2), failing(9), portfolio(down(), after=23 * HOUR))
    (reminder,) = told(failing(9), failing(30), portfolio(down(), after=25 * HOUR))
    assert first.key == later.key != reminder.key
    assert isinstance(reminder.news, AccountDown)
    assert reminder.news.reminder


def test_its_return_is_told_with_the_beginning_and_the_value_that_stood_in() -> None:
    (notice,) = told(failing(4), GOOD, portfolio(amount="1.2"), portfolio(down(), amount="1"))
    assert isinstance(notice.news, AccountBack)
    assert (notice.news.since, notice.news.before) == (NOON, Decimal(100))
    assert notice.news.account.total.amount == Decimal(120)


def test_the_return_from_a_hiccup_is_not_told() -> None:
    assert told(failing(1), GOOD, portfolio()) == []


def test_an_odd_answer_or_a_statement_in_preparation_is_no_outage() -> None:
    for kind in (FailureKind.SUSPECT, FailureKind.IN_PROGRESS):
        assert told(GOOD, failing(5, kind), portfolio(down(kind))) == []


def warned(*notices: Remark, after: timedelta = HOUR) -> Portfolio:
    reading = Live("kraken", replace(statement("kraken", {"BTC": "1"}), notices=notices))
    infos = {"kraken": AccountInfo("kraken", "Kraken", "kraken", is_exchange=True)}
    return value([reading], infos, RateTable({}), at=NOON + after)


TRADES, ENDS = Remark(WarningKind.KEY_MAY_TRADE), Remark(WarningKind.KEY_EXPIRES, "2026-11-25")


def test_what_a_key_may_do_is_told_at_the_first_reading_and_not_again() -> None:
    (notice,) = told(GOOD, GOOD, warned(TRADES))
    assert isinstance(notice.news, KeyNews)
    assert notice.news.notices == (TRADES,)
    assert told(GOOD, GOOD, warned(TRADES, after=2 * HOUR), warned(TRADES)) == []


def test_only_what_is_new_about_a_key_is_told() -> None:
    (notice,) = told(GOOD, GOOD, warned(TRADES, ENDS), warned(TRADES))
    assert isinstance(notice.news, KeyNews)
    assert notice.news.notices == (ENDS,)


def test_a_clock_that_drifts_on_is_no_news() -> None:
    before, now = (warned(Remark(WarningKind.CLOCK_SKEW, f"+{seconds} s")) for seconds in (3, 4))
    assert told(GOOD, GOOD, now, before) == []


def test_a_right_that_a_venue_tells_now_and_then_is_told_once_a_day() -> None:
    (first,) = told(GOOD, GOOD, warned(TRADES), warned())
    (again,) = told(GOOD, GOOD, warned(TRADES, after=3 * HOUR), warned())
    (next_day,) = told(GOOD, GOOD, warned(TRADES, after=24 * HOUR), warned())
    assert first.key == again.key != next_day.key


def test_a_key_that_opens_another_account_asks_its_owner_once() -> None:
    moved = Failure(FailureKind.SUSPECT, ANOTHER)
    state = AccountState(moved, NOON, 1)
    (asked,) = told(GOOD, state, portfolio(moved))
    assert isinstance(asked.news, KeyMoved)
    (again,) = told(state, AccountState(moved, NOON, 9), portfolio(moved, after=40 * HOUR))
    assert asked.key == again.key


def test_days_without_a_complete_snapshot_are_a_question_once() -> None:
    partial = portfolio(down(), after=73 * HOUR)
    (asked,) = without_close(partial, NOON)
    assert isinstance(asked.news, NoClose)
    assert ([account.id for account in asked.news.accounts], asked.news.days) == (["kraken"], 3)
    (again,) = without_close(portfolio(down(), after=99 * HOUR), NOON)
    assert asked.key == again.key
    assert list(without_close(portfolio(down(), after=71 * HOUR), NOON)) == []
    assert list(without_close(portfolio(after=99 * HOUR), NOON)) == []
    assert list(without_close(partial, None)) == []
