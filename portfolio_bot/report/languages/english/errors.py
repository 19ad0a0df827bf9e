"""What is wrong with something that somebody typed, and what would be right, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

_INTERVAL = "Minutes (45), or 45m, 2h, 1d; from 5 minutes to 7 days."
_WINDOW = "Two full hours from 0 to 24 (8-20, or 22-6 over midnight), or always."

ERRORS: Final = {
    "no_interval": ErrorWords("is no interval", _INTERVAL),
    "interval_too_short": ErrorWords("is too short", _INTERVAL),
    "interval_too_long": ErrorWords("is too long", _INTERVAL),
    "no_window": ErrorWords("is no window", _WINDOW),
    "window_beyond_clock": ErrorWords("goes beyond the clock", _WINDOW),
}
