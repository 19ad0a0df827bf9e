"""Prices of the past from candles that come as plain lists: opening time, open, high, low, close, …"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.paging import moment
from portfolio_bot.platforms.strict import amount, table


class Size(NamedTuple):
    """How long a candle is, and what the venue calls that."""

    name: str
    length: timedelta


STALE = 10
"""Candles: a market without a trade for so long says nothing of the moment, and a longer candle is asked."""


def last_before(answer: object, path: tuple[str, ...], size: Size, at: datetime) -> Decimal | None:
    """The closing price of the newest candle that began at an instant or shortly before it.

    Args:
        path: where the list of candles lies.

    Raises:
        SourceError: bad_answer: these are no candles.
    """
    found = table(answer, *path[:-1]).get(path[-1])
    if not isinstance(found, list) or not all(isinstance(candle, list) and len(candle) > 4 for candle in found):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{'.'.join(path)} is not a list of candles")
    known = {moment({"opened": candle[0]}, "opened"): amount({"close": candle[4]}, "close") for candle in found}
    fitting = [began for began in known if at - size.length * STALE < began <= at]
    return known[max(fitting)] if fitting and known[max(fitting)] > 0 else None
