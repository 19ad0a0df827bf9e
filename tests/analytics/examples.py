"""Worked examples with published figures, and small builders for series: `series("1 Jan 100, 2 Jan 110")`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, TypeAlias

from portfolio_bot.analytics.returns import DayReturn
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.model.figure import Figure, Known, Unknown

Case: TypeAlias = Mapping[str, Any]

FOLDER = Path(__file__).parent.parent / "fixtures" / "analytics"
START = datetime(2026, 1, 1, tzinfo=UTC)


def cases(name: str) -> list[Case]:
    """The cases of one file of examples."""
    found: list[Case] = json.loads((FOLDER / f"{name}.json").read_text())["cases"]
    return found


def names(found: Sequence[Case]) -> list[str]:
    """Their ids, for pytest."""
    return [str(case["id"]) for case in found]


def instant(text: str) -> datetime:
    """`2026-01-01T00:00:00Z`, or a bare date at midnight UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def valuations(rows: Sequence[Case], field: str = "value", rate: str = "") -> list[Valuation]:
    """Rows of an example; `rate` names the field by which each value is converted."""
    return [Valuation(instant(row["t"]), _converted(row, field, rate)) for row in rows]


def flows(rows: Sequence[Case], field: str = "amount", rate: str = "") -> list[Flow]:
    """Flows of an example; `rate` as for valuations."""
    return [Flow(instant(row["t"]), _converted(row, field, rate)) for row in rows]


def _converted(row: Case, field: str, rate: str) -> Decimal:
    return Decimal(row[field]) * (Decimal(row[rate]) if rate else 1)


def hours(text: str) -> list[Valuation]:
    """`0 100, 1 110`: value by hours since the start of 2026; fractions of an hour too."""
    return [Valuation(at, amount) for at, amount in _rows(text)]


def moved(text: str) -> list[Flow]:
    """`0.5 20, 1 -30`: flows by hours since the start of 2026."""
    return [Flow(at, amount) for at, amount in _rows(text)]


def _rows(text: str) -> list[tuple[datetime, Decimal]]:
    pairs = (piece.split() for piece in text.split(",") if piece.strip())
    return [(START + timedelta(hours=float(hour)), Decimal(amount)) for hour, amount in pairs]


def day_returns(percents: Sequence[str | Decimal | Figure], first: date = date(2026, 1, 1)) -> list[DayReturn]:
    """Daily returns in a row, by their percentage alone; the first ends on the day after `first`."""
    found = []
    for place, percent in enumerate(percents):
        figure = percent if isinstance(percent, Known | Unknown) else Known(Decimal(percent))
        since = first + timedelta(days=place)
        at = START + timedelta(days=place)
        end = at + timedelta(days=1)
        found.append(DayReturn(since + timedelta(days=1), since, at, end, Decimal(0), Decimal(0), figure, 1))
    return found


def value_of(figure: Figure) -> Decimal:
    """The value of a figure that must be known."""
    assert isinstance(figure, Known), figure
    return figure.value


def near(found: Decimal, expected: str | Decimal | float, tolerance: str | float = "1e-12") -> bool:
    """Whether they differ by less than the tolerance, relative to 1 or to what was expected."""
    exact = Context(prec=60)
    wanted = Decimal(expected)
    slack = exact.multiply(Decimal(tolerance), max(Decimal(1), abs(wanted)))
    return abs(exact.subtract(found, wanted)) <= slack
