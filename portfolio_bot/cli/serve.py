"""The service itself, and the same on simulated accounts."""

from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING, Literal

from portfolio_bot.cli.here import HereParameter

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings


def run(*, here: HereParameter) -> int:
    """The service, until it is stopped."""
    settings = here.settings(quiet=True)  # the log says it
    settings.require(source=True, face=True)
    faulthandler.enable()  # a watchdog's SIGABRT tells where we hung; it prints no values, so no secret
    _log(settings, settings.logs.level)
    from portfolio_bot.app.start import run_service

    return here.run(run_service(settings))


def demo(
    *,
    scenario: Literal["bull", "bear", "crash", "sideways", "outage"] = "bull",
    here: HereParameter,
) -> int:
    """The whole service on simulated accounts: no key and no network.

    Parameters
    ----------
    scenario
        What the simulated year was like.
    """
    settings = here.settings(demo=True, quiet=True)
    # the chat is on this screen: of the log only what is wrong, unless the owner wants more
    _log(settings, settings.logs.level if settings.origins["LOG_LEVEL"] != "default" else "WARNING")
    from portfolio_bot.app.start import run_demo

    return here.run(run_demo(settings, scenario))


def _log(settings: Settings, level: str) -> None:
    from portfolio_bot.app import logs

    try:
        logs.configure(
            level=level,
            form=settings.logs.format,
            file=settings.logs.file,
            retention_days=settings.logs.retention_days,
            redactor=settings.redactor,
        )
    except OSError as error:
        from portfolio_bot.settings import Problem, SettingsError

        reason = f"{settings.logs.file} cannot be written: {error.strerror}."
        raise SettingsError([Problem("LOG_FILE", reason)], where=settings.file or "environment") from None
