"""Packed bodies: compact JSON, deflated against the first body of its day.

Ten years of hourly snapshots of ten accounts with thirty assets are 200 MB this way and 2,300 MB as a row per
holding. A body begins with a byte that names its format; numbers are text in it and instants whole microseconds
since 1970, so nothing passes through a float.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.statement import Notice, SubAccount, UnreadableWallet, WarningKind
from portfolio_bot.storage.columns import instant_of, micros
from portfolio_bot.storage.errors import StorageError

Plain: TypeAlias = Any
"""What `json` gives: taken apart by the codecs at once, never handed on."""

_DEFLATED_JSON: Final = b"\x01"
_HOW: Final = (8, zlib.DEFLATED, -15, 9, zlib.Z_FILTERED)
"""Raw deflate; "filtered" leaves short matches alone, which for columns of digits saves a tenth."""


class UnreadableBody(StorageError):
    """A stored body cannot be understood: it is damaged, or its key is."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a stored snapshot cannot be read ({reason}). Put a backup of the database in its place.")


def pack(plain: bytes, key: bytes = b"") -> bytes:
    """Deflate a body; `key` is another plain body, the more alike the better, and must be given to `unpack` too."""
    deflater = zlib.compressobj(*_HOW, key) if key else zlib.compressobj(*_HOW)
    return _DEFLATED_JSON + deflater.compress(plain) + deflater.flush()


def unpack(packed: bytes, key: bytes = b"") -> bytes:
    """The plain body.

    Raises:
        UnreadableBody: it was packed in a format or against a key that is not this one.
    """
    if packed[:1] != _DEFLATED_JSON:
        raise UnreadableBody(f"unknown format {packed[:1].hex() or 'nothing'}")
    inflater = zlib.decompressobj(_HOW[2], key) if key else zlib.decompressobj(_HOW[2])
    try:
        plain = inflater.decompress(packed[1:])
    except zlib.error as error:
        raise UnreadableBody(str(error)) from error
    if not inflater.eof:
        raise UnreadableBody("cut short")
    return plain


def to_json(value: Plain) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def trimmed(row: list[Plain]) -> list[Plain]:
    """The row without the None at its end: `padded` gives them back."""
    while row and row[-1] is None:
        row.pop()
    return row


def padded(row: Sequence[Plain], length: int) -> list[Plain]:
    """The row with None to its full length."""
    return [*row, *[None] * (length - len(row))]


def number(value: Decimal | None) -> str | None:
    """An exact number as text."""
    return None if value is None else str(value)


def number_of(plain: Plain) -> Decimal | None:
    """What `number` wrote."""
    return None if plain is None else Decimal(plain)


def moment(value: datetime | None) -> int | None:
    """An instant in microseconds."""
    return None if value is None else micros(value)


def moment_of(plain: Plain) -> datetime | None:
    """What `moment` wrote."""
    return None if plain is None else instant_of(plain)


def failure(value: Failure | None) -> Plain:
    """Cause, detail, when the venue may be asked again, whether asking is useless."""
    if value is None:
        return None
    return trimmed([value.kind, value.detail or None, moment(value.retry_at), value.final or None])


def failure_of(plain: Plain) -> Failure | None:
    """What `failure` wrote."""
    if plain is None:
        return None
    kind, detail, retry_at, final = padded(plain, 4)
    return Failure(FailureKind(kind), detail or "", moment_of(retry_at), final=bool(final))


def notices(values: Sequence[Notice]) -> Plain:
    """Warnings as pairs; None for none."""
    return [[value.kind, value.detail] for value in values] or None


def notices_of(plain: Plain) -> tuple[Notice, ...]:
    """What `notices` wrote."""
    return tuple(Notice(WarningKind(kind), detail) for kind, detail in plain or ())


def unreadable(values: Sequence[UnreadableWallet]) -> Plain:
    """Wallets that were not read, as pairs; None for none."""
    return [[value.wallet, value.reason] for value in values] or None


def unreadable_of(plain: Plain) -> tuple[UnreadableWallet, ...]:
    """What `unreadable` wrote."""
    return tuple(UnreadableWallet(wallet, reason) for wallet, reason in plain or ())


def sub_accounts(values: Sequence[SubAccount]) -> Plain:
    """What lies inside a broker's credential; None for nothing."""
    return [[v.id, v.key, v.name, number(v.total), v.currency, micros(v.as_of)] for v in values] or None


def sub_accounts_of(plain: Plain) -> tuple[SubAccount, ...]:
    """What `sub_accounts` wrote."""
    return tuple(
        SubAccount(id, key, name, number_of(total), currency, instant_of(as_of))
        for id, key, name, total, currency, as_of in plain or ()  # noqa: A001 - the field's own name
    )
