"""`/chart [days]` and `/allocation`: the money as a picture, in the message that the buttons below it edit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from portfolio_bot.bot import buttons
from portfolio_bot.bot.arguments import View, view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import Key
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.compose.performance import kept
from portfolio_bot.report.numbers import SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.charts import SPLITS
from portfolio_bot.service.choices import of_chat
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import DARK, LIGHT, THEME
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.performance import Window
from portfolio_bot.service.snapshots import STATUS

_PERIODS: Final = ("7d", "30d", "90d", "ytd", "all")
_DEFAULT: Final = "90d"
_SIDE_BY_SIDE: Final = 2
"""Names of pictures: four of them are cut off on a small phone."""

_CURVES: Final = tuple(kind for kind in ChartKind if kind not in SPLITS)
_THEMES: Final = frozenset({LIGHT, DARK})
_CHART, _ALLOCATION = "chart", "allocation"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for.

    Attributes:
        kind: of picture.
        period: as a button says it again.
        window: the same.
        view: currency, and whether the accounts are asked before.
        theme: `light` or `dark` where that was said; else "".
    """

    kind: ChartKind
    period: str
    window: Window
    view: View
    theme: str


async def chart(house: House, request: Request) -> Answer:
    """A curve of the past, or the months."""
    what = _asked(request, _CURVES, ChartKind.WORTH)
    return await _answer(house, request, what, _CHART)


async def allocation(house: House, request: Request) -> Answer:
    """What there is now, by asset or by account."""
    what = _asked(request, SPLITS, ChartKind.ASSETS)
    return await _answer(house, request, what, _ALLOCATION)


async def _answer(house: House, request: Request, what: _Asked, command: str) -> Answer:
    if house.charts is None:
        raise UserError("", "chart_nothing_here")
    kept_theme = await _remembered(house, request, what.theme)
    reader = what.view.reader(request.reader)
    if what.theme:
        reader = replace(reader, light=what.theme == LIGHT)
    if what.view.fresh:
        await house.snapshots.take(STATUS)
    elif what.kind in SPLITS:
        await house.newest(request.progress)
    picture = await house.charts.draw(what.kind, what.window, reader)
    shown = _Shown(command, what, reader, request.reader.currency, "" if kept_theme else what.theme)
    return Answer(picture.caption, shown.rows(), file=picture.file)


async def _remembered(house: House, request: Request, theme: str) -> bool:
    """Keep the theme for the chat, if an owner chose it; whether it is what the chat has now."""
    if not theme or (theme == LIGHT) == request.reader.light:
        return True
    if house.choices is None or not request.owner:
        return False
    with suppress(AlreadyDone):  # Telegram told us of this press before
        await house.choices.set(of_chat(request.place), THEME, theme, request.who, along=once(request.update))
    return True


def _asked(request: Request, kinds: tuple[ChartKind, ...], default: ChartKind) -> _Asked:
    """Period, kind, theme and the words of a view, in any order.

    Raises:
        UserError: a word is none of them, or there are two of a sort.
    """
    reader, of_past = request.reader, default not in SPLITS
    view_words, chosen, periods, themes = list[str](), list[ChartKind](), list[Window](), list[str]()
    for word in request.argument.split():
        small = word.lower()
        window = Window.named(small, reader.calendar) if of_past else None
        if small in kinds:
            chosen.append(ChartKind(small))
        elif small in _THEMES:
            themes.append(small)
        elif window is not None:
            periods.append(window)
        elif view_of(small, reader)[1]:
            raise _unknown(word, kinds, of_past=of_past)
        else:
            view_words.append(small)
        if max(len(chosen), len(periods), len(themes)) > 1:
            raise UserError(word, "chart_two_words") if of_past else _unknown(request.argument, kinds, of_past=False)
    window = periods[0] if periods else Window.named(_DEFAULT, reader.calendar) or Window()
    view, _ = view_of(" ".join(view_words), reader)
    return _Asked(chosen[0] if chosen else default, window.name, window, view, themes[0] if themes else "")


def _unknown(word: str, kinds: tuple[ChartKind, ...], *, of_past: bool) -> UserError:
    if of_past:
        return UserError(word, "chart_unknown_word", kinds=", ".join(kinds))
    return UserError(word, "chart_allocation_word")


@dataclass(frozen=True, slots=True)
class _Shown:
    """The buttons below a picture.

    Attributes:
        reader: as it was drawn for.
        base: the currency that the reader has without a choice.
        theme: said again by every button, where the chat has another.
    """

    command: str
    what: _Asked
    reader: Reader
    base: str
    theme: str

    def rows(self) -> Rows:
        """Periods where there are any, other pictures, and how this one is shown."""
        kinds = buttons.in_rows(self._kinds(), _SIDE_BY_SIDE)
        # shares are the same in every currency
        currency = () if self.reader.percent_only and self.what.kind in SPLITS else (self._currency(),)
        how = (self._refresh(), *currency, self._theme())
        periods = tuple(self._periods())
        return (periods, *kinds, how) if periods else (*kinds, how)

    def _key(self, label: str, view: View, *, period: str = "", kind: ChartKind | None = None, theme: str = "") -> Key:
        kind = kind or self.what.kind
        if kind in SPLITS:
            return buttons.key(label, _ALLOCATION, view, theme or self.theme, kind)
        return buttons.key(label, _CHART, view, theme or self.theme, period or self.what.period, kind)

    def _periods(self) -> Iterator[Key]:
        if self.what.kind in SPLITS or self.what.kind is ChartKind.MONTHS:
            return
        voice = Voice.of(self.reader)
        words = {"ytd": voice.chat("this_year"), "all": voice.chat("all")}
        for name in _PERIODS:
            if name != self.what.period:
                label = words.get(name) or voice.chat("days", days=name.removesuffix("d"))
                yield self._key(label, self.what.view.to(), period=name)

    def _kinds(self) -> Iterator[Key]:
        voice = Voice.of(self.reader)
        labels = {
            ChartKind.WORTH: voice.chat("chart_worth"),
            ChartKind.TWR: voice.chat("chart_twr"),
            ChartKind.DRAWDOWN: voice.chat("chart_drawdown"),
            ChartKind.MONTHS: voice.chat("chart_months"),
            ChartKind.ASSETS: voice.chat("chart_assets"),
            ChartKind.ACCOUNTS: voice.chat("chart_accounts"),
        }
        here = self.what.kind
        for kind, label in labels.items():
            hidden = kind is ChartKind.ACCOUNTS if here not in SPLITS else kind not in (*SPLITS, ChartKind.WORTH)
            if kind is not here and not hidden:
                yield self._key(label, self.what.view.to(), kind=kind)

    def _refresh(self) -> Key:
        return self._key(Voice.of(self.reader).chat("refresh"), self.what.view.to(fresh=True))

    def _currency(self) -> Key:
        """Of what there is now any; values of the past are kept in two."""
        now, base = self.reader.currency, self.base
        if self.what.kind not in SPLITS:
            now, base = kept(now), kept(base)
        home = base if base != "RUB" else "USD"
        other = home if now == "RUB" else "RUB"
        return self._key(SYMBOLS.get(other, other), self.what.view.to(currency=other.lower()))

    def _theme(self) -> Key:
        voice = Voice.of(self.reader)
        if self.reader.light:
            return self._key(voice.chat("chart_dark"), self.what.view.to(), theme=DARK)
        return self._key(voice.chat("chart_light"), self.what.view.to(), theme=LIGHT)


COMMANDS = (Command(_CHART, chart, "[90d] [twr]"), Command(_ALLOCATION, allocation, "[accounts]"))
