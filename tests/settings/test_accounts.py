"""Accounts: several of one source, their ids, names, regions and addresses, and what is half configured."""

from __future__ import annotations

import re
from datetime import date

import pytest

from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.settings.names import RESERVED_LABELS, needed
from tests.settings.conftest import Read, Refused


def keys(prefix: str, *parts: str) -> list[str]:
    """Well-formed secrets for `<prefix>_<part>`; a query id is a number."""
    wanted = parts or ("API_KEY", "API_SECRET")
    return [f"{prefix}_{part}={'123456' if part == 'QUERY_ID' else f'{prefix.lower()}{part}x'}" for part in wanted]


@pytest.mark.parametrize("spec", SOURCES.values(), ids=lambda spec: spec.source)
def test_every_source_is_made_by_its_secrets(spec: object, read: Read) -> None:
    row = next(row for row in SOURCES.values() if row is spec)
    account = read(*keys(row.prefix, *needed(row))).accounts[0]
    assert (account.account, account.source, account.name) == (row.source, row.source, row.title)
    assert account.secrets.keys() == set(row.secrets)


@pytest.mark.parametrize("spec", SOURCES.values(), ids=lambda spec: spec.source)
def test_each_missing_part_of_a_source_is_named(spec: object, refused: Refused) -> None:
    row = next(row for row in SOURCES.values() if row is spec)
    lines = keys(row.prefix, *needed(row))
    for index, part in enumerate(needed(row)):
        others = lines[:index] + lines[index + 1 :]
        if others:
            problem = refused(*others).problems[0]
            assert problem.variable == f"{row.prefix}_{part}"
            assert problem.reason.startswith(f"missing: {row.title} needs ")


def test_the_missing_part_is_named_in_the_owners_own_spelling(refused: Refused) -> None:
    assert refused("GATE_API_KEY=abcdefgh").problems[0].variable == "GATE_API_SECRET"
    assert refused("KRAKEN_MAIN_API_KEY=abcdefgh").problems[0].variable == "KRAKEN_MAIN_API_SECRET"
    assert refused("OKX_MUM_API_KEY=abcdefgh").problems[0].variable == "OKX_MUM_API_SECRET"


def test_labels_make_accounts_of_their_own(read: Read) -> None:
    settings = read(*keys("KRAKEN_ACCOUNT2"), *keys("KRAKEN"), *keys("KRAKEN_ACCOUNT1"))
    assert [(a.account, a.name) for a in settings.accounts] == [
        ("kraken", "Kraken"),
        ("kraken-account1", "Kraken Account1"),
        ("kraken-account2", "Kraken Account2"),
    ]


def test_a_broker_may_have_labels_too(read: Read) -> None:
    settings = read(
        *keys("IBKR_MUM", "FLEX_TOKEN", "QUERY_ID"), "IBKR_MUM_EXPIRES=2027-03-12", *keys("TBANK_MUM", "API_TOKEN")
    )
    assert [a.account for a in settings.accounts] == ["tbank-mum", "ibkr-mum"]
    assert (settings.accounts[1].query_id, settings.accounts[1].expires) == ("123456", date(2027, 3, 12))


def test_main_is_the_account_without_a_label(read: Read) -> None:
    assert [a.account for a in read(*keys("KRAKEN_MAIN")).accounts] == ["kraken"]


def test_kraken_futures_has_two_spellings_and_is_its_own_source(read: Read) -> None:
    assert [a.account for a in read(*keys("KRAKEN_FUTURES")).accounts] == ["krakenfutures"]
    assert [a.account for a in read(*keys("KRAKEN_FUTURES_MUM")).accounts] == ["krakenfutures-mum"]


@pytest.mark.parametrize("label", sorted(RESERVED_LABELS - {"FUTURES"}))
def test_a_word_with_a_meaning_is_no_label(label: str, refused: Refused) -> None:
    problem = refused(f"KRAKEN_{label}_API_KEY=abcdefgh", f"KRAKEN_{label}_API_SECRET=abcdefgh").problems[0]
    assert problem.variable == f"KRAKEN_{label}_API_KEY"
    assert "cannot be a label" in problem.reason


def test_addresses_regions_and_names_alone_make_no_source(read: Read) -> None:
    settings = read(
        "BYBIT_BASE_URL=http://127.0.0.1:1",
        "OKX_REGION=eea",
        "KRAKEN_NAME=x",
        "BINANCE_TESTNET=true",
        "IBKR_EXPIRES=2027-01-01",
    )
    assert settings.accounts == ()
    assert settings.base_urls == {"BYBIT": "http://127.0.0.1:1"}


def test_names_are_only_shown(read: Read) -> None:
    settings = read(
        *keys("KRAKEN"), *keys("KRAKEN_ACCOUNT1"), *keys("KRAKEN_MUM"),
        "ACCOUNT_ID=Daily", "ACCOUNT1_ID=Savings", "MUM_ID=ignored", "KRAKEN_MUM_NAME=Mother's",
    )  # fmt: skip
    assert {a.account: a.name for a in settings.accounts} == {
        "kraken": "Daily",
        "kraken-account1": "Savings",
        "kraken-mum": "Mother's",
    }
    assert settings.warnings == ()


def test_the_main_account_may_be_named_by_its_label(read: Read) -> None:
    assert read(*keys("KRAKEN_MAIN"), "MAIN_ID=Daily").accounts[0].name == "Daily"
    assert read(*keys("KRAKEN"), "MAIN_ID=4").accounts[0].name == "Kraken"  # somebody else's variable


