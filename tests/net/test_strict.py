"""Strict JSON: exact digits in, everything doubtful out."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.strict import strict_json
from tests.peers.faults import HOSTILE_NUMBERS


def test_digits_survive_that_a_float_would_lose() -> None:
    parsed = strict_json(b'{"a": 0.1000000000000000055, "b": 12345678901234567890.123456789, "c": 940708407462087195}')
    assert parsed == {
        "a": Decimal("0.1000000000000000055"),
        "b": Decimal("12345678901234567890.123456789"),
        "c": 940708407462087195,
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"<html></html>",
        b'{"a": 1',
        b'{"a": 1}{"a": 1}',
        b'{"a": 1, "a": 1}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": 1e999999999}',
        b'{"a": 1E-99999}',
        b'{"a": ' + b"9" * 100_000 + b"}",
        b'{"a": 0.' + b"1" * 100_000 + b"}",
    ],
)
def test_a_broken_document_is_a_bad_answer_and_no_value_error(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(SourceError) as caught:
        strict_json(body)
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize(
    ("body", "words"), [(b" ", "empty"), (b"\n <!doctype html>", "web page"), (b"{", "no valid JSON")]
)
def test_the_refusal_says_what_came_instead(body: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        strict_json(body)


def test_a_refusal_never_repeats_the_answer() -> None:
    with pytest.raises(SourceError) as caught:
        strict_json(b'{"key": "canary-canary"')
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("raw", HOSTILE_NUMBERS.values(), ids=HOSTILE_NUMBERS.keys())
def test_no_hostile_text_becomes_an_amount(raw: str) -> None:
    started = time.perf_counter()
    with pytest.raises((SourceError, ValueError)):
        exact(strict_json(f'{{"a": {raw}}}')["a"])  # type: ignore[index]
    assert time.perf_counter() - started < 0.1


def test_minus_zero_is_zero() -> None:
    assert str(exact("-0.00")) == str(exact(0)) == "0"
