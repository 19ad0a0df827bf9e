"""What takes two services: a period of lots ends with what is known, and the change stands beside its profit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.app.figures import figures_of
from portfolio_bot.model.days import Calendar
from portfolio_bot.service.figures import Figures
from portfolio_bot.service.performance import Window
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage.store import Store
from tests.bot.living import analysis
from tests.service.fakes import NOON, Hands
from tests.service.test_past import took
from tests.service.test_profit import record, trade

UTC_DAYS = Calendar.of("UTC")
DAY = timedelta(days=1)


def figures(store: Store, clock: Hands, **choices: object) -> Figures:
    chosen = replace(analysis(), **choices)  # type: ignore[arg-type]
    return figures_of(chosen, store, Transfers(store, UTC_DAYS, clock), calendar=UTC_DAYS, clock=clock)


async def traded(store: Store) -> None:
    """A coin bought forty days ago, half of it sold ten days ago; a value at either end of the last month."""
    await record(store, trade(0, "buy", "2", "100"), trade(30, "sell", "1", "80"))
    await took(store, NOON - 30 * DAY, {"bybit": "1000"})
    await took(store, NOON, {"bybit": "1100"})


async def test_the_change_and_the_lots_are_those_of_one_period(store: Store, clock: Hands) -> None:
    await traded(store)
    view = await figures(store, clock).gain(Window.back(30))
    assert view.change.ends == (NOON - 30 * DAY, NOON)
    assert (view.lots.since, view.lots.until) == (NOON - 30 * DAY, NOON)
    assert view.lots.total("realised") == 30
    assert (await figures(store, clock).lots(Window.back(7))).total("realised") == 0


async def test_a_period_that_goes_on_ends_with_the_newest_there_is(store: Store, clock: Hands) -> None:
    await traded(store)
    view = await figures(store, clock).lots(Window("", since=NOON - 20 * DAY, until=NOON + 3 * DAY))
    assert (view.until, view.total("realised")) == (NOON, Decimal(30))


async def test_a_period_that_has_not_begun_holds_nothing(store: Store, clock: Hands) -> None:
    await traded(store)
    view = await figures(store, clock).gain(Window("", since=NOON + DAY))
    assert view.change.ends is None
    assert (view.lots.since, view.lots.total("realised")) == (NOON, Decimal(0))


async def test_without_anything_there_is_neither_change_nor_lot(store: Store, clock: Hands) -> None:
    view = await figures(store, clock).gain(Window())
    assert view.change.ends is None
    assert view.lots.end.assets == ()
    assert (await figures(store, clock).basket(Window()))[1] is None


async def test_assets_that_are_not_tracked_are_not_listed_but_counted(store: Store, clock: Hands) -> None:
    await traded(store)
    view = await figures(store, clock, tracked_assets=("ETH",)).lots(Window())
    assert view.end.assets == ()
    assert view.total("realised") == Decimal(30)
