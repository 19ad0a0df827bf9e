"""`export`: what is stored as files, which an import takes in again with nothing changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from tests.cli.conftest import Command

HISTORY = "time,total_usd,total_rub\n2026-01-05,11000,\n2026-01-03T10:00:00Z,1000.5,80000\n2026-01-02,1000,80000\n"


def same(command: Command, what: str, name: str, *options: str) -> int:
    """How many rows of a file are there already; none may be new or another."""
    answer = command("import", what, name, "--json", *options).json
    assert isinstance(answer, dict)
    assert (answer["new"], answer["changed"], answer["errors"]) == (0, 0, [])
    return int(answer["same"])


def test_history_comes_out_as_it_went_in(command: Command) -> None:
    Path("in.csv").write_text(HISTORY, encoding="utf-8")
    command("import", "history", "in.csv")
    assert command("export", "history").out == HISTORY
    assert command("export", "history", "-").out == HISTORY


def test_history_as_json_is_read_again_too(command: Command) -> None:
    Path("in.csv").write_text(HISTORY, encoding="utf-8")
    command("import", "history", "in.csv")
    done = command("export", "history", "out.json", "--json")
    assert (done.code, done.out, done.err) == (outcome.GOOD, "", "out.json: 3 rows.\n")
    assert '"02-01-2026": {\n    "USD": "1000",\n    "RUB": "80000"\n  }' in Path("out.json").read_text(
        encoding="utf-8"
    )
    assert same(command, "history", "out.json") == 3


def test_everything_of_the_demo_comes_back_without_a_difference(command: Command) -> None:
    assert command("sync", "--demo").code == outcome.GOOD
    for what in ("history", "trades", "flows"):
        assert command("export", what, f"{what}.csv", "--demo").code == outcome.GOOD
        lines = len(Path(f"{what}.csv").read_text(encoding="utf-8").splitlines()) - 1
        assert same(command, what, f"{what}.csv", "--demo") == lines > 20
        assert command("import", what, f"{what}.csv").code == outcome.GOOD
        assert command("export", what).out == Path(f"{what}.csv").read_text(encoding="utf-8")


def test_a_stretch_can_be_chosen(command: Command) -> None:
    Path("in.csv").write_text(HISTORY, encoding="utf-8")
    command("import", "history", "in.csv")
    out = command("export", "history", "--from", "2026-01-03", "--to", "2026-01-04").out
    assert out == "time,total_usd,total_rub\n2026-01-03T10:00:00Z,1000.5,80000\n"
    assert command("export", "history", "--from", "soon").code == outcome.USAGE


def test_days_count_back_from_the_newest_imported_total(command: Command) -> None:
    Path("in.csv").write_text(HISTORY, encoding="utf-8")
    command("import", "history", "in.csv")
    assert command("export", "history", "--days", "3").out == "".join(HISTORY.splitlines(keepends=True)[:3])


def test_returns_have_the_columns_of_their_json(command: Command) -> None:
    Path("in.csv").write_text(HISTORY, encoding="utf-8")
    command("import", "history", "in.csv")
    header, newest, *_ = command("export", "returns").out.splitlines()
    assert header == "date,from,span_days,usd,percent,flows_usd"
    assert newest.startswith("2026-01-05,2026-01-03,2,9999.5,")


def test_no_file_is_written_over_unasked(command: Command) -> None:
    Path("out.csv").write_text("mine", encoding="utf-8")
    done = command("export", "flows", "out.csv")
    assert (done.code, done.out) == (outcome.FAILED, "")
    assert done.err == "out.csv is there already. Name another file, or say --force to write over it.\n"
    assert Path("out.csv").read_text(encoding="utf-8") == "mine"
    assert command("export", "flows", "out.csv", "--force").code == outcome.GOOD
    assert Path("out.csv").read_text(encoding="utf-8").startswith("time,account,kind,")


def test_a_file_is_its_owners_alone(command: Command) -> None:
    command("export", "trades", "out.csv")
    assert stat.S_IMODE(Path("out.csv").stat().st_mode) == 0o600


def test_what_could_not_be_filled_is_not_left_behind(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Mars/Olympus")
    assert command("export", "flows", "out.csv").code == outcome.USAGE
    assert not Path("out.csv").exists()
    Path("old.csv").write_text("mine", encoding="utf-8")
    assert command("export", "flows", "old.csv", "--force").code == outcome.USAGE
    assert Path("old.csv").read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written_is_named(command: Command) -> None:
    assert command("export", "flows", "nowhere/out.csv").err.startswith("nowhere/out.csv cannot be written: ")
    assert command("export", "flows", ".").err.startswith(". is ")
