"""Redaction: no form of a secret gets out, and no figure is rewritten."""

from __future__ import annotations

import base64
import json
import time
import urllib.parse

import pytest

from portfolio_bot.net.redact import Redactor

SECRET = 'aB3/+"\\ü-canary-9f8e'
BOT = "123456789:AAF-canary_canary_canary_canary_canar"

FORMS = {
    "plain": SECRET,
    "quoted": urllib.parse.quote(SECRET, safe=""),
    "plus": urllib.parse.quote_plus(SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "JSON": json.dumps(SECRET),
    "repr": repr(SECRET),
    "hex": SECRET.encode().hex(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    redactor = Redactor([SECRET, BOT])
    for mask in (redactor.log, redactor.message):
        masked = mask(f"before {form} after")
        assert form.strip("\"'=") not in masked
        assert masked.startswith("before ")
        assert masked.endswith(" after")


def test_the_tail_of_a_bot_token_is_a_secret_of_its_own() -> None:
    assert Redactor([BOT]).message(f"token {BOT.split(':')[1]} seen") == "token *** seen"


def test_a_short_passphrase_never_rewrites_a_figure() -> None:
    redactor = Redactor(["123456", "31"])
    figure = "123456.78 and 313233343536"
    assert redactor.message(figure) == figure
    assert redactor.log(figure) == "***.78 and ***"


def test_of_two_secrets_that_overlap_the_longer_is_masked_whole() -> None:
    assert Redactor(["canary-one", "canary-one-and-more"]).log("x canary-one-and-more y") == "x *** y"


@pytest.mark.parametrize(
    "line",
    [
        "GET https://api.telegram.org/bot123456789:AAFcanarycanarycanarycanarycanarycan/getMe",
        "https://hooks.slack.com/services/T0/B0/canary",
        "POST /api?timestamp=1&signature=canary",
        "headers={'X-MBX-APIKEY': 'canary', 'ok-access-sign': 'canary'}",
        '{"api_key": "canary"}',
        "Authorization: Bearer canary",
        "GET /AccountManagement/FlexWebService/SendRequest?t=canary&q=1",
        "t." + "canary" * 12,
        "passphrase = canary",
        "OK-ACCESS-PASSPHRASE: canary",
        "KC-API-KEY: canary",
    ],
)
def test_logs_mask_what_looks_like_a_secret(line: str) -> None:
    assert "canary" not in Redactor().log(line)


def test_messages_keep_what_only_looks_like_a_secret() -> None:
    line = "A token: the key is read-only, sign in again. Total: 1,234.50"
    assert Redactor([SECRET]).message(line) == line


def test_masking_twice_changes_nothing_more() -> None:
    redactor = Redactor([SECRET])
    once = redactor.log(f"signature={SECRET}&x=1")
    assert redactor.log(once) == once


@pytest.mark.parametrize(
    "text", ["x-" * 20_000, "token" * 10_000, "bot1" * 10_000, "a" * 60_000, "token" + " " * 60_000]
)
def test_no_text_makes_redaction_slow(text: str) -> None:
    redactor = Redactor([SECRET, BOT])
    started = time.perf_counter()
    redactor.log(text)
    assert time.perf_counter() - started < 0.5


def test_a_redactor_never_prints_what_it_knows() -> None:
    redactor = Redactor([SECRET])
    assert SECRET not in repr(redactor) + str(redactor)
