"""What the owner is told about accounts that go and come back: a pure function over what is remembered of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.portfolio import AccountValue, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.views import AccountBack, AccountDown

TOLD_AFTER = 2
"""Failed fetches in a row: one is a hiccup."""

REMINDED = timedelta(days=1)

_NO_OUTAGE = frozenset({FailureKind.IN_PROGRESS, FailureKind.SUSPECT})
"""Failures without an outage: the platform did answer."""

News: TypeAlias = AccountDown | AccountBack


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell once.

    Attributes:
        key: unique for what it tells: the same key again is the same notice.
    """

    key: str
    news: News


def notices(
    before: Mapping[AccountId, AccountState],
    after: Mapping[AccountId, AccountState],
    portfolio: Portfolio,
    earlier: Portfolio | None,
) -> Iterator[Notice]:
    """The notices that a round of readings gives rise to.

    The keys hold the beginning of the outage and the day in it, so that one notice when an account goes, one reminder
    a day and one when it returns is all there ever is, whoever asks and however often the service restarts.

    Args:
        before, after: how the accounts had fared before the round, and how they do now.
        portfolio: as it is valued now.
        earlier: as it was valued before; None if there was none.
    """
    values = {account.id: account for account in portfolio.accounts}
    stood_in = {account.id: account for account in earlier.accounts} if earlier else {}
    for account, state in after.items():
        value, past = values.get(account), before.get(account, AccountState())
        if value is None:
            continue
        if _told(state) and state.since is not None:
            yield _down(value, state, state.since, portfolio.at)
        elif _told(past) and state.failure is None and past.since is not None and isinstance(value, KnownAccount):
            yield _back(value, past.since, stood_in.get(account))


def _told(state: AccountState) -> bool:
    failed = state.failure is not None and state.failure.kind not in _NO_OUTAGE
    return failed and state.failures_in_row >= TOLD_AFTER


def _down(value: AccountValue, state: AccountState, since: datetime, now: datetime) -> Notice:
    day = max((now - since) // REMINDED, 0)
    key = f"down:{value.id}:{since.isoformat()}:{day}"
    return Notice(key, AccountDown(value, state.failures_in_row, reminder=day > 0))


def _back(value: KnownAccount, since: datetime, stood_in: AccountValue | None) -> Notice:
    known = isinstance(stood_in, KnownAccount) and stood_in.state is ReadingState.STALE
    before = stood_in.total.amount if known and isinstance(stood_in, KnownAccount) else None
    return Notice(f"back:{value.id}:{since.isoformat()}", AccountBack(value, since, before))
