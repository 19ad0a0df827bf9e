"""Crypto dollars: looked up, pinned to the statement, never assumed in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.analytics.pricing import needs_dollars, pin_dollars, price_in_usd, significant
from portfolio_bot.model.instrument import PriceSource, Quote
from portfolio_bot.model.statement import StatedTotal, WarningKind
from tests.builders import NOON, statement

REFERENCE = {
    "USDT": Quote("USDT", Decimal("0.9995"), PriceSource.VENUE_TICKER, NOON),
    "USDC": Quote("USDC", Decimal("0.9998"), PriceSource.VENUE_TICKER, NOON),
}
PAR = {coin: Quote(coin, Decimal(1), PriceSource.ASSUMED_PAR, NOON) for coin in ("USDT", "USDC")}


@pytest.mark.parametrize(
    ("last", "usdt", "usdc"),
    [
        ("USDT/USD 0.9996, BTC/USDT 1", "0.9996", "0.9998"),  # the venue's own pair stands
        ("USDC/USD 0.9998998, USDC/USDT 1.0004", "0.9995", "0.9998998"),  # its price in the other
        ("USDC/USDT 1.0004, BTC/USDT 60000", "0.9995", "0.9998998"),  # only the reference knows USD
        ("BTC/USDT 60000", "0.9995", "0.9998"),
    ],
)
def test_the_venues_own_price_comes_before_the_reference(last: str, usdt: str, usdc: str) -> None:
    pinned = pin_dollars(statement(held="USDT spot 1, USDC spot 1", last=last), REFERENCE)
    assert price_in_usd("USDT", pinned.prices) == Decimal(usdt)
    assert price_in_usd("USDC", pinned.prices) == Decimal(usdc)
    assert pinned.notices == ()


def test_par_is_named_of_the_coin_that_a_value_hangs_on_and_of_no_other() -> None:
    pinned = pin_dollars(statement(held="ADA spot 1", last="ADA/USDT 2"), PAR)
    assert [(n.kind, n.detail) for n in pinned.notices] == [(WarningKind.ASSUMED_PAR, "USDT")]
    usdc_unknown = {**REFERENCE, "USDC": PAR["USDC"]}
    assert pin_dollars(statement(held="ADA spot 1", last="ADA/USDT 2"), usdc_unknown).notices == ()


def test_a_coin_told_through_one_at_par_is_at_par_too() -> None:
    pinned = pin_dollars(statement(held="USDC spot 1", last="USDC/USDT 1.0004"), PAR)
    assert price_in_usd("USDC", pinned.prices) == Decimal("1.0004")
    assert [notice.detail for notice in pinned.notices] == ["USDC"]


def test_a_reference_that_was_seen_tells_the_other_coin_before_par_does() -> None:
    usdt_unknown = {**REFERENCE, "USDT": PAR["USDT"]}
    pinned = pin_dollars(statement(held="USDT spot 1, USDC spot 1", last="USDC/USDT 1.0002"), usdt_unknown)
    assert price_in_usd("USDC", pinned.prices) == Decimal("0.9998")
    assert price_in_usd("USDT", pinned.prices) == significant(Decimal("0.9998") / Decimal("1.0002"))
    assert pinned.notices == ()


def test_a_venues_total_to_compare_with_makes_nothing_provisional() -> None:
    made = statement(held="EUR spot 5", venue_total=StatedTotal(Decimal(6), "USDT"))
    pinned = pin_dollars(made, PAR)
    assert (price_in_usd("USDT", pinned.prices), pinned.notices) == (Decimal(1), ())


def test_a_statement_in_plain_dollars_needs_no_reference() -> None:
    made = statement(held="BTC spot 1 = 60000 USD", last="BTC/USD 60000")
    assert not needs_dollars(made)
    assert pin_dollars(made, PAR) is made


def test_a_derived_price_has_eighteen_significant_digits() -> None:
    assert significant(Decimal(1) / Decimal(3)) == Decimal("0.333333333333333333")
    assert significant(Decimal("2402.400")) == Decimal("2402.4")
    assert significant(Decimal(0)) == 0
