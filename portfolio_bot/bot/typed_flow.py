"""A deposit or a withdrawal as people type it in one line: `500 USD 18 Nov from bank`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.bot.arguments import number
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.file_lines import MomentError, moment
from portfolio_bot.service.naming import asset_named

NOW: Final = "now"

_MONTHS: Final = {
    name: number
    for names in (
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
    )
    for number, name in enumerate(names, 1)
} | {"май": 5}
_NOW: Final = frozenset({NOW, "сейчас"})
_DAYS_AGO: Final = {"today": 0, "yesterday": 1, "сегодня": 0, "вчера": 1}
_SIGNS: Final = {"$": "USD", "€": "EUR", "₽": "RUB", "£": "GBP"}
_ASSET = re.compile(r"[A-Z0-9][A-Z0-9.$_/:@()-]{0,31}", re.ASCII)
_GLUED = re.compile(r"([0-9][0-9.,]*)([A-Za-z]{2,10}|[$€₽£])")
_LEADING, _THOUSAND = re.compile(r"\d{1,3}", re.ASCII), re.compile(r"\d{3}(?:[.,]\d+)?", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]{2,10}|[$€₽£]")
_THERE: Final = {
    FlowKind.DEPOSIT: frozenset({"to", "on", "at", "into", "in", "на", "в"}),
    FlowKind.WITHDRAWAL: frozenset({"from", "on", "at", "of", "с", "со", "из"}),
}
"""What stands before the own account; what stands before anybody else's is a note."""

_ELSEWHERE: Final = {
    FlowKind.DEPOSIT: frozenset({"from", "of", "by", "с", "со", "из", "от"}),
    FlowKind.WITHDRAWAL: frozenset({"to", "for", "на", "в", "для"}),
}

_BETWEEN: Final = frozenset().union(*_THERE.values(), *_ELSEWHERE.values())
"""What stands between two parts of a line and is no name of an asset."""

_LONGEST_NOTE = 256


@dataclass(frozen=True, slots=True)
class TypedFlow:
    """What a line says; what it does not say is None, or "".

    Attributes:
        at: a day, an instant, or `NOW`.
    """

    amount: Decimal | None = None
    asset: Asset = ""
    account: AccountId | None = None
    at: date | datetime | str | None = None
    note: str = ""


def typed_flow(
    argument: str, kind: FlowKind, names: Mapping[AccountId, str], calendar: Calendar, now: datetime
) -> TypedFlow:
    """The parts of a line: amount and asset first, the rest in any order.

    Raises:
        UserError: one of them is nothing of the kind.
    """
    words = argument.split()
    if not words:
        return TypedFlow()
    amount, asset, words = _amount_and_asset(words)
    account: AccountId | None = None
    at: date | datetime | str | None = None
    note: list[str] = []
    while words:
        day, used = (None, 0) if at is not None else _day(words, calendar, now)
        own, taken = (None, 0) if account is not None else _account(words, kind, names)
        if day is not None:
            at, words = day, words[used:]
        elif own is not None:
            account, words = own, words[taken:]
        else:
            note.append(words.pop(0))
            if note[-1].lower() in _ELSEWHERE[kind] and words:
                note.append(words.pop(0))  # whose name stands behind it is not where it arrived
    return TypedFlow(amount, asset, account, at, " ".join(note)[:_LONGEST_NOTE])


def amount_of(word: str) -> Decimal:
    """An amount above zero.

    Raises:
        UserError: it is none.
    """
    try:
        found = number(" ".join(word.split()))
    except ValueError:
        raise UserError(word, "amount_with_comma" if "," in word else "no_amount") from None
    if found <= 0:
        raise UserError(word, "amount_not_above_zero")
    return found


def asset_of(word: str) -> Asset:
    """The name of an asset.

    Raises:
        UserError: it cannot be one.
    """
    asset = asset_named(_SIGNS.get(word, word))
    if asset is None or not _ASSET.fullmatch(asset.upper()):
        raise UserError(word, "no_asset_name")
    return asset


