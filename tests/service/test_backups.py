"""Backups as the service makes them: at night, on demand, and tried once a month."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.backups import Backups
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.housekeeping import Housekeeping
from portfolio_bot.storage import backup
from portfolio_bot.storage.store import Store, open_store
from tests.service.fakes import NOON, Hands
from tests.service.test_history import put

PARIS = Calendar.of("Europe/Paris")


async def test_one_on_demand_tells_how_old_the_one_before_is(store: Store, clock: Hands) -> None:
    await put(store, NOON, "1")
    backups = Backups(store, PARIS, clock)
    first = await backups.make()
    clock.turn(hours=3)
    second = await backups.make()
    assert (first.previous, second.previous) == (None, first.backup.at)
    assert second.rows == backup.count(second.backup.path)
    assert [one.at for one in await backups.listed()] == [second.backup.at, first.backup.at]


async def test_two_at_once_are_made_one_after_the_other(store: Store, clock: Hands) -> None:
    backups = Backups(store, PARIS, clock)
    made = await asyncio.gather(backups.make(), backups.make())
    assert len(made) == 2
    assert len(await backups.listed()) == 1  # of the same second


async def test_each_night_makes_one_and_old_ones_go(store: Store, clock: Hands) -> None:
    await put(store, NOON - timedelta(days=1), "1")
    backups = Backups(store, PARIS, clock)
    for _ in range(40):
        await backups.nightly()
        clock.turn(days=1)
    assert backup.DAILY < len(await backups.listed()) <= backup.DAILY + backup.WEEKLY


async def test_a_service_that_starts_again_and_again_makes_one_a_day(store: Store, clock: Hands) -> None:
    await put(store, NOON - timedelta(days=1), "1")
    for _ in range(3):
        await Backups(store, PARIS, clock).nightly()
        clock.turn(hours=1)
    assert len(await Backups(store, PARIS, clock).listed()) == 1


async def test_what_began_today_is_not_backed_up_before_the_night(store: Store, clock: Hands) -> None:
    await put(store, NOON, "1")
    backups = Backups(store, PARIS, clock)
    await backups.nightly()
    assert await backups.listed() == []
    clock.turn(hours=14)
    await backups.nightly()
    assert len(await backups.listed()) == 1


async def test_once_a_month_the_newest_is_opened_as_a_service_would(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await put(store, NOON - timedelta(days=1), "1")
    backups = Backups(store, PARIS, clock)
    for _ in range(40):
        await backups.nightly()
        clock.turn(days=1)
    assert len([one for one in caplog.messages if "was opened as a service would" in one]) == 2
    left = {path.name for path in backup.folder_of(Path(str(store.file))).iterdir() if path.suffix != ".db"}
    assert left == {".tried"}


async def test_a_night_that_fails_is_told_and_the_house_is_kept_all_the_same(store: Store, clock: Hands) -> None:
    told: list[tuple[str, str]] = []

    async def tell(phrase: str, values: Mapping[str, str]) -> None:
        told.append((phrase, values["why"]))

    assert store.file is not None
    await put(store, NOON - timedelta(days=1), "1")
    backup.folder_of(store.file).write_text("in the way")
    keeping = Housekeeping(store, PARIS, clock, retention_days=0, tell=tell, backups=Backups(store, PARIS, clock))
    await keeping.run()
    [(phrase, why)] = told
    assert phrase == "backup_failed"
    assert "backups" in why


async def test_a_database_that_is_no_file_says_what_makes_backups_of_it(clock: Hands, tmp_path: Path) -> None:
    async with open_store(tmp_path, "sqlite://", clock=clock) as memory:
        backups = Backups(memory, PARIS, clock)
        await backups.nightly()
        with pytest.raises(UserError, match="pg_dump"):
            await backups.make()
        with pytest.raises(UserError, match="pg_dump"):
            await backups.listed()


async def test_only_what_is_there_and_small_enough_is_given_away(store: Store, clock: Hands) -> None:
    backups = Backups(store, PARIS, clock)
    made = await backups.make()
    found, content = await backups.content(made.backup.at, 50_000_000)
    assert content == found.path.read_bytes()
    with pytest.raises(UserError, match="more than Telegram takes"):
        await backups.content(made.backup.at, made.backup.size)
    with pytest.raises(UserError, match="not there any more"):
        await backups.content(None, 50_000_000)
