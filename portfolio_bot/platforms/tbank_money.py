"""T-Bank's numbers: `MoneyValue{currency, units, nano}` and `Quotation{units, nano}` → Decimal, and strict fields.

The value is units + nano / 10⁹, and **both parts carry the sign**: −0.135065 is `units "0", nano -135065000`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.platforms.strict import Row

_WHOLE = re.compile(r"-?\d{1,19}", re.ASCII)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_LARGEST = 2**63


def bad(detail: str) -> SourceError:
    """An answer that is not understood; `detail` names the field."""
    return SourceError.of(FailureKind.BAD_ANSWER, detail)


def rows(answer: Row, field: str) -> Sequence[Row]:
    """A list of objects. Missing and null are an empty list: that is how this API writes one."""
    found = answer.get(field)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise bad(f"{field} is no list of objects")
    return found


def text(row: Row, field: str, default: str | None = None) -> str:
    """A text; `default` where the field is missing, null or empty (the API leaves out what is empty)."""
    found = row.get(field)
    if found in {None, ""} and default is not None:
        return default
    if not isinstance(found, str) or not found:
        raise bad(f"{field} is missing or no text")
    return found


def quotation(row: Row, field: str) -> Decimal:
    """A number without a currency.

    Raises:
        SourceError: it is missing, or its parts are no whole numbers of one sign within their ranges.
    """
    return _number(_parts(row, field), field)


def money(row: Row, field: str) -> Money | None:
    """An amount in upper-case currency. None: there is none, or it is a zero without a currency.

    Raises:
        SourceError: as `quotation`; or an amount other than zero has no currency.
    """
    if row.get(field) is None:
        return None
    parts = _parts(row, field)
    amount = _number(parts, field)
    currency = parts.get("currency")
    if currency in {None, ""} and not amount:
        return None
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        raise bad(f"{field} has no currency")
    return Money(amount, currency.upper())


def _parts(row: Row, field: str) -> Row:
    parts = row.get(field)
    if not isinstance(parts, dict):
        raise bad(f"{field} is missing or no amount")
    return parts


def _number(parts: Row, field: str) -> Decimal:
    units, nano = _whole(parts.get("units", 0), field, "units"), _whole(parts.get("nano", 0), field, "nano")
    if abs(nano) > 999_999_999:
        raise bad(f"{field}: nano of ten digits or more")
    negative = units < 0 or (parts.get("units") == "-0")
    if (negative and nano > 0) or (units > 0 and nano < 0):
        raise bad(f"{field}: units and nano of different signs")
    return Decimal(units) + Decimal(nano).scaleb(-9).normalize()


def _whole(part: object, field: str, name: str) -> int:
    """int64 comes as text, int32 as a JSON number; neither bool nor a fraction is one."""
    if isinstance(part, str) and name == "units" and _WHOLE.fullmatch(part):
        part = int(part)
    if isinstance(part, bool) or not isinstance(part, int):
        raise bad(f"{field}: {name} is no whole number")
    if not -_LARGEST <= part < _LARGEST:
        raise bad(f"{field}: {name} out of range")
    return part
