"""`python -m tests.e2e.hurried run`: the program as it is, with a patience of a second and a sender that never rests.

With `HURRIED_MINUTE=1` its clock runs sixty times as fast: a minute of the schedule lasts a second. `HURRIED_CRASH`
names the variable whose secret every exchange dies of.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from portfolio_bot.app import start
from portfolio_bot.app.tempo import Tempo
from portfolio_bot.bot.progress import ProgressPace
from portfolio_bot.bot.session import PollPace
from portfolio_bot.bot.telegram import FacePace
from portfolio_bot.cli.main import main
from portfolio_bot.model.statement import Statement
from portfolio_bot.net.timing import Timing
from portfolio_bot.platforms.ccxt_venue import CcxtSource
from portfolio_bot.service.lane import Pace

BEGAN, STEADY = datetime.now(UTC), time.monotonic()
SPEED = 60 / float(os.environ.get("HURRIED_MINUTE", "60"))


def now() -> datetime:
    return BEGAN + timedelta(seconds=(time.monotonic() - STEADY) * SPEED)


HURRIED = Tempo(
    clock=now,
    timing=Timing(total=0.7, connect=0.7),
    patience=1.0,
    pace=Pace(every=0.0, first_wait=0.05, longest_wait=0.2, token_wait=30.0),
    face=FacePace(
        poll=PollPace(timeout=2, slack=0.5, first_wait=0.05, longest_wait=0.2, token_wait=30.0),
        progress=ProgressPace(after=0.2, every=0.2),
        gather=0.1,
        menu_again=0.1,
    ),
    tick=0.2,
    lock_wait=0.3,
)


def crash(secret: str) -> None:
    """Put a bug into all exchanges, whose error tells the key in each of its parts."""

    async def read(_: CcxtSource) -> Statement:
        try:
            raise KeyError(secret)
        except KeyError as error:
            raise RuntimeError(f"apiKey={secret} secret {secret!r}") from error

    CcxtSource.read = read  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    if "HURRIED_CRASH" in os.environ:
        crash(os.environ[os.environ["HURRIED_CRASH"]])
    start.run_service = partial(start.run_service, tempo=HURRIED)
    sys.exit(main())
