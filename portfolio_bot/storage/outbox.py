"""Letters on their way: written in the transaction of what they tell, delivered from here.

A letter goes pending → sending → sent or dead. `sending` is committed before the call, so that after a crash its fate
is known to be unknown. A key is never delivered twice: adding it again changes nothing, for as long as the letter is
kept.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, bindparam, delete, func, select, update

from portfolio_bot.storage.tables import chat as chat_table
from portfolio_bot.storage.tables import outbox, own_message
from portfolio_bot.storage.tx import Tx, add_new

_OWN_KEPT = 1000
"""So many message ids back a probe could look; older ones of ours are forgotten."""

_UNSENT: ColumnElement[bool] = outbox.c.state.in_(
    # as literals, so that SQLite sees that the index of unsent letters answers
    bindparam("unsent", ["pending", "sending"], expanding=True, literal_execute=True)
)


class LetterState(StrEnum):
    """Where a letter is."""

    PENDING = "pending"
    SENDING = "sending"  # somebody began; after a crash nobody knows whether it arrived
    SENT = "sent"
    DEAD = "dead"  # it never will be, and `error` says why
    COLLAPSED = "collapsed"  # a newer one tells it too


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that wants to be delivered.

    Attributes:
        key: unique: kind, chat and slot of a push.
        kind: what it is (`report`, `notice`, `answer`, …); the sender decides by it what collapses.
        payload: whatever the sender needs, as JSON gives it back.
        not_before: aware UTC; moved on by each try that must wait.
        expires_at: after this moment nobody wants it any more; None for never.
        attempts: tries so far, the present one included.
        last_seen_message_id: the highest id known in the chat before the present try: a probe begins behind it.
        message_ids: what became of it.
        error: of the last try that failed; "" for none.
    """

    id: int
    key: str
    chat: str
    kind: str
    payload: Mapping[str, object]
    not_before: datetime
    expires_at: datetime | None
    state: LetterState
    attempts: int
    last_seen_message_id: int | None
    message_ids: tuple[int, ...]
    error: str


