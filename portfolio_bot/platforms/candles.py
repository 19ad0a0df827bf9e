"""Prices of the past from candles that come as plain lists: when it began, then prices, in an order of the venue's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.paging import MILLISECOND, millis, moment
from portfolio_bot.platforms.strict import amount, listed
from portfolio_bot.platforms.venue import Api


class Size(NamedTuple):
    """How long a candle is, and what the venue calls that."""

    name: str
    length: timedelta


class Form(NamedTuple):
    """Where in a candle stands what; the instant comes first."""

    opening: int = 1
    closing: int = 4
    unit: timedelta = MILLISECOND


USUAL = Form()

STALE = 10
"""Candles: a market without a trade for so long says nothing of the moment, and a longer candle is asked."""


async def price_then(
    at: datetime,
    sizes: Sequence[Size],
    ask: Callable[[Size], Awaitable[Sequence[object]]],
    form: Form = USUAL,
) -> Decimal | None:
    """What a market cost at an instant; None where there is no candle of any size.

    Args:
        sizes: the shortest first: a longer candle stands in where a shorter one is not remembered.
        ask: the candles of one size up to that instant.

    Raises:
        SourceError: it could not be asked, or the answer is none.
    """
    for size in sizes:
        found = last_before(await ask(size), size, at, form)
        if found is not None:
            return found
    return None


async def in_klines(api: Api, method: str, symbol: str, at: datetime, sizes: Sequence[Size]) -> Decimal | None:
    """`price_then` at a venue that speaks like Binance."""

    async def ask(size: Size) -> Sequence[object]:
        window = {"startTime": millis(at - size.length * STALE), "endTime": millis(at), "limit": STALE + 1}
        return listed(await api.call(method, {"symbol": symbol, "interval": size.name, **window}))

    return await price_then(at, sizes, ask)


def last_before(candles: Sequence[object], size: Size, at: datetime, form: Form = USUAL) -> Decimal | None:
    """The price of the newest candle that began at an instant or shortly before it: its end that is nearer to that.

    Raises:
        SourceError: bad_answer: these are no candles.
    """
    shortest = max(form.opening, form.closing) + 1
    known: dict[datetime, Sequence[object]] = {}
    for candle in candles:
        if not isinstance(candle, list) or len(candle) < shortest:
            raise SourceError.of(FailureKind.BAD_ANSWER, "a candle is not a list of figures")
        known[moment({"opened": candle[0]}, "opened", form.unit)] = candle
    began = max((opened for opened in known if opened <= at), default=None)
    if began is None or at - began >= size.length * STALE:
        return None
    nearer = form.opening if at - began < size.length / 2 else form.closing
    price = amount({"candle": known[began][nearer]}, "candle")
    return price if price > 0 else None
