"""Flows and trades come back as they went in; reading a record again changes nothing that was found out about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Origin, Side, Trade, Worth, WorthSource
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger import Counts, Progress, Record, Span, Stored
from portfolio_bot.storage.store import Store
from tests.storage.builders import NOON

HOUR = timedelta(hours=1)
HUNDRED = Worth(Decimal(100), WorthSource.VENUE_HISTORY, NOON - HOUR)


def deposit(id_: str = "d1", *, at: datetime | date = NOON, amount: str = "1.50", **more: Any) -> CashFlow:
    kind = more.pop("kind", FlowKind.DEPOSIT)
    return CashFlow(id_, more.pop("account", "bybit"), kind, at, more.pop("asset", "BTC"), Decimal(amount), **more)


def bought(id_: str = "t1", *, at: datetime = NOON, **more: Any) -> Trade:
    trade = Trade(id_, "bybit", at, Side.BUY, "BTC", "USDT", Decimal("0.1"), Decimal("9000.10"))
    return trade._replace(**more)


def contract(id_: str = "c1", *, at: datetime = NOON, **more: Any) -> ContractTrade:
    return ContractTrade(id_, "bybit", at, Side.SELL, "BTC-PERP", "USDT", Decimal(3))._replace(**more)


def read_to(until: datetime = NOON, stream: str = "all", **more: Any) -> Progress:
    return Progress("bybit", stream, "everything", NOON - 9 * HOUR, until, **more)


async def put(
    store: Store, *records: Record, stream: str = "all", void: Sequence[str] = (), replaced: Span | None = None
) -> Stored:
    return await store.write(lambda tx: ledger.store(tx, "bybit", stream, records, void=void, replaced=replaced))


async def everything(store: Store) -> list[Record]:
    async with store.read() as tx:
        return [*await ledger.flows(tx), *await ledger.trades(tx)]


RICH: list[Record] = [
    deposit(
        usd=HUNDRED,
        fee=Fee("ETH", Decimal("0.00100"), Worth(Decimal("3.1"), WorthSource.FX)),
        txid="0xab",
        detail="onchain",
        note="from Ann",
        origin=Origin.IMPORTED,
        cost=Decimal("12.30"),
    ),
    deposit("w1", kind=FlowKind.WITHDRAWAL, amount="-7E-8", settled=False, fee=Fee("BTC", Decimal("-0.1"))),
    deposit("m1", kind=FlowKind.TRANSFER, amount="-3", wallets="spot → funding"),
    deposit("day", at=date(2026, 11, 18), kind=FlowKind.UNCLASSIFIED, amount="-3", detail="odd word"),
    bought(usd=HUNDRED, market=Market.MARGIN, price=Decimal("90001.0"), fees=(Fee("BNB", Decimal("0.2"), HUNDRED),)),
    bought("t2", fees=(Fee("BTC", Decimal("0.0001")), Fee("BNB", Decimal(1)))),
    contract(price=Decimal(5), realised=Decimal("-1.10"), detail="liquidation", fees=(Fee("USDT", Decimal("0.3")),)),
]


async def test_records_come_back_with_every_digit_and_word(store: Store) -> None:
    assert await put(store, *RICH) == Stored(new=len(RICH), border=True)
    found = {record.id: record for record in await everything(store)}
    assert found == {record.id: record for record in RICH}
    assert [str(found[id_].amount) for id_ in ("d1", "w1")] == ["1.50", "-7E-8"]  # type: ignore[union-attr]


async def test_reading_a_record_again_changes_nothing(store: Store) -> None:
    await put(store, *RICH)
    assert await put(store, *reversed(RICH), RICH[0]) == Stored()


async def test_what_a_record_was_found_to_be_worth_stays_when_it_is_read_again(store: Store) -> None:
    plain: list[Record] = [deposit(fee=Fee("ETH", Decimal(1))), bought(fees=(Fee("BNB", Decimal(2)),))]
    await put(store, *plain)
    worth: list[Record] = [
        deposit(usd=HUNDRED, fee=Fee("ETH", Decimal(1), HUNDRED)),
        bought(usd=HUNDRED, fees=(Fee("BNB", Decimal(2), HUNDRED),)),
    ]
    await store.write(lambda tx: ledger.put_worth(tx, worth, tried_at=NOON))
    assert await put(store, *plain) == Stored()
    assert await everything(store) == worth


async def test_a_withdrawal_that_is_finished_keeps_its_value_and_another_amount_loses_it(store: Store) -> None:
    sent = deposit("w", kind=FlowKind.WITHDRAWAL, amount="-1", settled=False)
    minus = Worth(Decimal(-100), WorthSource.VENUE_HISTORY)
    await put(store, replace(sent, usd=minus, note="rent", cost=Decimal(5)))
    assert await put(store, replace(sent, settled=True, txid="0x1")) == Stored(changed=1, border=True)
    kept = replace(sent, settled=True, txid="0x1", usd=minus, note="rent", cost=Decimal(5))
    assert await everything(store) == [kept]
    await put(store, replace(sent, settled=True, amount=Decimal("-0.9")))
    assert await everything(store) == [replace(kept, txid=None, amount=Decimal("-0.9"), usd=sent.usd)]


async def test_a_flow_that_never_happened_goes_unless_the_same_answer_has_it(store: Store) -> None:
    await put(store, deposit("a"), deposit("b"), bought("a"))
    assert await put(store, deposit("b"), void=["a", "b", "unknown"]) == Stored(changed=1, border=True)
    assert await everything(store) == [deposit("b"), bought("a")]


async def test_only_deposits_and_withdrawals_cross_the_border(store: Store) -> None:
    kinds = set(FlowKind) - ledger.BORDER - {FlowKind.FEE}
    inside = [deposit(kind.value, kind=kind) for kind in kinds]
    assert (await put(store, *inside, bought(), contract())).border is False


async def test_old_records_under_new_ids_are_the_same_records(store: Store) -> None:
    twins = [deposit("1", usd=HUNDRED, note="mine"), deposit("2", usd=HUNDRED), deposit("3", at=NOON + HOUR)]
    await put(store, *twins, bought("5", usd=HUNDRED), stream="b")
    await put(store, deposit("other stream", at=NOON), stream="a")
    await store.write(lambda tx: ledger.put_verdict(tx, "joined", ("okx", "w"), ("bybit", "1"), at=NOON, by="chat"))
    span = (NOON, NOON + HOUR)
    again: list[Record] = [deposit("91"), deposit("92"), bought("95"), deposit("94", amount="4")]
    assert await put(store, *again, stream="b", replaced=span) == Stored(new=1, border=True)
    found = {record.id: record for record in await everything(store)}
    assert found["91"] == replace(twins[0], id="91")
    assert found["95"] == bought("95", usd=HUNDRED)
    assert set(found) == {"91", "92", "3", "94", "95", "other stream"}
    async with store.read() as tx:
        assert (await ledger.verdicts(tx)).joined == {(("okx", "w"), ("bybit", "91"))}


async def test_what_a_newer_answer_of_the_same_span_lacks_goes(store: Store) -> None:
    await put(store, deposit("1"), deposit("2", at=NOON + HOUR), bought("3"))
    assert await put(store, replaced=(NOON, NOON + HOUR)) == Stored(changed=2, border=True)
    assert await everything(store) == [deposit("2", at=NOON + HOUR)]


async def test_lists_are_cut_by_time_account_kind_and_asset_newest_first(store: Store) -> None:
    await put(store, *(deposit(str(n), at=NOON + n * HOUR) for n in range(5)), deposit("eth", asset="ETH"))
    await put(store, *(bought(str(n), at=NOON + n * HOUR) for n in range(5)), contract("c", at=NOON))
    async with store.read() as tx:
        cut = await ledger.flows(tx, since=NOON + HOUR, until=NOON + 3 * HOUR)
        assert [flow.id for flow in cut] == ["2", "1"]
        assert [flow.id for flow in await ledger.flows(tx, limit=1)] == ["4"]
        assert [flow.id for flow in await ledger.flows(tx, asset="ETH")] == ["eth"]
        assert await ledger.flows(tx, kinds={FlowKind.INCOME}) == []
        assert await ledger.flows(tx, account="okx") == []
        assert [trade.id for trade in await ledger.trades(tx, asset="BTC-PERP")] == ["c"]
        assert [trade.id for trade in await ledger.trades(tx, limit=2, until=NOON + 4 * HOUR)] == ["3", "2"]
        assert await ledger.trades(tx, account="okx") == []


async def test_records_without_a_value_are_told_the_never_tried_first(store: Store) -> None:
    old = deposit("old", at=NOON - HOUR)
    await put(store, old, deposit("new"), deposit("done", usd=HUNDRED), bought(usd=HUNDRED), bought("t2"), contract())
    async with store.read() as tx:
        assert await ledger.unpriced(tx, limit=9) == ([deposit("new"), old], [bought("t2")])
    await store.write(lambda tx: ledger.put_worth(tx, [deposit("new")], tried_at=NOON))
    async with store.read() as tx:
        assert (await ledger.unpriced(tx, limit=1))[0] == [old]
        assert (await ledger.unpriced(tx, limit=2))[0] == [old, deposit("new")]


@pytest.mark.parametrize(
    ("record", "lacking"),
    [
        (bought(usd=HUNDRED, fees=(Fee("USDT", Decimal(1)),)), 0),  # follows from the trade's own value
        (bought(usd=HUNDRED, fees=(Fee("BNB", Decimal(1)),)), 1),
        (contract(fees=(Fee("USDT", Decimal(1)),)), 1),
        (contract(fees=(Fee("USDT", Decimal(1), HUNDRED),)), 0),
        (deposit(usd=HUNDRED, fee=Fee("ETH", Decimal(1))), 1),
        (deposit(), 1),
    ],
)
async def test_a_record_lacks_a_value_if_any_part_of_it_does(store: Store, record: Record, lacking: int) -> None:
    await put(store, record)
    async with store.read() as tx:
        assert (await ledger.counts(tx))["bybit"].unpriced == lacking


async def test_a_value_for_a_record_that_is_gone_brings_nothing_back(store: Store) -> None:
    await store.write(lambda tx: ledger.put_worth(tx, [deposit(usd=HUNDRED), bought(usd=HUNDRED)]))
    assert await everything(store) == []


async def test_counts_and_assets_of_an_account(store: Store) -> None:
    await put(store, *RICH)
    async with store.read() as tx:
        assert await ledger.counts(tx) == {"bybit": Counts(flows=4, trades=3, unclassified=1, unpriced=5)}
        assert await ledger.assets_of(tx, "bybit") == {"BTC", "USDT"}
        assert await ledger.assets_of(tx, "okx") == frozenset()


async def test_the_oldest_unfinished_withdrawal_of_a_stream_is_known(store: Store) -> None:
    late = deposit("w", kind=FlowKind.WITHDRAWAL, amount="-1", at=NOON - HOUR, settled=False)
    await put(store, late, replace(late, id="w2", at=NOON), deposit(at=NOON - 2 * HOUR), stream="out")
    async with store.read() as tx:
        assert await ledger.unsettled_since(tx, "bybit", "out") == NOON - HOUR
        assert await ledger.unsettled_since(tx, "bybit", "in") is None


async def test_progress_comes_back_whole(store: Store) -> None:
    failed = read_to(
        token="17",
        keeps=timedelta(days=730),
        failure=Failure(FailureKind.RATE_LIMITED, "code 5", NOON + HOUR, final=True),
        tried_at=NOON,
        part=((NOON - HOUR, NOON), "page 2"),
        gaps=((NOON - 5 * HOUR, NOON - 4 * HOUR),),
        holes=((NOON - 3 * HOUR, NOON - 2 * HOUR), (NOON - HOUR, NOON)),
    )
    plain = read_to(stream="b")
    for one in (plain, read_to(until=NOON - HOUR, stream="a"), replace(failed, stream="a")):
        await store.write(lambda tx, one=one: ledger.put_progress(tx, one))  # type: ignore[misc]
    async with store.read() as tx:
        assert await ledger.progress(tx) == {"bybit": (replace(failed, stream="a"), plain)}
        assert await ledger.progress(tx, "okx") == {}


async def test_records_and_progress_land_together_and_a_forgotten_stream_keeps_its_records(store: Store) -> None:
    one = read_to()
    await store.write(lambda tx: ledger.store(tx, "bybit", "all", [deposit()], progress=one))
    async with store.read() as tx:
        assert await ledger.progress(tx) == {"bybit": (one,)}
    await store.write(lambda tx: ledger.forget_progress(tx, "bybit", ["all"]))
    async with store.read() as tx:
        assert await ledger.progress(tx) == {}
        assert await ledger.flows(tx) == [deposit()]
