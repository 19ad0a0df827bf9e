"""The past of the Flex source over loopback: out of statements that are fetched anyway, without a request more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.net.timing import deadline
from portfolio_bot.platforms.claims import Claims
from portfolio_bot.platforms.ibkr_flex import Flex
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Record, Span
from tests.clock import HeldClock, moment
from tests.peers.faults import instead, late
from tests.peers.ibkr import GET, SEND, TOKEN, flex_server, response, statement
from tests.platforms.brokers import KeptMemory
from tests.platforms.test_ibkr_flex import NOW, settled, source

FLOWS = statement("nav-with-flows.xml")
EVER = Span(moment("2026-01-01 00:00"), NOW)


async def history(flex: Flex, span: Span = EVER) -> list[Record]:
    found: list[Record] = []
    for stream in await flex.streams(Hints()):
        try:
            found += (await flex.past(stream, span)).records
        except SourceError as error:
            if error.failure.kind is not FailureKind.BAD_QUERY:
                raise
    return found


async def refusal(flex: Flex, name: str) -> Failure:
    stream = next(stream for stream in await flex.streams(Hints()) if stream.name == name)
    with pytest.raises(SourceError) as caught:
        await flex.past(stream, EVER)
    return caught.value.failure


async def test_the_past_comes_with_the_statement_and_nothing_more_is_asked() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url) as flex:
        assert isinstance(flex, KeepsLedger)
        assert (await flex.read()).stated
        for _ in range(5):
            assert len(await history(flex)) == 4
        assert (len(peer.asked(SEND)), len(peer.asked(GET))) == (1, 1)


async def test_the_first_statement_is_waited_for_longer_than_a_report_would() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url, patience=0.1) as flex:
        peer.fail(late(0.3), f"GET {GET}")
        with pytest.raises(SourceError):
            await flex.read()
        deadline.set(asyncio.get_running_loop().time() + 5)
        assert len(await history(flex)) == 4
        assert len(peer.asked(SEND)) == 1


async def test_a_restart_knows_the_past_without_asking() -> None:
    memory = KeptMemory()
    async with flex_server(FLOWS) as peer:
        async with source(peer.url, memory) as flex:
            before = await history(flex)
        peer.requests.clear()
        async with source(peer.url, memory) as flex:
            assert await history(flex) == before
        assert peer.requests == []
    for secret in ("U2000003", TOKEN, "DISBURSEMENT"):
        assert secret not in str(memory.rows)


@pytest.mark.parametrize("kept", [None, "[0, {}]"], ids=["that knew no past", "that kept it otherwise"])
async def test_a_statement_kept_by_another_version_is_asked_for_again(kept: str | None) -> None:
    memory = KeptMemory()
    async with flex_server(FLOWS) as peer:
        async with source(peer.url, memory) as flex:
            await flex.read()
        await memory.put("past", kept)
        async with source(peer.url, memory) as flex:
            assert len(await history(flex)) == 4
        assert len(peer.asked(SEND)) == 2


@pytest.mark.parametrize(
    ("section", "stream", "advice"),
    [
        ("CashTransactions", "cash", 'tick "Cash Transactions" in the Flex query'),
        ("Transfers", "transfers", 'tick "Transfers" in the Flex query'),
    ],
)
async def test_a_section_that_the_query_lacks_is_named(section: str, stream: str, advice: str) -> None:
    body = statement("nav-with-transfers.xml").replace(section.encode(), b"Elsewhere")
    async with flex_server(body) as peer, source(peer.url) as flex:
        failure = await refusal(flex, stream)
    assert (failure.kind, failure.detail) == (FailureKind.BAD_QUERY, advice)


async def test_trades_are_a_stream_only_where_they_are_ticked() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url) as flex:
        assert [stream.name for stream in await flex.streams(Hints())] == ["cash", "transfers"]
        assert all(stream.border for stream in await flex.streams(Hints()))
    body = statement("two-accounts.xml").replace(b"2026-05-08", b"2026-11-18")
    async with flex_server(body) as peer, source(peer.url) as flex:
        assert [stream.name for stream in await flex.streams(Hints())] == ["cash", "transfers", "trades"]


async def test_how_far_back_a_query_goes_is_told() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url) as flex:
        stream = (await flex.streams(Hints()))[0]
    assert stream.keeps is not None
    assert moment("2026-11-16 00:00") < NOW - stream.keeps < moment("2026-11-16 05:00")  # the 16th of New York


async def test_a_span_brings_what_lies_in_it() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url) as flex:
        stream = (await flex.streams(Hints()))[0]
        later = Span(moment("2026-11-18 12:00"), NOW)
        found = [record for record in (await flex.past(stream, later)).records if isinstance(record, CashFlow)]
    assert {flow.kind for flow in found} == {FlowKind.WITHDRAWAL, FlowKind.INCOME, FlowKind.FEE}


async def test_an_old_statement_says_nothing_of_now() -> None:
    clock = HeldClock(NOW)
    async with flex_server(FLOWS) as peer, source(peer.url, clock=clock) as flex:
        assert len(await history(flex)) == 4
        peer.fail(instead(response("fail-1012.xml")))
        clock.now = NOW + timedelta(days=9)
        assert (await refusal(flex, "cash")).kind is FailureKind.UNAVAILABLE


async def test_a_refused_token_without_any_statement_says_so() -> None:
    async with flex_server(FLOWS) as peer, source(peer.url) as flex:
        peer.fail(instead(response("fail-1012.xml")))
        with pytest.raises(SourceError) as caught:
            await flex.streams(Hints())
    assert caught.value.failure.kind is FailureKind.KEY_EXPIRED


async def test_a_past_that_is_not_understood_does_not_cost_the_value() -> None:
    body = FLOWS.replace(b'amount="1000"', b'amount="much"').replace(b"</CashReport>", b"</CashReport><Transfers/>")
    async with flex_server(body) as peer, source(peer.url) as flex:
        assert (await flex.read()).stated
        failure = await refusal(flex, "cash")
        assert (failure.kind, failure.detail) == (FailureKind.BAD_ANSWER, "CashTransaction amount is no number")
        transfers = next(stream for stream in await flex.streams(Hints()) if stream.name == "transfers")
        assert (await flex.past(transfers, EVER)).records == ()
        assert len(peer.asked(SEND)) == 1


async def test_dates_that_mean_two_things_are_told_and_do_not_cost_the_value() -> None:
    body = FLOWS.replace(b'dateTime="20261116;043000"', b'dateTime="2026-11-16"')
    async with flex_server(body) as peer, source(peer.url) as flex:
        assert (await flex.read()).stated
        with pytest.raises(SourceError) as caught:
            await flex.streams(Hints())
        assert caught.value.failure.kind is FailureKind.BAD_ANSWER
        assert len(peer.asked(SEND)) == 1


async def test_what_a_short_statement_leaves_out_is_still_known() -> None:
    clock, memory = HeldClock(NOW), KeptMemory()
    async with flex_server(FLOWS) as peer, source(peer.url, memory, clock=clock) as flex:
        first = await history(flex)
        clock.now = moment("2026-11-20 15:00")
        next_day = FLOWS.replace(b'fromDate="20261116" toDate="20261118"', b'fromDate="20261119" toDate="20261119"')
        next_day = next_day.replace(b'reportDate="20261118" cash', b'reportDate="20261119" cash')
        begin, end = next_day.index(b"<CashTransactions>"), next_day.index(b"</CashTransactions>")
        peer.statement = next_day[:begin] + b"<CashTransactions>" + next_day[end:]
        await flex.read()
        await settled(flex)
        assert await history(flex, Span(EVER.start, clock.now)) == first
        keeps = (await flex.streams(Hints()))[0].keeps
        assert keeps is not None
        assert clock.now - keeps < moment("2026-11-16 05:00")


async def test_securities_that_came_in_have_the_price_that_the_broker_put_on_them() -> None:
    body = statement("nav-with-transfers.xml")
    async with flex_server(body) as peer, source(peer.url) as flex:
        await history(flex)
        found = await flex.price_at("VT", moment("2026-11-16 12:00"))
        assert found is not None
        assert (found.amount, found.quote) == (Decimal(125), "USD")
        assert await flex.price_at("VT", moment("2026-11-12 12:00")) is None
        assert await flex.price_at("AAPL", moment("2026-11-16 12:00")) is None


async def test_two_queries_that_see_one_account_tell_its_past_once() -> None:
    both = statement("nav-with-transfers.xml")
    begin = both.index(b'<FlexStatement accountId="U2000006"')
    one = both[:begin] + b"</FlexStatements></FlexQueryResponse>"
    claims = Claims(patience=0.05)
    async with (
        flex_server(one) as single,
        flex_server(both) as whole,
        source(single.url, claims=claims) as first,
        source(whole.url, claims=claims, account="ibkr-b") as second,
    ):
        alone, rest = await history(first), await history(second)
    flows = [record for record in (*alone, *rest) if isinstance(record, CashFlow)]
    assert len({flow.id for flow in flows}) == len(flows) == 3
    assert sorted((flow.kind, str(flow.amount)) for flow in flows) == [
        (FlowKind.DEPOSIT, "10"),
        (FlowKind.DEPOSIT, "500"),
        (FlowKind.WITHDRAWAL, "-500"),
    ]
