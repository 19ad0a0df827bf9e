"""The service's ear for its own command line: a Unix socket that only its owner may open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

from aiohttp import web

import portfolio_bot
from portfolio_bot.control.place import LONGEST_PATH, POINTER_NAME, SOCKET_NAME, VERSION_HEADER
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage.errors import StorageError

log = logging.getLogger(__name__)

Body: TypeAlias = Mapping[str, object]
Operation: TypeAlias = Callable[[Body], Awaitable[object]]
"""Takes what JSON gave, gives what JSON can hold. It may raise `UserError` and `StorageError`."""

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes: a file to import, with room for its quoting."""

_LAST_WORD = 0.2
"""Seconds for what is left to die in; the framework waits so long twice."""


class ControlServer:
    """Listens as long as the service lives.

    Args:
        data_dir: its lock is held by this process, so that whatever socket lies there is a dead one's.
        operations: by name.
        grace: seconds that requests in hand get at the end.
    """

    name = "control socket"

    def __init__(self, data_dir: Path, operations: Mapping[str, Operation], *, grace: float = 4.0) -> None:
        self._data_dir = data_dir
        self._operations = operations
        self._grace = grace
        self._runner: web.AppRunner | None = None
        self._in_hand: set[asyncio.Task[object]] = set()

    async def listen(self) -> None:
        """Open the socket: from here on the command line finds the service."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post("/{operation}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_LAST_WORD)
        await runner.setup()
        await web.SockSite(runner, self._bound()).start()
        self._runner = runner

    async def serve(self, stop: asyncio.Event) -> None:
        """Answer until the stop, then finish what was asked."""
        if self._runner is None:
            await self.listen()
        await stop.wait()
        await self.close()

    async def close(self) -> None:
        """Take no more requests, finish those in hand as far as the grace goes, remove the socket."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        self._remove_traces()
        # not left to the framework: it would grant the grace a second time to whoever did not use the first
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=self._grace)
            for task in late:
                task.cancel()
        await runner.cleanup()

    def _bound(self) -> socket.socket:
        self._remove_traces()
        path = self._data_dir / SOCKET_NAME
        if len(os.fsencode(path)) > LONGEST_PATH:
            path = Path(tempfile.mkdtemp(prefix="portfolio-bot-")) / SOCKET_NAME  # made for its owner alone
            (self._data_dir / POINTER_NAME).write_text(f"{path}\n", encoding="utf-8")
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listening.bind(str(path))
        finally:
            os.umask(before)
        return listening

    def _remove_traces(self) -> None:
        """Ours, and those of a service that was killed."""
        pointer = self._data_dir / POINTER_NAME
        with contextlib.suppress(OSError, ValueError):
            left = Path(pointer.read_text(encoding="utf-8").strip())
            if left.name == SOCKET_NAME:
                left.unlink(missing_ok=True)
                left.parent.rmdir()
        (self._data_dir / SOCKET_NAME).unlink(missing_ok=True)
        pointer.unlink(missing_ok=True)

    async def _handle(self, request: web.Request) -> web.Response:
        task = asyncio.current_task()
        if task is not None:
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        ours, theirs = portfolio_bot.__version__, request.headers.get(VERSION_HEADER, "")
        name = request.match_info["operation"]
        operation = self._operations.get(name)
        if theirs != ours:
            return _json({"error": f"version {theirs or 'unknown'} asks version {ours}"}, status=409)
        if operation is None:
            return _json({"error": f"The service knows no {name}."}, status=404)
        try:
            body = await request.json()
            return _json(await operation(body if isinstance(body, dict) else {}))
        except UserError as error:
            return _json({"refusal": asdict(error.refusal)}, status=400)
        except StorageError as error:
            return _json({"error": str(error)}, status=500)
        except web.HTTPException:
            raise
        except Exception:  # a bug in one operation must not end the socket for the others
            log.exception("control: %s failed", name)
            return _json({"error": "The service failed at that; its log says why."}, status=500)


def _json(answer: object, *, status: int = 200) -> web.Response:
    return web.json_response(answer, status=status, headers={VERSION_HEADER: portfolio_bot.__version__})
