"""Alerts as people meet them: raised with a snapshot, answered below the message that raised them, pressed, set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.bot.render import ChatRender
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import Worth, WorthSource
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.snapshots import STATUS
from portfolio_bot.service.watch import Notice
from portfolio_bot.storage import ledger
from portfolio_bot.storage.tx import Tx
from tests.bot.living import ANN, Living, living
from tests.peers.telegram import Shown, TelegramPeer, telegram_peer
from tests.service.fakes import FakePostman, FakeSource, Hands, down, statement


class Market(FakeSource):
    """One account whose coins have the price of the moment."""

    def __init__(self, clock: Hands, account: str = "bybit") -> None:
        super().__init__(account, clock=clock)
        self.price, self.amount = Decimal(100), Decimal(500)
        self.failing: FailureKind | None = None

    async def read(self) -> object:  # type: ignore[override]
        if self.failing is not None:
            self.script, self.asked = (down(self.failing),), 0
            return await super().read()
        told = statement(self.account, {"BTC": str(self.amount)}, self._clock())
        return replace(told, prices={("BTC", "USD"): self.price})


@asynccontextmanager
async def watched(folder: Path, telegram: TelegramPeer, clock: Hands, *markets: Market) -> AsyncIterator[Living]:
    async with living(folder, telegram, *markets, clock=clock) as bot:
        bot.house.snapshots.postman = Letters(
            bot.delivery,
            reader=lambda _: bot.house.reader(),
            window_open=bot.house.timetable.open_now,
            render=lambda _: ChatRender(lambda: bot.house),
        )
        yield bot


async def hours(bot: Living, clock: Hands, count: int = 1) -> None:
    """Snapshots, one an hour, and whatever comes of them delivered."""
    for _ in range(count):
        clock.turn(hours=1)
        await bot.house.snapshots.take(STATUS)
        if bot.house.alarms is not None:
            await bot.house.alarms.heights.settle()
    await bot.delivery.flush(5)


def texts(telegram: TelegramPeer) -> list[str]:
    return [shown.text.replace("\u00a0", " ") for shown in telegram.messages(ANN)]


def answered(telegram: TelegramPeer) -> list[int | None]:
    """Which message each of those sent replies to."""
    return [_replied(call.parameters) for call in telegram.made("sendMessage")]


def _replied(parameters: Mapping[str, object]) -> int | None:
    reply = parameters.get("reply_parameters")
    return int(str(reply["message_id"])) if isinstance(reply, dict) else None


async def test_a_fall_is_told_once_and_its_end_is_a_reply_to_it(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        await hours(bot, clock, 25)
        market.price = Decimal(94)
        await hours(bot, clock, 4)
        assert texts(telegram) == ["−6.0% in 24 h: $47,000 (was $50,000; flows 0).\nMostly BTC −3,000."]
        [raised] = telegram.messages(ANN)
        assert raised.labels == ["Acknowledge", "Snooze 1 d", "Details"]
        market.price = Decimal(97)
        await hours(bot, clock, 3)
        assert texts(telegram)[1:] == ["Back above −4%: over after 5 h."]
    assert answered(telegram) == [None, raised.id]


async def test_a_restart_in_between_tells_nothing_twice(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram:
        async with watched(tmp_path, telegram, clock, market) as bot:
            await hours(bot, clock, 25)
            market.price = Decimal(94)
            await hours(bot, clock, 1)
        async with watched(tmp_path, telegram, clock, market) as bot:
            await hours(bot, clock, 1)
        async with watched(tmp_path, telegram, clock, market) as bot:
            await hours(bot, clock, 5)
        assert len(texts(telegram)) == 1


async def test_what_could_not_be_queued_is_not_remembered_as_told(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        await hours(bot, clock, 25)
        market.price = Decimal(94)
        await hours(bot, clock)
        postman = bot.house.snapshots.postman
        bot.house.snapshots.postman = Broken()
        with pytest.raises(RuntimeError):
            await hours(bot, clock)
        bot.house.snapshots.postman = postman
        await hours(bot, clock, 3)
        assert len(texts(telegram)) == 1


class Broken(FakePostman):
    """Queues nothing."""

    async def notice(self, tx: Tx, notice: Notice, portfolio: Portfolio) -> None:
        raise RuntimeError("the program was killed here")


async def test_money_that_was_paid_in_is_no_alert(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        await hours(bot, clock, 25)
        market.amount += 2000
        await recorded(bot, Decimal(2000), clock() + timedelta(minutes=30))
        await hours(bot, clock, 6)
        assert texts(telegram) == []


async def test_money_that_left_and_reached_nobody_is_told_once_and_is_no_fall(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        bot.house.snapshots.between = bot.house.transfers
        await hours(bot, clock, 25)
        market.amount -= 200
        await recorded(bot, Decimal(-200), clock() + timedelta(minutes=30))
        await hours(bot, clock, 27)
        told, *more = texts(telegram)
        assert not more
        assert told.startswith("⚠ 200 BTC left Bybit on 21 Nov and reached none of your accounts.")
        await bot.house.transfers.external("f-200", by="ann")
        await hours(bot, clock, 2)
        assert texts(telegram)[-1].startswith("200 BTC from Bybit: accounted for after")


async def recorded(bot: Living, coins: Decimal, at: datetime) -> None:
    """A record as the venue prints it."""
    kind = FlowKind.DEPOSIT if coins > 0 else FlowKind.WITHDRAWAL
    worth = Worth(coins * 100, WorthSource.VENUE_VALUE)
    flow = CashFlow(f"f{coins}", "bybit", kind, at, "BTC", coins, worth)
    await bot.house.history._store.write(lambda tx: ledger.store(tx, "bybit", "deposits", [flow]))
    bot.house.transfers.outdated()


async def test_what_is_acknowledged_says_so_and_is_silent_until_it_is_over(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        raised = await fallen(bot, clock, market)
        await bot.presses(raised, "Acknowledge")
        assert "Acknowledged: silent until it is over." in raised.text
        assert raised.text.startswith("−6.0% in 24")
        assert raised.labels == ["Tell me again", "Details"]
        listed = await bot.asks("/alerts")
        assert "1 alert is raised" in listed.text
        assert "Acknowledged" in listed.text
        await bot.presses(raised, "Tell me again")
        assert raised.labels == ["Acknowledge", "Snooze 1 d", "Details"]


async def test_what_is_snoozed_says_until_when(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        raised = await fallen(bot, clock, market)
        await bot.presses(raised, "Snooze 1 d")
        assert "Snoozed until" in raised.text
        market.price = Decimal(100)
        await hours(bot, clock, 3)
        raised = telegram.messages(ANN)[0]
        await bot.presses(raised, "Tell me again")
        assert "Snoozed until" in raised.text  # what was told stays
        assert "that alert is over already" in texts(telegram)[-1].lower()


async def test_the_button_of_an_alert_that_is_over_touches_no_later_one(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        await fallen(bot, clock, market)
        market.price = Decimal(100)
        await hours(bot, clock, 3)
        market.price = Decimal(92)
        await hours(bot, clock, 3)
        first, *_, second = (one for one in telegram.messages(ANN) if "in 24 h" in one.text)
        text = first.text
        await bot.presses(first, "Acknowledge")
        assert first.text == text
        assert "that alert is over already" in texts(telegram)[-1].lower()
        await bot.presses(second, "Acknowledge")
        assert "Acknowledged" in second.text


async def test_a_source_that_is_snoozed_is_not_spoken_of_until_tomorrow(tmp_path: Path) -> None:
    clock = Hands()
    market, other = Market(clock), Market(clock, "okx")
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market, other) as bot:
        await hours(bot, clock, 2)
        other.failing = FailureKind.UNREACHABLE
        await hours(bot, clock, 3)
        [gone] = telegram.messages(ANN)
        assert gone.labels == ["Remind me tomorrow", "Leave it out"]
        await bot.presses(gone, "Remind me tomorrow")
        assert "Snoozed until" in gone.text
        other.failing = None
        await hours(bot, clock, 2)
        assert "Okx is back" in texts(telegram)[-1]
    assert answered(telegram)[-1] == gone.id


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/alerts", "No alert is raised"),
        ("/alerts 8", "total, 24 h: ±8% from now on"),
        ("/alerts 2,5%", "total, 24 h: ±2.5% from now on"),
        ("/alerts drawdown 20", "drawdown: −20% from now on"),
        ("/alerts asset btc 8", "BTC price, 24 h: ±8% from now on"),
        ("/alerts share BTC 40", "BTC share: 40% from now on"),
        ("/alerts depeg off", "de-peg: off from now on"),
        ("/alerts source off", "source down: off from now on"),
        ("/alerts fx", "USD/RUB, 24 h: ±3%"),
        ("/alerts nothing", '"nothing" is nothing that is watched.'),
        ("/alerts drawdown deep", '"deep" is no limit.'),
        ("/alerts drawdown 0", '"0" is no limit.'),
        ("/alerts 500", '"500" is no limit.'),
        ("/alerts asset BTC", "has no limit behind it"),
        ("/alerts share on", "needs a limit"),
        ("/alerts key 5", "is no limit: this rule has none"),
    ],
)
async def test_each_line_is_answered(tmp_path: Path, line: str, says: str) -> None:
    clock = Hands()
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, Market(clock)) as bot:
        shown = await bot.asks(line)
        assert says in shown.text.replace("\u00a0", " ")


async def test_a_limit_is_pressed_taken_back_and_kept(tmp_path: Path) -> None:
    clock = Hands()
    async with telegram_peer() as telegram:
        async with watched(tmp_path, telegram, clock, Market(clock)) as bot:
            shown = await bot.asks("/alerts")
            await bot.presses(shown, "drawdown")
            assert shown.labels[:3] == ["10%", "20%", "30%"]
            await bot.presses(shown, "30%")
            assert "drawdown: −30% from now on" in plain(shown)
            await bot.presses(shown, "Undo")
            assert "drawdown: −15% again" in plain(shown)
            await bot.asks("/alerts 3")
        async with watched(tmp_path, telegram, clock, Market(clock)) as bot:
            assert "±3%" in (await bot.asks("/alerts")).text


async def test_a_rule_that_is_off_raises_nothing(tmp_path: Path) -> None:
    clock = Hands()
    market = Market(clock)
    async with telegram_peer() as telegram, watched(tmp_path, telegram, clock, market) as bot:
        await bot.asks("/alerts off")
        await hours(bot, clock, 25)
        market.price = Decimal(94)
        before = len(texts(telegram))
        await hours(bot, clock, 3)
        assert len(texts(telegram)) == before


def plain(shown: Shown) -> str:
    return shown.text.replace("\u00a0", " ")


async def fallen(bot: Living, clock: Hands, market: Market) -> Shown:
    """The message that tells of a fall by six percent."""
    await hours(bot, clock, 25)
    market.price = Decimal(94)
    await hours(bot, clock, 2)
    return bot.telegram.messages(ANN)[-1]
