"""What stands at an axis: short figures in the reader's convention."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.model.money import Currency
from portfolio_bot.report.numbers import CONTEXT, MINUS, NBSP, SYMBOLS
from portfolio_bot.report.voice import Voice

_UNITS: Final = (
    ("chart_billions", Decimal(1_000_000_000)),
    ("chart_millions", Decimal(1_000_000)),
    ("chart_thousands", Decimal(1_000)),
)
_FROM: Final = Decimal(10_000)
_DECIMALS: Final = 2
"""More would make the figure longer than the full one."""


def money_labels(voice: Voice, values: Sequence[Decimal], currency: Currency) -> list[str]:
    """`$42k`, `$42.5k`, `−₽1.2M`: all in one unit, and exact."""
    name, unit = _unit(values)
    return [_money(voice, value, currency, name, unit) for value in values]


def percent_labels(voice: Voice, values: Sequence[Decimal]) -> list[str]:
    """`+5%`, `0%`, `−2.5%` for fractions: exact."""
    places = max((_decimals(CONTEXT.multiply(value, Decimal(100))) for value in values), default=0)
    return [voice.numbers.percent_change(value, places) for value in values]


def index_labels(voice: Voice, values: Sequence[Decimal]) -> list[str]:
    """`100`, `105`; `100.20` where whole numbers would be the same."""
    if all(value == value.to_integral_value() for value in values):
        return [_signed(voice, value) for value in values]
    return [voice.numbers.ratio(value) for value in values]


def _signed(voice: Voice, value: Decimal) -> str:
    return ("" if value >= 0 else MINUS) + voice.numbers.count(abs(int(value)))


def _unit(values: Sequence[Decimal]) -> tuple[str, Decimal]:
    largest = max((value.copy_abs() for value in values), default=Decimal(0))
    for name, unit in _UNITS:
        enough = largest >= (max(unit, _FROM))
        if enough and all(_decimals(CONTEXT.divide(value, unit)) <= _DECIMALS for value in values):
            return name, unit
    return "", Decimal(1)


def _decimals(value: Decimal) -> int:
    """Decimal places that a figure takes to be written exactly."""
    exponent = value.normalize(CONTEXT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _money(voice: Voice, value: Decimal, currency: Currency, name: str, unit: Decimal) -> str:
    figure = voice.numbers.amount(CONTEXT.divide(value, unit).copy_abs())
    if name and value:
        figure = voice.word(name, n=figure)
    sign, symbol = MINUS if value < 0 else "", SYMBOLS.get(currency, currency)
    if voice.numbers.style.symbol_first:
        return f"{sign}{symbol}{figure}" if currency in SYMBOLS else f"{sign}{symbol}{NBSP}{figure}"
    return f"{sign}{figure}{NBSP}{symbol}"
