"""The README names every field that scripts may rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.analytics.alert_measures import DEFAULTS
from portfolio_bot.analytics.alert_states import AlertRule
from portfolio_bot.analytics.lot_book import Flag
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.bot.contents import CONTENTS
from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.cli.main import app
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Note, Reason
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.report import as_csv, profit_json
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.compose.sync import length
from portfolio_bot.report.languages import english
from portfolio_bot.report.numbers import Numbers
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.alarm_limits import wished
from portfolio_bot.service.health import Health
from portfolio_bot.service.ledger_csv import PRICES
from portfolio_bot.service.schedule_words import Vocabulary, read_wish
from portfolio_bot.storage.backup import DAILY, WEEKLY
from tests.cli.conftest import Command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("### `report --json`")[2].partition("\n### ")[0]
PAST = README.partition("## Flows, trades and own transfers")[2].partition("\n## ")[0]
FIGURES = README.partition("## How well did it go")[2].partition("\n## ")[0]
VOICE = Voice(english.WORDS, Numbers(english.WORDS.style, Calendar(UTC), datetime(2026, 11, 20, tzinfo=UTC)))
NAMED = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", SECTION))))


def fields(answer: object) -> Iterator[str]:
    """Every name in an answer; those of `fx` are data."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if "/" not in name:
                yield name
            yield from fields(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from fields(value)


def said_of(command: str) -> set[str]:
    """What the README says of one command, from its name to the next one's."""
    found = re.search(rf"`{command}[^`]*--json`(.*?)(?=`\w+ (?:--dry-run )?--json`|\Z)", SECTION, re.DOTALL)
    assert found
    return set(re.findall(r"[a-z_]+", found[1]))


def test_every_field_of_a_report_is_documented(command: Command) -> None:
    assert set(fields(command("report", "--demo", "--json").json)) - NAMED == set()


@pytest.mark.parametrize("name", ["history", "check"])
def test_every_field_of_the_others_is_documented(name: str, command: Command) -> None:
    command("pull", "--demo")
    found = set(fields(command(name, "--demo", "--json").json))
    assert found
    assert found - said_of(name) == set()


@pytest.mark.parametrize("name", ["flows", "trades", "sync"])
def test_every_field_of_the_past_is_documented(name: str, command: Command) -> None:
    command("sync", "--demo")
    found = set(fields(command(name, "--demo", "--json").json))
    assert len(found) > 10
    assert found - said_of(name) == set()


def test_the_columns_of_each_csv_are_documented() -> None:
    for columns in (as_csv.FLOWS, as_csv.TRADES, as_csv.ACCOUNTS, as_csv.HISTORY, as_csv.RETURNS, PRICES):
        assert f"`{','.join(columns)}`" in README


@pytest.mark.parametrize("source", [name for name, spec in SOURCES.items() if name not in {"tbank", "ibkr"}])
def test_how_far_back_a_source_goes_is_told_as_it_is_built(source: str) -> None:
    """Each horizon of its streams stands in its row of the table."""
    module = import_module(f"portfolio_bot.platforms.venues.{'gate' if source == 'gateio' else source}_ledger")
    row = next(line for line in PAST.splitlines() if line.startswith(f"| {SOURCES[source].title} |"))
    for keeps in {reader.stream.keeps for reader in module.LEDGER.streams}:
        assert ("beginning" if keeps is None else length(VOICE, keeps)) in row


def test_what_an_import_and_a_record_answer_is_documented(command: Command) -> None:
    Path("flows.csv").write_text("time,kind,asset,amount\n2026-01-05,deposit,USD,1\n", encoding="utf-8")
    assert set(fields(command("import", "flows", "flows.csv", "--dry-run", "--json").json)) - NAMED == set()
    added = command("flows", "add", "deposit", "5", "USD", "--json").json
    assert isinstance(added, dict)
    told = set(re.findall(r"[a-z_]+", README.partition("With `--json` the three give")[2].partition("\n")[0]))
    assert set(added) - told == set()


def test_every_field_of_health_is_documented() -> None:
    health = Health(portfolio_bot.__version__, 1, database=True, polled=timedelta(0))
    assert set(health.as_json()) - said_of("healthcheck") == set()


def row_of(command: str) -> set[str]:
    """What the table that begins with a command says, or its row."""
    table = re.search(rf"^\| `{command} --json` \|.*?\n(?:\|.*\n)*", FIGURES, re.MULTILINE)
    assert table
    return set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", table[0]))))


def test_every_field_of_a_figure_is_documented(command: Command) -> None:
    command("pull", "--demo")
    command("sync", "--demo")
    for name in ("performance", "pnl", "returns", "latest-return", "benchmark"):
        found = set(fields(without_data(command(name, "--demo", "--json").json)))
        assert len(found) > 5
        assert found - row_of(name) - {"value", "status", "notes"} == set()


def without_data(answer: object) -> object:
    """An answer without the names of coins and accounts that stand in it as keys."""
    if isinstance(answer, list):
        return [without_data(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    groups = {"by_account", "by_asset"}
    told = {name: list(value.values()) if name in groups else value for name, value in answer.items()}
    return {name: None if name in {"weights", "units"} else without_data(value) for name, value in told.items()}


def test_every_reason_note_and_flag_of_a_figure_is_documented() -> None:
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", FIGURES))))
    assert {str(name) for kind in (Reason, Note, Flag, Rule) for name in kind} <= told


def test_the_columns_of_a_years_report_are_documented() -> None:
    assert f"`{','.join(profit_json.DISPOSALS)}`" in FIGURES


CHAT = README.partition("## In the chat")[2].partition("\n## ")[0]


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if command.listed])
def test_every_command_of_the_menu_is_told(name: str) -> None:
    assert re.search(rf"`/{name}\b", CHAT)


def test_no_command_is_told_that_is_none() -> None:
    told = set(re.findall(r"(?:^|[`\s(])/([a-z_]+)\b", re.sub(r"\]\([^)]*\)", "", CHAT)))
    assert told <= COMMANDS.keys()


def test_every_command_of_the_command_line_is_told() -> None:
    told = set(re.findall(r"^portfolio-bot ([a-z-]+)", README, re.MULTILINE)) | {"latest-return", "explain"}
    known = {name for name in app if not name.startswith("-") and "_" not in name}
    assert known <= told
    assert told <= {*known, "pull"}


def test_every_line_of_a_schedule_can_be_typed() -> None:
    [block] = re.findall(r"```\n(/schedules.*?)```", CHAT, re.DOTALL)
    typed = re.findall(r"/schedules add \w+ (.+)", block)
    assert len(typed) > 4
    wishes = [read_wish(line.split(), Vocabulary(CONTENTS, slack=True)) for line in typed]
    assert {wish.content for wish in wishes} == set(CONTENTS) - {"chart"}
    assert {type(wish.rhythm).__name__ for wish in wishes} == {"Daily", "Weekly", "Monthly", "Every", "Cron"}


def test_every_content_and_every_rule_is_told() -> None:
    told = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]*)`", CHAT))))
    assert set(CONTENTS) <= told
    assert set(AlertRule) <= told
    for rule, limit in ((AlertRule.TOTAL, 5), (AlertRule.DRAWDOWN, 15), (AlertRule.DEPEG, 2)):
        assert DEFAULTS[rule] == limit
        assert f"`{rule}` ({limit}%" in CHAT


def test_every_limit_that_is_told_can_be_typed() -> None:
    typed = re.findall(r"`/alerts (\w[^`]*)`", CHAT)
    assert len(typed) == 3
    assert all(wished(line).value for line in typed)


def test_how_many_backups_are_kept_is_told() -> None:
    assert f"the last {DAILY} days and {WEEKLY} weeks" in README


def test_every_field_of_a_backup_is_told(command: Command) -> None:
    assert command("flows", "add", "deposit", "500", "USD", "--time", "2026-01-18", "--anyway").code == 0
    assert set(fields(command("backup", "--json").json)) - said_of("backup") == set()


def test_every_picture_is_told_and_those_that_are_shown_exist() -> None:
    told = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]*)`", CHAT))))
    assert set(ChartKind) - {ChartKind.ASSETS} <= told
    shown = re.findall(r'<img src="([^"]+)"', README)
    assert len(shown) > 2
    assert all((ROOT / name).is_file() for name in shown)
