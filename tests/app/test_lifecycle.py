"""Life and death of the parts."""

from __future__ import annotations

import asyncio
import time

from portfolio_bot.app import lifecycle
from portfolio_bot.app.lifecycle import Part, Stage


def obedient(name: str, ended: list[str]) -> Part:
    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append(name)

    return Part(name, work)


async def broken(_: asyncio.Event) -> None:
    raise RuntimeError("out of order")


async def returns(_: asyncio.Event) -> None:
    return


async def deaf(_: asyncio.Event) -> None:
    await asyncio.sleep(60)


async def deaf_even_to_cancelling(_: asyncio.Event) -> None:
    ends = time.monotonic() + 1.0
    while time.monotonic() < ends:
        try:
            await asyncio.sleep(0.5)
        except asyncio.CancelledError:
            continue


async def test_stages_end_in_their_order() -> None:
    ended: list[str] = []
    stop = asyncio.Event()
    stop.set()
    stages = [Stage(1, [obedient("intake", ended)]), Stage(1, [obedient("sender", ended)])]
    outcome = await lifecycle.run(stages, stop)
    assert ended == ["intake", "sender"]
    assert (outcome.code, outcome.late) == (0, [])


async def test_a_broken_part_stops_the_others_in_good_order_and_the_exit_code_tells() -> None:
    ended: list[str] = []
    outcome = await lifecycle.run([Stage(1, [Part("poller", broken), obedient("sender", ended)])], asyncio.Event())
    assert ended == ["sender"]
    assert (outcome.code, outcome.broken) == (1, ["poller"])


async def test_a_part_that_returns_asks_for_the_stop() -> None:
    ended: list[str] = []
    outcome = await lifecycle.run([Stage(1, [Part("terminal", returns), obedient("sender", ended)])], asyncio.Event())
    assert ended == ["sender"]
    assert outcome.code == 0


async def test_only_what_is_late_is_cancelled_and_it_is_named() -> None:
    ended: list[str] = []
    stop = asyncio.Event()
    stop.set()
    outcome = await lifecycle.run([Stage(0.05, [Part("fetch", deaf), obedient("tick", ended)])], stop)
    assert ended == ["tick"]
    assert (outcome.code, outcome.late) == (0, ["fetch"])


async def test_a_stop_keeps_its_budget_though_a_part_ignores_even_the_end() -> None:
    stop = asyncio.Event()
    stop.set()
    started = time.monotonic()
    await lifecycle.run([Stage(0.1, [Part("mule", deaf_even_to_cancelling)])], stop)
    assert time.monotonic() - started < 0.5
