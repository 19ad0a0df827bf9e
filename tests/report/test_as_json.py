"""The public JSON: names, order, forms. Scripts rely on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, PriceSource
from portfolio_bot.model.portfolio import Coverage, Portfolio, Priced
from portfolio_bot.model.statement import Notice, Wallet, WarningKind
from portfolio_bot.report import as_json
from tests.report import gallery
from tests.report.gallery import BYBIT, GUIDES, KRAKEN, NOW, account, failed, portfolio, stale

REPORT = [
    "as_of",
    "demo",
    "state",
    "complete",
    "total_usd",
    "total_rub",
    "crypto_usd",
    "in_transit",
    "at_least_usd",
    "missing",
    "fx",
    "unpriced",
    "warnings",
    "accounts",
]
ACCOUNT = [
    "id",
    "name",
    "source",
    "state",
    "as_of",
    "age_seconds",
    "total_usd",
    "native_total",
    "native_currency",
    "venue_total_usd",
    "coverage_percent",
    "coverage_gap_usd",
    "coverage_suspects",
    "error",
    "sub_accounts",
    "holdings",
]
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
NUMBERS = frozenset(
    [
        "total_usd",
        "total_rub",
        "crypto_usd",
        "at_least_usd",
        "native_total",
        "venue_total_usd",
        "coverage_percent",
        "coverage_gap_usd",
        "amount",
        "price_usd",
        "value_usd",
        "rate",
        "total",
    ]
)
INSTANTS = frozenset(["as_of", "retry_at", "since"])
PORTFOLIOS = {
    made.__name__: made()
    for made in (
        gallery.complete, gallery.provisional, gallery.incomplete, gallery.ten, gallery.remarkable, gallery.dark,
        gallery.never, gallery.no_roubles, gallery.old_roubles,
    )
}  # fmt: skip


def fields(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf with the name of its field."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, name)
    else:
        yield name, value


def first_account(made: Portfolio) -> dict[str, as_json.Json]:
    found = as_json.accounts(made)[0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("made", PORTFOLIOS.values(), ids=PORTFOLIOS)
def test_every_portfolio_has_the_same_fields_in_the_same_order(made: Portfolio) -> None:
    report = as_json.report(made, GUIDES)
    assert list(report) == REPORT
    for row in as_json.accounts(made):
        assert isinstance(row, dict)
        assert list(row) == ACCOUNT
    assert json.loads(json.dumps(report)) == report


@pytest.mark.parametrize("made", PORTFOLIOS.values(), ids=PORTFOLIOS)
def test_numbers_are_strings_in_plain_notation_and_instants_end_in_z(made: Portfolio) -> None:
    for name, value in fields(as_json.report(made)):
        assert not isinstance(value, float), name
        if value is None:
            continue
        if name in NUMBERS:
            assert isinstance(value, str), name
            assert NUMBER.fullmatch(value), (name, value)
            assert value != "-0"
        if name in INSTANTS:
            assert INSTANT.fullmatch(str(value)), (name, value)


@pytest.mark.parametrize("made", PORTFOLIOS.values(), ids=PORTFOLIOS)
def test_an_account_is_the_sum_of_its_holdings(made: Portfolio) -> None:
    for row in as_json.accounts(made):
        assert isinstance(row, dict)
        if row["total_usd"] is None:
            assert row["holdings"] == []
            continue
        holdings = row["holdings"]
        assert isinstance(holdings, list)
        values = [Decimal(str(h["value_usd"])) for h in holdings if isinstance(h, dict) and h["value_usd"] is not None]
        assert abs(Decimal(str(row["total_usd"])) - sum(values, Decimal(0))) <= Decimal("1e-7")


@pytest.mark.parametrize(
    ("name", "state", "total", "at_least", "missing"),
    [
        ("complete", "complete", "45304.07213363", "45304.07213363", []),
        ("provisional", "provisional", "45304.07213363", "45304.07213363", []),
        ("incomplete", "incomplete", None, "37200.07213363", ["kraken"]),
        ("never", "incomplete", None, "0", ["bybit", "okx"]),
    ],
)
def test_the_three_kinds_of_total(name: str, state: str, total: str | None, at_least: str, missing: list[str]) -> None:
    report = as_json.report(PORTFOLIOS[name])
    told = [report[key] for key in ("state", "complete", "total_usd", "at_least_usd", "missing")]
    assert told == [state, state == "complete", total, at_least, missing]


def test_roubles_are_null_where_the_total_is_not_whole_or_the_rate_not_known() -> None:
    assert as_json.report(PORTFOLIOS["incomplete"])["total_rub"] is None
    report = as_json.report(PORTFOLIOS["no_roubles"])
    assert (report["state"], report["total_rub"]) == ("complete", None)
    assert report["fx"] == {"USD/RUB": {"rate": None, "provider": None, "date": None, "state": "unknown"}}


def test_crypto_is_null_only_where_an_exchange_failed() -> None:
    assert as_json.report(PORTFOLIOS["incomplete"])["crypto_usd"] is None
    assert as_json.report(portfolio(BYBIT, failed("tbank")))["crypto_usd"] is not None
    assert as_json.report(portfolio())["crypto_usd"] == "0"


def test_rates_are_named_as_people_say_them_and_derived_ones_end() -> None:
    rates = {
        **gallery.usd_rub(),
        "EUR": FxRate("EUR", "USD", Decimal("1.0812"), FxProvider.ECB, date(2026, 11, 19), FxState.CACHED),
        "GBP": FxRate("GBP", "USD", Decimal(4) / 3, FxProvider.ECB, date(2026, 11, 19), crossed=True),
        "CHF": Unknown("no_rate", "CHF"),
    }
    fx = as_json.report(portfolio(BYBIT, rates=rates))["fx"]
    assert fx == {
        "CHF/USD": {"rate": None, "provider": None, "date": None, "state": "unknown"},
        "EUR/USD": {"rate": "1.0812", "provider": "ecb", "date": "2026-11-19", "state": "cached"},
        "GBP/USD": {"rate": "1.33333333333333333", "provider": "ecb", "date": "2026-11-19", "state": "live"},
        "USD/RUB": {"rate": "78.6", "provider": "cbr", "date": "2026-11-20", "state": "live"},
    }


def test_a_failed_account_has_no_figure_and_an_error() -> None:
    row = first_account(portfolio(failed("kraken"), BYBIT))
    assert [row[key] for key in ("state", "as_of", "age_seconds", "total_usd", "native_total", "holdings")] == [
        "failed", None, None, None, None, [],
    ]  # fmt: skip
    assert row["error"] == {
        "kind": "bad_key",
        "message": "Kraken: the key is refused. Check the key, its address list and its rights; a new one goes into "
        "KRAKEN_API_KEY, then restart.",
        "retry_at": None,
    }


def test_a_stale_account_keeps_its_figure_its_age_and_its_error() -> None:
    made = replace(stale(KRAKEN), failure=Failure(FailureKind.RATE_LIMITED, "", NOW + timedelta(minutes=9)))
    row = first_account(portfolio(made))
    assert (row["state"], row["total_usd"], row["age_seconds"]) == ("stale", "8104", 87 * 60)
    assert isinstance(row["error"], dict)
    assert row["error"]["retry_at"] == "2026-11-20T13:14:00Z"
    assert "until 13:14" in str(row["error"]["message"])


def test_an_age_is_never_negative() -> None:
    row = first_account(portfolio(replace(BYBIT, as_of=NOW + timedelta(seconds=2))))
    assert row["age_seconds"] == 0


def test_a_holding_without_a_price_has_nulls_and_stands_in_the_list() -> None:
    made = portfolio(account("bybit", "XYZ spot 120, XYZ funding 3, BTC spot 1 @ 60000"))
    holdings = first_account(made)["holdings"]
    assert isinstance(holdings, list)
    assert holdings[0] == {"asset": "XYZ", "wallet": "spot", "amount": "120", "price_usd": None, "value_usd": None}
    assert as_json.report(made)["unpriced"] == [{"account": "bybit", "asset": "XYZ", "amount": "123"}]


def test_amounts_and_prices_are_exact_but_a_quotient_has_eighteen_digits() -> None:
    exact = Decimal("0.1234567890123456789012345")
    rows = (
        Priced("BTC", Wallet.SPOT, exact, exact, Decimal("1.123456785"), PriceSource.VENUE_TICKER, NOW),
        Priced("RUB", Wallet.CASH, Decimal("-1E+3"), Decimal(1) / 3, Decimal("-0.000000001"), PriceSource.FX, NOW),
    )
    holdings = first_account(portfolio(replace(BYBIT, holdings=rows)))["holdings"]
    assert holdings == [
        {"asset": "BTC", "wallet": "spot", "amount": str(exact), "price_usd": str(exact), "value_usd": "1.12345678"},
        {"asset": "RUB", "wallet": "cash", "amount": "-1000", "price_usd": "0.333333333333333333", "value_usd": "0"},
    ]


def test_coverage_is_told_in_percent_and_warned_about_below_99() -> None:
    for percent, warned in (("98.9999999999999", True), ("99", False), ("100", False), ("101.5", True)):
        gap = Decimal(100) - Decimal(percent)
        made = portfolio(replace(BYBIT, coverage=Coverage(Decimal(100), Decimal(percent), gap)))
        assert first_account(made)["coverage_percent"] == ("99" if percent.startswith("98.99999") else percent)
        kinds = [row["kind"] for row in as_json.report(made)["warnings"] if isinstance(row, dict)]  # type: ignore[union-attr]
        assert (kinds == ["coverage"]) is warned


def test_the_gap_beside_a_venues_total_is_told_in_dollars_with_the_wallets_suspected() -> None:
    coverage = Coverage(Decimal(200), Decimal(75), Decimal("50.5"), ("Trading Bots", "Copy Trading"))
    row = first_account(portfolio(replace(BYBIT, coverage=coverage)))
    assert (row["venue_total_usd"], row["coverage_gap_usd"]) == ("200", "50.5")
    assert row["coverage_suspects"] == ["Trading Bots", "Copy Trading"]
    alone = first_account(portfolio(replace(BYBIT, coverage=None)))
    assert (alone["coverage_gap_usd"], alone["coverage_suspects"]) == (None, [])


def test_warnings_name_account_kind_and_a_sentence() -> None:
    report = as_json.report(PORTFOLIOS["remarkable"])
    assert report["warnings"] == [
        {"account": "bybit", "kind": "key_may_withdraw",
         "message": "Bybit: this key may withdraw. Make a read-only one instead."},
        {"account": "bybit", "kind": "unreadable_wallet",
         "message": "Bybit, not in the total: USD-M futures (the key may not read it)."},
        {"account": "bybit", "kind": "coverage",
         "message": "Bybit: 93.2% of its own total read, $733.93 missing. Perhaps in Copy Trading, Bots."},
        {"account": "gateio", "kind": "key_may_withdraw",
         "message": "Gate.io: this key may withdraw. Make a read-only one instead."},
        {"account": "gateio", "kind": "assumed_par",
         "message": "Gate.io: no price for USDT anywhere, counted at 1 USD."},
        {"account": "ibkr", "kind": "key_expires",
         "message": "IBKR: the key ends on 1 Dec. Make the next one in time."},
    ]  # fmt: skip


def test_a_warning_of_the_whole_has_no_account() -> None:
    made = portfolio(BYBIT, notices=(Notice(WarningKind.FX_DEVIATION, "3.4 %"),))
    assert as_json.report(made)["warnings"] == [
        {"account": None, "kind": "fx_deviation", "message": "Rouble rate: official and T-Bank's differ (3.4 %)."}
    ]


def test_money_in_transit_is_a_line_of_its_own() -> None:
    assert as_json.report(PORTFOLIOS["remarkable"])["in_transit"] == [
        {"asset": "BTC", "amount": "0.05", "value_usd": "3356.17", "from": "bybit", "to": "gateio",
         "since": "2026-11-20T12:45:00Z", "txid": "ab12"}
    ]  # fmt: skip


def test_sub_accounts_are_masked_and_keep_their_currency() -> None:
    row = next(r for r in as_json.accounts(PORTFOLIOS["remarkable"]) if isinstance(r, dict) and r["id"] == "ibkr")
    assert row["sub_accounts"] == [
        {"id": "U***4567", "name": "Pension", "total": "5000", "currency": "EUR", "as_of": "2026-11-20T05:00:00Z"},
        {"id": "U***9876", "name": "Trading", "total": "2000", "currency": "USD", "as_of": "2026-11-20T05:00:00Z"},
    ]


def test_a_stranger_s_text_cannot_break_out() -> None:
    hostile = account("bybit", "BTC spot 1 @ 1")
    made = portfolio(replace(hostile, holdings=(replace(hostile.holdings[0], asset="\x1b[2J\u202e" + "A" * 99),)))
    holdings = first_account(made)["holdings"]
    assert isinstance(holdings, list)
    assert isinstance(holdings[0], dict)
    assert re.fullmatch(r"\[2JA{60}…", str(holdings[0]["asset"]))


def test_history_keeps_the_order_given_and_null_for_what_is_unknown() -> None:
    close = DayClose(
        date(2026, 2, 23), NavPoint(datetime(2026, 2, 23, 23, tzinfo=UTC), None, Decimal("3932500.00"), Origin.IMPORTED)
    )
    assert as_json.history([close]) == [
        {"date": "2026-02-23", "as_of": "2026-02-23T23:00:00Z", "total_usd": None, "total_rub": "3932500",
         "open": False, "origin": "imported"}
    ]  # fmt: skip
    assert [row["open"] for row in as_json.history(gallery.closes()) if isinstance(row, dict)] == [True] + [False] * 5


def test_an_instant_keeps_its_fraction_of_a_second() -> None:
    assert as_json.instant(NOW.replace(microsecond=1)) == "2026-11-20T13:05:00.000001Z"
