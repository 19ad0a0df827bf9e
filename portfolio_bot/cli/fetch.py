"""Commands that fetch: by the running service, if there is one, for a key must have one user; else by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, Flag, Here, HereParameter, Json, now

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings


def report(*, json: Json = False, demo: Demo = False, send: Flag = False, here: HereParameter) -> int:
    """Fetch, store and print one report.

    Parameters
    ----------
    send
        Send it to Telegram too.
    """
    settings = here.settings(demo=demo)
    if settings.demo and not send:
        return _demo_report(settings, here, json=json)
    return _taken(settings, here, "report", {"send": send}, json=json)


def pull(*, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Fetch everything anew and store a snapshot."""
    return _taken(here.settings(demo=demo), here, "pull", {}, json=json)


def check(*, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Try each key: does it work, what may it do, where does it live, when does it end?"""
    settings = here.settings(demo=demo)
    answer = here.carry_out(settings, "check", {})
    if json:
        here.show_json(answer.get("checks"))
    else:
        here.show_text(answer.get("text"))
    return outcome.GOOD if answer.get("ok") is True else outcome.FAILED


def _taken(settings: Settings, here: Here, what: str, body: Mapping[str, object], *, json: bool) -> int:
    answer = here.carry_out(settings, what, body)
    if json:
        here.show_json(answer.get("report"))
    else:
        here.show_text(answer.get("text"))
    if answer.get("sent") is False:
        outcome.say("The report is made and stored, but Telegram did not take it; the next report sent takes it along.")
        return outcome.FAILED
    return outcome.GOOD if answer.get("complete") is True else outcome.NOT_COMPLETE


def _demo_report(settings: Settings, here: Here, *, json: bool) -> int:
    """One report of the simulated accounts, in memory: nothing is fetched, nothing stored."""
    from portfolio_bot.model.portfolio import Complete
    from portfolio_bot.platforms.demo import DemoWorld
    from portfolio_bot.platforms.demo_market import Scenario
    from portfolio_bot.report import as_json, compose

    reader = here.reader(settings)
    world = DemoWorld(Scenario.BULL, now())
    portfolio = world.portfolio(reader.now)
    if json:
        here.show_json(as_json.report(portfolio, reader.guides))
    else:
        midnight = reader.calendar.start(reader.calendar.day(reader.now))
        yesterday = world.portfolio(midnight - timedelta(minutes=5))
        here.show(compose.status(portfolio, reader, baseline=yesterday, breakdown=settings.include_crypto_breakdown))
    return outcome.GOOD if isinstance(portfolio.total_usd, Complete) else outcome.NOT_COMPLETE
