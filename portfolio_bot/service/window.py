"""The hours of the day in which something may be pushed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from portfolio_bot.model.days import Calendar
from portfolio_bot.service.errors import UserError

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of the day in which a report may be pushed, both o'clocks included.

    Attributes:
        start, end: whole local hours, 0 to 23. `start > end` goes over midnight; equal means always.
    """

    start: int
    end: int

    @property
    def always(self) -> bool:
        """Whether it never shuts."""
        return self.start == self.end

    @property
    def hours(self) -> tuple[int, int]:
        """Both."""
        return self.start, self.end

    def stretch(self, calendar: Calendar, instant: datetime) -> tuple[datetime, datetime]:
        """The first open stretch that ends at or after an instant: when it opens, when it shuts."""
        if self.always:
            return _EVER
        day = calendar.day(instant) - timedelta(days=1)
        while True:
            opens, shuts = _borders(self, calendar, day)
            if shuts >= instant:
                return opens, shuts
            day += timedelta(days=1)

    def contains(self, calendar: Calendar, instant: datetime) -> bool:
        """Whether it is open at an instant."""
        return self.stretch(calendar, instant)[0] <= instant

    def fit(self, calendar: Calendar, instant: datetime) -> datetime:
        """The instant itself if it is open then, else its next opening."""
        return max(instant, self.stretch(calendar, instant)[0])


ALWAYS = Window(0, 0)


@lru_cache(maxsize=64)  # every tick asks for the same few days
def _borders(window: Window, calendar: Calendar, day: date) -> tuple[datetime, datetime]:
    """When the window of a local day opens and shuts, in UTC."""
    shuts_on = day + timedelta(days=window.end < window.start)
    return calendar.at(day, time(window.start)), calendar.at(shuts_on, time(window.end))


_WINDOW = re.compile(r"(\d{1,2})(?::00)?\s*(?:-|–|\s|to)\s*(\d{1,2})(?::00)?", re.ASCII)


def parse_window(text: str) -> Window:
    """A window as people type it: `8-20`, `8 20`, `22-6`; `always` and `off` mean round the clock.

    Raises:
        UserError: it is none, or an hour is beyond the clock.
    """
    plain = text.strip().lower()
    if plain in {"off", "always"}:
        return ALWAYS
    match = _WINDOW.fullmatch(plain)
    if not match:
        raise UserError(text, "no_window")
    start, end = int(match[1]), int(match[2])
    if start > 23 or end > 24:
        raise UserError(text, "window_beyond_clock")
    return Window(start, end % 24)


def window_word(window: Window) -> str:
    """As `parse_window` reads it."""
    return "always" if window.always else f"{window.start}-{window.end}"
