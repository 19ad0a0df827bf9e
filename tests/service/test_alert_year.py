"""A noisy year, hour by hour: one alert per true event, one end each, and none for flows, outages and newcomers."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import cast

from portfolio_bot.analytics.alert_measures import Limits, Stretch
from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Event, Round, Subject, What
from portfolio_bot.analytics.alerts import judge
from portfolio_bot.analytics.membership import Joint
from portfolio_bot.analytics.performance import Track
from portfolio_bot.analytics.series import Flow, Kept, Valuation
from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import FxProvider, FxRate, PriceSource
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, Coverage, KnownAccount, Portfolio, Priced, Provisional, ReadingState
from portfolio_bot.model.statement import Wallet
from portfolio_bot.service import alarm_looks
from portfolio_bot.service.alarm_looks import AlarmLooks, Heights, conditions, together
from portfolio_bot.service.past import PastBook
from portfolio_bot.service.track_rates import Rates
from portfolio_bot.storage.alerts import of_text, to_text
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

START = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURS = 365 * 24
UTC_DAYS = Calendar.of("UTC")
NO_TX = cast("Tx", None)

CRASH, WOBBLE, FLASH, COIN, SLOW, PEG, RATE, GAP = 600, 1200, 1700, 2300, 2900, 5200, 5600, 6000
"""Hours at which something truly happens, or almost."""

PAID_IN, PAID_OUT, LATE, JOINED, LEFT = 6520, 6900, 7200, 7500, 7900


def level(hour: int) -> float:
    """How high all coins stand."""
    found = 1.0
    if hour >= CRASH:
        found *= 0.94
    if hour >= WOBBLE:
        found *= 0.953  # just less than would be told
    found *= 1.0006 ** min(max(hour - WOBBLE - 100, 0), 250)
    if FLASH <= hour < FLASH + 10:
        found *= 0.935
    slow = min(max(hour - SLOW, 0), 350)
    found *= 0.9991**slow
    return found * 1.0006 ** min(max(hour - SLOW - 500, 0), 1100)


def coin(hour: int) -> float:
    """Bitcoin alone on top of that."""
    return 0.87 if hour >= COIN else 1.0


@dataclass
class World:
    """What happened, as storage and the figures would tell it."""

    seed: int
    portfolios: dict[datetime, Portfolio] = field(default_factory=dict)
    series: list[Valuation] = field(default_factory=list)
    flows: list[tuple[datetime, Flow]] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    closes: dict[date, Valuation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.noise = random.Random(self.seed)
        self.coins = 1.0

    def hour(self, hour: int) -> Portfolio:
        """The portfolio of an hour."""
        at = START + hour * HOUR
        shake = [1 + self.noise.uniform(-0.0012, 0.0012) for _ in range(2)]
        self._move_money(hour, at)
        bitcoin = Decimal(str(round(60_000 * level(hour) * coin(hour) * shake[0], 2)))
        ether = Decimal(str(round(3_000 * level(hour) * shake[1], 2)))
        tether = Decimal("0.96") if PEG <= hour < PEG + 30 else Decimal("0.9995")
        size = Decimal(str(self.coins))
        gap = Decimal(3) if GAP <= hour < GAP + 20 else Decimal("0.1")
        accounts = [
            account("bybit", at, [("BTC", size, bitcoin)]),
            account("okx", at, [("ETH", 14 * size, ether), ("USDT", Decimal(4_000), tether)], short=gap),
        ]
        if JOINED <= hour < LEFT:
            accounts.append(account("kraken", at, [("SOL", Decimal(300), Decimal(150))]))
        rate = Decimal(80) * (Decimal("1.045") if hour >= RATE else 1)
        down = self.noise.random() < 0.03
        return valued(at, accounts, rate, down=down)

    def store(self, portfolio: Portfolio) -> None:
        """It is remembered; of complete ones the total too, and who joined or left."""
        self.portfolios[portfolio.at] = portfolio
        if not isinstance(portfolio.total_usd, Complete):
            return
        total, here = portfolio.total_usd.value.amount, worth(portfolio)
        if self.series:
            before = self.series[-1].at
            was = worth(self.portfolios[before])
            for name in here.keys() - was.keys():
                total -= here[name]
                self.joints.append(Joint(portfolio.at, name, here[name], joined=True))
            for name in was.keys() - here.keys():
                self.joints.append(Joint(before, name, -was[name], joined=False))
        self.series.append(Valuation(portfolio.at, total))
        self.closes[portfolio.at.date()] = self.series[-1]

    def _move_money(self, hour: int, at: datetime) -> None:
        price = 60_000 * level(hour) * coin(hour) + 14 * 3_000 * level(hour)
        for when, factor, known in ((PAID_IN, 4.0, 0), (PAID_OUT, 0.3, 0), (LATE, 1.5, 1)):
            if hour == when:
                amount = Decimal(str(round(self.coins * (factor - 1) * price, 2)))
                # its record may be read only after the snapshot that shows it
                self.flows.append((at + known * HOUR, Flow(at - HOUR / 2, amount)))
                self.coins *= factor

    def track(self, since: datetime, now: datetime) -> Track:
        """As the figures tell it by then."""
        flows = tuple(flow for known, flow in self.flows if known <= now)
        return Track(tuple(self.since(since)), (), flows, tuple(Flow(one.at, one.value) for one in self.joints))

    def since(self, instant: datetime) -> list[Valuation]:
        """The totals from then on."""
        return self.series[bisect_left(self.series, instant, key=lambda one: one.at) :]

    async def book_in(
        self, tx: Tx, matching: Matching, currency: Kept = "USD", since: datetime | None = None
    ) -> PastBook:
        del tx, currency
        track = self.track(since or START, self.series[-1].at)
        return PastBook(track, tuple(self.joints), (), cast("Rates", None), matching)

    async def book(self, currency: Kept = "USD", since: datetime | None = None) -> PastBook:
        return await self.book_in(NO_TX, Matching((), (), ()), currency, since)

    async def nav_points(self, tx: Tx, since: datetime, until: datetime) -> list[NavPoint]:
        del tx
        return [NavPoint(one.at, one.value, None) for one in self.since(since) if one.at <= until]

    async def at(self, tx: Tx, instant: datetime) -> Portfolio | None:
        del tx
        return self.portfolios.get(instant)


class Closes(Heights):
    """The highest close, counted on from day to day."""

    def __init__(self, world: World) -> None:
        super().__init__(world, cast("Store", None), UTC_DAYS)
        self._world = world
        self._known: alarm_looks.Reached | None = None

    def of(self, at: datetime) -> alarm_looks.Reached | None:
        days = sorted(day for day in self._world.closes if day < at.date() and self._is_new(day))
        for day in days:
            close = self._world.closes[day]
            known = self._known
            if known is None:
                self._known = alarm_looks.Reached(day, Decimal(1), close.at, Decimal(1), close.at, 1)
                continue
            series = [one for one in self._world.since(known.last) if one.at <= close.at]
            grown = Stretch(series, self._world.track(known.last, at).all_flows).percent()
            assert grown is not None
            now = known.level * (1 + grown / 100)
            peak, when = max((known.peak, known.peak_at), (now, close.at))
            self._known = alarm_looks.Reached(day, peak, when, now, close.at, known.closes + 1)
        return self._known

    def _is_new(self, day: date) -> bool:
        return self._known is None or day > self._known.day


def worth(portfolio: Portfolio) -> dict[str, Decimal]:
    """USD by account."""
    return {one.id: one.total.amount for one in portfolio.accounts if isinstance(one, KnownAccount)}


def account(
    name: str, at: datetime, rows: list[tuple[str, Decimal, Decimal]], short: Decimal | None = None
) -> KnownAccount:
    """Amounts at prices; `short` percent of the venue's own total were not read."""
    held = tuple(
        Priced(asset, Wallet.SPOT, amount, price, amount * price, PriceSource.VENUE_TICKER, at)
        for asset, amount, price in rows
    )
    total = sum((row.value for row in held), Decimal(0))
    coverage = None if short is None else Coverage(total, 100 - short, total * short / 100)
    return KnownAccount(
        name, name.title(), name, ReadingState.LIVE, True, at, held, Money(total, "USD"), total, "USD", coverage
    )  # fmt: skip


