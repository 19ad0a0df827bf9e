"""The stand-ins do what they say: a fault that does nothing would make every test of it pass."""

from __future__ import annotations

import asyncio
import gzip
import json

import aiohttp
import pytest

from tests.peers import faults
from tests.peers.faults import Fault, Reply, serve
from tests.peers.measure import loop_stall, memory_growth
from tests.peers.venue import cases, venue_server

BODY = Reply.of({"amount": "1.5", "rows": [{"amount": 2, "name": "a"}], "code": 0})


async def asked(fault: Fault, *, seconds: float = 0.3) -> tuple[int, bytes]:
    """Status and body that a trusting client sees."""
    async with serve(lambda _: BODY) as peer, aiohttp.ClientSession() as session:
        peer.fail(fault)
        async with asyncio.timeout(seconds), session.post(peer.url, allow_redirects=False) as response:
            return response.status, await response.read()


@pytest.mark.parametrize("fault", [faults.hang(), faults.header_drip(), faults.body_drip(0.05)])
async def test_silence_lasts(fault: Fault) -> None:
    with pytest.raises(TimeoutError):
        await asked(fault, seconds=0.1)


@pytest.mark.parametrize("fault", [faults.reset(), faults.close(), faults.half(), faults.no_http()])
async def test_broken_connections_break(fault: Fault) -> None:
    with pytest.raises(aiohttp.ClientError):
        await asked(fault)


async def test_a_drip_ends_in_the_whole_answer_for_who_waits() -> None:
    assert await asked(faults.body_drip(0), seconds=5) == (200, BODY.body)


async def test_a_fault_holds_for_its_route_and_its_number_of_times() -> None:
    async with serve(lambda _: BODY) as peer, aiohttp.ClientSession() as session:
        peer.fail(faults.status(503), "GET /a?b=1", times=1)
        statuses = []
        for path in ("/a", "/a?b=2", "/a?b=1&c=3", "/a?b=1"):
            async with session.get(peer.url + path) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 503, 200]
    assert [dict(seen.fields) for seen in peer.requests][2] == {"b": "1", "c": "3"}


async def test_hostile_numbers_stand_in_the_named_fields_alone() -> None:
    _, body = await asked(faults.hostile("1e400", {"amount"}))
    assert body == b'{"amount": 1e400, "rows": [{"amount": 1e400, "name": "a"}], "code": 0}'


async def test_wrong_bodies_are_wrong() -> None:
    for name, fault in faults.WRONG_BODIES.items():
        async with serve(lambda _: BODY) as peer, aiohttp.ClientSession(auto_decompress=False) as session:
            peer.fail(fault)
            async with session.get(peer.url) as response:
                body = await response.read()
        assert body != BODY.body or name == "no gzip at all"
        assert response.status == 200


async def test_the_bomb_unpacks_to_its_size() -> None:
    async with serve(lambda _: BODY) as peer, aiohttp.ClientSession(auto_decompress=False) as session:
        peer.fail(faults.gzip_bomb(3))
        async with session.get(peer.url) as response:
            packed = await response.read()
    assert len(packed) < 100_000
    with pytest.raises(gzip.BadGzipFile, match="CRC"):
        gzip.decompress(packed)


async def test_a_stall_is_seen() -> None:
    async with loop_stall() as stall:
        await asyncio.sleep(0.002)
        sum(number * number for number in range(2_000_000))
        await asyncio.sleep(0.002)
    assert stall.longest > 0.02


def test_memory_is_seen() -> None:
    with memory_growth() as growth:
        block = bytearray(60 * 1024 * 1024)
        block[::4096] = b"x" * len(block[::4096])
    assert growth.megabytes == 0 or growth.megabytes > 40


@pytest.mark.parametrize("venue", ["bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gate", "mexc"])
async def test_every_case_is_served_with_its_own_answers(venue: str) -> None:
    for case in cases(venue):
        async with venue_server(venue, case) as peer, aiohttp.ClientSession() as session:
            for endpoint, what in case.served().items():
                method, _, path = endpoint.partition(" ")
                async with session.request(method, peer.url + path) as response:
                    found = json.loads(await response.read())
                if isinstance(what, dict):
                    assert (response.status, found) == (what.get("status", 200), what["body"])
            assert peer.unknown == []


async def test_a_further_page_is_empty_and_an_entry_with_more_fields_wins() -> None:
    async with venue_server("binance") as peer, aiohttp.ClientSession() as session:
        peer.serve("GET /sapi/v1/simple-earn/flexible/position", {"body": {"rows": [1], "total": 1}})
        peer.serve("GET /sapi/v1/simple-earn/flexible/position?asset=BTC", {"body": {"rows": [2], "total": 1}})
        found = []
        for query in ("", "?current=1", "?current=2", "?asset=BTC&current=1"):
            async with session.get(f"{peer.url}/sapi/v1/simple-earn/flexible/position{query}") as response:
                found.append((await response.json())["rows"])
    assert found == [[1], [1], [], [2]]


@pytest.mark.parametrize(
    ("venue", "path", "price"),
    [
        ("binance", "/api/v3/ticker/price?symbol=BTCUSDT", "60100"),
        ("bybit", "/v5/market/tickers?category=spot&symbol=BTCUSDT", "60000"),
        ("okx", "/api/v5/market/ticker?instId=USDT-USD", "0.9996"),
        ("kraken", "/0/public/Ticker?pair=XXBTZUSD", "60150"),
        ("mexc", "/0/public/Ticker?pair=USDTZUSD,USDCUSD", "0.99950"),
        ("gate", "/api/v4/spot/tickers?currency_pair=GT_USDT", "12"),
        ("kucoin", "/api/v1/market/orderbook/level1?symbol=KCS-USDT", "8.8"),
    ],
)
async def test_tickers_give_the_one_pair_that_is_asked_for(venue: str, path: str, price: str) -> None:
    async with venue_server(venue) as peer, aiohttp.ClientSession() as session:
        async with session.get(peer.url + path) as response:
            assert price in await response.text()
        async with session.get(f"{peer.url}/no/such/endpoint") as response:
            assert response.status == 404
    assert len(peer.unknown) == 1
