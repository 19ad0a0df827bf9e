"""Which of several credentials tells the past of an account that they all see."""

from __future__ import annotations

import asyncio

from portfolio_bot.platforms.claims import Claims


def joined(*told: set[str]) -> Claims:
    """Credentials `a`, `b`, `c` … with what they have told before."""
    claims = Claims(patience=0.05)
    for name, keys in zip("abc", told, strict=False):
        claims.join("tbank", name, keys)
    return claims


async def test_of_those_who_never_told_it_the_first_in_the_settings_does() -> None:
    claims = joined(set(), set())
    first, second = await asyncio.gather(claims.mine("tbank", "a", {"x", "y"}), claims.mine("tbank", "b", {"y", "z"}))
    assert first == {"x", "y"}
    assert second == {"z"}


async def test_the_order_of_answers_makes_no_difference() -> None:
    claims = joined(set(), set())
    second = asyncio.create_task(claims.mine("tbank", "b", {"y", "z"}))
    await asyncio.sleep(0.01)
    assert await claims.mine("tbank", "a", {"x", "y"}) == {"x", "y"}
    assert await second == {"z"}


async def test_who_told_it_before_goes_on_with_it() -> None:
    claims = joined(set(), {"y"})
    assert await claims.mine("tbank", "a", {"x", "y"}) == {"x"}
    assert await claims.mine("tbank", "b", {"y"}) == {"y"}


async def test_one_that_does_not_see_it_any_more_gives_it_up() -> None:
    claims = joined({"x", "y"}, set())
    assert await claims.mine("tbank", "a", {"x"}) == {"x"}
    assert await claims.mine("tbank", "b", {"x", "y"}) == {"y"}


async def test_nobody_waits_for_ever_for_one_that_does_not_answer() -> None:
    claims = joined(set(), set(), set())
    assert await claims.mine("tbank", "b", {"y"}) == {"y"}
    assert await claims.mine("tbank", "a", {"x", "y"}) == {"x"}
    assert await claims.mine("tbank", "b", {"y"}) == {"y"}


async def test_platforms_do_not_wait_for_each_other() -> None:
    claims = joined(set())
    claims.join("ibkr", "q", ())
    assert await claims.mine("ibkr", "q", {"x"}) == {"x"}
