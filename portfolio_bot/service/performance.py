"""How value changed in a period, why, and how well that was: figures from what is stored, for screens and exports."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Final, Protocol

from portfolio_bot.analytics.attribution import Cause, Entry, Explained, Position, explain
from portfolio_bot.analytics.membership import Joint
from portfolio_bot.analytics.performance import Performance, measure
from portfolio_bot.analytics.positions import UNNAMED, held_in, of_account, positions, rates, unnamed
from portfolio_bot.analytics.returns import DayReturn, Method, daily_returns
from portfolio_bot.analytics.series import Kept, Valuation
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Reason, Unknown
from portfolio_bot.model.flow import CashFlow, FlowKey, FlowKind
from portfolio_bot.model.instrument import FIAT
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.model.trade import Fee, Trade, Worth
from portfolio_bot.report.figures_views import BenchmarkFigures, PerformanceView
from portfolio_bot.service import costs, inside
from portfolio_bot.service.past import Past, PastBook, beside_the_loop
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.trade_stream import every_trade
from portfolio_bot.storage.tx import Tx

WINDOWS: Final = ("24h", "7d", "30d", "90d", "ytd", "all")
"""Periods that people ask for."""

LONGEST_DAYS: Final = 36_500

_JUST_AFTER = timedelta(milliseconds=1)
"""A period may end so much after its last snapshot, to take in an account that joined there."""


@dataclass(frozen=True, slots=True)
class Window:
    """A period that somebody asks for.

    Attributes:
        name: as it was asked for: `24h`, `30d`, `ytd`, `all`; "" for two instants.
        days: so many times 24 hours back from the newest valuation; None otherwise.
        since, until: instants; None for the beginning and the end of all.
        this_year: it begins with the year of the newest valuation, in these days; None otherwise.
    """

    name: str = "all"
    days: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None
    this_year: Calendar | None = None

    @classmethod
    def back(cls, days: int, name: str = "") -> Window:
        """So many days back; 0 for everything."""
        return cls(name or f"{days}d", Decimal(days)) if days else cls()

    @classmethod
    def of_days(cls, calendar: Calendar, first: date | None, last: date | None) -> Window:
        """From the first to the last day of the owner's calendar, both included."""
        return cls(
            "",
            since=None if first is None else calendar.start(first),
            until=None if last is None else calendar.end(last),
        )

    @classmethod
    def named(cls, text: str, calendar: Calendar) -> Window | None:
        """`24h`, `7d`, `ytd`, `all`, or a number of days, in Russian too (`24ч`, `7д`); None for anything else."""
        word = text.strip().lower()
        if word in {"all", "total", "всё", "все"}:
            return cls()
        if word == "ytd":
            return cls(word, this_year=calendar)
        if word in {"24h", "24ч"}:
            return cls.back(1, "24h")
        days = re.fullmatch(r"(\d{1,5})[dд]?", word, re.ASCII)
        return cls.back(int(days[1])) if days and int(days[1]) <= LONGEST_DAYS else None

    def begin(self, newest: datetime) -> datetime | None:
        """Where it begins."""
        if self.this_year is not None:
            # the close of a day that is known by its date alone stands at the first instant of the next one
            return self.this_year.start(date(self.this_year.day(newest - _JUST_AFTER).year, 1, 1))
        if self.days is None:
            return self.since
        return newest - timedelta(seconds=int(self.days * 86_400))


class Benchmark(Protocol):
    """Who knows how the benchmark did."""

    async def over(self, found: Performance) -> BenchmarkFigures | None:
        """Beside the portfolio over a period in USD; None where there is no period."""


