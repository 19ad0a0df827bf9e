"""A statement, or why there is none. Only `Failed` has no statement, and forgetting that is a type error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from portfolio_bot.model.failure import Failure
from portfolio_bot.model.statement import AccountId, Statement


@dataclass(frozen=True, slots=True)
class Live:
    """The source answered just now."""

    account: AccountId
    statement: Statement


@dataclass(frozen=True, slots=True)
class Cached:
    """The source answered within the cache's time to live."""

    account: AccountId
    statement: Statement


@dataclass(frozen=True, slots=True)
class Stale:
    """The source failed; its last good statement stands in, with its own `as_of`.

    `statement` is named differently on purpose: a stale value never passes as an answer.
    """

    account: AccountId
    last_good: Statement
    failure: Failure
    since: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    """The source failed and never had a value."""

    account: AccountId
    failure: Failure
    since: datetime


Reading: TypeAlias = Live | Cached | Stale | Failed
