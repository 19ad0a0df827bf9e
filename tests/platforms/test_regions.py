"""A key lives at one region's host: found when the main host does not know it, remembered, or fixed by the owner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.base import AccountConfig, Regional, Source
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_venue import CcxtSource, regional_addresses
from tests.peers import faults
from tests.peers.faults import serve
from tests.peers.venue import VenuePeer, case, venue_server
from tests.platforms.contract.peers import CANARY, KeptMemory, opened

STRANGER = faults.status(401, {"code": "50119", "msg": "API key doesn't exist"})


@dataclass
class World:
    """OKX with three hosts, only one of which knows the key."""

    hosts: dict[str, VenuePeer]
    source: Source
    memory: KeptMemory

    def asked(self, region: str) -> int:
        return sum("OK-ACCESS-KEY" in seen.headers for seen in self.hosts[region].requests)


@asynccontextmanager
async def world(home: str | None, memory: KeptMemory | None = None, **config: Any) -> AsyncIterator[World]:
    memory = memory or KeptMemory()
    async with AsyncExitStack() as stack:
        hosts = {}
        for region in ("global", "eea", "us"):
            hosts[region] = await stack.enter_async_context(venue_server("okx", case("okx", "whole account")))
            if region != home:
                hosts[region].fail(STRANGER)
        given = {"region_urls": {region: peer.url for region, peer in hosts.items() if region != "global"}, **config}
        source = await stack.enter_async_context(opened("okx", hosts["global"].url, memory=memory, total=0.5, **given))
        yield World(hosts, source, memory)


def remembering(region: str) -> KeptMemory:
    memory = KeptMemory()
    memory.rows["region"] = region
    return memory


async def kind(source: Source) -> FailureKind:
    with pytest.raises(SourceError) as caught:
        await source.read()
    return caught.value.failure.kind


async def test_a_key_at_home_on_the_main_host_is_shown_to_nobody_else() -> None:
    async with world("global") as found:
        await found.source.read()
        assert (found.asked("eea"), found.asked("us")) == (0, 0)


async def test_a_key_of_another_region_is_found_and_remembered() -> None:
    async with world("eea") as found:
        assert (await found.source.read()).holdings
        assert isinstance(found.source, Regional)
        assert found.source.region == "eea"
        assert found.memory.rows["region"] == "eea"
        before = found.asked("global")
        await found.source.read()
        assert found.asked("global") == before


async def test_the_region_outlives_the_process() -> None:
    memory = remembering("us")
    async with world("us", memory) as found:
        await found.source.read()
        assert found.asked("global") == 0


async def test_a_key_that_moved_is_found_again() -> None:
    async with world("global", remembering("us")) as found:
        await found.source.read()
        assert found.memory.rows["region"] == "global"


async def test_rights_are_asked_where_the_key_lives() -> None:
    async with world("us") as found:
        found.hosts["us"].serve("GET /api/v5/account/config", "account_config_perm.json")
        assert (await found.source.rights()).can_withdraw
        assert found.memory.rows["region"] == "us"


async def test_a_key_that_nobody_knows_is_a_bad_key() -> None:
    async with world(None) as found:
        assert await kind(found.source) is FailureKind.BAD_KEY
        assert found.asked("eea") > 0
        assert "region" not in found.memory.rows


@pytest.mark.parametrize("fault", [faults.hang(), faults.reset(), faults.status(403, faults.PAGE), faults.half()])
async def test_a_region_out_of_reach_leaves_the_verdict(fault: faults.Fault) -> None:
    async with world(None) as found:
        found.hosts["eea"].fail(fault)
        found.hosts["us"].fail(fault)
        async with asyncio.timeout(2):
            assert await kind(found.source) is FailureKind.BAD_KEY


async def test_a_host_that_knows_the_key_but_not_our_address_has_the_last_word() -> None:
    async with world(None) as found:
        found.hosts["eea"].fail(faults.status(401, {"code": "50110", "msg": "?"}))
        assert await kind(found.source) is FailureKind.IP_NOT_ALLOWED


async def test_a_region_that_the_owner_fixed_is_not_left() -> None:
    async with world("us", region="eea") as found:
        assert await kind(found.source) is FailureKind.BAD_KEY
        assert (found.asked("global"), found.asked("us")) == (0, 0)


async def test_with_a_base_url_no_region_without_its_own_address_is_asked() -> None:
    async with world(None, region_urls={}) as found:
        assert await kind(found.source) is FailureKind.BAD_KEY
        assert "eea" not in found.memory.rows
        assert CANARY not in found.hosts["eea"].headers_seen()


async def test_another_refusal_is_no_reason_to_look_elsewhere() -> None:
    async with world(None) as found:
        found.hosts["global"].fail(faults.status(401, {"code": "50113", "msg": "?"}))
        assert await kind(found.source) is FailureKind.BAD_KEY
        assert found.asked("eea") == 0


OFFICIAL = {"global": "https://www.okx.com", "eea": "https://eea.okx.com", "us": "https://us.okx.com"}


@pytest.mark.parametrize(
    ("given", "addresses"),
    [
        ({}, {"global": None, "eea": "https://eea.okx.com", "us": "https://us.okx.com"}),
        ({"region_urls": {"eea": "http://e"}}, {"global": None, "eea": "http://e", "us": "https://us.okx.com"}),
        ({"base_url": "http://b"}, {"global": "http://b"}),
        ({"base_url": "http://b", "region_urls": {"us": "http://u"}}, {"global": "http://b", "us": "http://u"}),
        ({"base_url": "http://b", "region": "eea"}, {"eea": "http://b"}),
    ],
)
def test_settings_say_where_each_region_may_be_asked(given: dict[str, Any], addresses: dict[str, str | None]) -> None:
    assert regional_addresses(AccountConfig("okx", "okx", "OKX", **given), OFFICIAL) == addresses


def test_a_venue_without_regions_has_one_place() -> None:
    assert regional_addresses(AccountConfig("mexc", "mexc", "MEXC"), {}) == {"": None}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_takes_the_key_nowhere_not_even_to_another_region(status: int) -> None:
    async with world("eea") as found, serve(lambda _: faults.Reply.of({"code": "0", "data": []})) as stranger:
        for to in (stranger.url, found.hosts["eea"].url):
            found.hosts["global"].fail(faults.redirect(f"{to}/api/v5/account/balance", status))
            assert await kind(found.source) is FailureKind.BAD_ANSWER
        assert stranger.requests == []
        assert found.asked("eea") == 0


@pytest.mark.parametrize("source", [spec.source for spec in SOURCES.values() if spec.is_exchange])
async def test_a_client_knows_no_host_but_its_venues_own_and_with_a_base_url_only_that(source: str) -> None:
    async with opened(source, None) as official, opened(source, "http://127.0.0.1:9") as moved:
        assert isinstance(official, CcxtSource)
        assert isinstance(moved, CcxtSource)
        assert moved._home.client.hosts == {"127.0.0.1:9"}
        domains = {".".join(host.split(":")[0].split(".")[-2:]) for host in official._home.client.hosts}
        assert domains <= OWN[source]


OWN = {
    "bybit": {"bybit.com"},
    "okx": {"okx.com"},
    "binance": {"binance.com"},
    "kraken": {"kraken.com"},
    "krakenfutures": {"kraken.com"},
    "kucoin": {"kucoin.com"},
    "gateio": {"gateio.ws"},
    "mexc": {"mexc.com"},
}
"""Domains that a key of each venue may travel to, of its main region."""
