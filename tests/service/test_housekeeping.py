"""Once a day: what nobody needs any more is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from portfolio_bot.model.days import Calendar
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.housekeeping import Housekeeping
from portfolio_bot.storage import day_closes, outbox, snapshots
from portfolio_bot.storage.store import Store
from tests.report import gallery
from tests.service.fakes import NOON, Hands
from tests.service.test_history import put

PARIS = Calendar.of("Europe/Paris")


async def old_and_new(store: Store) -> None:
    for days in (40, 1):
        for hour in (0, 1, 2):
            await put(store, NOON - timedelta(days=days) + timedelta(hours=hour), str(hour + 1))


async def count(store: Store) -> int:
    async with store.read() as tx:
        return len(await snapshots.nav_points(tx, NOON - timedelta(days=365), NOON))


async def test_everything_is_kept_unless_the_owner_says_otherwise(store: Store, clock: Hands) -> None:
    await old_and_new(store)
    await Housekeeping(store, PARIS, clock, retention_days=0).run()
    assert await count(store) == 6


async def test_old_days_keep_their_close_and_young_ones_all(store: Store, clock: Hands) -> None:
    await old_and_new(store)
    before = await closes(store, clock)
    await Housekeeping(store, PARIS, clock, retention_days=30).run()
    assert await count(store) == 4
    assert await closes(store, clock) == before


async def closes(store: Store, clock: Hands) -> list[object]:
    async with store.read() as tx:
        return list(await day_closes.closes(tx, PARIS, now=clock()))


async def test_letters_of_long_ago_are_forgotten(store: Store, clock: Hands) -> None:
    await store.write(lambda tx: outbox.add(tx, key="a", chat="1", payload={}, kind="report", not_before=NOON))
    await store.write(lambda tx: outbox.mark_sent(tx, 1, [7], NOON))
    keeping = Housekeeping(store, PARIS, clock, retention_days=0)
    await keeping.run()
    async with store.read() as tx:
        assert await outbox.find(tx, "a") is not None
    clock.turn(days=91)
    await keeping.run()
    async with store.read() as tx:
        assert await outbox.find(tx, "a") is None


async def test_the_owner_hears_of_a_disk_that_is_nearly_full(store: Store, clock: Hands) -> None:
    told: list[str] = []

    async def tell(phrase: str, values: Mapping[str, str]) -> None:
        told.append(Voice.of(gallery.reader()).word(phrase, **values))

    await Housekeeping(store, PARIS, clock, retention_days=0, tell=tell, scarce=0).run()
    assert told == []
    await Housekeeping(store, PARIS, clock, retention_days=0, tell=tell, scarce=1 << 62).run()
    assert len(told) == 1
    assert "portfolio.db" in told[0]
