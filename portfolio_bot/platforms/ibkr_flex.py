"""IBKR through Flex statements: the net asset value of every account in the query, once a day.

A statement takes seconds to minutes to be made and changes once a day. So the newest one is kept, reports use it as
it is, and a task of its own asks for the next about once an hour until the last business day's has come. Without a
service behind it (`Surroundings.patient`) a reading waits for that task as long as it may.

The past comes from the same statements, without a question more.

What is kept holds no account number, no name, nothing personal: masked ids, keyed hashes, amounts.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from portfolio_bot.model.failure import REFUSED, Failure, FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId, Statement
from portfolio_bot.net.door import deadline
from portfolio_bot.platforms.base import AccountConfig, KeyRights, Memory, StandIn, Surroundings
from portfolio_bot.platforms.ibkr_calendar import NEW_YORK, expected, is_current
from portfolio_bot.platforms.ibkr_codes import FlexError, Then
from portfolio_bot.platforms.ibkr_kept import Kept, kept
from portfolio_bot.platforms.ibkr_ledger import OPENED, FlexPast
from portfolio_bot.platforms.ibkr_service import FlexService, Waits
from portfolio_bot.platforms.ibkr_statement import navs
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream
from portfolio_bot.platforms.sub_accounts import Identities

log = logging.getLogger(__name__)

HOURLY = timedelta(hours=1)
MINUTES = timedelta(minutes=3)
MINUTE = timedelta(minutes=1)

_STATEMENT = "statement"
_REFERENCE = "reference"

_PASSING = {
    FailureKind.IN_PROGRESS,
    FailureKind.UNAVAILABLE,
    FailureKind.MAINTENANCE,
    FailureKind.UNREACHABLE,
    FailureKind.TIMEOUT,
}
"""Failures that minutes may mend."""


class Flex:
    """One token with one query."""

    def __init__(
        self,
        config: AccountConfig,
        around: Surroundings,
        memory: Memory,
        waits: Waits | None = None,
    ) -> None:
        self._config = config
        self._around = around
        self._memory = memory
        self._who = Identities(around.identity_key, memory)
        query = config.query_id or ""
        self._query = self._who.key(f"query {query}")
        token = config.secrets["FLEX_TOKEN"]
        self._swapped = len(query) > 15 > len(token.reveal())
        self._rights = KeyRights(
            read_only=True, can_trade=False, can_transfer=False, can_withdraw=False, expires=config.expires
        )
        self._service = FlexService(token, query, config.base_url, around, waits or Waits())
        self._past = FlexPast(config.account, memory, self._who, around.claims, around.clock, self._fetched)
        self._kept: Kept | None = Kept.load(memory.get(_STATEMENT))
        self._failure: Failure | None = None
        self._told = False
        self._next_try: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def account(self) -> AccountId:
        """Whose account this is."""
        return self._config.account

    @property
    def patience(self) -> float:
        """Seconds it may take for everything."""
        return self._around.patience

    async def read(self) -> Statement:
        """The newest statement there is; if one is due, a task is sent for it.

        Raises:
            StandIn: the newest is older than three business days, or IBKR refuses for a reason that only the owner
                can mend.
            SourceError: there is none: `in_progress` while it is being made, `rate_limited` while IBKR wants no more
                requests, else why it cannot be had.
        """
        self._check_settings()
        insisted = self._told
        self._send_if_due()
        if self._task is not None and (self._kept is None or self._around.patient or insisted):
            await asyncio.wait({self._task}, timeout=self._time_to_wait(self.patience))
        return self._answer(self._around.clock())

    async def rights(self) -> KeyRights:
        """Flex can do nothing but read. When the token ends only the owner knows."""
        return self._rights

    @property
    def opened(self) -> date:
        """See `ledger.KeepsLedger`."""
        return OPENED

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """See `ledger.KeepsLedger`: the sections of the statement."""
        return await self._past.streams()

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """See `ledger.KeepsLedger`: what the statements have told. Nothing is asked for beside the next statement."""
        return await self._past.past(stream, span)

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """See `ledger.KeepsLedger`: only of securities that came or went that day."""
        return await self._past.price_at(asset, at)

    async def close(self) -> None:
        """Stop asking. The reference stays in memory, so the next start goes on with it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _check_settings(self) -> None:
        if not self._config.query_id:
            raise SourceError.of(FailureKind.BAD_QUERY, "IBKR_QUERY_ID is missing", final=True)
        if self._swapped:
            raise SourceError.of(FailureKind.BAD_QUERY, "token and query id look swapped", final=True)

    def _send_if_due(self) -> None:
        if self._task is None and self._due(self._around.clock()):
            self._told = False
            # a context of its own: the reading's deadline is not the statement's
            self._task = asyncio.create_task(self._fetch(), name=self.account, context=contextvars.Context())

    async def _fetched(self) -> Failure | None:
        """For the past, which can wait: the first statement is waited for as long as whoever asks may."""
        self._check_settings()
        self._send_if_due()
        if self._task is not None and (self._past.untold or self._around.patient):
            await asyncio.wait({self._task}, timeout=self._time_to_wait(math.inf))
        return self._failure

    def _due(self, now: datetime) -> bool:
        if self._next_try is not None and now < self._next_try:
            return False
        if self._failure is not None and _needs_owner(self._failure):
            return self._told  # whoever asks again after such a failure means it: /pull, or the hourly retry
        if self._kept is None or self._past.untold or self._kept.query != self._query:
            return True
        return self._kept.oldest < expected(now) and now >= self._kept.asked + HOURLY

    def _time_to_wait(self, most: float) -> float:
        """A little less than there is, so that the answer still gets out."""
        ends = deadline.get()
        left = self.patience if ends is None else ends - asyncio.get_running_loop().time()
        return max(min(left, most) * 0.9, 0.0)

    def _answer(self, now: datetime) -> Statement:
        failure = self._failure
        if self._kept is None:
            self._told = failure is not None
            raise SourceError(failure or self._meanwhile())
        statement = self._kept.statement(self.account)
        statement = replace(statement, notices=(*statement.notices, *self._rights.notices(now.date())))
        if failure is not None and (_needs_owner(failure) or failure.kind is FailureKind.SUSPECT):
            self._told = True
            raise StandIn(failure, statement)
        if not is_current(self._kept.oldest, now):
            why = f"the newest statement is of {self._kept.oldest.isoformat()}"
            raise StandIn(Failure(FailureKind.UNAVAILABLE, why), statement)
        return statement

    def _meanwhile(self) -> Failure:
        """Why there is no statement while one is being fetched."""
        until = self._service.limited_until
        if until is not None:
            return Failure(FailureKind.RATE_LIMITED, "code 1018", until)
        return Failure(FailureKind.IN_PROGRESS, "IBKR is making the statement")

    async def _fetch(self) -> None:
        """Get a statement and keep it; a failure is kept too, for the next reading to tell."""
        before, asked = self._failure, self._around.clock()
        try:
            await self._get(asked)
        except SourceError as error:
            self._failure = error.failure
            self._next_try = error.failure.retry_at or self._around.clock() + _pause_after(error)
        except Exception:  # nobody awaits this task: without this a bug here would end all asking in silence
            log.exception("IBKR: the statement could not be taken in")
            self._failure = Failure(FailureKind.BUG)
            self._next_try = asked + HOURLY
        else:
            self._failure = self._next_try = None
        finally:
            self._task = None
        if self._failure is not None and (before is None or before.kind is not self._failure.kind):
            log.warning("IBKR: no new statement: %s %s", self._failure.kind, self._failure.detail)

    async def _get(self, asked: datetime) -> None:
        reference = self._memory.get(_REFERENCE)
        # a reference belongs to the query that it was ordered with
        mine, _, code = (reference or "").partition(" ")
        root = await self._service.statement(code if mine == self._query else None, self._keep_reference)
        worth = navs(root)
        await self._who.renew(nav.number for nav in worth)
        found = kept(worth, self._who, asked, self._query)
        if max(row.report_date for row in found.accounts) > NEW_YORK.day(asked):
            raise SourceError.of(FailureKind.BAD_ANSWER, "a report date that is yet to come")
        keys = {row.key for row in found.accounts}
        self._who.refuse_vanished(keys)
        before = self._kept
        if before is not None and before.query == found.query and found.oldest < before.oldest:
            found = before.asked_again(asked)  # an old order that was still lying about
        await self._past.take_in(root)
        await self._memory.put(_STATEMENT, found.dump())
        await self._who.keep(read=keys)
        self._kept = found
        if before is None or before.oldest != found.oldest:
            log.info("IBKR: statement of %s", found.oldest.isoformat())

    async def _keep_reference(self, reference: str | None) -> None:
        await self._memory.put(_REFERENCE, None if reference is None else f"{self._query} {reference}")


def _needs_owner(failure: Failure) -> bool:
    return failure.final or failure.kind in REFUSED


def _pause_after(error: SourceError) -> timedelta:
    if isinstance(error, FlexError) and error.then is Then.HOUR:
        return HOURLY
    if _needs_owner(error.failure):
        return MINUTE
    return MINUTES if error.failure.kind in _PASSING else HOURLY


async def open_source(config: AccountConfig, around: Surroundings, memory: Memory) -> Flex:
    """The source of one token and query."""
    return Flex(config, around, memory)
