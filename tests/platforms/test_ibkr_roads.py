"""Bad roads to IBKR, at either step: each ends in time, with a cause, without the token; a kept statement lives on.

The contract suite speaks JSON and expects a moment of now; this is the same for XML of yesterday.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.base import AccountConfig, Secret
from portfolio_bot.platforms.ibkr_flex import Flex
from portfolio_bot.platforms.ibkr_service import Waits
from tests.clock import HeldClock, moment
from tests.peers import faults
from tests.peers.faults import WRONG_BODIES, Fault, Reply, serve
from tests.peers.ibkr import GET, QUERY, SEND, FlexPeer, flex_server, statement
from tests.peers.measure import loop_stall, memory_growth
from tests.platforms.brokers import KeptMemory, surroundings

CANARY = "915555000055550000555500"
NOW = moment("2026-11-19 15:00")
GOOD = statement("nav-multi-base.xml")
QUICK = Waits(first=0, early=0.01, early_for=0.1, late=0.01, most=0.1, limited=0.01, apart=0, within=100, window=0)
EITHER_STEP = pytest.mark.parametrize("step", [SEND, GET])

BROKEN = [name for name in WRONG_BODIES if name != "UTF-16"]
"""XML may well come in UTF-16; everything else is no answer."""


@asynccontextmanager
async def opened(url: str, memory: KeptMemory | None = None, *, total: float = 2.0) -> AsyncIterator[Flex]:
    kept = memory or KeptMemory()
    async with surroundings(HeldClock(NOW), total=total, patience=30) as around:
        config = AccountConfig("ibkr", "ibkr", "IBKR", {"FLEX_TOKEN": Secret(CANARY)}, url, query_id=QUERY)
        flex = Flex(config, around, kept, QUICK)
        try:
            yield flex
        finally:
            await flex.close()


@asynccontextmanager
async def server() -> AsyncIterator[FlexPeer]:
    async with flex_server(GOOD) as peer:
        peer.token = CANARY
        yield peer


async def failed_by(fault: Fault, step: str, *, total: float = 2.0) -> FailureKind:
    async with server() as peer:
        peer.fail(fault, f"GET {step}")
        async with opened(peer.url, total=total) as flex:
            with pytest.raises(SourceError) as caught:
                await flex.read()
    words = f"{caught.value!r} {caught.value.failure} {caught.value.__cause__!r}"
    for secret in (CANARY, "127.0.0.1", "secret-page-text", "http:"):
        assert secret not in words
    return caught.value.failure.kind


@EITHER_STEP
@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_answer_is_never_an_empty_account(name: str, step: str) -> None:
    # a page of an outage or a login comes with status 200
    kind = FailureKind.UNAVAILABLE if name == "HTML" else FailureKind.BAD_ANSWER
    assert await failed_by(WRONG_BODIES[name], step) is kind


@EITHER_STEP
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.reset(), FailureKind.UNREACHABLE),
        (faults.close(), FailureKind.UNREACHABLE),
        (faults.half(), FailureKind.BAD_ANSWER),
        (faults.no_http(), FailureKind.BAD_ANSWER),
        (faults.status(503, faults.PAGE), FailureKind.UNAVAILABLE),
        (faults.status(503, "System maintenance"), FailureKind.MAINTENANCE),
        (faults.status(429, "", {"Retry-After": "7"}), FailureKind.RATE_LIMITED),
        (faults.status(403, faults.PAGE), FailureKind.GEO_BLOCKED),
        (faults.status(404, faults.PAGE), FailureKind.BAD_ANSWER),
    ],
)
async def test_a_broken_road_has_its_cause(fault: Fault, kind: FailureKind, step: str) -> None:
    assert await failed_by(fault, step) is kind


@EITHER_STEP
@pytest.mark.parametrize("fault", [faults.hang(), faults.header_drip(), faults.body_drip(0.05)])
async def test_silence_ends_by_the_deadline(fault: Fault, step: str) -> None:
    started = time.monotonic()
    assert await failed_by(fault, step, total=0.1) is FailureKind.TIMEOUT
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("fault", [faults.flood(), faults.gzip_bomb(), faults.huge_headers()])
async def test_too_much_is_refused_and_costs_little_memory(fault: Fault) -> None:
    with memory_growth() as growth:
        assert await failed_by(fault, GET, total=20) is FailureKind.BAD_ANSWER
    assert growth.megabytes <= 80  # a statement may have 32 MB


async def test_a_large_statement_is_read_without_holding_up_the_loop() -> None:
    row = b'<ConversionRate reportDate="20261118" fromCurrency="MXN" toCurrency="CHF" rate="0.0488330000"/>\n'
    async with server() as peer:
        peer.statement = GOOD.replace(b"</FlexStatements>", b"</FlexStatements>" + row * 60_000)
        async with opened(peer.url) as flex, loop_stall() as stall:
            assert len((await flex.read()).stated) == 2
    assert stall.longest <= 0.25


async def test_one_hiccup_is_mended_by_one_careful_try_more() -> None:
    async with server() as peer:
        peer.fail(faults.status(503), f"GET {SEND}", times=1)
        peer.fail(faults.reset(), f"GET {GET}", times=1)
        async with opened(peer.url) as flex:
            assert (await flex.read()).stated


async def test_a_redirect_is_refused_and_the_token_never_arrives_elsewhere() -> None:
    async with serve(lambda _: Reply.of({})) as elsewhere:
        assert await failed_by(faults.redirect(f"{elsewhere.url}/take"), SEND) is FailureKind.BAD_ANSWER
        assert elsewhere.requests == []


async def test_the_address_in_the_first_answer_is_never_asked() -> None:
    async with serve(lambda _: Reply(GOOD)) as elsewhere, server() as peer:
        inside = f"<ReferenceCode>1000</ReferenceCode><Url>{elsewhere.url}</Url>"
        peer.ordered = ["1000"]
        peer.fail(faults.instead(f"<FlexStatementResponse>{inside}</FlexStatementResponse>".encode()), f"GET {SEND}")
        async with opened(peer.url) as flex:
            assert (await flex.read()).stated
        assert elsewhere.requests == []


async def test_the_token_stands_in_no_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with server() as peer, opened(peer.url) as flex:
        peer.fail(faults.status(500), f"GET {GET}", times=3)
        with pytest.raises(SourceError):
            await flex.read()
    # asyncio's and aiohttp's own debug lines are not written by the program; its own never hold an address
    assert [
        line for line in caplog.records if line.name.startswith("portfolio_bot") and CANARY in line.getMessage()
    ] == []


async def test_giving_up_in_the_middle_leaves_the_order_running_until_closed() -> None:
    async with server() as peer:
        peer.fail(faults.hang())
        async with opened(peer.url) as flex:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await flex.read()
        assert [task for task in asyncio.all_tasks() if "ibkr" in repr(task.get_name())] == []
