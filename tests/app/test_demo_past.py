"""The folder of a demo: which world it belongs to, and what is there before the first report."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.app.demo_past import NOTE, world_of, write_recent
from portfolio_bot.model.days import Calendar
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.storage import ledger
from portfolio_bot.storage.places import FILE_NAME
from portfolio_bot.storage.store import open_store
from tests.clock import HeldClock, moment

NOW = moment("2026-11-20 13:05")
CALENDAR = Calendar.of("Europe/Paris")


def test_a_folder_goes_on_with_its_world(tmp_path: Path) -> None:
    first = world_of(tmp_path, "bull", NOW)
    assert world_of(tmp_path, "bull", NOW + timedelta(days=3)) == first == DemoWorld(Scenario.BULL, NOW)


@pytest.mark.parametrize(
    "note",
    ["bear 2026-11-19T13:05:00+00:00 2", "bull 2026-11-19T13:05:00+00:00", "bull 2026-11-19T13:05:00+00:00 1", "", "x"],
    ids=["another scenario", "a version without a story", "another story", "empty", "junk"],
)
def test_a_folder_of_another_world_begins_anew(note: str, tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text(note)
    (tmp_path / FILE_NAME).write_text("a past that contradicts the accounts")
    assert world_of(tmp_path, "bull", NOW).anchor == NOW
    assert not (tmp_path / FILE_NAME).exists()


async def test_what_is_between_two_accounts_is_known_before_the_first_report(tmp_path: Path) -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    async with open_store(tmp_path, "sqlite://", clock=HeldClock(NOW)) as store:
        await write_recent(store, world, CALENDAR, NOW)
        async with store.read() as tx:
            found = await ledger.flows(tx)
    assert found == [sent.withdrawal for sent in world.story.under_way(NOW)]
    assert len(found) == 1
