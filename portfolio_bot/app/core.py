"""What the program is made of, without any face: enough for every command, and the heart of the service.

It reads like a table of contents. Each part gets what it needs, not the settings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from portfolio_bot.app.accounts import Accounts, open_accounts
from portfolio_bot.app.figures import charts_of, figures_of
from portfolio_bot.app.ledger import Ledger, ledger_of
from portfolio_bot.app.lifecycle import CLIENTS
from portfolio_bot.app.lock import one_instance
from portfolio_bot.app.noting import Noting
from portfolio_bot.app.outside import Outside
from portfolio_bot.app.process import count_exactly, give_back_memory
from portfolio_bot.app.restoring import Restored, opened
from portfolio_bot.app.said import looks_of, views
from portfolio_bot.app.tempo import LOCK_WAIT, utc_now
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.statement import AccountId
from portfolio_bot.net.timing import Timing
from portfolio_bot.platforms.base import PATIENCE
from portfolio_bot.report.reader import Guide, Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.absences import Absences
from portfolio_bot.service.after_record import LAST_SNAPSHOT, AfterRecord
from portfolio_bot.service.alarm_limits import AlarmLimits
from portfolio_bot.service.alarms import Alarms
from portfolio_bot.service.backups import Backups
from portfolio_bot.service.charts import Charts
from portfolio_bot.service.check import Check
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.health import Doctor, Pulse
from portfolio_bot.service.history import History
from portfolio_bot.service.history_notice import HistoryNotice
from portfolio_bot.service.housekeeping import Housekeeping
from portfolio_bot.service.looks import Looks
from portfolio_bot.service.ownership import Ownership
from portfolio_bot.service.people import People
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.preferences import Preferences
from portfolio_bot.service.records import Records
from portfolio_bot.service.scheduler import Rounds
from portfolio_bot.service.snapshots import Snapshots
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.service.worth import Appraiser
from portfolio_bot.settings.guides import guides
from portfolio_bot.storage.places import prepare_folder
from portfolio_bot.storage.store import Store

if TYPE_CHECKING:
    from portfolio_bot.platforms.demo import DemoWorld
    from portfolio_bot.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    """Everything a command or a face may ask for. Made by `open_core`.

    Attributes:
        rescued: a backup stands in the place of a database that was damaged.
    """

    settings: Settings
    clock: Clock
    calendar: Calendar
    store: Store
    outside: Outside
    collect: Collect
    snapshots: Snapshots
    history: History
    preferences: Preferences
    choices: Choices
    alarms: Alarms
    looks: Looks
    people: People
    timetable: Timetable
    check: Check
    ownership: Ownership
    doctor: Doctor
    ledger: Ledger
    figures: Figures
    charts: Charts
    records: Records
    after_record: AfterRecord
    backups: Backups
    guides: Mapping[AccountId, Guide] = field(default_factory=dict)
    rescued: Restored | None = None

    @property
    def sync(self) -> Sync:
        """Who reads flows and trades."""
        return self.ledger.sync

    @property
    def transfers(self) -> Transfers:
        """Who knows own transfers."""
        return self.ledger.transfers

    @property
    def worth(self) -> Appraiser:
        """Who fills in what records were worth."""
        return self.ledger.worth

    def reader(self, *, pull: str = "/pull", user: int | None = None, chat: str | None = None) -> Reader:
        """Who reads, at this moment.

        Args:
            pull: what they type to fetch everything anew.
            user, chat: whose choices count; None where nobody in particular reads.
        """
        settings, look = self.settings, self.looks.of(user, chat)
        return Reader(
            calendar=self.calendar,
            zone_name=settings.timezone,
            now=self.clock(),
            language=look.language,
            currency=settings.base_currency,
            demo=settings.demo,
            guides=self.guides,
            pull=pull,
            percent_only=look.percent_only,
            light=look.light,
            form=look.form,
        )

    async def tell_of_rescue(self) -> None:
        """Say what span may be missing, where a backup stands in the place of a damaged database."""
        if self.rescued is not None and self.rescued.made is not None:
            numbers = Voice.of(self.reader(chat=self.settings.telegram.chat_id)).numbers
            kept = str(self.rescued.kept)
            await self._tell("rescued", {"when": numbers.moment(self.rescued.made), "kept": kept})

    async def _tell(self, phrase: str, values: Mapping[str, str]) -> None:
        """Reach the owner without the database, in the words of the main chat."""
        postman = self.snapshots.postman
        if postman is not None:
            reader = self.reader(chat=self.settings.telegram.chat_id)
            await postman.alarm(Voice.of(reader).word(phrase, **values))

    def rounds(self, *, pushes: bool) -> Rounds:
        """What the scheduler does at each tick.

        Args:
            pushes: there is somebody to push reports to.
        """
        settings = self.settings
        postman = self.snapshots.postman
        keeping = Housekeeping(
            self.store,
            self.calendar,
            self.clock,
            retention_days=settings.retention_days,
            tell=self._tell if postman else None,
            backups=None if settings.demo else self.backups,
        )
        return Rounds(
            self.snapshots,
            self.timetable,
            self.collect,
            calendar=self.calendar,
            clock=self.clock,
            pulse=self.doctor.pulse,
            pushes=pushes,
            every=settings.snapshot_interval,
            daily=settings.daily_snapshot_time,
            housekeeping=keeping.run,
        )


@asynccontextmanager
async def open_core(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    timing: Timing | None = None,
    patience: float = PATIENCE,
    lock_wait: float = LOCK_WAIT,
    patient: bool = False,
    scenario: str = "bull",
    demo_latency: float = 0.4,
    demo_at_once: bool = False,
    mend: bool = False,
) -> AsyncIterator[Core]:
    """Everything there is behind the faces, closed at the end in the reverse order.

    Args:
        timing, patience: deadlines of one request, and of one account.
        lock_wait: seconds to wait for another process that works in the data folder.
        patient: no service will ask again soon: sources wait for what they would else fetch in the background.
        mend: put the newest sound backup in the place of a damaged database.
        scenario, demo_latency, demo_at_once: what happens in a demo, how slowly, and whether from the beginning.

    Raises:
        LockHeldError: another process works in the data folder.
        StorageError: the database cannot be used.
    """
    count_exactly()
    await asyncio.to_thread(prepare_folder, settings.data_dir)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(one_instance(settings.data_dir, wait=lock_wait))
        world = _world(settings, scenario, clock)
        store, rescued = await stack.enter_async_context(opened(settings, clock, mend=mend))
        outside = Outside(stack)
        asked = await open_accounts(
            settings,
            store,
            outside,
            clock,
            timing=timing or Timing(),
            patience=patience,
            patient=patient,
            world=world,
            demo_latency=demo_latency,
            demo_at_once=demo_at_once,
        )
        core = replace(_assembled(settings, clock, store, outside, asked), rescued=rescued)
        _wired(core, stack, LAST_SNAPSHOT if patient else 0.0)
        if world is not None:
            from portfolio_bot.app.demo_past import remembered

            await stack.enter_async_context(remembered(store, world, core.calendar, clock()))
        for part in (core.preferences, core.choices, core.timetable, core.snapshots, core.ledger):
            await part.load()
        yield core


def _assembled(settings: Settings, clock: Clock, store: Store, outside: Outside, asked: Accounts) -> Core:
    """Each service with what it needs."""
    calendar = Calendar.of(settings.timezone)
    collect = _collecting(settings, asked, clock)
    preferences = Preferences(store, clock, views(settings))
    posts = (MAIN, Post(SLACK)) if settings.slack_webhook_url is not None else (MAIN,)
    timetable = Timetable(store, preferences, calendar, clock, posts=posts)
    choices = Choices(store, clock)
    looks = looks_of(settings, choices)
    transfers = Transfers(store, calendar, clock)
    worth = Appraiser(
        store, asked.sources, calendar=calendar, clock=clock, rates=asked.past_rates, dollars=asked.past_dollars
    )
    snapshots = Snapshots(
        collect,
        store,
        asked.rates,
        timetable,
        calendar=calendar,
        clock=clock,
        demo=settings.demo,
        between=transfers,
        tidy=give_back_memory(),
    )
    ledger = ledger_of(settings, store, collect, transfers, worth, calendar=calendar, clock=clock)
    after = AfterRecord(worth, snapshots, calendar, clock, sources=bool(asked.sources))
    history = History(store, calendar, clock)
    figures = figures_of(settings.analysis, store, transfers, calendar=calendar, clock=clock, coins=asked.coins)
    alarms = Alarms(
        store,
        figures.past,
        AlarmLimits(choices, settings.alert_threshold_percent),
        calendar=calendar,
        clock=clock,
        postman=lambda: snapshots.postman,
        latest=lambda: snapshots.latest,
        names={account: info.name for account, info in collect.accounts.items()},
    )
    return Core(
        settings=settings,
        clock=clock,
        calendar=calendar,
        store=store,
        outside=outside,
        collect=collect,
        snapshots=snapshots,
        history=history,
        preferences=preferences,
        choices=choices,
        alarms=alarms,
        looks=looks,
        people=People(choices, looks, owner=settings.owner_id, users=settings.allowed_user_ids),
        timetable=timetable,
        check=Check(collect, clock),
        ownership=Ownership(collect, asked.memories, store, clock, anew=ledger.load),
        doctor=Doctor(store, snapshots, clock, Pulse()),
        ledger=ledger,
        figures=figures,
        charts=charts_of(settings.analysis, figures, history, calendar),
        records=Records(store, calendar, clock, transfers, after.heard),
        after_record=after,
        backups=Backups(store, calendar, clock),
        guides=guides(settings.accounts),
    )


def _collecting(settings: Settings, asked: Accounts, clock: Clock) -> Collect:
    """Who asks the accounts."""
    return Collect(
        asked.sources,
        asked.infos,
        rates=asked.rates,
        dollars=asked.dollars,
        clock=clock,
        ttl=settings.cache_ttl,
        headline=settings.base_currency,
        absences=Absences(asked.memories),
    )


def _wired(core: Core, stack: AsyncExitStack, last_snapshot: float) -> None:
    """Who hears of what, and what is ended, in the reverse order.

    Args:
        last_snapshot: seconds that the end may take for a snapshot that a record made necessary.
    """
    noting = Noting(core.figures.benchmarks)
    notice = HistoryNotice(core.store, lambda: core.snapshots.postman)
    core.snapshots.on_complete = noting.heard
    core.snapshots.alarms = core.alarms
    core.sync.on_news.append(core.alarms.flows_changed)
    core.worth.on_priced.append(core.alarms.heights.outdated)
    core.sync.on_end += [notice.heard, core.alarms.synced]
    stack.push_async_callback(_closed, core.collect)
    stack.push_async_callback(core.ledger.close)
    stack.push_async_callback(noting.close)
    stack.push_async_callback(core.after_record.close, last_snapshot)
    stack.push_async_callback(notice.close)
    stack.push_async_callback(core.alarms.close)


def _world(settings: Settings, scenario: str, clock: Clock) -> DemoWorld | None:
    if not settings.demo:
        return None
    from portfolio_bot.app.demo_past import world_of

    return world_of(settings.data_dir, scenario, clock())


async def _closed(collect: Collect) -> None:
    try:
        async with asyncio.timeout(CLIENTS):
            await collect.close()
    except TimeoutError:
        log.warning("a connection did not close within %g s and is left to the system", CLIENTS)
