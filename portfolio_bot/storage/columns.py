"""Column types that refuse what would be stored inexactly: a float, and a time without a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Integer, Numeric, Text, type_coerce
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Microseconds since 1970 in UTC, exact.

    Raises:
        TypeError: it is no instant, because it has no zone.
    """
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise TypeError(f"{instant!r} is no instant: a time is stored with its zone")
    return (instant - _EPOCH) // _MICROSECOND


def instant_of(value: int) -> datetime:
    """The aware UTC instant of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


class Instant(TypeDecorator[datetime]):
    """An aware instant as whole microseconds since 1970 UTC: it sorts, compares and never loses a digit."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[int]:
        # only a column of type INTEGER can be SQLite's own row key
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant_of(value)


class Exact(TypeDecorator[Decimal]):
    """A Decimal with all its digits: text on SQLite, NUMERIC without a scale on PostgreSQL.

    Text sorts by letters, so SQL must not compare, order or sum it.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str] | TypeEngine[Decimal]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | Decimal | None:
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"{value!r} is no exact number: only a finite Decimal is stored")
        value = value or Decimal(0)
        return str(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: str | Decimal | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def as_stored(column: Any) -> Any:
    """A column as the database has it: microseconds for an `Instant`, digits for an `Exact`.

    For reading very many rows: whoever asks for it reads them by hand, in a quarter of the time.
    """
    if isinstance(column.type, Instant):
        return type_coerce(column, BigInteger)
    return type_coerce(column, Text) if isinstance(column.type, Exact) else column
