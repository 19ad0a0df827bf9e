"""Commands that fetch: by the running service, if there is one, for a key must have one user; else by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, Here, HereParameter, Json, now

if TYPE_CHECKING:
    from portfolio_bot.model.portfolio import Portfolio
    from portfolio_bot.settings import Settings


def report(*, json: Json = False, demo: Demo = False, send: bool = False, here: HereParameter) -> int:
    """Fetch, store and print one report, then exit: for cron and for the curious.

    Exit code 3 means: made, but not complete.

    Parameters
    ----------
    send
        Send it to Telegram too.
    """
    settings = here.settings(demo=demo)
    if settings.demo and not send:
        return _demo_report(settings, here, json=json)
    raise SystemExit("not wired yet")


def _demo_report(settings: Settings, here: Here, *, json: bool) -> int:
    """One report of the simulated accounts, in memory: nothing is fetched, nothing stored."""
    from portfolio_bot.model.days import Calendar
    from portfolio_bot.platforms.demo import DemoWorld
    from portfolio_bot.platforms.demo_market import Scenario

    at = now()
    world = DemoWorld(Scenario.BULL, at)
    yesterday = Calendar.of(settings.timezone).start(Calendar.of(settings.timezone).day(at)) - timedelta(minutes=5)
    return _print(world.portfolio(at), here, settings, baseline=world.portfolio(yesterday), json=json)


def _print(portfolio: Portfolio, here: Here, settings: Settings, *, baseline: Portfolio | None, json: bool) -> int:
    from portfolio_bot.model.portfolio import Complete
    from portfolio_bot.report import as_json, compose

    reader = here.reader(settings)
    if json:
        here.show_json(as_json.report(portfolio, reader.guides))
    else:
        here.show(compose.status(portfolio, reader, baseline=baseline, breakdown=settings.include_crypto_breakdown))
    return outcome.GOOD if isinstance(portfolio.total_usd, Complete) else outcome.NOT_COMPLETE
