"""Prices of a venue: the last trade, else the middle of a narrow spread; and only the pairs that are needed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.instrument import Pair
from portfolio_bot.platforms.tickers import TickerList, by_symbol, joined, needed, price_of


def listed(text: str, own: Mapping[Pair, Decimal] | None = None) -> TickerList:
    """`BTC-USDT 60000, ETH-BTC 0.04`."""
    rows = [dict(zip(("id", "last"), row.split(), strict=True)) for row in text.split(",") if row.strip()]
    return TickerList(by_symbol(rows, "id"), joined("-"), "last", own=own or {})


def pairs(text: str, *assets: str) -> set[str]:
    return {"-".join(pair) for pair in needed(assets, listed(text))}


@pytest.mark.parametrize(
    ("last", "bid", "ask", "price"),
    [
        ("60000", "1", "2", "60000"),
        ("0", "99", "101", "100"),
        ("", "99", "101", "100"),
        (None, "99", "101", "100"),
        (None, "97.5", "102.5", None),
        (None, "101", "99", None),
        (None, "0", "101", None),
        ("", "", "", None),
        (None, None, None, None),
    ],
)
def test_a_price_is_the_last_trade_or_the_middle_of_a_narrow_spread(
    last: str | None, bid: str | None, ask: str | None, price: str | None
) -> None:
    assert price_of(last, bid, ask) == (None if price is None else Decimal(price))


@pytest.mark.parametrize("last", ["much", "1e400", True, "-"])
def test_a_price_that_is_no_number_is_a_bad_answer(last: object) -> None:
    with pytest.raises(SourceError, match="a price is not a number"):
        price_of(last)


def test_only_the_first_open_road_is_taken() -> None:
    market = "BTC-USD 60000, BTC-USDT 60030, BTC-USDC 60020, ETH-USD 2400"
    assert pairs(market, "BTC") == {"BTC-USD"}


def test_a_road_through_a_bridge_brings_the_bridges_own_road() -> None:
    assert pairs("DOGE-BTC 0.000001, BTC-USD 60000, ETH-USD 2400", "DOGE") == {"DOGE-BTC", "BTC-USD"}


def test_a_bridge_that_leads_nowhere_is_not_taken() -> None:
    assert pairs("DOGE-BTC 0.000001, DOGE-ETH 0.0001, ETH-USD 2400", "DOGE") == {"DOGE-ETH", "ETH-USD"}


def test_a_price_of_zero_is_no_road() -> None:
    assert pairs("BTC-USD 0, BTC-USDC 60020", "BTC") == {"BTC-USDC"}


def test_what_has_no_market_has_no_pair() -> None:
    assert pairs("BTC-USD 60000", "AIRDROP") == set()


def test_a_currency_is_priced_by_exchange_rates() -> None:
    assert pairs("EUR-USD 1.08, USDT-EUR 0.92", "EUR", "USD") == set()


def test_the_venues_own_dollar_price_of_a_crypto_dollar_is_enough() -> None:
    assert pairs("BTC-USDT 60000, USDT-USD 0.9996, USDC-USDT 1.0006", "BTC") == {"BTC-USDT", "USDT-USD"}


def test_without_one_the_other_crypto_dollar_goes_along() -> None:
    found = needed({"BTC"}, listed("BTC-USDT 60000, USDC-USDT 1.0004", {("USDC", "USD"): Decimal("0.9998998")}))
    assert set(found) == {("BTC", "USDT"), ("USDC", "USDT"), ("USDC", "USD")}


def test_rows_that_nobody_needs_are_never_parsed() -> None:
    assert pairs("BTC-USD 60000, JUNK-USD whatever", "BTC") == {"BTC-USD"}