class Performances:
    """Figures of performance.

    Args:
        method: how capital is counted where a flow has no valuation at its instant.
        risk_free_annual: a fraction per year.
        benchmark: None where there is none.
    """

    def __init__(
        self,
        past: Past,
        store: Store,
        calendar: Calendar,
        *,
        method: Method = Method.AUTO,
        risk_free_annual: Decimal = ZERO,
        benchmark: Benchmark | None = None,
    ) -> None:
        self._past, self._store, self._calendar = past, store, calendar
        self._method, self._risk_free = method, risk_free_annual
        self.benchmark = benchmark

    async def newest(self, currency: Kept = "USD") -> datetime | None:
        """The instant of the newest valuation; None without any."""
        return await self._past.newest(currency)

    async def over(self, window: Window, currency: Kept = "USD") -> PerformanceView:
        """The figures of one period."""
        book = await self._book([window], currency)
        return await self._over(book, window, currency)

    async def gained(self, window: Window, currency: Kept = "USD") -> PerformanceView:
        """The same without the benchmark beside it: for whoever only wants to know why value changed."""
        book = await self._book([window], currency)
        return await self._over(book, window, currency, compared=False)

    async def several(self, windows: Iterable[Window], currency: Kept = "USD") -> list[PerformanceView]:
        """The figures of several periods."""
        windows = list(windows)
        book = await self._book(windows, currency)
        return [await self._over(book, window, currency) for window in windows]

    async def measured(self, window: Window, currency: Kept = "USD") -> tuple[PastBook, Performance]:
        """The figures of one period without what explains or accompanies them, and the past they come from."""
        book = await self._book([window], currency)
        return book, await self._measured(book, window)

    async def daily(self, currency: Kept = "USD", *, limit: int | None = None) -> list[DayReturn]:
        """Returns from close to close of days that are over, newest first."""
        since = None if limit is None else await self._past.since_close(limit + 1, currency)
        track = await self._past.track(currency, since)
        closes = track.closings if limit is None else track.closings[-limit - 1 :]
        first = closes[0].valuation.at if closes else None
        series = [one for one in track.valuations if first is not None and one.at >= first]
        work = partial(daily_returns, closes, series, track.all_flows, self._method)
        found = await beside_the_loop(work, len(series))
        return [_without_values(one, track.unpriced) for one in reversed(found)]

    async def _book(self, windows: Sequence[Window], currency: Kept) -> PastBook:
        """As much of the past as these periods need."""
        newest = await self._past.newest(currency)
        begins = [None if newest is None else window.begin(newest) for window in windows]
        since = None if None in begins else min((at for at in begins if at is not None), default=None)
        return await self._past.book(currency, since)

    async def _measured(self, book: PastBook, window: Window) -> Performance:
        track = book.track
        since = window.begin(track.valuations[-1].at) if track.valuations else None
        work = partial(
            measure,
            track,
            self._calendar,
            since=since,
            until=window.until,
            method=self._method,
            risk_free_annual=self._risk_free,
        )
        return await beside_the_loop(work, len(track.valuations))

    async def _over(self, book: PastBook, window: Window, currency: Kept, *, compared: bool = True) -> PerformanceView:
        found = await self._measured(book, window)
        if isinstance(found.period, Unknown) or isinstance(found.change, Unknown):
            return PerformanceView(window.name, currency, found)
        explained = await self._why(book, found, currency)
        beside = await self._compared(found, book) if compared else None
        return PerformanceView(window.name, currency, found, explained, beside)

    async def _compared(self, found: Performance, book: PastBook) -> BenchmarkFigures | None:
        if self.benchmark is None or book.rates.currency != "USD":
            return None  # the basket is kept in dollars
        return await self.benchmark.over(found)

    async def _why(self, book: PastBook, found: Performance, currency: Kept) -> Explained:
        """The change taken apart, by account and by asset too."""
        assert not isinstance(found.period, Unknown)  # noqa: S101 - the caller has looked
        start, end = found.period.start, found.period.end
        async with self._store.read() as tx:
            before, after = await _at(tx, start), await _at(tx, end)
            entries = [
                *_crossed(book, start.at, end.at),
                *await _joined(tx, book, start.at, end.at),
                *await self._earned_and_paid(tx, book, start.at, end.at),
            ]
        # accounts that joined at the very snapshot the period begins with come in as a flow
        newcomers = [one for one in book.joints if one.joined and one.at == start.at]
        rates_start = _rates_of_totals(book, start.at) if before is None else rates(before, currency)
        rates_end = _rates_of_totals(book, end.at) if after is None else rates(after, currency)
        # of a history from elsewhere nobody knows what it held: dollars, as far as their rate is known
        held = "USD" if "USD" in rates_start.keys() & rates_end.keys() else currency
        return explain(
            unnamed(start.value, held) if before is None else _without(before, start.value, currency, newcomers),
            unnamed(end.value, held) if after is None else positions(after, end.value, currency),
            entries,
            rates_start,
            rates_end,
        )

    async def _earned_and_paid(self, tx: Tx, book: PastBook, start: datetime, end: datetime) -> list[Entry]:
        """Income, fees of every kind, and what only changed places."""
        found = list(inside.carried(book, start, end))
        flows = await ledger.flows(tx, since=start - timedelta(days=1), until=end)
        for flow in flows:
            at = flow.instant(self._calendar)
            if not start <= at < end:
                continue
            if flow.kind in _CAUSES:
                found += _entry(book, flow, _CAUSES[flow.kind], flow.usd, at)
            if flow.fee is not None:
                found += _fee(book, flow, flow.fee, at)
            found += inside.changed(book, [flow])
        paid: dict[tuple[str, str], Decimal] = {}
        swapped: dict[tuple[str, str], Decimal] = {}
        async for page in every_trade(tx, end, since=start):
            with exactly():
                for trade in page:
                    for asset, value in inside.traded(book, trade) if isinstance(trade, Trade) else ():
                        whose = (trade.account, asset)
                        swapped[whose] = swapped.get(whose, ZERO) + value
                    for fee in trade.fees:
                        usd = costs.of_trade(trade, fee) if isinstance(trade, Trade) else fee.usd
                        for entry in _cost(book, (trade.account, fee.asset), usd, trade.at):
                            key = (entry.account, entry.asset)
                            paid[key] = paid.get(key, ZERO) + entry.value
            await asyncio.sleep(0)
        found += [Entry(*whose, Cause.FEES, value, _currency(whose[1])) for whose, value in paid.items()]
        found += [inside.moved(*whose, value) for whose, value in swapped.items()]
        return found


