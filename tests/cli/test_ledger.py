"""Flows, trades and sync on the command line: what is shown, what is refused, and the codes that scripts see."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portfolio_bot.cli import outcome, sync
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.trade import ContractTrade, Trade
from portfolio_bot.report.movements import handle
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger import Progress
from portfolio_bot.storage.store import open_store
from portfolio_bot.storage.tx import Tx
from tests.cli.conftest import Command, Done
from tests.report import ledgers
from tests.report.ledgers import at, flow

NOW = datetime.now(UTC).replace(microsecond=0)
SENT = flow("kraken withdrawal -0.5 ETH = -1500", NOW - timedelta(hours=30), txid="0xabc", id_="W1")
GOT = flow("bybit deposit 0.5 ETH = 1500", NOW - timedelta(hours=29), txid="0xABC", id_="D1")
LOST = flow("kraken withdrawal -1 BTC = -60000", NOW - timedelta(days=3), id_="W2")
INSIDE = [
    flow(f"bybit transfer {amount} USDT = {amount}", NOW - timedelta(days=2), txid="t", wallets="spot → earn")
    for amount in ("-5", "5")
]
FLOWS = [GOT, SENT, *INSIDE, LOST]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "LOOK_EVERY", 0.02)


def store(flows: Sequence[CashFlow] = FLOWS, trades: Sequence[Trade | ContractTrade] = ()) -> None:
    """Keep records in ./data, as a service before us would have."""

    async def keep(tx: Tx) -> None:
        for account in {row.account for row in (*flows, *trades)}:
            records = [row for row in (*flows, *trades) if row.account == account]
            progress = Progress(account, "all", "everything", at(1, year=2024), NOW, keeps=timedelta(days=730))
            await ledger.store(tx, account, progress.stream, records, progress=progress)

    async def opened() -> None:
        async with open_store(Path("data").absolute(), clock=lambda: NOW) as one:
            await one.write(keep)

    asyncio.run(opened())


def plain(done: Done) -> str:
    return done.out.replace("\u00a0", " ")


def ids(done: Done) -> list[str]:
    rows = json.loads(done.out)
    return [row["id"] for row in rows]


@pytest.mark.parametrize("name", ["flows", "trades"])
def test_no_database_is_an_empty_answer(name: str, command: Command) -> None:
    assert command(name, "--json").json == []
    done = command(name)
    assert (done.code, done.err) == (outcome.GOOD, "")
    assert done.out.startswith("No ")
    assert len(command(name, "--csv").out.splitlines()) == 1
    assert not Path("data").exists()


def test_flows_are_listed_with_the_words_that_commands_take(command: Command) -> None:
    store()
    done = command("flows")
    assert done.code == outcome.GOOD
    assert "kraken → bybit" in plain(done)
    assert handle(SENT.key) in plain(done)
    assert f"portfolio-bot flows join {handle(LOST.key)} OTHER" in plain(done)
    assert "kraken: read since 1 Jan 2024; kraken keeps 2 years." in plain(done).replace("1 Nov 2024", "1 Jan 2024")
    assert max(len(line) for line in plain(done).splitlines()) <= 80


def test_what_moved_inside_an_account_is_hidden_unless_asked_for(command: Command) -> None:
    store()
    assert ids(command("flows", "--json")) == ["D1", "W1", "W2"]
    assert len(ids(command("flows", "--json", "--all"))) == 5
    assert "moved inside" not in plain(command("flows"))
    assert "spot → earn" in plain(command("flows", "--all"))
    assert len(command("flows", "--csv").out.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["--account", "KRAKEN"], ["W1", "W2"]),
        (["--asset", "btc"], ["W2"]),
        (["--kind", "deposit"], ["D1"]),
        (["--kind", "Deposit", "--kind", "withdrawal"], ["D1", "W1", "W2"]),
        (["--limit", "1"], ["D1"]),
        (["--days", "2"], ["D1", "W1"]),
        (["--from", (NOW - timedelta(hours=29, minutes=30)).isoformat()], ["D1"]),
        (["--to", (NOW - timedelta(hours=54)).isoformat()], ["W2"]),
        (["--from", "2020-01-01", "--to", "2020-12-31"], []),
    ],
)
def test_a_part_of_the_past_can_be_chosen(words: list[str], found: list[str], command: Command) -> None:
    store()
    assert [one for one in ids(command("flows", "--json", *words)) if one in {"D1", "W1", "W2"}] == found


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["flows", "--json", "--csv"], "--json and --csv exclude one another"),
        (["trades", "--json", "--csv"], "--json and --csv exclude one another"),
        (["accounts", "--json", "--csv"], "--json and --csv exclude one another"),
        (["flows", "--from", "yesterday"], '"yesterday" is neither of what --from takes: a day (2026-11-20)'),
        (["flows", "--from", "2026-02-30"], '"2026-02-30" is neither'),
        (["flows", "--to", "2026-11-20T08:00"], "has no zone: end it with Z for UTC"),
        (["flows", "--from", "2026-11-20", "--to", "2026-11-19"], "Nothing lies between"),
        (["flows", "--days", "3", "--to", "2026-11-19"], "--days stands alone"),
        (["flows", "--days", "0"], "out of range"),
        (["flows", "--kind", "depsit"], '"depsit" is no kind of flow. Did you mean deposit?'),
        (["flows", "--kind", "xyz"], "There are deposit, withdrawal,"),
        (["flows", "--account", "krakn"], '"krakn" is no account. Did you mean kraken? Yours: bybit, kraken.'),
        (["trades", "--account", "krakn"], '"krakn" is no account.'),
        (["trades", "--limit", "many"], '"many" is no whole number for --limit.'),
        (["sync", "--since", "2999-01-01", "--demo"], '"2999-01-01" is in the future'),
        (["sync", "--since", "1999-12-31", "--demo"], '"1999-12-31" is too early'),
        (["sync", "--since", "01.02.2024", "--demo"], '"01.02.2024" is no day for --since'),
        (["flows", "part"], "flows part needs an ID."),
        (["flows", "join", "W1"], "flows join needs an OTHER."),
    ],
)
def test_what_cannot_be_meant_is_named_and_ends_with_two(words: list[str], says: str, command: Command) -> None:
    store()
    done = command(*words)
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert says in done.err.replace("\n  ", " ")
    assert "Traceback" not in done.err


def test_trades_are_listed_and_exported(command: Command) -> None:
    rows = [row._replace(at=row.at) for row in ledgers.trades()]
    store([], rows)
    assert ids(command("trades", "--json")) == ["t4", "t3", "t2", "t1"]
    assert ids(command("trades", "--json", "--limit", "2")) == ["t4", "t3"]
    assert ids(command("trades", "--json", "--asset", "xrp")) == ["t1"]
    assert "buy 0.015 BTC" in plain(command("trades"))
    cells = list(csv.DictReader(io.StringIO(command("trades", "--csv").out)))
    assert [row["market"] for row in cells] == ["spot", "futures", "futures", "spot"]


def test_an_asset_is_found_in_whatever_case_it_is_recorded(command: Command) -> None:
    store([flow("bybit deposit 5 kSHIB = 1", NOW - timedelta(days=1), id_="k")])
    for typed in ("kSHIB", "KSHIB", "kshib"):
        assert ids(command("flows", "--json", "--asset", typed)) == ["k"]
    assert ids(command("flows", "--json", "--asset", "SHIB")) == []


def demo(command: Command) -> list[dict[str, object]]:
    """The demo's past, read; its own transfers."""
    assert command("sync", "--demo", "--json").code == outcome.GOOD
    rows = json.loads(command("flows", "--demo", "--json").out)
    return [row for row in rows if row["match"] and row["kind"] == "withdrawal"]


