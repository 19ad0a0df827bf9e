"""Exchange rates of past days: what a record of then was worth by the rate of its day.

    all but the rouble   ECB's history → Frankfurter's copy of it → crossed through the Bank of Russia
    rouble               Bank of Russia's series → its file of that day → Frankfurter's copy

With provider `CBR` every rate goes through the Bank of Russia. A day without a rate has the last one before it, never a
later one. A series is asked for once and answers for all of its days.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Literal
from xml.etree.ElementTree import ParseError

import aiohttp
import defusedxml.ElementTree
import yarl
from defusedxml import DefusedXmlException

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import FxProvider, FxRate
from portfolio_bot.model.money import Currency
from portfolio_bot.net.door import MAX_XML_BODY, Answer, Door, hosts_of
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates import cbr, ecb, frankfurter
from portfolio_bot.rates.base import Sheet, Worth, bad, refuse_status
from portfolio_bot.rates.service import KNOWN_FOR

log = logging.getLogger(__name__)

NINETY_DAYS = "/stats/eurofxref/eurofxref-hist-90d.xml"
EVERYTHING = "/stats/eurofxref/eurofxref-hist.xml"
DYNAMIC = "/scripts/XML_dynamic.asp"

TTL = timedelta(hours=1)
"""How long a series counts as the newest there is."""

PATIENCE = Timing(60.0, 10.0)
"""For files of several megabytes, in the background."""

_RECENT = timedelta(days=85)
"""The short file holds these; it counts 90 days back from its newest one."""

_DOLLAR = "R01235"
_BEFORE = timedelta(days=KNOWN_FOR)
_FRANKFURT = Calendar.of("Europe/Berlin")
_DAYS_KEPT = 2000


@dataclass(frozen=True, slots=True)
class _Series:
    """Sheets by day, oldest first.

    Attributes:
        asked_at: when it was the newest.
    """

    days: Sequence[date]
    sheets: Sequence[Sheet]
    asked_at: datetime

    def until(self, day: date) -> Sheet | None:
        """The newest sheet of a day or before, if it still says something about that day."""
        place = bisect_right(self.days, day)
        if not place or (day - self.days[place - 1]).days > KNOWN_FOR:
            return None
        return self.sheets[place - 1]


class PastRates:
    """Asks for series and remembers them.

    Args:
        provider: `ECB`, or `CBR` for everything through the Bank of Russia.
        base_urls: by `ECB`, `CBR`, `FRANKFURTER`; a missing one is the official address.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        provider: Literal["ECB", "CBR"],
        base_urls: Mapping[str, str],
        proxy: str | None = None,
        timing: Timing = PATIENCE,
    ) -> None:
        self._clock, self._provider = clock, provider
        official = {"ECB": ecb.OFFICIAL, "CBR": cbr.OFFICIAL, "FRANKFURTER": frankfurter.OFFICIAL}
        self._urls = {name: url.rstrip("/") for name, url in {**official, **base_urls}.items() if name in official}
        self._doors = {name: Door(session, hosts_of([url]), clock, timing, proxy) for name, url in self._urls.items()}
        self._series: dict[object, _Series] = {}
        self._days: dict[tuple[str, date], tuple[Sheet, datetime]] = {}
        self._packed: tuple[bytes, datetime] | None = None
        self._currencies: frozenset[Currency] = frozenset({"USD"})
        self._turn = asyncio.Lock()

    @property
    def requests(self) -> int:
        """How many were made so far."""
        return sum(door.requests for door in self._doors.values())

    async def rate(self, currency: Currency, when: datetime | date) -> FxRate | None:
        """The rate of a day: USD/RUB for RUB, X/USD for any other X.

        Args:
            when: an instant, which each bank places in its own day; or a day.

        Returns:
            None where those who could be asked know none of that day.

        Raises:
            SourceError: nobody who may know it can be asked now.
        """
        trouble: SourceError | None = None
        async with self._turn:  # who waits finds the series that the one before asked for
            for sheet_of in self._roads(currency):
                try:
                    sheet = await sheet_of(currency, when)
                except SourceError as error:
                    log.debug("rates: none of %s for %s: %s", currency, when, error)
                    trouble = trouble or error
                    continue
                rate = sheet.rate(currency) if sheet is not None else None
                if rate is not None:
                    return rate
        if trouble is not None:
            raise trouble
        return None

    def _roads(self, currency: Currency) -> list[Callable[[Currency, datetime | date], Awaitable[Sheet | None]]]:
        if currency == "RUB":
            return [self._rouble, self._daily, self._copy_of_cbr]
        if self._provider == "CBR":
            return [self._daily, self._copy_of_cbr]
        return [self._euro, self._copy_of_ecb, self._daily]

    async def _euro(self, currency: Currency, when: datetime | date) -> Sheet | None:
        day = _day(when, _FRANKFURT)
        if _FRANKFURT.day(self._clock()) - day <= _RECENT:
            found = await self._up_to_date("recent", day, _FRANKFURT, self._recent)
            if found.days and found.days[0] <= day:
                return found.until(day)
        if currency not in self._currencies:
            self._currencies |= {currency}
            self._series.pop("all", None)
        return (await self._up_to_date("all", day, _FRANKFURT, self._all)).until(day)

    async def _rouble(self, currency: Currency, when: datetime | date) -> Sheet | None:
        day = _day(when, cbr.MOSCOW)
        series = await self._up_to_date(day.year, day, cbr.MOSCOW, lambda: self._dynamic(day.year))
        return series.until(day)

    async def _daily(self, currency: Currency, when: datetime | date) -> Sheet | None:
        """All currencies of a day by the Bank of Russia."""
        day = _day(when, cbr.MOSCOW)
        query = {"date_req": f"{day:%d/%m/%Y}"}

        async def ask() -> Sheet:
            return cbr.parse((await self._ask("CBR", cbr.DAILY, query)).body, day)

        return await self._of_day("CBR", day, ask)

    async def _copy_of_ecb(self, currency: Currency, when: datetime | date) -> Sheet | None:
        return await self._copy("ECB", "EUR", currency, _day(when, _FRANKFURT))

    async def _copy_of_cbr(self, currency: Currency, when: datetime | date) -> Sheet | None:
        return await self._copy("CBR", "USD", currency, _day(when, cbr.MOSCOW))

    async def _copy(self, bank: str, anchor: Currency, currency: Currency, day: date) -> Sheet | None:
        quotes = ",".join(sorted({currency, "USD"} - {anchor}))
        query = {"base": anchor, "quotes": quotes, "providers": bank, "date": day.isoformat()}

        async def ask() -> Sheet:
            return frankfurter.parse((await self._ask("FRANKFURTER", frankfurter.RATES, query)).body, anchor)

        return await self._of_day(f"{bank} {currency}", day, ask)

    async def _of_day(self, name: str, day: date, ask: Callable[[], Awaitable[Sheet]]) -> Sheet:
        key, now = (name, day), self._clock()
        known = self._days.get(key)
        if known is not None:
            sheet, asked_at = known
            over = asked_at.date() > day + timedelta(days=1)  # whatever was published of it had been by then
            if over or timedelta(0) <= now - asked_at < TTL:
                return sheet
        sheet = await ask()
        if not 0 <= (day - sheet.date).days <= KNOWN_FOR:
            raise bad("a rate of another day")
        if len(self._days) >= _DAYS_KEPT:
            self._days.clear()
        self._days[key] = sheet, now
        return sheet

    async def _up_to_date(
        self, key: object, day: date, zone: Calendar, ask: Callable[[], Awaitable[Sequence[Sheet]]]
    ) -> _Series:
        """A series that reaches to the day, or is as new as it can be."""
        now = self._clock()
        known = self._series.get(key)
        if known is not None and (
            (known.days and day <= known.days[-1])
            or timedelta(0) <= now - known.asked_at < TTL
            or zone.day(known.asked_at) > max(day, known.days[-1] if known.days else day) + _BEFORE
        ):
            return known
        sheets = await ask()
        self._series[key] = _Series([sheet.date for sheet in sheets], sheets, now)
        return self._series[key]

    async def _recent(self) -> Sequence[Sheet]:
        return _sheets((await self._ask("ECB", NINETY_DAYS)).body, None)

    async def _all(self) -> Sequence[Sheet]:
        """Everything since 1999, of the currencies that somebody asked for; the file is kept, but packed."""
        if self._packed is None or self._clock() - self._packed[1] >= TTL:
            body = (await self._ask("ECB", EVERYTHING)).body
            self._packed = await asyncio.to_thread(zlib.compress, body, 6), self._clock()
        packed, wanted = self._packed[0], self._currencies
        return await asyncio.to_thread(lambda: _sheets(zlib.decompress(packed), wanted))

    async def _dynamic(self, year: int) -> Sequence[Sheet]:
        """Roubles for a dollar in a year, and so much before it that its first days have a rate."""
        last = min(date(year, 12, 31), cbr.MOSCOW.day(self._clock()))
        span = {"date_req1": date(year, 1, 1) - _BEFORE, "date_req2": last}
        query = {name: f"{day:%d/%m/%Y}" for name, day in span.items()}
        return parse_dynamic((await self._ask("CBR", DYNAMIC, {**query, "VAL_NM_RQ": _DOLLAR})).body)

    async def _ask(self, name: str, path: str, query: Mapping[str, str] | None = None) -> Answer:
        address = yarl.URL(f"{self._urls[name]}{path}")
        answer = await self._doors[name].request(
            "GET", address.with_query(query) if query else address, max_body=MAX_XML_BODY
        )
        refuse_status(answer.status)
        return answer


