"""How far each stream of an account's history was read, and what went wrong with it last."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeAlias

from sqlalchemy import Row, delete, select

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.storage.columns import instant_of, micros
from portfolio_bot.storage.tables import stream_progress
from portfolio_bot.storage.tx import Tx, put

Span: TypeAlias = tuple[datetime, datetime]
"""Instants, aware UTC: the start belongs to it, the end does not."""

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream is read. Everything between `since` and `until` is stored, but for gaps and holes.

    Attributes:
        account, stream: whose it is, and its name.
        title: as people see it.
        since, until: aware UTC.
        token: where to go on, for a stream that counts by ids; "" otherwise.
        keeps: how far back the venue goes; None: to its beginning.
        failure: what the last try met; None if it succeeded.
        tried_at: when that was, aware UTC.
        part: a span whose first records are stored, and where to go on in it; None where spans are read whole.
        gaps: stretches between `since` and `until` that the venue did not keep until they were asked for.
        holes: stretches in there whose answer could not be read: they are asked for again each time.
    """

    account: AccountId
    stream: str
    title: str
    since: datetime
    until: datetime
    token: str = ""
    keeps: timedelta | None = None
    failure: Failure | None = None
    tried_at: datetime | None = None
    part: tuple[Span, str] | None = None
    gaps: tuple[Span, ...] = ()
    holes: tuple[Span, ...] = ()


async def progress(tx: Tx, account: AccountId | None = None) -> Mapping[AccountId, tuple[Progress, ...]]:
    """Of every stream that was ever tried, by account."""
    query = select(stream_progress).order_by(stream_progress.c.account, stream_progress.c.stream)
    if account is not None:
        query = query.where(stream_progress.c.account == account)
    found = [_progress(row) for row in await tx.execute(query)]
    return {whose: tuple(some) for whose, some in groupby(found, key=lambda one: one.account)}


async def put_progress(tx: Tx, one: Progress) -> None:
    """Write how far a stream is read."""
    failure = one.failure
    (part_since, part_until), part_token = one.part or ((None, None), None)
    row = {
        "account": one.account,
        "stream": one.stream,
        "title": one.title,
        "since": one.since,
        "until": one.until,
        "token": one.token,
        "part_since": part_since,
        "part_until": part_until,
        "part_token": part_token,
        "keeps": None if one.keeps is None else one.keeps // _MICROSECOND,
        "failure": None if failure is None else failure.kind,
        "failure_detail": "" if failure is None else failure.detail,
        "retry_at": None if failure is None else failure.retry_at,
        "final": failure is not None and failure.final,
        "tried_at": one.tried_at,
        "gaps": _text(one.gaps),
        "holes": _text(one.holes),
    }
    await put(tx, stream_progress, [row])


def _progress(row: Row[tuple[object, ...]]) -> Progress:
    failure = None
    if row.failure is not None:
        failure = Failure(FailureKind(row.failure), row.failure_detail, row.retry_at, row.final)
    return Progress(
        account=row.account,
        stream=row.stream,
        title=row.title,
        since=row.since,
        until=row.until,
        token=row.token,
        keeps=None if row.keeps is None else row.keeps * _MICROSECOND,
        failure=failure,
        tried_at=row.tried_at,
        part=None if row.part_token is None else ((row.part_since, row.part_until), row.part_token),
        gaps=_spans(row.gaps),
        holes=_spans(row.holes),
    )


def _text(spans: tuple[Span, ...]) -> str:
    return json.dumps([[micros(start), micros(end)] for start, end in spans], separators=(",", ":"))


def _spans(text: str) -> tuple[Span, ...]:
    return tuple((instant_of(start), instant_of(end)) for start, end in json.loads(text))


async def forget_progress(tx: Tx, account: AccountId, streams: Collection[str]) -> None:
    """These streams were never read: the next time begins at the beginning. What they brought stays."""
    for stream in streams:
        await tx.execute(
            delete(stream_progress).where(stream_progress.c.account == account, stream_progress.c.stream == stream)
        )
