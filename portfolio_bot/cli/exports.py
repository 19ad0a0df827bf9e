"""Taking out what is stored. Files are opened here, with the rights of whoever typed the command."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.figures import figures_on
from portfolio_bot.cli.files import created
from portfolio_bot.cli.here import Demo, Flag, Here, HereParameter, Json, now
from portfolio_bot.cli.ledger import Days
from portfolio_bot.cli.moments import between
from portfolio_bot.cli.stored import From, To, newest_instant, with_store

if TYPE_CHECKING:
    from portfolio_bot.model.days import Calendar
    from portfolio_bot.settings import Settings
    from portfolio_bot.storage.store import Store

Target = Annotated[
    Path | None,
    Parameter(name="FILE", allow_leading_hyphen=True, help="A new file; - or nothing is standard output."),
]
Force = Annotated[Flag, Parameter(help="Also over a file that is there.")]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken out, in both forms; each is made only if it is wanted."""

    rows: int
    csv: Callable[[], str]
    json: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when: since ≤ at < until; None has no end."""

    calendar: Calendar
    since: datetime | None
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


Take = Callable[["Store", "Settings", Span], Awaitable[Taken]]


def history(
    file: Target = None,
    /,
    *,
    since: From = None,
    until: To = None,
    days: Days = None,
    force: Force = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Day closes as dates, today's as its instant, and whatever was imported as it was."""
    return _taken_out(here, _history, file, (since, until, days), force=force, json=json, demo=demo)


def returns(
    file: Target = None,
    /,
    *,
    since: From = None,
    until: To = None,
    days: Days = None,
    force: Force = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Returns from close to close, with the flows between them."""
    return _taken_out(here, _returns, file, (since, until, days), force=force, json=json, demo=demo)


def trades(
    file: Target = None,
    /,
    *,
    since: From = None,
    until: To = None,
    days: Days = None,
    force: Force = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Everything that was bought and sold."""
    return _taken_out(here, _trades, file, (since, until, days), force=force, json=json, demo=demo)


def flows(
    file: Target = None,
    /,
    *,
    since: From = None,
    until: To = None,
    days: Days = None,
    force: Force = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Everything else that moved, also inside an account."""
    return _taken_out(here, _flows, file, (since, until, days), force=force, json=json, demo=demo)


def _taken_out(
    here: Here,
    take: Take,
    file: Path | None,
    bounds: tuple[str | None, str | None, int | None],
    *,
    force: bool,
    json: bool,
    demo: bool,
) -> int:
    from portfolio_bot.model.days import Calendar

    with _opened(file, force=force) as put:
        settings = here.settings(demo=demo)
        calendar = Calendar.of(settings.timezone)

        async def look(store: Store) -> Taken:
            async with store.read() as tx:
                newest = await newest_instant(tx, calendar)
            first, end = between(*bounds, calendar=calendar, newest=newest)
            return await take(store, settings, Span(calendar, first, end))

        taken = here.run(with_store(settings, look))
        if put is None:
            if json:
                here.show_json(taken.json())
            else:
                here.show_csv(taken.csv())
            return outcome.GOOD
        put(here.clean(here.json_text(taken.json()) if json else taken.csv()))
    outcome.say(f"{file}: {taken.rows:,} {'row' if taken.rows == 1 else 'rows'}.")
    return outcome.GOOD


@contextmanager
def _opened(file: Path | None, *, force: bool) -> Iterator[Callable[[str], None] | None]:
    """What writes the file, opened before this process gives up root's rights; None for standard output.

    A file that could not be filled is not left behind, and one that was there before stays what it was.
    """
    if file is None or str(file) == "-":
        yield None
        return
    opened = created(file, force=force)
    written = False

    def put(text: str) -> None:
        nonlocal written
        written = True
        os.ftruncate(opened, 0)
        with os.fdopen(os.dup(opened), "w", encoding="utf-8", newline="") as out:
            out.write(text)

    try:
        yield put
    finally:
        os.close(opened)
        if not written and not force:
            with contextlib.suppress(OSError):
                file.unlink()


async def _history(store: Store, settings: Settings, span: Span) -> Taken:
    from portfolio_bot.report import as_csv, as_json
    from portfolio_bot.service import taking_out

    async with store.read() as tx:
        found = await taking_out.history(tx, span.calendar, now())
    rows = [row for row in found if span.holds(taking_out.instant(row, span.calendar))]
    return Taken(len(rows), lambda: as_csv.history(rows), lambda: as_json.past_totals(rows))


async def _returns(store: Store, settings: Settings, span: Span) -> Taken:
    from portfolio_bot.report import as_csv, figures_json

    found = await figures_on(store, settings).performances.daily()
    rows = [row for row in found if span.holds(row.end)]
    return Taken(len(rows), lambda: as_csv.returns(rows), lambda: figures_json.returns(rows))


async def _trades(store: Store, settings: Settings, span: Span) -> Taken:
    from portfolio_bot.report import as_csv, ledger_json
    from portfolio_bot.storage import ledger

    async with store.read() as tx:
        rows = await ledger.trades(tx, since=span.since, until=span.until)
    return Taken(len(rows), lambda: as_csv.trades(rows), lambda: ledger_json.trades(rows))


async def _flows(store: Store, settings: Settings, span: Span) -> Taken:
    from portfolio_bot.report import as_csv, ledger_json
    from portfolio_bot.service.transfers import Transfers
    from portfolio_bot.storage import ledger

    matching = await Transfers(store, span.calendar, now).matching()
    async with store.read() as tx:
        rows = [row for row in await ledger.flows(tx) if span.holds(row.instant(span.calendar))]
    return Taken(len(rows), lambda: as_csv.flows(rows), lambda: ledger_json.flows(rows, matching))
