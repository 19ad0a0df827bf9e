"""Kraken Futures' past: what of a trade's entry is the result, where the fee comes from, what is no money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Side
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Price, Span
from tests.peers.faults import Reply, Seen
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, price, venue

LOG = "GET /api/history/v3/account-log"
FILLS = "GET /derivatives/api/v3/fills"


def iso(at: datetime = NOON) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entry(info: str, old: str, new: str, **fields: Any) -> dict[str, Any]:
    usual = {"id": 5, "date": iso(), "asset": "usd", "booking_uid": "booking", "margin_account": "flex", "info": info}
    return {**usual, "old_balance": Decimal(old).__float__(), "new_balance": Decimal(new).__float__(), **fields}


def fill(**fields: Any) -> dict[str, Any]:
    usual = {"fill_id": "f1", "symbol": "pf_xbtusd", "side": "buy", "fillTime": iso(), "size": 1, "price": 50000.5}
    return {**usual, "fillType": "maker", **fields}


async def flows(*entries: dict[str, Any]) -> list[CashFlow]:
    found = (await past("krakenfutures", {LOG: {"accountUid": "x", "logs": list(entries)}}, "log")).records
    assert all(isinstance(record, CashFlow) for record in found)
    return list(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "kind", "moved"),
    [
        (entry("cross-exchange transfer", "0", "1000"), FlowKind.TRANSFER, "1000"),
        (entry("subaccount transfer", "1000", "900"), FlowKind.TRANSFER, "-100"),
        (entry("funding rate change", "10", "9.5", realized_funding=-0.5), FlowKind.FUNDING, "-0.5"),
        (entry("interest payment", "10", "9.75"), FlowKind.FEE, "-0.25"),
        (entry("tax refund", "10", "11"), FlowKind.INCOME, "1"),
        (entry("conversion", "10", "8"), FlowKind.CONVERSION, "-2"),
        (entry("futures liquidation", "10", "4", realized_pnl=-6, fee=0), FlowKind.FUTURES_PNL, "-6"),
        (entry("admin transfer", "10", "12"), FlowKind.UNCLASSIFIED, "2"),
    ],
)
async def test_every_entry_has_its_kind(made: dict[str, Any], kind: FlowKind, moved: str) -> None:
    [found] = await flows(made)
    assert (found.id, found.kind, found.asset, found.amount) == ("5", kind, "USD", Decimal(moved))
    assert found.detail == made["info"]
    assert found.txid == ("booking" if kind is FlowKind.CONVERSION else None)


@pytest.mark.parametrize("fee", [0.25, -0.25])
async def test_of_a_trade_the_result_and_the_funding_are_flows_and_the_fee_comes_with_the_fill(fee: float) -> None:
    """The change is 9.25: result 10, funding -0.5, fee 0.25, which some entries print with a minus."""
    made = entry("futures trade", "100", "109.25", realized_pnl=10, realized_funding=-0.5, fee=fee)
    result, funding = await flows(made)
    assert (result.id, result.kind, result.amount) == ("5", FlowKind.FUTURES_PNL, Decimal(10))
    assert (funding.id, funding.kind, funding.amount) == ("5:funding", FlowKind.FUNDING, Decimal("-0.5"))


async def test_a_result_that_is_not_printed_is_what_the_fee_leaves() -> None:
    [found] = await flows(entry("futures trade", "100", "107", realized_pnl=None, fee=0.5))
    assert found.amount == Decimal("7.5")


async def test_an_opening_trade_pays_only_its_fee() -> None:
    assert await flows(entry("futures trade", "1000", "999.976288", realized_pnl=None, fee=-0.023712)) == []


@pytest.mark.parametrize(
    "made",
    [
        entry("futures trade", "0", "5000", asset="pi_xbtusd"),
        entry("futures trade", "0", "0"),
        entry("transfer", "0", "10"),
        entry("kfee applied", "0", "10"),
    ],
)
async def test_positions_credits_and_moves_inside_are_no_money(made: dict[str, Any]) -> None:
    assert await flows(made) == []


async def test_a_contract_is_settled_in_what_its_name_says() -> None:
    symbols = {"pi_xbtusd": "BTC", "FI_ETHUSD_240628": "ETH", "PF_SOLUSD": "USD", "PV_XRPXBT": "BTC"}
    made = [fill(fill_id=name, symbol=name, fee_paid=1) for name in symbols]
    found = (await past("krakenfutures", {FILLS: {"result": "success", "fills": made}}, "fills")).records
    assert all(isinstance(record, ContractTrade) for record in found)
    assert {record.id: record.settle for record in found if isinstance(record, ContractTrade)} == symbols


async def test_a_contract_of_an_unknown_kind_is_refused() -> None:
    served = {FILLS: {"result": "success", "fills": [fill(symbol="QQ_XBTUSD", fee_paid=1)]}}
    with pytest.raises(SourceError, match="QQ_XBTUSD"):
        await past("krakenfutures", served, "fills")


async def test_a_fill_that_prints_no_fee_has_it_from_the_log() -> None:
    paid = entry("futures trade", "10", "9", execution="f1", fee=1)
    position = entry("futures trade", "0", "1", execution="f1", asset="pf_xbtusd", fee=None)
    served = {FILLS: {"result": "success", "fills": [fill()]}, LOG: {"accountUid": "x", "logs": [paid, position]}}
    [found] = (await past("krakenfutures", served, "fills")).records
    assert isinstance(found, ContractTrade)
    assert (found.side, found.fees) == (Side.BUY, (Fee("USD", Decimal(1)),))


async def test_a_liquidation_says_so() -> None:
    served = {FILLS: {"result": "success", "fills": [fill(fillType="liquidation", fee_paid=0)]}}
    [found] = (await past("krakenfutures", served, "fills")).records
    assert isinstance(found, ContractTrade)
    assert found.detail == "liquidation"


async def test_the_newest_fills_are_asked_for_without_a_time() -> None:
    now = datetime.now(UTC)
    served = {FILLS: {"result": "success", "fills": [fill(fee_paid=1, fillTime=iso(now))]}}
    async with venue("krakenfutures", served) as peer, opened("krakenfutures", peer.url) as source:
        assert isinstance(source, KeepsLedger)
        streams = {stream.name: stream for stream in await source.streams(Hints())}
        await source.past(streams["fills"], Span(now - timedelta(days=9), now))
        [asked] = peer.asked(FILLS.split()[1])
    assert "lastFillTime" not in asked.fields


async def test_fills_are_read_back_to_the_start_of_the_span_and_not_beyond_it() -> None:
    made = [fill(fill_id=f"f{n}", fee_paid=1, fillTime=iso(NOON - timedelta(minutes=2 * n))) for n in range(350)]

    def before(seen: Seen) -> Reply:
        until = seen.fields["lastFillTime"]
        return Reply.of({"result": "success", "fills": [row for row in made if row["fillTime"] < until][:100]})

    async with venue("krakenfutures", {}) as peer, opened("krakenfutures", peer.url) as source:
        peer.answer = before
        assert isinstance(source, KeepsLedger)
        streams = {stream.name: stream for stream in await source.streams(Hints())}
        found = (await source.past(streams["fills"], AROUND_NOON)).records
        assert len(peer.requests) == 2
    assert {record.id for record in found} == {f"f{n}" for n in range(181)}


async def test_a_page_of_one_moment_that_comes_again_is_refused() -> None:
    same = [fill(fill_id=f"f{n}", fee_paid=1) for n in range(100)]
    with pytest.raises(SourceError, match="twice"):
        await past("krakenfutures", {FILLS: {"result": "success", "fills": same}}, "fills")


async def test_a_price_is_the_index_of_the_minute_else_of_the_hour() -> None:
    def candles(close: str) -> dict[str, object]:
        return {"candles": [{"time": int(millis()), "open": "1", "high": "1", "low": "1", "close": close}]}

    chart = "GET /api/charts/v1/spot/PF_XBTUSD"
    minute = await price("krakenfutures", {f"{chart}/1m": candles("60000")}, "BTC")
    hour = await price("krakenfutures", {f"{chart}/1m": {"candles": []}, f"{chart}/1h": candles("60001")}, "BTC")
    assert minute == Price(Decimal(60000), "USD", NOON)
    assert hour == Price(Decimal(60001), "USD", NOON)