_CAUSES = {FlowKind.INCOME: Cause.INCOME, FlowKind.FEE: Cause.FEES}


def _without_values(one: DayReturn, unpriced: Sequence[tuple[datetime, FlowKey]]) -> DayReturn:
    """A day in which something crossed the border whose value is not known has no return."""
    if any(one.start <= at < one.end for at, _ in unpriced):
        return one._replace(percent=Unknown(Reason.INCOMPLETE_FLOWS))
    return one


async def _at(tx: Tx, valuation: Valuation) -> Portfolio | None:
    """The snapshot behind a valuation; None for one from elsewhere."""
    found = await snapshots.at(tx, valuation.at)
    return found if found is not None and valuation.at - found.at <= _JUST_AFTER else None


def _rates_of_totals(book: PastBook, at: datetime) -> Mapping[Currency, Decimal]:
    """What a value from elsewhere tells of rates: that between its own two totals."""
    known: dict[Currency, Decimal] = {book.rates.currency: Decimal(1)}
    dollar = book.rates.converted(Decimal(1), at)
    return known if dollar is None else {**known, "USD": dollar}


def _without(portfolio: Portfolio, total: Decimal, currency: Kept, newcomers: Sequence[Joint]) -> list[Position]:
    """What was held at the start of a period; what joined at that very snapshot is not counted in its total."""
    accounts = {one.account for one in newcomers if not one.cause}
    inside = [one for one in newcomers if one.cause and one.account not in accounts]
    with exactly():
        found = positions(portfolio, total + sum((one.value for one in inside), ZERO), currency, accounts)
    return found + [
        Position(one.account, one.asset or UNNAMED, -one.value, held_in(portfolio, one.account, one.asset))
        for one in inside
    ]


def _crossed(book: PastBook, start: datetime, end: datetime) -> Iterable[Entry]:
    for one in book.crossings:
        at = one.at or one.flow.instant(book.rates.calendar)
        value = book.rates.value(one.flow)
        if start <= at < end and value is not None:
            held = _currency(one.flow.asset)
            yield Entry(one.flow.account, one.flow.asset, Cause.FLOWS, value, held, _rate(book, held, at))


def _rate(book: PastBook, held: Currency, at: datetime) -> Decimal | None:
    """What a dollar was worth when something held in dollars came or went: what it did since is no market."""
    return book.rates.converted(Decimal(1), at) if held == "USD" else None


async def _joined(tx: Tx, book: PastBook, start: datetime, end: datetime) -> list[Entry]:
    """What joined or left, accounts asset by asset as they did."""
    currency, found = book.rates.currency, list[Entry]()
    for joint in book.joints:
        if not start <= joint.at < end:
            continue
        portfolio, sign = await snapshots.at(tx, joint.at), 1 if joint.joined else -1
        if joint.cause:
            held = "USD" if portfolio is None else held_in(portfolio, joint.account, joint.asset)
            found.append(Entry(joint.account, joint.asset or UNNAMED, Cause.ACCOUNTS, joint.value, held))
            continue
        total = sign * joint.value
        known = portfolio is not None and portfolio.at == joint.at
        rows = of_account(portfolio, joint.account, total, currency) if known and portfolio else []
        rows = rows or unnamed(total, currency, joint.account)
        found += [
            Entry(row.account, row.asset, Cause.ACCOUNTS, sign * row.value, held, _rate(book, held, joint.at))
            for row in rows
            for held in (row.currency,)
        ]
    return found


def _entry(book: PastBook, flow: CashFlow, cause: Cause, usd: Worth | Unknown, at: datetime) -> list[Entry]:
    value = book.rates.converted(usd.usd, at) if isinstance(usd, Worth) else None
    if flow.asset == book.rates.currency:
        value = flow.amount
    return [] if value is None else [Entry(flow.account, flow.asset, cause, value, _currency(flow.asset))]


def _fee(book: PastBook, flow: CashFlow, fee: Fee, at: datetime) -> list[Entry]:
    return _cost(book, (flow.account, fee.asset), costs.of_flow(flow, fee), at)


def _cost(book: PastBook, whose: tuple[str, str], usd: Worth | Unknown, at: datetime) -> list[Entry]:
    value = book.rates.converted(-usd.usd, at) if isinstance(usd, Worth) else None
    return [] if value is None else [Entry(*whose, Cause.FEES, value, _currency(whose[1]))]


def _currency(asset: str) -> str:
    return asset if asset in FIAT else "USD"
