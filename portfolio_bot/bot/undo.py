"""The way back from a change: a line that a button says, so that nothing is remembered between two presses."""

from __future__ import annotations

from portfolio_bot.bot.house import House
from portfolio_bot.report.views import SettingOrigin

UNDO, RESET = "undo", "reset"


def undoing(argument: str) -> tuple[bool, str]:
    """Whether an argument takes something back, and what is wanted then: `undo 120m`, `undo reset`."""
    first, _, rest = argument.partition(" ")
    return (True, rest) if first.lower() == UNDO and rest else (False, argument)


def back_to(house: House, word: str, *names: str) -> tuple[str, str]:
    """What an undo button says: back to the chat's own value, or to what stands below it if there was none.

    Args:
        word: the value in force.
        names: the settings that hold it.
    """
    views = [view for view in house.preferences.listing() if view.name in names]
    return UNDO, word if any(view.origin is SettingOrigin.CHAT for view in views) else RESET
