"""Reading commands: no source, no key, nothing written; an empty folder is an empty answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome
from portfolio_bot.model.days import Clock
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report import as_json
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.errors import SchemaOlder
from portfolio_bot.storage.store import Store, open_store
from tests.cli.conftest import Command

NOW = datetime.now(UTC).replace(microsecond=0)


def portfolio(at: datetime = NOW) -> Portfolio:
    return DemoWorld(Scenario.OUTAGE, NOW).portfolio(at)


def store(*portfolios: Portfolio) -> None:
    """Keep snapshots in ./data, as a service before us would have."""

    async def keep() -> None:
        async with open_store(Path("data").absolute(), clock=lambda: NOW) as opened:
            for one in portfolios:
                await opened.write(lambda tx, one=one: snapshots.add(tx, one, trigger="hourly"))  # type: ignore[misc]

    asyncio.run(keep())


@pytest.mark.parametrize(("name", "empty"), [("balance", {}), ("history", []), ("accounts", [])])
def test_no_database_is_an_empty_answer(name: str, empty: object, command: Command) -> None:
    done = command(name, "--json")
    assert (done.code, done.json) == (outcome.GOOD, empty)
    done = command(name)
    assert (done.code, done.out) == (outcome.GOOD, "")
    assert f"Nothing is stored in {Path('data').absolute()} yet" in done.err
    assert "takes the first snapshot" in done.err
    assert not Path("data").exists()


def test_the_newest_snapshot_is_printed_as_it_was_stored(command: Command) -> None:
    store(portfolio(NOW - timedelta(hours=30)), portfolio())
    assert command("balance", "--json").json == as_json.report(portfolio())
    assert command("accounts", "--json").json == as_json.accounts(portfolio())


def test_one_account_can_be_asked_for(command: Command) -> None:
    store(portfolio())
    done = command("balance", "bybit")
    assert done.code == outcome.GOOD
    assert "Bybit" in done.out
    assert command("balance", "bybit", "--json").json == as_json.accounts(portfolio())[0]


@pytest.mark.parametrize("typed", ["tbank", "TBANK", "T-Bank", "t-bank"])
def test_an_account_is_found_by_its_id_or_its_name(typed: str, command: Command) -> None:
    store(portfolio())
    assert "T-Bank" in command("balance", typed).out
    answer = command("balance", typed, "--json").json
    assert isinstance(answer, dict)
    assert answer["id"] == "tbank"


def test_an_account_that_is_not_there_is_wrong_usage(command: Command) -> None:
    store(portfolio())
    done = command("balance", "bibit")
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert '"bibit" is no account' in done.err
    done = command("balance", "bibit", "--json")
    assert (done.code, done.json) == (outcome.USAGE, {})
    assert '"bibit" is no account' in done.err


def test_what_was_typed_wrong_is_said_in_the_language_of_the_settings(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(portfolio())
    monkeypatch.setenv("LANGUAGE", "ru")
    done = command("flows", "--account", "bibit")
    assert done.code == outcome.USAGE
    assert "«bibit»: такого счёта нет. Может быть, bybit?" in done.err


def test_the_history_lists_today_first(command: Command) -> None:
    complete = DemoWorld(Scenario.BULL, NOW)
    store(
        complete.portfolio(NOW - timedelta(days=2)),
        complete.portfolio(NOW - timedelta(days=1)),
        complete.portfolio(NOW),
    )
    rows = command("history", "--json", "--limit", "2").json
    assert isinstance(rows, list)
    assert [row["open"] for row in rows] == [True, False]
    assert rows[0]["total_usd"] == as_json.report(complete.portfolio(NOW))["total_usd"]
    assert len(command("history").out.splitlines()) >= 3


def test_people_get_text_within_their_terminal(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    store(portfolio())
    monkeypatch.setenv("COLUMNS", "40")
    for name in ("balance", "accounts"):
        done = command(name)
        assert done.code == outcome.GOOD
        assert max(len(line) for line in done.out.splitlines()) <= 40
        assert "\x1b" not in done.out


def test_the_demo_reads_its_own_folder_only(command: Command) -> None:
    store(portfolio())
    assert command("balance", "--json", "--demo").json == {}
    assert "pull --demo" in command("balance", "--demo").err


def test_an_older_database_is_brought_up_to_date_first(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    store(portfolio())
    tries = []

    @asynccontextmanager
    async def older_at_first(
        data_dir: Path, url: str | None = None, *, clock: Clock, read_only: bool = False
    ) -> AsyncIterator[Store]:
        tries.append(read_only)
        if tries == [True]:
            raise SchemaOlder("portfolio.db", "0000", "0001")
        async with open_store(data_dir, url, clock=clock, read_only=read_only) as opened:
            yield opened

    monkeypatch.setattr("portfolio_bot.storage.store.open_store", older_at_first)
    done = command("balance", "--json")
    assert done.json == as_json.report(portfolio())
    assert tries == [True, False, True]
    assert "brought up to date" in done.err
