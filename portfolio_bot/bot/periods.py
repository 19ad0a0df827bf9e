"""The period that a command is about: how it is typed, and the buttons that show others in the same message."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portfolio_bot.analytics.series import Kept
from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Rows
from portfolio_bot.notify.base import Key
from portfolio_bot.report.compose.performance import kept
from portfolio_bot.report.numbers import SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.performance import WINDOWS, Window

_SIDE_BY_SIDE: Final = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for.

    Attributes:
        name: the period as a button says it again.
        window: the period.
        view: how it is to be shown.
        currency: of the figures.
    """

    name: str
    window: Window
    view: View
    currency: Kept


def asked(argument: str, reader: Reader, *, default: str) -> Asked:
    """The period and the words of a view, in any order.

    Raises:
        UserError: a word is neither, or there are two periods.
    """
    found: list[tuple[str, Window]] = []
    others: list[str] = []
    for word in argument.split():
        window = Window.named(word, reader.calendar)
        if window is None:
            others.append(word)
        else:
            found.append((word, window))
    view, rest = view_of(" ".join(others), reader)
    if rest or len(found) > 1:
        value = rest or found[1][0]
        raise UserError(value, "no_period" if rest else "second_period", periods=", ".join(WINDOWS))
    window = found[0][1] if found else Window.named(default, reader.calendar) or Window()
    return Asked(window.name if found else default, window, view, kept(view.currency.upper() or reader.currency))


def keys(reader: Reader, command: str, what: Asked, *, detail: bool = False, currency: bool = True) -> Rows:
    """Buttons that show other periods, more of this one, and the other currency.

    Args:
        detail: there is more to show.
        currency: the figures are kept in two.
    """
    periods = (_period(reader, command, what, name) for name in WINDOWS if name != what.name)
    below: list[Key] = [buttons.named(reader, "refresh", command, what.view.to(), what.name)]
    if detail:
        label = "summary" if what.view.detail else "details"
        below.append(buttons.named(reader, label, command, what.view.to(detail=not what.view.detail), what.name))
    if currency:
        below.append(other_currency(command, what.view, what.currency, what.name))
    return (*buttons.in_rows(periods, _SIDE_BY_SIDE), tuple(below))


def other_currency(command: str, view: View, currency: Kept, *rest: object) -> Key:
    """The button that shows the same in roubles, or in dollars."""
    other = "USD" if currency == "RUB" else "RUB"
    return buttons.key(SYMBOLS[other], command, view.to(currency=other.lower()), *rest)


def _period(reader: Reader, command: str, what: Asked, name: str) -> Key:
    return buttons.key(label(Voice.of(reader), name), command, what.view.to(), name)


def label(voice: Voice, name: str) -> str:
    """A period as a button says it."""
    words = {"24h": voice.chat("hours_24"), "ytd": voice.chat("this_year"), "all": voice.chat("all")}
    return words.get(name) or voice.chat("days", days=name.removesuffix("d"))


def days_keys(reader: Reader, command: str, view: View, choices: Iterable[int], shown: int) -> tuple[Key, ...]:
    """Buttons that show so many days."""
    count = Voice.of(reader).numbers.count
    return tuple(
        buttons.named(reader, "days", command, view.to(), choice, days=count(choice))
        for choice in choices
        if choice != shown
    )
