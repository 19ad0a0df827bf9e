"""Cash of an IBKR account by currency: worth what NAV says, or one row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.statement import Wallet
from portfolio_bot.platforms.ibkr_statement import navs
from portfolio_bot.platforms.ibkr_xml import document
from tests.peers.ibkr import statement

RATE = '<ConversionRates><ConversionRate fromCurrency="{}" toCurrency="USD" rate="{}"/></ConversionRates>'


def report(**amounts: str) -> str:
    rows = "".join(f'<CashReportCurrency currency="{name}" endingCash="{amount}"/>' for name, amount in amounts.items())
    return f"<CashReport>{rows}</CashReport>"


def cash(inside: str, total: str = "1265") -> list[tuple[str, str, Decimal]]:
    """Name, amount and worth of each cash row of an account with so many dollars of cash."""
    body = (
        '<FlexQueryResponse><FlexStatement accountId="U1" toDate="20261118"><EquitySummaryByReportDateInBase'
        f' currency="USD" reportDate="20261118" cash="{total}" stock="5" total="{Decimal(total) + 5}"/>{inside}'
        "</FlexStatement></FlexQueryResponse>"
    )
    (nav,) = navs(document(body.encode()))
    assert sum(line.worth for line in nav.lines) == nav.total
    return [(line.asset, str(line.amount), line.worth) for line in nav.lines if line.wallet is Wallet.CASH]


def test_each_currency_is_a_row_and_together_they_are_worth_what_nav_says() -> None:
    found = cash(
        report(BASE_SUMMARY="1265", USD="1000", EUR="230", GBP="-0.5")
        + RATE.format("EUR", "1.15")
        + RATE.format("GBP", "1.3")
    )
    assert found == [
        ("USD", "1000", Decimal(1000)),
        ("EUR", "230", Decimal("265.65")),
        ("GBP", "-0.5", Decimal("-0.65")),
    ]


def test_a_rate_of_another_hour_leaves_no_gap() -> None:
    found = cash(report(USD="1000", EUR="230") + '<OpenPositions><OpenPosition currency="EUR" fxRateToBase="1.149"'
                 ' levelOfDetail="LOT"/></OpenPositions>')  # fmt: skip
    assert found == [("USD", "1000", Decimal(1000)), ("EUR", "230", Decimal(265))]


@pytest.mark.parametrize(
    "inside",
    [
        "",
        report(USD="1265"),
        report(USD="1000", EUR="230"),
        report(USD="1000", EUR="230") + RATE.format("EUR", "-1"),
        report(USD="1000", EUR="230") + RATE.format("EUR", "junk"),
        report(USD="1000", EUR="230") + RATE.format("EUR", "1.5"),
        report(USD="1000", EUR="") + RATE.format("EUR", "1.15"),
    ],
    ids=["no report", "one currency", "no rate", "no real rate", "junk", "a rate that cannot be", "no amount"],
)
def test_where_report_and_nav_do_not_agree_cash_is_one_row(inside: str) -> None:
    assert cash(inside) == [("USD", "1265", Decimal(1265))]


def test_an_account_wholly_in_another_currency_has_no_row_of_its_own() -> None:
    assert cash(report(USD="0", EUR="1100") + RATE.format("EUR", "1.15")) == [("EUR", "1100", Decimal(1265))]


def test_amounts_of_another_account_are_not_mixed_in() -> None:
    other = '<CashReport><CashReportCurrency accountId="U2" currency="EUR" endingCash="230"/></CashReport>'
    assert cash(other + RATE.format("EUR", "1.15")) == [("USD", "1265", Decimal(1265))]


def test_a_hand_made_statement_whose_report_contradicts_itself_keeps_its_nav() -> None:
    franc, _ = navs(document(statement("two-accounts.xml")))
    assert [(line.asset, line.worth) for line in franc.lines if line.wallet is Wallet.CASH] == [
        ("CHF", Decimal("1000.50"))
    ]
