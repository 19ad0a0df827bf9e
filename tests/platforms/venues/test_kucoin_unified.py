"""The past of KuCoin's unified account: its words, its fills, and that it takes the place of the trading accounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.ledger import CutShort, Hints, KeepsLedger
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import NOON, millis, past, venue

MODE = "GET /api/ua/v1/account/mode"
LEDGER = "GET /api/ua/v1/account/ledger"
FILLS = "GET /api/ua/v1/unified/order/execution"
NANOS = int(millis()) * 1_000_000


def good(data: object) -> dict[str, object]:
    return {"code": "200000", "data": data}


UNIFIED = {MODE: good({"selfAccountMode": "UNIFIED"}), LEDGER: good({"items": []}), FILLS: good({"items": []})}


def entry(word: str, direction: str, **fields: object) -> dict[str, object]:
    usual = {"id": "7", "currency": "USDT", "direction": direction, "businessType": word, "amount": "30", "fee": "0"}
    return {**usual, "remark": "", "ts": NANOS, **fields}


@pytest.mark.parametrize(
    ("word", "direction", "kind"),
    [
        ("FUNDING_FEE", "OUT", FlowKind.FUNDING),
        ("FUTURES_EXCHANGE_CLOSE", "IN", FlowKind.FUTURES_PNL),
        ("LIABILITY_INTEREST", "OUT", FlowKind.FEE),
        ("FUTURES_EXCHANGE_REBATE", "IN", FlowKind.INCOME),
        ("AUTO_EXCHANGE_USER", "OUT", FlowKind.CONVERSION),
        ("SOMETHING_NEW", "IN", FlowKind.UNCLASSIFIED),
    ],
)
async def test_every_word_has_its_kind(word: str, direction: str, kind: FlowKind) -> None:
    [found] = (await past("kucoin", {**UNIFIED, LEDGER: good({"items": [entry(word, direction)]})}, "unified")).records
    assert isinstance(found, CashFlow)
    assert (found.id, found.kind, found.at, found.detail) == ("unified:7", kind, NOON, word)
    assert found.amount == (30 if direction == "IN" else -30)


async def test_a_move_names_the_wallet_that_the_venue_names() -> None:
    moved = entry("TRANSFER", "IN", remark="Funding Account")
    [found] = (await past("kucoin", {**UNIFIED, LEDGER: good({"items": [moved]})}, "unified")).records
    assert isinstance(found, CashFlow)
    assert (found.kind, found.wallets) == (FlowKind.TRANSFER, "Funding Account → unified")


@pytest.mark.parametrize("word", ["SPOT_EXCHANGE", "FUTURES_EXCHANGE_OPEN"])
async def test_what_fills_tell_is_left_out(word: str) -> None:
    served = {**UNIFIED, LEDGER: good({"items": [entry(word, "OUT")]})}
    assert (await past("kucoin", served, "unified")).records == ()


def fill(symbol: str, **fields: object) -> dict[str, object]:
    usual = {"symbol": symbol, "side": "SELL", "tradeId": "9", "size": "2", "price": "10", "value": "20", "fee": "0.1"}
    return {**usual, "feeCurrency": "USDT", "tax": "", "fillType": "NORMAL", "executionTime": NANOS, **fields}


async def test_fills_of_contracts_and_of_the_markets_of_known_coins_are_read() -> None:
    served = {
        **UNIFIED,
        f"{FILLS}?tradeType=FUTURES": good({"items": [fill("DOGEUSDTM", fillType="LIQUIDATION")], "lastId": 1}),
        f"{FILLS}?tradeType=SPOT&symbol=KCS-USDT": good({"items": [fill("KCS-USDT")], "lastId": 1}),
    }
    contract, spot = (await past("kucoin", served, "unified-trades", assets=["KCS"])).records
    assert isinstance(contract, ContractTrade)
    assert (contract.id, contract.settle, contract.detail) == ("DOGEUSDTM:9", "USDT", "liquidation")
    assert isinstance(spot, Trade)
    assert (spot.id, spot.side, spot.cost) == ("KCS-USDT:9:sell", Side.SELL, Decimal(20))
    assert spot.fees == contract.fees == (Fee("USDT", Decimal("0.1")),)


async def test_it_takes_the_place_of_the_trading_accounts() -> None:
    async with venue("kucoin", UNIFIED) as peer, opened("kucoin", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        names = {stream.name for stream in await made.streams(Hints())}
    assert {"unified", "unified-trades"} < names
    assert names.isdisjoint({"trading", "margin"})


async def test_pages_go_on_behind_the_id_that_the_venue_names() -> None:
    full = [entry("FUNDING_FEE", "OUT", id=str(number)) for number in range(200)]
    served = {**UNIFIED, LEDGER: good({"items": full, "lastId": 5})}
    further = {f"{LEDGER}?lastId=5": good({"items": [entry("FUNDING_FEE", "OUT", id="200")], "lastId": 6})}
    assert len((await past("kucoin", {**served, **further}, "unified")).records) == 201
    with pytest.raises(SourceError, match="twice"):
        await past("kucoin", {**served, f"{LEDGER}?lastId=5": good({"items": full, "lastId": 5})}, "unified")
    with pytest.raises(CutShort):
        await past("kucoin", {**UNIFIED, LEDGER: good({"items": full})}, "unified")
