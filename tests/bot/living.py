"""A whole bot on loopback: real store, real services over scripted accounts, real aiogram, a strict Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from portfolio_bot.analytics.valuation import AccountInfo
from portfolio_bot.app.figures import charts_of, figures_of
from portfolio_bot.app.ledger import Following
from portfolio_bot.bot.access import Access
from portfolio_bot.bot.by_hand import ByHand
from portfolio_bot.bot.dialog import Dialog
from portfolio_bot.bot.house import House
from portfolio_bot.bot.menu import COMMANDS, menu_of
from portfolio_bot.bot.progress import ProgressPace
from portfolio_bot.bot.session import PollPace
from portfolio_bot.bot.telegram import FacePace, TelegramFace
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.telegram import TelegramSink
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.alarm_limits import AlarmLimits
from portfolio_bot.service.alarms import Alarms
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.history import History
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.ledger_views import LedgerViews
from portfolio_bot.service.looks import Look, Looks
from portfolio_bot.service.people import People
from portfolio_bot.service.preferences import INTERVAL, WINDOW_END, WINDOW_START, Preferences
from portfolio_bot.service.records import Records
from portfolio_bot.service.snapshots import Snapshots
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.taking_out import Files
from portfolio_bot.service.timetable import Timetable
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.settings.model import Analysis
from portfolio_bot.storage.store import Store, open_store
from tests.peers.telegram import PeerUser, Shown, TelegramPeer
from tests.peers.telegram_client import bot_api
from tests.service.fakes import FakeDollars, FakeRates, FakeSource

ANN = 4242
QUICK = Pace(every=0.0, first_wait=0.01, longest_wait=0.05, token_wait=0.05)
PACE = FacePace(
    poll=PollPace(timeout=1, slack=2.0, first_wait=0.01, longest_wait=0.05, token_wait=0.3),
    progress=ProgressPace(after=0.03, every=0.03),
    gather=0.02,
    handlers=3.0,
    menu_again=0.05,
)
SETTINGS = ((INTERVAL, "120"), (WINDOW_START, "8"), (WINDOW_END, "20"), ("CACHE_TTL", "60"))


def utc_now() -> datetime:
    return datetime.now(UTC)


def analysis() -> Analysis:
    """The choices of somebody who made none."""
    basket = (("BTC", Decimal(50)), ("ETH", Decimal(50)))
    return Analysis(basket, 0, 12, "global", "exclude", "auto", Decimal(0), (), None)


@asynccontextmanager
async def open_house(
    store: Store, *sources: FakeSource, clock: Clock = utc_now, currency: str = "USD", patience: float = 5.0
) -> AsyncIterator[House]:
    """The services behind the chat, over accounts that answer by script."""
    infos = {s.account: AccountInfo(s.account, s.account.title(), s.account, is_exchange=True) for s in sources}
    calendar, rates = Calendar.of("Europe/Paris"), FakeRates()
    collect = Collect(
        {source.account: source for source in sources},
        infos,
        rates=rates,
        dollars=FakeDollars(),
        clock=clock,
        ttl=timedelta(0),
        pace=0.0,
    )
    below = [SettingView(name, value, SettingOrigin.DEFAULT, value) for name, value in SETTINGS]
    preferences = Preferences(store, clock, below)
    timetable = Timetable(store, preferences, calendar, clock)
    snapshots = Snapshots(collect, store, rates, timetable, calendar=calendar, clock=clock)
    await preferences.load()
    await timetable.load()
    await snapshots.load()

    def reader() -> Reader:
        return Reader(calendar, "Europe/Paris", clock(), currency=currency)

    names = {account: info.name for account, info in infos.items()}
    transfers = Transfers(store, calendar, clock)
    sync = Sync({source.account: source for source in sources}, names, store, calendar=calendar, clock=clock)
    await sync.load()
    following = Following(transfers)
    sync.on_news.append(following.heard)
    ledger = LedgerViews(store, transfers, calendar, names, sync.view)
    history = History(store, calendar, clock)
    figures = figures_of(analysis(), store, transfers, calendar=calendar, clock=clock)
    alarms = await with_alarms(store, snapshots, figures, calendar, clock, names)
    yield House(
        snapshots, history, timetable, preferences, ledger, transfers, sync, figures, reader, names, patience=patience,
        alarms=alarms,
        by_hand=ByHand(Records(store, calendar, clock, transfers)),
        files=Files(store, calendar, clock, figures.performances),
        charts=charts_of(analysis(), figures, history, calendar),
    )  # fmt: skip
    await alarms.close()
    await sync.close()
    await following.close()
    await collect.close()


async def with_alarms(
    store: Store, snapshots: Snapshots, figures: Figures, calendar: Calendar, clock: Clock, names: Mapping[str, str]
) -> Alarms:
    """Alerts about these snapshots, with the limits of somebody who chose none."""
    choices = Choices(store, clock)
    await choices.load()
    alarms = Alarms(
        store,
        figures.past,
        AlarmLimits(choices, Decimal(5)),
        calendar=calendar,
        clock=clock,
        postman=lambda: snapshots.postman,
        latest=lambda: snapshots.latest,
        names=names,
    )
    snapshots.alarms = alarms
    return alarms


async def with_people(house: House, store: Store, clock: Clock, owner: int, users: Sequence[int]) -> House:
    """The same house with an owner and viewers, in which everybody may be spoken to in their own way."""
    choices = Choices(store, clock)
    await choices.load()
    looks = Looks(choices, Look("en"), language_is_set=False)

    def reader_of(user: int | None, chat: str | None) -> Reader:
        look = looks.of(user, chat)
        return replace(house.reader(), language=look.language, percent_only=look.percent_only, light=look.light)

    people = People(choices, looks, owner=owner, users=users)
    return replace(house, choices=choices, looks=looks, people=people, reader_of=reader_of)


@dataclass
class Living:
    """What a test of the bot holds in its hands."""

    telegram: TelegramPeer
    ann: PeerUser
    house: House
    face: TelegramFace
    delivery: Delivery
    access: Access

    async def asks(self, text: str, *, chat: int | None = None, user: PeerUser | None = None) -> Shown:
        """Write to the bot and wait for what it answers."""
        place = chat if chat is not None else (user or self.ann).id
        before = len(self.telegram.messages(place))
        (user or self.ann).says(text, chat=chat)
        await self.telegram.until(lambda: len(self.telegram.messages(place)) > before)
        await self.idle()
        return self.telegram.messages(place)[-1]

    async def presses(self, message: Shown, label: str) -> Shown:
        """Press a button and wait until the bot has nothing more to say to it."""
        press = self.ann.presses(message, label)
        await self.telegram.until(lambda: press.answers)
        await self.idle()
        return message

    async def quiet(self, seconds: float = 0.15) -> None:
        """Give the bot time to do what it must not do."""
        await asyncio.sleep(seconds)

    async def idle(self) -> None:
        """Wait until no answer is in hand."""
        async with asyncio.timeout(5):
            while self.face.busy:
                await asyncio.sleep(0.005)


@asynccontextmanager
async def living(
    folder: Path,
    telegram: TelegramPeer,
    *sources: FakeSource,
    chat: str | None = str(ANN),
    users: Sequence[int] = (),
    pace: FacePace = PACE,
    clock: Clock = utc_now,
    patience: float = 5.0,
    owner: int | None = None,
) -> AsyncIterator[Living]:
    """A life of the bot, from its first poll to its stop.

    Args:
        owner: who owns it, the others are viewers; None: whoever is let in may do everything.
    """
    if not sources:
        sources = (source("bybit", BTC="1.5", USDT="1000"), source("kraken", ETH="20"))
    async with (
        open_store(folder, clock=clock) as store,
        bot_api(telegram, seconds=2.0) as api,
        open_house(store, *sources, clock=clock, patience=patience) as rooms,
    ):
        house = rooms if owner is None else await with_people(rooms, store, clock, owner, users)
        access = Access(chat, users)
        delivery = Delivery(
            store,
            TelegramSink(api, Redactor([telegram.token])),
            clock,
            destination=chat,
            reader=lambda chat: house.reader_for(None, chat),
            pace=QUICK,
            group_pace=QUICK,
        )
        delivery.on_move = lambda to: access.also(int(to))
        await delivery.restore()
        dialog = Dialog(house, COMMANDS)
        face = TelegramFace(api, access, dialog, delivery, clock, menu=partial(menu_of, house), pace=pace)
        stop = asyncio.Event()
        serving = asyncio.create_task(face.serve(stop))
        try:
            yield Living(telegram, telegram.user(ANN), house, face, delivery, access)
        finally:
            stop.set()
            await asyncio.wait_for(serving, 5)


def source(account: str, *, takes: float = 0.0, **amounts: str) -> FakeSource:
    """An account that holds these amounts."""
    return FakeSource(account, amounts, clock=utc_now, takes=takes)


def quick(pace: FacePace = PACE, **poll: float) -> FacePace:
    """The usual pace with another patience of polling."""
    return replace(pace, poll=replace(pace.poll, **poll))  # type: ignore[arg-type]
