"""How figures look. The only place in the house that rounds: half-even, and never to a minus zero.

For eyes the minus is U+2212 and spaces inside a figure do not break; `plain` and `money_text` are for machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from portfolio_bot.model.days import Calendar, utc
from portfolio_bot.model.money import Currency

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"
CONTEXT: Final = Context(prec=120, rounding=ROUND_HALF_EVEN)
"""Wide enough that nothing a venue can print is cut before it is rounded here, whatever the ambient context is."""

HIDDEN: Final = "•••"
"""What stands for an amount that may not be shown."""

MONEY_PLACES: Final = 8
FRACTION_PLACES: Final = 12
DERIVED_DIGITS: Final = 18
AMOUNT_DIGITS: Final = 8
PRICE_DIGITS: Final = 5
NO_CENTS_FROM: Final = 10_000

SYMBOLS: Final = {
    "USD": "$", "RUB": "₽", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "CN¥", "INR": "₹", "TRY": "₺", "KZT": "₸",
    "UAH": "₴", "KRW": "₩", "ILS": "₪",
}  # fmt: skip
WHOLE: Final = frozenset({"RUB", "JPY", "KRW", "HUF", "ISK", "IDR", "VND", "KZT", "AMD", "UZS"})
"""Currencies whose hundredths nobody looks at."""


def rounded(number: Decimal, places: int) -> Decimal:
    """`number` at so many decimal places, half-even; zero has no sign."""
    result = number.quantize(Decimal(1).scaleb(-places), context=CONTEXT)
    return result or result.copy_abs()


def significant(number: Decimal, digits: int) -> Decimal:
    """`number` at so many significant digits, half-even."""
    return Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(number)


def plain(number: Decimal) -> str:
    """Exact, in plain notation: no exponent, no trailing zeros, no minus zero."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(amount: Decimal) -> str:
    """Money for machines: 8 places at most."""
    return plain(rounded(amount, MONEY_PLACES))


def fraction_text(number: Decimal) -> str:
    """A fraction or a percentage for machines: 12 places at most."""
    return plain(rounded(number, FRACTION_PLACES))


def derived_text(number: Decimal) -> str:
    """A price or rate that comes from a division: 18 significant digits at most."""
    return plain(significant(number, DERIVED_DIGITS))


@dataclass(frozen=True, slots=True)
class Style:
    """What a language does to figures.

    Attributes:
        months: short names as they stand behind a day, January first.
        headings: short names of months that stand alone.
        alone: names of months before their year.
        units: second, minute, hour, day.
        ago: an age, with `{}` for its length.
        symbol_first: `$12`, else `12 $`.
    """

    group: str
    point: str
    percent: str
    symbol_first: bool
    months: tuple[str, ...]
    headings: tuple[str, ...]
    alone: tuple[str, ...]
    units: tuple[str, str, str, str]
    ago: str


_ENGLISH_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

ENGLISH: Final = Style(
    group=",",
    point=".",
    percent="{}%",
    symbol_first=True,
    months=_ENGLISH_MONTHS,
    headings=_ENGLISH_MONTHS,
    alone=_ENGLISH_MONTHS,
    units=("s", "min", "h", "d"),
    ago="{} ago",
)

_RUSSIAN_MONTHS: Final = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip

