"""From ccxt's class, an HTTP status or a ban to a cause."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.net.door import Answer
from portfolio_bot.platforms.ccxt_causes import (
    KINDS,
    LONGEST_BAN,
    PAUSE,
    PAUSE_BANNED,
    asked_again_at,
    kind_of,
    kind_of_status,
)
from portfolio_bot.platforms.lean_ccxt import error_class, exchange_class
from tests.builders import NOON


def answer(status: int, body: bytes = b"", retry_after: str | None = None, seconds: int | None = None) -> Answer:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Answer(status, body, headers, None if seconds is None else NOON + timedelta(seconds=seconds), None)


def all_names(tree: dict[str, dict]) -> set[str]:  # type: ignore[type-arg]
    return set(tree) | {name for below in tree.values() for name in all_names(below)}


def test_there_is_a_choice_for_every_error_class_of_ccxt() -> None:
    exchange_class("bybit")
    from ccxt.base.errors import error_hierarchy

    assert set(KINDS) == all_names(error_hierarchy)


def test_the_nearest_ancestor_decides_for_a_class_that_is_new() -> None:
    exchange_class("bybit")

    class NewError(error_class("PermissionDenied")):  # type: ignore[misc]
        pass

    assert kind_of(NewError()) is FailureKind.MISSING_RIGHT
    assert kind_of(ValueError()) is FailureKind.BAD_ANSWER


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b"", FailureKind.BAD_ANSWER),
        (401, b"", FailureKind.BAD_KEY),
        (403, b"<html>", FailureKind.GEO_BLOCKED),
        (404, b"", FailureKind.BAD_ANSWER),
        (408, b"", FailureKind.TIMEOUT),
        (418, b"", FailureKind.RATE_LIMITED),
        (429, b"", FailureKind.RATE_LIMITED),
        (451, b"", FailureKind.GEO_BLOCKED),
        (500, b"", FailureKind.UNAVAILABLE),
        (503, b"<h1>Scheduled Maintenance</h1>", FailureKind.MAINTENANCE),
        (504, b"", FailureKind.UNAVAILABLE),
        (525, b"", FailureKind.UNAVAILABLE),
    ],
)
def test_a_status_without_a_code_has_a_cause(status: int, body: bytes, kind: FailureKind) -> None:
    assert kind_of_status(answer(status, body), FailureKind.GEO_BLOCKED) is kind


def test_a_venue_says_what_its_403_page_means() -> None:
    assert kind_of_status(answer(403), FailureKind.RATE_LIMITED) is FailureKind.RATE_LIMITED


@pytest.mark.parametrize(
    ("limited", "after"),
    [
        (answer(429, seconds=7), timedelta(seconds=7)),
        (answer(429), PAUSE),
        (answer(200), PAUSE),
        (answer(418), PAUSE_BANNED),
        (answer(418, retry_after="7200", seconds=900), timedelta(hours=2)),
        (answer(418, retry_after="999999999999", seconds=900), LONGEST_BAN),
        (answer(418, b'{"msg": "IP banned until 1795179600000."}'), timedelta(hours=1)),
        (answer(418, b'{"msg": "IP banned until 9999999999999."}'), LONGEST_BAN),
        (answer(418, b'{"msg": "IP banned until 1000000000000."}'), timedelta(seconds=1)),
    ],
)
def test_a_limited_venue_is_left_alone_as_long_as_it_says(limited: Answer, after: timedelta) -> None:
    assert asked_again_at(limited, NOON) - NOON == after
