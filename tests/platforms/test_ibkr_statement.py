"""Flex statements: the NAV of each account, whatever the template left out."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import Wallet
from portfolio_bot.platforms.ibkr_statement import AccountNav, navs
from portfolio_bot.platforms.ibkr_xml import document
from tests.peers.ibkr import FIXTURES, statement

ROW = '<EquitySummaryByReportDateInBase accountId="U1000001" currency="USD" reportDate="20261118" cash="5" total="{}"/>'


def read(body: bytes | str) -> tuple[AccountNav, ...]:
    return navs(document(body.encode() if isinstance(body, str) else body))


def refused(body: bytes | str) -> FailureKind:
    with pytest.raises(SourceError) as caught:
        read(body)
    return caught.value.failure.kind


def flex(inside: str, account: str = "U1000001", day: str = "20261118", after: str = "") -> str:
    """One account's statement of one day."""
    return (
        f'<FlexQueryResponse><FlexStatements count="1"><FlexStatement accountId="{account}" fromDate="{day}"'
        f' toDate="{day}">{inside}</FlexStatement>{after}</FlexStatements></FlexQueryResponse>'
    )


def info(currency: str) -> str:
    return f'<AccountInformation accountId="U1000001" currency="{currency}" name="Jane Doe"/>'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nav-usd.xml", [("U1111111", "USD", date(2023, 3, 2), "7678.155297533")]),
        (
            "two-accounts.xml",
            [("U1234567", "CHF", date(2026, 5, 8), "3351"), ("U7654321", "USD", date(2026, 5, 8), "250")],
        ),
        (
            "nav-multi-base.xml",
            [("U2000001", "EUR", date(2026, 11, 18), "15250.75"), ("U2000002", "USD", date(2026, 11, 18), "8100.1")],
        ),
        ("nav-with-flows.xml", [("U2000003", "USD", date(2026, 11, 18), "10965")]),
        ("nav-with-futures.xml", [("U2000004", "USD", date(2026, 11, 18), "25000")]),
        (
            "nav-with-transfers.xml",
            [("U2000005", "USD", date(2026, 11, 16), "2850"), ("U2000006", "USD", date(2026, 11, 16), "400")],
        ),
    ],
)
def test_every_statement_has_its_totals_per_account(name: str, expected: list[tuple[str, str, date, str]]) -> None:
    found = [(nav.number, nav.currency, nav.report_date, nav.total) for nav in read(statement(name))]
    assert found == [(number, currency, day, Decimal(total)) for number, currency, day, total in expected]


@pytest.mark.parametrize(
    "name", ["cash-report-chf.xml", "same-account-three-statements.xml", "cash-transactions-last365.xml"]
)
def test_without_a_nav_section_the_query_is_to_be_mended(name: str) -> None:
    assert refused(statement(name)) is FailureKind.BAD_QUERY


@pytest.mark.parametrize("name", ["nav-usd.xml", "nav-multi-base.xml", "nav-with-flows.xml", "nav-with-futures.xml"])
def test_the_lines_add_up_to_the_nav(name: str) -> None:
    for nav in read(statement(name)):
        assert sum(line.worth for line in nav.lines) == nav.total


def test_classes_of_assets_stand_where_there_are_no_positions() -> None:
    euro, dollar = read(statement("nav-multi-base.xml"))
    assert [(line.asset, line.wallet) for line in euro.lines] == [
        ("EUR", Wallet.CASH),
        ("STOCK", Wallet.SECURITY),
        ("OPTIONS", Wallet.SECURITY),
        ("DIVIDEND_ACCRUALS", Wallet.OTHER),
        ("INTEREST_ACCRUALS", Wallet.OTHER),
    ]
    assert {line.asset: line.worth for line in dollar.lines[1:]} == {"BONDS": 5000, "CRYPTO": 3000}


def test_a_future_is_listed_without_its_notional_and_lots_are_not_added() -> None:
    (nav,) = read(statement("nav-with-futures.xml"))
    assert {line.asset: line.amount for line in nav.lines} == {"USD": 15000, "VT": 80, "ESZ6": 1}
    assert {line.asset: line.worth for line in nav.lines} == {"USD": 15000, "VT": 10000, "ESZ6": 0}


def test_positions_of_another_day_are_not_mixed_in() -> None:
    body = statement("nav-with-futures.xml").replace(
        b'reportDate="20261118" position', b'reportDate="20261117" position'
    )
    (nav,) = read(body)
    assert [line.asset for line in nav.lines] == ["USD", "STOCK"]


