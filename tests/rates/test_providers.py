"""The providers' files: exact values, and what is refused whole or row by row."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, RateTable
from portfolio_bot.rates import cbr, ecb, frankfurter
from portfolio_bot.rates.base import Sheet
from tests.peers.fx import fixture

LATER = date(2026, 12, 31)


def per_unit(sheet: Sheet, currency: str) -> Decimal:
    above, below = sheet.worth[currency]
    return above / below


@pytest.mark.parametrize(
    ("name", "day", "values"),
    [
        ("ecb-daily-2015-01-07.xml", "2015-01-07", {"USD": "1.1831", "GBP": "0.7823"}),
        ("ecb-daily-2022-07-08.xml", "2022-07-08", {"USD": "1.0163", "GBP": "0.84585", "CHF": "0.9913"}),
        ("ecb-daily-2026-10-02-excerpt.xml", "2026-10-02", {"USD": "1.1225", "GBP": "0.85033", "CHF": "0.9279"}),
        ("ecb-hist-90d-2019-first12.xml", "2019-11-29", {"USD": "1.0982", "ISK": "134"}),
    ],
)
def test_ecb_quotes_units_per_euro(name: str, day: str, values: dict[str, str]) -> None:
    sheet = ecb.parse(fixture(name))
    assert sheet.date == date.fromisoformat(day)
    assert {currency: 1 / per_unit(sheet, currency) for currency in values} == pytest.approx(
        {currency: Decimal(value) for currency, value in values.items()}
    )
    assert {currency: sheet.worth[currency][1] for currency in values} == {
        currency: Decimal(value) for currency, value in values.items()
    }


@pytest.mark.parametrize("name", ["ecb-daily-2015-01-07.xml", "ecb-hist-90d-2019-first12.xml"])
def test_a_rouble_rate_by_the_ecb_is_never_taken(name: str) -> None:
    sheet = ecb.parse(fixture(name))
    assert sheet.rate("RUB") is None


def test_ecb_crosses_pass_through_the_dollar_with_one_division() -> None:
    sheet = ecb.parse(fixture("ecb-daily-2026-10-02-excerpt.xml"))
    euro, pound = sheet.rate("EUR"), sheet.rate("GBP")
    assert euro is not None
    assert pound is not None
    assert (euro.rate, euro.crossed) == (Decimal("1.1225"), False)
    assert (pound.rate, pound.crossed) == (Decimal("1.1225") / Decimal("0.85033"), True)


@pytest.mark.parametrize(
    ("name", "day", "values"),
    [
        (
            "cbr-daily-2016-12-09-no-vunitrate.xml",
            "2016-12-09",
            {"USD": "63.3901", "EUR": "68.2458", "CNY": "9.21421", "KZT": "0.189063", "INR": "0.940436"},
        ),
        ("cbr-daily-2023-11-02.xml", "2023-11-02", {"USD": "93.2801", "EUR": "98.4365", "INR": "1.1218"}),
        (
            "cbr-daily-2026-08-26.xml",
            "2026-08-26",
            {
                "USD": "84.4635", "EUR": "98.5182", "GBP": "115.1660", "CHF": "105.1980", "CNY": "12.5659",
                "IRR": "0.0000538765",
            },
        ),
    ],
)  # fmt: skip
def test_bank_of_russia_quotes_roubles_for_a_nominal(name: str, day: str, values: dict[str, str]) -> None:
    sheet = cbr.parse(fixture(name), LATER)
    assert sheet.date == date.fromisoformat(day)
    assert {currency: per_unit(sheet, currency) for currency in values} == {
        currency: Decimal(value) for currency, value in values.items()
    }


def test_euro_by_the_bank_of_russia_is_a_cross() -> None:
    rate = cbr.parse(fixture("cbr-daily-2026-08-26.xml"), LATER).rate("EUR")
    assert rate is not None
    assert (round(rate.rate, 5), rate.crossed) == (Decimal("1.16640"), True)


def test_the_dollar_by_the_bank_of_russia_is_as_published() -> None:
    rate = cbr.parse(fixture("cbr-daily-2026-08-26.xml"), LATER).rate("RUB")
    assert rate == FxRate("USD", "RUB", Decimal("84.4635"), FxProvider.CBR, date(2026, 8, 26))


def test_the_mirror_divides_by_the_nominal_too() -> None:
    sheet = cbr.parse_mirror(fixture("cbr-json-2022-02-03-excerpt.json"), LATER)
    assert sheet.date == date(2022, 2, 3)
    assert {currency: per_unit(sheet, currency) for currency in ("USD", "HKD", "JPY")} == {
        "USD": Decimal("76.4849"),
        "HKD": Decimal("9.81331"),
        "JPY": Decimal("0.667786"),
    }


def test_while_the_mirror_shows_tomorrow_the_day_before_is_taken() -> None:
    sheet = cbr.parse_mirror(fixture("cbr-json-2022-02-03-excerpt.json"), date(2022, 2, 2))
    assert (sheet.date, per_unit(sheet, "USD")) == (date(2022, 2, 2), Decimal("77.1302"))


def test_a_rate_for_tomorrow_is_never_todays() -> None:
    with pytest.raises(SourceError):
        cbr.parse(fixture("cbr-daily-2026-08-26.xml"), date(2026, 8, 25))
    with pytest.raises(SourceError):
        cbr.parse_mirror(fixture("cbr-json-2022-02-03-excerpt.json"), date(2022, 2, 1))


def test_frankfurter_rows_are_units_per_base() -> None:
    rouble = frankfurter.parse(fixture("frankfurter-v2-usd-rub-cbr.json"), "USD").rate("RUB")
    euro = frankfurter.parse(fixture("frankfurter-v2-rate-usd-eur.json"), "USD").rate("EUR")
    assert rouble == FxRate("USD", "RUB", Decimal("84.4635"), FxProvider.FRANKFURTER, date(2026, 8, 26))
    assert euro is not None
    assert euro.rate == 1 / Decimal("0.8739")


def _cbr_row(code: str, nominal: str, value: str) -> bytes:
    return (
        f'<Valute ID="x"><CharCode>{code}</CharCode><Nominal>{nominal}</Nominal><Value>{value}</Value></Valute>'
    ).encode()


@pytest.mark.parametrize(
    ("nominal", "value"),
    [("0", "1,5"), ("1", "abc"), ("1", "5,38765E-05"), ("1", "-3,0"), ("1", "0"), ("x", "1"), ("1", "１"), ("1", "")],
)
def test_a_malformed_row_is_refused_alone(nominal: str, value: str) -> None:
    body = b'<ValCurs Date="26.08.2026">' + _cbr_row("USD", "1", "84,46") + _cbr_row("EUR", nominal, value)
    sheet = cbr.parse(body + b"</ValCurs>", LATER)
    assert set(sheet.worth) == {"USD"}


@pytest.mark.parametrize(
    "body",
    [
        fixture("cbr-error.xml"),
        b"<html><body>DDoS-Guard</body></html>",
        b"",
        b'<ValCurs Date="26.08.2026"></ValCurs>',
        b'<ValCurs Date="2026-08-26">' + _cbr_row("USD", "1", "84,46") + b"</ValCurs>",
        b'<!DOCTYPE x [<!ENTITY y "z">]><ValCurs Date="26.08.2026"/>',
    ],
)
def test_what_is_no_daily_file_of_the_bank_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        cbr.parse(body, LATER)
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


@pytest.mark.parametrize("spoil", [("1.1225", "NaN"), ("1.1225", "0"), ("1.1225", "-1"), ("2026-10-02", "today")])
def test_an_ecb_file_without_dollar_or_date_is_a_bad_answer(spoil: tuple[str, str]) -> None:
    body = fixture("ecb-daily-2026-10-02-excerpt.xml").replace(spoil[0].encode(), spoil[1].encode())
    with pytest.raises(SourceError):
        ecb.parse(body)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"date":"2026-01-01","base":"GBP","quote":"USD","rate":1}', b"x"])
def test_frankfurter_without_a_row_of_its_base_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(SourceError):
        frankfurter.parse(body, "USD")


@pytest.mark.parametrize(
    "parse", [lambda body: cbr.parse_mirror(body, LATER), lambda body: frankfurter.parse(body, "USD")]
)
@pytest.mark.parametrize("body", [b'{"a":NaN}', b'{"a":1,"a":2}', b"<html></html>", b"null", b"7"])
def test_hostile_json_is_a_bad_answer(parse: Callable[[bytes], Sheet], body: bytes) -> None:
    with pytest.raises(SourceError):
        parse(body)


def test_a_float_of_the_mirror_keeps_its_digits() -> None:
    data = json.loads(fixture("cbr-json-2022-02-03-excerpt.json"))
    text = json.dumps(data).replace("76.4849", "76.484900000000000000001")
    sheet = cbr.parse_mirror(text.encode(), LATER)
    assert per_unit(sheet, "USD") == Decimal("76.484900000000000000001")


PRICES = st.decimals(min_value="0.001", max_value=1000, places=4)


@given(PRICES, PRICES, PRICES)
def test_rates_of_one_sheet_close_every_triangle(dollar: Decimal, euro: Decimal, pound: Decimal) -> None:
    one = Decimal(1)
    sheet = Sheet(FxProvider.CBR, LATER, "RUB", {"USD": (dollar, one), "EUR": (euro, one), "GBP": (pound, one)})
    table = RateTable({c: sheet.rate(c) or Unknown("no_rate") for c in ("RUB", "EUR", "GBP")})
    steps = [table.factor("EUR", "GBP"), table.factor("GBP", "RUB"), table.factor("RUB", "EUR")]
    product = Decimal(1)
    for step in steps:
        assert isinstance(step, Decimal)
        product *= step
    assert abs(product - 1) < Decimal("1e-24")
