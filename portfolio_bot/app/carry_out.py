"""A command that fetches or writes: by the running service, for a key must have one user, else in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from portfolio_bot.app.lock import LockHeldError, refuse_if_held
from portfolio_bot.control.client import NoService, ask

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings

SEND_PATIENCE = 60.0
"""Seconds for a report that somebody wants sent, where no service goes on trying."""

_LOOK_AGAIN = 0.5


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
    ends = time.monotonic() + wait
    while True:
        try:
            return await ask(settings.data_dir, what, body)
        except NoService:
            pass
        try:
            return await _here(settings, what, body, send_patience)
        except LockHeldError:
            if time.monotonic() >= ends:
                raise
        await asyncio.sleep(min(_LOOK_AGAIN, wait))


async def _here(settings: Settings, what: str, body: Mapping[str, object], send_patience: float) -> object:
    from portfolio_bot.app.chat import open_chat
    from portfolio_bot.app.core import open_core
    from portfolio_bot.app.operations import operations

    refuse_if_held(settings.data_dir)  # a service that is just starting needs no sources of ours
    settings.require(source=what in {"report", "pull", "check"}, chat=body.get("send") is True)
    async with open_core(settings, lock_wait=0, patient=True) as core:
        if not body.get("send"):
            return await operations(core)[what](body)
        async with open_chat(core) as chat:
            answer = await operations(core)[what](body)
            sent = chat is None or await chat.delivery.flush(send_patience)
            return answer if sent or not isinstance(answer, dict) else {**answer, "sent": False}
