"""Worth: one value for a trade, taken from what was paid, and kept once it is known."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.worth import priced_flow, priced_trade
from portfolio_bot.model.trade import NOT_PRICED, Worth, WorthSource
from tests.analytics.lot_builders import day, flow, trade, usd


def prices(asset: str, at: datetime) -> Worth | None:
    known = {"BTC": "30000", "ETH": "1501", "USDT": "0.9995"}
    return Worth(Decimal(known[asset]), WorthSource.PRICE_LIST, at) if asset in known else None


def test_the_side_that_was_paid_prices_the_trade() -> None:
    priced = priced_trade(trade("buy", "10 ETH", "0.5 BTC", 1, worth=None), prices)
    assert priced.usd == Worth(Decimal(15000), WorthSource.PRICE_LIST, day(1))


def test_the_other_side_prices_it_where_that_has_no_price() -> None:
    priced = priced_trade(trade("sell", "2 ETH", "7 ABC", 1, worth=None), prices)
    assert priced.usd == Worth(Decimal(3002), WorthSource.PRICE_LIST, day(1))
    assert priced_trade(trade("sell", "2 XYZ", "7 ABC", 1, worth=None), prices).usd == NOT_PRICED


def test_only_a_fee_in_a_third_coin_needs_a_price_of_its_own() -> None:
    third = priced_trade(trade("buy", "1 ETH", "1500 USDT", 1, fee="0.001 BTC"), prices).fees[0]
    assert third.usd == Worth(Decimal(30), WorthSource.PRICE_LIST, day(1))
    assert priced_trade(trade("buy", "1 ETH", "1500 USDT", 1, fee="0.001 ETH"), prices).fees[0].usd == NOT_PRICED


def test_a_value_that_is_known_stays() -> None:
    assert priced_trade(trade("buy", "1 ETH", "1500 USDT", 1), prices).usd == usd("1500")
    stated = flow("deposit", "1 ETH", 1, "9")
    assert priced_flow(stated, prices, at=day(1)) == stated


def test_a_flow_and_its_fee_have_the_sign_of_their_amounts() -> None:
    priced = priced_flow(flow("withdrawal", "-2 ETH", 1, fee="0.1 BTC"), prices, at=day(1))
    assert priced.usd == Worth(Decimal(-3002), WorthSource.PRICE_LIST, day(1))
    assert priced.fee is not None
    assert priced.fee.usd == Worth(Decimal(3000), WorthSource.PRICE_LIST, day(1))
