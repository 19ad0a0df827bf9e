"""Accounts that can tell their past, for tests of the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.trade import Side, Trade, Worth, WorthSource
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Record, Span, Stream
from tests.bot.living import utc_now
from tests.service.fakes import FakeSource

STREAM = Stream("deposits", "deposits and withdrawals", border=True, keeps=timedelta(days=90))


class Remembering(FakeSource):
    """A source with a past.

    Args:
        takes: seconds that each question takes.
        refuses: the key may not read it.
    """

    def __init__(
        self, account: str, *records: Record, takes: float = 0.0, refuses: bool = False, **amounts: str
    ) -> None:
        super().__init__(account, amounts, clock=utc_now)
        self.records: Sequence[Record] = records
        self.refuses = refuses
        self.slowness = takes
        self.opened: date = (utc_now() - timedelta(days=400)).date()

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        del hints
        return [STREAM]

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        del stream, token
        await asyncio.sleep(self.slowness)
        if self.refuses:
            raise SourceError.of(FailureKind.MISSING_RIGHT, "Query ledger")
        return Batch(tuple(record for record in self.records if span.start <= moment(record) < span.end))

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        del asset, at
        return None


def moment(record: Record) -> datetime:
    assert isinstance(record.at, datetime)
    return record.at


def flow(
    account: str, kind: str, amount: str, asset: str = "ETH", *, ago: timedelta = timedelta(hours=30), txid: str = ""
) -> CashFlow:
    """A flow so long ago, worth 3,000 USD a piece."""
    figure = Decimal(amount)
    worth = Worth(figure * 3000, WorthSource.VENUE_VALUE)
    at = (utc_now() - ago).replace(microsecond=0)
    return CashFlow(f"{account}-{kind}-{amount}", account, FlowKind(kind), at, asset, figure, worth, txid=txid or None)


def trade(account: str, number: int) -> Trade:
    """A purchase of one ether, the greater the number the older."""
    at = (utc_now() - timedelta(hours=number)).replace(microsecond=0)
    worth = Worth(Decimal(3000), WorthSource.VENUE_VALUE)
    return Trade(f"t{number}", account, at, Side.BUY, "ETH", "USDT", Decimal(1), Decimal(3000), worth)
