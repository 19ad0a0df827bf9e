"""From a place to engines: the checks before anything is opened, the first schema, migrations, the marker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from portfolio_bot.model.days import Clock
from portfolio_bot.storage import places, schema
from portfolio_bot.storage.engines import reading_engine, writing_engine
from portfolio_bot.storage.errors import (
    NewerSchema,
    SchemaOlder,
    StorageError,
    StoreBusy,
    StoreUnreachable,
    first_line,
    translated,
)
from portfolio_bot.storage.lean_sqlalchemy import AsyncEngine
from portfolio_bot.storage.places import Place
from portfolio_bot.storage.tables import SCHEMA

_CROWDED, _AGAIN = 1.0, 0.03
"""Seconds in which others may open the same file for the first time, and between two tries beside them."""


@dataclass(frozen=True, slots=True)
class Engines:
    """What a store works with. The writer of a store that only reads is never asked; in memory it keeps the data."""

    writer: AsyncEngine
    readers: AsyncEngine


async def open_place(place: Place, data_dir: Path, clock: Clock, *, read_only: bool) -> Engines:
    """Engines on a sound database of this schema.

    Raises:
        StorageError: it cannot be used; the text says why and what to do.
    """
    try:
        if read_only:
            return await _for_reading(place, clock)
        if place.marker is not None:
            await asyncio.to_thread(places.prepare, place, data_dir)
        return await _for_writing(place, clock)
    except DBAPIError as error:
        known = translated(error, place.name)
        if isinstance(known, StorageError):
            raise known from error
        raise StoreUnreachable(place.name, first_line(error.orig)) from error
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise StorageError("PostgreSQL needs its driver: make venv EXTRAS=postgres puts it into .venv.") from error


async def _for_writing(place: Place, clock: Clock) -> Engines:
    engines = Engines(writing_engine(place), reading_engine(place))
    try:
        await _connected(engines.writer, place)
        async with engines.writer.begin() as tx:  # looked at and made in one, should two start at once
            version = await schema.stored_version(tx)
            if version is None:
                places.refuse_gone(place)
                await schema.create(tx)
        _refuse_newer(place, version)
        if version is not None and version < SCHEMA:
            await _migrate(place, version, clock)
        places.mark_begun(place)
    except BaseException:
        await engines.writer.dispose()
        raise
    return engines


async def _connected(writer: AsyncEngine, place: Place) -> None:
    """Connect, beside others who do so too: switching a new file to WAL waits for nobody but is refused at once."""
    clock = asyncio.get_running_loop().time
    ends = clock() + _CROWDED
    while True:
        try:
            async with writer.connect():
                return
        except DBAPIError as error:
            if clock() >= ends or not isinstance(translated(error, place.name), StoreBusy):
                raise
        await asyncio.sleep(_AGAIN)


async def _for_reading(place: Place, clock: Clock) -> Engines:
    if place.file is not None and place.marker is not None:
        filled = await asyncio.to_thread(places.inspect, place.file, place.marker, thorough=None)
        if not filled:
            place = places.in_memory()
    if place.marker is None:
        return await _for_writing(place, clock)
    engines = Engines(writing_engine(place), reading_engine(place))
    try:
        async with engines.readers.connect() as tx:
            version = await schema.stored_version(tx)
        _refuse_newer(place, version)
        if version is None or version < SCHEMA:
            raise SchemaOlder(place.name, version or "none", SCHEMA)
    except BaseException:
        await engines.readers.dispose()
        raise
    return engines


async def _migrate(place: Place, version: str, clock: Clock) -> None:
    if place.file is not None:
        await asyncio.to_thread(places.keep_copy, place.file, f"schema-{version}", clock())
    # without foreign keys: rebuilding a table in a migration drops the old one, and its children would go with it
    engine = writing_engine(place, foreign_keys=False)
    try:
        async with engine.begin() as tx:
            await schema.migrate(tx)
    finally:
        await engine.dispose()


def _refuse_newer(place: Place, version: str | None) -> None:
    if version is not None and version > SCHEMA:
        raise NewerSchema(place.name, version, SCHEMA)
