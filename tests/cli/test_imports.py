"""`import history`: files are read by the command, taken in whole or not at all."""

from __future__ import annotations

import asyncio
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from portfolio_bot.storage import imported
from portfolio_bot.storage.store import open_store
from tests.cli.conftest import Command

JSON = '{"23-02-2025": {"USD": 42500.00, "RUB": 3932500.00}, "24-02-2025": {"USD": 42600.5}}'


def file(text: str, name: str = "history.json") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def is_separate() -> bool:
    async def look() -> bool:
        async with open_store(Path("data").absolute(), clock=lambda: datetime.now(UTC)) as store, store.read() as tx:
            return await imported.is_separate(tx)

    return asyncio.run(look())


def test_a_dry_run_counts_and_stores_nothing(command: Command) -> None:
    done = command("import", "history", file(JSON), "--dry-run", "--json")
    assert (done.code, done.json) == (outcome.GOOD, {"new": 2, "same": 0, "changed": 0, "errors": []})
    assert command("history", "--json").json == []


def test_an_import_is_in_the_history_and_twice_is_once(command: Command) -> None:
    assert command("import", "history", file(JSON)).out == "Stored: 2 new, 0 changed, 0 as they were.\n"
    assert command("import", "history", file(JSON)).out == "Stored: 0 new, 0 changed, 2 as they were.\n"
    rows = command("history", "--json").json
    assert isinstance(rows, list)
    assert [(row["date"], row["total_usd"], row["total_rub"], row["origin"]) for row in rows] == [
        ("2025-02-24", "42600.5", None, "imported"),
        ("2025-02-23", "42500", "3932500", "imported"),
    ]


def test_one_bad_line_stores_nothing_and_is_named(command: Command) -> None:
    done = command("import", "history", file("time,total_usd,total_rub\n2025-02-23,1,\n2025-02-24,x,\n", "history.csv"))
    assert (done.code, done.out) == (outcome.FAILED, "Nothing was stored.\n")
    assert done.err.startswith('line 3, total_usd: "x": ')
    assert command("history", "--json").json == []


def test_errors_in_json_name_line_column_value_and_reason(command: Command) -> None:
    done = command("import", "history", file('{"23-02-2025": {"USD": "1e999999"}}'), "--json")
    answer = done.json
    assert done.code == outcome.FAILED
    assert isinstance(answer, dict)
    assert [set(error) for error in answer["errors"]] == [{"line", "column", "value", "reason"}]


def test_standard_input_is_a_file_too(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(JSON.encode())))
    assert command("import", "history", "-").code == outcome.GOOD


def test_a_file_that_is_not_there_is_named(command: Command) -> None:
    done = command("import", "history", "none.csv")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert done.err == "none.csv: there is no such file.\n"
    assert command("import", "history", ".").err == ". is a folder, not a file.\n"


def test_a_separate_history_is_remembered_as_one_until_it_is_said_otherwise(command: Command) -> None:
    assert "counts as added to it" in command("import", "history", file(JSON), "--separate").out
    assert is_separate()
    assert "continues the imported history from now on" in command("import", "history", file(JSON)).out
    assert not is_separate()


def test_a_figure_that_would_be_replaced_is_shown_before_and_after(command: Command) -> None:
    command("import", "history", file(JSON))
    other = file("time,total_usd,total_rub\n2025-02-23,5,\n2025-02-24,,7\n", "other.csv")
    changes = ["2025-02-23  USD 42500 → 5", "2025-02-24  RUB unknown → 7"]
    done = command("import", "history", other, "--dry-run")
    assert done.out.splitlines() == [*changes, "Would be stored: 0 new, 2 changed, 0 as they were. Nothing was."]
    done = command("import", "history", other)
    assert done.out.splitlines() == [*changes, "Stored: 0 new, 2 changed, 0 as they were."]


def test_many_replaced_figures_are_counted(command: Command) -> None:
    days = [f"2025-03-{day:02}" for day in range(1, 26)]
    for figure in ("1", "2"):
        rows = "\n".join(f"{day},{figure}" for day in days)
        done = command("import", "history", file(f"time,total_usd\n{rows}\n", "history.csv"))
    assert done.out.splitlines()[-2:] == ["… and 5 more", "Stored: 0 new, 25 changed, 0 as they were."]
