"""`report --demo`: one report in memory, without a key, a database or the network."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from tests.cli.conftest import Command


@pytest.mark.parametrize("flag", ["--demo", "--mock"])
def test_a_demo_report_is_printed_and_nothing_is_left(flag: str, command: Command) -> None:
    done = command("report", flag)
    assert done.code == outcome.GOOD
    assert re.match(r"\$\d", done.out)
    assert "Demo: simulated accounts" in done.out
    assert list(Path().iterdir()) == []


def test_a_demo_can_be_a_setting(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_MODE", "true")
    answer = command("report", "--json").json
    assert isinstance(answer, dict)
    assert answer["demo"] is True


def test_json_stands_alone_and_holds_money_as_text(command: Command) -> None:
    done = command("report", "--demo", "--json")
    answer = done.json
    assert isinstance(answer, dict)
    assert (answer["state"], answer["complete"]) == ("complete", True)
    assert re.fullmatch(r"\d+\.\d{1,8}", str(answer["total_usd"]))
    assert done.err == ""


def test_the_reader_decides_zone_and_currency(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Asia/Dubai")
    monkeypatch.setenv("BASE_CURRENCY", "RUB")
    done = command("report", "--demo")
    assert done.out.startswith("₽")
    assert "Dubai" in done.out