def day_of(text: str, calendar: Calendar, now: datetime) -> date | datetime | str:
    """A day or an instant.

    Raises:
        UserError: it is none, or has not come yet.
    """
    words = text.split()
    found, used = _day(words, calendar, now) if words else (None, 0)
    if found is None or used < len(words):
        raise UserError(text, "no_day")
    return found


def _amount_and_asset(words: list[str]) -> tuple[Decimal | None, Asset, list[str]]:
    first, *rest = words = _thousands(words)
    if _ASSET.fullmatch(first.upper()) and not first[0].isdigit():
        return None, asset_of(first), rest
    sign = _SIGNS.get(first[:1])
    if sign is not None:
        return amount_of(first[1:]), sign, rest
    glued = _GLUED.fullmatch(first)
    if glued is not None:
        return amount_of(glued[1]), asset_of(glued[2]), rest
    amount = amount_of(first)
    return (amount, asset_of(rest[0]), rest[1:]) if rest else (amount, "", [])


def _thousands(words: list[str]) -> list[str]:
    """The words, thousands that stand apart made one: `1 000,50 USD`; a name of digits alone stays a name: `5 700`."""
    end = 1
    while end < len(words) and _LEADING.fullmatch(words[0]) and _THOUSAND.fullmatch(words[end]):
        end += 1
    named = end < len(words) and _LETTERS.fullmatch(words[end]) and words[end].lower() not in _BETWEEN
    return [" ".join(words[:end]), *words[end:]] if named else words


def _account(words: Sequence[str], kind: FlowKind, names: Mapping[AccountId, str]) -> tuple[AccountId | None, int]:
    """The account that these words begin with, and how many of them name it."""
    before = words[0].lower() in _THERE[kind]
    rest = [word.casefold() for word in (words[1:] if before else words)]
    best: tuple[AccountId | None, int] = (None, 0)
    for id_, name in names.items():
        for called in (id_, name):
            parts = called.casefold().split()
            if parts and rest[: len(parts)] == parts and len(parts) > best[1]:
                best = id_, len(parts)
    return (best[0], best[1] + before) if best[0] is not None else (None, 0)


def _day(words: Sequence[str], calendar: Calendar, now: datetime) -> tuple[date | datetime | str | None, int]:
    """The day that these words begin with, and how many of them say it."""
    if words[0].lower() == "on" and len(words) > 1:
        found, used = _day(words[1:], calendar, now)
        return (found, used + 1) if found is not None else (None, 0)
    today, word = calendar.day(now), words[0].lower().rstrip(",")
    if word in _NOW:
        return NOW, 1
    if word in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[word]), 1
    dotted = re.fullmatch(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}))?", word)
    if dotted and (dotted[3] or int(dotted[2]) <= _DECEMBER):
        return _date(int(dotted[1]), int(dotted[2]), dotted[3], today, words[0]), 1
    if re.match(r"\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}|\d{12}$", word):
        try:
            return moment(words[0], now), 1
        except MomentError as error:
            raise UserError(words[0], error.name) from None
    return _named_day(words, today)


_DECEMBER = 12


def _named_day(words: Sequence[str], today: date) -> tuple[date | None, int]:
    """`18 Nov`, `Nov 18`, `18 ноября`, each with a year behind or without."""
    if len(words) < 2:
        return None, 0
    first, second = (word.lower().strip(",.") for word in words[:2])
    if first.isdecimal() and second[:3] in _MONTHS and second.isalpha():
        number, month = first, second
    elif second.isdecimal() and first[:3] in _MONTHS and first.isalpha():
        number, month = second, first
    else:
        return None, 0
    year = words[2] if len(words) > 2 and re.fullmatch(r"(19|20)\d\d", words[2]) else None
    typed = " ".join(words[: 3 if year else 2])
    return _date(int(number[:4]), _MONTHS[month[:3]], year, today, typed), 3 if year else 2


def _date(day: int, month: int, year: str | None, today: date, typed: str) -> date:
    """The day; without a year the last one that has come."""
    try:
        found = date(int(year or today.year), month, day)
        if year is None and found > today:
            found = date(today.year - 1, month, day)
    except ValueError:
        raise UserError(typed, "no_calendar_day") from None
    if found > today:
        raise UserError(typed, "in_future")
    return found
