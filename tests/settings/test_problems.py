"""Everything that is wrong is said at once: the variable, the reason, the mend; never a secret."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from portfolio_bot.settings import SettingsError
from portfolio_bot.settings.values import CURRENCIES
from tests.settings.conftest import Read, Refused

EXTRAS = [name for name in ("aiohttp_socks", "psycopg") if importlib.util.find_spec(name)]
CANARY = "c4n4ryS3cretValue"


def test_all_problems_come_in_one_list(refused: Refused) -> None:
    error = refused(
        "OKX_API_KEY=abcdefgh",
        "OKX_API_SECRET=abcdefgh",
        "WINDOW_START_HOUR=25",
        "BYBIT_API_KEY=abcdefgh",
        "BYBIT_API_SECRT=abcdefgh",
    )
    assert str(error).splitlines()[0] == "3 settings are wrong (environment):"
    assert [problem.variable for problem in error.problems] == [
        "BYBIT_API_SECRT",
        "OKX_API_PASSPHRASE",
        "WINDOW_START_HOUR",
    ]


def test_the_heading_names_both_places_where_both_are_wrong(refused: Refused) -> None:
    assert "(environment):" in str(refused("WEB_PORT=x", dotenv="CACHE_TTL=1\n"))
    assert "(.env and environment):" in str(refused("WEB_PORT=x", dotenv="CACHE_TTL=x\n"))


def test_the_heading_names_the_file(refused: Refused) -> None:
    assert str(refused(dotenv="WEB_PORT=x\n")).startswith("1 setting is wrong (.env):\n  WEB_PORT  ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("WINDOW_START_HOUR=25", '"25" is no hour: 0 to 23.'),
        ("WINDOW_END_HOUR=8h", '"8h" is no hour: 0 to 23.'),
        ("POLL_INTERVAL_MINUTES=0", '"0" is out of range: 1 to 10080 minutes.'),
        ("POLL_INTERVAL_MINUTES=ten", '"ten" is no whole number of minutes: 1 to 10080.'),
        ("REPORT_INTERVAL=90", '"90" seconds are no whole minutes: use POLL_INTERVAL_MINUTES=2.'),
        ("REPORT_INTERVAL=30", '"30" is out of range: 60 to 604800 seconds.'),
        ("SNAPSHOT_INTERVAL=0", '"0" is out of range: 1 to 86400 seconds.'),
        ("TIMEZONE=Paris", '"Paris" is no time zone: use a name like Europe/Paris, Asia/Dubai or UTC.'),
        ("DAILY_SNAPSHOT_TIME=24:00", '"24:00" is no time of day: write it like 00:05.'),
        (
            "HISTORICAL_START_DATE=2199-01-01",
            '"2199-01-01" is still to come: write the first day that is to be read, like 2024-01-31.',
        ),
        ("HISTORICAL_START_DATE=2024-02-30", '"2024-02-30" is no date: write it like 2026-11-20.'),
        ("INCLUDE_CRYPTO_BREAKDOWN=maybe", '"maybe" is neither true nor false.'),
        (
            "BASE_CURRENCY=BTC",
            '"BTC" is no currency that the ECB or the Bank of Russia publish: USD, EUR, RUB, GBP, ….',
        ),
        ("ALERT_THRESHOLD_PERCENT=5%", '"5%" is no number: percent, 0.1 to 100.'),
        ("ALERT_THRESHOLD_PERCENT=0", '"0" is out of range: percent, 0.1 to 100.'),
        ("RISK_FREE_ANNUAL=4", '"4" is out of range: a fraction, like 0.04 for 4 %.'),
        ("BENCHMARK=BTC:50,ETH:40", "the weights add up to 90, not to 100."),
        ("BENCHMARK=BTC", '"BTC" is no weight: write assets and percent like BTC:50,ETH:50.'),
        ("BENCHMARK=BTC:50,btc:50", '"BTC" stands twice: give each asset one weight.'),
        ("LOT_SCOPE=wallet", '"wallet" is not known: global or account.'),
        ("TWR_METHOD=x", '"x" is not known: auto, start, dietz or pp.'),
        ("LOG_LEVEL=loud", '"loud" is not known: DEBUG, INFO, WARNING or ERROR.'),
        ("FX_PROVIDER=BOE", '"BOE" is not known: ECB or CBR.'),
        ("ALLOWED_USER_IDS=7,-100", '"-100" is a group, not a person: only user ids may stand here.'),
        ("ALLOWED_USER_IDS=@me", '"@me" is no user id: whole numbers divided by commas (send /id to your bot).'),
        ("TELEGRAM_CHAT_ID=me", '"me" is no chat: a number (send /id to your bot to learn it) or a channel\'s @name.'),
        ("WEB_PORT=70000", '"70000" is no port: 1 to 65535.'),
        ("ALLOWED_ORIGINS=*", '"*" is no origin: scheme and host, like https://example.org (never *).'),
        ("IBKR_QUERY_ID=x1", '"x1" is no query id: IBKR shows a number beside the Flex query.'),
        (
            "TBANK_CA_FILE=/nowhere.pem",
            "/nowhere.pem: there is no such file. Leave it out to use the certificate that comes along.",
        ),
        ("PROXY_URL=ftp://x", "is no proxy: write it like http://host:3128 or socks5://host:1080."),
        (
            "DATABASE_URL=mysql://x",
            "begins with neither sqlite:/// nor postgresql://. Leave it out to keep the history in DATA_DIR.",
        ),
    ],
)
def test_a_wrong_value_gets_a_sentence(line: str, words: str, refused: Refused) -> None:
    error = refused(line)
    assert (error.problems[0].variable, error.problems[0].reason) == (line.split("=", maxsplit=1)[0], words)


@pytest.mark.parametrize("name", ["BYBIT_BASE_URL", "ECB_BASE_URL", "TELEGRAM_BASE_URL", "GATEIO_EU_BASE_URL"])
def test_plain_http_leaves_this_machine_for_nobody(name: str, refused: Refused, read: Read) -> None:
    assert "would send your key unprotected" in refused(f"{name}=http://api.example.org").problems[0].reason
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "[::1]"):
        assert read(f"{name}=http://{host}:8080").warnings == ()


def test_a_bot_server_of_ones_own_may_stand_in_the_private_network(read: Read, refused: Refused) -> None:
    assert "plain http" in read("TELEGRAM_BASE_URL=http://192.168.1.5:8081").warnings[0]
    assert "plain http" in read("TELEGRAM_BASE_URL=http://telegram-bot-api:8081").warnings[0]
    assert refused("BYBIT_BASE_URL=http://192.168.1.5:8081").problems


@pytest.mark.parametrize(
    "address", ["api.example.org", "https://", "https://x:port", "https://u:p@x", "https://x?a=b", "file:///x"]
)
def test_an_address_is_a_scheme_a_host_and_maybe_a_path(address: str, refused: Refused) -> None:
    assert refused(f"OKX_BASE_URL={address}").problems[0].variable == "OKX_BASE_URL"


def test_a_page_open_to_others_wants_a_long_token(refused: Refused, read: Read) -> None:
    assert refused("WEB_HOST=0.0.0.0").problems[0].variable == "WEB_TOKEN"
    assert refused("WEB_HOST=0.0.0.0", "WEB_TOKEN=tooshort").problems[0].variable == "WEB_TOKEN"
    assert any("TLS" in warning for warning in read("WEB_HOST=0.0.0.0", f"WEB_TOKEN={'x' * 32}").warnings)


@pytest.mark.parametrize(
    "name", ["BYBIT_API_KEY", "OKX_API_PASSPHRASE", "TBANK_API_TOKEN", "IBKR_FLEX_TOKEN", "WEB_TOKEN"]
)
def test_a_secret_too_short_to_be_kept_out_of_logs_is_refused_unseen(name: str, refused: Refused) -> None:
    text = str(refused(f"{name}=q7z%1"))
    assert "only 5 characters" in text
    assert "q7z%1" not in text


@pytest.mark.parametrize(
    "lines",
    [
        [f"BYBIT_API_KEY={CANARY}"],
        [f"BYBIT_API_KEY={CANARY} x", "BYBIT_API_SECRET=abcdefgh"],
        [f"BYBIT_API_KEY={CANARY}é", "BYBIT_API_SECRET=abcdefgh"],
        [f"TELEGRAM_BOT_TOKEN={CANARY}"],
        [f"SLACK_WEBHOOK_URL=http://{CANARY}"],
        [f"DATABASE_URL=mysql://user:{CANARY}@host/db"],
        [f"DATABASE_URL=postgresql://user:{CANARY}@host/db"],
        [f"PROXY_URL=ftp://user:{CANARY}@host"],
        [f"OKX_BASE_URL=http://user:{CANARY}@host"],
        [f"GATE_API_KEY={CANARY}", f"GATEIO_API_KEY={CANARY}2"],
        [f"KRAKEN_EU_API_KEY={CANARY}"],
        ["IBKR_FLEX_TOKEN=123456", f"IBKR_QUERY_ID={CANARY * 2}"],
        [f"TELEGRAM_CHAT_ID=123456:{CANARY}"],
        [f"TELEGRAM_BOT_TOKEN={CANARY}", f"ALLOWED_USER_IDS={CANARY}"],
        [f"WEB_TOKEN={CANARY}", f"TIMEZONE={CANARY}"],
        [f"BYBIT_API_KEY_FILE=/nowhere/{CANARY[:5]}", f"BYBIT_API_SECRT={CANARY}"],
    ],
)  # fmt: skip
def test_no_error_ever_shows_a_secret(lines: list[str], refused: Refused) -> None:
    error = refused(*lines)
    for text in (str(error), repr(error), repr(error.problems), " ".join(error.warnings)):
        assert CANARY not in text


def test_a_swap_of_token_and_query_is_told(refused: Refused) -> None:
    problem = refused("IBKR_FLEX_TOKEN=123456", f"IBKR_QUERY_ID={'7' * 24}").problems[0]
    assert problem.variable == "IBKR_QUERY_ID"
    assert "were the two swapped" in problem.reason


def test_what_a_command_needs_is_named(read: Read) -> None:
    with pytest.raises(SettingsError) as caught:
        read().require(source=True, telegram=True)
    assert [problem.variable for problem in caught.value.problems] == ["a source", "TELEGRAM_BOT_TOKEN"]
    text = str(caught.value)
    assert text.startswith(f"2 settings are missing (there is no .env in {Path.cwd()}):")
    assert "portfolio-bot demo" in text


def test_what_is_missing_is_missing_in_the_file_that_is_there(read: Read) -> None:
    with pytest.raises(SettingsError, match=r"^1 setting is missing \(.env\):\n  TELEGRAM_BOT_TOKEN  ask @BotFather"):
        read(dotenv="CACHE_TTL=1\n").require(telegram=True)


@pytest.mark.skipif(bool(EXTRAS), reason="somebody installed the extras here")
def test_an_extra_that_is_missing_is_installed_where_the_program_is(refused: Refused) -> None:
    error = refused("PROXY_URL=socks5://127.0.0.1:1080", "DATABASE_URL=postgresql://host/name")
    for problem, extra in zip(error.problems, ("postgres", "socks"), strict=True):
        assert f"make venv EXTRAS={extra}" in problem.reason


def test_a_demo_needs_no_source(read: Read) -> None:
    read("DEMO_MODE=1").require(source=True)


def test_every_currency_that_is_published_can_be_the_base_currency() -> None:
    rates = Path(__file__).parents[1] / "fixtures" / "fx"
    published = set(re.findall(r"<CharCode>([A-Z]{3})", (rates / "cbr-daily-2026-08-26.xml").read_text("windows-1251")))
    published |= set(re.findall(r"currency=['\"]([A-Z]{3})", (rates / "ecb-daily-2022-07-08.xml").read_text()))
    # XDR is no money one can hold; the lev and the kuna have become the euro
    assert {*published, "EUR", "RUB"} - {"XDR", "BGN", "HRK"} == CURRENCIES