def valued(at: datetime, accounts: list[KnownAccount], rate: Decimal, *, down: bool) -> Portfolio:
    """All of them; where one is down, half of its value stands in and nobody may believe the total."""
    if down:
        last = accounts[-1]
        accounts[-1] = replace(last, state=ReadingState.STALE, total=Money(last.total.amount / 2, "USD"), coverage=None)
    total = Money(sum((one.total.amount for one in accounts), Decimal(0)), "USD")
    said = Provisional(total, (accounts[-1].id,)) if down else Complete(total)
    roubles = FxRate("USD", "RUB", rate, FxProvider.CBR, at.date())
    return Portfolio(at, False, tuple(accounts), said, said, total, {"RUB": roubles})


def restarted(states: Mapping[Subject, AlertState]) -> dict[Subject, AlertState]:
    """The memory as another life reads it."""
    return {subject: of_text(to_text(state)) for subject, state in states.items()}


async def lived(seed: int) -> list[tuple[int, Event]]:
    """A year, with holes, restarts at random moments, and a clock that jumps back now and then."""
    world, chance = World(seed), random.Random(seed + 1)
    looks = AlarmLooks(world, Closes(world), UTC_DAYS, world, matching=nothing_moved)
    states: dict[Subject, AlertState] = {}
    events: list[tuple[int, Event]] = []
    limits = Limits()
    for hour in range(HOURS):
        if hour % 1000 == 500:
            continue  # nobody was there
        portfolio = world.hour(hour)
        back = chance.random() < 0.002
        rounds = [Round(portfolio.at - (3 * HOUR if back else 0 * HOUR))]
        if not back:  # a snapshot of an hour that is over already is refused
            world.store(portfolio)
            rounds.append(conditions(portfolio, states, limits))
            if isinstance(portfolio.total_usd, Complete):
                measures, judged = await looks.values(NO_TX, portfolio, states, limits)
                rounds.append(Round(portfolio.at, measures, judged))
        states, told = judge(states, together(*rounds))
        events += [(hour, event) for event in told]
        if chance.random() < 0.02:
            states = restarted(states)
    return events


