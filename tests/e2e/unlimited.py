"""`python -m tests.e2e.unlimited sync`: the program as it is, in front of venues that never tire of questions."""

from __future__ import annotations

import sys
from typing import cast

from portfolio_bot.cli.main import main
from portfolio_bot.platforms.limits import LIMITS, Limit, Limits

if __name__ == "__main__":
    cast(dict[str, Limits], LIMITS).update(dict.fromkeys(LIMITS, Limits(Limit(1_000_000, 1))))
    sys.exit(main())