def test_a_match_is_undone_and_stays_undone_until_that_is_taken_back(command: Command) -> None:
    first, *others = demo(command)
    done = command("flows", "part", str(first["id"]), "--demo")
    assert done.code == outcome.GOOD
    assert "No transfer any more" in plain(done)
    command("sync", "--demo")
    assert len(demo(command)) == len(others)
    done = command("flows", "reset", str(first["id"]), "--account", str(first["account"]), "--demo", "--json")
    assert (done.code, json.loads(done.out)["action"]) == (outcome.GOOD, "reset")
    assert len(demo(command)) == len(others) + 1


def test_two_flows_are_joined_by_their_short_names(command: Command) -> None:
    store()
    one, other = handle(SENT.key), handle(GOT.key)
    assert command("flows", "part", one, other).code == outcome.GOOD
    done = command("flows", "join", one, other)
    assert "One transfer now" in plain(done)
    assert command("flows", "external", one).code == outcome.GOOD


def test_a_word_about_nothing_is_refused(command: Command) -> None:
    store()
    for words in (["part", "nothing"], ["external", "nothing"], ["reset", "nothing"], ["join", "nothing", "more"]):
        done = command("flows", *words)
        assert (done.code, done.out) == (outcome.FAILED, "")
        assert '"nothing" is no deposit, withdrawal or transfer that is known.' in done.err
    done = command("flows", "external", "x", "--account", "nobody")
    assert '"nobody" is no account. Yours: bybit, kraken.' in done.err


def test_sync_prints_json_alone_and_how_it_goes_beside_it(command: Command) -> None:
    done = command("sync", "--demo", "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["complete"], answer["since"]) == (outcome.GOOD, True, None)
    assert "Bybit" in done.err.replace("\u00a0", " ")
    done = command("sync", "--demo")
    assert "History read: " in done.out
    assert "IBKR" in done.out


def test_sync_takes_accounts_by_id_or_name_and_refuses_others(command: Command) -> None:
    done = command("sync", "T-Bank", "okx", "--demo", "--json", "--since", "2026-01-01")
    read = {row["id"]: row["flows"] for row in json.loads(done.out)["accounts"]}
    assert {account for account, count in read.items() if count} == {"tbank", "okx"}
    done = command("sync", "nobody", "--demo")
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert '"nobody" is no account. Yours: bybit, ' in done.err


def test_sync_needs_a_source(command: Command) -> None:
    done = command("sync")
    assert (done.code, done.out) == (outcome.USAGE, "")
    assert "Nothing was started." in done.err


def test_accounts_come_as_csv(command: Command) -> None:
    command("pull", "--demo")
    rows = list(csv.DictReader(io.StringIO(command("accounts", "--demo", "--csv").out)))
    assert [row["id"] for row in rows] == ["bybit", "okx", "kraken", "binance", "tbank", "ibkr"]
    assert {row["error"] for row in rows} == {""}
    assert command("list_accounts", "--demo", "--csv").code == outcome.GOOD


def test_a_word_needs_no_source_only_what_is_stored(command: Command) -> None:
    store()
    done = command("flows", "part", "W1")
    assert done.code == outcome.GOOD
    assert [row["match"] for row in json.loads(command("flows", "--json").out)] == [None, None, None]
