"""The service put together: the core, the way to a chat, whoever listens there."""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from portfolio_bot.app import serve
from portfolio_bot.app.chat import Chat, open_chat
from portfolio_bot.app.core import Core, open_core
from portfolio_bot.app.lifecycle import Component, Part
from portfolio_bot.app.lock import LockHeldError, holder
from portfolio_bot.app.tempo import Tempo
from portfolio_bot.bot.by_hand import ByHand
from portfolio_bot.bot.dialog import Dialog
from portfolio_bot.bot.house import House
from portfolio_bot.bot.living import last_word, living
from portfolio_bot.bot.menu import COMMANDS, menu_of
from portfolio_bot.bot.render import ChatRender
from portfolio_bot.control.client import NoService, ServiceFailed, ask
from portfolio_bot.notify.console import ConsoleSink
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.living import Living
from portfolio_bot.service.posts import SLACK
from portfolio_bot.service.taking_out import Files
from portfolio_bot.settings import Settings

if TYPE_CHECKING:
    from portfolio_bot.bot.telegram import FacePace, TelegramFace
    from portfolio_bot.notify.telegram import BotApi

log = logging.getLogger(__name__)

_KNOCK = 5.0
"""Seconds for a service that is there to say so."""

_LATENCY = 0.5
"""The simulated platforms answer in half the time that real ones take: nobody waits for a demo."""

_FILES = "files"
"""Where the demo's chat saves what it would send, in its data folder."""

_SCREEN = "terminal"
"""The name of the demo's chat in the outbox."""


async def run_service(settings: Settings, *, stop: asyncio.Event | None = None, tempo: Tempo | None = None) -> int:
    """Serve until a signal.

    Args:
        stop: ends it too.
        tempo: another one than the real world's.

    Returns:
        The exit code.

    Raises:
        LockHeldError: another process serves or works in the data folder.
        StorageError: the database cannot be used.
    """
    for warning in settings.warnings:
        log.warning("%s", warning)
    if settings.telegram.setup_mode:
        log.info("TELEGRAM_CHAT_ID is not set: send /start to the bot, and it answers with the line to add")
    await refuse_a_second(settings.data_dir)
    tempo = tempo or Tempo()
    async with (
        open_core(
            settings,
            clock=tempo.clock,
            timing=tempo.timing,
            patience=tempo.patience,
            lock_wait=tempo.lock_wait,
            mend=True,
        ) as core,
        open_chat(core, timing=tempo.timing, pace=tempo.pace, house=partial(house, core)) as chat,
    ):
        intake: list[Component] = []
        senders: list[Component] = []
        if chat is None or chat.api is None:
            settle()
        else:
            intake = [Part("telegram", partial(_listen, core, chat, chat.api, tempo.face))]
        if chat is not None:
            core.doctor.pulse.complaints = partial(_complaints, None, chat.delivery)
            senders = [
                Part("delivery", chat.delivery.serve),
                Part("living", living_messages(core, chat.delivery).serve),
            ]
        return await serve.run(core, intake=intake, senders=senders, stop=stop, tick_every=tempo.tick)


async def run_demo(settings: Settings, scenario: str, *, stop: asyncio.Event | None = None) -> int:
    """Serve simulated accounts, with the chat on this terminal, until a signal or Ctrl-D.

    Args:
        scenario: what the simulated year was like.
        stop: ends it too.

    Returns:
        The exit code.

    Raises:
        LockHeldError, StorageError: as `run_service`, of the demo's own folder.
    """
    from portfolio_bot.bot.terminal import TerminalFace

    await refuse_a_second(settings.data_dir)
    async with open_core(settings, scenario=scenario, demo_latency=_LATENCY, demo_at_once=True) as core:
        face = TerminalFace(Dialog(house(core), COMMANDS), folder=settings.data_dir / _FILES)
        delivery = Delivery(
            core.store,
            ConsoleSink(face.push, settings.redactor),
            core.clock,
            destination=_SCREEN,
            reader=lambda to: core.reader(chat=to),
        )
        shown = ChatRender(partial(house, core), settings.include_crypto_breakdown, face.show)
        core.snapshots.postman = Letters(
            delivery,
            reader=lambda to: core.reader(chat=to),
            window_open=core.timetable.open_now,
            render=lambda to: shown if to == _SCREEN else None,
        )
        settle()
        return await serve.run(core, intake=[face], senders=[Part("delivery", delivery.serve)], stop=stop)


async def refuse_a_second(data_dir: Path) -> None:
    """A service that answers will not go away while we wait for its lock.

    Raises:
        LockHeldError: there is one.
    """
    try:
        health = await ask(data_dir, "health", patience=_KNOCK)
    except NoService:
        return
    except (ServiceFailed, UserError):  # of another version, or stuck: it is there all the same
        raise LockHeldError(holder(data_dir), data_dir) from None
    pid = health.get("pid") if isinstance(health, dict) else None
    raise LockHeldError(pid if isinstance(pid, int) else None, data_dir)


def house(core: Core) -> House:
    """What commands in a chat may ask."""
    return House(
        snapshots=core.snapshots,
        history=core.history,
        timetable=core.timetable,
        preferences=core.preferences,
        ledger=core.ledger.views,
        transfers=core.ledger.transfers,
        sync=core.ledger.sync,
        figures=core.figures,
        charts=core.charts,
        reader=core.reader,
        names={account: info.name for account, info in core.collect.accounts.items()},
        breakdown=core.settings.include_crypto_breakdown,
        ownership=core.ownership,
        by_hand=ByHand(core.records),
        reader_of=lambda user, chat: core.reader(user=user, chat=chat),
        choices=core.choices,
        slack=core.settings.slack_webhook_url is not None,
        alarms=core.alarms,
        looks=core.looks,
        people=core.people,
        backups=core.backups,
        files=Files(core.store, core.calendar, core.clock, core.figures.performances),
    )


def living_messages(core: Core, delivery: Delivery) -> Living:
    """Who keeps the living messages: in the main chat, and in the private ones of those who are let in."""

    def chats() -> list[str]:
        main = delivery.destination
        own = [str(person.user) for person in core.people.all()]
        return [chat for chat in dict.fromkeys((main, *own)) if chat is not None and chat != SLACK]

    inside = house(core)
    kept = Living(delivery, core.looks, core.choices, chats=chats, render=living(inside), last_word=last_word(inside))
    core.snapshots.on_latest.append(kept.heard)
    core.looks.on_change.append(kept.heard)
    return kept


def settle() -> None:
    """Put everything imported so far aside for good, and let the collector work from here on.

    A collection over the modules of a service stops it for 0.2 s; frozen, they are never looked at again. Nor are
    they collected once before: imports leave three thousand dead objects, less than a megabyte.
    """
    gc.freeze()
    gc.enable()


async def _listen(core: Core, chat: Chat, api: BotApi, pace: FacePace | None, stop: asyncio.Event) -> None:
    """The bot, from its import on.

    aiogram takes as long to import as all the rest together. A thread does it, so that meanwhile the sources can be
    asked for the first report, which is waiting for the network anyway.
    """
    began = core.clock()
    core.doctor.pulse.polled = lambda: began
    loaded = asyncio.create_task(asyncio.to_thread(importlib.import_module, "portfolio_bot.bot.telegram"))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([loaded, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not loaded.done():
        return
    loaded.result()
    face = _telegram(core, chat, api, pace)
    core.doctor.pulse.polled = face.polled
    core.doctor.pulse.complaints = partial(_complaints, face, chat.delivery)
    settle()
    await face.serve(stop)


def _complaints(face: TelegramFace | None, delivery: Delivery) -> Iterator[str]:
    """What keeps the bot from its work, once it is known: nobody should have to wait for it to have been deaf long."""
    if face is not None and face.hearing.complaint:
        yield face.hearing.complaint
    for chat, reason in delivery.paused.items():
        if chat == SLACK:
            yield f"Slack takes no messages: {reason}"
        elif chat == delivery.destination:
            yield f"Telegram takes no reports for the chat: {reason}"
        else:
            yield f"Telegram takes no messages for the chat {chat}: {reason}"


def _telegram(core: Core, chat: Chat, api: BotApi, pace: FacePace | None = None) -> TelegramFace:
    from portfolio_bot.bot.access import Access
    from portfolio_bot.bot.telegram import TelegramFace

    settings = core.settings
    access = Access(settings.telegram.chat_id, settings.allowed_user_ids)

    def moved(to: str) -> None:
        access.also(int(to))

    chat.delivery.on_move = moved
    if chat.delivery.destination not in {None, settings.telegram.chat_id}:
        moved(str(chat.delivery.destination))
    dialog = Dialog(house(core), COMMANDS)
    return TelegramFace(
        api,
        access,
        dialog,
        chat.delivery,
        core.clock,
        menu=partial(menu_of, dialog.house),
        pace=pace,
    )
