"""Alerts in the house: every snapshot and every end of a reading is looked at, and what comes of it is queued.

States, letters and the snapshot that gave rise to them land in one transaction. Nothing is remembered outside of it, so
a transaction that has to be tried again, a kill and a restart tell nothing twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, Protocol

from portfolio_bot.analytics.alert_measures import Limits
from portfolio_bot.analytics.alert_states import (
    AlertRule,
    AlertState,
    Event,
    Round,
    Subject,
    Told,
    What,
)
from portfolio_bot.analytics.alerts import acknowledged, active, heard, judge, snoozed
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio
from portfolio_bot.model.statement import AccountId, WarningKind
from portfolio_bot.report.alert_views import ActiveView, AlertOver, AlertRaised, AlertsView, Pressed
from portfolio_bot.report.views import AccountBack, AccountDown, KeyNews, SyncView
from portfolio_bot.service.alarm_limits import AlarmLimits
from portfolio_bot.service.alarm_looks import FORGOTTEN, AlarmLooks, Heights, ReadsBook, conditions, outflows, together
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import Along
from portfolio_bot.service.under_way import UnderWay
from portfolio_bot.service.watch import Notice, about_keys, sign
from portfolio_bot.storage import alerts as stored
from portfolio_bot.storage import choices as changes
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

TOMORROW: Final = "tomorrow"
SNOOZES: Final[Mapping[str, timedelta]] = {"1d": timedelta(days=1), "7d": timedelta(days=7)}

MORNING: Final = timedelta(hours=8)
"""Tomorrow begins at this time of the owner's day."""


class QueuesNotices(Protocol):
    """Whoever writes letters."""

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        """Queue one; one that was queued before is left alone."""

    def nudge(self) -> None:
        """What was queued is committed now."""


class PressedOn(NamedTuple):
    """An alert after somebody pressed a button below it."""

    subject: Subject
    state: AlertState
    what: Pressed