def _day(when: datetime | date, zone: Calendar) -> date:
    return zone.day(when) if isinstance(when, datetime) else when


def parse_history(body: bytes, currencies: frozenset[Currency] | None) -> Iterator[Sheet]:
    """The days of a reference-rate file, in its order, without those that lack the dollar.

    Args:
        currencies: only these; None for all. The rouble is left out: its rates there ended in 2022.

    Raises:
        SourceError: `bad_answer`: it is no such file.
    """
    try:
        for _, day in defusedxml.ElementTree.iterparse(BytesIO(body), events=("end",), forbid_dtd=True):
            if day.tag == ecb.CUBE and day.get("time"):
                sheet = _sheet(day.get("time"), ((row.get("currency"), row.get("rate")) for row in day), currencies)
                if "USD" in sheet.worth:
                    yield sheet
                day.clear()  # a quarter of a million rows need not be there all at once
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise bad("no XML, or a date that is none") from None


def _sheet(day: str, rows: Iterator[tuple[str | None, str | None]], currencies: frozenset[Currency] | None) -> Sheet:
    worth: dict[Currency, Worth] = {}
    for currency, text in rows:
        if currency is None or currency == "RUB" or (currencies is not None and currency not in currencies):
            continue
        try:
            rate = exact(text)
        except ValueError:
            continue  # `N/A` where a currency was not quoted
        if rate > 0:
            worth[currency] = (Decimal(1), rate)
    return Sheet(FxProvider.ECB, date.fromisoformat(day), "EUR", worth)


def _sheets(body: bytes, currencies: frozenset[Currency] | None) -> Sequence[Sheet]:
    found = sorted(parse_history(body, currencies), key=lambda sheet: sheet.date)
    if not found:
        raise bad("no day in the file")
    return found


def parse_dynamic(body: bytes) -> Sequence[Sheet]:
    """Roubles for a dollar day by day, oldest first. A row that is malformed is left out alone; there may be none.

    Raises:
        SourceError: `bad_answer`: it is no such file (its error text, a page of a front end).
    """
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise bad("no XML") from None
    if root.tag != "ValCurs" or root.get("ID") != _DOLLAR:
        raise bad("no series of the dollar")
    found: dict[date, Sheet] = {}
    for row in root.iter("Record"):
        worth = cbr.worth_of(row.findtext("Value"), row.findtext("Nominal"))
        try:
            # a day of the bank's own calendar, no instant
            day = datetime.strptime(row.get("Date", ""), "%d.%m.%Y").date()  # noqa: DTZ007
        except ValueError:
            continue
        if worth is not None:
            found[day] = Sheet(FxProvider.CBR, day, "RUB", {"USD": worth})
    return [found[day] for day in sorted(found)]
