"""Figures: what is rounded, how it looks, and that machines get them exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.model.days import Calendar
from portfolio_bot.report import numbers
from portfolio_bot.report.numbers import ENGLISH, MINUS, NBSP, Numbers

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
SHOW = Numbers(ENGLISH, Calendar.of("Europe/Paris"), NOW)
ANY = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=12)
FEW = settings(max_examples=150, deadline=None)


def d(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("45310.4", "$45,310"), ("9999.994", "$9,999.99"), ("9999.996", "$10,000"), ("0", "$0.00"), ("-12.5", "−$12.50")],
)
def test_a_headline_has_no_cents_from_ten_thousand_on(amount: str, shown: str) -> None:
    assert SHOW.headline(d(amount), "USD") == shown


@pytest.mark.parametrize(
    ("currency", "shown"),
    [("USD", "$3,561,383.40"), ("RUB", "₽3,561,383"), ("EUR", "€3,561,383.40"), ("JPY", "¥3,561,383"),
     ("CHF", f"CHF{NBSP}3,561,383.40")],
)  # fmt: skip
def test_roubles_have_no_kopecks_and_a_code_does_not_part_from_its_figure(currency: str, shown: str) -> None:
    assert SHOW.money(d("3561383.40"), currency) == shown


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("512.4", "+$512.40"), ("-512.4", f"{MINUS}$512.40"), ("0", "$0.00"), ("0.001", "$0.00"), ("-0.001", "$0.00")],
)
def test_a_change_has_a_sign_unless_it_is_nothing(amount: str, shown: str) -> None:
    assert SHOW.change(d(amount), "USD") == shown


def test_halves_go_to_the_even_neighbour() -> None:
    assert [SHOW.bare(d(x), "USD") for x in ("0.125", "0.135", "-0.125")] == ["0.12", "0.14", f"{MINUS}0.12"]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("0.15030000", "0.1503"), ("1E-9", "0.000000001"), ("123456789.987", "123,456,790"),
     ("1234.56789123", "1,234.5679"), ("0.000000012345678912", "0.000000012345679"),
     ("-2.50", f"{MINUS}2.5"), ("0", "0")],
)  # fmt: skip
def test_amounts_have_eight_digits_and_keep_whole_units(amount: str, shown: str) -> None:
    assert SHOW.amount(d(amount)) == shown


@pytest.mark.parametrize(
    ("price", "shown"),
    [("67123.456", "67,123.46"), ("1.00021", "1.0002"), ("0.9998", "0.9998"), ("15.2", "15.20"),
     ("0.0000123456", "0.000012346"), ("3.9", "3.90")],
)  # fmt: skip
def test_prices_have_five_digits_and_at_least_two_decimals(price: str, shown: str) -> None:
    assert SHOW.price(d(price)) == shown


@pytest.mark.parametrize(
    ("part", "shown"),
    [("27.24", "27.2%"), ("0.05", "<0.1%"), ("0.1", "0.1%"), ("0", "0.0%"), ("-0.05", f">{MINUS}0.1%"),
     ("-12", f"{MINUS}12.0%"), ("100", "100.0%")],
)  # fmt: skip
def test_a_share_has_one_digit_and_dust_says_so(part: str, shown: str) -> None:
    assert SHOW.share(d(part), d("100")) == shown


def test_there_is_no_share_of_nothing() -> None:
    assert SHOW.share(d("5"), d("0")) == SHOW.share(d("5"), d("-1")) == ""


@pytest.mark.parametrize(
    ("instant", "shown"),
    [(NOW, "14:05"), (datetime(2026, 11, 19, 23, 30, tzinfo=UTC), "00:30"),
     (datetime(2026, 11, 18, 12, 0, tzinfo=UTC), "18 Nov 13:00"),
     (datetime(2025, 12, 31, 12, 0, tzinfo=UTC), "31 Dec 2025 13:00")],
)  # fmt: skip
def test_a_moment_is_told_in_the_reader_s_zone(instant: datetime, shown: str) -> None:
    assert SHOW.moment(instant).replace(NBSP, " ") == shown


def test_runs_of_days_are_told_together() -> None:
    day = date(2026, 11, 16)
    assert SHOW.days(day, day + timedelta(days=1)).replace(NBSP, " ") == "16–17 Nov"
    assert SHOW.days(date(2026, 10, 30), date(2026, 11, 2)).replace(NBSP, " ") == "30 Oct – 2 Nov"
    assert SHOW.days(day, day).replace(NBSP, " ") == "16 Nov"


@pytest.mark.parametrize(
    ("length", "age", "span"),
    [({"seconds": 40}, "40 s ago", "40 s"), ({"hours": 3, "minutes": 10}, "3 h ago", "3 h 10 min"),
     ({"days": 2, "minutes": 5}, "2 d ago", "2 d"), ({"seconds": 0}, "0 s ago", "0 s"),
     ({"seconds": -5}, "0 s ago", "0 s")],
)  # fmt: skip
def test_ages_have_one_unit_and_spans_two(length: dict[str, int], age: str, span: str) -> None:
    delta = timedelta(**length)
    assert (SHOW.age(NOW - delta).replace(NBSP, " "), SHOW.span(delta).replace(NBSP, " ")) == (age, span)


@FEW
@given(ANY)
def test_what_is_shown_is_never_off_by_more_than_half_a_cent(amount: Decimal) -> None:
    read = Decimal(SHOW.bare(amount, "USD").replace(",", "").replace(MINUS, "-"))
    assert abs(read - amount) <= d("0.005")


@FEW
@given(ANY)
def test_no_figure_wraps_has_an_exponent_or_a_minus_before_zero(amount: Decimal) -> None:
    figures = (
        SHOW.headline(amount, "USD"), SHOW.money(amount, "CHF"), SHOW.change(amount, "RUB"), SHOW.amount(amount),
        SHOW.percent_change(amount), SHOW.share(amount, d("1000")), SHOW.price(abs(amount)),
    )  # fmt: skip
    for figure in figures:
        digits = figure.replace("CHF", "").replace("<", "").replace(">", "")
        assert " " not in figure
        assert "E" not in digits
        assert not (digits.startswith(MINUS) and not any(c in "123456789" for c in digits))


@FEW
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30))
def test_plain_notation_is_exact(number: Decimal) -> None:
    text = numbers.plain(number)
    assert Decimal(text) == number
    assert "E" not in text
    assert text == "0" or not text.startswith("-0") or "." in text
    assert "." not in text or not text.endswith(("0", "."))


@FEW
@given(ANY, st.integers(min_value=1, max_value=6))
def test_the_ambient_precision_changes_nothing(amount: Decimal, precision: int) -> None:
    wide = (numbers.money_text(amount), SHOW.headline(amount, "USD"), SHOW.amount(amount), SHOW.share(amount, d("7")))
    with localcontext() as context:
        context.prec = precision
        narrow = (
            numbers.money_text(amount),
            SHOW.headline(amount, "USD"),
            SHOW.amount(amount),
            SHOW.share(amount, d("7")),
        )
    assert narrow == wide


def test_machines_get_eight_places_of_money_and_eighteen_digits_of_a_quotient() -> None:
    assert numbers.money_text(d("0.123456785")) == "0.12345678"
    assert numbers.derived_text(Decimal(1) / 3) == "0.333333333333333333"
    assert numbers.fraction_text(Decimal(2) / 3) == "0.666666666667"
    assert numbers.money_text(d("-0.000000001")) == "0"


RU = Numbers(numbers.RUSSIAN, Calendar.of("Europe/Paris"), NOW)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (RU.headline(d("45310.4"), "USD"), "45 310 $"),
        (RU.money(d("12345.67"), "USD"), "12 345,67 $"),
        (RU.money(d("3561383.4"), "RUB"), "3 561 383 ₽"),
        (RU.money(d("5.5"), "CHF"), "5,50 CHF"),
        (RU.change(d("-512.4"), "USD"), f"{MINUS}512,40 $"),
        (RU.percent_change(d("0.0114")), "+1,14 %"),
        (RU.amount(d("0.15030000")), "0,1503"),
        (RU.share(d("0.01"), d("100")), "<0,1 %"),
        (RU.rate_in(d("78.6"), "RUB"), "78,60 ₽"),
        (RU.limit(d("1"), "USD"), "1 $"),
        (RU.limit(d("0.5"), "EUR"), "0,50 €"),
        (RU.exact(d("1234.0876500")), "1 234,08765"),
        (RU.day(date(2026, 5, 18)), "18 мая"),
        (RU.day(date(2025, 12, 1)), "1 дек 2025"),
        (RU.month(2026, 11), "ноябрь 2026"),
        (RU.month(2025, 5), "май 2025"),
        (RU.age(NOW - timedelta(hours=2, minutes=5)), "2 ч назад"),
        (RU.span(timedelta(days=1, hours=3)), "1 д 3 ч"),
        (RU.seconds(0.31), "0,3 с"),
    ],
)
def test_a_russian_reads_russian_figures(shown: str, expected: str) -> None:
    assert shown == expected.replace(" ", NBSP)


def test_a_limit_and_a_rate_are_round_in_english_too() -> None:
    assert (SHOW.limit(d("1"), "USD"), SHOW.rate_in(d("78.6"), "RUB")) == ("$1", "₽78.60")
