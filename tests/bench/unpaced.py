"""`python -m tests.bench.unpaced run`: the program as it is, but that it sends faster than Telegram would allow."""

from __future__ import annotations

import sys
from functools import partial

from portfolio_bot.app import start
from portfolio_bot.app.tempo import Tempo
from portfolio_bot.cli.main import main
from portfolio_bot.service.lane import Pace

if __name__ == "__main__":
    start.run_service = partial(start.run_service, tempo=Tempo(pace=Pace(every=0.0)))
    sys.exit(main())