class Alarms:
    """Raises alerts.

    Args:
        past: for flows, accounts that came and went, and the growth of one unit of money.
        postman: who writes letters; None while there is nobody to tell: then nothing is raised.
        latest: the newest portfolio.
        names: shown names by account.
    """

    def __init__(
        self,
        store: Store,
        past: ReadsBook,
        limits: AlarmLimits,
        *,
        calendar: Calendar,
        clock: Clock,
        postman: Callable[[], QueuesNotices | None] = lambda: None,
        latest: Callable[[], Portfolio | None] = lambda: None,
        names: Mapping[AccountId, str] | None = None,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self.limits, self._postman, self._latest = limits, postman, latest
        self._names = names or {}
        self.heights = Heights(past, store, calendar)
        self._looks = AlarmLooks(past, self.heights, calendar)
        self._looking = UnderWay()

    async def notices(
        self, tx: Tx, portfolio: Portfolio, told: Sequence[Notice], *, stored_now: bool
    ) -> Sequence[Notice]:
        """What is to be told of a round of readings, in the transaction that remembers it.

        Args:
            told: what `watch` has to tell of it; what somebody snoozed or switched off is left out of the result.
            stored_now: the portfolio was stored as a snapshot in this transaction.
        """
        limits, before = self.limits.limits(), await stored.states(tx)
        states = _remembered_still(before, portfolio.at)
        passed = _folded(states, told, portfolio, limits)
        events = _keys_in_order(states, portfolio) if stored_now else []
        look = await self._round(tx, portfolio, states, limits, stored_now=stored_now)
        after, raised = judge(states, look)
        await stored.put(tx, before, after, portfolio.at)
        return [*passed, *(_notice(event) for event in (*events, *raised))]

    def synced(self, _: SyncView) -> None:
        """A reading of the past is over: flows may be there that nobody received."""
        self._looking.begin(self._look_at_flows(), name="alerts about flows")

    def flows_changed(self, border: bool) -> None:
        """Something was read or entered.

        Args:
            border: a deposit or a withdrawal is among it.
        """
        if border:
            self.heights.outdated()

    async def close(self) -> None:
        """End what is under way."""
        await self.heights.close()
        await self._looking.close()

    async def view(self) -> AlertsView:
        """All rules, and what is raised."""
        async with self._store.read() as tx:
            states = await stored.states(tx)
        return AlertsView(self.limits.views(), tuple(ActiveView(*one) for one in active(states)))

    async def press(self, handle: str, what: str, who: str, *, along: Along | None = None) -> PressedOn:
        """Acknowledge or snooze what is raised, or take that back.

        Args:
            handle: as `handle_of` gives it.
            what: `ack`, `tomorrow`, `1d`, `7d` or `hear`.

        Raises:
            UserError: it is over, or that is nothing to do with an alert.
        """
        now = self._clock()
        change = self._change(what, who, now)

        async def write(tx: Tx) -> PressedOn:
            states = await stored.states(tx)
            raised = ((one, state.since) for one, state in states.items() if state.active)
            subject = next((one for one, since in raised if handle in {handle_of(one), handle_of(one, since)}), None)
            if subject is None:
                raise UserError("", "alert_is_over")
            state, pressed = change(states[subject])
            await stored.put(tx, states, {**states, subject: state}, now)
            title = f"alert:{subject.rule} {subject.name}".strip()
            await changes.note(tx, Change(now, who, title, None, pressed.value))
            if along is not None:
                await along(tx)
            return PressedOn(subject, state, pressed)

        return await self._store.write(write)

    def _change(self, what: str, who: str, now: datetime) -> Callable[[AlertState], tuple[AlertState, Pressed]]:
        if what == "ack":
            return lambda state: (acknowledged(state, who), Pressed.ACKNOWLEDGED)
        if what == "hear":
            return lambda state: (heard(state), Pressed.HEARD)
        if what == TOMORROW:
            until = self._calendar.start(self._calendar.day(now) + timedelta(days=1)) + MORNING
        elif what in SNOOZES:
            until = now + SNOOZES[what]
        else:
            raise UserError(what, "alert_no_press")
        return lambda state: (snoozed(state, until, who), Pressed.SNOOZED)

    async def _round(
        self, tx: Tx, portfolio: Portfolio, states: Mapping[Subject, AlertState], limits: Limits, *, stored_now: bool
    ) -> Round:
        rounds = [Round(portfolio.at, off=limits.off)]
        if stored_now:
            rounds.append(conditions(portfolio, states, limits))
        rounds.append(await self._safely(self._flows(tx, portfolio.at, states, limits), portfolio.at))
        if stored_now and isinstance(portfolio.total_usd, Complete):
            rounds.append(await self._safely(self._values(tx, portfolio, states, limits), portfolio.at))
        return together(*rounds)

    async def _values(
        self, tx: Tx, portfolio: Portfolio, states: Mapping[Subject, AlertState], limits: Limits
    ) -> Round:
        measures, judged = await self._looks.values(tx, portfolio, states, limits)
        return Round(portfolio.at, measures, judged)

    async def _flows(self, tx: Tx, at: datetime, states: Mapping[Subject, AlertState], limits: Limits) -> Round:
        if limits.of(Subject(AlertRule.OUTFLOW)) is None:
            return Round(at)
        found = [
            replace(one, told=replace(one.told, title=self._names.get(one.told.title, one.told.title)))
            for one in await outflows(tx, at, states, self._calendar)
        ]
        return Round(at, found, frozenset({AlertRule.OUTFLOW}))

    async def _safely(self, look: Awaitable[Round], at: datetime) -> Round:
        """A bug in looking must not cost the snapshot; what is remembered stands then."""
        try:
            return await look
        except StorageError:
            raise
        except Exception:
            log.exception("alerts: something could not be looked at")
            return Round(at)

    async def _look_at_flows(self) -> None:
        postman, portfolio = self._postman(), self._latest()
        if postman is None or portfolio is None:
            return
        now = self._clock()

        async def write(tx: Tx) -> bool:
            limits, before = self.limits.limits(), await stored.states(tx)
            states = _remembered_still(before, now)
            after, events = judge(states, await self._flows(tx, now, states, limits))
            await stored.put(tx, before, after, now)
            for event in events:
                await postman.notice(tx, _notice(event), portfolio)
            return bool(events)

        try:
            if await self._store.write(write):
                postman.nudge()
        except StorageError as error:
            log.warning("alerts about flows come later: %s", error)


def handle_of(subject: Subject, since: datetime | None = None) -> str:
    """A short name of a subject, for a button.

    Args:
        since: of this alert alone and not of a later one about the same, where it is known when it began.
    """
    began = "" if since is None else f"\0{since.isoformat()}"
    return hashlib.sha256(f"{subject.rule}\0{subject.name}{began}".encode()).hexdigest()[:10]


def _notice(event: Event) -> Notice:
    over = event.what is What.OVER
    return Notice(event.key, AlertOver(event) if over else AlertRaised(event, bool(event.answers)), event.answers)


def _remembered_still(states: Mapping[Subject, AlertState], at: datetime) -> dict[Subject, AlertState]:
    """Without flows that nobody explained for weeks."""
    return {
        subject: state
        for subject, state in states.items()
        if subject.rule is not AlertRule.OUTFLOW or state.told.when is None or at - state.told.when <= FORGOTTEN
    }


def _folded(
    states: dict[Subject, AlertState], told: Sequence[Notice], portfolio: Portfolio, limits: Limits
) -> list[Notice]:
    """Notices about accounts and keys, with the same memory as every alert; `states` learns of them."""
    passed = []
    for notice in told:
        match notice.news:
            case AccountDown(account):
                subject = Subject(AlertRule.SOURCE, account.id)
                kept = _remembered(states, subject, notice, account.since or portfolio.at, account.name, portfolio.at)
            case KeyNews(account, new):
                subject = Subject(AlertRule.KEY, account.id)
                signs = tuple(sign(one) for one in new if one.kind is not WarningKind.CLOCK_SKEW)
                kept = _key_told(states, subject, notice, signs, account.name, portfolio.at)
            case AccountBack(account):
                subject = Subject(AlertRule.SOURCE, account.id)
                state = states.pop(subject, AlertState())
                kept = replace(notice, answers=state.key)
            case _:
                passed.append(notice)
                continue
        if limits.of(subject) is None:
            states.pop(subject, None)
        elif kept is not None:
            passed.append(kept)
    answering = {account.id for account in portfolio.accounts if account.failure is None}
    there = {account.id for account in portfolio.accounts}
    for subject in [one for one in states if one.rule is AlertRule.SOURCE]:
        if subject.name in answering or subject.name not in there:
            del states[subject]
    return passed


def _remembered(
    states: dict[Subject, AlertState], subject: Subject, notice: Notice, since: datetime, title: str, at: datetime
) -> Notice | None:
    """The notice as it goes out; None where people asked not to hear of it now."""
    state = states.get(subject, AlertState())
    if state.is_quiet(at):
        return None
    if not state.active:
        states[subject] = replace(
            state, since=since, side=-1, key=notice.key, told_at=at, letters=1, told=Told(title, when=since)
        )
        return notice
    if state.snoozed_until is not None:
        states[subject] = replace(state, snoozed_until=None, by="")
    return notice if notice.key == state.key else replace(notice, answers=state.key)


def _key_told(
    states: dict[Subject, AlertState],
    subject: Subject,
    notice: Notice,
    signs: tuple[str, ...],
    title: str,
    at: datetime,
) -> Notice | None:
    """The notice as it goes out; None where all of it was told before and never ceased to be so.

    What is new about a key is told also to those who know of something else about it.
    """
    if not signs:
        return notice
    state = states.get(subject, AlertState())
    known = state.told.words if state.active else ()
    if set(signs) <= set(known):
        return None
    told = Told(title, words=(*known, *(one for one in signs if one not in known)))
    since, key = state.since or at, state.key or notice.key
    states[subject] = replace(
        state, since=since, side=-1, key=key, told_at=at, letters=state.letters + 1, told=told, acknowledged=False
    )
    return notice if notice.key == key else replace(notice, answers=key)


def _keys_in_order(states: dict[Subject, AlertState], portfolio: Portfolio) -> list[Event]:
    """Keys of which there was something to say, and is nothing any more."""
    events = []
    for account in portfolio.accounts:
        subject = Subject(AlertRule.KEY, account.id)
        state = states.get(subject)
        if state is None or state.since is None or not isinstance(account, KnownAccount):
            continue
        if account.failure is None and not about_keys(account):
            del states[subject]
            told = replace(state.told, title=account.name)
            key = f"{state.key}:over"
            events.append(
                Event(What.OVER, subject, key, state.since, Decimal(0), Decimal(0), -1, told, answers=state.key)
            )
    return events
