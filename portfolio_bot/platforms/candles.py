"""Prices of the past from candles that come as plain lists: opening time, open, high, low, close, …"""

from __future__ import annotations

from collections.abc import Sequence
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
    """The price of the newest candle that began at an instant or shortly before it: its end that is nearer to that.

    Args:
        path: where the list of candles lies.

    Raises:
        SourceError: bad_answer: these are no candles.
    """
    found = table(answer, *path[:-1]).get(path[-1])
    if not isinstance(found, list) or not all(isinstance(candle, list) and len(candle) > 4 for candle in found):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{'.'.join(path)} is not a list of candles")
    known = {_figure(candle, 0): candle for candle in found}
    began = max((opened for opened in known if _opened(opened) <= at), default=None)
    if began is None or at - _opened(began) >= size.length * STALE:
        return None
    nearer = 1 if at - _opened(began) < size.length / 2 else 4
    price = _figure(known[began], nearer)
    return price if price > 0 else None


def _opened(figure: Decimal) -> datetime:
    return moment({"opened": figure}, "opened")


def _figure(candle: Sequence[object], place: int) -> Decimal:
    return amount({"candle": candle[place]}, "candle")