async def add(
    tx: Tx,
    *,
    key: str,
    chat: str,
    payload: Mapping[str, object],
    kind: str,
    not_before: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Queue a letter; False if one with this key is or was there."""
    return await add_new(
        tx,
        outbox,
        {
            "key": key,
            "chat": chat,
            "kind": kind,
            "payload": json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
            "not_before": not_before,
            "expires_at": expires_at,
            "state": LetterState.PENDING,
            "attempts": 0,
            "message_ids": "[]",
            "error": "",
        },
    )


async def due(tx: Tx, now: datetime, chat: str) -> list[Letter]:
    """What may be sent now, in the order of queueing. The first `sending` ones were cut short and must be probed.

    A letter that waits for another try holds back all behind it, so that none overtakes it; one that was queued for
    later holds back nobody.
    """
    found = []
    for letter in await _letters(tx, chat):
        if letter.state is LetterState.PENDING and letter.not_before > now:
            if letter.attempts:
                break
            continue
        found.append(letter)
    return found


async def chats(tx: Tx) -> list[str]:
    """The chats that wait for a letter."""
    return list(await tx.scalars(select(outbox.c.chat).where(_UNSENT).distinct().order_by(outbox.c.chat)))


async def in_doubt(tx: Tx, chat: str) -> Letter | None:
    """The letter of a chat whose try was cut short: nobody knows whether it arrived."""
    cut_short = outbox.c.state.in_(bindparam("cut_short", [LetterState.SENDING], expanding=True, literal_execute=True))
    query = select(outbox).where(_UNSENT, cut_short, outbox.c.chat == chat).order_by(outbox.c.id).limit(1)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _letter(row)


async def find(tx: Tx, key: str) -> Letter | None:
    """The letter of a key, whatever its state."""
    row = (await tx.execute(select(outbox).where(outbox.c.key == key))).one_or_none()
    return None if row is None else _letter(row)


async def depth(tx: Tx) -> Mapping[LetterState, int]:
    """How many letters there are in each state."""
    rows = await tx.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {LetterState(state): count for state, count in rows}


async def mark_sending(tx: Tx, id: int, at: datetime) -> None:  # noqa: A002 - the field's own name
    """A try begins; commit before the call. Notes the highest message id known in the chat now."""
    highest = select(chat_table.c.highest_message_id).where(chat_table.c.chat == outbox.c.chat).scalar_subquery()
    changes = {"state": LetterState.SENDING, "attempts": outbox.c.attempts + 1, "tried_at": at}
    await tx.execute(update(outbox).where(outbox.c.id == id).values(**changes, last_seen_message_id=highest))


async def mark_sent(tx: Tx, id: int, message_ids: Sequence[int], at: datetime) -> None:  # noqa: A002
    """It arrived, as these messages; the chat's highest id rises with them."""
    changes = {"state": LetterState.SENT, "message_ids": json.dumps(list(message_ids)), "done_at": at, "error": ""}
    chat = await tx.scalar(update(outbox).where(outbox.c.id == id).values(**changes).returning(outbox.c.chat))
    if chat is not None:
        await note_own(tx, chat, message_ids)


async def mark_pending(tx: Tx, id: int, retry_at: datetime, error: str = "") -> None:  # noqa: A002
    """It surely did not arrive, or must wait: another try at `retry_at`."""
    changes = {"state": LetterState.PENDING, "not_before": retry_at, "error": error}
    await tx.execute(update(outbox).where(outbox.c.id == id).values(**changes))


async def hurry(tx: Tx, now: datetime) -> None:
    """Nothing waits for a moment behind this one: such a moment was told by a clock that has been set back since."""
    await tx.execute(update(outbox).where(_UNSENT, outbox.c.not_before > now).values(not_before=now))


async def mark_dead(tx: Tx, id: int, error: str, at: datetime) -> None:  # noqa: A002
    """It will never arrive, and why."""
    changes = {"state": LetterState.DEAD, "error": error, "done_at": at}
    await tx.execute(update(outbox).where(outbox.c.id == id).values(**changes))


async def collapse(tx: Tx, ids: Collection[int], into: int, payload: Mapping[str, object], at: datetime) -> None:
    """Pending letters give way to a newer one, whose payload now speaks for them too."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    await tx.execute(update(outbox).where(outbox.c.id == into).values(payload=text))
    older = outbox.c.id.in_([id for id in ids if id != into])  # noqa: A001
    waiting = outbox.c.state == LetterState.PENDING
    await tx.execute(update(outbox).where(older, waiting).values(state=LetterState.COLLAPSED, done_at=at))


async def expire(tx: Tx, now: datetime) -> list[Letter]:
    """Pending letters that nobody wants any more die; which they were."""
    late = (outbox.c.state == LetterState.PENDING, outbox.c.expires_at <= now)
    letters = [_letter(row) for row in await tx.execute(select(outbox).where(*late).order_by(outbox.c.id))]
    await tx.execute(update(outbox).where(*late).values(state=LetterState.DEAD, error="expired", done_at=now))
    return letters


async def prune(tx: Tx, before: datetime) -> int:
    """Forget letters that were done before a moment, and how many. Their keys could then be queued again."""
    highest = select(chat_table.c.highest_message_id).where(chat_table.c.chat == own_message.c.chat).scalar_subquery()
    await tx.execute(delete(own_message).where(own_message.c.message_id < highest - _OWN_KEPT))
    return (await tx.execute(delete(outbox).where(outbox.c.done_at < before))).rowcount


async def redirect(tx: Tx, chat: str, to: str) -> None:
    """A chat got another id: what is on its way to the old one goes to the new one."""
    await tx.execute(update(outbox).where(_UNSENT, outbox.c.chat == chat).values(chat=to))


async def note_seen(tx: Tx, chat: str, message_id: int) -> None:
    """A message was seen in a chat, anybody's: ids only rise."""
    highest = await highest_seen(tx, chat)
    if highest is None:
        await tx.execute(chat_table.insert(), {"chat": chat, "highest_message_id": message_id})
    elif message_id > highest:
        here = update(chat_table).where(chat_table.c.chat == chat)
        await tx.execute(here.values(highest_message_id=message_id))


async def note_own(tx: Tx, chat: str, message_ids: Sequence[int]) -> None:
    """Messages that are known to be ours: a probe must never overwrite one of them."""
    for message_id in message_ids:
        await add_new(tx, own_message, {"chat": chat, "message_id": message_id})
        await note_seen(tx, chat, message_id)


async def highest_seen(tx: Tx, chat: str) -> int | None:
    """The highest message id known in a chat; None if none is."""
    found: int | None = await tx.scalar(select(chat_table.c.highest_message_id).where(chat_table.c.chat == chat))
    return found


async def highest_everywhere(tx: Tx) -> Mapping[str, int]:
    """The highest message id known, by chat."""
    found = await tx.execute(select(chat_table.c.chat, chat_table.c.highest_message_id))
    return {row.chat: row.highest_message_id for row in found}


async def own_after(tx: Tx, chat: str | None, message_id: int) -> frozenset[int]:
    """Ids above one that are known to be ours.

    Args:
        chat: None for all chats whose ids come from the bot's one counter: private ones and basic groups.
    """
    ours = own_message.c
    apart = ours.chat.like("-100%") | ours.chat.like("@%")
    here = ~apart if chat is None else ours.chat == chat
    return frozenset(await tx.scalars(select(ours.message_id).where(here, ours.message_id > message_id)))


async def _letters(tx: Tx, chat: str) -> list[Letter]:
    query = select(outbox).where(_UNSENT, outbox.c.chat == chat).order_by(outbox.c.id)
    return [_letter(row) for row in await tx.execute(query)]


def _letter(row: Row[tuple[object, ...]]) -> Letter:
    return Letter(
        id=row.id,
        key=row.key,
        chat=row.chat,
        kind=row.kind,
        payload=json.loads(row.payload),
        not_before=row.not_before,
        expires_at=row.expires_at,
        state=LetterState(row.state),
        attempts=row.attempts,
        last_seen_message_id=row.last_seen_message_id,
        message_ids=tuple(json.loads(row.message_ids)),
        error=row.error,
    )
