"""How well it went: returns, profit and the benchmark, from what is stored. No source is asked, nothing is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from cyclopts import Parameter, validators

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Csv, Demo, Flag, HereParameter, Json, now
from portfolio_bot.cli.moments import EARLIEST, between
from portfolio_bot.cli.outcome import Mistyped
from portfolio_bot.cli.stored import From, Limit, To, nothing_yet, one_form, shown_names, with_store

if TYPE_CHECKING:
    from portfolio_bot.analytics.lot_report import Disposal
    from portfolio_bot.analytics.returns import DayReturn
    from portfolio_bot.analytics.series import Kept
    from portfolio_bot.model.days import Calendar
    from portfolio_bot.model.statement import AccountId
    from portfolio_bot.report.figures_views import BenchmarkView, GainView, PerformanceView
    from portfolio_bot.service.figures import Figures
    from portfolio_bot.service.performance import Window
    from portfolio_bot.settings import Settings
    from portfolio_bot.storage.store import Store

T = TypeVar("T")

_DAYS_SHOWN: Final = 10
"""Returns that are listed where nobody says how many."""

Days = Annotated[
    int | None,
    Parameter(
        validator=validators.Number(gte=0, lte=36_500),
        help="So many times 24 h back from the newest snapshot; 0 is everything.",
    ),
]
Currency = Annotated[str | None, Parameter(help="USD or RUB.")]
_PERIODS = "24h, 7d, 30d, 90d, ytd or all, or a number of days"


def performance(
    *,
    days: Days = None,
    since: From = None,
    until: To = None,
    currency: Currency = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """How well it went in a period, and how rough the way was."""
    from portfolio_bot.report import compose, figures_json

    settings = here.settings(demo=demo)
    kept, window = kept_of(settings, currency), window_of(settings, since, until, days)

    async def look(figures: Figures) -> tuple[PerformanceView, bool]:
        view = await figures.performances.over(window, kept)
        return view, await figures.profits.newest() is not None

    view, anything = here.run(asking(settings, look))
    if json:
        here.show_json(figures_json.performance(view))
    elif anything:
        here.show(compose.performance(view, here.reader(settings)))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def returns(
    *,
    limit: Limit | None = None,
    days: Days = None,
    since: From = None,
    until: To = None,
    currency: Currency = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Gain of each day that is over, newest first.

    Parameters
    ----------
    limit
        How many at most; 10 where no period is given, else all of it.
    """
    from portfolio_bot.report import compose, figures_json

    settings = here.settings(demo=demo)
    kept = kept_of(settings, currency, json=json)
    narrowed = since is not None or until is not None or days is not None
    window, most = window_of(settings, since, until, days), limit if limit or narrowed else _DAYS_SHOWN

    async def look(figures: Figures) -> tuple[list[DayReturn], bool]:
        found = await figures.performances.daily(kept, limit=None if narrowed else most)
        newest, end = await figures.performances.newest(kept), window.until
        first = None if newest is None else window.begin(newest)
        there = [one for one in found if (first is None or one.end > first) and (end is None or one.end <= end)]
        return there[:most], await figures.profits.newest() is not None

    found, anything = here.run(asking(settings, look))
    if json:
        here.show_json(figures_json.returns(found, kept))
    elif anything:
        here.show(compose.returns(found, here.reader(settings), currency=kept, narrowed=narrowed))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def latest_return(*, currency: Currency = None, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Gain of the newest day that is over."""
    from portfolio_bot.report import compose, figures_json

    settings = here.settings(demo=demo)
    kept = kept_of(settings, currency, json=json)

    async def look(figures: Figures) -> tuple[list[DayReturn], bool]:
        found = await figures.performances.daily(kept, limit=1)
        return found, await figures.profits.newest() is not None

    found, anything = here.run(asking(settings, look))
    if json:
        here.show_json(figures_json.day_return(found[0], kept) if found else {})
    elif anything:
        here.show(compose.returns(found, here.reader(settings), currency=kept))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def pnl(
    period: Annotated[str | None, Parameter(help=_PERIODS[:1].upper() + _PERIODS[1:] + ".")] = None,
    /,
    *,
    days: Days = None,
    since: From = None,
    until: To = None,
    year: Annotated[int | None, Parameter(validator=validators.Number(gte=EARLIEST.year, lte=9998))] = None,
    asset: Annotated[str | None, Parameter(help="Only this coin or security, with its open lots.")] = None,
    detail: Flag = False,
    currency: Currency = None,
    json: Json = False,
    csv: Csv = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Why it changed, and profit of each asset by first in, first out.

    Parameters
    ----------
    year
        This year of your days, for instance 2025. With --csv: its disposals, lot by lot.
    detail
        With the change by account and by asset, and what each asset cost.
    currency
        Of the change, USD or RUB; lots are counted in USD.
    """
    from portfolio_bot.report import compose, profit_json

    one_form(json=json, csv=csv)
    settings = here.settings(demo=demo)
    window = _pnl_window(settings, period, since, until, days, year)
    kept = kept_of(settings, currency, json=json)
    wanted = None if asset is None else asset.upper()
    if csv:
        rows = here.run(asking(settings, lambda figures: _disposals(figures, window)))
        here.show_csv(profit_json.disposals(one for one in rows if wanted in {None, one.asset}))
        return outcome.GOOD

    async def look(store: Store) -> tuple[GainView, bool, Mapping[AccountId, str]]:
        figures = figures_on(store, settings)
        view = await figures.gain(window, kept)
        anything = await figures.profits.newest() is not None
        return view, anything, await _names(settings, store)

    view, anything, names = here.run(with_store(settings, look))
    if json:
        here.show_json(profit_json.pnl(view.lots, view.change, asset=wanted))
    elif anything:
        here.show(compose.pnl(view, names, here.reader(settings), detail=detail, asset=wanted))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def benchmark(
    *,
    days: Days = None,
    since: From = None,
    until: To = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """The portfolio beside the same money in a basket of coins (BENCHMARK)."""
    from portfolio_bot.report import benchmark_json, compose

    settings = here.settings(demo=demo)
    window = window_of(settings, since, until, days)

    async def look(figures: Figures) -> tuple[PerformanceView, BenchmarkView | None, bool]:
        found, view = await figures.basket(window)
        return found, view, await figures.profits.newest() is not None

    found, view, anything = here.run(asking(settings, look))
    if json:
        here.show_json(benchmark_json.benchmark(view, found, dict(settings.analysis.benchmark)))
    elif anything:
        here.show(compose.benchmark(view, found, here.reader(settings)))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


async def asking(settings: Settings, work: Callable[[Figures], Awaitable[T]]) -> T:
    """Work something out from what is stored."""

    async def look(store: Store) -> T:
        return await work(figures_on(store, settings))

    return await with_store(settings, look)


def figures_on(store: Store, settings: Settings) -> Figures:
    """The services behind the figures, with the choices of the settings."""
    from portfolio_bot.app.figures import figures_of
    from portfolio_bot.service.transfers import Transfers

    calendar = _calendar(settings)
    return figures_of(settings.analysis, store, Transfers(store, calendar, now), calendar=calendar, clock=now)


async def _names(settings: Settings, store: Store) -> Mapping[AccountId, str]:
    """Shown names: of the newest snapshot, else of the settings."""
    from portfolio_bot.storage import snapshots

    async with store.read() as tx:
        newest = await snapshots.newest(tx)
    return shown_names(settings, newest)


async def _disposals(figures: Figures, window: Window) -> list[Disposal]:
    found: list[Disposal] = []
    newest = await figures.profits.newest()
    if newest is not None:
        await figures.profits.disposals(window.begin(newest), window.until or now(), found.append)
    return found


def _calendar(settings: Settings) -> Calendar:
    from portfolio_bot.model.days import Calendar

    return Calendar.of(settings.timezone)


def kept_of(settings: Settings, currency: str | None, *, json: bool = False) -> Kept:
    """The currency that is wanted; the owner's, if values are kept in it, but a script's fields keep theirs.

    Raises:
        Mistyped: values are not kept in it.
    """
    from portfolio_bot.report.compose.performance import kept

    if currency is None:
        return "USD" if json else kept(settings.base_currency)
    if currency.upper() not in {"USD", "RUB"}:
        raise Mistyped(f'"{currency[:20]}" is no currency that values are kept in: USD or RUB.')
    return kept(currency.upper())


def window_of(settings: Settings, since: str | None, until: str | None, days: int | None) -> Window:
    """The period that is wanted.

    Raises:
        Mistyped: see `between`.
    """
    from portfolio_bot.service.performance import Window

    first, end = between(since, until, days, calendar=_calendar(settings), newest=now())
    return Window("", since=first, until=end) if days is None and (first or end) else Window.back(days or 0)


def _pnl_window(
    settings: Settings, period: str | None, since: str | None, until: str | None, days: int | None, year: int | None
) -> Window:
    from datetime import date

    from portfolio_bot.service.performance import Window

    ways = [period is not None, days is not None, since is not None or until is not None, year is not None]
    if sum(ways) > 1:
        raise Mistyped("Give the period once: by its name, by --days, by --from and --to, or by --year.")
    if year is not None:
        return Window.of_days(_calendar(settings), date(year, 1, 1), date(year, 12, 31))
    if period is None:
        return window_of(settings, since, until, days)
    window = Window.named(period, _calendar(settings))
    if window is None:
        raise Mistyped(f'"{period[:20]}" is no period: {_PERIODS}.')
    return window
