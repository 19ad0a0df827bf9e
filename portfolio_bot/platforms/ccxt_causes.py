"""From a refusal to its cause: the venue's own code first, then ccxt's class, then the HTTP status.

ccxt's classes mislead (an unknown key is a plain ExchangeError at OKX, a clock that is wrong an AuthenticationError
at Gate.io), so `Venue.causes` is asked before them. Nothing of ccxt's texts, of a URL or of a body gets into a
`Failure`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.net.door import LONGEST_WAIT, Answer

KINDS: Mapping[str, FailureKind] = {
    "BaseError": FailureKind.BAD_ANSWER,
    "ExchangeError": FailureKind.BAD_ANSWER,
    "AuthenticationError": FailureKind.BAD_KEY,
    "PermissionDenied": FailureKind.MISSING_RIGHT,
    "AccountNotEnabled": FailureKind.MISSING_RIGHT,
    "AccountSuspended": FailureKind.ACCOUNT_FROZEN,
    "ArgumentsRequired": FailureKind.BUG,
    "BadRequest": FailureKind.BAD_ANSWER,
    "BadSymbol": FailureKind.BAD_ANSWER,
    "OperationRejected": FailureKind.BAD_ANSWER,
    "NoChange": FailureKind.BAD_ANSWER,
    "MarginModeAlreadySet": FailureKind.BAD_ANSWER,
    "MarketClosed": FailureKind.UNAVAILABLE,
    "ManualInteractionNeeded": FailureKind.MISSING_RIGHT,
    "RestrictedLocation": FailureKind.GEO_BLOCKED,
    "InsufficientFunds": FailureKind.BAD_ANSWER,
    "InvalidAddress": FailureKind.BAD_ANSWER,
    "AddressPending": FailureKind.BAD_ANSWER,
    "InvalidOrder": FailureKind.BAD_ANSWER,
    "OrderNotFound": FailureKind.BAD_ANSWER,
    "OrderNotCached": FailureKind.BAD_ANSWER,
    "OrderImmediatelyFillable": FailureKind.BAD_ANSWER,
    "OrderNotFillable": FailureKind.BAD_ANSWER,
    "DuplicateOrderId": FailureKind.BAD_ANSWER,
    "ContractUnavailable": FailureKind.BAD_ANSWER,
    "NotSupported": FailureKind.BAD_ANSWER,
    "InvalidProxySettings": FailureKind.BUG,
    "ExchangeClosedByUser": FailureKind.BUG,
    "OperationFailed": FailureKind.UNAVAILABLE,
    "NetworkError": FailureKind.UNREACHABLE,
    "DDoSProtection": FailureKind.RATE_LIMITED,
    "RateLimitExceeded": FailureKind.RATE_LIMITED,
    "ExchangeNotAvailable": FailureKind.UNAVAILABLE,
    "OnMaintenance": FailureKind.MAINTENANCE,
    "InvalidNonce": FailureKind.CLOCK_SKEW,
    "ChecksumError": FailureKind.BAD_ANSWER,
    "RequestTimeout": FailureKind.TIMEOUT,
    "BadResponse": FailureKind.BAD_ANSWER,
    "NullResponse": FailureKind.BAD_ANSWER,
    "CancelPending": FailureKind.BAD_ANSWER,
    "UnsubscribeError": FailureKind.BUG,
}
"""Class of ccxt by name (so that naming them does not import ccxt) → cause. A test wants a choice for each."""

PAUSE = timedelta(seconds=60)
"""How long a venue that limited us and named no time is left alone."""

PAUSE_BANNED = timedelta(minutes=5)
"""The same after 418, which says that 429 was not heeded, and after a page with 403, which is such a ban too."""

LONGEST_BAN = timedelta(days=3)

_RESETS: Mapping[str, Callable[[int, datetime], datetime]] = {
    "x-bapi-limit-reset-timestamp": lambda value, _: datetime.fromtimestamp(value / 1000, UTC),
    "x-gate-ratelimit-reset-timestamp": lambda value, _: datetime.fromtimestamp(value, UTC),
    "gw-ratelimit-reset": lambda value, now: now + timedelta(milliseconds=value),
}
"""When the window is empty again, in the header of Bybit (a moment in ms), Gate.io (in seconds), KuCoin (ms to go)."""

_BANNED_UNTIL = re.compile(rb"until (\d{13})\b")


def kind_of(error: BaseException) -> FailureKind:
    """The nearest ancestor wins; the MRO lists it first."""
    return next((KINDS[c.__name__] for c in type(error).__mro__ if c.__name__ in KINDS), FailureKind.BAD_ANSWER)


def kind_of_status(answer: Answer, page_403: FailureKind) -> FailureKind:
    """What an HTTP status of 400 or more means where the venue's own code says nothing."""
    match answer.status:
        case 401:
            return FailureKind.BAD_KEY
        case 403:
            return page_403
        case 451:
            return FailureKind.GEO_BLOCKED
        case 408:
            return FailureKind.TIMEOUT
        case 418 | 429:
            return FailureKind.RATE_LIMITED
        case status if status >= 500:
            return FailureKind.MAINTENANCE if speaks_of_maintenance(answer) else FailureKind.UNAVAILABLE
        case _:
            return FailureKind.BAD_ANSWER


def speaks_of_maintenance(answer: Answer) -> bool:
    """Whether the word stands in a refusal: it says more than a code for every kind of outage."""
    return b"maintenance" in answer.body[:20_000].lower()


def asked_again_at(answer: Answer, now: datetime) -> datetime:
    """The moment before which a venue that limited us must not be asked.

    What it named stands: `Retry-After` or a header of its own, up to a quarter of an hour; for a ban (418, or the
    milliseconds in Binance's text) the whole of it, up to three days. Otherwise a pause of ours.
    """
    until = _ban(answer, now)
    if until is not None:
        return min(max(until, now + timedelta(seconds=1)), now + LONGEST_BAN)
    reset = answer.retry_at or _reset(answer, now)
    if reset is not None:
        return min(max(reset, now + timedelta(seconds=1)), now + LONGEST_WAIT)
    return now + (PAUSE_BANNED if answer.status in {403, 418} else PAUSE)


def _ban(answer: Answer, now: datetime) -> datetime | None:
    """The end of a ban; the door has cut `Retry-After` to a quarter of an hour, which is too early here."""
    seconds = answer.headers.get("retry-after", "").strip()
    if answer.status == 418 and seconds.isdigit():
        return now + timedelta(seconds=min(int(seconds[:9]), LONGEST_BAN.total_seconds()))
    printed = _BANNED_UNTIL.search(answer.body[:2000])
    return datetime.fromtimestamp(int(printed[1]) / 1000, UTC) if printed else None


def _reset(answer: Answer, now: datetime) -> datetime | None:
    """The end of the window by a header of the venue's own; a clean whole number, else nothing."""
    for name, read in _RESETS.items():
        value = answer.headers.get(name, "").strip()
        if value.isascii() and value.isdigit() and len(value) <= 13:
            try:
                return read(int(value), now)
            except (ValueError, OverflowError, OSError):
                return None
    return None
