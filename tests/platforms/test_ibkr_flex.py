"""The Flex source against both steps of the service on loopback: waits of milliseconds, a clock that the test holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.statement import Statement, WarningKind
from portfolio_bot.platforms.base import AccountConfig, Secret, StandIn
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ibkr_flex import Flex
from portfolio_bot.platforms.ibkr_service import Waits
from tests.clock import HeldClock, moment
from tests.peers.faults import Reply, hang, instead, late, reset, status
from tests.peers.ibkr import GET, QUERY, SEND, TOKEN, FlexPeer, flex_server, index, refusal, response, statement
from tests.platforms.brokers import KeptMemory, surroundings

NOW = moment("2026-11-19 15:00")
QUICK = Waits(first=0.01, early=0.01, early_for=0.05, late=0.01, most=0.2, limited=0.02, apart=0, within=100, window=0)
CURRENT = statement("nav-multi-base.xml")


@asynccontextmanager
async def source(
    url: str,
    memory: KeptMemory | None = None,
    *,
    clock: HeldClock | None = None,
    waits: Waits = QUICK,
    query: str | None = QUERY,
    token: str = TOKEN,
    expires: str | None = None,
    account: str = "ibkr",
    **around: Any,
) -> AsyncIterator[Flex]:
    kept = memory or KeptMemory()
    async with surroundings(clock or HeldClock(NOW), **around) as surrounding:
        ends = date.fromisoformat(expires) if expires else None
        secrets = {"FLEX_TOKEN": Secret(token)}
        config = AccountConfig(account, "ibkr", "IBKR", secrets, url, query_id=query, expires=ends)
        flex = Flex(config, surrounding, kept, waits)
        try:
            yield flex
        finally:
            await flex.close()


async def read(peer: FlexPeer, memory: KeptMemory | None = None, **more: Any) -> Statement:
    async with source(peer.url, memory, **more) as flex:
        return await flex.read()


async def failed(peer: FlexPeer, memory: KeptMemory | None = None, **more: Any) -> Failure:
    with pytest.raises(SourceError) as caught:
        await read(peer, memory, **more)
    return caught.value.failure


async def settled(flex: Flex) -> None:
    """Wait until the task in the background is done."""
    while flex._task is not None:
        await asyncio.sleep(0.005)


async def test_every_account_comes_in_its_own_base_currency() -> None:
    async with flex_server(CURRENT) as peer:
        found = await read(peer)
    assert [(total.amount, total.currency) for total in found.stated] == [
        (Decimal("15250.75"), "EUR"),
        (Decimal("8100.10"), "USD"),
    ]
    assert found.native_currency is None
    assert [sub.id for sub in found.sub_accounts] == ["U***0001", "U***0002"]


async def test_a_statement_describes_the_end_of_its_day_in_new_york() -> None:
    async with flex_server(CURRENT) as peer:
        found = await read(peer)
    assert found.as_of == moment("2026-11-19 05:00")


async def test_what_is_kept_holds_no_number_no_name_and_no_token() -> None:
    memory = KeptMemory()
    named = CURRENT.replace(b'acctAlias=""', b'acctAlias="Janes own" name="Jane Doe"')
    async with flex_server(named) as peer:
        found = await read(peer, memory)
    for secret in ("U2000001", "Jane", TOKEN):
        assert secret not in f"{found} {memory.rows}"


async def test_an_old_statement_stands_in_but_is_not_live() -> None:
    async with flex_server(statement("nav-usd.xml")) as peer:
        with pytest.raises(StandIn) as caught:
            await read(peer)
    assert caught.value.failure.kind is FailureKind.UNAVAILABLE
    assert caught.value.statement.stated[0].amount == Decimal("7678.155297533")


async def test_a_reconstructed_value_says_so() -> None:
    body = (
        b'<FlexQueryResponse><FlexStatement accountId="U7777777" toDate="20261118"><AccountInformation currency="USD"/>'
        b'<CashReport><CashReportCurrency currency="BASE_SUMMARY" endingCash="5"/></CashReport><OpenPositions/>'
        b"</FlexStatement></FlexQueryResponse>"
    )
    async with flex_server(body) as peer:
        found = await read(peer)
    assert [(notice.kind, notice.detail) for notice in found.notices] == [(WarningKind.RECONSTRUCTED, "U***7777")]


@pytest.mark.parametrize("name", ["in-progress-no-status.xml", "in-progress-fail-status.xml", "fail-1019.xml"])
async def test_a_statement_in_the_making_is_asked_for_until_it_is_ready(name: str) -> None:
    async with flex_server(CURRENT) as peer:
        peer.script = [response(name)] * 3
        assert (await read(peer)).stated
        assert (len(peer.asked(SEND)), len(peer.asked(GET))) == (1, 4)


async def test_a_first_reading_that_takes_too_long_says_in_progress() -> None:
    async with flex_server(CURRENT) as peer:
        peer.fail(late(0.2), f"GET {GET}")
        failure = await failed(peer, patience=0.1)
    assert (failure.kind, failure.final) == (FailureKind.IN_PROGRESS, False)


async def test_the_statement_is_there_at_the_next_reading() -> None:
    async with flex_server(CURRENT) as peer, source(peer.url, patience=0.1) as flex:
        peer.fail(late(0.2), f"GET {GET}")
        with pytest.raises(SourceError):
            await flex.read()
        await settled(flex)
        assert (await flex.read()).stated
        assert len(peer.asked(SEND)) == 1


async def test_a_restart_goes_on_with_the_reference() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1019.xml")] * 1000
        await failed(peer, memory, patience=0.1)
        peer.script = []
        assert (await read(peer, memory)).stated
        assert len(peer.asked(SEND)) == 1
    assert "reference" not in memory.rows


async def test_a_reference_that_is_gone_is_replaced_once() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1019.xml")] * 1000
        await failed(peer, memory, patience=0.1)
        peer.script = []
        peer.forget()
        assert (await read(peer, memory)).stated
        assert len(peer.asked(SEND)) == 2


async def test_a_reference_of_another_query_is_not_asked_for() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1019.xml")] * 1000
        await failed(peer, memory, patience=0.1)
        peer.script, peer.query = [], "7654321"
        await read(peer, memory, query="7654321")
        assert len(peer.asked(SEND)) == 2


async def test_waiting_ends_and_the_reference_is_kept() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1019.xml")] * 1000
        assert (await failed(peer, memory)).kind is FailureKind.IN_PROGRESS
    assert "reference" in memory.rows


async def test_too_many_requests_are_waited_out_once() -> None:
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1018.xml")]
        assert (await read(peer)).stated


async def test_too_many_requests_twice_is_a_limit_with_its_end() -> None:
    async with flex_server(CURRENT) as peer:
        peer.fail(instead(response("fail-1018.xml")))
        failure = await failed(peer)
    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.retry_at is not None
    assert failure.retry_at > NOW


async def test_a_reading_that_ends_within_the_limit_says_so_and_until_when() -> None:
    waits = replace(QUICK, limited=5)
    async with flex_server(CURRENT) as peer:
        peer.fail(instead(response("fail-1018.xml")))
        failure = await failed(peer, waits=waits, patience=0.5)
    assert (failure.kind, failure.retry_at) == (FailureKind.RATE_LIMITED, NOW + timedelta(seconds=5))


async def test_a_limit_that_names_no_end_has_one_all_the_same() -> None:
    async with flex_server(CURRENT) as peer:
        peer.fail(status(429))
        failure = await failed(peer)
    assert failure.kind is FailureKind.RATE_LIMITED
    assert failure.retry_at == NOW + timedelta(seconds=QUICK.limited)


ENDS = {
    1001: FailureKind.UNAVAILABLE, 1003: FailureKind.UNAVAILABLE, 1004: FailureKind.IN_PROGRESS,
    1005: FailureKind.IN_PROGRESS, 1006: FailureKind.IN_PROGRESS, 1007: FailureKind.IN_PROGRESS,
    1008: FailureKind.IN_PROGRESS, 1009: FailureKind.UNAVAILABLE, 1010: FailureKind.BAD_QUERY,
    1011: FailureKind.MISSING_RIGHT, 1012: FailureKind.KEY_EXPIRED, 1013: FailureKind.IP_NOT_ALLOWED,
    1014: FailureKind.BAD_QUERY, 1015: FailureKind.BAD_KEY, 1016: FailureKind.NO_ACCOUNT,
    1017: FailureKind.UNAVAILABLE, 1018: FailureKind.RATE_LIMITED, 1019: FailureKind.IN_PROGRESS,
    1020: FailureKind.BAD_QUERY, 1021: FailureKind.UNAVAILABLE,
}  # fmt: skip
FINAL = {1010, 1011, 1012, 1013, 1014, 1015, 1016, 1020}


@pytest.mark.parametrize("row", [row for row in index() if row["action"] != "poll" or "code" in row], ids=str)
@pytest.mark.parametrize("step", [SEND, GET])
async def test_every_answer_of_the_published_list_has_its_cause(row: dict[str, Any], step: str) -> None:
    async with flex_server(CURRENT) as peer:
        peer.fail(instead(response(row["file"])), f"GET {step}")
        failure = await failed(peer)
    assert failure.kind is ENDS.get(row.get("code", 0), FailureKind.UNAVAILABLE)
    assert failure.final == (row.get("code") in FINAL)


@pytest.mark.parametrize("name", ["send-success.xml", "send-success-2012.xml"])
async def test_both_forms_of_an_accepted_order_are_read(name: str) -> None:
    async with flex_server(CURRENT) as peer:
        peer.ordered = ["1234567890"]
        peer.fail(instead(response(name)), f"GET {SEND}")
        assert (await read(peer)).stated
        assert peer.asked(GET)[0].fields["q"] == "1234567890"


async def test_an_unknown_code_is_shown_with_its_words() -> None:
    async with flex_server(CURRENT) as peer:
        peer.fail(instead(refusal(1042)))
        failure = await failed(peer)
    assert (failure.kind, failure.detail) == (FailureKind.BAD_ANSWER, "code 1042: words for 1042")


async def test_a_swap_of_token_and_query_is_told_before_anything_is_sent() -> None:
    async with flex_server(CURRENT) as peer:
        failure = await failed(peer, token=QUERY, query=TOKEN)
        assert peer.requests == []
    assert (failure.kind, failure.final) == (FailureKind.BAD_QUERY, True)


async def test_a_statement_is_used_as_it_is_until_the_next_one_is_due() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        await flex.read()
        clock.now = moment("2026-11-20 09:55")  # 04:55 in New York
        await flex.read()
        assert len(peer.asked(SEND)) == 1
        clock.now = moment("2026-11-20 10:05")
        assert (await flex.read()).as_of == moment("2026-11-19 05:00")
        await settled(flex)
        assert len(peer.asked(SEND)) == 2


async def test_while_it_is_due_it_is_asked_for_once_an_hour() -> None:
    clock = HeldClock(moment("2026-11-20 12:00"))
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        for _ in range(13):
            await flex.read()
            await settled(flex)
            clock.forward(minutes=10)
        assert len(peer.asked(SEND)) == 3


async def test_a_service_answers_at_once_and_fetches_behind() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        await flex.read()
        clock.now = moment("2026-11-20 12:00")
        peer.fail(hang(), f"GET {GET}")
        async with asyncio.timeout(0.2):
            assert (await flex.read()).stated


async def test_without_a_service_a_due_statement_is_waited_for() -> None:
    memory, newer = KeptMemory(), CURRENT.replace(b"20261118", b"20261119").replace(b"20261117", b"20261118")
    async with flex_server(CURRENT) as peer:
        await read(peer, memory)
        peer.statement = newer
        found = await read(peer, memory, clock=HeldClock(moment("2026-11-20 12:00")), patient=True)
    assert found.as_of == moment("2026-11-20 05:00")


async def test_without_a_service_the_kept_statement_serves_when_the_next_takes_too_long() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        await read(peer, memory)
        peer.fail(hang(), f"GET {SEND}")
        clock = HeldClock(moment("2026-11-20 12:00"))
        found = await read(peer, memory, clock=clock, patient=True, patience=0.1)
    assert found.as_of == moment("2026-11-19 05:00")


async def test_another_query_is_asked_at_once() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        await read(peer, memory)
        peer.query = "7654321"
        await read(peer, memory, query="7654321", patient=True)
        assert [seen.fields["q"] for seen in peer.asked(SEND)] == [QUERY, "7654321"]


async def test_an_older_statement_never_replaces_a_newer_one() -> None:
    memory, older = KeptMemory(), CURRENT.replace(b"20261118", b"20261116").replace(b"20261117", b"20261113")
    async with flex_server(CURRENT) as peer:
        await read(peer, memory)
        peer.statement = older
        found = await read(peer, memory, clock=HeldClock(moment("2026-11-20 12:00")), patient=True)
    assert found.sub_accounts[0].as_of == moment("2026-11-19 05:00")


async def test_a_report_date_that_is_yet_to_come_is_a_bad_answer() -> None:
    async with flex_server(CURRENT.replace(b"20261118", b"20261130")) as peer:
        assert (await failed(peer)).kind is FailureKind.BAD_ANSWER


async def test_an_account_that_vanishes_from_the_statement_leaves_the_last_one_standing() -> None:
    memory = KeptMemory()
    async with flex_server(CURRENT) as peer:
        await read(peer, memory)
        head, _, _ = CURRENT.partition(b'<FlexStatement accountId="U2000002"')
        peer.statement = head.replace(b"20261118", b"20261119") + b"</FlexStatements></FlexQueryResponse>"
        with pytest.raises(StandIn) as caught:
            await read(peer, memory, clock=HeldClock(moment("2026-11-20 12:00")), patient=True)
    assert caught.value.failure.kind is FailureKind.SUSPECT
    assert len(caught.value.statement.stated) == 2


async def test_an_expired_token_is_told_although_the_statement_is_current() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        await flex.read()
        peer.fail(instead(response("fail-1012.xml")))
        clock.now = moment("2026-11-20 12:00")
        await flex.read()
        await settled(flex)
        with pytest.raises(StandIn) as caught:
            await flex.read()
    assert (caught.value.failure.kind, caught.value.failure.final) == (FailureKind.KEY_EXPIRED, True)


async def test_a_passing_failure_leaves_a_current_statement_live() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        await flex.read()
        peer.fail(instead(response("unavailable-500.html")))
        clock.now = moment("2026-11-20 12:00")
        await flex.read()
        await settled(flex)
        assert (await flex.read()).stated


async def test_after_a_refusal_only_a_new_insistence_asks_again() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        peer.fail(instead(response("fail-1015.xml")))
        for _ in range(3):  # the next two come within the minute
            with pytest.raises(SourceError):
                await flex.read()
        assert len(peer.requests) == 1
        peer.heal()
        clock.forward(minutes=2)
        assert (await flex.read()).stated


async def test_a_passing_failure_is_not_hurried() -> None:
    clock = HeldClock(NOW)
    async with flex_server(CURRENT) as peer, source(peer.url, clock=clock) as flex:
        peer.fail(instead(response("fail-1004.xml")))
        for _ in range(6):
            with pytest.raises(SourceError):
                await flex.read()
            clock.forward(minutes=1)
        assert len(peer.asked(SEND)) == 2


async def test_readings_at_the_same_time_share_one_order() -> None:
    async with flex_server(CURRENT) as peer, source(peer.url) as flex:
        first, second = await asyncio.gather(flex.read(), flex.read())
        assert len(peer.asked(SEND)) == 1
    assert first == second


async def test_closing_in_the_middle_leaves_nothing_running() -> None:
    async with flex_server(CURRENT) as peer, source(peer.url, patience=0.05) as flex:
        peer.fail(hang(), f"GET {GET}")
        with pytest.raises(SourceError):
            await flex.read()
        await flex.close()
        assert flex._task is None


async def test_the_pace_keeps_within_ibkrs_limits() -> None:
    waits = Waits(first=0, early=0, early_for=0, late=0, most=5, apart=0.02, within=3, window=0.2)
    async with flex_server(CURRENT) as peer:
        peer.script = [response("fail-1019.xml")] * 5
        began = asyncio.get_running_loop().time()
        await read(peer, waits=waits)
    assert asyncio.get_running_loop().time() - began > 0.4


async def test_the_token_is_in_no_failure_whatever_happens() -> None:
    async with flex_server(CURRENT) as peer:
        for fault in (
            reset(),
            instead(Reply(TOKEN.encode() * 3)),
            instead(Reply(b"x", 429)),
            instead(Reply(b"x", 404)),
        ):
            peer.fail(fault)
            assert TOKEN not in repr(await failed(peer))
            peer.heal()


async def test_a_path_in_the_base_url_stands_in_front() -> None:
    async with flex_server(CURRENT) as peer:
        async with source(f"{peer.url}/flex/") as flex:
            with pytest.raises(SourceError):
                await flex.read()
        assert peer.requests[0].path == f"/flex{SEND}"


@pytest.mark.parametrize(("ends", "told"), [("2026-12-03", ["2026-12-03"]), ("2026-12-04", []), (None, [])])
async def test_a_token_that_ends_within_two_weeks_is_told(ends: str | None, told: list[str]) -> None:
    async with flex_server(CURRENT) as peer, source(peer.url, expires=ends) as flex:
        found = await flex.read()
    assert [notice.detail for notice in found.notices if notice.kind is WarningKind.KEY_EXPIRES] == told


async def test_the_catalogue_opens_it_without_a_request() -> None:
    async with flex_server(CURRENT) as peer, surroundings(HeldClock(NOW)) as around:
        config = AccountConfig("ibkr-her", "ibkr", "IBKR", {"FLEX_TOKEN": Secret(TOKEN)}, peer.url, query_id=QUERY)
        opened = await SOURCES["ibkr"].open(config, around, KeptMemory())
        await opened.close()
        assert (opened.account, peer.requests) == ("ibkr-her", [])


async def test_rights_cost_no_request() -> None:
    async with flex_server(CURRENT) as peer, source(peer.url) as flex:
        rights = await flex.rights()
        assert peer.requests == []
    assert (rights.read_only, rights.notes) == (True, ())
