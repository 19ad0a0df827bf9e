"""Commands: many at once in the running service, and the way of one through the dispatcher.

Two thousand wait at once by default, with `--full` ten thousand, which take a minute or more: the goal is the same.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from portfolio_bot.bot.access import Access
from portfolio_bot.bot.dialog import Answer, Command, Dialog, Request
from portfolio_bot.bot.house import House
from portfolio_bot.bot.lean_aiogram import types
from portfolio_bot.bot.telegram import TelegramFace
from portfolio_bot.notify.base import Message
from portfolio_bot.report import compose
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.storage.store import open_store
from tests.bench import Measure, best_of
from tests.bench.service import OWNER, TWO, resident, running
from tests.bot.living import open_house
from tests.peers.telegram import telegram_peer
from tests.peers.telegram_client import bot_api

MANY, MORE, FEW = 2_000, 10_000, 200
PATIENCE = 240.0
COMMANDS = 25
UPDATES = 500


async def measure(*, full: bool) -> list[Measure]:
    """The crowd, then the dispatcher."""
    count = MORE if full else MANY
    grown, seconds = await _crowd(count)
    through = await best_of(_dispatched, 0.5)
    return [
        Measure(f"memory grown by {count:,} commands at once", grown, "MB", 3.0, "a task for each of 5,000 +53 MB"),
        Measure("one of them, end to end", 1000 * seconds / count, "ms", None, "a chat takes one answer a second"),
        Measure(f"dispatcher, the last of {COMMANDS} commands", through, "ms", 0.5, "a router for each 0.55 to 0.73"),
    ]


async def _crowd(many: int) -> tuple[float, float]:
    """Growth of the service's memory in MB, and the seconds until everybody had an answer."""
    async with running(TWO, module="tests.bench.unpaced") as (process, _, telegram, user):

        async def asked(count: int) -> None:
            wanted = len(telegram.messages(OWNER)) + count
            called = len(telegram.calls) + count
            for _ in range(count):
                user.says("/help")
            # the list of calls is quick to look at; the messages are counted only near the end
            await telegram.until(
                lambda: len(telegram.calls) >= called and len(telegram.messages(OWNER)) >= wanted, PATIENCE
            )

        await asked(FEW)
        await asyncio.sleep(1)
        before, began = resident(process.pid), time.monotonic()
        await asked(many)
        seconds = time.monotonic() - began
        await asyncio.sleep(1)
        return resident(process.pid) - before, seconds


class _Swallowed:
    """Stands where the delivery stands; what is said ends here."""

    destination = str(OWNER)

    def __init__(self) -> None:
        self.count = 0

    def heard_from(self, chat: str) -> None:
        """Nothing to do."""

    def saw(self, chat: str, message_id: int) -> None:
        """Nothing to remember."""

    async def answer(
        self, chat: str, message: Message, *, edit: int | None = None, asked_at: datetime | None = None
    ) -> int | None:
        """Count it."""
        self.count += 1
        return None


async def _quick(_: House, request: Request) -> Answer:
    return Answer(compose.ids(request.reader, user=1, chat=1))


async def _dispatched() -> float:
    """Milliseconds from an update to its answer, without network and sending: the way through the gate included."""
    names = [f"command{number}" for number in range(COMMANDS)]
    swallowed = _Swallowed()
    with TemporaryDirectory() as folder:
        async with (
            open_store(Path(folder), clock=_now) as store,
            open_house(store) as house,
            telegram_peer() as telegram,
            bot_api(telegram) as api,
        ):
            dialog = Dialog(house, {name: Command(name, _quick) for name in names})
            face = TelegramFace(api, Access(str(OWNER)), dialog, cast(Delivery, swallowed), _now)
            updates = [_update(face, number, f"/{names[-1]}") for number in range(UPDATES)]
            await face._dispatcher.feed_update(face._bot, _update(face, UPDATES, "/nothing"))  # it asks who it is, once
            began = time.perf_counter()
            for update in updates:
                await face._dispatcher.feed_update(face._bot, update)
            took = time.perf_counter() - began
            await face._bot.session.close()
    if swallowed.count != UPDATES + 1:
        raise SystemExit(f"{swallowed.count} answers to {UPDATES + 1} updates")
    return 1000 * took / UPDATES


def _update(face: TelegramFace, number: int, text: str) -> types.Update:
    sender = {"id": OWNER, "is_bot": False, "first_name": "Ann"}
    chat = {"id": OWNER, "type": "private", "first_name": "Ann"}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": sender, "text": text}
    return types.Update.model_validate({"update_id": number, "message": message}, context={"bot": face._bot})


def _now() -> datetime:
    return datetime.now(UTC)
