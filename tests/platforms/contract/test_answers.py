"""Whatever a venue answers, a reading is the truth or a failure with its cause: never less money without a word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.statement import Holding, Statement
from tests.peers import faults
from tests.peers.faults import HOSTILE_NUMBERS, WRONG_BODIES, Fault, Peer, Reply
from tests.peers.measure import loop_stall, memory_growth
from tests.peers.venue import venue_server
from tests.platforms.contract.peers import CANARY, CONTRACT, KeptMemory, in_a_hurry, now, opened

SOURCES = pytest.mark.parametrize("source", CONTRACT)
IN_JSON = pytest.mark.parametrize("source", [source for source, peer in CONTRACT.items() if peer.amounts])
WITH_TWO_WALLETS = pytest.mark.parametrize("source", [source for source, peer in CONTRACT.items() if peer.second])


async def failure_of(source: str, peer: Peer, **how: Any) -> SourceError:
    """Why it cannot be read; the words hold neither key, nor address, nor anything of the answer."""
    async with in_a_hurry(), opened(source, peer.url, **how) as made:
        with pytest.raises(SourceError) as caught:
            await made.read()
    words = f"{caught.value!r} {caught.value.failure} {caught.value.__cause__!r}"
    for secret in (CANARY, "127.0.0.1", "secret-page-text", "http"):
        assert secret not in words
    return caught.value


async def failed_by(source: str, fault: Fault, route: str = "*", **how: Any) -> SourceError:
    async with CONTRACT[source].open() as peer:
        peer.fail(fault, route)
        return await failure_of(source, peer, **how)


async def good(source: str) -> tuple[Statement, list[str]]:
    """What an undisturbed reading gives, and the routes it asks."""
    async with CONTRACT[source].open() as peer, opened(source, peer.url) as made:
        statement = await made.read()
        return statement, sorted({f"{seen.method} {seen.path}" for seen in peer.requests})


def refuse_second(source: str, peer: Peer) -> None:
    """From now on the key may not read the second wallet."""
    contract = CONTRACT[source]
    assert contract.second is not None
    assert contract.no_right is not None
    peer.fail(faults.instead(contract.no_right), contract.second)


def held(statement: Statement) -> set[Holding]:
    return set(statement.holdings)


@SOURCES
async def test_a_good_answer_is_a_statement_with_holdings(source: str) -> None:
    statement, _ = await good(source)
    assert statement.account == source
    assert statement.holdings
    assert all(row.amount for row in statement.holdings)
    assert abs((now() - statement.as_of).total_seconds()) < 5


@SOURCES
async def test_reading_twice_doubles_nothing(source: str) -> None:
    async with CONTRACT[source].open() as peer, opened(source, peer.url) as made:
        assert held(await made.read()) == held(await made.read())


@pytest.mark.parametrize("folder", ["bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gate", "mexc"])
async def test_an_account_without_anything_is_worth_nothing_and_not_failed(folder: str) -> None:
    source = "gateio" if folder == "gate" else folder
    async with venue_server(folder) as peer, opened(source, peer.url) as made:
        statement = await made.read()
    assert statement.holdings == ()
    assert [wallet for wallet in statement.unreadable if wallet.reason == "missing_right"] == []
    assert statement.wallets_read
    assert peer.unknown == []


@SOURCES
@pytest.mark.parametrize("body", WRONG_BODIES)
async def test_a_broken_answer_is_never_an_empty_balance(source: str, body: str) -> None:
    error = await failed_by(source, WRONG_BODIES[body], CONTRACT[source].main)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert error.failure.detail


@SOURCES
async def test_no_call_can_break_in_silence(source: str) -> None:
    """Each endpoint in turn; one that only gives a total to compare with may be lost, but takes no holding along."""
    statement, routes = await good(source)
    for route in routes:
        for name in ("HTML", "null", "empty object", "cut JSON", "list of null"):
            found = await read_beside(source, route, WRONG_BODIES[name])
            if isinstance(found, Statement):
                assert (held(found), found.prices) == (held(statement), statement.prices), (route, name)
            else:
                assert found.kind is FailureKind.BAD_ANSWER, (route, name)


async def read_beside(source: str, route: str, fault: Fault) -> Statement | Failure:
    """What a reading becomes in which one route fails so."""
    async with CONTRACT[source].open() as peer:
        peer.fail(fault, route)
        async with in_a_hurry(), opened(source, peer.url) as made:
            try:
                return await made.read()
            except SourceError as error:
                return error.failure


@IN_JSON
@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
async def test_a_hostile_number_is_a_bad_answer_and_stalls_nothing(source: str, number: str) -> None:
    peer = CONTRACT[source]
    async with loop_stall() as stall:
        error = await failed_by(source, faults.hostile(HOSTILE_NUMBERS[number], peer.amounts), peer.main)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert stall.longest <= 0.25


@IN_JSON
async def test_new_fields_change_nothing(source: str) -> None:
    statement, _ = await good(source)
    async with CONTRACT[source].open() as peer:
        peer.fail(faults.changed(lambda data: _with_news(data, CONTRACT[source].keyed)))
        async with opened(source, peer.url) as made:
            assert held(await made.read()) == held(statement)


@IN_JSON
async def test_a_missing_field_is_refused_by_name(source: str) -> None:
    needed = CONTRACT[source].needed
    error = await failed_by(source, faults.changed(lambda data: _without(data, needed)), CONTRACT[source].main)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert needed in error.failure.detail


@SOURCES
@pytest.mark.parametrize(
    "fault", [faults.flood(), faults.gzip_bomb(), faults.huge_headers()], ids=("flood", "bomb", "headers")
)
async def test_too_much_is_refused_and_costs_little_memory(source: str, fault: Fault) -> None:
    with memory_growth() as growth:
        error = await failed_by(source, fault, CONTRACT[source].main, total=10)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert growth.megabytes <= 20


@pytest.mark.parametrize(
    ("source", "reply", "kind"),
    [
        pytest.param(source, reply, kind, id=f"{source} {code}")
        for source, peer in CONTRACT.items()
        for code, reply, kind in peer.refusals
    ],
)
async def test_a_venues_own_code_becomes_its_cause(source: str, reply: Reply, kind: FailureKind) -> None:
    error = await failed_by(source, faults.instead(reply))
    assert error.failure.kind is kind
    assert (error.failure.retry_at is not None) == (kind is FailureKind.RATE_LIMITED)


STATUSES: Mapping[str, tuple[Fault, FailureKind]] = {
    "401": (faults.status(401, faults.PAGE), FailureKind.BAD_KEY),
    "403": (faults.status(403, faults.PAGE), FailureKind.GEO_BLOCKED),
    "451": (faults.status(451, faults.PAGE), FailureKind.GEO_BLOCKED),
    "408": (faults.status(408, ""), FailureKind.TIMEOUT),
    "418": (faults.status(418, faults.PAGE, {"Retry-After": "3600"}), FailureKind.RATE_LIMITED),
    "429": (faults.status(429, faults.PAGE, {"Retry-After": "7"}), FailureKind.RATE_LIMITED),
    "429 without a time": (faults.status(429, "{}"), FailureKind.RATE_LIMITED),
    "500": (faults.status(500, faults.PAGE), FailureKind.UNAVAILABLE),
    "502": (faults.status(502, faults.PAGE), FailureKind.UNAVAILABLE),
    "503 maintenance": (faults.status(503, "<html>System maintenance</html>"), FailureKind.MAINTENANCE),
    "520": (faults.status(520, ""), FailureKind.UNAVAILABLE),
}


@SOURCES
@pytest.mark.parametrize("status", STATUSES)
async def test_a_status_without_a_code_has_its_cause(source: str, status: str) -> None:
    fault, usual = STATUSES[status]
    kind = CONTRACT[source].statuses.get(status, usual)
    error = await failed_by(source, fault)
    assert error.failure.kind is kind
    if kind is FailureKind.RATE_LIMITED:
        assert error.failure.retry_at is not None
        wait = (error.failure.retry_at - now()).total_seconds()
        assert {"418": 3500 < wait <= 3600, "429": 5 < wait <= 7}.get(status, 1 <= wait <= 901)


@WITH_TWO_WALLETS
async def test_a_wallet_that_the_key_may_not_read_is_named_and_nothing_else_is_lost(source: str) -> None:
    statement, _ = await good(source)
    async with CONTRACT[source].open() as peer:
        refuse_second(source, peer)
        async with opened(source, peer.url) as made:
            found = await made.read()
    assert [wallet.reason for wallet in found.unreadable].count("missing_right") == 1
    assert found.holdings
    assert held(found) < held(statement)


@WITH_TWO_WALLETS
async def test_a_wallet_that_was_read_before_is_never_lost_in_silence(source: str) -> None:
    memory = KeptMemory()
    async with CONTRACT[source].open() as peer, opened(source, peer.url, memory=memory) as made:
        await made.read()
        refuse_second(source, peer)
        error = await failure_of(source, peer, memory=memory)
    assert error.failure.kind is FailureKind.MISSING_RIGHT


def _with_news(data: object, keyed: frozenset[str], name: str = "") -> object:
    """New fields in every object whose fields are names, not data."""
    if isinstance(data, list):
        return [_with_news(part, keyed, name) for part in data]
    if not isinstance(data, dict):
        return data
    grown = {key: _with_news(part, keyed, key) for key, part in data.items()}
    return grown if name in keyed else {**grown, "zzNew": {"a": [1, None, "x"]}, "zzNumber": 1.5}


def _without(data: object, field: str) -> object:
    if isinstance(data, list):
        return [_without(part, field) for part in data]
    return (
        {key: _without(part, field) for key, part in data.items() if key != field} if isinstance(data, dict) else data
    )


def test_the_helpers_of_this_file_do_change_answers() -> None:
    assert json.dumps(_with_news({"a": [{"b": 1}]}, frozenset())).count("zzNew") == 2
    assert _without({"a": [{"b": 1, "c": 2}]}, "b") == {"a": [{"c": 2}]}
