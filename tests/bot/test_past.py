"""Flows, trades and own transfers in the chat: lists, buttons, progress, and the owner's word with its way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.report.movements import handle
from tests.bot.living import ANN, Living, living, source
from tests.bot.remembering import Remembering, flow, trade
from tests.peers.telegram import Shown, telegram_peer
from tests.service.fakes import FakeSource

LEFT = flow("kraken", "withdrawal", "-0.5", txid="0xAB")
ARRIVED = flow("bybit", "deposit", "0.5", txid="0xab", ago=timedelta(hours=29))
LOST = flow("kraken", "withdrawal", "-0.25", ago=timedelta(hours=60))
SIMILAR = flow("bybit", "deposit", "0.2", ago=timedelta(hours=31))


def plain(shown: Shown) -> str:
    return shown.text.replace("\u00a0", " ")


def labels(shown: Shown) -> list[str]:
    return [label.replace("\u00a0", " ") for label in shown.labels]


def remembering() -> tuple[FakeSource, FakeSource]:
    """A transfer between two accounts, and a withdrawal that arrived nowhere."""
    return Remembering("bybit", ARRIVED, SIMILAR, BTC="1.5"), Remembering("kraken", LEFT, LOST, ETH="20")


@asynccontextmanager
async def read(folder: Path, *sources: FakeSource) -> AsyncIterator[Living]:
    """A bot whose accounts have told their past."""
    async with telegram_peer() as telegram, living(folder, telegram, *(sources or remembering())) as bot:
        await bot.house.sync.run()
        await bot.house.transfers.refresh()
        yield bot


async def test_before_anything_was_read_the_list_offers_to_read_it(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram, *remembering()) as bot:
        shown = await bot.asks("/flows")
        assert plain(shown) == "No flow is recorded yet.\n\nThe past was not read yet."
        assert labels(shown) == ["↻ Refresh", "Details", "Read history now"]
        assert [len(row) for row in shown.markup] == [2, 1]
        await bot.presses(shown, "Read history now")
        assert "own transfer" in plain(shown)
        assert "Bybit: read since" in plain(shown)
        assert telegram.messages(ANN) == [shown]


async def test_reading_shows_how_it_goes_in_the_same_message(tmp_path: Path) -> None:
    slow = Remembering("bybit", ARRIVED, takes=0.3, BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, slow, source("okx", ETH="1")) as bot:
        shown = await bot.asks("/flows")
        press = bot.ann.presses(shown, "Read history now")
        await telegram.until(lambda: "Reading history: Bybit" in plain(shown))
        await telegram.until(lambda: press.answers)
        await bot.idle()
        assert "deposit" in plain(shown)
        assert "Okx tells nothing of its past." in plain(shown)


async def test_a_long_reading_goes_on_without_anybody_waiting(tmp_path: Path) -> None:
    slow = Remembering("bybit", ARRIVED, takes=0.3, BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, slow, patience=0.01) as bot:
        shown = await bot.asks("/flows read")
        assert "↻ Reading history: Bybit 0%" in plain(shown)
        assert labels(shown) == ["↻ Refresh", "Details"]
        await bot.house.sync.run()
        await bot.house.transfers.refresh()
        await bot.presses(shown, "↻ Refresh")
        assert "deposit" in plain(shown)


async def test_accounts_tell_that_the_past_is_being_read(tmp_path: Path) -> None:
    slow = Remembering("bybit", ARRIVED, takes=0.3, BTC="1")
    async with telegram_peer() as telegram, living(tmp_path, telegram, slow, patience=0.01) as bot:
        await bot.asks("/flows read")
        shown = await bot.asks("/accounts")
        assert "↻ Reading history: Bybit" in plain(shown)
        await bot.house.sync.run()
        await bot.presses(shown, "↻ Refresh")
        assert "Reading history" not in plain(shown)


async def test_transfers_and_lost_withdrawals_have_a_button_each(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
    assert "Kraken → Bybit" in plain(shown)
    assert "⚠ Reached none of your accounts: 0.25 ETH from Kraken on " in plain(shown)
    lost, transfer, *others = labels(shown)
    assert transfer.startswith("⇄ ")
    assert transfer.endswith(" 0.5 ETH")
    assert lost.startswith("⚠ ")
    assert others == ["↻ Refresh", "Details", "Read history now"]


async def test_a_wrong_match_is_undone_and_that_is_undone_again(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
        await bot.presses(shown, "⇄")
        assert plain(shown).startswith("0.5 ETH from Kraken to Bybit")
        assert "Certain: one transaction id." in plain(shown)
        await bot.presses(shown, "Not a transfer")
        assert "a withdrawal from Kraken and a deposit on Bybit" in plain(shown)
        assert len((await bot.house.transfers.matching()).transfers) == 0
        await bot.house.sync.run()
        assert len((await bot.house.transfers.refresh()).transfers) == 0, "it stays undone"
        await bot.presses(shown, "Undo")
        assert "What you had said about it is forgotten" in plain(shown)
        assert len((await bot.house.transfers.matching()).transfers) == 1
        assert labels(shown) == ["Not a transfer", "Back"]


async def test_a_lost_withdrawal_is_joined_with_a_deposit_and_parted_again(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
        await bot.presses(shown, "⚠")
        assert "It reached none of your accounts. Did one of these?" in plain(shown)
        choice = next(label for label in shown.labels if "Bybit" in label)
        assert choice.replace("\u00a0", " ").endswith("Bybit 0.2 ETH")
        await bot.presses(shown, choice)
        assert "One transfer now: from Kraken to Bybit." in plain(shown)
        assert len((await bot.house.transfers.matching()).transfers) == 2
        await bot.presses(shown, "Undo")
        assert len((await bot.house.transfers.matching()).transfers) == 1


async def test_parting_what_the_owner_had_joined_can_be_taken_back(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        await bot.house.transfers.join(LOST.id, SIMILAR.id, by="test")
        shown = await bot.asks("/flows")
        await bot.presses(shown, next(label for label in shown.labels if label.endswith("0.25\u00a0ETH")))
        assert "Certain: you said so." in plain(shown)
        await bot.presses(shown, "Not a transfer")
        assert len((await bot.house.transfers.matching()).transfers) == 1
        await bot.presses(shown, "Undo")
        assert len((await bot.house.transfers.matching()).transfers) == 2


async def test_money_that_left_for_good_is_no_question_any_more(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
        await bot.presses(shown, "⚠")
        await bot.presses(shown, "It left my accounts")
        assert plain(shown).startswith("Left your accounts: 0.25 ETH from Kraken.")
        await bot.presses(shown, "Flows")
        assert "⚠" not in plain(shown)
        later = await bot.asks("/flows")
        assert not any(label.startswith("⚠") for label in labels(later))
        await bot.presses(later, next(label for label in later.labels if label.endswith("0.25\u00a0ETH")))
        await bot.presses(later, "Look for its other side again")
        assert "It left my accounts" in labels(later), "a word can be taken back when the undo is long gone"


async def test_taking_one_word_back_leaves_the_others(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
        await bot.presses(shown, "⇄")
        await bot.presses(shown, "Not a transfer")
        shown = await bot.asks("/flows")
        await bot.presses(shown, next(label for label in shown.labels if label.endswith("0.5\u00a0ETH")))
        await bot.presses(shown, "It left my accounts")
        await bot.presses(shown, "Undo")
        assert "It left my accounts" in labels(shown)
        assert len((await bot.house.transfers.matching()).transfers) == 0, "it is no transfer still"
        await bot.presses(shown, next(label for label in shown.labels if label.endswith("Bybit 0.5\u00a0ETH")))
        assert len((await bot.house.transfers.matching()).transfers) == 1
        await bot.presses(shown, "Undo")
        await bot.presses(shown, "Back")
        assert "Kraken → Bybit" in plain(shown), "what was said last is gone, and nothing else was said of the pair"


async def test_an_undo_that_is_pressed_twice_changes_nothing_more(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        await bot.house.transfers.external(LOST.id, by="test")
        for _ in range(2):
            shown = await bot.asks(f"/flow unsay {handle(LOST.key)}")
            assert "It left my accounts" in labels(shown)
        assert (await bot.house.transfers.matching()).unexplained != ()


async def test_money_on_its_way_stands_at_the_top(tmp_path: Path) -> None:
    young = flow("kraken", "withdrawal", "-1", ago=timedelta(hours=2))
    async with read(tmp_path, Remembering("kraken", young, ETH="1"), Remembering("bybit", BTC="1")) as bot:
        shown = await bot.asks("/flows")
        assert plain(shown).splitlines()[1].startswith("↻ 1 ETH ($3,000.00), on its way from Kraken since ")
        opened = next(label for label in shown.labels if label.startswith("↻ ") and "ETH" in label)
        await bot.presses(shown, opened)
        assert "it stays in the total" in plain(shown)


async def test_one_account_can_be_looked_at_and_turned_over(tmp_path: Path) -> None:
    many = [flow("bybit", "deposit", f"{number}", ago=timedelta(days=number)) for number in range(1, 31)]
    async with read(tmp_path, Remembering("bybit", *many, BTC="1"), Remembering("kraken", LOST, ETH="1")) as bot:
        shown = await bot.asks("/flows BYBIT")
        assert "Kraken" not in plain(shown)
        assert "· 1/3" in plain(shown)
        await bot.presses(shown, "›")
        assert "· 2/3" in plain(shown)
        await bot.presses(shown, "Details")
        assert "· 1/3" in plain(shown)


async def test_the_way_back_leads_to_the_page_it_came_from(tmp_path: Path) -> None:
    many = [flow("bybit", "deposit", f"{number}", ago=timedelta(hours=number)) for number in range(1, 25)]
    async with read(tmp_path, Remembering("bybit", *many, BTC="1"), Remembering("kraken", LOST, ETH="1")) as bot:
        shown = await bot.asks("/flows")
        assert any(label.startswith("⚠") for label in labels(shown)), "what needs the owner is on the first page too"
        shown = await bot.asks("/flows p3")
        assert "· 3/3" in plain(shown)
        await bot.presses(shown, "⚠")
        await bot.presses(shown, "Back")
        assert "· 3/3" in plain(shown)


async def test_what_the_key_may_not_read_is_named_with_its_mend(tmp_path: Path) -> None:
    async with read(tmp_path, Remembering("kraken", refuses=True, ETH="1")) as bot:
        shown = await bot.asks("/flows")
    assert "⚠ Kraken: the key lacks a right to read (Query ledger)." in plain(shown)


async def test_trades_are_listed_newest_first(tmp_path: Path) -> None:
    rows = [trade("bybit", number) for number in range(1, 31)]
    async with read(tmp_path, Remembering("bybit", *rows, BTC="1")) as bot:
        shown = await bot.asks("/trades 2")
        assert plain(shown).startswith("Bought 1 ETH at 3,000.00 USDT, ")
        assert labels(shown) == ["↻ Refresh", "20", "50", "100", "Read history now"]
        assert [len(row) for row in shown.markup] == [4, 1]  # five in a row are cut off on a phone
        assert plain(shown).count("buy 1 ETH") == 2
        await bot.presses(shown, "50")
        assert "· 1/3" in plain(shown)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/flows nobody", '"nobody" is no account.\nYours: bybit, kraken.'),
        ("/flows read nobody", '"nobody" is no account.'),
        ("/flows p0", '"p0" is no account.'),
        ("/trades many", '"many" is no whole number.'),
        ("/trades 0", '"0" is out of range.'),
        ("/trades 501", '"501" is out of range.'),
        ("/flow nothing", '"nothing" is no flow that is known.'),
        ("/flow part nothing", '"nothing" is no flow that is known.'),
        ("/flow", "Which flow is not said.\n/flows lists them."),
        ("/flow join", "Which flow is not said."),
    ],
)
async def test_a_wrong_input_is_named_with_what_would_be_right(tmp_path: Path, line: str, says: str) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks(line)
    assert says in plain(shown)


async def test_an_old_button_for_what_is_gone_says_so(tmp_path: Path) -> None:
    async with read(tmp_path) as bot:
        shown = await bot.asks("/flows")
        await bot.presses(shown, "⇄")
        link = (await bot.house.transfers.matching()).transfers[0]
        await bot.house.transfers.part(link.withdrawal.id, by="test")
        stood = plain(shown)
        await bot.presses(shown, "Not a transfer")
        below = bot.telegram.messages(ANN)[-1]
    assert "This is no transfer any more." in plain(below)
    assert (below.id > shown.id, plain(shown)) == (True, stood)
