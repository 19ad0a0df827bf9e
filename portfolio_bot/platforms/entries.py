"""From entries of a venue's ledger to records, for venues whose ledger tells everything in words of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import Fee, Side
from portfolio_bot.platforms.ledger import Ask, Batch, Read
from portfolio_bot.platforms.paging import moment
from portfolio_bot.platforms.strict import Row, amount, text
from portfolio_bot.platforms.venue import Refused

A_YEAR = timedelta(days=365)

STALE = 10
"""Candles: a market without a trade for so long says nothing of the moment, and a longer candle is asked."""


def while_remembered(read: Read) -> Read:
    """For a venue that does not say how far back it goes: what it refuses of over a year ago, it has forgotten."""

    async def remembered(ask: Ask) -> Batch:
        try:
            return await read(ask)
        except Refused as error:
            long_ago = ask.span.end < datetime.now(UTC) - A_YEAR
            if long_ago and error.failure.kind is FailureKind.BAD_ANSWER:
                return Batch()
            raise

    return remembered


def fee_of(asset: Asset, cost: Decimal) -> Fee | None:
    """A cost > 0 or a rebate < 0; None for nothing."""
    return Fee(asset, cost) if cost else None


def fees_of(*paid: tuple[Asset, Decimal]) -> tuple[Fee, ...]:
    """Costs and rebates in several coins; what is 0 is none."""
    return tuple(Fee(asset, cost) for asset, cost in paid if cost)


def earned_or_paid(amount: Decimal) -> FlowKind:
    """For interest, rebates and corrections, which come with either sign."""
    return FlowKind.INCOME if amount > 0 else FlowKind.FEE


def came_or_went(amount: Decimal) -> FlowKind:
    """For what crosses the account's border."""
    return FlowKind.DEPOSIT if amount > 0 else FlowKind.WITHDRAWAL


def side_of(row: Row, field: str = "side") -> Side:
    """Buy or sell, in letters of any case.

    Raises:
        SourceError: bad_answer: it is neither.
    """
    word = text(row, field).lower()
    if word not in {"buy", "sell"}:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is neither buy nor sell")
    return Side(word)


def spoken(word: str) -> str:
    """The venue's word for an entry in one form, however it is written: `Airdrop/Fork` → `AIRDROP_FORK`."""
    return "_".join(part for part in "".join(c if c.isalnum() else " " for c in word).split()).upper()


def close_of(
    candles: Sequence[object], opened: int, close: int, length: timedelta, at: datetime, unit: timedelta
) -> Decimal | None:
    """The closing price of the newest candle that began at an instant or shortly before it.

    Args:
        candles: plain lists.
        opened, close: where in them the beginning and the closing price stand.
        unit: in which the beginning is counted from 1970.

    Raises:
        SourceError: bad_answer: these are no candles.
    """
    known: dict[datetime, Decimal] = {}
    for candle in candles:
        if not isinstance(candle, list) or len(candle) <= max(opened, close):
            raise SourceError.of(FailureKind.BAD_ANSWER, "a candle is not a list of figures")
        began = moment({"opened": candle[opened]}, "opened", unit)
        known[began] = amount({"close": candle[close]}, "close")
    fitting = [began for began in known if at - length * STALE < began <= at]
    return known[max(fitting)] if fitting and known[max(fitting)] > 0 else None
