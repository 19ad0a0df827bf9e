"""The running service as its surroundings see it: a service manager, a log, a control socket, signals."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portfolio_bot.control.client import ask
from tests.e2e.program import Program
from tests.peers.telegram import TOKEN, TelegramPeer

OWNER = 7001
ALWAYS = {"WINDOW_START_HOUR": "0", "WINDOW_END_HOUR": "0"}
HURRIED = "tests.e2e.hurried"
LONG = 40.0
"""Seconds that a busy machine may take for what a quiet one does in two."""


@dataclass(slots=True)
class Service:
    """`portfolio-bot run` as a process. `said` is what the service manager heard, `log` standard error so far."""

    program: Program
    process: asyncio.subprocess.Process = field(init=False)
    said: list[str] = field(default_factory=list)
    log: str = ""
    out: str = ""
    _readers: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def until(self, true: Callable[[], object], seconds: float = LONG) -> None:
        """Wait until something is true, as long as the process lives."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    assert self.process.returncode is None, f"it ended: {self.log}"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not within {seconds:g} s; the log says:\n{self.log}") from None

    async def ready(self) -> None:
        """Wait until it says so."""
        await self.until(lambda: "READY=1" in self.said)

    async def ask(self, what: str, **body: object) -> Any:
        """Ask over its control socket, as the command line does, without the cost of a command."""
        return await ask(self.program.data, what, body)

    async def drained(self) -> None:
        """Wait until no letter waits."""
        async with asyncio.timeout(LONG):
            while (await self.ask("health"))["outbox_waiting"]:
                await asyncio.sleep(0.05)

    async def end(self, seconds: float = 30) -> tuple[int, float]:
        """Wait for its end; its exit code, and how long that took."""
        began = time.monotonic()
        code = await asyncio.wait_for(self.process.wait(), seconds)
        return code, time.monotonic() - began

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ask it to stop; its exit code and the seconds it took."""
        self.process.send_signal(number)
        return await self.end()

    async def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        await self._gone()

    async def again(self) -> None:
        """Another life of it, ready."""
        await self._gone()
        self.said.clear()
        await self._begin()
        await self.ready()

    async def _begin(self) -> None:
        self.process = await self.program.start("run")
        self._readers = [asyncio.create_task(self._read(name)) for name in ("out", "log")]

    async def _gone(self) -> None:
        await self.process.wait()
        await asyncio.gather(*self._readers)

    async def _read(self, name: str) -> None:
        stream = self.process.stdout if name == "out" else self.process.stderr
        assert stream is not None
        while part := await stream.read(65536):
            setattr(self, name, getattr(self, name) + part.decode("utf-8", "replace"))


@asynccontextmanager
async def serving(program: Program, *, watchdog: float = 60.0) -> AsyncIterator[Service]:
    """The service, ready; killed at the end of the block if it lives then.

    Args:
        watchdog: seconds of the manager's patience.
    """
    place = Path(tempfile.mkdtemp(prefix="notify-"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(place / "n"))
        manager.setblocking(False)
        program.settings |= {"NOTIFY_SOCKET": str(place / "n"), "WATCHDOG_USEC": str(int(watchdog * 1e6))}
        service, loop = Service(program), asyncio.get_running_loop()
        loop.add_reader(manager, lambda: service.said.append(manager.recv(1000).decode()))
        await service._begin()
        try:
            await service.ready()
            yield service
        finally:
            if service.process.returncode is None:
                service.process.kill()
            await service._gone()
            loop.remove_reader(manager)
            shutil.rmtree(place)


def bot(telegram: TelegramPeer, chat: int | None = OWNER) -> dict[str, str]:
    """Settings of a bot on loopback; without a chat it is in set-up mode."""
    found = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_BASE_URL": telegram.url}
    return found if chat is None else {**found, "TELEGRAM_CHAT_ID": str(chat)}
