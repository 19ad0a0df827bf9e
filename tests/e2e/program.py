"""Runs `portfolio-bot` in a process of its own, with an environment of ours and nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portfolio_bot.platforms.catalog import SOURCES
from tests.peers.fx import FxPeer, fx_server
from tests.peers.server import Peer
from tests.platforms.contract.peers import CONTRACT

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


def environment(**settings: str) -> dict[str, str]:
    """An empty environment with these settings; the little that Python itself needs."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent", "COLUMNS": "80", **settings}


@dataclass(slots=True)
class Program:
    """`await program("report", "--json")` in a folder, with settings that can be changed between two runs."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    module: str = "portfolio_bot"

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start it and go on."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self.module,
            *words,
            cwd=self.folder,
            env=environment(**self.settings),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def __call__(self, *words: str, patience: float = 45.0) -> Done:
        """Run it to its end."""
        process = await self.start(*words)
        try:
            async with asyncio.timeout(patience):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            raise AssertionError(f"{words} did not end within {patience} s\n{out.decode()}\n{err.decode()}") from None
        assert process.returncode is not None
        return Done(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def running(self, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The service, ended at the end if the test has not ended it."""
        process = await self.start(*words)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.communicate()


def fx_settings(peer: FxPeer) -> dict[str, str]:
    """Everybody who publishes rates, on loopback."""
    names = ("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER", "KRAKEN", "OKX")
    return {f"{name}_BASE_URL": peer.url for name in names}


def account_settings(source: str, peer: Peer) -> dict[str, str]:
    """One account of this source, at this address."""
    spec, row = SOURCES[source], CONTRACT[source]
    found = {f"{spec.prefix}_{name}": row.secrets[name] for name in spec.secrets}
    return {**found, f"{spec.prefix}_BASE_URL": peer.url}


@asynccontextmanager
async def several(*sources: str) -> AsyncIterator[tuple[dict[str, str], dict[str, Peer]]]:
    """Peers for these sources and for the rates, with the settings that lead to them."""
    async with AsyncExitStack() as stack:
        settings = fx_settings(await stack.enter_async_context(fx_server()))
        peers = {}
        for source in sources:
            peers[source] = await stack.enter_async_context(CONTRACT[source].open())
            settings |= account_settings(source, peers[source])
        yield settings, peers
