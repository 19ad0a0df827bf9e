"""Kraken's past: one movement is one record whichever list tells of it, and every word of the ledger has its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Trade
from portfolio_bot.platforms.ledger import Batch, CutShort, Hints, KeepsLedger, Price, Span
from portfolio_bot.platforms.venues.kraken_names import alternative, split_market
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, past, price, venue

LEDGERS = "POST /0/private/Ledgers"
DEPOSITS = "POST /0/private/DepositStatus"
WITHDRAWALS = "POST /0/private/WithdrawStatus"
TRADES = "POST /0/private/TradesHistory"


def ok(result: object) -> dict[str, object]:
    return {"error": [], "result": result}


def seconds(at: datetime = NOON) -> float:
    return at.timestamp()


def ledger(*entries: dict[str, Any]) -> dict[str, object]:
    return ok({"ledger": {f"L{number}": entry for number, entry in enumerate(entries)}, "count": len(entries)})


def entry(kind: str, amount: str, **fields: Any) -> dict[str, Any]:
    usual = {"refid": "R1", "time": seconds(), "type": kind, "subtype": "", "asset": "XXBT", "fee": "0"}
    return {**usual, "amount": amount, **fields}


def listed(**fields: Any) -> dict[str, Any]:
    usual = {"method": "Bitcoin", "asset": "XXBT", "refid": "R1", "txid": "hash", "amount": "2", "fee": "0"}
    return {**usual, "time": str(int(seconds())), "status": "Success", **fields}


async def read(served: Mapping[str, object], span: Span = AROUND_NOON) -> Batch:
    return await past("kraken", served, "ledger", span=span)


async def flow_of(*entries: dict[str, Any]) -> CashFlow:
    [found] = (await read({LEDGERS: ledger(*entries)})).records
    assert isinstance(found, CashFlow)
    return found


async def test_a_deposit_that_both_lists_tell_of_is_one_record_with_its_transaction() -> None:
    [found] = (await read({LEDGERS: ledger(entry("deposit", "2")), DEPOSITS: ok([listed()])})).records
    assert isinstance(found, CashFlow)
    assert (found.id, found.kind, found.amount, found.txid) == ("R1", FlowKind.DEPOSIT, Decimal(2), "hash")


RECORD = ("R1", Decimal(-2), Fee("BTC", Decimal("0.5")))


async def test_whichever_list_tells_of_it_the_record_has_the_same_id() -> None:
    by_ledger = (await read({LEDGERS: ledger(entry("withdrawal", "-2", fee="0.5"))})).records
    by_status = (await read({WITHDRAWALS: ok([listed(fee="0.5")])})).records
    [one], [other] = by_ledger, by_status
    assert isinstance(one, CashFlow)
    assert isinstance(other, CashFlow)
    assert (one.id, one.amount, one.fee) == (other.id, other.amount, other.fee) == RECORD


@pytest.mark.parametrize("status", ["Settled", "Pending", "Initial"])
async def test_a_deposit_that_is_not_credited_yet_is_none(status: str) -> None:
    assert await read({DEPOSITS: ok([listed(status=status)])}) == Batch()


async def test_a_deposit_on_hold_is_none_until_the_ledger_has_it() -> None:
    on_hold = {DEPOSITS: ok([listed(**{"status-prop": "on-hold"})])}
    assert await read({**on_hold}) == Batch()
    assert len((await read({**on_hold, LEDGERS: ledger(entry("deposit", "2"))})).records) == 1


@pytest.mark.parametrize(("status", "settled"), [("Pending", False), ("Initial", False), ("Success", True)])
async def test_a_withdrawal_under_way_has_left_the_balance(status: str, settled: bool) -> None:
    served = {LEDGERS: ledger(entry("withdrawal", "-2")), WITHDRAWALS: ok([listed(status=status)])}
    for found in ((await read(served)).records, (await read({WITHDRAWALS: served[WITHDRAWALS]})).records):
        [flow] = found
        assert isinstance(flow, CashFlow)
        assert flow.settled is settled


@pytest.mark.parametrize(
    "fields", [{"status": "Failure"}, {"status-prop": "canceled"}, {"status-prop": "return"}], ids=str
)
async def test_what_failed_or_came_back_never_happened(fields: dict[str, str]) -> None:
    served = {LEDGERS: ledger(entry("withdrawal", "-2")), WITHDRAWALS: ok([listed(**fields)])}
    assert await read(served) == Batch(void=("R1",))
    assert await read({WITHDRAWALS: served[WITHDRAWALS]}) == Batch(void=("R1",))


async def test_a_withdrawal_that_the_ledger_took_back_never_happened() -> None:
    there, back = entry("withdrawal", "-2", fee="0.1"), entry("withdrawal", "2", fee="-0.1", time=seconds() + 60)
    assert await read({LEDGERS: ledger(there, back)}) == Batch(void=("R1",))
    assert await read({LEDGERS: ledger(back)}) == Batch(void=("R1",))


async def test_a_movement_listed_before_the_span_is_left_to_the_span_it_lies_in() -> None:
    earlier = listed(time=str(int(seconds(AROUND_NOON.start - timedelta(days=1)))))
    assert await read({DEPOSITS: ok([earlier])}) == Batch()
    [found] = (await read({DEPOSITS: ok([earlier]), LEDGERS: ledger(entry("deposit", "2"))})).records
    assert isinstance(found, CashFlow)
    assert found.txid == "hash"
    assert found.at == NOON


async def test_many_recent_movements_are_read_by_their_cursor() -> None:
    many = [listed(refid=f"R{number}") for number in range(25)]
    served = {
        DEPOSITS: ok(many),
        f"{DEPOSITS}?cursor=true": ok({"deposit": many, "next_cursor": "more"}),
        f"{DEPOSITS}?cursor=more": ok({"deposit": [listed(refid="R25")], "next_cursor": None}),
    }
    assert len((await read(served)).records) == 26


async def test_a_key_that_may_not_see_movements_still_has_the_ledger() -> None:
    async with venue("kraken", {LEDGERS: ledger(entry("deposit", "2"))}) as peer:
        peer.fail(faults.instead(no_right("kraken")), DEPOSITS)
        peer.fail(faults.instead(no_right("kraken")), WITHDRAWALS)
        async with opened("kraken", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            streams = {stream.name: stream for stream in await made.streams(Hints())}
            assert len((await made.past(streams["ledger"], AROUND_NOON)).records) == 1
            peer.fail(faults.instead(no_right("kraken")), LEDGERS)
            with pytest.raises(SourceError) as caught:
                await made.past(streams["ledger"], AROUND_NOON)
    assert caught.value.failure.kind is FailureKind.MISSING_RIGHT


@pytest.mark.parametrize(
    ("made", "kind", "amount"),
    [
        (entry("staking", "0.01", asset="DOT.S"), FlowKind.INCOME, "0.01"),
        (entry("earn", "0.01", subtype="reward", asset="ETH.F"), FlowKind.INCOME, "0.01"),
        (entry("dividend", "3", asset="ZUSD"), FlowKind.INCOME, "3"),
        (entry("rollover", "0", fee="0.02", asset="ZUSD"), FlowKind.FEE, "-0.02"),
        (entry("margin", "-15", fee="0.1", asset="ZUSD"), FlowKind.FUTURES_PNL, "-15"),
        (entry("transfer", "-1", subtype="spottofutures"), FlowKind.TRANSFER, "-1"),
        (entry("transfer", "1", subtype="spotfromfutures"), FlowKind.TRANSFER, "1"),
        (entry("deposit", "1", subtype="spotfromfutures"), FlowKind.TRANSFER, "1"),
        (entry("spend", "-100", fee="1", asset="ZEUR"), FlowKind.CONVERSION, "-100"),
        (entry("receive", "0.002"), FlowKind.CONVERSION, "0.002"),
        (entry("settled", "-100", asset="ZUSD"), FlowKind.CONVERSION, "-100"),
        (entry("adjustment", "5"), FlowKind.UNCLASSIFIED, "5"),
        (entry("nft_trade", "-5"), FlowKind.UNCLASSIFIED, "-5"),
        (entry("earn", "-5", subtype="something new"), FlowKind.UNCLASSIFIED, "-5"),
        (entry("transfer", "7"), FlowKind.UNCLASSIFIED, "7"),
    ],
)
async def test_every_word_of_the_ledger_has_its_kind(made: dict[str, Any], kind: FlowKind, amount: str) -> None:
    found = await flow_of(made)
    assert (found.id, found.kind, found.amount) == ("L0", kind, Decimal(amount))
    assert found.detail.startswith(made["type"])
    linked = kind in {FlowKind.TRANSFER, FlowKind.CONVERSION}
    assert found.txid == ("R1" if linked else None)


async def test_the_fee_of_an_exchange_comes_on_top_and_that_of_a_position_with_its_fill() -> None:
    assert (await flow_of(entry("spend", "-100", fee="1", asset="ZEUR"))).fee == Fee("EUR", Decimal(1))
    assert (await flow_of(entry("margin", "-15", fee="0.1", asset="ZUSD"))).fee is None


@pytest.mark.parametrize(
    "made",
    [
        entry("trade", "-5", fee="1"),
        entry("margin", "0", fee="0.1"),
        entry("earn", "-1", subtype="allocation"),
        entry("earn", "1", subtype="autoallocation"),
        entry("transfer", "-1", subtype="spottostaking"),
        entry("deposit", "1", subtype="stakingfromspot"),
        entry("trade", "5", asset="KFEE"),
        entry("deposit", "5", asset="KFEE"),
    ],
)
async def test_what_is_told_elsewhere_or_stays_inside_is_no_flow(made: dict[str, Any]) -> None:
    assert await read({LEDGERS: ledger(made)}) == Batch()


def trade(**fields: Any) -> dict[str, Any]:
    usual = {"pair": "XXBTZEUR", "time": seconds(), "type": "sell", "price": "50000", "cost": "5000", "vol": "0.1"}
    return {**usual, "fee": "2", "margin": "0.0", **fields}


async def test_a_fill_on_margin_moves_no_coins() -> None:
    served = {TRADES: ok({"trades": {"T1": trade(), "T2": trade(margin="1000")}, "count": 2})}
    spot, margin = sorted((await past("kraken", served, "trades")).records, key=lambda found: found.id)
    assert isinstance(spot, Trade)
    assert (spot.base, spot.quote, spot.cost) == ("BTC", "EUR", Decimal(5000))
    assert isinstance(margin, ContractTrade)
    assert (margin.contract, margin.settle, margin.size, margin.detail) == ("XXBTZEUR", "EUR", Decimal("0.1"), "margin")
    assert spot.fees == margin.fees == (Fee("EUR", Decimal(2)),)


async def test_a_market_whose_name_does_not_tell_is_looked_up() -> None:
    pairs = {"ABCXYZ": {"altname": "ABCXYZ", "wsname": "ABC/XYZ", "base": "ABC", "quote": "XYZ"}}
    served = {TRADES: ok({"trades": {"T1": trade(pair="ABCXYZ")}, "count": 1}), "GET /0/public/AssetPairs": ok(pairs)}
    [found] = (await past("kraken", served, "trades")).records
    assert isinstance(found, Trade)
    assert (found.base, found.quote) == ("ABC", "XYZ")


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("XXBTZUSD", ("BTC", "USD")),
        ("XETHXXBT", ("ETH", "BTC")),
        ("XTZUSD", ("XTZ", "USD")),
        ("USDTZUSD", ("USDT", "USD")),
        ("XBTUSDT", ("BTC", "USDT")),
        ("XDGEUR", ("DOGE", "EUR")),
        ("ADA/USD", ("ADA", "USD")),
        ("USDCUSDT", ("USDC", "USDT")),
        ("ABCXYZ", None),
    ],
)
def test_a_market_is_two_assets(name: str, pair: tuple[str, str] | None) -> None:
    assert split_market(name) == pair


def test_markets_have_newer_names_of_assets() -> None:
    assert [alternative(name) for name in ("BTC", "DOGE", "ADA", "AVAX")] == ["XBT", "XDG", "ADA", "AVAX"]
    assert {alternative(name) for name in ("TSLA.T", "TSLAX.T")} == {"TSLAx"}


async def test_a_span_with_very_many_rows_is_asked_for_in_shorter_ones() -> None:
    with pytest.raises(CutShort):
        await read({LEDGERS: ok({"ledger": {"L0": entry("staking", "1")}, "count": 5000})})


async def test_fewer_rows_than_were_announced_are_refused() -> None:
    with pytest.raises(SourceError, match="1 of 60 rows"):
        await read({LEDGERS: ok({"ledger": {"L0": entry("staking", "1")}, "count": 60})})


async def test_few_calls_are_made() -> None:
    async with venue("kraken", {}) as peer, opened("kraken", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        for stream in await made.streams(Hints()):
            await made.past(stream, AROUND_NOON)
        assert len(peer.requests) == 4


async def test_a_price_is_that_of_the_next_trade_if_it_is_near() -> None:
    def traded(at: datetime) -> dict[str, object]:
        found = ok({"XXBTZUSD": [["60150.5", "0.1", seconds(at), "b", "m", "", 1]], "last": "1"})
        return {"GET /0/public/Trades?pair=XBTUSD&count=1": found}

    near = await price("kraken", traded(NOON + timedelta(minutes=5)), "BTC")
    assert near == Price(Decimal("60150.5"), "USD", NOON)


async def test_a_trade_of_another_time_is_no_price() -> None:
    async with venue("kraken", {}) as peer, opened("kraken", peer.url) as made:
        late = ok({"ADAUSD": [["1", "1", seconds(NOON + timedelta(days=3)), "b", "m", "", 1]], "last": "1"})
        peer.serve("GET /0/public/Trades", {"body": late})
        assert isinstance(made, KeepsLedger)
        assert await made.price_at("ADA", NOON) is None
        assert [seen.fields["pair"] for seen in peer.asked("/0/public/Trades")] == [
            "ADAUSD",
            "ADAEUR",
            "ADAUSDT",
            "ADAXBT",
            "ADAETH",
        ]


async def test_a_market_that_the_venue_does_not_know_is_passed_over() -> None:
    unknown = {"error": ["EQuery:Unknown asset pair"]}
    served = {
        "GET /0/public/Trades": unknown,
        "GET /0/public/Trades?pair=ABCEUR": ok({"ABCEUR": [["2", "1", seconds(), "b", "m", "", 1]], "last": "1"}),
    }
    assert await price("kraken", served, "ABC") == Price(Decimal(2), "EUR", NOON)
