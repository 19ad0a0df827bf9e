"""Valuation: what is known is exact, what is not known is never a number."""

from __future__ import annotations

import decimal
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.analytics.valuation import currencies_of, quotes_of, value
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import FxState, PriceSource, Quote
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import (
    Complete,
    Incomplete,
    KnownAccount,
    Portfolio,
    Priced,
    Provisional,
    ReadingState,
    UnknownAccount,
    Unpriced,
)
from portfolio_bot.model.reading import Cached, Reading
from portfolio_bot.model.statement import Notice, StatedTotal, Wallet, WarningKind
from tests.builders import NOON, failed, info, live, rates, stale, statement

USD_PRICES = "BTC/USD 60000, ETH/USD 2400"


def known(portfolio: Portfolio, position: int = 0) -> KnownAccount:
    account = portfolio.accounts[position]
    assert isinstance(account, KnownAccount)
    return account


def test_a_holding_is_worth_its_amount_at_the_venues_last_price() -> None:
    portfolio = value([live(statement(held="BTC spot 0.5", last=USD_PRICES))], info("bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Complete(Money(Decimal(30000), "USD"))
    assert portfolio.total_rub == Complete(Money(Decimal(2400000), "RUB"))


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("ADA/USD 0.5, ADA/USDT 9", "0.5"),
        ("ADA/USDT 0.5, USDT/USD 0.9995, ADA/BTC 1", "0.49975"),
        ("ADA/USDC 0.5, USDC/USD 0.9", "0.45"),
        ("ADA/BTC 0.00001, BTC/USDT 60000, USDT/USD 0.9995", "0.5997"),
        ("ADA/ETH 0.0001, ETH/BTC 0.04, BTC/USD 60000", "0.24"),
    ],
)
def test_the_road_to_usd_follows_the_order_of_quote_assets(last: str, expected: str) -> None:
    portfolio = value([live(statement(held="ADA spot 1", last=last))], info("bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Complete(Money(Decimal(expected), "USD"))


def test_two_bridges_that_lead_to_each_other_are_no_price() -> None:
    made = statement(held="BTC spot 1", last="BTC/ETH 25, ETH/BTC 0.04")
    assert known(value([live(made)], info("bybit"), rates(), at=NOON)).holdings == (
        Unpriced("BTC", Wallet.SPOT, Decimal(1)),
    )


def test_an_asset_without_a_price_is_listed_and_outside_the_total() -> None:
    made = statement(held="BTC spot 1, SPAM spot 1000000", last="BTC/USD 60000, SPAM/USDT 0")
    portfolio = value([live(made)], info("bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Complete(Money(Decimal(60000), "USD"))
    assert Unpriced("SPAM", Wallet.SPOT, Decimal(1000000)) in known(portfolio).holdings


def test_a_price_known_before_stands_in_for_three_days_and_makes_the_total_provisional() -> None:
    readings = [live(statement(held="ADA spot 100"))]
    before = {("bybit", "ADA"): Quote("ADA", Decimal("0.5"), PriceSource.VENUE_TICKER, NOON)}
    soon = value(readings, info("bybit"), rates(), at=NOON + timedelta(days=3), known=before)
    assert soon.total_usd == Provisional(Money(Decimal(50), "USD"), (), (("bybit", "ADA"),))
    late = value(readings, info("bybit"), rates(), at=NOON + timedelta(days=3, seconds=1), known=before)
    assert isinstance(known(late).holdings[0], Unpriced)


def test_the_venues_own_value_of_a_row_stands_instead_of_its_ticker() -> None:
    made = statement(held="ETH unified 0.0025 = 5.55038468 USD", last=USD_PRICES)
    row = known(value([live(made)], info("bybit"), rates(), at=NOON)).holdings[0]
    assert isinstance(row, Priced)
    assert (row.value, row.price) == (Decimal("5.55038468"), Decimal("2220.153872"))


def test_a_currency_is_priced_by_the_exchange_rate_never_by_a_coins_market() -> None:
    made = statement("kraken", held="EUR spot 100", last="EUR/USDT 9, USDT/USD 1")
    portfolio = value([live(made)], info("kraken"), rates(EUR="1.08"), at=NOON)
    assert portfolio.total_usd == Complete(Money(Decimal(108), "USD"))
    assert set(portfolio.rates) == {"RUB", "EUR"}


def test_what_the_rows_leave_open_of_a_stated_total_is_one_other_holding_that_is_not_covered() -> None:
    stated = (StatedTotal(Decimal(3000), "USD", "unified"),)
    made = statement(
        held="USDT unified 1000 = 1000 USD",
        part="unified",
        stated=stated,
        venue_total=StatedTotal(Decimal(3000), "USD"),
    )
    account = known(value([live(made)], info("bybit"), rates(), at=NOON))
    other = account.holdings[-1]
    assert isinstance(other, Priced)
    assert (other.asset, other.wallet, other.value, other.covered) == ("USD", Wallet.OTHER, Decimal(2000), False)
    assert account.total.amount == 3000
    assert account.coverage is not None
    assert f"{account.coverage.percent:.2f}" == "33.33"


def test_figures_beyond_any_sense_break_no_report() -> None:
    stated = (StatedTotal(Decimal("1e-30"), "USD"),)
    made = statement(held="BIG unified 9.99e30, SML unified 1e-30 = 9e30 USD", last="BIG/USD 9.99e30", stated=stated)
    with decimal.localcontext(decimal.Context(prec=50)):
        account = known(value([live(made)], info("bybit"), rates(), at=NOON))
    assert account.holdings[-1].wallet is Wallet.OTHER


def test_a_gap_that_no_place_shows_is_none() -> None:
    for total, rows in (("1.000000005", 1), ("1.00000000501", 2), ("0.999999995", 1)):
        made = statement(held="BTC unified 1 = 1 USD", stated=(StatedTotal(Decimal(total), "USD"),))
        assert len(known(value([live(made)], info("bybit"), rates(), at=NOON)).holdings) == rows


def test_a_broker_in_roubles_gives_its_own_figure_back() -> None:
    stated = (StatedTotal(Decimal("82034.59"), "RUB", "1"),)
    made = statement(
        "tbank",
        held="SBER security 100 = 30000 RUB, RUB cash 52034.59 = 52034.59 RUB",
        stated=stated,
        native="RUB",
        part="1",
    )
    portfolio = value([live(made)], info("tbank"), rates("79.80096"), at=NOON)
    assert known(portfolio).native_total == Decimal("82034.59")
    assert isinstance(portfolio.total_rub, Complete)
    assert portfolio.total_rub.value.amount.quantize(Decimal("1e-8")) == Decimal("82034.59")
    assert portfolio.crypto == Money(Decimal(0), "USD")


def test_an_unknown_rate_of_an_accounts_currency_fails_the_account_even_if_it_had_a_value() -> None:
    made = statement("tbank", held="RUB cash 8000 = 8000 RUB", native="RUB")
    portfolio = value([live(made)], info("tbank"), rates(None), at=NOON)
    account = portfolio.accounts[0]
    assert isinstance(account, UnknownAccount)
    assert account.failure.kind is FailureKind.NO_RATE
    assert isinstance(portfolio.total_usd, Incomplete)
    assert isinstance(portfolio.total_rub, Unknown)


def test_an_unknown_rouble_rate_leaves_a_dollar_total_complete() -> None:
    portfolio = value([live(statement(held="BTC spot 1", last=USD_PRICES))], info("bybit"), rates(None), at=NOON)
    assert isinstance(portfolio.total_usd, Complete)
    assert portfolio.total_rub == Unknown("no_rate", "RUB")


def test_a_rate_that_is_too_old_makes_accounts_kept_in_it_stale() -> None:
    made = statement("ibkr", held="EUR cash 100 = 100 EUR", native="EUR")
    portfolio = value([live(made)], info("ibkr"), rates(state=FxState.STALE, EUR="1.08"), at=NOON)
    assert known(portfolio).state is ReadingState.STALE
    assert portfolio.total_usd == Provisional(Money(Decimal(108), "USD"), ("ibkr",), (("ibkr", "EUR"),))


def test_a_stale_account_stands_in_and_the_total_is_provisional() -> None:
    old = statement("kraken", held="BTC spot 1", last=USD_PRICES, at=NOON - timedelta(hours=2))
    new = statement("bybit", held="ETH spot 1", last=USD_PRICES)
    portfolio = value([stale(old), live(new)], info("kraken", "bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Provisional(Money(Decimal(62400), "USD"), ("kraken",))
    assert known(portfolio).as_of == NOON - timedelta(hours=2)


def test_a_failed_account_makes_the_total_at_least() -> None:
    new = statement("bybit", held="ETH spot 1", last=USD_PRICES)
    portfolio = value([failed("kraken"), live(new)], info("kraken", "bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Incomplete(Money(Decimal(2400), "USD"), ("kraken",))
    assert portfolio.crypto == Unknown("incomplete", "kraken")


def test_a_failed_broker_leaves_the_crypto_subtotal_known() -> None:
    new = statement("bybit", held="ETH spot 1", last=USD_PRICES)
    portfolio = value([failed("tbank"), live(new)], info("tbank", "bybit"), rates(), at=NOON)
    assert portfolio.crypto == Money(Decimal(2400), "USD")


def test_only_a_complete_portfolio_becomes_a_point_of_history() -> None:
    made = statement(held="BTC spot 1", last=USD_PRICES)
    whole = value([Cached("bybit", made)], info("bybit"), rates(), at=NOON)
    partial = value([stale(made)], info("bybit"), rates(), at=NOON)
    assert NavPoint.of(whole) == NavPoint(NOON, Decimal(60000), Decimal(4800000))
    assert NavPoint.of(partial) is None


def test_a_dollar_taken_at_par_makes_the_total_provisional() -> None:
    made = replace(
        statement(held="ADA spot 1", last="ADA/USDT 2, USDT/USD 1"), notices=(Notice(WarningKind.ASSUMED_PAR, "USDT"),)
    )
    portfolio = value([live(made)], info("bybit"), rates(), at=NOON)
    assert portfolio.total_usd == Provisional(Money(Decimal(2), "USD"), (), (("bybit", "USDT"),))


def test_an_account_without_a_rate_is_not_dark() -> None:
    broker = live(statement("tbank", native="RUB"))
    assert not value([broker], info("tbank"), rates(None), at=NOON).all_dark
    assert not value([broker], info("tbank"), rates(state=FxState.STALE), at=NOON).all_dark


def test_all_dark_is_when_nobody_answered() -> None:
    made = statement(held="BTC spot 1", last=USD_PRICES)
    assert value([stale(made)], info("bybit"), rates(), at=NOON).all_dark
    assert not value([live(made)], info("bybit"), rates(), at=NOON).all_dark


def test_rows_of_one_asset_and_wallet_are_added_and_what_cancels_out_vanishes() -> None:
    made = statement(held="BTC spot 1, BTC spot 2, ETH spot 1, ETH spot -1", last=USD_PRICES)
    rows = known(value([live(made)], info("bybit"), rates(), at=NOON)).holdings
    assert [(row.asset, row.amount) for row in rows] == [("BTC", Decimal(3))]


def test_prices_to_remember_are_those_found_now() -> None:
    made = statement(held="BTC spot 1, ADA spot 1", last=USD_PRICES)
    before = {("bybit", "ADA"): Quote("ADA", Decimal(1), PriceSource.VENUE_TICKER, NOON)}
    portfolio = value([live(made)], info("bybit"), rates(), at=NOON, known=before)
    assert set(quotes_of(portfolio)) == {("bybit", "BTC")}


@pytest.mark.parametrize(("state", "remembered"), [(FxState.LIVE, {("kraken", "EUR")}), (FxState.STALE, set())])
def test_a_current_exchange_rate_is_remembered_like_any_price_an_old_one_is_not(
    state: FxState, remembered: set[tuple[str, str]]
) -> None:
    table = rates(EUR="1.1", state=state)
    portfolio = value([live(statement("kraken", "EUR spot 5"))], info("kraken"), table, at=NOON)
    assert set(quotes_of(portfolio)) == remembered


def test_a_currency_whose_rate_is_lost_leaves_no_complete_total_behind() -> None:
    made = live(statement("kraken", "EUR spot 5"))
    before = quotes_of(value([made], info("kraken"), rates(EUR="1.1"), at=NOON))
    total = value([made], info("kraken"), rates(EUR=None), at=NOON + timedelta(days=2), known=before).total_usd
    assert total == Provisional(Money(Decimal("5.5"), "USD"), (), (("kraken", "EUR"),))


def test_every_rate_that_took_part_is_told_and_the_one_that_people_read_in() -> None:
    broker = statement("ibkr", "STOCK security 5 = 5 CHF", native=None)
    table = rates(CHF="1.2", EUR="1.1", GBP="1.3", SEK="0.1")
    assert set(value([live(broker)], info("ibkr"), table, at=NOON).rates) == {"CHF", "RUB"}
    assert set(value([live(broker)], info("ibkr"), table, at=NOON, headline="GBP").rates) == {"CHF", "GBP", "RUB"}


def test_a_rate_that_was_needed_and_is_unknown_is_told_too() -> None:
    portfolio = value([live(statement("kraken", "EUR spot 5"))], info("kraken"), rates(EUR=None), at=NOON)
    assert portfolio.rates["EUR"] == Unknown("no_rate", "EUR")


def test_the_currencies_wanted_are_those_of_holdings_values_and_accounts() -> None:
    readings: list[Reading] = [
        live(statement("kraken", held="EUR spot 1, BTC spot 1")),
        stale(statement("ibkr", held="STOCK security 1 = 5 CHF", native="CHF")),
        failed("tbank"),
    ]
    assert currencies_of(readings) == {"RUB", "EUR", "CHF"}


amounts = st.decimals(min_value=-(10**9), max_value=10**12, places=8).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(["BTC", "ETH", "ADA"]), amounts), max_size=8))
def test_the_total_is_the_sum_of_its_parts_in_any_order(rows: list[tuple[str, Decimal]]) -> None:
    text = ", ".join(f"{asset} spot {amount:f}" for asset, amount in rows)
    made = [statement(name, text, "BTC/USD 60000.1, ETH/USD 2400.05, ADA/USD 0.1234567") for name in ("bybit", "okx")]
    with decimal.localcontext(prec=50):
        forward = value([live(s) for s in made], info("bybit", "okx"), rates(), at=NOON)
        backward = value([live(s) for s in reversed(made)], info("okx", "bybit"), rates(), at=NOON)
        parts = [
            r.value
            for a in forward.accounts
            if isinstance(a, KnownAccount)
            for r in a.holdings
            if isinstance(r, Priced)
        ]
        assert isinstance(forward.total_usd, Complete)
        assert forward.total_usd.value.amount == sum(parts, Decimal(0))
        assert forward.total_usd == backward.total_usd


def test_cents_are_the_same_under_28_and_50_digits() -> None:
    made = statement(held="BTC spot 4723846.89208129, USDT earn 100.18469206", last="BTC/USDT 60100, USDT/USD 0.9995")
    cents = set()
    for digits in (28, 50):
        with decimal.localcontext(prec=digits):
            total = value([live(made)], info("bybit"), rates(), at=NOON).total_usd
            assert isinstance(total, Complete)
            cents.add(total.value.amount.quantize(Decimal("0.01")))
    assert len(cents) == 1
