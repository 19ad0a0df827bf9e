"""Commands that only look at what is stored: no source, no key, nothing is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

from cyclopts import Parameter, validators

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Csv, Demo, HereParameter, Json, now

if TYPE_CHECKING:
    from datetime import datetime

    from portfolio_bot.model.days import Calendar
    from portfolio_bot.model.portfolio import Portfolio
    from portfolio_bot.model.statement import AccountId
    from portfolio_bot.settings import Settings
    from portfolio_bot.storage.store import Store
    from portfolio_bot.storage.tx import Tx

T = TypeVar("T")

Limit = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=100_000))]
From = Annotated[str | None, Parameter(name="--from", help="From this day or instant on.")]
To = Annotated[str | None, Parameter(name="--to", help="Up to this day, with it, or instant.")]


def balance(account: str | None = None, /, *, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Assets of the newest snapshot.

    Parameters
    ----------
    account
        Only this one: its id or its name, in whatever case.
    """
    from portfolio_bot.report import as_json, compose
    from portfolio_bot.storage import snapshots

    settings = here.settings(demo=demo)
    portfolio = here.run(_reading(settings, snapshots.newest))
    reader = here.reader(settings)
    if portfolio is None:
        if json:
            here.show_json({})
        else:
            outcome.say(nothing_yet(settings))
        return outcome.GOOD
    if json and account is None:
        here.show_json(as_json.report(portfolio, reader.guides))
        return outcome.GOOD
    wanted = (account or "").casefold()
    named = (row.id for row in portfolio.accounts if wanted in {row.id.casefold(), row.name.casefold()})
    found = next(named, None)
    known = account is None or found is not None
    if json:
        rows = [row for row in as_json.accounts(portfolio, reader.guides) if isinstance(row, dict)]
        here.show_json(next((row for row in rows if row["id"] == found), {}))
    if not json or not known:
        here.show(compose.balance(portfolio, reader, account=found or account), error=not known)
    return outcome.GOOD if known else outcome.USAGE


def history(*, limit: Limit = 30, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Day closes, newest first; today is open.

    Parameters
    ----------
    limit
        How many days.
    """
    from portfolio_bot.model.days import Calendar
    from portfolio_bot.report import as_json, compose
    from portfolio_bot.storage import day_closes

    settings = here.settings(demo=demo)
    calendar = Calendar.of(settings.timezone)
    # one more than is shown, for the change of the oldest
    closes = here.run(_reading(settings, lambda tx: day_closes.closes(tx, calendar, now=now(), limit=limit + 1)))
    if json:
        here.show_json(as_json.history(closes[:limit]))
    elif closes:
        here.show(compose.history(closes, here.reader(settings), limit=limit))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def accounts(*, json: Json = False, csv: Csv = False, demo: Demo = False, here: HereParameter) -> int:
    """Accounts and how they are: state, age, coverage, warnings about keys."""
    from portfolio_bot.report import as_csv, as_json, compose
    from portfolio_bot.storage import snapshots

    one_form(json=json, csv=csv)
    settings = here.settings(demo=demo)
    portfolio = here.run(_reading(settings, snapshots.newest))
    reader = here.reader(settings)
    rows = as_json.accounts(portfolio, reader.guides) if portfolio else []
    if json:
        here.show_json(rows)
    elif csv:
        here.show_csv(as_csv.accounts(row for row in rows if isinstance(row, dict)))
    elif portfolio:
        here.show(compose.accounts(portfolio, reader))
    else:
        outcome.say(nothing_yet(settings))
    return outcome.GOOD


def one_form(*, json: bool, csv: bool) -> None:
    """Two forms on one output are none.

    Raises:
        Mistyped: both are wanted.
    """
    if json and csv:
        raise outcome.Mistyped("--json and --csv exclude one another: give one of them.")


def shown_names(settings: Settings, newest: Portfolio | None) -> dict[AccountId, str]:
    """What accounts are called: as the newest snapshot has it, else the settings."""
    names = {one.account: one.name for one in settings.accounts}
    return names | {one.id: one.name for one in (newest.accounts if newest else ())}


def nothing_yet(settings: Settings) -> str:
    """Where nothing is, for it may be the wrong folder, and how the first snapshot comes there."""
    if settings.demo:
        return "The demo has stored nothing yet: portfolio-bot demo, or portfolio-bot pull --demo, begins."
    where = "the database" if settings.database_url else settings.data_dir
    return (
        f"Nothing is stored in {where} yet: portfolio-bot report takes the first snapshot, portfolio-bot import brings "
        "an earlier past."
    )


async def _reading(settings: Settings, work: Callable[[Tx], Awaitable[T]]) -> T:
    """Look something up in one view of the database."""

    async def look(store: Store) -> T:
        async with store.read() as tx:
            return await work(tx)

    return await with_store(settings, look)


async def newest_instant(tx: Tx, calendar: Calendar) -> datetime:
    """What `--days` counts back from: the newest snapshot, else the newest imported total, else now."""
    from portfolio_bot.storage import imported, snapshots

    portfolio = await snapshots.newest(tx)
    if portfolio is not None:
        return portfolio.at
    return await imported.newest(tx, calendar, "USD", now()) or now()


async def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Look something up; no database is an empty one, an older one is migrated first, under the lock."""
    from portfolio_bot.storage.errors import SchemaOlder

    try:
        return await _look_up(settings, work)
    except SchemaOlder:
        await _migrate(settings)
    return await _look_up(settings, work)


async def _look_up(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from portfolio_bot.storage.store import open_store

    async with open_store(settings.data_dir, settings.database_url, clock=now, read_only=True) as store:
        return await work(store)


async def _migrate(settings: Settings) -> None:
    from portfolio_bot.app.lock import one_instance
    from portfolio_bot.storage.store import open_store

    outcome.say("The database is of an older version: it is brought up to date first.")
    async with (
        one_instance(settings.data_dir),
        open_store(settings.data_dir, settings.database_url, clock=now),
    ):
        pass
