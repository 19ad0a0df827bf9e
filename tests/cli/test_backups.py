"""`backup` and `restore`: beside a service and without one, refused where something could be lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from portfolio_bot.app.core import open_core
from portfolio_bot.cli import outcome
from portfolio_bot.storage.errors import StoreCorrupt
from tests.app.conftest import settings
from tests.cli.conftest import Command
from tests.cli.test_fetch import Stub, run, serving


@pytest.fixture
def begun(command: Command) -> Path:
    """A data folder with one record in it."""
    for word in ("A", "B"):
        assert command("flows", "add", "deposit", "500", "USD", "--time", "2026-01-18", "--note", word, "--anyway")
    return Path("data/portfolio.db")


def notes(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return sorted(note for (note,) in connection.execute("SELECT note FROM flow"))


def test_a_backup_is_made_listed_and_copied_to_a_new_file(begun: Path, command: Command) -> None:
    done = command("backup", "mine.db")
    assert done.code == outcome.GOOD
    assert "Backed up: " in done.out
    assert "mine.db: the same." in done.out
    assert notes(Path("mine.db")) == ["A", "B"] == notes(begun)
    assert Path("mine.db").stat().st_mode & 0o077 == 0
    again = command("backup", "mine.db")
    assert (again.code, again.out) == (outcome.FAILED, "")
    assert "is there already" in again.err
    assert command("backup", "mine.db", "--force").code == outcome.GOOD


def test_a_folder_in_which_nothing_is_gives_no_backup(command: Command) -> None:
    done = command("backup", "mine.db", "--data-dir", "elsewhere")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert "Nothing is stored in " in done.err
    assert "elsewhere yet" in done.err
    assert not Path("elsewhere/portfolio.db").exists()
    assert not Path("mine.db").exists()


def test_its_json_names_file_size_and_rows(begun: Path, command: Command) -> None:
    answer = command("backup", "--json").json
    assert isinstance(answer, dict)
    assert Path(answer["file"]).stat().st_size == answer["bytes"]
    assert answer["rows"] > 2
    assert (answer["previous_at"], answer["copy"]) == (None, None)


async def test_beside_a_service_the_service_makes_it() -> None:
    asked: list[object] = []

    async def back_up(body: object) -> object:
        asked.append(body)
        Path("theirs.db").write_bytes(b"a database")
        return {"backup": {"file": str(Path("theirs.db").absolute()), "bytes": 10}, "text": "Backed up."}

    async with serving(Stub(), backup=back_up):
        done = await run("backup", "copy.db")
    assert (done.code, done.out) == (outcome.GOOD, "Backed up.\ncopy.db: the same.\n")
    assert Path("copy.db").read_bytes() == b"a database"
    assert len(asked) == 1


def test_a_backup_comes_back_and_what_it_replaces_is_kept(begun: Path, command: Command) -> None:
    command("backup", "mine.db")
    command("flows", "add", "deposit", "7", "EUR", "--time", "2026-02-01", "--note", "C")
    done = command("restore", "mine.db", "--yes")
    assert done.code == outcome.GOOD
    assert "Restored: " in done.out
    assert notes(begun) == ["A", "B"]
    kept = Path(" ".join(done.out.split("lies in")[1].split()).rstrip("."))
    assert notes(kept) == ["A", "B", "C"]
    assert command("restore", str(kept), "--yes").code == outcome.GOOD
    assert notes(begun) == ["A", "B", "C"]


def test_where_nobody_can_be_asked_nothing_is_replaced(begun: Path, command: Command) -> None:
    command("backup", "mine.db")
    before = begun.read_bytes()
    done = command("restore", "mine.db")
    assert done.code == outcome.USAGE
    assert "--yes" in done.err
    assert begun.read_bytes() == before


def test_what_is_no_backup_changes_nothing(begun: Path, command: Command) -> None:
    Path("no.db").write_text("hello")
    before = begun.read_bytes()
    for name, says in (("no.db", "no.db is damaged"), ("gone.db", "there is no such file"), (".", "is a folder")):
        done = command("restore", name, "--yes")
        assert done.code == outcome.FAILED
        assert says in done.err
    assert begun.read_bytes() == before


async def test_beside_a_running_service_it_is_refused(tmp_path: Path) -> None:
    async with open_core(settings(tmp_path / "data"), lock_wait=0) as core:
        made = await core.backups.make()
        done = await run("restore", str(made.backup.path), "--yes")
    assert done.code == outcome.FAILED
    assert "is in use by" in done.err


def test_a_database_that_is_no_file_is_left_to_its_own_tools(
    begun: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("backup", "mine.db")
    monkeypatch.setenv("DATABASE_URL", "sqlite://")
    done = command("restore", "mine.db", "--yes")
    assert (done.code, "pg_restore" in done.err) == (outcome.FAILED, True)


def test_a_lost_database_comes_back_too(begun: Path, command: Command) -> None:
    command("backup", "mine.db")
    begun.unlink()
    gone = command("flows")
    assert "portfolio-bot restore FILE" in " ".join(gone.err.split())
    assert command("restore", "mine.db", "--yes").code == outcome.GOOD
    assert notes(begun) == ["A", "B"]


async def damaged(folder: Path) -> Path:
    """A database of which there is a backup, and then a damaged one."""
    async with open_core(settings(folder), lock_wait=0) as core:
        await core.backups.make()
    file = folder / "portfolio.db"
    (folder / "backups" / "portfolio-20991231T000000Z.db").write_bytes(b"damaged too" * 100)
    file.write_bytes(b"rubbish" * 4000)
    return file


async def test_a_service_puts_the_newest_sound_backup_in_the_place_of_a_damaged_database(tmp_path: Path) -> None:
    file = await damaged(tmp_path / "data")
    async with open_core(settings(tmp_path / "data"), lock_wait=0, mend=True) as core:
        assert core.rescued is not None
        assert core.rescued.kept is not None
        assert core.rescued.kept.read_bytes().startswith(b"rubbish")
        assert core.rescued.made is not None
        assert core.rescued.made.year < 2099
    assert file.exists()
    async with open_core(settings(tmp_path / "data"), lock_wait=0, mend=True) as core:
        assert core.rescued is None


async def test_commands_leave_a_damaged_database_alone(tmp_path: Path) -> None:
    file = await damaged(tmp_path / "data")
    with pytest.raises(StoreCorrupt, match="portfolio-bot restore FILE"):
        async with open_core(settings(tmp_path / "data"), lock_wait=0):
            pass
    assert file.read_bytes().startswith(b"rubbish")


async def test_without_a_sound_backup_nothing_is_touched(tmp_path: Path) -> None:
    file = await damaged(tmp_path / "data")
    for one in (tmp_path / "data" / "backups").glob("*.db"):
        one.unlink()
    with pytest.raises(StoreCorrupt):
        async with open_core(settings(tmp_path / "data"), lock_wait=0, mend=True):
            pass
    assert file.read_bytes().startswith(b"rubbish")
