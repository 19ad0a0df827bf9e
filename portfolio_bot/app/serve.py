"""The service: from ready to stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portfolio_bot.app import lifecycle
from portfolio_bot.app.core import Core
from portfolio_bot.app.heart import Heart
from portfolio_bot.app.lifecycle import HANDLERS, INTAKE, SEND, Component, Stage
from portfolio_bot.app.operations import operations
from portfolio_bot.app.systemd import Systemd
from portfolio_bot.control.server import ControlServer
from portfolio_bot.service.scheduler import EVERY, Scheduler
from portfolio_bot.service.sync_rounds import SyncRounds

log = logging.getLogger(__name__)


async def run(
    core: Core,
    *,
    intake: Sequence[Component] = (),
    senders: Sequence[Component] = (),
    systemd: Systemd | None = None,
    stop: asyncio.Event | None = None,
    tick_every: float = EVERY,
) -> int:
    """Serve until a signal, a part that broke, or one that returned.

    READY is said once the database is open and the command line finds us; neither Telegram nor an exchange is waited
    for, because their outage must not become a restart loop. The first collection follows at once.

    Args:
        intake: parts through which work comes in: the bot, a chat in the terminal.
        senders: parts that carry out what the others made; stopped after them.
        stop: what ends it; None makes one.
        tick_every: seconds between two looks at what is due.

    Returns:
        The exit code.
    """
    manager, stopping = systemd or Systemd(), stop or asyncio.Event()
    control = ControlServer(core.settings.data_dir, operations(core), grace=HANDLERS)
    rounds = core.rounds(pushes=core.snapshots.postman is not None)
    scheduler = Scheduler(rounds.tick, jumped=rounds.jumped, every=tick_every)
    core.timetable.on_change = scheduler.nudge
    past = SyncRounds(core.sync, core.snapshots, core.clock)
    heart = Heart(manager, core.store.ping, lambda: status(core), ticking=core.doctor.ticking)
    await control.listen()
    with _signals(stopping):
        manager.ready()
        log.info("ready: %s", status(core))
        await core.tell_of_rescue()
        telling = asyncio.create_task(_tell(stopping, manager))
        outcome = await lifecycle.run(
            [
                Stage(INTAKE + HANDLERS, [scheduler, past, core.worth, control, *intake]),
                Stage(SEND, [*senders, heart]),
            ],
            stopping,
        )
        await telling
    log.info("stopped")
    return outcome.code


def status(core: Core) -> str:
    """One line without figures: whose answers are missing."""
    states = core.collect.states()
    down = [account for account, state in states.items() if state.failure is not None]
    if not down:
        return f"{len(states)} accounts" if len(states) != 1 else "1 account"
    return f"{len(states)} accounts, no answer from {', '.join(down)}"


async def _tell(stop: asyncio.Event, manager: Systemd) -> None:
    await stop.wait()
    manager.stopping()
    log.info("stopping")


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT ask for the stop; a second one ends the process at once, which costs nothing acknowledged."""
    loop = asyncio.get_running_loop()

    def asked(name: str) -> None:
        if stop.is_set():
            log.warning("%s again: ending at once", name)
            os._exit(1)
        stop.set()

    handled = (signal.SIGTERM, signal.SIGINT)
    for number in handled:
        loop.add_signal_handler(number, asked, number.name)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
