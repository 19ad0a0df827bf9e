"""History kept elsewhere: a JSON or CSV file of earlier closes, checked line by line, stored whole or not at all.

JSON is `{"23-02-2026": {"USD": 42500.00, "RUB": 3932500.00}}`, CSV has the columns `time,total_usd,total_rub`. In
both a time is a date alone (that day's close, in every zone), an instant with its zone, or `YYYYMMDDHHmm` in UTC; and
one of the two figures may be missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from portfolio_bot.model.days import Calendar, utc
from portfolio_bot.model.exact import exact
from portfolio_bot.service import taking_out
from portfolio_bot.service.csv_table import rows_of
from portfolio_bot.service.file_lines import LARGEST_FILE, MOST_ERRORS, LineError, moment, shown
from portfolio_bot.storage import imported
from portfolio_bot.storage.imported import Figures, When
from portfolio_bot.storage.tx import Tx

TOTALS: Final = ("total_usd", "total_rub")
COLUMNS: Final = ("time", *TOTALS)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that was read; with any error in it nothing may be stored."""

    closes: Mapping[When, Figures]
    errors: tuple[LineError, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What storing a file would do, or did.

    Attributes:
        new: closes that were not there.
        same: closes that are there with the same figures, imported or our own.
        changed: closes that are there with other figures, which are replaced.
        errors: if there is any, nothing is stored.
        to_store: the new and the changed ones.
        replaced: of the changed ones, what stands there before.
    """

    new: int
    same: int
    changed: int
    errors: tuple[LineError, ...]
    to_store: Mapping[When, Figures] = field(default_factory=dict, repr=False)
    replaced: Mapping[When, Figures] = field(default_factory=dict, repr=False)

    def as_json(self) -> dict[str, object]:
        """`new same changed errors[{line,column,value,reason}]`."""
        errors = [{"line": e.line, "column": e.column, "value": e.value, "reason": e.reason} for e in self.errors]
        return {"new": self.new, "same": self.same, "changed": self.changed, "errors": errors}

    def changes(self) -> list[dict[str, object]]:
        """Every figure that is replaced: `time currency before after`, oldest first; money as text."""
        return [
            {"time": _when_text(when), "currency": currency, "before": _amount(was), "after": _amount(becomes)}
            for when, old in sorted(self.replaced.items(), key=lambda row: _when_text(row[0]))
            for currency, was, becomes in (
                ("USD", old.usd, self.to_store[when].usd),
                ("RUB", old.rub, self.to_store[when].rub),
            )
            if was != becomes
        ]


def parse(data: bytes, *, now: datetime) -> Parsed:
    """Read a file, JSON if it begins with a brace, else CSV. Pure; 10 MB take about a second.

    Args:
        now: aware; a close later than this is an error.
    """
    if len(data) > LARGEST_FILE:
        size = f"{len(data) / 1024 / 1024:.1f} MB"
        return Parsed({}, (LineError(1, "", size, "larger than 10 MB: split the file"),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Parsed({}, (LineError(line, "", shown(data[error.start : error.start + 8].hex()), "not UTF-8"),))
    collected = _Collected(utc(now))
    for row in _json_rows(text) if text.lstrip().startswith(("{", "[")) else _csv_rows(text):
        if isinstance(row, LineError):
            collected.errors.append(row)
        else:
            collected.take(row)
        if len(collected.errors) >= MOST_ERRORS:
            collected.errors.append(LineError(row.line, "", "", f"stopped here, after {MOST_ERRORS} errors"))
            break
    if not collected.closes and not collected.errors:
        collected.errors.append(LineError(1, "", "", "no close in this file"))
    return Parsed(collected.closes, tuple(collected.errors))


async def plan(tx: Tx, parsed: Parsed, calendar: Calendar, now: datetime) -> Plan:
    """What storing the file would do; stores nothing. A figure that the file leaves empty stays as it is.

    A close that says what our own snapshot says is there already: an export brings those back.
    """
    if parsed.errors:
        return Plan(0, 0, 0, parsed.errors)
    there = await imported.stored(tx)
    ours = {
        row.when: Figures(row.usd, row.rub)
        for row in await taking_out.history(tx, calendar, now)
        if row.when in parsed.closes
    }
    told = {
        when for when, figures in parsed.closes.items() if when in ours and _filled(figures, ours[when]) == ours[when]
    }
    rest = {when: figures for when, figures in parsed.closes.items() if when not in told}
    new = {when: figures for when, figures in rest.items() if when not in there}
    known = {when: _filled(figures, there[when]) for when, figures in rest.items() if when in there}
    changed = {when: figures for when, figures in known.items() if there[when] != figures}
    replaced = {when: there[when] for when in changed}
    same = len(parsed.closes) - len(new) - len(changed)
    return Plan(len(new), same, len(changed), (), {**new, **changed}, replaced)


def _filled(figures: Figures, there: Figures) -> Figures:
    """What a file knows of a close, and what is known of it already: an empty cell knows nothing better."""
    return Figures(
        there.usd if figures.usd is None else figures.usd,
        there.rub if figures.rub is None else figures.rub,
    )


def _when_text(when: When) -> str:
    return when.strftime("%Y-%m-%dT%H:%MZ") if isinstance(when, datetime) else when.isoformat()


def _amount(figure: Decimal | None) -> str | None:
    return None if figure is None else format(figure.normalize(), "f")


async def apply(tx: Tx, parsed: Parsed, calendar: Calendar, now: datetime, *, separate: bool = False) -> Plan:
    """Store the whole file, unless it has an error; storing it again changes nothing.

    Args:
        separate: it is the history of something else: our first snapshot does not continue it but adds to it.
    """
    what = await plan(tx, parsed, calendar, now)
    if not what.errors:
        await imported.store(tx, what.to_store)
        await imported.set_separate(tx, separate=separate)
    return what


@dataclass(frozen=True, slots=True)
class _Cell:
    """A value and the column it stands in. `value` is text, None for unknown, or what does not belong there."""

    column: str
    value: object


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    time: _Cell
    usd: _Cell
    rub: _Cell


_Rows: TypeAlias = Iterator[_Line | LineError]


@dataclass(slots=True)
class _Collected:
    now: datetime
    closes: dict[When, Figures] = field(default_factory=dict)
    errors: list[LineError] = field(default_factory=list)
    lines: dict[When, int] = field(default_factory=dict)

    def take(self, row: _Line) -> None:
        """Check a row and keep it, or keep what is wrong with it."""
        before = len(self.errors)
        usd, rub = self._figure(row.line, row.usd), self._figure(row.line, row.rub)
        when = self._when(row)
        if when is None or len(self.errors) > before:
            return
        if usd is None and rub is None:
            self._refuse(row.line, row.usd, "no figure: one of the two totals is needed")
        elif when in self.lines:
            self._refuse(row.line, row.time, f"the same close as in line {self.lines[when]}")
        else:
            self.lines[when] = row.line
            self.closes[when] = Figures(usd, rub)

    def _when(self, row: _Line) -> When | None:
        try:
            return moment(str(row.time.value or ""), self.now)
        except ValueError as error:
            self._refuse(row.line, row.time, str(error))
            return None

    def _figure(self, line: int, cell: _Cell) -> Decimal | None:
        if cell.value is None:
            return None
        try:
            return exact(cell.value)
        except ValueError:
            comma = isinstance(cell.value, str) and "," in cell.value
            hint = "no exact number" + (": the decimal mark is a point, and thousands have none" if comma else "")
            self._refuse(line, cell, hint)
            return None

    def _refuse(self, line: int, cell: _Cell, reason: str) -> None:
        self.errors.append(LineError(line, cell.column, shown(cell.value), reason))


def _csv_rows(text: str) -> _Rows:
    for row in rows_of(text, COLUMNS, ("time",), one_of=TOTALS):
        if isinstance(row, LineError):
            yield row
        else:
            time, usd, rub = (_Cell(name, row.cells.get(name) or None) for name in COLUMNS)
            yield _Line(row.line, time, usd, rub)


class _Pairs(tuple[tuple[str, object], ...]):
    """A JSON object with its fields in order, so that none given twice is lost."""

    __slots__ = ()


# numbers stay the text they were, so that no digit is lost
_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_Pairs)
_BLANK = re.compile(r"[ \t\r\n]*")


def _json_rows(text: str) -> _Rows:
    """The fields of the outermost object one by one: only so does each keep its line."""
    line, counted = 1, 0
    if text.lstrip().startswith("["):
        yield LineError(1, "", shown(text.lstrip()), 'a list, and not of the form {"23-02-2026": {"USD": 1.00}, …}')
        return
    try:
        position = _after(text, 0, "{")
        more = not text.startswith("}", position)
        while more:
            line, counted = line + text.count("\n", counted, position), position
            if not text.startswith('"', position):
                raise json.JSONDecodeError("", text, position)
            key, position = _JSON.raw_decode(text, position)
            value, position = _JSON.raw_decode(text, _after(text, position, ":"))
            yield _json_row(line, key, value)
            position = _skip(text, position)
            more = text.startswith(",", position)
            if more:
                position = _after(text, position, ",")
        if _after(text, position, "}") != len(text):
            raise json.JSONDecodeError("", text, position)
    except json.JSONDecodeError as error:
        here = shown(text[error.pos : error.pos + 20])
        yield LineError(error.lineno, "", here, "no valid JSON: a comma, a quote or a brace is missing or too many")
    except RecursionError:
        yield LineError(line, "", "", "nested too deep")


def _json_row(line: int, key: str, value: object) -> _Line | LineError:
    if not isinstance(value, _Pairs):
        return LineError(line, "date", shown(key), 'its value is not of the form {"USD": 1.00, "RUB": 1.00}')
    names = [name for name, _ in value]
    for name in names:
        if name not in {"USD", "RUB"}:
            return LineError(line, name, shown(name), "unknown field: there are USD and RUB")
        if names.count(name) > 1:
            return LineError(line, name, shown(name), "the same field twice")
    figures = dict(value)
    return _Line(line, _Cell("date", key), _Cell("USD", figures.get("USD")), _Cell("RUB", figures.get("RUB")))


def _after(text: str, position: int, mark: str) -> int:
    """Behind a mark that must come next, and behind the blanks around it."""
    position = _skip(text, position)
    if not text.startswith(mark, position):
        raise json.JSONDecodeError("", text, position)
    return _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return position if found is None else found.end()
