"""A CSV file as checked rows: a header in any order, no unknown column, every problem with its line and its mend."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias, TypeVar

from portfolio_bot.model.days import utc
from portfolio_bot.model.exact import exact
from portfolio_bot.service.file_lines import LARGEST_FILE, MOST_ERRORS, LineError, moment, shown
from portfolio_bot.service.naming import asset_named

T = TypeVar("T")

LONGEST_TEXT: Final = 256


@dataclass(slots=True)
class Row:
    """One line. A reader that finds something wrong notes it and gives None; the row is then not taken.

    Attributes:
        line: 1 is the first of the file.
        cells: by column; a column that the file does not have is empty.
        errors: what was wrong so far.
    """

    line: int
    cells: Mapping[str, str]
    errors: list[LineError] = field(default_factory=list)

    def refuse(self, column: str, reason: str) -> None:
        """Note that a cell cannot stay as it is; the reason is for people and says what mends it."""
        self.errors.append(LineError(self.line, column, shown(self.cells.get(column, "")), reason))

    def text(self, column: str, *, longest: int = LONGEST_TEXT) -> str:
        """A text; "" if it is empty."""
        found = self.cells.get(column, "")
        if len(found) > longest or not found.isprintable():
            self.refuse(column, f"at most {longest} printable characters")
            return ""
        return found

    def needed(self, column: str) -> str:
        """A text that must be there."""
        found = self.text(column)
        if not found and not self.cells.get(column):
            self.refuse(column, "is missing")
        return found

    def asset(self, column: str, *, optional: bool = False) -> str:
        """The name of an asset."""
        found = self.cells.get(column, "")
        if not found and optional:
            return ""
        asset = asset_named(found)
        if asset is None:
            self.refuse(column, "no name of an asset: at most 64 characters, like BTC" if found else "is missing")
        return asset or ""

    def number(self, column: str) -> Decimal | None:
        """An exact number; None if it is empty or wrong."""
        found = self.cells.get(column, "")
        if not found:
            return None
        try:
            return exact(found)
        except ValueError:
            comma = ": the decimal mark is a point, and thousands have none" if "," in found else ""
            self.refuse(column, f"no exact number{comma}")
            return None

    def above_zero(self, column: str) -> Decimal | None:
        """A number that must be above zero."""
        found = self.number(column)
        if found is None or found > 0:
            return found
        self.refuse(column, "must be above 0")
        return None

    def one_of(self, column: str, names: Mapping[str, T], default: T | None = None) -> T | None:
        """One of a few words, in any case."""
        found = self.cells.get(column, "").lower()
        if not found and default is not None:
            return default
        if found not in names:
            self.refuse(column, f"is none of {', '.join(names)}" if found else "is missing")
            return None
        return names[found]

    def moment(self, column: str, now: datetime) -> date | datetime | None:
        """A date alone, or an instant in UTC; not in the future."""
        try:
            return moment(self.cells.get(column, ""), now)
        except ValueError as error:
            self.refuse(column, str(error))
            return None

    def instant(self, column: str, now: datetime, *, of_date: timedelta | None = None) -> datetime | None:
        """An instant in UTC.

        Args:
            of_date: when in the UTC day a date alone stands; None refuses one.
        """
        found = self.moment(column, now)
        if found is None or isinstance(found, datetime):
            return found
        if of_date is None:
            self.refuse(column, "a date alone: the time is needed too, like 2026-02-23T08:00Z")
            return None
        return utc(datetime.fromisoformat(f"{found.isoformat()}T00:00+00:00")) + of_date


Reader: TypeAlias = Callable[[Row], "T | None"]


def read_table(
    data: bytes, columns: Sequence[str], required: Sequence[str], take: Callable[[Row], T | None]
) -> tuple[list[tuple[int, T]], tuple[LineError, ...]]:
    """What the lines of a file say, with their numbers; and what is wrong with them.

    Args:
        columns: all there may be.
        required: those that the header must have.
        take: makes something of a row; None where it noted what is wrong.
    """
    found: list[tuple[int, T]] = []
    errors: list[LineError] = []
    for row in _rows(data, columns, required):
        if isinstance(row, LineError):
            errors.append(row)
        else:
            taken = take(row)
            errors += row.errors
            if taken is not None and not row.errors:
                found.append((row.line, taken))
        if len(errors) >= MOST_ERRORS:
            errors.append(LineError(errors[-1].line, "", "", f"stopped here, after {MOST_ERRORS} errors"))
            break
    if not found and not errors:
        errors.append(LineError(1, "", "", "no row in this file"))
    return found, tuple(errors)


def _rows(data: bytes, columns: Sequence[str], required: Sequence[str]) -> Iterator[Row | LineError]:
    if len(data) > LARGEST_FILE:
        yield LineError(1, "", f"{len(data) / 1024 / 1024:.1f} MB", "larger than 10 MB: split the file")
        return
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield LineError(
            data.count(b"\n", 0, error.start) + 1, "", shown(data[error.start : error.start + 8].hex()), "not UTF-8"
        )
        return
    yield from rows_of(content, columns, required)


def rows_of(
    content: str, columns: Sequence[str], required: Sequence[str], one_of: Sequence[str] = ()
) -> Iterator[Row | LineError]:
    """The lines below the header, and what is wrong with a line or with the header.

    Args:
        required: columns that a file must have.
        one_of: columns of which it must have one at least.
    """
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        problems = list(_header_problems(header, columns, required, one_of))
        yield from problems
        if problems:
            return
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                yield LineError(reader.line_num, "", shown(",".join(cells)), f"needs {len(header)} cells")
                continue
            # an export puts an apostrophe before text that a spreadsheet would take for a formula
            row = {name: cell.strip().removeprefix("'") for name, cell in zip(header, cells, strict=True)}
            yield Row(reader.line_num, row)
    except csv.Error:
        yield LineError(reader.line_num, "", "", "no valid CSV: a quote is missing or out of place")


def _header_problems(
    header: Sequence[str], columns: Sequence[str], required: Sequence[str], one_of: Sequence[str]
) -> Iterator[LineError]:
    known = set(header) & set(columns)
    if not known:
        wanted = f"the first line must name the columns, divided by commas: {','.join(columns)}"
        yield LineError(1, "", shown(",".join(header)), wanted)
        return
    for name in dict.fromkeys(header):
        if name not in known:
            yield LineError(1, name, shown(name), f"unknown column: there are {', '.join(columns)}")
        elif header.count(name) > 1:
            yield LineError(1, name, shown(name), "the same column twice")
    for name in required:
        if name not in known:
            yield LineError(1, name, "", "the column is missing")
    if one_of and known.isdisjoint(one_of):
        yield LineError(1, one_of[0], "", f"one of these columns is needed: {', '.join(one_of)}")
