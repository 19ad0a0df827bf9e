"""What is told of accounts and keys has the memory of every alert: snoozed, switched off, ended with a reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from portfolio_bot.analytics.alert_states import AlertRule, Subject
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.statement import Notice as Remark
from portfolio_bot.model.statement import Statement, WarningKind
from portfolio_bot.report.alert_views import AlertOver, AlertRaised, Pressed
from portfolio_bot.report.views import AccountBack, AccountDown, KeyNews
from portfolio_bot.service.alarm_limits import AlarmLimits, wished
from portfolio_bot.service.alarms import Alarms, handle_of
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.past import Past
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.snapshots import STATUS, Snapshots
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.service.watch import Notice
from portfolio_bot.storage import choices as stored
from portfolio_bot.storage.store import Store
from tests.service.fakes import FakePostman, FakeRates, FakeSource, Hands, collecting, down, settings, statement

PARIS = Calendar.of("Europe/Paris")
TRADES, WITHDRAWS = Remark(WarningKind.KEY_MAY_TRADE), Remark(WarningKind.KEY_MAY_WITHDRAW)
KEY, SOURCE = Subject(AlertRule.KEY, "bybit"), Subject(AlertRule.SOURCE, "bybit")


class Watch:
    """An account that is looked at once an hour."""

    def __init__(self, store: Store, clock: Hands) -> None:
        self.clock, self.postman = clock, FakePostman()
        self.source = FakeSource("bybit", {"BTC": "1"}, clock=clock)
        other = FakeSource("okx", {"BTC": "1"}, clock=clock)
        preferences = Preferences(store, clock, settings())
        timetable = Timetable(store, preferences, PARIS, clock)
        collect = collecting(self.source, other, clock=clock)
        self.snapshots = Snapshots(
            collect, store, FakeRates(), timetable, calendar=PARIS, clock=clock, postman=self.postman
        )
        self.choices = Choices(store, clock)
        past = Past(store, PARIS, clock, Transfers(store, PARIS, clock))
        self.alarms = Alarms(store, past, AlarmLimits(self.choices, Decimal(5)), calendar=PARIS, clock=clock)
        self.snapshots.alarms = self.alarms

    async def sees(self, *answers: object) -> list[Notice]:
        """What is told of these answers."""
        before = len(self.postman.notices)
        for answer in answers:
            self.clock.turn(hours=1)
            self.source.script, self.source.asked = (answer,), 0  # type: ignore[assignment]
            await self.snapshots.take(STATUS)
        return self.postman.notices[before:]


@pytest.fixture
async def watch(store: Store, clock: Hands) -> AsyncIterator[Watch]:
    found = Watch(store, clock)
    await found.choices.load()
    await found.snapshots.load()
    yield found
    await found.alarms.close()


def warned(*remarks: Remark) -> Statement:
    return replace(statement("bybit", {"BTC": "1"}), notices=remarks)


def gap(said: str) -> Statement:
    return statement("bybit", {"BTC": "1"}, venue_says=said)


GONE = down(FailureKind.UNREACHABLE)


async def test_an_account_that_returns_answers_the_word_that_it_had_gone(watch: Watch) -> None:
    first, last = await watch.sees({"BTC": "1"}, GONE, GONE, GONE, {"BTC": "1"})
    assert isinstance(first.news, AccountDown)
    assert isinstance(last.news, AccountBack)
    assert last.answers == first.key
    assert (await watch.alarms.view()).active == ()


async def test_an_outage_is_reminded_of_each_day_unless_it_was_acknowledged(watch: Watch) -> None:
    first, second = await watch.sees({"BTC": "1"}, *[GONE] * 30)
    assert second.answers == first.key
    assert isinstance(second.news, AccountDown)
    assert second.news.reminder
    await watch.alarms.press(handle_of(SOURCE), "ack", "ann")
    assert await watch.sees(*[GONE] * 30) == []
    (back,) = await watch.sees({"BTC": "1"})
    assert back.answers == first.key


async def test_a_rule_that_is_off_tells_nothing_of_an_account(watch: Watch) -> None:
    await watch.alarms.limits.set(wished("source off"), "ann")
    assert await watch.sees({"BTC": "1"}, *[GONE] * 5, {"BTC": "1"}) == []


async def test_a_key_is_told_of_once_and_once_it_is_in_order_again(watch: Watch) -> None:
    told = await watch.sees(warned(TRADES), warned(TRADES), warned(TRADES, WITHDRAWS), warned(TRADES, WITHDRAWS))
    assert all(isinstance(one.news, KeyNews) for one in told)
    assert len(told) == 2
    (over,) = await watch.sees(warned(), warned())
    assert isinstance(over.news, AlertOver)
    assert over.answers == told[0].key


async def test_rights_that_a_platform_tells_only_now_and_then_are_no_news_each_time(watch: Watch) -> None:
    assert len(await watch.sees(warned(TRADES), GONE, warned(TRADES), GONE, warned(TRADES))) == 1


async def test_a_difference_of_clocks_is_told_and_not_remembered(watch: Watch) -> None:
    skew = Remark(WarningKind.CLOCK_SKEW, "3.1")
    assert len(await watch.sees(warned(skew), warned())) == 1
    assert (await watch.alarms.view()).active == ()


async def test_a_gap_in_what_was_read_is_told_and_its_end_whatever_the_state_of_the_total(watch: Watch) -> None:
    (raised,) = await watch.sees(gap("100"), gap("103"), gap("103"), gap("103"))
    assert isinstance(raised.news, AlertRaised)
    assert raised.news.event.subject == Subject(AlertRule.COVERAGE, "bybit")
    assert len(await watch.sees(GONE)) == 0  # nobody knows: it stands
    (over,) = await watch.sees(gap("100.1"), gap("100.1"))
    assert over.answers == raised.key


async def test_a_press_is_on_record_and_one_on_what_is_over_says_so(watch: Watch, store: Store) -> None:
    await watch.sees({"BTC": "1"}, GONE, GONE)
    pressed = await watch.alarms.press(handle_of(SOURCE), "tomorrow", "telegram:7")
    assert pressed.what is Pressed.SNOOZED
    assert pressed.state.snoozed_until is not None
    assert PARIS.day(pressed.state.snoozed_until) > PARIS.day(watch.clock())
    async with store.read() as tx:
        (change,) = await stored.changes(tx, 5)
    assert (change.who, change.what) == ("telegram:7", "alert:source bybit")
    await watch.sees({"BTC": "1"})
    with pytest.raises(UserError):
        await watch.alarms.press(handle_of(SOURCE), "ack", "telegram:7")
    with pytest.raises(UserError):
        await watch.alarms.press(handle_of(SOURCE), "dance", "telegram:7")