def test_a_class_whose_positions_have_no_value_stands_as_a_class() -> None:
    body = statement("nav-with-futures.xml").replace(b'positionValue="10000"', b'positionValue=""')
    (nav,) = read(body.replace(b'markPrice="125"', b'markPrice="--"'))
    assert [line.asset for line in nav.lines] == ["USD", "ESZ6", "STOCK"]


def test_the_newest_day_counts_whatever_the_order_of_rows_and_statements() -> None:
    old = ROW.format(9).replace("20261118", "20261117")
    second = f'<FlexStatement accountId="U1000001" toDate="20261117">{old}</FlexStatement>'
    (nav,) = read(flex(ROW.format(7), after=second))
    assert (nav.total, nav.report_date) == (Decimal(7), date(2026, 11, 18))


def test_an_empty_newest_total_gives_way_to_the_day_before() -> None:
    (nav,) = read(flex(ROW.format("") + ROW.format(9).replace("20261118", "20261117")))
    assert (nav.total, nav.report_date) == (Decimal(9), date(2026, 11, 17))


def test_a_hundred_statements_of_one_account_are_never_added() -> None:
    more = "".join(
        f'<FlexStatement accountId="U1000001" toDate="202610{day:02}">'
        f"{ROW.format(day).replace('20261118', f'202610{day:02}')}</FlexStatement>"
        for day in range(1, 31)
    )
    assert [nav.total for nav in read(flex(ROW.format(100), after=more))] == [100]


def test_the_consolidated_account_is_left_out_where_real_ones_are() -> None:
    both = flex(
        ROW.format(7), after=f'<FlexStatement accountId="-">{ROW.format(7).replace("U1000001", "-")}</FlexStatement>'
    )
    assert [nav.number for nav in read(both)] == ["U1000001"]


def test_breakdowns_by_model_that_differ_are_refused() -> None:
    a, b = (ROW.format(total).replace("/>", f' model="{model}"/>') for total, model in ((5, "A"), (6, "B")))
    assert refused(flex(a + b)) is FailureKind.BAD_QUERY
    assert read(flex(a + b + ROW.format(11)))[0].total == 11


def test_change_in_nav_stands_in_where_the_summary_is_missing() -> None:
    (nav,) = read(flex(info("CHF") + '<ChangeInNAV toDate="20261118" startingValue="1" endingValue="1,234.50"/>'))
    assert (nav.total, nav.currency, nav.report_date) == (Decimal("1234.50"), "CHF", date(2026, 11, 18))


CASH = (
    '<CashReport><CashReportCurrency currency="BASE_SUMMARY" endingCash="1000"/>'
    '<CashReportCurrency currency="USD" endingCash="9"/></CashReport>'
)
HELD = (
    '<OpenPositions><OpenPosition assetCategory="STK" symbol="VT" position="2" positionValue="250" currency="USD"'
    ' fxRateToBase="0.9"/><OpenPosition assetCategory="FUT" symbol="ESZ6" position="1" positionValue="345000"'
    ' currency="USD" fxRateToBase="0.9"/><OpenPosition assetCategory="OPT" symbol="X" position="-1"'
    ' positionValue="-10" currency="CHF"/></OpenPositions>'
)


def test_cash_and_positions_are_added_up_as_a_last_resort_and_marked() -> None:
    (nav,) = read(flex(info("CHF") + CASH + HELD))
    assert (nav.total, nav.reconstructed) == (Decimal("1215.0"), True)


@pytest.mark.parametrize("inside", [CASH, HELD, CASH + HELD.replace('fxRateToBase="0.9"', 'fxRateToBase=""', 1)])
def test_cash_alone_or_positions_alone_are_no_nav(inside: str) -> None:
    assert refused(flex(info("CHF") + inside)) is FailureKind.BAD_QUERY


