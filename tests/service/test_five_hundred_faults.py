"""Five hundred faults while letters of every form go to several chats: nothing lost, nothing twice, order kept."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portfolio_bot.notify.base import Message
from portfolio_bot.service.lane import Pace
from portfolio_bot.storage.outbox import LetterState
from tests.peers.slack import SlackFault, SlackPeer, slack_peer
from tests.peers.telegram import Fault, TelegramPeer, flood, hang, lost, page, refused, reset, slow, telegram_peer
from tests.service.fakes import Hands
from tests.service.office import ANN, BOB, FAMILY, KEYS, PICTURE, Office, office, rich_of

EAGER = Pace(every=0.0, first_wait=0.001, longest_wait=0.004)
FAULTS = 125
"""In each of the four histories; a life that ends is one too."""

CHATS = (ANN, BOB, FAMILY, "slack")
KINDS: tuple[Callable[[], Fault], ...] = (
    lost,
    lost,
    lost,
    reset,
    reset,
    lambda: page(502),
    lambda: page(502, effect=True),
    lambda: page(504, effect=True),
    lambda: refused(500, "Internal Server Error"),
    lambda: flood(0),
    lambda: Fault(effect=True, status=200, body=b"{"),
    lambda: slow(0.1),
    hang,
)
SLACK_KINDS: tuple[Callable[[], SlackFault], ...] = (
    SlackFault,
    lambda: SlackFault(effect=True),
    lambda: SlackFault(500, "rollup_error", effect=True),
    lambda: SlackFault(503, "unavailable"),
    lambda: SlackFault(429, "rate_limited", retry_after=0),
)


@dataclass
class Weather:
    """What the wire does: the same for the same seed and the same calls."""

    chance: random.Random
    met: int = 0
    seen: set[str] = field(default_factory=set)

    @property
    def spent(self) -> bool:
        return self.met >= FAULTS

    def meet(self, what: str) -> None:
        self.met += 1
        self.seen.add(what)

    def telegram(self) -> Fault | None:
        if self.spent or self.chance.random() < 0.5:
            return None
        number = self.chance.randrange(len(KINDS))
        self.meet(f"telegram {number}")
        return KINDS[number]()

    def slack(self) -> SlackFault | None:
        if self.spent or self.chance.random() < 0.6:
            return None
        number = self.chance.randrange(len(SLACK_KINDS))
        self.meet(f"slack {number}")
        return SLACK_KINDS[number]()


def written(chat: int | str, number: int) -> Message:
    """A letter: text, picture, rich and in several messages by turns."""
    text = f"{chat} {number}"
    forms = (
        Message(f"<b>{text}</b>", KEYS),
        Message(f"<b>{text}</b>", KEYS, file=PICTURE),
        Message(f"<b>{text}</b>", KEYS, rich=rich_of(text) if chat != "slack" else None),
        Message(f"<b>{text}</b>\n" + "\n".join(["row"] * 400), KEYS, file=PICTURE),
    )
    return forms[number % len(forms)]


async def write(desk: Office, first: int, count: int) -> None:
    """More letters for every chat; each third answers the one before it."""
    for number in range(first, first + count):
        for chat in CHATS:
            answers = f"{chat}/{number - 1}" if number % 3 == 2 else ""
            await desk.queue(f"{chat}/{number}", written(chat, number), chat, answers=answers)


async def live(
    folder: Path, telegram: TelegramPeer, slack: SlackPeer, weather: Weather, clock: Hands, life: int
) -> None:
    """One life: letters are written and sent, people ask between, and then it ends anywhere."""
    clock.turn(seconds=2)
    async with office(folder, telegram, slack, clock=clock, pace=EAGER, patience=0.08) as desk:
        if life == 0:
            for chat in (ANN, BOB, FAMILY):
                desk.delivery.saw(str(chat), telegram.receive(telegram.user(ANN), chat, "hello", 0, {}).id)
        await write(desk, life * 3, 3)
        serving = asyncio.create_task(desk.delivery.serve(asyncio.Event()))
        enough, ends = weather.met + weather.chance.randint(3, 15), asyncio.get_running_loop().time() + 0.4
        while weather.met < enough and asyncio.get_running_loop().time() < ends:
            await asyncio.sleep(0.002)
        assert not serving.done()
        serving.cancel()  # nothing is finished, nothing is tidied up
        weather.meet("the end of a life")
        await asyncio.wait([serving])


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_and_nothing_is_seen_twice(tmp_path: Path, seed: int) -> None:
    weather, clock, lives = Weather(random.Random(seed)), Hands(), 0
    async with telegram_peer() as telegram, slack_peer() as slack:
        telegram.user(ANN)
        telegram.user(BOB)
        telegram.group(FAMILY)
        telegram.next_fault, slack.next_fault = weather.telegram, weather.slack
        while not weather.spent:
            await live(tmp_path, telegram, slack, weather, clock, lives)
            lives += 1
        clock.turn(seconds=2)
        async with office(tmp_path, telegram, slack, clock=clock, pace=EAGER) as desk:
            assert await desk.delivery.flush(10)
            for number in range(lives * 3):
                for chat in CHATS:
                    assert await desk.state(f"{chat}/{number}") is LetterState.SENT
            for chat in (ANN, BOB, FAMILY):
                await _stands_right(desk, chat, lives * 3)
    assert len(weather.seen) > 10
    seen = list(dict.fromkeys(text.splitlines()[0] for text in slack.texts))
    assert seen == [f"*slack {number}*" for number in range(lives * 3)]
    for number in range(lives * 3):  # a webhook cannot be asked: what comes again says so
        _, *again = [text for text in slack.texts if text.splitlines()[0] == f"*slack {number}*"]
        assert all("Repeated" in text for text in again)


async def _stands_right(desk: Office, chat: int, count: int) -> None:
    """Each letter once, whole, in its order, in its form, below what it answers, and none overwritten."""
    shown = desk.telegram.messages(chat)
    assert not any(message.versions for message in shown)
    heads = [message for message in shown if message.text.startswith(f"{chat} ")]
    assert [message.text.splitlines()[0] for message in heads] == [f"{chat} {number}" for number in range(count)]
    tails = [message for message in shown if message not in heads]
    assert [message.text.count("row") for message in tails] == [400] * sum(n % 4 == 3 for n in range(count))
    for number, message in enumerate(heads):
        assert message.kind == ("text", "photo", "rich", "photo")[number % 4]
        assert message.reply_to == (heads[number - 1].id if number % 3 == 2 else None)
    letters = [await desk.letter(f"{chat}/{number}") for number in range(count)]
    assert [arrived for letter in letters for arrived in letter.message_ids] == [message.id for message in shown]
