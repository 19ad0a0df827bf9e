"""Which instants a question to a stand-in venue is about: a recorded answer is given only to who asks for its time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tests.peers.faults import Reply, Seen

_NAMES_OF_A_START = "startTime beginTime start_time createTimeFrom begin startAt from start since"
_NAMES_OF_AN_END = "endTime end_time createTimeTo end endAt to before lastFillTime"
_FROM, _TO = frozenset(_NAMES_OF_A_START.split()), frozenset(_NAMES_OF_AN_END.split())

WITHOUT_WORDS: Mapping[tuple[str, str], timedelta] = {
    ("bybit", "/v5/"): timedelta(days=7),
    ("gate", "/api/v4/spot/"): timedelta(days=7),
    ("gate", "/api/v4/wallet/"): timedelta(days=7),
    ("mexc", "/api/v3/capital/"): timedelta(days=7),
    ("kucoin", "/api/v1/hf/"): timedelta(days=7),
    ("kucoin", "/api/v1/fills"): timedelta(days=7),
    ("binance", "/sapi/v1/capital/"): timedelta(days=90),
}
"""What a venue tells under a path of who names no time, back from now; others tell everything."""

_DAY = 86_400_000
_LONGEST: Mapping[str, Mapping[str, int]] = {
    "bybit": {
        "/v5/execution/list": 7 * _DAY,
        "/v5/account/transaction-log": 7 * _DAY,
        "/v5/asset/transfer/query-inter-transfer-list": 7 * _DAY,
        "/v5/asset/transfer/query-universal-transfer-list": 7 * _DAY,
        "/v5/asset/deposit/query-record": 30 * _DAY,
        "/v5/asset/deposit/query-internal-record": 30 * _DAY,
        "/v5/asset/withdraw/query-record": 30 * _DAY,
        "/v5/earn/yield": 7 * _DAY,
        "/v5/asset/fundinghistory": 7 * _DAY,
    },
}
"""The longest time, in ms, that one question may be about."""


def moment_of(text: str) -> datetime | None:
    """An instant in a request: seconds or milliseconds since 1970, or ISO 8601; None for anything else (an id)."""
    try:
        number = float(text)
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    if 1e9 <= number < 1e10:
        return datetime.fromtimestamp(number, UTC)
    return datetime.fromtimestamp(number / 1000, UTC) if 1e12 <= number < 1e13 else None


def is_time(venue: str, name: str, text: str) -> bool:
    """Whether a field that could ask for a further page asks for a time instead."""
    return venue == "okx" and name in {"after", "before"} and moment_of(text) is not None


def concerns(venue: str, seen: Seen, at: datetime) -> bool:
    """Whether a request asks for what happened at an instant; both ends of its window belong to it."""
    since, until = _window(venue, seen)
    if since is None and until is None:
        since = next(
            (
                _ago(back)
                for (name, path), back in WITHOUT_WORDS.items()
                if name == venue and seen.path.startswith(path)
            ),
            None,
        )
    return (since is None or since <= at) and (until is None or at <= until)


def too_long(venue: str, seen: Seen) -> Reply | None:
    """The refusal of a window that is longer than the venue takes."""
    longest = _LONGEST.get(venue, {}).get(seen.path)
    since, until = _window(venue, seen)
    if longest is None or since is None or until is None or until - since <= timedelta(milliseconds=longest):
        return None
    return Reply.of({"retCode": 10001, "retMsg": "The time range is too long", "result": {}, "time": 1})


def _ago(back: timedelta) -> datetime:
    return datetime.fromtimestamp(time.time(), UTC) - back


def _window(venue: str, seen: Seen) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest instant. At OKX `before` means what is newer than it, `after` what is older."""
    swapped = venue == "okx"
    since: datetime | None = None
    until: datetime | None = None
    for name, text in seen.fields.items():
        if name in _FROM or (swapped and name == "before"):
            since = moment_of(text) or since
        elif name in _TO or (swapped and name == "after"):
            until = moment_of(text) or until
    return since, until
