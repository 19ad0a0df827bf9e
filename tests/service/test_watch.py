"""What the owner is told about accounts that go and come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.reading import Live, Stale
from portfolio_bot.report.views import AccountBack, AccountDown
from portfolio_bot.service.watch import Notice, notices
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
