"""Money between own accounts on screens and in JSON: with a price of now, an old one, none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import PriceSource, Quote
from portfolio_bot.model.portfolio import InTransit
from portfolio_bot.report import as_json, compose
from tests.report.gallery import BYBIT, NOW, OKX, portfolio, reader
from tests.report.shown import text

ME = reader()

SINCE = NOW - timedelta(minutes=20)
PRICED = InTransit("BTC", Decimal("0.05"), Decimal("3356.17"), "bybit", "okx", SINCE, "ab12")
OLD = replace(PRICED, stands_in=Quote("BTC", Decimal("67123.4"), PriceSource.KNOWN_BEFORE, NOW - timedelta(hours=3)))
PAR = replace(PRICED, asset="USDT", stands_in=Quote("USDT", Decimal(1), PriceSource.ASSUMED_PAR, NOW))
NAMELESS = replace(PRICED, asset="XYZ", value=Unknown("no_price", "XYZ"))


def screen(*moving: InTransit) -> str:
    return text(compose.status(portfolio(BYBIT, OKX, in_transit=moving), ME))


def test_it_is_one_row_with_what_is_known_of_it() -> None:
    assert "in transit   3,356.17" in screen(PRICED, NAMELESS)


def test_a_price_that_is_not_of_now_is_starred_and_explained() -> None:
    assert "in transit *" in screen(OLD) or "in transit*" in screen(OLD)
    assert "no price for BTC now, the one of" in screen(OLD)
    assert "no price for USDT anywhere, counted at 1 USD." in screen(PAR)
    assert "no price" not in screen(PRICED)


def test_what_has_no_price_is_named_among_what_the_total_leaves_out() -> None:
    shown = screen(NAMELESS).replace("\xa0", " ")
    assert "0.05 XYZ (in transit)" in shown
    assert "in transit  " not in shown


def test_the_list_of_assets_has_a_row_for_each() -> None:
    shown = text(compose.balance(portfolio(BYBIT, in_transit=(PRICED, NAMELESS)), ME)).replace("\xa0", " ")
    assert shown.partition("in transit")[2].startswith(
        "  $3,356.17\n\nBTC  3,356.17  21.4%\n  0.05 × 67,123.40\nXYZ  no price\n  0.05\n"
    )


def test_its_value_is_null_where_nobody_knows_it() -> None:
    made = as_json.report(portfolio(BYBIT, in_transit=(NAMELESS,)))
    rows = made["in_transit"]
    assert isinstance(rows, list)
    row = rows[0]
    assert isinstance(row, dict)
    assert (row["asset"], row["amount"], row["value_usd"]) == ("XYZ", "0.05", None)
