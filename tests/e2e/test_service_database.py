"""A database that cannot be used: one clear sentence, exit code 1, and nothing is touched."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.store import open_store
from tests.cli.conftest import Command, alone, command
from tests.e2e.program import environment
from tests.peers.telegram import TOKEN

__all__ = ["alone", "command"]  # fixtures

KEYS = {
    "MEXC_API_KEY": "loopback-key-1234567",
    "MEXC_API_SECRET": "loopback-secret-1234567",
    "MEXC_BASE_URL": "http://127.0.0.1:9",
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_CHAT_ID": "7001",
    "TELEGRAM_BASE_URL": "http://127.0.0.1:9",
}
ROOT_WITHOUT_RIGHTS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a history of one snapshot, and settings that lead nowhere."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    folder, now = Path("data").absolute(), datetime.now(UTC)

    async def begin() -> None:
        async with open_store(folder, clock=lambda: now) as store:
            one = DemoWorld(Scenario.BULL, now).portfolio(now)
            await store.write(lambda tx: snapshots.add(tx, one, trigger="hourly"))

    asyncio.run(begin())
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file that holds something of the history; its index for readers (`-shm`) and empty ones may come and go."""
    files = [path for path in folder.iterdir() if path.name.startswith("portfolio.db") and path.suffix != ".db-shm"]
    return {path.name: path.read_bytes() for path in files if path.stat().st_size}


def vanished(file: Path) -> None:
    file.unlink()


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def overwritten(file: Path) -> None:
    file.write_bytes(b"The quick brown fox" * 1000)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:20_000])


def damaged_inside(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:16384] + b"\xff" * 4096 + whole[20480:])


def of_the_future(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


def of_somebody_else(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA application_id = 1")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (vanished, "is missing, but"),
        (emptied, "is empty, but"),
        (overwritten, "is damaged (file is not a database)"),
        (cut, "is damaged"),
        (damaged_inside, "is damaged (Page 2"),
        (of_the_future, "newer portfolio-bot (schema 0099"),
        (of_somebody_else, "belongs to another program"),
    ],
)
@pytest.mark.parametrize("words", ["run", "report"])
def test_it_is_named_with_the_mend_and_left_as_it_is(
    harm: Callable[[Path], None], says: str, words: str, data: Path, command: Command
) -> None:
    harm(data / "portfolio.db")
    before = contents(data)
    done = command(words)
    assert (done.code, done.out) == (1, "")
    assert str(data / "portfolio.db") in done.err
    assert says in done.err
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    assert contents(data) == before
    assert (data / ".initialised").exists()


def test_a_file_in_the_place_of_the_folder_is_named(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    Path("data").write_text("x")
    done = command("run")
    assert (done.code, done.out) == (1, "")
    assert "data cannot be the data folder" in done.err
    assert Path("data").read_text() == "x"


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(data: Path, tmp_path: Path) -> None:
    data.chmod(0o500)
    found = {}
    for words in ("report", "balance"):
        found[words] = _restricted(words, tmp_path)
    data.chmod(0o700)
    code, _, err = found["report"]
    assert code == 1
    assert f"{data} cannot be written" in err
    code, _, err = found["balance"]  # to read what another process may be writing to SQLite has to write beside it
    assert code == 1
    assert f"{data / 'portfolio.db'} cannot be opened" in err


def _restricted(words: str, folder: Path) -> tuple[int, str, str]:
    """The program as somebody to whom permissions apply."""
    prefix = ROOT_WITHOUT_RIGHTS if os.geteuid() == 0 else ()
    ran = subprocess.run(
        [*prefix, sys.executable, "-m", "portfolio_bot", words],
        cwd=folder, env=environment(**KEYS), capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr
