"""What the owner is told about accounts and their keys: a pure function over what is remembered of them.

An account that goes or comes back; what is new about its key; a key that opens another account than before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.identity import ANOTHER
from portfolio_bot.model.portfolio import AccountValue, Complete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.statement import AccountId, WarningKind
from portfolio_bot.model.statement import Notice as Remark
from portfolio_bot.report.alert_views import AlertOver, AlertRaised
from portfolio_bot.report.views import AccountBack, AccountDown, KeyMoved, KeyNews, NoClose

TOLD_AFTER = 2
"""Failed fetches in a row: one is a hiccup."""

REMINDED = timedelta(days=1)

_NO_OUTAGE = frozenset({FailureKind.IN_PROGRESS, FailureKind.SUSPECT})
"""Failures without an outage: the platform did answer."""

_OF_KEYS = frozenset(
    {
        WarningKind.KEY_MAY_TRADE,
        WarningKind.KEY_MAY_TRANSFER,
        WarningKind.KEY_MAY_WITHDRAW,
        WarningKind.KEY_EXPIRES,
        WarningKind.CLOCK_SKEW,
    }
)
"""What is said aloud when it becomes so, and stands in `/accounts` as long as it is so."""

PATIENT = timedelta(days=3)
"""So long without a complete snapshot until the owner is asked what is to become of it."""

News: TypeAlias = AccountDown | AccountBack | KeyNews | KeyMoved | NoClose | AlertRaised | AlertOver


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell once.

    Attributes:
        key: unique for what it tells: the same key again is the same notice.
        answers: the key of the notice that it replies to; "" for none.
    """

    key: str
    news: News
    answers: str = ""


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
        if isinstance(value, KnownAccount):
            yield from _about_key(value, stood_in.get(account), portfolio.at)
        if opens_another(state):
            yield Notice(f"moved:{account}:{_moment(state.since)}", KeyMoved(value))
        elif _told(state) and state.since is not None:
            yield _down(value, state, state.since, portfolio.at)
        elif _told(past) and state.failure is None and past.since is not None and isinstance(value, KnownAccount):
            yield _back(value, past.since, stood_in.get(account))


def opens_another(state: AccountState) -> bool:
    """Whether an account waits for the owner to say whose it is."""
    failure = state.failure
    return failure is not None and failure.kind is FailureKind.SUSPECT and failure.detail == ANOTHER


def about_keys(account: KnownAccount) -> bool:
    """Whether there is anything to say about its key that lasts: a difference of clocks comes and goes."""
    return any(one.kind in _OF_KEYS and one.kind is not WarningKind.CLOCK_SKEW for one in account.notices)


def _about_key(value: KnownAccount, before: AccountValue | None, now: datetime) -> Iterator[Notice]:
    """What is new, once a day at most: rights that a platform tells now and then are no news each time."""
    known = {sign(remark) for remark in before.notices} if isinstance(before, KnownAccount) else set()
    new = tuple(one for one in value.notices if one.kind in _OF_KEYS and sign(one) not in known)
    if new:
        what = ",".join(sorted(sign(remark) for remark in new))
        yield Notice(f"key:{value.id}:{what}:{now.date().isoformat()}", KeyNews(value, new))


def sign(remark: Remark) -> str:
    """By what a remark is known again: a difference of clocks is never the same twice."""
    return str(remark.kind) if remark.kind is WarningKind.CLOCK_SKEW else f"{remark.kind}={remark.detail}"


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def without_close(portfolio: Portfolio, complete_at: datetime | None) -> Iterator[Notice]:
    """The question after days without a complete snapshot; asked once for each time that this happens.

    Args:
        complete_at: the newest complete snapshot; None if there never was one.
    """
    if complete_at is None or isinstance(portfolio.total_usd, Complete) or portfolio.at - complete_at < PATIENT:
        return
    silent = tuple(account for account in portfolio.accounts if account.failure is not None)
    if silent:
        news = NoClose(silent, (portfolio.at - complete_at).days)
        yield Notice(f"noclose:{complete_at.isoformat()}", news)


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
