"""Defaults, precedence, aliases and what is said about them."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.settings.load import defaults
from tests.settings.conftest import Read, Refused

PROMISED = {
    "CHART_THEME": "dark",
    "LIVING_MESSAGE": "false",
    "MESSAGE_FORM": "auto",
    "PERCENT_ONLY": "false",
    "TIMEZONE": "Europe/Paris",
    "POLL_INTERVAL_MINUTES": "120",
    "WINDOW_START_HOUR": "8",
    "WINDOW_END_HOUR": "20",
    "SNAPSHOT_INTERVAL": "3600",
    "BALANCE_UPDATE_INTERVAL": "30",
    "CACHE_TTL": "60",
    "DAILY_SNAPSHOT_TIME": "00:05",
    "INCLUDE_CRYPTO_BREAKDOWN": "true",
    "BASE_CURRENCY": "USD",
    "ALERT_THRESHOLD_PERCENT": "5.0",
    "DATA_DIR": "data",
    "RETENTION_DAYS": "0",
    "LOG_LEVEL": "INFO",
    "LOG_FORMAT": "text",
    "LOG_RETENTION_DAYS": "30",
    "FX_PROVIDER": "ECB",
    "FX_TTL_MINUTES": "60",
    "WEB_ENABLED": "true",
    "WEB_HOST": "127.0.0.1",
    "WEB_PORT": "8000",
    "ALLOWED_ORIGINS": "http://localhost",
    "BENCHMARK": "BTC:50,ETH:50",
    "BENCHMARK_REBALANCE_DAY": "0",
    "BENCHMARK_REBALANCE_HOUR": "12",
    "LOT_SCOPE": "global",
    "UNKNOWN_BASIS": "exclude",
    "TWR_METHOD": "auto",
    "RISK_FREE_ANNUAL": "0",
    "LANGUAGE": "en",
    "DEMO_MODE": "false",
}


def test_nothing_set_means_the_defaults_that_people_rely_on(read: Read) -> None:
    settings = read()
    assert {name: text for name, text in settings.texts.items() if text} == PROMISED
    assert settings.texts == defaults() == settings.defaults
    assert set(settings.origins.values()) == {"default"}
    assert settings.accounts == ()
    assert settings.warnings == ()


def test_values_are_plain_and_typed(read: Read) -> None:
    settings = read(
        "BENCHMARK=btc:60,SOL:40", "DAILY_SNAPSHOT_TIME=23:30", "CACHE_TTL=5", "ALERT_THRESHOLD_PERCENT=2.5"
    )
    assert settings.analysis.benchmark == (("BTC", Decimal(60)), ("SOL", Decimal(40)))
    assert settings.daily_snapshot_time == time(23, 30)
    assert settings.cache_ttl == timedelta(seconds=5)
    assert settings.alert_threshold_percent == Decimal("2.5")
    assert settings.window == (8, 20)


def test_the_environment_goes_before_the_file(read: Read) -> None:
    settings = read("CACHE_TTL=10", dotenv="CACHE_TTL=20\nFX_TTL_MINUTES=7\n")
    assert (settings.cache_ttl, settings.fx_ttl) == (timedelta(seconds=10), timedelta(minutes=7))
    assert (settings.origins["CACHE_TTL"], settings.origins["FX_TTL_MINUTES"]) == ("env", ".env")


def test_an_empty_variable_is_not_set(read: Read) -> None:
    assert read("CACHE_TTL=", dotenv="CACHE_TTL=20\n").cache_ttl == timedelta(seconds=20)


def test_a_named_file_must_exist(refused: Refused) -> None:
    error = refused(env_file=Path("elsewhere.env"))
    assert error.problems[0].variable == "--env-file"
    assert "no such file" in error.problems[0].reason


def test_a_named_file_stands_in_for_dot_env(read: Read) -> None:
    Path("mine.env").write_text("CACHE_TTL=3\n", encoding="utf-8")
    assert read(dotenv="CACHE_TTL=20\n", env_file=Path("mine.env")).cache_ttl == timedelta(seconds=3)


def test_dollars_and_hashes_in_a_value_mean_themselves(read: Read) -> None:
    settings = read(
        dotenv="OKX_API_KEY=abc${HOME}x\nOKX_API_SECRET='a #b$c1'\nOKX_API_PASSPHRASE=\"p w#1234\"\n".replace(
            " #b", "#b"
        )
    )
    secrets = {part: secret.reveal() for part, secret in settings.accounts[0].secrets.items()}
    assert secrets == {"API_KEY": "abc${HOME}x", "API_SECRET": "a#b$c1", "API_PASSPHRASE": "p w#1234"}


def test_a_line_that_is_no_assignment_is_named(refused: Refused) -> None:
    error = refused(dotenv="CACHE_TTL=1\n\nBYBIT_API_KEY abc\n")
    assert [problem.variable for problem in error.problems] == [".env line 3"]


def test_the_same_name_twice_in_a_file_must_agree(refused: Refused) -> None:
    error = refused(dotenv="CACHE_TTL=1\n# again\nCACHE_TTL=2\n")
    assert error.problems[0].variable == "CACHE_TTL"
    assert "lines 1 and 3" in error.problems[0].reason


def test_a_file_in_another_encoding_is_refused(refused: Refused) -> None:
    Path("latin.env").write_bytes("ACCOUNT_ID=Épargne".encode("latin-1"))
    assert "UTF-8" in refused(env_file=Path("latin.env")).problems[0].reason


def test_the_old_interval_keeps_its_seconds(read: Read) -> None:
    assert read("REPORT_INTERVAL=3600").poll_interval_minutes == 60


def test_two_names_of_one_thing_may_agree(read: Read) -> None:
    assert read("REPORT_INTERVAL=7200", "POLL_INTERVAL_MINUTES=120").poll_interval_minutes == 120
    assert read("DEMO_MODE=true", "MOCK_MODE=1").demo


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("REPORT_INTERVAL=3600", "POLL_INTERVAL_MINUTES=120"),
        ("DEMO_MODE=true", "MOCK_MODE=false"),
        ("GATE_API_KEY=abcdefgh", "GATEIO_API_KEY=abcdefgi"),
        ("KRAKEN_MAIN_API_KEY=abcdefgh", "KRAKEN_API_KEY=abcdefgi"),
        ("KRAKEN_FUTURES_API_KEY=abcdefgh", "KRAKENFUTURES_API_KEY=abcdefgi"),
        ("SECRET_KEY=abcdefgh", "WEB_TOKEN=abcdefgi"),
    ],
)
def test_two_names_of_one_thing_that_differ_are_an_error(one: str, other: str, refused: Refused) -> None:
    text = str(refused(one, other))
    assert one.split("=", maxsplit=1)[0] in text
    assert other.split("=", maxsplit=1)[0] in text
    assert "keep one of them" in text


def test_the_systems_zone_counts_only_where_ours_is_not_set(read: Read) -> None:
    assert read("TZ=Asia/Dubai").timezone == "Asia/Dubai"
    assert read("TZ=:Asia/Dubai").timezone == "Asia/Dubai"
    assert read("TZ=Asia/Dubai", dotenv="TIMEZONE=America/New_York\n").timezone == "America/New_York"


@pytest.mark.parametrize("odd", [":/etc/localtime", "EST5EDT,M3.2.0", "", "Nowhere/Land", "../../etc/passwd"])
def test_a_system_zone_that_nobody_knows_is_no_error(odd: str, read: Read) -> None:
    assert read(f"TZ={odd}").timezone in {"Europe/Paris", odd}


@pytest.mark.parametrize(
    ("text", "language"),
    [("ru_RU:en", "ru"), ("ru", "ru"), ("de_DE.UTF-8:ru", "en"), ("RU", "ru"), ("C", "en"), (":", "en")],
)
def test_the_systems_language_is_read_kindly(text: str, language: str, read: Read) -> None:
    settings = read(f"LANGUAGE={text}")
    assert (settings.language, settings.warnings) == (language, ())


def test_russian_is_spoken_without_a_word_about_it(read: Read) -> None:
    settings = read(dotenv="LANGUAGE=ru\n")
    assert (settings.language, settings.warnings) == ("ru", ())


def test_a_demo_has_a_folder_of_its_own_and_no_keys(read: Read) -> None:
    settings = read("MOCK_MODE=true", "BYBIT_API_KEY=abcdefgh", "DATA_DIR=/srv/data")
    assert settings.demo
    assert settings.accounts == ()
    assert settings.data_dir == Path("/srv/data/demo")
    assert settings.warnings == ("DEMO_MODE is on: every account is simulated, the keys are not used.",)


def test_nothing_that_is_wrong_with_a_key_stands_in_the_way_of_a_demo(read: Read) -> None:
    wrong = ["KRAKEN_API_KEY=abcdefgh", "KRAKEN_MAIN_API_KEY=abcdefgi", "OKX_US_API_KEY=abcdefgh", "MEXC_API_KEY=x"]
    settings = read("DEMO_MODE=true", *wrong, "TBANK_API_TOKEN_FILE=/nowhere", "BYBIT_REGION=mars")
    assert settings.demo
    assert any("the keys are not used" in warning for warning in settings.warnings)


def test_a_demo_never_writes_into_the_real_database(read: Read) -> None:
    assert read("DATABASE_URL=sqlite:////srv/real.db", demo=True).database_url is None


def test_the_folder_of_the_command_line_goes_first(read: Read) -> None:
    assert read("DATA_DIR=/srv/data", data_dir=Path("here")).data_dir == Path.cwd() / "here"


def test_the_owner_is_the_user_of_a_private_chat(read: Read) -> None:
    settings = read("TELEGRAM_BOT_TOKEN=123456:abcdefghij", "TELEGRAM_CHAT_ID=42", "ALLOWED_USER_IDS=7, 8,7")
    assert settings.owner_id == 42
    assert settings.allowed_user_ids == (7, 8)
    assert settings.people == {7, 8, 42}


def test_in_a_group_the_first_who_is_allowed_is_the_owner(read: Read) -> None:
    settings = read("TELEGRAM_BOT_TOKEN=123456:abcdefghij", "TELEGRAM_CHAT_ID=-100123", "ALLOWED_USER_IDS=7,8")
    assert settings.owner_id == 7
    assert settings.people == {7, 8}


def test_a_token_without_a_chat_is_set_up_mode(read: Read) -> None:
    assert read("TELEGRAM_BOT_TOKEN=123456:abcdefghij").telegram.setup_mode


def test_telegrams_own_proxy_goes_before_the_common_one(read: Read) -> None:
    settings = read("PROXY_URL=http://one:1", "TELEGRAM_PROXY_URL=http://two:2")
    assert (settings.telegram.proxy, settings.proxy_url) == ("http://two:2", "http://one:1")
    assert read("PROXY_URL=http://one:1").telegram.proxy == "http://one:1"


@pytest.mark.parametrize(
    "name", ["SUPABASE_URL", "SUPABASE_SERVICE_KEY", "MAX_LOG_ENTRIES", "POSTGRES_DB_NAME", "DB_USER", "DB_PASSWORD"]
)
def test_a_name_of_an_earlier_program_gets_one_line(name: str, read: Read) -> None:
    warnings = read(f"{name}=x", dotenv=f"{name}=y\n").warnings
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{name} is not used here: ")


def test_what_a_later_version_uses_is_said(read: Read) -> None:
    assert read("WEB_PORT=8001", "WEB_ENABLED=no").warnings == (
        "Understood, but not used by this version yet: WEB_ENABLED, WEB_PORT.",
    )


def test_what_the_chat_follows_is_used(read: Read) -> None:
    hook = "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T/B/x"
    names = ("ALERT_THRESHOLD_PERCENT=3", "CHART_THEME=light", "PERCENT_ONLY=yes", "LIVING_MESSAGE=yes", "LANGUAGE=ru")
    assert read(*names, "MESSAGE_FORM=classic", hook).warnings == ()


def test_what_figures_of_performance_follow_is_used(read: Read) -> None:
    names = ("LOT_SCOPE=account", "BENCHMARK=BTC:100", "UNKNOWN_BASIS=zero", "TWR_METHOD=pp", "RISK_FREE_ANNUAL=0.03")
    assert read(*names).warnings == ()