def test_the_base_currency_is_never_assumed() -> None:
    bare = ROW.format(7).replace(' currency="USD"', "")
    assert refused(flex(bare)) is FailureKind.BAD_QUERY
    assert read(flex(info("HKD") + bare))[0].currency == "HKD"
    rates = '<ConversionRates><ConversionRate fromCurrency="USD" toCurrency="EUR" rate="-1"/></ConversionRates>'
    assert read(flex(bare + rates))[0].currency == "EUR"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20261118", date(2026, 11, 18)),
        ("2026-11-18", date(2026, 11, 18)),
        ("11/18/2026", date(2026, 11, 18)),
        ("11/18/26", date(2026, 11, 18)),
        ("18/11/2026", date(2026, 11, 18)),
        ("18-NOV-26", date(2026, 11, 18)),
        ("18-Oct-26", date(2026, 10, 18)),
        ("20261118;201500", date(2026, 11, 18)),
        ("2026-11-18, 20:15:00", date(2026, 11, 18)),
        ("2026-11-18T20:15:00", date(2026, 11, 18)),
        ("20261118201500", date(2026, 11, 18)),
    ],
)
def test_every_date_format_of_a_template_is_read(written: str, day: date) -> None:
    (nav,) = read(flex(ROW.format(7).replace("20261118", written), day=written))
    assert nav.report_date == day


def test_dates_that_can_be_read_in_two_ways_are_refused_with_advice() -> None:
    with pytest.raises(SourceError) as caught:
        read(flex(ROW.format(7).replace("20261118", "03/04/2026"), day="02/04/2026"))
    assert caught.value.failure.kind is FailureKind.BAD_QUERY
    assert "yyyyMMdd" in caught.value.failure.detail


def test_one_date_that_is_clear_decides_for_the_whole_file() -> None:
    (nav,) = read(flex(ROW.format(7).replace("20261118", "03/04/2026"), day="15/04/2026"))
    assert nav.report_date == date(2026, 4, 3)


@pytest.mark.parametrize("total", ["NaN", "Infinity", "1E+400000", "1_000", "１２", "12,34", "0.0 (null)", "0x10"])
def test_a_hostile_total_is_a_bad_answer(total: str) -> None:
    assert refused(flex(ROW.format(total))) is FailureKind.BAD_ANSWER


@pytest.mark.parametrize(("total", "amount"), [("1,234,567.89", "1234567.89"), ("-1,000", "-1000"), ("-0", "0")])
def test_thousands_may_be_separated(total: str, amount: str) -> None:
    assert read(flex(ROW.format(total)))[0].total == Decimal(amount)


def test_junk_in_attributes_that_nobody_needs_does_no_harm() -> None:
    (nav,) = read(flex(ROW.format(7).replace("/>", ' stockLong="0.0 (null)" weight="junk"/>')))
    assert nav.total == 7


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FailureKind.BAD_ANSWER),
        (b"  \r\n ", FailureKind.BAD_ANSWER),
        (b'"ClientAccountID","Total"\n"U1","5"', FailureKind.BAD_QUERY),
        (b"ClientAccountID|Total\nU1|5", FailureKind.BAD_QUERY),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", FailureKind.UNAVAILABLE),
        (b"\n<HTML><title>System maintenance</title></HTML>", FailureKind.MAINTENANCE),
        (b"<FlexQueryResponse><FlexStatements>", FailureKind.BAD_ANSWER),
        (b"plain words", FailureKind.BAD_ANSWER),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", FailureKind.BAD_ANSWER),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><FlexQueryResponse>&b;</FlexQueryResponse>', FailureKind.BAD_ANSWER),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><FlexQueryResponse/>', FailureKind.BAD_ANSWER),
        (b"<FlexQueryResponse/>", FailureKind.NO_ACCOUNT),
    ],
)
def test_what_is_no_statement_is_named_for_what_it_is(body: bytes, kind: FailureKind) -> None:
    assert refused(body) is kind


def test_ten_thousand_nested_tags_do_no_harm() -> None:
    assert refused(b"<a>" * 10_000 + b"</a>" * 10_000) is FailureKind.NO_ACCOUNT


@pytest.mark.parametrize(
    "name",
    ["nav-usd.xml", "nav-multi-base.xml", "nav-with-flows.xml", "nav-with-futures.xml", "nav-with-transfers.xml"],
)
def test_an_independent_reader_finds_the_same_nav(name: str) -> None:
    parser: Any = pytest.importorskip("ibflex.parser")
    body = statement(name).replace(b'period=""', b'period="LastBusinessDay"')
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = parser.parse(body)
    theirs = {
        found.accountId: (row.reportDate, row.total)
        for found in oracle.FlexStatements
        for row in found.EquitySummaryInBase
    }
    assert {nav.number: (nav.report_date, nav.total) for nav in read(body)} == theirs


def test_the_fixtures_are_all_accounted_for() -> None:
    assert len(list(FIXTURES.glob("*.xml"))) == 9
