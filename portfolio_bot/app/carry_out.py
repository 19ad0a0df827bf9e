"""A command that fetches or writes: by the running service, for a key must have one user, else in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from portfolio_bot.app.lock import LockHeldError, refuse_if_held
from portfolio_bot.control.client import NoService, ask

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core
    from portfolio_bot.settings import Settings

T = TypeVar("T")

SEND_PATIENCE = 60.0
"""Seconds for a report that somebody wants sent, where no service goes on trying."""

LAST_ANSWERS = 20.0
"""Seconds that commands which asked this process get when its own work is over."""

_LOOK_AGAIN = 0.5


Do: TypeAlias = Callable[[str, Mapping[str, object]], Awaitable[object]]
"""Has one operation carried out."""


async def carry_out(
    settings: Settings,
    what: str,
    body: Mapping[str, object],
    *,
    wait: float = 60.0,
    send_patience: float = SEND_PATIENCE,
) -> object:
    """Do it, here or there; the answer is the same (`operations` lists them).

    A report that was wanted in the chat, and that this process could not send there in time, says `sent` false.

    Args:
        wait: seconds to wait for a process that holds the data folder without answering: it is just starting or
            ending.

    Raises:
        LockHeldError: it still does.
        ServiceFailed, UserError, StorageError: as the operation.
        SettingsError: this process would have to ask the sources itself, and there is none.
    """

    async def beside() -> object:
        return await ask(settings.data_dir, what, body)

    return await _tried(beside, lambda: _here(settings, what, body, send_patience), wait)


async def in_touch(settings: Settings, work: Callable[[Do], Awaitable[T]], *, wait: float = 60.0) -> T:
    """Work that takes several operations, all of them by the service, or all of them here.

    Here it may take long, so that other commands find this process and are answered by it meanwhile.

    A service that ends in between is no failure: the work begins again, here.

    Args:
        wait: like that of `carry_out`, which raises the same.
    """

    async def beside() -> T:
        return await work(lambda what, body: ask(settings.data_dir, what, body))

    async def here() -> T:
        from portfolio_bot.app.core import open_core
        from portfolio_bot.app.operations import operations

        refuse_if_held(settings.data_dir)
        settings.require(source=True)
        async with open_core(settings, lock_wait=0, patient=True) as core:
            known = operations(core)
            async with _open_to_others(core):
                return await work(lambda what, body: known[what](body))

    return await _tried(beside, here, wait)


async def _tried(beside: Callable[[], Awaitable[T]], here: Callable[[], Awaitable[T]], wait: float) -> T:
    ends = time.monotonic() + wait
    while True:
        try:
            return await beside()
        except NoService:
            pass
        try:
            return await here()
        except LockHeldError:
            if time.monotonic() >= ends:
                raise
        await asyncio.sleep(min(_LOOK_AGAIN, wait))


async def _here(settings: Settings, what: str, body: Mapping[str, object], send_patience: float) -> object:
    from portfolio_bot.app.core import open_core

    refuse_if_held(settings.data_dir)  # a service that is just starting needs no sources of ours
    settings.require(source=what in {"report", "pull", "check", "sync"}, chat=body.get("send") is True)
    async with open_core(settings, lock_wait=0, patient=True) as core:
        return await _done(core, what, body, send_patience)


async def _done(core: Core, what: str, body: Mapping[str, object], send_patience: float) -> object:
    from portfolio_bot.app.chat import open_chat
    from portfolio_bot.app.operations import operations

    if not body.get("send"):
        return await operations(core)[what](body)
    async with open_chat(core) as chat:
        answer = await operations(core)[what](body)
        sent = chat is None or await chat.delivery.flush(send_patience)
        return answer if sent or not isinstance(answer, dict) else {**answer, "sent": False}


@asynccontextmanager
async def _open_to_others(core: Core) -> AsyncIterator[None]:
    """Answer other commands, but for whether there is a service: this is none."""
    from portfolio_bot.app.operations import operations
    from portfolio_bot.control.server import ControlServer

    async def carried_out(what: str, body: Mapping[str, object]) -> object:
        return await _done(core, what, body, SEND_PATIENCE)

    offered = {what: partial(carried_out, what) for what in operations(core) if what != "health"}
    control = ControlServer(core.settings.data_dir, offered, grace=LAST_ANSWERS)
    await control.listen()
    try:
        yield
    finally:
        await control.close()
