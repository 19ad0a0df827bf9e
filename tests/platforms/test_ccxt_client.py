"""Single calls: addresses, signatures, clocks, pauses; what must never leave or be told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import yarl

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.platforms.base import AccountConfig, Secret, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ccxt_client import CcxtClient, OneReading
from portfolio_bot.platforms.lean_ccxt import exchange_class
from portfolio_bot.platforms.venue import Refused, Venue
from portfolio_bot.platforms.venues import bybit, kraken, okx
from tests.peers import faults
from tests.peers.faults import Peer, Reply, Seen, serve
from tests.platforms.contract.peers import CANARY, now

BALANCE = "private_get_v5_account_wallet_balance"
GOOD = {"retCode": 0, "retMsg": "OK", "result": {"list": []}}


@asynccontextmanager
async def client(
    venue: Venue, url: str | None, *, total: float = 2.0, secret: str = CANARY, key: str = CANARY
) -> AsyncIterator[CcxtClient]:
    """A client with every credential the venue wants."""
    async with open_session() as session:
        secrets = {name: Secret(secret) for name in SOURCES[venue.source].secrets} | {"API_KEY": Secret(key)}
        config = AccountConfig(venue.source, venue.source, venue.source, secrets)
        yield CcxtClient(venue, config, Surroundings(session, now, Timing(total, total)), url)


def good(_seen: Seen) -> Reply:
    return Reply.of(GOOD)


async def refused(made: CcxtClient, method: str = BALANCE) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await made.call(method)
    return caught.value


async def test_a_base_url_takes_the_place_of_scheme_host_and_port() -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        await made.call(BALANCE, {"accountType": "UNIFIED"})
        assert made.hosts == {f"127.0.0.1:{peer.port}"}
    assert [seen.path for seen in peer.requests] == ["/v5/account/wallet-balance"]


async def test_a_path_in_the_base_url_is_put_in_front() -> None:
    def accounts(_seen: Seen) -> Reply:
        return Reply.of({"result": "success", "accounts": {}})

    from portfolio_bot.platforms.venues import krakenfutures

    async with serve(accounts) as peer, client(krakenfutures.VENUE, peer.url + "/proxy/") as made:
        await made.call("private_get_accounts")
    assert [seen.path for seen in peer.requests] == ["/proxy/derivatives/api/v3/accounts"]


@pytest.mark.parametrize("source", [spec.source for spec in SOURCES.values() if spec.is_exchange and spec.regions])
async def test_without_a_base_url_the_main_region_is_where_ccxt_goes(source: str) -> None:
    from importlib import import_module

    venue = import_module(f"portfolio_bot.platforms.venues.{ {'gateio': 'gate'}.get(source, source) }").VENUE
    async with client(venue, None) as made:
        main = next(iter(SOURCES[source].regions.values()))
        assert yarl.URL(main).host in made.hosts
        assert all(host.split(":")[-1] == "443" for host in made.hosts if ":" in host)


@pytest.mark.parametrize(
    ("source", "region", "ccxt_id"),
    [("bybit", "eu", "bybiteu"), ("okx", "eea", "myokx"), ("okx", "us", "okxus"), ("gateio", "eu", "gateeu")],
)
def test_the_hosts_of_the_regions_are_those_of_ccxts_regional_classes(source: str, region: str, ccxt_id: str) -> None:
    regional = exchange_class(ccxt_id)()
    host = yarl.URL(SOURCES[source].regions[region]).host
    assert str(host) in str(regional.urls["api"]).replace("{hostname}", regional.hostname or "")


async def test_a_redirect_does_not_take_the_key_along() -> None:
    async with serve(good) as thief, serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        peer.fail(faults.redirect(thief.url))
        error = await refused(made)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert thief.requests == []


async def test_ccxt_is_never_given_a_session_and_keeps_no_request() -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        await made.call(BALANCE)
        exchange: Any = made._exchange
        assert exchange.session is None
        kept = (exchange.last_request_headers, exchange.last_request_url, exchange.last_http_response)
        assert CANARY not in str(kept)


@pytest.mark.parametrize("secret", ["not base64!", "ключ"])
async def test_a_secret_that_cannot_sign_is_a_bad_key(secret: str) -> None:
    async with serve(good) as peer, client(kraken.VENUE, peer.url, secret=secret) as made:
        with pytest.raises(SourceError) as caught:
            await made.call("private_post_balanceex")
    assert caught.value.failure.kind is FailureKind.BAD_KEY
    assert secret not in str(caught.value)
    assert peer.requests == []


async def test_a_key_that_no_header_can_carry_is_a_bad_key() -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url, key="key\r\nHost: elsewhere") as made:
        error = await refused(made)
    assert error.failure.kind is FailureKind.BAD_KEY
    assert peer.requests == []


async def test_a_5xx_is_asked_once_more_with_a_new_signature() -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        peer.fail(faults.status(502, "<html>"), times=1)
        await made.call(BALANCE)
    first, second = [seen.headers["X-BAPI-TIMESTAMP"] for seen in peer.requests]
    assert second > first


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
async def test_a_4xx_is_not_asked_again(status: int) -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        peer.fail(faults.status(status, "<html>"))
        await refused(made)
    assert len(peer.requests) == 1


def dated(behind: timedelta) -> Any:
    """A Bybit that refuses a clock which differs from its own by more than its window."""

    def answer(seen: Seen) -> Reply:
        theirs = now() - behind
        headers = {"Date": format_datetime(theirs, usegmt=True)}
        off = abs(int(seen.headers["X-BAPI-TIMESTAMP"]) / 1000 - theirs.timestamp())
        good_or_not = GOOD if off < 1.5 else {"retCode": 10002, "retMsg": "timestamp", "result": {}}
        return replace(Reply.of(good_or_not), headers=headers)

    return answer


@pytest.mark.parametrize("behind", [timedelta(seconds=90), timedelta(seconds=-90)])
async def test_a_wrong_clock_is_measured_corrected_and_remembered(behind: timedelta) -> None:
    async with serve(dated(behind)) as peer, client(bybit.VENUE, peer.url) as made:
        await made.call(BALANCE)
        assert len(peer.requests) == 2
        await made.call(BALANCE)
        assert len(peer.requests) == 3
        assert made.skew == pytest.approx(behind.total_seconds(), abs=1.0)


@pytest.mark.parametrize(("behind", "detail"), [(0, "code 10002"), (90.5, "+90 s, code 10002")])
async def test_a_clock_that_no_correction_helps_is_told_with_its_difference(behind: float, detail: str) -> None:
    theirs = format_datetime(now() - timedelta(seconds=behind), usegmt=True)
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        peer.fail(faults.status(200, {"retCode": 10002, "result": {}}, {"Date": theirs}))
        error = await refused(made)
    assert error.failure.kind is FailureKind.CLOCK_SKEW
    assert error.failure.detail in {detail, detail.replace("90", "91")}
    assert len(peer.requests) == 2


async def nonces(peer: Peer) -> list[int]:
    return [int(seen.fields["nonce"]) for seen in peer.requests]


async def test_krakens_private_calls_go_one_after_the_other_with_a_rising_nonce() -> None:
    under_way = 0

    def answer(_seen: Seen) -> Reply:
        return Reply.of({"error": [], "result": {}})

    async def slow(request: Any, reply: Reply) -> Any:
        nonlocal under_way
        under_way += 1
        assert under_way == 1, "two private calls at once"
        await asyncio.sleep(0.01)
        under_way -= 1
        return faults.respond(reply)

    async with serve(answer) as peer, client(kraken.VENUE, peer.url) as made:
        peer.fail(slow)
        await asyncio.gather(*(made.call("private_post_balanceex") for _ in range(5)))
        assert await nonces(peer) == sorted(set(await nonces(peer)))


async def test_krakens_nonce_never_falls_when_the_clock_is_ahead() -> None:
    def answer(seen: Seen) -> Reply:
        errors = ["EAPI:Invalid nonce"] if len(peer.requests) == 1 else []
        body: dict[str, object] = {"error": errors, "result": {}}
        return replace(Reply.of(body), headers={"Date": format_datetime(now() - timedelta(hours=1), usegmt=True)})

    async with serve(answer) as peer, client(kraken.VENUE, peer.url) as made:
        await made.call("private_post_balanceex")
        first, second = await nonces(peer)
        assert second > first


async def test_a_wallet_that_does_not_exist_is_none_only_where_that_is_looked_for() -> None:
    venue = replace(bybit.VENUE, absent=frozenset({"77"}))
    async with serve(good) as peer, client(venue, peer.url) as made:
        peer.fail(faults.status(200, {"retCode": 77, "result": {}}))
        api = OneReading(made, venue.absent)
        assert await api.look(BALANCE) is None
        with pytest.raises(Refused) as caught:
            await api.call(BALANCE)
        assert caught.value.code == "77"


async def test_what_several_readers_need_is_asked_once_in_a_reading() -> None:
    async with serve(good) as peer, client(bybit.VENUE, peer.url) as made:
        api = OneReading(made, frozenset())
        await asyncio.gather(
            api.once(BALANCE, {"accountType": "UNIFIED"}), api.once(BALANCE, {"accountType": "UNIFIED"})
        )
        assert len(peer.requests) == 1
        await OneReading(made, frozenset()).once(BALANCE, {"accountType": "UNIFIED"})
        assert len(peer.requests) == 2


async def test_ccxts_own_table_serves_where_the_venue_file_knows_no_code() -> None:
    async with serve(good) as peer, client(okx.VENUE, peer.url) as made:
        for code, kind in (
            ("50013", FailureKind.UNAVAILABLE),
            ("50103", FailureKind.BAD_KEY),
            ("59999", FailureKind.BAD_ANSWER),
        ):
            peer.fail(faults.status(200, {"code": code, "data": [], "msg": "?"}))
            assert (await refused(made, "private_get_account_balance")).failure.kind is kind


@pytest.mark.parametrize("code", ["59999", "50026"])
async def test_an_outage_that_speaks_of_maintenance_is_maintenance(code: str) -> None:
    async with serve(good) as peer, client(okx.VENUE, peer.url) as made:
        peer.fail(faults.status(200, {"code": code, "data": [], "msg": "System maintenance until noon"}))
        assert (await refused(made, "private_get_account_balance")).failure.kind is FailureKind.MAINTENANCE


async def test_a_failure_holds_nothing_of_the_answer() -> None:
    async with serve(good) as peer, client(okx.VENUE, peer.url) as made:
        peer.fail(faults.status(401, {"code": "50113", "data": [], "msg": f"secret-text {CANARY}"}))
        error = await refused(made, "private_get_account_balance")
    assert (error.failure.detail, error.__cause__) == ("code 50113", None)
