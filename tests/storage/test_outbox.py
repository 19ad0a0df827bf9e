"""The outbox: nothing twice, nothing lost, nothing overtaken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Select, select

from portfolio_bot.storage import outbox
from portfolio_bot.storage.outbox import Letter, LetterState
from portfolio_bot.storage.store import Store, Tx
from portfolio_bot.storage.tables import outbox as table
from tests.storage.builders import NOON

HOUR = timedelta(hours=1)


async def add(store: Store, key: str, *, chat: str = "7", after: timedelta = timedelta(0), **more: object) -> bool:
    async def work(tx: Tx) -> bool:
        payload = {"html": f"<b>{key}</b>", "rows": [1, "два", None]}
        expires = NOON + HOUR if "expires" in more else None
        return await outbox.add(
            tx, key=key, chat=chat, payload=payload, kind="report", not_before=NOON + after, expires_at=expires
        )

    return await store.write(work)


async def due(store: Store, chat: str = "7", after: timedelta = timedelta(0)) -> list[Letter]:
    async with store.read() as tx:
        return await outbox.due(tx, NOON + after, chat)


async def keys(store: Store, after: timedelta = timedelta(0)) -> list[str]:
    return [letter.key for letter in await due(store, after=after)]


async def test_a_key_is_queued_once(store: Store) -> None:
    assert [await add(store, "a"), await add(store, "a")] == [True, False]
    assert await keys(store) == ["a"]


async def test_a_sent_key_is_never_queued_again(store: Store) -> None:
    await add(store, "a")
    await store.write(lambda tx: outbox.mark_sent(tx, 1, [11, 12], NOON))
    assert not await add(store, "a")
    assert await keys(store) == []


async def test_a_letter_comes_back_as_it_was_queued(store: Store) -> None:
    await add(store, "a", expires=True)
    (letter,) = await due(store)
    assert letter == Letter(
        1, "a", "7", "report", {"html": "<b>a</b>", "rows": [1, "два", None]}, NOON, NOON + HOUR,
        LetterState.PENDING, 0, None, (), "",
    )  # fmt: skip


async def test_letters_leave_in_the_order_of_queueing_each_chat_for_itself(store: Store) -> None:
    for key, chat in (("a", "7"), ("b", "8"), ("c", "7")):
        await add(store, key, chat=chat)
    assert await keys(store) == ["a", "c"]
    async with store.read() as tx:
        assert await outbox.chats(tx) == ["7", "8"]


async def test_one_that_must_wait_for_another_try_is_not_overtaken(store: Store) -> None:
    await add(store, "a")
    await add(store, "b")
    await store.write(lambda tx: outbox.mark_sending(tx, 1, NOON))
    await store.write(lambda tx: outbox.mark_pending(tx, 1, NOON + HOUR, "flood wait"))
    assert await keys(store) == []
    assert await keys(store, after=HOUR) == ["a", "b"]


async def test_one_that_is_queued_for_later_holds_back_nobody(store: Store) -> None:
    await add(store, "tomorrow", after=24 * HOUR)
    await add(store, "now")
    assert await keys(store) == ["now"]


async def test_after_a_crash_the_one_being_sent_is_found_with_where_to_probe(store: Store) -> None:
    await add(store, "a")
    await store.write(lambda tx: outbox.note_seen(tx, "7", 41))
    await store.write(lambda tx: outbox.mark_sending(tx, 1, NOON))
    (letter,) = await due(store)
    assert (letter.state, letter.attempts, letter.last_seen_message_id) == (LetterState.SENDING, 1, 41)


async def test_what_was_sent_is_known_as_ours_and_raises_the_highest_id(store: Store) -> None:
    await add(store, "a")
    await store.write(lambda tx: outbox.note_seen(tx, "7", 41))
    await store.write(lambda tx: outbox.mark_sent(tx, 1, [43, 44], NOON))
    await store.write(lambda tx: outbox.note_own(tx, "7", [42]))
    await store.write(lambda tx: outbox.note_seen(tx, "7", 5))
    async with store.read() as tx:
        assert await outbox.highest_seen(tx, "7") == 44
        assert await outbox.own_after(tx, "7", 42) == {43, 44}
        assert await outbox.own_after(tx, "8", 0) == frozenset()
        assert await outbox.highest_seen(tx, "8") is None


async def test_a_dead_letter_keeps_its_reason(store: Store) -> None:
    await add(store, "a")
    await store.write(lambda tx: outbox.mark_dead(tx, 1, "chat not found", NOON))
    async with store.read() as tx:
        letter = await outbox.find(tx, "a")
        assert await outbox.depth(tx) == {LetterState.DEAD: 1}
    assert letter is not None
    assert (letter.state, letter.error) == (LetterState.DEAD, "chat not found")


async def test_older_reports_give_way_to_the_newest_which_speaks_for_them(store: Store) -> None:
    for key in ("8:00", "10:00", "12:00"):
        await add(store, key)
    await store.write(lambda tx: outbox.mark_sending(tx, 1, NOON))
    payload = {"html": "also due at 10:00"}
    await store.write(lambda tx: outbox.collapse(tx, [1, 2, 3], 3, payload, NOON))
    first, last = await due(store)
    assert (first.key, first.state) == ("8:00", LetterState.SENDING)  # its fate is unknown: it must be asked about
    assert (last.key, last.payload) == ("12:00", payload)
    async with store.read() as tx:
        assert (await outbox.depth(tx))[LetterState.COLLAPSED] == 1


async def test_what_nobody_wants_any_more_is_not_sent(store: Store) -> None:
    await add(store, "a", expires=True)
    await add(store, "b")
    assert [letter.key for letter in await store.write(lambda tx: outbox.expire(tx, NOON + HOUR))] == ["a"]
    assert await keys(store, after=2 * HOUR) == ["b"]


async def test_a_chat_that_moved_takes_its_letters_along(store: Store) -> None:
    await add(store, "a")
    await store.write(lambda tx: outbox.redirect(tx, "7", "-1007"))
    assert [letter.key for letter in await due(store, "-1007")] == ["a"]


async def test_pruning_forgets_what_is_done_and_nothing_that_waits(store: Store) -> None:
    for key in ("a", "b", "c"):
        await add(store, key)
    await store.write(lambda tx: outbox.mark_sent(tx, 1, [5], NOON))
    await store.write(lambda tx: outbox.mark_sent(tx, 2, [2000], NOON + HOUR))
    assert await store.write(lambda tx: outbox.prune(tx, NOON + HOUR)) == 1
    assert await keys(store) == ["c"]
    async with store.read() as tx:
        assert await outbox.own_after(tx, "7", 0) == {2000}
        assert await outbox.find(tx, "b") is not None


async def test_a_letter_and_what_it_tells_land_together_or_not_at_all(store: Store) -> None:
    async def half(tx: Tx) -> None:
        await outbox.add(tx, key="a", chat="7", payload={}, kind="report", not_before=NOON)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(half)
    assert await keys(store) == []


async def test_the_index_of_unsent_letters_answers(sqlite_store: Store) -> None:
    async with sqlite_store.read() as tx:
        query: Select[int] = select(table.c.id).where(outbox._UNSENT, table.c.chat == "7")
        sql = str(query.compile(tx.sync_engine, compile_kwargs={"literal_binds": True}))
        plan = (await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")).all()
    assert "ix_outbox_unsent" in str(plan)
