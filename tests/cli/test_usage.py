"""What is on offer, what is wrong usage, and the codes that scripts see."""

from __future__ import annotations

from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.cli import outcome
from portfolio_bot.cli.wrapping import wrapped
from tests.cli.conftest import Command

COMMANDS = [
    "run",
    "demo",
    "report",
    "check",
    "pull",
    "balance",
    "history",
    "accounts",
    "flows",
    "trades",
    "sync",
    "import",
    "healthcheck",
]
OLDER_NAMES = ["pull_balance", "show_balance", "list_accounts", "test_connection"]


def test_the_help_names_every_command(command: Command) -> None:
    done = command("--help")
    assert done.code == outcome.GOOD
    for name in COMMANDS + OLDER_NAMES:
        assert name in done.out


@pytest.mark.parametrize("name", [*COMMANDS, *OLDER_NAMES])
def test_every_command_explains_itself(name: str, command: Command) -> None:
    done = command(name, "--help")
    assert done.code == outcome.GOOD
    assert f"Usage: portfolio-bot {name}" in done.out
    assert "--data-dir" in done.out


def test_the_version_stands_alone(command: Command) -> None:
    assert command("--version").out == f"{portfolio_bot.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ("reprot",),
        ("report", "--jsn"),
        ("report", "extra"),
        ("history", "--limit", "many"),
        ("history", "--limit", "0"),
        ("import", "history"),
        ("import", "nothing", "x"),
        ("demo", "--scenario", "boring"),
        ("--data-dir",),
    ],
)
def test_wrong_usage_is_two_and_points_to_the_help(words: tuple[str, ...], command: Command) -> None:
    done = command(*words)
    assert done.code == outcome.USAGE
    assert done.out == ""
    assert "--help shows what there is." in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("runn", 'Unknown command "runn". Did you mean "run"?'),
        ("boil", 'Unknown command "boil".'),
        ("status", 'Unknown command "status": here it is portfolio-bot report.'),
        ("report extra", 'report does not know what to do with "extra".'),
        ("report --json=maybe", '--json stands alone, without "maybe".'),
        ("report --jsn", "Unknown option: --jsn. Did you mean --json?"),
        ("history --limit many", '"many" is no whole number for --limit.'),
        ("history --limit 0", '"0" is out of range for --limit: 1 or more.'),
        ("history --limit 1 --limit 2", "--limit stands there twice: give it once."),
        ("demo --scenario", "--scenario needs a value behind it."),
        ("demo --scenario mars", '"mars" is nothing for --scenario: it takes bull, bear, crash, sideways, outage.'),
        ("import history", "import history needs a FILE."),
    ],
)
def test_wrong_usage_is_told_in_plain_words(words: str, sentence: str, command: Command) -> None:
    assert command(*words.split()).err.splitlines()[0] == sentence


def test_long_lines_hang_below_where_their_words_began() -> None:
    text = (
        "1 setting is wrong (.env):\n  OKX_REGION  "
        + "mars is not known: global, eea or us. " * 2
        + "\n⚠ "
        + "word " * 12
    )
    lines = wrapped(text.rstrip(), 40).splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[1:3] == ["  OKX_REGION  mars is not known: global,", "              eea or us. mars is not"]
    assert lines[-1].startswith("  word")
    assert wrapped(text, 0) == text


def test_wrong_settings_are_two_and_all_of_them_are_named(command: Command) -> None:
    Path(".env").write_text("WINDOW_START_HOUR=25\nWEB_PORT=x\n", encoding="utf-8")
    done = command("balance", "--json")
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert done.err.splitlines() == [
        "2 settings are wrong (.env):",
        '  WINDOW_START_HOUR  "25" is no hour: 0 to 23.',
        '  WEB_PORT           "x" is no port: 1 to 65535.',
        "Nothing was started.",
    ]


@pytest.mark.parametrize("name", ["run", "report", "pull", "check"])
def test_what_fetches_needs_a_source(name: str, command: Command) -> None:
    done = command(name)
    assert done.code == outcome.USAGE
    assert "a source" in done.err
    assert "portfolio-bot demo" in done.err


@pytest.mark.parametrize("where", [("--data-dir", "x", "balance", "--json"), ("balance", "--json", "--data-dir=x")])
def test_common_options_may_stand_anywhere(where: tuple[str, ...], command: Command) -> None:
    assert command(*where).code == outcome.GOOD


def test_another_file_of_settings_can_be_named(command: Command) -> None:
    Path("other.env").write_text("WEB_PORT=x\n", encoding="utf-8")
    assert "(other.env)" in command("--env-file", "other.env", "balance").err
    assert "no such file" in command("--env-file", "none.env", "balance").err


def test_a_folder_that_cannot_be_one_is_named_without_a_traceback(command: Command) -> None:
    Path("file").write_text("", encoding="utf-8")
    done = command("pull", "--demo", "--data-dir", "file")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert "file/demo" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["run", "demo"])
def test_a_log_file_that_cannot_be_written_is_a_wrong_setting(
    name: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in {"LOG_FILE": ".", "DEMO_MODE": "true", "TELEGRAM_BOT_TOKEN": "123456:abcdefgh"}.items():
        monkeypatch.setenv(variable, value)
    done = command(name)
    assert done.code == outcome.USAGE
    assert done.err.splitlines()[1] == f"  LOG_FILE  {Path.cwd()} cannot be written: Is a directory."


def test_a_bug_is_told_as_one_with_its_trace_and_no_secret(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary-key-5512 broke it")

    monkeypatch.setenv("BYBIT_API_KEY", "canary-key-5512")
    monkeypatch.setenv("BYBIT_API_SECRET", "canary-secret-8841")
    monkeypatch.setattr("portfolio_bot.cli.stored._reading", broken)
    done = command("balance")
    assert done.code == outcome.FAILED
    assert "*** broke it" in done.err
    assert "please report it" in done.err
    assert "canary" not in done.err
