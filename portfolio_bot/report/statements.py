"""Values that describe the end of a day: a broker's statement, not an instant."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_ZONES: Final = {"ibkr": ZoneInfo("America/New_York")}
"""Sources whose values describe the end of a day, and where that day ends."""


def closing_day(source: str, as_of: datetime) -> date | None:
    """The day that a source's statement closes; None for a source that is valued at an instant.

    Its end is the first instant of the next day, so the day is the one in which the instant before lies.
    """
    zone = _ZONES.get(source)
    return None if zone is None else (as_of - timedelta(microseconds=1)).astimezone(zone).date()
