"""What is said: values become documents. Decided once, for every face."""

from portfolio_bot.report.compose.assets import balance
from portfolio_bot.report.compose.overview import status
from portfolio_bot.report.compose.past import history
from portfolio_bot.report.compose.rules import schedule, setting_reset, settings, window
from portfolio_bot.report.compose.sources import accounts, check, notice
from portfolio_bot.report.compose.talk import (
    broken,
    error,
    help,  # noqa: A004 - named like its command
    ids,
    late,
    progress,
    repeated,
    said,
    setup_mode,
    start,
    too_old,
    unknown_command,
    user_error,
)

__all__ = [
    "accounts",
    "balance",
    "broken",
    "check",
    "error",
    "help",
    "history",
    "ids",
    "late",
    "notice",
    "progress",
    "repeated",
    "said",
    "schedule",
    "setting_reset",
    "settings",
    "setup_mode",
    "start",
    "status",
    "too_old",
    "unknown_command",
    "user_error",
    "window",
]
