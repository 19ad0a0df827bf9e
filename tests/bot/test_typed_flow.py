"""One line about money that came or went: amount and asset first, the rest in any order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portfolio_bot.bot.typed_flow import NOW, TypedFlow, amount_of, asset_of, day_of, typed_flow
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.service.errors import UserError
from tests.clock import moment

PARIS = Calendar.of("Europe/Paris")
AT = moment("2026-11-21 12:00")
NAMES = {"bybit": "Bybit", "tbank": "T-Bank main", "tbank-2": "T-Bank"}


def read(line: str, kind: FlowKind = FlowKind.DEPOSIT) -> TypedFlow:
    return typed_flow(line, kind, NAMES, PARIS, AT)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("500 USD", TypedFlow(Decimal(500), "USD")),
        ("0.5 btc", TypedFlow(Decimal("0.5"), "BTC")),
        ("500usd", TypedFlow(Decimal(500), "USD")),
        ("$500.25", TypedFlow(Decimal("500.25"), "USD")),
        ("₽1000 to T-Bank", TypedFlow(Decimal(1000), "RUB", "tbank-2")),
        ("5 BTC to T-Bank main", TypedFlow(Decimal(5), "BTC", "tbank")),
        ("5 BTC bybit", TypedFlow(Decimal(5), "BTC", "bybit")),
        ("500", TypedFlow(Decimal(500))),
        ("BTC", TypedFlow(None, "BTC")),
        ("BTC to Bybit", TypedFlow(None, "BTC", "bybit")),
        ("", TypedFlow()),
        ("500 USD 18 Nov from bank", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 18), "from bank")),
        ("500 USD Nov 18, to Bybit", TypedFlow(Decimal(500), "USD", "bybit", date(2026, 11, 18))),
        ("500 USD on 18 November 2024", TypedFlow(Decimal(500), "USD", None, date(2024, 11, 18))),
        ("500 USD 24 Dec", TypedFlow(Decimal(500), "USD", None, date(2025, 12, 24))),
        ("500 USD 18.11", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 18))),
        ("500 USD 18.11.2025", TypedFlow(Decimal(500), "USD", None, date(2025, 11, 18))),
        ("500 USD 2026-11-18", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 18))),
        ("500 USD 18-11-2026 gift", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 18), "gift")),
        ("500 USD yesterday", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 20))),
        ("500 USD today", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 21))),
        ("500 USD now", TypedFlow(Decimal(500), "USD", None, NOW)),
        ("500 USD 2026-11-18T08:00Z", TypedFlow(Decimal(500), "USD", None, moment("2026-11-18 08:00"))),
        ("500 USD 18 ноября на Bybit", TypedFlow(Decimal(500), "USD", "bybit", date(2026, 11, 18))),
        ("500 USD 9 мая с карты", TypedFlow(Decimal(500), "USD", None, date(2026, 5, 9), "с карты")),
        ("500 USD Вчера", TypedFlow(Decimal(500), "USD", None, date(2026, 11, 20))),
        ("500 USD from Bybit", TypedFlow(Decimal(500), "USD", None, None, "from Bybit")),
    ],
)
def test_a_line_says_what_it_says(line: str, said: TypedFlow) -> None:
    assert read(line) == said


def test_what_stands_before_an_account_depends_on_the_way_the_money_went() -> None:
    assert read("5 BTC from Bybit", FlowKind.WITHDRAWAL) == TypedFlow(Decimal(5), "BTC", "bybit")
    assert read("5 BTC to ledger", FlowKind.WITHDRAWAL).note == "to ledger"


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [
        ("-5 BTC", "-5", "is no amount"),
        ("0 BTC", "0", "is no amount"),
        ("1,500 BTC", "1,500", "decimal mark is a point"),
        ("1,5,5 BTC", "1,5,5", "decimal mark is a point"),
        ("1,000.50 USD", "1,000.50", "decimal mark is a point"),
        ("1,234USD", "1,234", "decimal mark is a point"),
        ("1e99 BTC", "1e99", "is no amount"),
        ("5 Биткоин", "Биткоин", "is no name of an asset"),
        ("5 USD 31 Nov", "31 Nov", "is no day of the calendar"),
        ("5 USD 18 Nov 2027", "18 Nov 2027", "is in the future"),
        ("5 USD 2026-11-31", "2026-11-31", "is no day of the calendar"),
        ("5 USD 2030-01-01", "2030-01-01", "is in the future"),
        ("5 USD 2026-11-18T08:00", "2026-11-18T08:00", "without a zone"),
    ],
)
def test_what_is_wrong_is_named(line: str, value: str, reason: str) -> None:
    with pytest.raises(UserError) as caught:
        read(line)
    assert caught.value.refusal.value == value
    assert reason in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("line", "amount", "asset"),
    [
        ("0,5 BTC", "0.5", "BTC"),
        ("1,5BTC", "1.5", "BTC"),
        ("0,125 BTC", "0.125", "BTC"),
        ("1234,567 USDT", "1234.567", "USDT"),
        ("1,00050 ETH", "1.00050", "ETH"),
        ("$12,50", "12.5", "USD"),
        ("12,5$", "12.5", "USD"),
        ("500 ₽", "500", "RUB"),
        ("1 000 USD", "1000", "USD"),
        ("45\u00a0310,40\u00a0$", "45310.4", "USD"),
        ("1 234 567,125 RUB", "1234567.125", "RUB"),
        ("5 700", "5", "700"),
        ("5 700 on bybit", "5", "700"),
    ],
)
def test_an_amount_may_be_typed_as_it_is_printed(line: str, amount: str, asset: str) -> None:
    said = read(line)
    assert (said.amount, said.asset) == (Decimal(amount), asset)


def test_a_comma_is_explained() -> None:
    with pytest.raises(UserError, match="decimal mark is a point"):
        amount_of("1,000")


@pytest.mark.parametrize("text", ["soon", "18 Nov please", "", "99"])
def test_a_day_alone_must_be_one(text: str) -> None:
    with pytest.raises(UserError, match=r"(?i)is no day"):
        day_of(text, PARIS, AT)


def test_names_of_assets_are_in_upper_case() -> None:
    assert asset_of("usdt") == "USDT"
