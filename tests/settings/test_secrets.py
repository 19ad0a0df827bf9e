"""Secrets: from files and credentials, guarded, taken out of the environment, never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portfolio_bot.settings import guard, load
from tests.settings.conftest import Read, Refused

KEY, SECRET = "canary-key-5512", "canary-secret-8841"


def private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_secret_may_come_from_a_file(read: Read, tmp_path: Path) -> None:
    file = private(tmp_path / "key", f"{KEY}\n")
    settings = read(f"BYBIT_API_KEY_FILE={file}", f"BYBIT_API_SECRET={SECRET}")
    assert settings.accounts[0].secrets["API_KEY"].reveal() == KEY


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "WEB_TOKEN", "SLACK_WEBHOOK_URL", "DATABASE_URL"])
def test_every_kind_of_secret_may_come_from_a_file(name: str, read: Read, tmp_path: Path) -> None:
    texts = {"TELEGRAM_BOT_TOKEN": "123:abcdefgh", "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x"}
    file = private(tmp_path / "file", texts.get(name, "sqlite:///x.db"))
    assert read(f"{name}_FILE={file}").origins[name] == "file"


def test_a_number_is_no_secret_and_comes_from_no_file(read: Read, tmp_path: Path) -> None:
    file = private(tmp_path / "file", "12345")
    assert read(f"IBKR_QUERY_ID_FILE={file}").warnings == (
        "IBKR_QUERY_ID_FILE is unknown: did you mean IBKR_QUERY_ID?",
    )


def test_a_file_and_a_value_that_differ_are_an_error(refused: Refused, tmp_path: Path) -> None:
    file = private(tmp_path / "key", KEY)
    assert "keep one of them" in str(refused(f"WEB_TOKEN_FILE={file}", "WEB_TOKEN=something-else"))


@pytest.mark.parametrize(("text", "words"), [(None, "no such file"), ("", "is empty"), ("x" * 300_000, "larger than")])
def test_a_file_that_gives_no_secret_is_named(text: str | None, words: str, refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "key"
    if text is not None:
        private(file, text)
    problem = refused(f"WEB_TOKEN_FILE={file}").problems[0]
    assert problem.variable == "WEB_TOKEN_FILE"
    assert words in problem.reason


def test_a_file_that_gives_no_secret_is_not_missed_as_well(refused: Refused, tmp_path: Path) -> None:
    error = refused(f"BYBIT_API_KEY_FILE={tmp_path / 'none'}", f"BYBIT_API_SECRET={SECRET}")
    assert [problem.variable for problem in error.problems] == ["BYBIT_API_KEY_FILE"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_dot_env_with_a_secret_that_others_can_read_stops_the_start(mode: int, refused: Refused) -> None:
    error = refused(dotenv=f"BYBIT_API_KEY={KEY}\nBYBIT_API_SECRET={SECRET}\n", mode=mode)
    assert error.problems[0].reason.endswith("chmod 600 .env")
    assert KEY not in str(error)


def test_a_dot_env_without_a_secret_may_be_read_by_all(read: Read) -> None:
    read(dotenv="CACHE_TTL=5\nTELEGRAM_BOT_TOKEN=\nDATABASE_URL=sqlite:///x.db\n", mode=0o644)


def test_a_password_in_an_address_is_a_secret_too(refused: Refused) -> None:
    assert "chmod 600 .env" in str(refused(dotenv=f"PROXY_URL=http://u:{SECRET}@host:1\n", mode=0o644))


def test_a_secret_file_that_others_can_read_stops_the_start(refused: Refused, tmp_path: Path) -> None:
    file = tmp_path / "my key"
    file.write_text(KEY, encoding="utf-8")
    file.chmod(0o644)
    assert f"chmod 600 '{file}'" in str(refused(f"WEB_TOKEN_FILE={file}"))


def test_a_file_of_somebody_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = private(tmp_path / "key", KEY)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    verdict = guard.judge(file, container=False)
    assert verdict.fatal
    assert "belongs to" in verdict.reason
    assert not guard.judge(file, trusted_owners={file.stat().st_uid}).reason


def test_in_a_container_a_mode_that_cannot_be_changed_is_only_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = private(tmp_path / "key", KEY)
    monkeypatch.setattr(os, "geteuid", lambda: file.stat().st_uid + 1)
    verdict = guard.judge(file, container=True)
    assert verdict.reason
    assert not verdict.fatal


def test_in_a_container_a_mode_that_can_be_changed_is_refused(tmp_path: Path) -> None:
    file = private(tmp_path / "key", KEY)
    file.chmod(0o644)
    assert guard.judge(file, container=True).fatal


def test_credentials_of_the_service_manager_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "env").write_text(f"BYBIT_API_KEY={KEY}\nCACHE_TTL=7\n", encoding="utf-8")
    (folder / "BYBIT_API_SECRET").write_text(f"{SECRET}\n", encoding="utf-8")
    settings = load({"CREDENTIALS_DIRECTORY": str(folder)}, container=False)
    assert {part: s.reveal() for part, s in settings.accounts[0].secrets.items()} == {
        "API_KEY": KEY,
        "API_SECRET": SECRET,
    }
    assert settings.origins["CACHE_TTL"] == ".env"


def test_credentials_may_belong_to_root_and_be_readable(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    file = folder / "WEB_TOKEN"
    file.write_text(SECRET, encoding="utf-8")
    file.chmod(0o644)
    named = {"CREDENTIALS_DIRECTORY": str(folder), "TELEGRAM_BOT_TOKEN_FILE": str(folder / "bot")}
    (folder / "bot").write_text("123:abcdefgh", encoding="utf-8")
    settings = load(named, container=False)
    assert settings.web.token is not None
    assert settings.telegram.token is not None


def test_secrets_leave_the_environment(tmp_path: Path) -> None:
    environment = {
        "BYBIT_API_KEY": KEY, "BYBIT_API_SECRET": SECRET, "KRAKEN_A_API_KEY": KEY, "KRAKEN_A_API_SECRET": SECRET,
        "TELEGRAM_BOT_TOKEN": "123:abcdefgh", "BYBIT_API_SECRT": SECRET, "SECRET_KEY": SECRET,
        "PROXY_URL": f"http://u:{SECRET}@host:1", "SUPABASE_SERVICE_KEY": SECRET, "PATH": "/bin", "CACHE_TTL": "5",
    }  # fmt: skip
    load(environment, container=False)
    assert environment == {"PATH": "/bin", "CACHE_TTL": "5"}


def test_the_settings_show_no_secret_and_their_redactor_knows_all(read: Read) -> None:
    lines = [
        f"BYBIT_API_KEY={KEY}",
        f"BYBIT_API_SECRET={SECRET}",
        "WEB_TOKEN=webtoken-canary",
        "PROXY_URL=http://u:pr%40xypass@h:1",
    ]
    settings = read(*lines, "TELEGRAM_BOT_TOKEN=123456:canary-bot-token")
    shown = f"{settings!r} {settings.texts} {settings.accounts} {settings.telegram}"
    for secret in (KEY, SECRET, "webtoken-canary", "canary-bot-token", "pr%40xypass", "pr@xypass"):
        assert secret not in shown
        assert settings.redactor.log(f"say {secret}") == "say ***"
    assert settings.texts["WEB_TOKEN"] == "set"


def test_a_demo_keeps_the_secrets_out_of_its_log_too(read: Read) -> None:
    settings = read("DEMO_MODE=true", f"BYBIT_API_KEY={KEY}", f"BYBIT_API_SECRET={SECRET}")
    assert settings.redactor.log(KEY + SECRET) == "******"