async def nothing_moved(tx: Tx, at: datetime, since: datetime, calendar: Calendar) -> Matching:
    """No flow is looked for in a database."""
    del tx, at, since, calendar
    return Matching((), (), ())


async def test_a_noisy_year_gives_one_alert_and_one_end_for_each_true_event() -> None:
    events = [(hour, event) for hour, event in await lived(7) if event.what is not What.AGAIN]
    highs = [hour for hour, event in events if event.subject.rule is AlertRule.HIGH]
    assert highs
    assert all(later - earlier >= 24 for earlier, later in pairwise(highs))
    course = [
        (str(event.subject.rule), event.subject.name, event.what.value, event.side)
        for _, event in events
        if event.subject.rule is not AlertRule.HIGH
    ]
    expected = [
        ("total", "", -1),  # the crash
        ("total", "", -1),  # the crash that came back: no rise a day later
        ("asset", "BTC", -1),
        ("total", "", -1),  # most of it was bitcoin
        ("drawdown", "", -1),
        ("depeg", "USDT", -1),
        ("fx", "RUB", 1),
        ("coverage", "okx", -1),
    ]
    both = Counter((rule, name, what, side) for rule, name, side in expected for what in ("raised", "over"))
    assert Counter(course) == both, [
        (hour, str(one.subject.rule), one.what.value, str(one.value)[:6]) for hour, one in events
    ]
