"""Bank of Russia: official rouble rates, set on working days for the day after; and a JSON mirror of them.

The rate for tomorrow is published in the afternoon, so the bank is asked for today in Moscow, and what it answers is
kept under the date in the answer. Sunday's and Monday's rate is Saturday's; over New Year one rate holds for days.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import yarl
from defusedxml import DefusedXmlException

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.money import Currency
from portfolio_bot.net.door import Door
from portfolio_bot.net.strict import strict_json
from portfolio_bot.rates.base import Sheet, Worth, bad, refuse_status

OFFICIAL = "https://www.cbr.ru"
MIRROR = "https://www.cbr-xml-daily.ru"
DAILY = "/scripts/XML_daily.asp"
MIRROR_DAILY = "/daily_json.js"

MOSCOW = Calendar.of("Europe/Moscow")

_VALUE = re.compile(r"\d{1,12}(,\d{1,12})?", re.ASCII)
_NOMINAL = re.compile(r"\d{1,9}", re.ASCII)


class Cbr:
    """The bank itself."""

    name = FxProvider.CBR
    whole = True

    def __init__(self, door: Door, base_url: str, clock: Clock) -> None:
        self._door = door
        self._address = yarl.URL(f"{base_url.rstrip('/')}{DAILY}")
        self._clock = clock

    async def fetch(self, currencies: Collection[Currency]) -> Sheet:
        """All currencies for today in Moscow."""
        today = MOSCOW.day(self._clock())
        answer = await self._door.request("GET", self._address.with_query(date_req=f"{today:%d/%m/%Y}"))
        refuse_status(answer.status)
        return parse(answer.body, today)


class Mirror:
    """The unofficial JSON copy."""

    name = FxProvider.CBR_MIRROR
    whole = True

    def __init__(self, door: Door, base_url: str, clock: Clock) -> None:
        self._door = door
        self._address = f"{base_url.rstrip('/')}{MIRROR_DAILY}"
        self._clock = clock

    async def fetch(self, currencies: Collection[Currency]) -> Sheet:
        """All currencies for today in Moscow, or for the newest day before."""
        answer = await self._door.request("GET", self._address)
        refuse_status(answer.status)
        return parse_mirror(answer.body, MOSCOW.day(self._clock()))


def parse(body: bytes, today: date) -> Sheet:
    """The bank's daily file: windows-1251, decimal commas, roubles for `Nominal` units.

    `VunitRate` is not read: it loses digits and can carry an exponent.

    Raises:
        SourceError: `bad_answer`: no such file (its error text, a page of a front end), a date after `today`, or no
            rate of the dollar. Another row that is malformed is left out alone.
    """
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise bad("no XML") from None
    try:
        # a day of the bank's own calendar, no instant
        day = datetime.strptime(root.get("Date", ""), "%d.%m.%Y").date()  # noqa: DTZ007
    except ValueError:
        raise bad("no date in the file") from None
    worth = {}
    for row in root.iter("Valute"):
        currency = (row.findtext("CharCode") or "").strip()
        found = worth_of(row.findtext("Value"), row.findtext("Nominal"))
        if currency and found is not None:
            worth[currency] = found
    return _sheet(FxProvider.CBR, day, worth, today)


def parse_mirror(body: bytes, today: date) -> Sheet:
    """The mirror's daily file. In the afternoon it is tomorrow's; the value before stands in it too, with its date.

    Raises:
        SourceError: as `parse`.
    """
    data = strict_json(body)
    table = data.get("Valute") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(table, dict):
        raise bad("no table of rates")
    day, field = _mirror_day(data.get("Date")), "Value"
    if day > today:
        day, field = _mirror_day(data.get("PreviousDate")), "Previous"
    worth = {}
    for currency, row in table.items():
        found = _mirror_row(row.get(field), row.get("Nominal")) if isinstance(row, dict) else None
        if found is not None:
            worth[currency] = found
    return _sheet(FxProvider.CBR_MIRROR, day, worth, today)


def _sheet(provider: FxProvider, day: date, worth: dict[Currency, Worth], today: date) -> Sheet:
    if day > today:
        raise bad("a rate for a day that is yet to come")
    if "USD" not in worth:
        raise bad("no rate of the dollar")
    return Sheet(provider, day, "RUB", worth)


def worth_of(value: str | None, nominal: str | None) -> Worth | None:
    """Roubles for `nominal` units, as the bank writes both; None for what is malformed."""
    value, nominal = (value or "").strip(), (nominal or "").strip()
    if not _VALUE.fullmatch(value) or not _NOMINAL.fullmatch(nominal):
        return None
    worth = Decimal(value.replace(",", ".")), Decimal(nominal)
    return worth if worth[0] > 0 and worth[1] > 0 else None


def _mirror_row(value: object, nominal: object) -> Worth | None:
    try:
        worth = exact(value), exact(nominal)
    except ValueError:
        return None
    return worth if worth[0] > 0 and worth[1] > 0 else None


def _mirror_day(text: object) -> date:
    try:
        return MOSCOW.day(datetime.fromisoformat(str(text)))
    except ValueError:
        raise bad("no date in the file") from None
