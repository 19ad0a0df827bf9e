"""One answer for all who ask at the same time."""

from __future__ import annotations

import asyncio

import pytest

from portfolio_bot.platforms.shared import Shared


class Counted:
    """An answer that takes a moment and counts how often it was asked for."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.times = 0
        self.failure = failure

    async def __call__(self) -> int:
        self.times += 1
        times = self.times
        await asyncio.sleep(0.01)
        if self.failure is not None:
            raise self.failure
        return times


async def test_all_who_ask_at_once_share_one_answer() -> None:
    shared, ask = Shared(), Counted()
    assert await asyncio.gather(*(shared.get("bybit", ask) for _ in range(5))) == [1] * 5


async def test_an_answer_is_fresh_for_a_moment_only() -> None:
    shared, ask = Shared(fresh=0.05), Counted()
    assert await shared.get("bybit", ask) == 1
    assert await shared.get("bybit", ask) == 1
    await asyncio.sleep(0.06)
    assert await shared.get("bybit", ask) == 2


async def test_what_is_different_is_asked_apart() -> None:
    shared, ask = Shared(), Counted()
    assert sorted(await asyncio.gather(shared.get("bybit", ask), shared.get("okx", ask))) == [1, 2]


async def test_a_failure_reaches_those_who_waited_and_is_not_kept() -> None:
    shared, ask = Shared(), Counted(OSError("gone"))
    results = await asyncio.gather(*(shared.get("bybit", ask) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [OSError] * 3
    assert ask.times == 1
    ask.failure = None
    assert await shared.get("bybit", ask) == 2


async def test_giving_up_takes_the_answer_from_nobody_else() -> None:
    shared, ask = Shared(), Counted()
    hasty = asyncio.create_task(shared.get("bybit", ask))
    patient = asyncio.create_task(shared.get("bybit", ask))
    await asyncio.sleep(0)
    hasty.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hasty
    assert await patient == 1
