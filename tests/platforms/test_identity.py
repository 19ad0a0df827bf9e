"""Whose account a key opens: learnt once, kept hashed, and never silently another one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.counted_once import counted_once
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.reading import Live
from portfolio_bot.platforms.base import KnownIdentity, Source, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.identity import ACCOUNT, OTHER_ACCOUNT
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Span
from tests.peers import faults
from tests.peers.venue import Case, VenuePeer, cases, venue_server
from tests.platforms.contract.peers import CANARY, KeptMemory, make, surroundings

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WHOSE = "GET /api/v4/account/detail"
FOLDERS = {source: "gate" if source == "gateio" else source for source in SOURCES}


def whole(folder: str) -> Case:
    return next(found for found in cases(folder) if found.kind == "whole_account")


@dataclass
class World:
    """Gate.io, where whose account it is takes a call of its own."""

    peer: VenuePeer
    around: Surroundings
    memory: KeptMemory

    async def open(self, key: str = CANARY) -> Source:
        secrets = {"API_KEY": key, "API_SECRET": CANARY}
        return await make("gateio", self.peer.url, self.around, self.memory, secrets)

    def belongs_to(self, user: int) -> None:
        self.peer.serve(WHOSE, {"body": {"user_id": user, "ip_whitelist": [], "key": {"mode": 1}}})

    @property
    def asked(self) -> int:
        return len(self.peer.asked(WHOSE.split()[1]))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with venue_server("gate", whole("gate")) as peer, surroundings(0.5) as around:
        yield World(peer, around, KeptMemory())


async def failed(source: Source) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await source.read()
    return caught.value


def identity(source: Source) -> Identity | None:
    assert isinstance(source, KnownIdentity)
    return source.identity


async def test_it_is_asked_once_for_a_key_however_often_the_program_starts(world: World) -> None:
    source = await world.open()
    assert identity(source) is None
    await source.read()
    known = identity(source)
    await source.read()
    again = await world.open()
    await again.read()
    assert (identity(again), world.asked) == (known, 1)
    assert known is not None


async def test_neither_the_number_nor_the_key_can_be_read_from_what_is_kept(world: World) -> None:
    world.belongs_to(987654321)
    await (await world.open()).read()
    kept = "".join(world.memory.rows.values())
    assert "987654321" not in kept
    assert CANARY not in kept


async def test_a_new_key_of_the_same_account_goes_on(world: World) -> None:
    await (await world.open()).read()
    source = await world.open("another key")
    assert (await source.read()).holdings
    assert world.asked == 2


async def test_a_key_of_another_account_is_not_believed_until_the_owner_has_spoken(world: World) -> None:
    source = await world.open()
    await source.read()
    known = identity(source)
    world.belongs_to(2)
    for _ in range(2):
        source = await world.open("another key")
        error = await failed(source)
        assert error.failure.kind is FailureKind.SUSPECT
        assert error.failure.detail == "its key opens another account than before"
        assert identity(source) == known
    await world.memory.put(ACCOUNT, world.memory.get(OTHER_ACCOUNT))
    assert (await source.read()).holdings
    assert identity(source) != known


async def test_the_key_of_before_needs_no_answer_of_the_owner(world: World) -> None:
    await (await world.open()).read()
    world.belongs_to(2)
    await failed(await world.open("another key"))
    assert (await (await world.open()).read()).holdings


@pytest.mark.parametrize("fault", [faults.status(500), faults.hang(), faults.reset()])
async def test_a_venue_that_does_not_say_costs_a_reading_only_if_there_is_a_history_to_mix_up(
    world: World, fault: faults.Fault
) -> None:
    world.peer.fail(fault, WHOSE)
    assert (await (await world.open()).read()).holdings
    world.peer.heal()
    await (await world.open()).read()
    world.peer.fail(fault, WHOSE)
    assert (await failed(await world.open("another key"))).failure.kind in {
        FailureKind.TIMEOUT,
        FailureKind.UNAVAILABLE,
        FailureKind.UNREACHABLE,
    }


async def test_an_answer_that_cannot_be_read_is_not_asked_for_before_every_reading(world: World) -> None:
    world.peer.serve(WHOSE, {"body": {"tier": 0}})
    source = await world.open()
    for _ in range(3):
        await source.read()
    assert (identity(source), world.asked) == (None, 1)


async def test_a_key_that_may_not_ask_is_asked_once_in_a_life(world: World) -> None:
    world.peer.fail(faults.status(403, {"label": "FORBIDDEN", "message": "no right"}), WHOSE)
    source = await world.open()
    await source.read()
    await source.read()
    assert (identity(source), world.asked) == (None, 1)


@asynccontextmanager
async def read(source: str, served: Mapping[str, object], key: bytes = b"k") -> AsyncIterator[Identity | None]:
    folder = FOLDERS[source]
    async with venue_server(folder, whole(folder)) as peer, surroundings() as around:
        for endpoint, what in served.items():
            peer.serve(endpoint, what)
        made = await make(source, peer.url, replace(around, identity_key=key))
        await made.read()
        yield identity(made)


OKX = "GET /api/v5/account/config"
BYBIT = "GET /v5/user/query-api"


def of_okx(uid: str, main: str) -> Mapping[str, object]:
    return {OKX: {"body": {"code": "0", "data": [{"perm": "read_only", "ip": "", "uid": uid, "mainUid": main}]}}}


def of_bybit(uid: int, parent: str) -> Mapping[str, object]:
    result = {"readOnly": 1, "permissions": {}, "ips": ["*"], "uta": 1, "userID": uid, "parentUid": parent}
    return {BYBIT: {"body": {"retCode": 0, "result": result}}}


@pytest.mark.parametrize(
    ("source", "main", "sub"),
    [("okx", of_okx("1", "1"), of_okx("2", "1")), ("bybit", of_bybit(1, "0"), of_bybit(2, "1"))],
)
async def test_a_sub_account_names_its_main_account(
    source: str, main: Mapping[str, object], sub: Mapping[str, object]
) -> None:
    async with read(source, main) as master, read(source, sub) as part, read(source, sub, b"other") as elsewhere:
        assert master is not None
        assert part is not None
        assert elsewhere is not None
        assert (master.main, part.main) == (None, master.login)
        assert part.login not in {master.login, elsewhere.login}


@pytest.mark.parametrize(
    ("source", "served"),
    [
        ("binance", {"GET /api/v3/account": "account_spot.json"}),
        ("kucoin", {"GET /api/v1/user/api-key": "api_key.json"}),
        ("gateio", {WHOSE: "account_detail.json"}),
        ("okx", {OKX: "account_config_perm.json"}),
        ("bybit", {BYBIT: "query_api_readonly_key.json"}),
        ("mexc", {}),
    ],
)
async def test_recorded_answers_name_the_account(source: str, served: Mapping[str, object]) -> None:
    async with read(source, served) as found:
        assert found is not None


@pytest.mark.parametrize("source", ["kraken", "krakenfutures"])
async def test_krakens_keys_do_not_say_whose_they_are(source: str) -> None:
    async with read(source, {}) as found:
        assert found is None


async def test_the_past_of_another_account_is_not_read_either(world: World) -> None:
    await (await world.open()).read()
    world.belongs_to(2)
    source, asked = await world.open("another key"), len(world.peer.requests)
    with pytest.raises(SourceError, match="another account"):
        await newest_of_the_past(source)
    assert {seen.path for seen in world.peer.requests[asked:]} == {WHOSE.split()[1]}


async def test_a_venue_that_does_not_say_is_not_asked_before_every_question_about_the_past(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.peer.fail(faults.status(502), WHOSE)
    source = await world.open()
    await newest_of_the_past(source)
    tries = world.asked
    await newest_of_the_past(source)
    assert world.asked == tries, "one question, however many streams"
    monkeypatch.setattr("portfolio_bot.platforms.identity.LATER", -1.0)
    await source.read()
    world.peer.heal()
    await newest_of_the_past(source)
    assert identity(source) is not None


async def test_a_new_key_reads_no_past_while_nobody_says_whose_it_is(world: World) -> None:
    await (await world.open()).read()
    world.peer.fail(faults.status(502), WHOSE)
    source = await world.open("another key")
    for _ in range(2):
        with pytest.raises(SourceError):
            await newest_of_the_past(source)


async def newest_of_the_past(source: Source) -> None:
    assert isinstance(source, KeepsLedger)
    for stream in await source.streams(Hints()):
        await source.past(stream, Span(NOON - timedelta(days=1), NOON))


async def test_what_a_main_account_sees_inside_is_named_like_the_sub_accounts_own_key_names_it() -> None:
    members = [{"uid": "1", "origb": "10"}, {"uid": "2", "origb": "5.5"}]
    seen = {
        "GET /v5/asset/total-members-assets": {"body": {"retCode": 0, "result": {"total": "15.5", "list": members}}}
    }
    main = dict(of_bybit(1, "0"))
    main[BYBIT]["body"]["result"]["isMaster"] = True  # type: ignore[index]
    async with read("bybit", of_bybit(2, "1")) as sub:
        pass
    async with venue_server("bybit", whole("bybit")) as peer, surroundings() as around:
        for endpoint, what in {**main, **seen}.items():
            peer.serve(endpoint, what)
        statement = await (await make("bybit", peer.url, replace(around, identity_key=b"k"))).read()
    assert sub is not None
    [inside] = statement.sub_accounts
    assert (inside.key, inside.total, inside.currency) == (sub.login, Decimal("5.5"), "USD")
    readings = (Live("bybit", statement), Live("bybit-sub", replace(statement, account="bybit-sub", sub_accounts=())))
    known = {"bybit": Identity("of the main account"), "bybit-sub": sub}
    master, _ = counted_once(readings, known, {}, NOON)
    assert isinstance(master, Live)
    assert master.statement.sub_accounts == ()
    assert all(row.part != inside.key for row in master.statement.holdings)
