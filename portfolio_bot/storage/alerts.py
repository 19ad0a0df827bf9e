"""What is remembered of alerts: one row per rule and subject, written with the letters that come of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import delete, select

from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Part, States, Subject, Told
from portfolio_bot.storage import tx as rows
from portfolio_bot.storage.tables import alert
from portfolio_bot.storage.tx import Tx

_INSTANTS = frozenset({"since", "pending", "told_at", "against", "echo_until", "ended", "snoozed_until", "when"})
_NUMBERS = frozenset({"told_value", "value", "limit", "now", "before", "flows", "amount"})
_KNOWN = frozenset(AlertRule)


async def states(tx: Tx) -> dict[Subject, AlertState]:
    """Everything that is remembered; rules of another version are left out."""
    found = await tx.execute(select(alert.c.rule, alert.c.subject, alert.c.state))
    return {Subject(AlertRule(row.rule), row.subject): of_text(row.state) for row in found if row.rule in _KNOWN}


async def put(tx: Tx, before: States, after: States, now: datetime) -> None:
    """Store what differs."""
    changed = [subject for subject, state in after.items() if before.get(subject) != state]
    await rows.put(
        tx,
        alert,
        [
            {"rule": one.rule.value, "subject": one.name, "state": to_text(after[one]), "changed_at": now}
            for one in changed
        ],
    )
    for gone in before.keys() - after.keys():
        await tx.execute(delete(alert).where(alert.c.rule == gone.rule.value, alert.c.subject == gone.name))


def to_text(state: AlertState) -> str:
    """A state as JSON; what is as it always is at first is left out."""
    return json.dumps(_plain(state, AlertState()), ensure_ascii=False)


def of_text(text: str) -> AlertState:
    """The reverse.

    Raises:
        ValueError: it is none.
    """
    read = cast("dict[str, object]", json.loads(text))
    told = read.pop("told", None)
    known = {one.name for one in fields(AlertState)}
    values = {name: _value(name, value) for name, value in read.items() if name in known}
    if isinstance(told, Mapping):
        values["told"] = _told(cast("Mapping[str, object]", told))
    return AlertState(**values)


def _told(read: Mapping[str, object]) -> Told:
    known = {one.name for one in fields(Told)}
    values = {name: _value(name, value) for name, value in read.items() if name in known}
    return Told(**values)


def _plain(one: AlertState | Told, empty: AlertState | Told) -> dict[str, object]:
    found: dict[str, object] = {}
    for each in fields(one):
        value = getattr(one, each.name)
        if value == getattr(empty, each.name):
            continue
        match value:
            case Told():
                found[each.name] = _plain(value, Told())
            case datetime():
                found[each.name] = value.isoformat()
            case Decimal():
                found[each.name] = str(value)
            case tuple():
                found[each.name] = [[part.asset, str(part.value)] if isinstance(part, Part) else part for part in value]
            case _:
                found[each.name] = value
    return found


def _value(name: str, value: object) -> Any:
    if value is None:
        return None
    if name in _INSTANTS:
        return datetime.fromisoformat(str(value))
    if name in _NUMBERS:
        return Decimal(str(value))
    if name == "parts" and isinstance(value, list):
        return tuple(Part(str(asset), Decimal(str(worth))) for asset, worth in value)
    if name == "words" and isinstance(value, list):
        return tuple(str(word) for word in value)
    return value
