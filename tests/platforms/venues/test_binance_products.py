"""The past of Binance's rarer products: what staking exchanges, what options pay, which fills were liquidations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.trade import ContractTrade, Fee, Side
from portfolio_bot.platforms.ledger import Hints, KeepsLedger
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, changes, millis, past, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

STAKES = "GET /sapi/v1/eth-staking/eth/history/stakingHistory"
REDEMPTIONS = "GET /sapi/v1/eth-staking/eth/history/redemptionHistory"
SOL_STAKES = "GET /sapi/v1/sol-staking/sol/history/stakingHistory"
WRAPS = "GET /sapi/v1/eth-staking/wbeth/history/wrapHistory"
BILLS = "GET /eapi/v1/bill"
OPTION_FILLS = "GET /eapi/v1/userTrades"
INCOME = "GET /fapi/v1/income"
FILLS = "GET /fapi/v1/userTrades"
FORCED = "GET /fapi/v1/forceOrders"


def listed(*rows: object) -> dict[str, object]:
    return {"rows": list(rows), "total": len(rows)}


def stake(asset: str, given: str, coin: str, got: str, **fields: object) -> dict[str, object]:
    usual = {"asset": asset, "amount": given, "distributeAsset": coin, "distributeAmount": got, "status": "SUCCESS"}
    return {"time": int(millis()), **usual, **fields}


async def test_staking_exchanges_a_coin_for_the_one_that_stands_for_it() -> None:
    served = {STAKES: listed(stake("ETH", "2", "WBETH", "1.9")), SOL_STAKES: listed(stake("SOL", "4", "BNSOL", "3.9"))}
    batch = await past("binance", served, "staking", assets={"WBETH"})
    assert changes(batch) == [
        ("conversion", "BNSOL", Decimal("3.9")),
        ("conversion", "ETH", -2),
        ("conversion", "SOL", -4),
        ("conversion", "WBETH", Decimal("1.9")),
    ]
    assert len({row.txid for row in batch.records if isinstance(row, CashFlow)}) == 2


async def test_what_is_redeemed_comes_when_it_arrives_and_not_before() -> None:
    arrives = NOON + timedelta(days=9)
    done = stake("WBETH", "1", "ETH", "1.05", arrivalTime=int(millis(arrives)))
    pending = stake("WBETH", "3", "ETH", "3.15", status="PENDING")
    batch = await past("binance", {REDEMPTIONS: listed(done, pending)}, "staking", assets={"WBETH"})
    times = {row.asset: row.at for row in batch.records if isinstance(row, CashFlow)}
    assert times == {"WBETH": NOON, "ETH": arrives}


async def test_wrapping_is_an_exchange_too() -> None:
    row = {"time": int(millis()), "fromAsset": "BETH", "fromAmount": "2", "toAsset": "WBETH", "toAmount": "1.9"}
    batch = await past("binance", {WRAPS: listed({**row, "status": "SUCCESS"})}, "staking", assets={"BETH"})
    assert changes(batch) == [("conversion", "BETH", -2), ("conversion", "WBETH", Decimal("1.9"))]


async def test_an_account_without_staked_coins_is_not_asked_for_staking() -> None:
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        assert "staking" not in {stream.name for stream in await made.streams(Hints(frozenset({"ETH"})))}


async def test_options_pay_premiums_and_their_fees_come_with_the_fills() -> None:
    usual = {"asset": "USDT", "createDate": int(millis()), "id": 1125899906842624000}
    bills = [
        {**usual, "amount": "-100", "type": "CONTRACT"},
        {**usual, "amount": "-0.5", "type": "FEE"},
        {**usual, "amount": "10000", "type": "TRANSFER"},
        {**usual, "amount": "3", "type": "A_WORD_OF_TOMORROW"},
    ]
    fill = {"id": 7, "symbol": "BTC-260327-90000-C", "price": "100", "quantity": "1", "fee": "-0.5", "side": "BUY"}
    served = {BILLS: bills, OPTION_FILLS: [{**fill, "quoteAsset": "USDT", "time": int(millis())}]}
    batch = await past("binance", served, "options")
    assert changes(batch) == [("futures_pnl", "USDT", -100), ("unclassified", "USDT", 3)]
    [trade] = [row for row in batch.records if isinstance(row, ContractTrade)]
    assert (trade.side, trade.size, trade.fees) == (Side.BUY, Decimal(1), (Fee("USDT", Decimal("0.5")),))


async def test_a_fill_by_which_binance_closed_a_position_says_so() -> None:
    row = {"symbol": "BTCUSDT", "incomeType": "INSURANCE_CLEAR", "income": "-1", "asset": "USDT", "tranId": 1}
    fill = {"symbol": "BTCUSDT", "price": "1", "qty": "1", "commission": "0", "side": "SELL", "time": int(millis())}
    served = {
        INCOME: [{**row, "time": int(millis())}],
        FILLS: [{**fill, "id": 1, "orderId": 11}, {**fill, "id": 2, "orderId": 22}],
        FORCED: [{"orderId": 22, "symbol": "BTCUSDT"}],
    }
    batch = await past("binance", served, "um")
    details = {row.id: row.detail for row in batch.records if isinstance(row, ContractTrade)}
    assert details == {"BTCUSDT:1": "", "BTCUSDT:2": "liquidation"}


async def test_liquidations_are_not_looked_for_where_there_was_none() -> None:
    row = {"symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "income": "-1", "asset": "USDT", "tranId": 1}
    async with (
        venue("binance", {INCOME: [{**row, "time": int(millis())}]}) as peer,
        opened("binance", peer.url) as made,
    ):
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        assert len((await made.past(streams["um"], AROUND_NOON)).records) == 1
        assert not peer.asked("/fapi/v1/forceOrders")
