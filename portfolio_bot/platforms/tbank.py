"""T-Bank (T-Invest API): every open account that the token may read, each at the total that T-Bank itself states.

One token is one account here; what lies inside is listed as sub-accounts. `UsersService/GetAccounts` names them and,
beside, tells what the token may do; `OperationsService/GetPortfolio` values one of them in roubles.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from portfolio_bot.analytics.pricing import significant
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import (
    AccountId,
    Notice,
    StatedTotal,
    Statement,
    SubAccount,
    UnreadableWallet,
    WarningKind,
)
from portfolio_bot.platforms.base import AccountConfig, KeyRights, Memory, Surroundings
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream
from portfolio_bot.platforms.sub_accounts import Identities, masked
from portfolio_bot.platforms.tbank_accounts import Inner, inner_account
from portfolio_bot.platforms.tbank_api import CLOSED, Api, Pauses, RefusedError
from portfolio_bot.platforms.tbank_money import rows
from portfolio_bot.platforms.tbank_past import OPENED, TBankPast
from portfolio_bot.platforms.tbank_portfolio import Portfolio, holdings, portfolio

log = logging.getLogger(__name__)

AT_ONCE = 2
"""Portfolios asked for at the same time: all accounts of a user share one limit."""


class TBank:
    """One token."""

    def __init__(
        self, config: AccountConfig, around: Surroundings, memory: Memory, pauses: Pauses | None = None
    ) -> None:
        self._config = config
        self._around = around
        self._who = Identities(around.identity_key, memory)
        self._api = Api(config, around, pauses or Pauses())
        self._past = TBankPast(config.account, self._api, self._who, around.claims, self._list)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._valued: tuple[Inner, Decimal] | None = None
        """An account of the last reading, and what it is worth in roubles."""

    @property
    def account(self) -> AccountId:
        """Whose account this is."""
        return self._config.account

    @property
    def patience(self) -> float:
        """Seconds it may take for everything."""
        return self._around.patience

    async def read(self) -> Statement:
        """Every account inside, or nothing.

        Raises:
            SourceError: `no_account` for a token that sees none; `missing_right` if all refuse, or one that has been
                read before; `suspect` if one that was there before is not listed.
        """
        who = self._who
        listed = await self._list()
        who.refuse_another({inner.key for inner in listed})
        who.refuse_vanished({inner.key for inner in listed})
        tried = [inner for inner in listed if inner.tried]
        before = who.seen()
        for inner in listed:
            if inner.hidden and inner.key in before and not inner.closed:
                raise SourceError.of(FailureKind.MISSING_RIGHT, f"no access any more: {inner.name}")
        if not tried:
            raise SourceError.of(FailureKind.NO_ACCOUNT, "no open account that this token may read")
        outcomes = await asyncio.gather(*(self._value(inner, before) for inner in tried), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        found = {
            inner: outcome
            for inner, outcome in zip(tried, outcomes, strict=True)
            if not isinstance(outcome, BaseException)
        }
        statement = self._statement(found, listed)
        worth = {inner: what.total.amount for inner, what in found.items() if isinstance(what, Portfolio)}
        self._valued = next(((inner, roubles) for inner, roubles in worth.items() if roubles > 0), None)
        await who.keep(
            read=(sub.key for sub in statement.sub_accounts if sub.total is not None),
            closed={inner.key for inner in listed if inner.closed},
        )
        return statement

    async def rights(self) -> KeyRights:
        """From the accounts' access levels: there is no other way to learn it without trying to trade."""
        return _rights(await self._list())

    async def implied_usd_rub(self) -> Decimal | None:
        """T-Bank's own rate: what one account is worth in roubles, over what it is worth in dollars.

        It follows the previous close: a cross-check and a last resort, no market rate. One more call beside a reading,
        so it is asked for only when it is wanted. None: nothing was read that is worth something, or no answer.
        """
        if self._valued is None:
            return None
        inner, roubles = self._valued
        try:
            dollars = (await self._ask(inner, "USD")).total.amount
        except SourceError as error:
            log.debug("no rate by T-Bank's books: %s", error)
            return None
        return significant(roubles / dollars) if dollars > 0 else None

    @property
    def opened(self) -> date:
        """See `ledger.KeepsLedger`."""
        return OPENED

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        """See `ledger.KeepsLedger`. One for each account inside; operations tell themselves what they are about."""
        return await self._past.streams()

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        """See `ledger.KeepsLedger`."""
        return await self._past.past(stream, span)

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """See `ledger.KeepsLedger`: shares and funds, by the day."""
        return await self._past.price_at(asset, at)

    async def close(self) -> None:
        """Nothing is held."""

    async def _list(self) -> Sequence[Inner]:
        # all of them, the closed ones too: only so can one that is gone be told from one that was closed
        answer = await self._api.call("UsersService/GetAccounts")
        if "accounts" not in answer:
            raise SourceError.of(FailureKind.BAD_ANSWER, "GetAccounts: accounts is missing")
        listed = [inner_account(row, self._who) for row in rows(answer, "accounts")]
        if not listed:
            raise SourceError.of(FailureKind.NO_ACCOUNT, "no account visible to this token")
        if len({inner.number for inner in listed}) < len(listed):
            raise SourceError.of(FailureKind.BAD_ANSWER, "GetAccounts: the same account twice")
        await self._who.renew(inner.number for inner in listed)
        return listed

    async def _value(self, inner: Inner, before: frozenset[str]) -> Portfolio | UnreadableWallet | None:
        """One account's value, why it has none for us, or None if it has been closed meanwhile."""
        try:
            return await self._ask(inner, "RUB")
        except RefusedError as error:
            if error.code == CLOSED:
                return None
            if inner.key in before:
                raise
            if inner.is_box and error.status < 500 and error.failure.kind in _NOT_VALUED:
                return UnreadableWallet(inner.name, "not_valued")
            if error.failure.kind is FailureKind.MISSING_RIGHT:
                return UnreadableWallet(inner.name)
            raise

    async def _ask(self, inner: Inner, currency: str) -> Portfolio:
        async with self._turns:
            answer = await self._api.call("OperationsService/GetPortfolio", accountId=inner.number, currency=currency)
        return portfolio(answer, inner.number, currency)

    def _statement(
        self, found: Mapping[Inner, Portfolio | UnreadableWallet | None], listed: Sequence[Inner]
    ) -> Statement:
        valued = {inner: outcome for inner, outcome in found.items() if isinstance(outcome, Portfolio)}
        unreadable = tuple(outcome for outcome in found.values() if isinstance(outcome, UnreadableWallet))
        if not valued:
            refused = any(wallet.reason == "missing_right" for wallet in unreadable)
            kind = FailureKind.MISSING_RIGHT if refused else FailureKind.NO_ACCOUNT
            raise SourceError.of(kind, "none of the token's accounts can be valued")
        now = self._around.clock()
        notices = [
            Notice(WarningKind.COVERAGE, f"{inner.name}: {what.gap.normalize():f} RUB")
            for inner, what in valued.items()
            if what.gap is not None
        ]
        notices += _rights(listed).notices(now.date())
        return Statement(
            account=self.account,
            as_of=now,
            holdings=holdings((inner.key, row) for inner, what in valued.items() for row in what.positions),
            stated=tuple(StatedTotal(what.total.amount, "RUB", inner.key) for inner, what in valued.items()),
            sub_accounts=tuple(
                SubAccount(masked(inner.number), inner.key, inner.name, _total(what), "RUB", now)
                for inner, what in found.items()
                if what is not None
            ),
            unreadable=unreadable,
            notices=tuple(notices),
            native_currency="RUB",
            wallets_read=tuple(inner.name for inner in valued),
        )


_NOT_VALUED = {FailureKind.MISSING_RIGHT, FailureKind.BAD_ANSWER, FailureKind.ACCOUNT_FROZEN}
"""How an Invest box refuses: the documents say that it does, not with which code."""


def _rights(listed: Sequence[Inner]) -> KeyRights:
    full = any(inner.full for inner in listed)
    readable = sum(inner.tried for inner in listed)
    return KeyRights(
        read_only=not full,
        can_trade=full,
        can_transfer=full,
        can_withdraw=None if full else False,
        notes=(f"{readable} open account{'' if readable == 1 else 's'}",),
    )


def _total(what: Portfolio | UnreadableWallet) -> Decimal | None:
    return what.total.amount if isinstance(what, Portfolio) else None


async def open_source(config: AccountConfig, around: Surroundings, memory: Memory) -> TBank:
    """The source of one token."""
    return TBank(config, around, memory)
