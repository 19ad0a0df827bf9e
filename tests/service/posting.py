"""A sender to one chat with everything around it real: the store, the wire, Telegram's rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from portfolio_bot.model.days import Calendar
from portfolio_bot.notify.base import Key, Message
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.push import payload_of
from portfolio_bot.storage import outbox
from portfolio_bot.storage.outbox import LetterState
from portfolio_bot.storage.store import Store, open_store
from tests.peers.telegram import (
    TelegramPeer,
)
from tests.peers.telegram_client import telegram_sink
from tests.service.fakes import NOON, Hands

ANN = 4242
FAST = Pace(every=0.0, first_wait=0.01, longest_wait=0.02, token_wait=0.03)
KEYS = ((Key("↻ Refresh", "status"),),)


class Post:
    """A delivery with everything around it real: the store, the wire, Telegram's rules."""

    def __init__(self, store: Store, telegram: TelegramPeer, delivery: Delivery, clock: Hands) -> None:
        self.store, self.telegram, self.delivery, self.clock = store, telegram, delivery, clock

    async def queue(self, text: str, kind: str = "report", *, hour: int = 12, expires: timedelta | None = None) -> None:
        """A letter for Ann; reports are named by the hour of their slot."""
        slot = NOON.replace(hour=hour)
        payload = payload_of(Message(text, KEYS), slot=slot if kind == "report" else None)
        await self.store.write(
            lambda tx: outbox.add(
                tx,
                key=f"{kind}:{text}",
                chat=self.delivery.destination or "",
                payload=payload,
                kind=kind,
                not_before=slot,
                expires_at=self.clock() + expires if expires else None,
            )
        )

    async def state(self, text: str, kind: str = "report") -> LetterState:
        """Where a letter is now."""
        async with self.store.read() as tx:
            letter = await outbox.find(tx, f"{kind}:{text}")
        assert letter is not None
        return letter.state

    def texts(self, chat: int = ANN) -> list[str]:
        """What stands in a chat."""
        return [message.text for message in self.telegram.messages(chat)]


@asynccontextmanager
async def posting(
    folder: Path,
    telegram: TelegramPeer,
    *,
    chat: str = str(ANN),
    clock: Hands | None = None,
    pace: Pace = FAST,
    patience: float = 0.6,
) -> AsyncIterator[Post]:
    """A life of the service; entered twice on one folder it is a restart."""
    clock = clock or Hands()

    def reader(_: str) -> Reader:
        return Reader(Calendar.of("UTC"), "UTC", clock())

    async with open_store(folder, clock=clock) as store, telegram_sink(telegram, patience) as sink:
        delivery = Delivery(store, sink, clock, destination=chat, reader=reader, pace=pace, group_pace=FAST)
        await delivery.restore()
        yield Post(store, telegram, delivery, clock)
