"""The past of one account at a venue that ccxt signs for: the streams of its `LEDGER`, and old prices.

All of it is asked in the background: it gives way to reports.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Protocol, TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ccxt_client import CcxtClient, OneReading
from portfolio_bot.platforms.hollow import Listening
from portfolio_bot.platforms.ledger import Ask, Batch, Hints, Ledger, Price, Read, Span, Stream
from portfolio_bot.platforms.limits import in_background
from portfolio_bot.platforms.venue import Refused, Venue

T = TypeVar("T")


class AtHome(Protocol):
    """Does work at the host where the key lives, and finds that host first if need be."""

    async def __call__(self, work: Callable[[CcxtClient], Awaitable[T]]) -> T: ...


class CcxtLedger:
    """Implements the methods of `ledger.KeepsLedger` for `CcxtSource`.

    Args:
        at_home: how to reach the venue.
        apart: see `ledger.Ask`.
    """

    def __init__(self, venue: Venue, account: AccountId, at_home: AtHome, apart: Callable[[str], bool]) -> None:
        self._venue, self._account, self._at_home, self._apart = venue, account, at_home, apart
        self._readers: dict[str, Read] = {}

    @property
    def opened(self) -> date:
        """See `ledger.KeepsLedger`."""
        return self._ledger.opened

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """See `ledger.KeepsLedger`."""
        ledger = self._ledger
        readers = list(ledger.streams)
        find = ledger.found
        if find is not None:
            with in_background():
                readers += await self._at_home(lambda client: find(self._api(client), hints))
        self._readers |= {reader.stream.name: reader.read for reader in readers}
        return [reader.stream for reader in readers]

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """See `ledger.KeepsLedger`. A product that the account never opened has an empty past, in whatever shape.

        A record that cannot be (a deposit of less than nothing) is a bad answer: the model refuses to make it.
        """
        read = self._readers[stream.name]

        async def ask(client: CcxtClient) -> Batch:
            listening = Listening(self._api(client))
            try:
                return await read(Ask(listening, self._account, span, token, self._apart))
            except Refused as error:
                if error.code in self._venue.absent:
                    return Batch()
                raise
            except SourceError as error:
                # deposits and withdrawals are believed only in the shape that they are documented in
                if listening.nothing and error.failure.kind is FailureKind.BAD_ANSWER and not stream.border:
                    return Batch()
                raise
            except ValueError as error:
                raise SourceError.of(FailureKind.BAD_ANSWER, str(error)[:120]) from None

        with in_background():
            return await self._at_home(ask)

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """See `ledger.KeepsLedger`."""
        look = self._ledger.price
        if look is None:
            return None

        async def ask(client: CcxtClient) -> Price | None:
            api = self._api(client)
            for quote in self._ledger.bridges:
                if quote == asset:
                    continue
                try:
                    found = await look(api, asset, quote, at)
                except Refused as error:
                    if error.failure.kind is not FailureKind.BAD_ANSWER:
                        raise
                    continue  # the venue does not know such a market
                if found:
                    return Price(found, quote, at)
            return None

        with in_background():
            return await self._at_home(ask)

    @cached_property
    def _ledger(self) -> Ledger:
        name = self._venue.ledger
        if not name:
            return Ledger(date(2009, 1, 3), ())
        found: Ledger = importlib.import_module(f"portfolio_bot.platforms.venues.{name}").LEDGER
        return found

    def _api(self, client: CcxtClient) -> OneReading:
        return OneReading(client, self._venue.absent)
