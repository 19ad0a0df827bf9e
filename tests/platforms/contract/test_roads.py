"""Bad roads: silence, broken connections, redirects. Each ends in time, with a cause, and the key stays at home."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from portfolio_bot.model.failure import FailureKind
from tests.peers import faults
from tests.peers.faults import Fault, Reply, serve
from tests.platforms.contract.peers import CANARY, CONTRACT, make, opened, surroundings
from tests.platforms.contract.test_answers import SOURCES, failed_by, failure_of, good, held

SILENCE = {"hang": faults.hang(), "header drip": faults.header_drip(), "body drip": faults.body_drip(0.05)}
BROKEN = {"reset": faults.reset(), "closed": faults.close()}


@SOURCES
@pytest.mark.parametrize("fault", SILENCE.values(), ids=SILENCE)
async def test_silence_ends_by_the_deadline(source: str, fault: Fault) -> None:
    started = time.monotonic()
    error = await failed_by(source, fault, CONTRACT[source].main, total=0.1)
    assert error.failure.kind is FailureKind.TIMEOUT
    assert time.monotonic() - started < 1


@SOURCES
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
async def test_a_broken_connection_is_unreachable(source: str, fault: Fault) -> None:
    error = await failed_by(source, fault, CONTRACT[source].main)
    assert error.failure.kind is FailureKind.UNREACHABLE


@SOURCES
async def test_half_an_answer_is_none(source: str) -> None:
    error = await failed_by(source, faults.half(), CONTRACT[source].main)
    assert error.failure.kind is FailureKind.BAD_ANSWER


@SOURCES
async def test_a_host_that_does_not_listen_is_unreachable(source: str) -> None:
    async with serve(lambda _: Reply(b"")) as peer:
        pass
    assert (await failure_of(source, peer)).failure.kind is FailureKind.UNREACHABLE


@SOURCES
async def test_one_hiccup_is_mended_by_one_careful_try_more(source: str) -> None:
    statement, _ = await good(source)
    async with CONTRACT[source].open() as peer:
        peer.fail(faults.status(503), CONTRACT[source].main, times=1)
        async with opened(source, peer.url) as made:
            assert held(await made.read()) == held(statement)


@SOURCES
async def test_a_limit_is_heeded_at_once(source: str) -> None:
    async with CONTRACT[source].open() as peer:
        peer.fail(faults.status(429, "", {"Retry-After": "7"}))
        await failure_of(source, peer)
        paths = [(seen.path, tuple(sorted(seen.fields.items()))) for seen in peer.requests]
        assert len({path for path, _ in paths if "time" in path}) <= 1
        assert len([seen for seen in peer.requests if f"{seen.method} {seen.path}" == CONTRACT[source].main]) <= 1


@SOURCES
async def test_a_redirect_is_refused_and_the_key_never_arrives_elsewhere(source: str) -> None:
    async with serve(lambda _: Reply.of({})) as elsewhere:
        error = await failed_by(source, faults.redirect(f"{elsewhere.url}/take"))
        assert elsewhere.requests == []
    assert error.failure.kind is FailureKind.BAD_ANSWER


@SOURCES
async def test_the_key_is_sent_and_the_secret_never(source: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    names = list(CONTRACT[source].secrets)
    keys = {name: CANARY if "SECRET" in name else f"canary-{name.lower()}" for name in names}
    async with CONTRACT[source].open() as peer, opened(source, peer.url, secrets=keys) as made:
        await made.read()
        seen = peer.headers_seen()
    assert CANARY not in seen
    assert any(value in seen for value in keys.values())
    assert not [record for record in caplog.records if "canary" in record.getMessage() or CANARY in record.getMessage()]


@SOURCES
async def test_calls_are_made_at_once_unless_the_key_can_bear_only_one(source: str) -> None:
    async with CONTRACT[source].open() as peer:
        peer.fail(faults.late(0.05))
        async with opened(source, peer.url) as made:
            await made.read()
        routes = {f"{seen.method} {seen.path}" for seen in peer.requests}
    if CONTRACT[source].one_by_one:
        assert peer.busiest <= 2, "the public prices may be asked for beside the private calls"
    else:
        assert peer.busiest >= min(3, len(routes))


@SOURCES
async def test_giving_up_in_the_middle_leaves_nothing_behind(source: str) -> None:
    async with CONTRACT[source].open() as peer:
        peer.fail(faults.hang())
        async with opened(source, peer.url) as made:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await made.read()
            await asyncio.sleep(0.02)
            left = [repr(task) for task in asyncio.all_tasks() if "portfolio_bot" in repr(task)]
            # the public price list is shared with the venue's other accounts, and has a deadline of its own
            assert [task for task in left if "_awaited" not in task] == []


@SOURCES
async def test_an_account_that_gives_up_costs_its_neighbour_nothing(source: str) -> None:
    """Two keys of one venue share its price list, whoever asked for it."""
    statement, _ = await good(source)
    async with CONTRACT[source].open() as peer, surroundings() as around:
        peer.fail(faults.late(0.05))
        one, other = [await make(source, peer.url, around) for _ in range(2)]
        first, second = asyncio.create_task(one.read()), asyncio.create_task(other.read())
        await asyncio.sleep(0.02)
        first.cancel()
        found = await second
        await asyncio.gather(one.close(), other.close())
    assert (held(found), found.prices) == (held(statement), statement.prices)
