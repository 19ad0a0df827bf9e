"""Where an untold horizon lies: what a venue refuses of long ago, it has forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.platforms.ledger import Ask, Batch, Span, while_remembered
from portfolio_bot.platforms.venue import Api, Refused


def asked(ago: timedelta) -> Ask:
    end = datetime.now(UTC) - ago
    return Ask(cast(Api, None), "account", Span(end - timedelta(days=7), end))


@pytest.mark.parametrize(
    ("kind", "ago", "forgotten"),
    [
        (FailureKind.BAD_ANSWER, timedelta(days=400), True),
        (FailureKind.BAD_ANSWER, timedelta(days=300), False),
        (FailureKind.MISSING_RIGHT, timedelta(days=400), False),
        (FailureKind.RATE_LIMITED, timedelta(days=400), False),
    ],
)
async def test_only_a_refusal_of_long_ago_means_forgotten(kind: FailureKind, ago: timedelta, forgotten: bool) -> None:
    async def read(_: Ask) -> Batch:
        raise Refused(Failure(kind, "code 1"), "1")

    if forgotten:
        assert await while_remembered(read)(asked(ago)) == Batch()
    else:
        with pytest.raises(Refused):
            await while_remembered(read)(asked(ago))


async def test_a_broken_answer_of_long_ago_is_no_horizon() -> None:
    async def read(_: Ask) -> Batch:
        raise SourceError.of(FailureKind.BAD_ANSWER, "id is not there")

    with pytest.raises(SourceError):
        await while_remembered(read)(asked(timedelta(days=400)))
