"""Reading the past of several accounts: what fails stays with what failed, and nobody waits for another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.model.account import AccountState
from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.platforms.ledger import Batch, Hints, Span, Stream
from portfolio_bot.platforms.venue import Refused
from portfolio_bot.report.views import AccountSyncView, StreamView, SyncState, SyncView
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.sync_stream import Patience
from portfolio_bot.storage import accounts, ledger
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.store import Store, open_store
from tests.service.fakes import NOON, FakeSource, Hands, down, statement
from tests.service.past_venue import (
    PastVenue,
    Shelf,
    bought,
    contract,
    deposit,
    refused,
    withdrawal,
)
from tests.storage.builders import PARIS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HASTE = Patience(call=0.2, pauses=(0.0, 0.0), limited=0.0, longest=1.0)
IN = Stream("in", "deposits", border=True)
OUT = Stream("out", "withdrawals", border=True)
FILLS = Stream("fills", "spot trades")


def syncing(store: Store, clock: Hands, *sources: FakeSource, **more: Any) -> Sync:
    return Sync(
        {source.account: source for source in sources},
        {source.account: source.account.title() for source in sources},
        store,
        calendar=PARIS,
        clock=clock,
        patience=more.pop("patience", HASTE),
        **more,
    )


def venue(clock: Hands, *shelves: Shelf, account: str = "venue") -> PastVenue:
    return PastVenue(shelves or [Shelf(IN, [deposit("d", NOON - DAY)])], clock, account=account)


def states(view: AccountSyncView) -> Mapping[str, SyncState]:
    return {stream.name: stream.state for stream in view.streams}


def only(view: SyncView) -> AccountSyncView:
    (found,) = view.accounts
    return found


def stream(view: AccountSyncView, name: str) -> StreamView:
    return next(one for one in view.streams if one.name == name)


async def stored(store: Store) -> set[str]:
    async with store.read() as tx:
        return {one.id for one in [*await ledger.flows(tx), *await ledger.trades(tx)]}


async def test_flows_and_trades_are_stored_with_how_far_they_are_read(store: Store, clock: Hands) -> None:
    shelves = [Shelf(FILLS, [bought("t", NOON - DAY)]), Shelf(IN, [deposit("d", NOON - DAY)])]
    source = PastVenue(shelves, clock)
    view = only(await syncing(store, clock, source).run())
    assert (view.state, view.flows, view.trades, view.new, view.fraction) == (SyncState.DONE, 1, 1, 2, Decimal(1))
    assert [(one.name, one.until, one.failure) for one in view.streams] == [("in", NOON, None), ("fills", NOON, None)]
    assert await stored(store) == {"d", "t"}


async def test_the_next_life_reads_only_what_is_new(store: Store, clock: Hands) -> None:
    source = venue(clock, Shelf(replace(IN, window=30 * DAY), [deposit("d", NOON - 60 * DAY)]))
    await syncing(store, clock, source).run()
    made = source.requests.made
    clock.turn(hours=6)
    sync = syncing(store, clock, source)
    await sync.load()
    assert only(sync.view()).state is SyncState.DONE
    assert only(await sync.run()).new == 0
    assert source.requests.made == made + 1
    assert source.requests.asked[-1][1] == (NOON - 3 * DAY, NOON + 6 * HOUR)


async def test_the_owner_bounds_the_past_in_their_own_zone_and_may_ask_for_more_once(
    store: Store, clock: Hands
) -> None:
    old = [deposit("old", NOON - 40 * DAY), deposit("new", NOON - 2 * DAY)]
    source = venue(clock, Shelf(replace(IN, window=10 * DAY), old))
    sync = syncing(store, clock, source, since=date(2026, 11, 10))
    assert stream(only(await sync.run()), "in").since == PARIS.start(date(2026, 11, 10))
    assert await stored(store) == {"new"}
    made = source.requests.made
    view = await sync.run(since=date(2026, 10, 1))
    assert stream(only(view), "in").since == PARIS.start(date(2026, 10, 1))
    assert await stored(store) == {"old", "new"}
    assert source.requests.made == made + 1 + 5
    await sync.run()
    assert source.requests.made == made + 1 + 5 + 1


async def test_a_bad_key_skips_its_account_with_the_cause_and_no_other_one(store: Store, clock: Hands) -> None:
    streams = [Shelf(replace(FILLS, name=f"s{n}"), []) for n in range(9)]
    bad, good = venue(clock, *streams), venue(clock, account="good")
    bad.requests.script = {n: refused() for n in range(1, 99)}
    view = await syncing(store, clock, bad, good).run()
    assert bad.requests.made == 2
    assert [account.state for account in view.accounts] == [SyncState.FAILED, SyncState.DONE]
    assert {one.failure.kind for one in view.accounts[0].streams if one.failure} == {FailureKind.BAD_KEY}
    assert set(states(view.accounts[0]).values()) == {SyncState.FAILED}


async def test_one_missing_right_fails_one_stream_whatever_the_venue_calls_it(store: Store, clock: Hands) -> None:
    for kind in (FailureKind.MISSING_RIGHT, FailureKind.BAD_KEY):
        source = venue(clock, Shelf(IN, []), Shelf(OUT, []), Shelf(FILLS, [bought("t", NOON - DAY)]))
        source.requests.script = {2: refused(kind)}
        view = only(await syncing(store, clock, source).run())
        assert states(view) == {"in": SyncState.DONE, "out": SyncState.FAILED, "fills": SyncState.DONE}
        failure = stream(view, "out").failure
        assert failure is not None
        assert failure.kind is FailureKind.MISSING_RIGHT


async def test_a_failed_span_is_not_done_and_is_read_the_next_time(store: Store, clock: Hands) -> None:
    rows = [deposit(f"d{n}", NOON - n * DAY) for n in range(1, 79)]
    source = venue(clock, Shelf(replace(IN, window=20 * DAY), rows, full=5))
    source.requests.script = {7: refused(FailureKind.MAINTENANCE)}
    sync = syncing(store, clock, source)
    view = only(await sync.run())
    assert view.state is SyncState.FAILED
    assert stream(view, "in").until == PARIS.start(date(2026, 9, 21)) + 2 * HOUR
    assert len(await stored(store)) == sum(one.at < stream(view, "in").until for one in rows)  # type: ignore[operator]
    assert only(await sync.run()).state is SyncState.DONE
    assert len(await stored(store)) == len(rows)


async def test_a_failure_is_told_by_the_next_life_too(store: Store, clock: Hands) -> None:
    source = venue(clock)
    source.requests.script = {1: refused(FailureKind.MAINTENANCE, detail="rows")}
    await syncing(store, clock, source).run()
    later = syncing(store, clock, source)
    await later.load()
    assert stream(only(later.view()), "in").failure == Failure(FailureKind.MAINTENANCE, "rows")
    assert stream(only(later.view()), "in").since is None


def spoiled(at: datetime) -> Callable[[Stream, Span], None]:
    """A row of that moment cannot be read, and with it the whole answer."""

    def gate(_: Stream, span: Span) -> None:
        if span.start <= at < span.end:
            raise refused(FailureKind.BAD_ANSWER, detail="amount is missing")

    return gate


async def test_one_row_that_cannot_be_read_hides_its_hour_and_nothing_else(store: Store, clock: Hands) -> None:
    rows = [deposit(f"d{n}", NOON - n * DAY) for n in range(1, 79)]
    source = venue(clock, Shelf(replace(IN, window=30 * DAY), rows, full=99))
    source.gate = spoiled(rows[40].at)  # type: ignore[arg-type]
    sync = syncing(store, clock, source)
    view = only(await sync.run())
    assert (view.state, view.flows) == (SyncState.FAILED, 77)
    read = stream(view, "in")
    assert read.failure == Failure(FailureKind.BAD_ANSWER, "amount is missing")
    assert read.until == NOON
    ((start, end),) = read.gaps
    assert start <= rows[40].at < end
    assert end - start <= HOUR

    later = syncing(store, clock, source)
    await later.load()
    assert only(await later.run()).state is SyncState.FAILED
    source.gate = lambda stream, span: None
    view = only(await later.run())
    assert (view.state, view.flows, stream(view, "in").gaps) == (SyncState.DONE, 78, ())


async def test_a_venue_that_tells_nonsense_is_not_walked_through_hour_by_hour(store: Store, clock: Hands) -> None:
    def nonsense(_: Stream, span: Span) -> None:
        raise refused(FailureKind.BAD_ANSWER)

    source = venue(clock, Shelf(replace(IN, window=7 * DAY), []))
    source.gate = nonsense
    sync = syncing(store, clock, source)
    assert only(await sync.run()).state is SyncState.FAILED
    assert len(source.requests.asked) < 20
    source.gate = lambda stream, span: None
    view = only(await sync.run())
    assert (view.state, stream(view, "in").gaps) == (SyncState.DONE, ())


async def test_what_may_pass_is_tried_again_at_once(store: Store, clock: Hands) -> None:
    source = venue(clock)
    source.requests.script = {1: refused(FailureKind.UNREACHABLE), 2: refused(FailureKind.TIMEOUT)}
    assert only(await syncing(store, clock, source).run()).state is SyncState.DONE


async def test_a_venue_that_limits_is_waited_for_as_long_as_it_says_and_the_others_go_on(
    store: Store, clock: Hands
) -> None:
    slow, quick = venue(clock), venue(clock, account="quick")
    slow.requests.script = {1: refused(FailureKind.RATE_LIMITED, retry_at=NOON + timedelta(seconds=0.3))}
    sync = syncing(store, clock, slow, quick)
    running = asyncio.create_task(sync.run())
    await asyncio.sleep(0)
    while sync.view().accounts[1].state is not SyncState.DONE:
        await asyncio.sleep(0.005)
    assert sync.view().accounts[0].state is SyncState.RUNNING
    assert [one.state for one in (await running).accounts] == [SyncState.DONE, SyncState.DONE]


async def test_a_venue_that_limits_for_too_long_or_too_often_fails(store: Store, clock: Hands) -> None:
    banned, nagged = venue(clock), venue(clock, account="nagged")
    banned.requests.script = {1: refused(FailureKind.RATE_LIMITED, retry_at=NOON + HOUR)}
    nagged.requests.script = {n: refused(FailureKind.RATE_LIMITED) for n in range(1, 99)}
    view = await syncing(store, clock, banned, nagged).run()
    assert [one.state for one in view.accounts] == [SyncState.FAILED, SyncState.FAILED]
    assert (banned.requests.made, nagged.requests.made) == (1, HASTE.limits + 1)


async def test_a_question_without_an_answer_ends_and_the_other_streams_are_read(store: Store, clock: Hands) -> None:
    class Hanging(PastVenue):
        async def past(self, stream: Stream, span: Span, token: str = "") -> Any:
            if stream.name == "out":
                await asyncio.sleep(60)
            return await super().past(stream, span, token)

    recent = replace(OUT, keeps=2 * HOUR)
    source = Hanging([Shelf(IN, []), Shelf(recent, []), Shelf(FILLS, [])], clock)
    view = only(await syncing(store, clock, source, patience=replace(HASTE, call=0.05)).run())
    assert states(view) == {"in": SyncState.DONE, "out": SyncState.FAILED, "fills": SyncState.DONE}


async def test_a_bug_in_one_reader_costs_only_its_stream(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    source = venue(clock, Shelf(IN, []), Shelf(FILLS, []))
    source.requests.script = {1: ZeroDivisionError()}
    view = only(await syncing(store, clock, source).run())
    assert states(view) == {"in": SyncState.FAILED, "fills": SyncState.DONE}
    assert "a bug in reading deposits" in caplog.text


async def test_a_cursor_that_comes_again_is_no_end(store: Store, clock: Hands) -> None:
    class Circling(PastVenue):
        async def past(self, stream: Stream, span: Span, token: str = "") -> Any:
            batch = await super().past(stream, span, token)
            return replace(batch, token="b" if token == "a" else "a", more=True)

    view = only(await syncing(store, clock, Circling([Shelf(IN, [])], clock)).run())
    assert stream(view, "in").failure == Failure(FailureKind.BAD_ANSWER, "the place to go on came twice")


async def test_what_lies_too_far_back_is_no_failure(store: Store, clock: Hands) -> None:
    kept = replace(IN, window=7 * DAY, keeps=60 * DAY)
    source = venue(clock, Shelf(kept, [deposit("d", NOON - 50 * DAY)]))

    def refuse(stream: Stream, span: Span) -> None:
        if span.start < NOON - 57 * DAY:
            raise Refused(Failure(FailureKind.BAD_ANSWER, "code 10001"), "10001")

    source.gate = refuse
    view = only(await syncing(store, clock, source).run())
    assert view.state is SyncState.DONE
    since = stream(view, "in").since
    assert since is not None
    assert NOON - 57 * DAY <= since < NOON - 56 * DAY
    assert stream(view, "in").gaps == ()
    assert await stored(store) == {"d"}


async def test_a_refused_span_that_the_venue_should_keep_is_a_failure(store: Store, clock: Hands) -> None:
    source = venue(clock, Shelf(replace(IN, keeps=900 * DAY), []))

    def refuse(stream: Stream, span: Span) -> None:
        raise Refused(Failure(FailureKind.BAD_ANSWER, "code 10001"), "10001")

    source.gate = refuse
    assert only(await syncing(store, clock, source).run()).state is SyncState.FAILED


async def test_a_withdrawal_on_its_way_is_asked_about_until_it_arrives_or_comes_back(
    store: Store, clock: Hands
) -> None:
    class CameBack(PastVenue):
        async def past(self, stream: Stream, span: Span, token: str = "") -> Any:
            batch = await super().past(stream, span, token)
            return replace(batch, records=(), void=("w",)) if batch.records else batch

    shelf = Shelf(OUT, [withdrawal("w", NOON - DAY, settled=False)])
    await syncing(store, clock, PastVenue([shelf], clock)).run()
    assert await stored(store) == {"w"}
    clock.turn(days=12)
    later = syncing(store, clock, CameBack([shelf], clock))
    await later.load()
    await later.run()
    assert await stored(store) == set()


async def test_trades_of_other_assets_are_left_out_and_flows_never(store: Store, clock: Hands) -> None:
    trades: list[Record] = [
        bought("btc", NOON - DAY),
        bought("sol", NOON - DAY, "SOL"),
        contract("perp", NOON - DAY),
        contract("xbt", NOON - DAY, "PF_XBTUSD"),
        contract("eth", NOON - DAY, "ETH-27NOV26"),
        deposit("doge", NOON - DAY, asset="DOGE"),
    ]
    source = venue(clock, Shelf(FILLS, trades, full=9))
    await syncing(store, clock, source, tracked=["BTC"]).run()
    assert await stored(store) == {"btc", "perp", "xbt", "doge"}
    followed = syncing(store, clock, source, tracked=["BTC", "ETH"])
    await followed.load()
    await followed.run()
    assert await stored(store) == {"btc", "perp", "xbt", "doge", "eth"}
    made = source.requests.made
    fewer = syncing(store, clock, source, tracked=["BTC"])
    await fewer.load()
    await fewer.run()
    assert source.requests.made == made + 1
    everything = syncing(store, clock, source)
    await everything.load()
    await everything.run()
    assert await stored(store) == {one.id for one in trades}


async def test_markets_are_found_from_what_is_held_and_from_what_was_just_read(store: Store, clock: Hands) -> None:
    asked: list[frozenset[str]] = []

    def found(hints: Hints) -> list[Shelf]:
        asked.append(hints.assets)
        named = [Stream(f"fills {asset}", f"spot trades {asset}") for asset in sorted(hints.assets)]
        return [Shelf(one, [bought(f"{one.name}-1", NOON - DAY, one.name[6:])]) for one in named]

    shelves = [Shelf(IN, [deposit("d", NOON - DAY, asset="SOL")])]
    source = PastVenue(shelves, clock, found=found)
    held = {"venue": statement("venue", {"BTC": "1"})}
    await store.write(lambda tx: accounts.remember(tx, held, {}, {}))
    view = only(await syncing(store, clock, source).run())
    assert asked == [{"BTC"}, {"BTC", "SOL", "USDT"}]
    assert await stored(store) == {"d", "fills BTC-1", "fills SOL-1", "fills USDT-1"}
    assert view.streams[0].name == "in"


async def test_a_stream_that_is_not_offered_any_more_fails_no_more(store: Store, clock: Hands) -> None:
    source = venue(clock, Shelf(IN, []), Shelf(OUT, []))
    source.requests.script = {2: refused(FailureKind.MISSING_RIGHT)}
    sync = syncing(store, clock, source)
    assert only(await sync.run()).state is SyncState.FAILED
    del source.shelves["out"]
    assert only(await sync.run()).state is SyncState.DONE
    later = syncing(store, clock, source)
    await later.load()
    assert only(later.view()).state is SyncState.DONE


async def test_a_source_without_a_past_says_so(store: Store, clock: Hands) -> None:
    silent, empty = FakeSource("silent", {}, clock=clock), PastVenue([], clock, account="empty")
    view = await syncing(store, clock, silent, empty).run()
    assert [one.state for one in view.accounts] == [SyncState.NONE, SyncState.NONE]


async def test_an_account_that_is_to_be_left_alone_is_left_alone_unless_a_person_asks(
    store: Store, clock: Hands
) -> None:
    source = venue(clock)
    paused = AccountState(down(FailureKind.BAD_KEY), NOON, 1, NOON + HOUR)
    sync = syncing(store, clock, source, states=lambda: {"venue": paused})
    view = only(await sync.run())
    assert (view.state, source.requests.made) == (SyncState.FAILED, 0)
    assert [one.failure for one in view.streams] == [paused.failure]
    assert only(await sync.run(forced=True)).state is SyncState.DONE


async def test_a_source_that_cannot_say_what_there_is_fails_as_a_whole(store: Store, clock: Hands) -> None:
    source = PastVenue([], clock, found=lambda hints: [])
    source.requests.script = {1: refused(FailureKind.GEO_BLOCKED)}
    view = only(await syncing(store, clock, source).run())
    assert view.state is SyncState.FAILED
    assert [one.failure for one in view.streams] == [Failure(FailureKind.GEO_BLOCKED)]


async def test_those_who_ask_at_the_same_time_share_one_reading(store: Store, clock: Hands) -> None:
    source = venue(clock)
    sync = syncing(store, clock, source)
    told: list[SyncView] = []
    views = await asyncio.gather(sync.run(), sync.run(progress=told.append), sync.run(["venue"]))
    assert source.requests.made == 1
    assert len({view.finished_at for view in views}) == 1
    assert told[0].running
    assert not told[-1].running


async def test_who_wants_more_than_is_being_read_waits_and_has_it_read(store: Store, clock: Hands) -> None:
    one, other = venue(clock), venue(clock, account="other")
    sync = syncing(store, clock, one, other, since=date(2026, 11, 1))
    first = asyncio.create_task(sync.run(["venue"]))
    await asyncio.sleep(0)
    view = await sync.run(since=date(2026, 10, 1))
    assert first.done()
    assert [account.state for account in view.accounts] == [SyncState.DONE, SyncState.DONE]
    assert stream(view.accounts[0], "in").since == PARIS.start(date(2026, 10, 1))


async def test_a_face_that_breaks_over_the_progress_ends_nothing(store: Store, clock: Hands) -> None:
    def broken(view: SyncView) -> None:
        if view.accounts[0].state is SyncState.RUNNING:
            raise ZeroDivisionError

    assert only(await syncing(store, clock, venue(clock)).run(progress=broken)).state is SyncState.DONE


async def test_an_asker_who_goes_away_does_not_end_the_reading(store: Store, clock: Hands) -> None:
    sync = syncing(store, clock, venue(clock))
    asker = asyncio.create_task(sync.run())
    await asyncio.sleep(0)
    asker.cancel()
    assert only(await sync.run()).state is SyncState.DONE


async def test_rows_of_an_unknown_kind_are_kept_counted_and_told_once(
    store: Store, clock: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        CashFlow(f"u{n}", "venue", FlowKind.UNCLASSIFIED, NOON - DAY, "BTC", Decimal(1), detail=word)
        for n, word in enumerate(["spin", "spin", "wheel"])
    ]
    sync = syncing(store, clock, venue(clock, Shelf(IN, rows)))
    with caplog.at_level(logging.WARNING):
        assert only(await sync.run()).unclassified == 3
        await sync.run()
    assert [record.getMessage() for record in caplog.records] == [
        'venue: 2 rows of a kind that this version does not know ("spin") are kept as unclassified',
        'venue: 1 rows of a kind that this version does not know ("wheel") are kept as unclassified',
    ]


async def test_the_newest_window_is_looked_at_without_moving_what_is_read(store: Store, clock: Hands) -> None:
    flows = [deposit("old", NOON - 40 * DAY)]
    shelf = Shelf(replace(IN, window=10 * DAY), flows)
    sync = syncing(store, clock, venue(clock, shelf, Shelf(FILLS, [bought("t", NOON + HOUR / 2)])))
    assert await sync.tail() is False, "what was never read is read in full first"
    await sync.run()
    heard: list[bool] = []
    sync.on_news.append(heard.append)
    clock.turn(hours=1)
    flows.append(deposit("new", NOON + HOUR / 2))
    assert await sync.tail(forced=True) is True
    assert (heard, sync.newest_border) == ([True], NOON + HOUR / 2)
    assert await stored(store) == {"old", "new"}
    assert stream(only(sync.view()), "in").until == NOON
    assert await sync.tail(forced=True) is False


async def test_one_account_is_looked_at_once_a_minute_at_most(store: Store, clock: Hands) -> None:
    source = venue(clock)
    sync = syncing(store, clock, source)
    await sync.run()
    await sync.tail()
    made = source.requests.made
    await sync.tail()
    assert source.requests.made == made


async def test_the_newest_window_of_a_venue_that_is_down_is_no_failure(store: Store, clock: Hands) -> None:
    source = venue(clock)
    sync = syncing(store, clock, source)
    await sync.run()
    source.requests.script = {n: refused(FailureKind.UNREACHABLE) for n in range(2, 99)}
    assert await sync.tail() is False
    assert only(sync.view()).state is SyncState.DONE


@pytest.mark.parametrize("error", [SourceError.of(FailureKind.UNREACHABLE), RuntimeError("session is closed")])
async def test_a_reading_that_outlives_the_database_ends_quietly(
    tmp_path: Path, clock: Hands, error: Exception
) -> None:
    async with open_store(tmp_path, clock=clock) as store:
        source = venue(clock)
        held, going = asyncio.Event(), asyncio.Event()

        async def fails_late(stream: Stream, span: Span, token: str = "") -> Batch:
            going.set()
            await held.wait()
            raise error

        source.past = fails_late  # type: ignore[method-assign]
        sync = syncing(store, clock, source, patience=replace(HASTE, call=5.0))
        waiting = asyncio.create_task(sync.run())
        await going.wait()
    held.set()
    assert only(await waiting).name == "Venue"
    assert not sync.running