def test_a_name_that_several_share_says_the_source_too(read: Read) -> None:
    settings = read(*keys("KRAKEN"), *keys("BYBIT"), "ACCOUNT_ID=Mine")
    assert [a.name for a in settings.accounts] == ["Bybit Mine", "Kraken Mine"]


def test_an_id_of_another_program_is_not_ours(read: Read) -> None:
    assert read(*keys("KRAKEN"), "SESSION_ID=4", "ACCOUNT9_ID=x").warnings == ()
    assert read(*keys("KRAKEN"), dotenv="ACCOUNT9_ID=x\n").warnings == ("ACCOUNT9_ID is unknown and was left out.",)


def test_a_region_holds_for_every_account_unless_a_label_has_its_own(read: Read) -> None:
    okx = ("API_KEY", "API_SECRET", "API_PASSPHRASE")
    settings = read(*keys("OKX", *okx), *keys("OKX_MUM", *okx), "OKX_REGION=eea", "OKX_MUM_REGION=US")
    assert [a.region for a in settings.accounts] == ["eea", "us"]


def test_a_region_that_does_not_exist_is_refused_with_those_that_do(refused: Refused) -> None:
    assert refused("BYBIT_REGION=asia").problems[0].reason == '"asia" is not known: global or eu.'


def test_regions_have_addresses_of_their_own(read: Read) -> None:
    settings = read(*keys("GATE"), "GATE_BASE_URL=http://localhost:1/x/", "GATEIO_EU_BASE_URL=https://eu.example.org")
    account = settings.accounts[0]
    assert account.base_url == "http://localhost:1/x"
    assert account.region_urls == {"eu": "https://eu.example.org"}


def test_the_same_key_under_two_labels_is_an_error_that_names_both(refused: Refused) -> None:
    lines = [f"KRAKEN_{label}_{part}=abcdefgh{part}" for label in ("A", "B") for part in ("API_KEY", "API_SECRET")]
    [problem] = refused(*lines).problems
    assert problem.variable == "KRAKEN_B_API_KEY"
    assert problem.reason == (
        "the same as KRAKEN_A_API_KEY: kraken-a and kraken-b would be one account. Take one away."
    )


def test_one_flex_token_may_serve_two_queries(read: Read) -> None:
    lines = [
        f"IBKR_{label}_{part}" for label in ("A", "B") for part in (f"QUERY_ID={ord(label)}", "FLEX_TOKEN=1234567")
    ]
    assert [account.account for account in read(*lines).accounts] == ["ibkr-a", "ibkr-b"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("BYBIT_API_SECRT", "BYBIT_API_SECRET"),
        ("BYBIT_APIKEY", "BYBIT_API_KEY"),
        ("KRAKEN_ACCOUNT_1_API_KEY", "KRAKEN_ACCOUNT1_API_KEY"),
        ("KRAKEN_ACCOUNT1_API_KY", "KRAKEN_ACCOUNT1_API_KEY"),
        ("OKX_API_PASSPHRASE_FIL", "OKX_API_PASSPHRASE_FILE"),
        ("TELEGRAM_BOT_TOKN", "TELEGRAM_BOT_TOKEN"),
        ("POLL_INTERVAL_MINUTE", "POLL_INTERVAL_MINUTES"),
        ("POLL_INTERVAL", "POLL_INTERVAL_MINUTES"),
        ("POLL_MINUTES", "POLL_INTERVAL_MINUTES"),
        ("WINDOW_START", "WINDOW_START_HOUR"),
        ("FX_TTL", "FX_TTL_MINUTES"),
        ("KRAKEN_MUM_BASE_URL", "KRAKEN_BASE_URL"),
    ],
)
def test_a_slip_gets_a_suggestion_wherever_it_stands(typed: str, meant: str, read: Read) -> None:
    expected = (f"{typed} is unknown: did you mean {meant}?",)
    assert read(f"{typed}=abcdefgh").warnings == expected
    assert read(dotenv=f"{typed}=abcdefgh\n").warnings == expected


def test_the_beginning_of_a_name_is_enough_for_a_suggestion(read: Read) -> None:
    warnings = read(dotenv="POLL_INTERVAL=5\n").warnings
    assert warnings == ("POLL_INTERVAL is unknown: did you mean POLL_INTERVAL_MINUTES?",)


def test_lower_case_is_a_slip_too(read: Read) -> None:
    assert read(dotenv="bybit_api_key=abcdefgh\n").warnings == (
        "bybit_api_key is unknown: did you mean BYBIT_API_KEY?",
    )


def test_a_slip_explains_what_is_missing_in_one_line(refused: Refused) -> None:
    error = refused("BYBIT_API_KEY=abcdefgh", "BYBIT_API_SECRT=abcdefgh")
    assert [(p.variable, p.reason) for p in error.problems] == [
        ("BYBIT_API_SECRT", "unknown: did you mean BYBIT_API_SECRET?")
    ]
    assert error.warnings == ()


def test_variables_of_other_programs_are_left_in_peace(read: Read) -> None:
    assert (
        read(
            "PATH=/bin", "LOG_GROUP=x", "WEB_CONCURRENCY=2", "WINDOWID=3", "HTTPS_PROXY=http://x", "API_KEY=abcdef"
        ).warnings
        == ()
    )


def test_ids_never_hold_any_part_of_a_key(read: Read) -> None:
    for account in read(*keys("KRAKEN_A1"), *keys("GATE")).accounts:
        assert re.fullmatch(r"[a-z]+(-[a-z][a-z0-9]*)?", account.account)
