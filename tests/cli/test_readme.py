"""The README names every field that scripts may rely on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.service.health import Health
from tests.cli.conftest import Command

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("### `report --json`")[2].partition("\n### ")[0]
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


def test_every_field_of_health_is_documented() -> None:
    health = Health(portfolio_bot.__version__, 1, database=True, polled=timedelta(0))
    assert set(health.as_json()) - said_of("healthcheck") == set()