RUSSIAN: Final = Style(
    group=NBSP,
    point=",",
    percent=f"{{}}{NBSP}%",
    symbol_first=False,
    months=("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    headings=("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    alone=_RUSSIAN_MONTHS,
    units=("с", "мин", "ч", "д"),
    ago=f"{{}}{NBSP}назад",
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Figures for one reader.

    Attributes:
        now: what "today", "this year" and ages are counted from, aware UTC.
        percent_only: amounts of money and of assets are hidden; percentages, prices, rates and counts are not.
    """

    style: Style
    calendar: Calendar
    now: datetime
    percent_only: bool = False

    def headline(self, amount: Decimal, currency: Currency) -> str:
        """`$45,310`, but `$9,310.25`: no cents from 10,000 on."""
        return self._with_symbol(amount, currency, self._headline_places(amount, currency))

    def limit(self, amount: Decimal, currency: Currency) -> str:
        """A round amount as people say it: `$1`."""
        places = 0 if amount == amount.to_integral_value() else places_of(currency)
        return self._symbolled(self._signed(rounded(amount, places), plus=False), currency)

    def money(self, amount: Decimal, currency: Currency) -> str:
        """`$12,345.67`, `₽3,561,383`."""
        return self._with_symbol(amount, currency, places_of(currency))

    def bare(self, amount: Decimal, currency: Currency) -> str:
        """`12,345.67`: for columns whose currency is known."""
        return self._own(amount, rounded(amount, places_of(currency)))

    def bare_headline(self, amount: Decimal, currency: Currency) -> str:
        """`45,310`: for narrow columns."""
        return self._own(amount, rounded(amount, self._headline_places(amount, currency)))

    def change(self, amount: Decimal, currency: Currency) -> str:
        """`+$512.40`, `−₽1,200`; nothing before a zero."""
        return self._with_symbol(amount, currency, places_of(currency), plus=True)

    def bare_change(self, amount: Decimal, currency: Currency, *, cents: bool = True) -> str:
        """`+512.40`, or `+512` where space is short."""
        return self._own(amount, rounded(amount, places_of(currency) if cents else 0), plus=True)

    def percent_change(self, fraction: Decimal, places: int = 2) -> str:
        """`+1.14%` for 0.0114."""
        return self._percent(self._signed(rounded(CONTEXT.multiply(fraction, Decimal(100)), places), plus=True))

    def percent(self, percent: Decimal, places: int = 1) -> str:
        """`99.9%` for 99.9."""
        return self._percent(self._signed(rounded(percent, places), plus=False))

    def share(self, part: Decimal, whole: Decimal) -> str:
        """`27.2%`; `<0.1%` for dust; "" where there is nothing to have a share of."""
        if whole <= 0:
            return ""
        percent = CONTEXT.multiply(CONTEXT.divide(part, whole), Decimal(100))
        if percent and percent.copy_abs() < Decimal("0.1"):  # abs() would round by the ambient context
            return ("<" if percent > 0 else f">{MINUS}") + self._percent(f"0{self.style.point}1")
        return self.percent(percent)

    def amount(self, amount: Decimal) -> str:
        """Up to 8 significant digits, zeros trimmed, never an exponent; whole units are never rounded away."""
        if self.percent_only:
            return self._hidden(amount)
        whole_digits = max(amount.adjusted() + 1, 0) if amount else 0
        shown = significant(amount, max(AMOUNT_DIGITS, whole_digits))
        return self._localised(plain(shown), plus=False)

    def exact(self, number: Decimal) -> str:
        """Every digit there is: for what somebody types into a calculator."""
        return self._localised(plain(number), plus=False)

    def amount_change(self, amount: Decimal) -> str:
        """The same with its sign: `+0.1503`, `−2,000`."""
        text = self.amount(amount)
        return f"+{text}" if amount > 0 else text

    def price(self, price: Decimal) -> str:
        """At least 2 decimals and 5 significant digits: `67,123.45`, `1.0002`, `0.000012345`."""
        text = plain(rounded(price, max(2, PRICE_DIGITS - 1 - price.adjusted()) if price else 2))
        whole, _, decimals = text.partition(".")
        return self._localised(f"{whole}.{decimals.ljust(2, '0')}", plus=False)

    def quantity(self, amount: Decimal) -> str:
        """`0.1503`, `2.0000`: of an asset, at 4 decimals, where these are not all zeros."""
        return self._own(amount, rounded(amount, 4)) if rounded(amount, 4) or not amount else self.amount(amount)

    def unit_price(self, price: Decimal) -> str:
        """`67,123.4500`: at 4 decimals, where these are not all zeros."""
        return self._signed(rounded(price, 4), plus=False) if rounded(price, 4) or not price else self.price(price)

    def stamp(self, instant: datetime) -> str:
        """`2026-11-20 13:05 UTC`: the same for everybody."""
        return f"{utc(instant):%Y-%m-%d %H:%M} UTC"

    def ratio(self, ratio: Decimal) -> str:
        """A bare number: `1.23`."""
        return self._signed(rounded(ratio, 2), plus=False)

    def rate(self, rate: Decimal) -> str:
        """An exchange rate: `78.60`, `1.0812`."""
        return self._signed(rounded(rate, 2 if rate >= 10 else 4), plus=False)

    def rate_in(self, rate: Decimal, currency: Currency) -> str:
        """The same with the sign of the currency that it is counted in: `₽78.60`."""
        return self._symbolled(self.rate(rate), currency)

    def count(self, number: int) -> str:
        """`1,234`."""
        return self._localised(str(number), plus=False)

    def seconds(self, seconds: float) -> str:
        """How long something took: `0.3 s`."""
        return self._joined(self._signed(rounded(Decimal(str(seconds)), 1), plus=False), self.style.units[0])

    def skew(self, seconds: Decimal) -> str:
        """How far a clock is off: `+0.1 s`."""
        return self._joined(self._signed(rounded(seconds, 1), plus=True), self.style.units[0])

    def clock(self, instant: datetime) -> str:
        """`14:05` in the reader's zone."""
        return f"{self._local(instant):%H:%M}"

    def day(self, day: date) -> str:
        """`18 Nov`, with the year where it is not this one."""
        text = self._joined(str(day.day), self.style.months[day.month - 1])
        return text if day.year == self.today.year else self._joined(text, str(day.year))

    def month(self, year: int, month: int) -> str:
        """`Nov 2026`."""
        return self._joined(self.style.alone[month - 1], str(year))

    def moment(self, instant: datetime) -> str:
        """Today the time, else day and time."""
        day = self.calendar.day(instant)
        return self.clock(instant) if day == self.today else f"{self.day(day)}{NBSP}{self.clock(instant)}"

    def moment_short(self, instant: datetime) -> str:
        """Today the time, else the day: for narrow columns."""
        day = self.calendar.day(instant)
        return self.clock(instant) if day == self.today else self.day(day)

    def days(self, first: date, last: date) -> str:
        """`16–17 Nov`, `30 Oct – 2 Nov`, `18 Nov`."""
        if first == last:
            return self.day(last)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{self.day(last)}"
        return self._joined(self.day(first), "–", self.day(last))

    @property
    def today(self) -> date:
        """The reader's day."""
        return self.calendar.day(self.now)

    def age(self, instant: datetime) -> str:
        """How long ago, in its largest unit: `2 h ago`."""
        return self.style.ago.format(self._parts(utc(self.now) - utc(instant), 1))

    def span(self, length: timedelta) -> str:
        """A length in its two largest units: `3 h 10 min`."""
        return self._parts(length, 2)

    def hours(self, length: timedelta) -> str:
        """A length in hours alone: `24 h`."""
        return self._joined(self.count(round(length / timedelta(hours=1))), self.style.units[2])

    def _parts(self, length: timedelta, most: int) -> str:
        seconds = max(int(length.total_seconds()), 0)
        parts: list[str] = []
        for size, unit in zip((86400, 3600, 60, 1), reversed(self.style.units), strict=True):
            count, seconds = divmod(seconds, size)
            if count:
                parts.append(self._joined(str(count), unit))
            elif parts:
                break  # "2 d 5 s" says less than "2 d"
        return NBSP.join(parts[:most]) or self._joined("0", self.style.units[0])

    def _local(self, instant: datetime) -> datetime:
        return utc(instant).astimezone(self.calendar.zone)

    def _headline_places(self, amount: Decimal, currency: Currency) -> int:
        places = places_of(currency)
        return 0 if abs(rounded(amount, places)) >= NO_CENTS_FROM else places

    def _with_symbol(self, amount: Decimal, currency: Currency, places: int, *, plus: bool = False) -> str:
        if self.percent_only:
            return self._hidden(amount, plus=plus)
        return self._symbolled(self._signed(rounded(amount, places), plus=plus), currency)

    def _symbolled(self, digits: str, currency: Currency) -> str:
        symbol = SYMBOLS.get(currency, currency)
        if not self.style.symbol_first:
            return self._joined(digits, symbol)
        sign, digits = (digits[0], digits[1:]) if digits[0] in f"+{MINUS}" else ("", digits)
        return f"{sign}{symbol}{digits}" if currency in SYMBOLS else f"{sign}{symbol}{NBSP}{digits}"

    def _own(self, amount: Decimal, shown: Decimal, *, plus: bool = False) -> str:
        """An amount without its currency, or what stands for it."""
        return self._hidden(amount, plus=plus) if self.percent_only else self._signed(shown, plus=plus)

    @staticmethod
    def _hidden(amount: Decimal, *, plus: bool = False) -> str:
        """Which way it went may be known: percentages say that too."""
        return (MINUS if amount < 0 else "+" if plus and amount > 0 else "") + HIDDEN

    def _signed(self, number: Decimal, *, plus: bool) -> str:
        return self._localised(format(number, "f"), plus=plus and bool(number))

    def _localised(self, text: str, *, plus: bool) -> str:
        negative = text.startswith("-")
        whole, _, decimals = text.lstrip("-").partition(".")
        grouped = f"{int(whole):,}".replace(",", self.style.group)
        sign = MINUS if negative else "+" if plus else ""
        return sign + grouped + (self.style.point + decimals if decimals else "")

    def _percent(self, digits: str) -> str:
        return self.style.percent.format(digits)

    @staticmethod
    def _joined(*parts: str) -> str:
        return NBSP.join(parts)


def places_of(currency: Currency) -> int:
    """Decimal places of a currency in lists."""
    return 0 if currency in WHOLE else 2
