"""`flows add|edit|remove`: records by hand, each with what it does and the way back."""

from __future__ import annotations

import re
import shlex

import pytest

from portfolio_bot.cli import outcome
from tests.cli.conftest import Command


@pytest.fixture(autouse=True)
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER", "KRAKEN"):
        monkeypatch.setenv(f"{name}_BASE_URL", "http://127.0.0.1:9")


def stored(command: Command) -> list[dict[str, object]]:
    answer = command("flows", "--json").json
    assert isinstance(answer, list)
    return answer


def named(out: str) -> str:
    found = re.search(r"manual-[0-9a-f]{12}", out)
    assert found is not None
    return found[0]


def again(command: Command, out: str) -> None:
    """Type the line that the answer names as the way back."""
    line = " ".join(out.split("Undo: ")[1].split())
    assert command(*shlex.split(line)[1:]).code == outcome.GOOD


def test_a_deposit_is_recorded_and_taken_back(command: Command) -> None:
    done = command("flows", "add", "deposit", "500", "usd", "--time", "2026-01-18", "--note", "from bank")
    assert done.code == outcome.GOOD
    assert "Recorded: deposit of 500.00 USD on 18 Jan\nNote: from bank\n" in done.out
    assert "TWR changes, the total does not." in done.out
    [row] = stored(command)
    assert [row[name] for name in ("time", "account", "kind", "asset", "amount", "usd_value", "note", "origin")] == [
        "2026-01-18", "manual", "deposit", "USD", "500", "500", "from bank", "manual",
    ]  # fmt: skip
    again(command, done.out)
    assert stored(command) == []


def test_what_was_removed_comes_back_by_its_own_line(command: Command) -> None:
    added = command(
        "flows", "add", "withdrawal", "0.5", "BTC", "--account", "vault", "--time", "2026-01-18T08:00Z", "--usd",
        "45000", "--cost", "100", "--txid", "0xab", "--note", "it's mine",
    )  # fmt: skip
    [before] = stored(command)
    removed = command("flows", "remove", named(added.out))
    assert "Taken back: withdrawal of 0.5 BTC" in removed.out
    again(command, removed.out)
    [after] = stored(command)
    assert {**before, "id": ""} == {**after, "id": ""}
    assert (before["amount"], before["usd_value"], before["account"]) == ("-0.5", "-45000", "vault")


def test_an_edit_tells_what_changed_and_the_way_back(command: Command) -> None:
    id_ = named(command("flows", "add", "deposit", "500", "USD", "--time", "2026-01-18").out)
    done = command("flows", "edit", id_, "--amount", "600", "--note", "rent back")
    assert "amount: 500 → 600\n" in done.out
    assert "note: nothing → rent back" in done.out
    assert stored(command)[0]["amount"] == "600"
    again(command, done.out)
    assert (stored(command)[0]["amount"], stored(command)[0]["note"]) == ("500", "")


def test_an_edit_as_json_has_both_records(command: Command) -> None:
    id_ = named(command("flows", "add", "deposit", "500", "USD", "--time", "2026-01-18").out)
    answer = command("flows", "edit", id_, "--kind", "withdrawal", "--json").json
    assert isinstance(answer, dict)
    assert (answer["action"], answer["flow"]["amount"], answer["before"]["amount"]) == ("changed", "-500", "500")
    assert answer["changed"][0] == {"field": "kind", "before": "deposit", "after": "withdrawal"}
    assert answer["undo"].startswith(f"portfolio-bot flows edit {id_} --kind deposit")


def test_a_record_like_one_that_is_there_is_refused_with_its_name(command: Command) -> None:
    words = ("flows", "add", "deposit", "500", "USD", "--time", "2026-01-18")
    id_ = named(command(*words).out)
    done = command(*words)
    assert done.code == outcome.FAILED
    assert f"({id_})" in done.err
    assert done.err.endswith("say so: --anyway.\n")
    assert len(stored(command)) == 1
    assert command(*words, "--anyway").code == outcome.GOOD
    assert len(stored(command)) == 2


def test_a_new_account_is_said_to_be_one_and_a_mistyped_one_is_asked_about(command: Command) -> None:
    assert "vault is a new account" in command("flows", "add", "deposit", "5", "USD", "--account", "vault").out
    done = command("flows", "add", "deposit", "6", "USD", "--account", "vaalt")
    assert (done.code, done.err) == (
        outcome.FAILED, '"vaalt" is no account. Did you mean vault? If it is a new one, say so: --anyway.\n',
    )  # fmt: skip
    assert "new account" not in command("flows", "add", "deposit", "6", "USD", "--account", "Vault").out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("gift", "5", "BTC"), '"gift" is no kind of record. There are deposit and withdrawal.'),
        (("deposit", "-5", "BTC"), '"-5" is no amount. Give one above 0'),
        (("deposit", "0", "BTC"), '"0" is no amount.'),
        (("deposit", "1,5", "BTC"), '"1,5" is no number for amount. The decimal mark is a point'),
        (("deposit", "five", "BTC"), '"five" is no number for amount.'),
        (("deposit", "5", "B T;C"), '"B T;C" is no name of an asset.'),
        (("deposit", "5", "BTC", "--time", "2099-01-01"), '"2099-01-01" is in the future.'),
        (("deposit", "5", "BTC", "--time", "2026-01-05T08:00"), "is a time without a zone"),
        (("deposit", "5", "BTC", "--usd", "-1"), '"-1" is no value in USD.'),
        (("deposit", "5", "BTC", "--cost", "-1"), '"-1" is no cost.'),
        (("deposit", "5", "BTC", "--account", "a b!"), '"a b!" is no name for an account.'),
        (("deposit", "5", "BTC", "--note", "x" * 300), "At most 256 printable characters."),
    ],
)
def test_wrong_input_is_explained_and_nothing_is_stored(command: Command, words: tuple[str, ...], says: str) -> None:
    done = command("flows", "add", *words)
    assert done.code == outcome.FAILED
    assert says in done.err
    assert stored(command) == []


def test_what_is_not_there_cannot_be_edited_or_removed(command: Command) -> None:
    assert command("flows", "edit", "nope", "--note", "x").err.startswith('"nope" is the id of no flow.')
    assert command("flows", "remove", "nope").err.startswith('"nope" is the id of no flow.')
    id_ = named(command("flows", "add", "deposit", "5", "USD").out)
    assert "Nothing is said that should change." in command("flows", "edit", id_).err


def test_what_a_platform_told_keeps_its_amount(command: Command) -> None:
    command("sync", "--demo")
    answer = command("flows", "--demo", "--json", "--kind", "deposit").json
    assert isinstance(answer, list)
    id_ = str(answer[0]["id"])
    assert "would be told again" in command("flows", "edit", id_, "--amount", "1", "--demo").err
    assert "would be told again" in command("flows", "remove", id_, "--demo").err
    assert "note: nothing → salary" in command("flows", "edit", id_, "--note", "salary", "--demo").out


def test_money_that_comes_right_now_is_followed_by_a_snapshot(command: Command) -> None:
    command("pull", "--demo")
    before = command("balance", "--demo", "--json").json
    assert command("flows", "add", "deposit", "5", "USD", "--demo").code == outcome.GOOD
    after = command("balance", "--demo", "--json").json
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert str(after["as_of"]) > str(before["as_of"])
