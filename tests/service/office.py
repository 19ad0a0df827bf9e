"""A sender with everything around it real: the store, the wires, Telegram's rules, a Slack channel, several chats."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from portfolio_bot.model.days import Calendar
from portfolio_bot.notify.base import File, Key, Message
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.service.forms import Forms
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.push import payload_of
from portfolio_bot.storage import outbox
from portfolio_bot.storage.outbox import Letter, LetterState
from portfolio_bot.storage.store import Store, open_store
from tests.peers.slack import SlackPeer
from tests.peers.slack_client import slack_sink
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_client import telegram_sink
from tests.service.fakes import NOON, Hands

ANN, BOB, FAMILY = 4242, 77, -1001234
FAST = Pace(every=0.0, first_wait=0.01, longest_wait=0.02, token_wait=0.03)
KEYS = ((Key("↻ Refresh", "status"),),)
PICTURE = File("chart.png", b"\x89PNG\r\n\x1a\n" + bytes(range(64)), picture=True)


def rich_of(text: str) -> dict[str, object]:
    """A rich message of one paragraph."""
    return {"blocks": [{"type": "paragraph", "text": text}]}


@dataclass
class Office:
    """One life of the sender."""

    store: Store
    telegram: TelegramPeer
    delivery: Delivery
    clock: Hands
    choices: Choices

    async def queue(
        self,
        key: str,
        message: Message,
        chat: str | int = ANN,
        *,
        kind: str = "notice",
        answers: str = "",
        series: str = "",
    ) -> None:
        """A letter for a chat."""
        slot = NOON if kind == "report" else None
        payload = payload_of(message, slot=slot, answers=answers, series=series)
        await self.store.write(
            lambda tx: outbox.add(tx, key=key, chat=str(chat), payload=payload, kind=kind, not_before=NOON)
        )

    async def letter(self, key: str) -> Letter:
        """A letter as it is now."""
        async with self.store.read() as tx:
            letter = await outbox.find(tx, key)
        assert letter is not None
        return letter

    async def state(self, key: str) -> LetterState:
        """Where a letter is now."""
        return (await self.letter(key)).state

    def texts(self, chat: int = ANN) -> list[str]:
        """What stands in a chat."""
        return [message.text for message in self.telegram.messages(chat)]


@asynccontextmanager
async def office(
    folder: Path,
    telegram: TelegramPeer,
    slack: SlackPeer | None = None,
    *,
    main: str = str(ANN),
    wish: str = "auto",
    clock: Hands | None = None,
    pace: Pace = FAST,
    patience: float = 0.6,
) -> AsyncIterator[Office]:
    """A life of the service; entered twice on one folder it is a restart."""
    clock = clock or Hands()

    def reader(_: str) -> Reader:
        return Reader(Calendar.of("UTC"), "UTC", clock())

    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(folder, clock=clock))
        sink = await stack.enter_async_context(telegram_sink(telegram, patience))
        others = {"slack": await stack.enter_async_context(slack_sink(slack, patience))} if slack else {}
        choices = Choices(store, clock)
        await choices.load()
        delivery = Delivery(
            store,
            sink,
            clock,
            destination=main,
            reader=reader,
            others=others,
            forms=Forms(choices, wish),
            pace=pace,
            group_pace=pace,
        )
        await delivery.restore()
        yield Office(store, telegram, delivery, clock, choices)
