"""Deposits and withdrawals in the chat: in one line or step by step, confirmed, recorded once, taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.storage import ledger
from tests.bot.living import ANN, Living, living, utc_now
from tests.peers.telegram import Shown, telegram_peer


def plain(shown: Shown) -> str:
    return shown.text.replace("\u00a0", " ")


def labels(shown: Shown) -> list[str]:
    return [label.replace("\u00a0", " ") for label in shown.labels]


@asynccontextmanager
async def chatting(folder: Path) -> AsyncIterator[Living]:
    async with telegram_peer() as telegram, living(folder, telegram) as bot:
        await bot.asks("/pull")
        yield bot


async def stored(bot: Living) -> list[CashFlow]:
    hand = bot.house.by_hand
    assert hand is not None
    async with hand.records._store.read() as tx:
        return await ledger.flows(tx)


async def test_a_line_is_confirmed_recorded_and_taken_back(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit 500 USD 18 Nov 2025 to Bybit from bank")
        assert plain(asked) == (
            "Record a deposit of 500.00 USD on 18 Nov 2025, to Bybit?\n"
            "TWR changes, the total does not.\nNote: from bank"
        )
        assert labels(asked) == ["Record", "Cancel"]
        assert await stored(bot) == []
        await bot.presses(asked, "Record")
        assert plain(asked).startswith("Recorded: deposit of 500.00 USD on 18 Nov 2025, to Bybit")
        [flow] = await stored(bot)
        assert (flow.account, str(flow.amount), flow.note, flow.day_only) == ("bybit", "500", "from bank", True)
        await bot.presses(asked, "Undo")
        assert plain(asked).startswith("Taken back: deposit of 500.00 USD")
        assert await stored(bot) == []


async def test_without_an_account_one_can_be_chosen(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/withdraw 2 ETH")
        assert plain(asked).startswith("Record a withdrawal of 2 ETH today ")
        assert labels(asked) == ["Record", "Cancel", "Account"]
        await bot.presses(asked, "Account")
        assert plain(asked) == "ETH: which account did it leave?"
        await bot.presses(asked, "Kraken")
        assert ", from Kraken?" in plain(asked)
        await bot.presses(asked, "Record")
        assert [(flow.account, str(flow.amount)) for flow in await stored(bot)] == [("kraken", "-2")]


async def test_without_words_everything_is_asked(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit")
        assert plain(asked).startswith("What came in?")
        assert labels(asked)[0] == "USD"
        await bot.presses(asked, "ETH")
        assert plain(asked) == "ETH: where did it arrive?"
        assert labels(asked) == ["Bybit", "Kraken", "None of these"]
        await bot.presses(asked, "Kraken")
        assert plain(asked).startswith("How much ETH, to Kraken?")
        asked = await bot.asks("0.5")
        assert plain(asked) == "0.5 ETH, to Kraken: when?"
        await bot.presses(asked, "Yesterday")
        assert plain(asked).startswith("Record a deposit of 0.5 ETH on ")
        await bot.presses(asked, "Record")
        [flow] = await stored(bot)
        assert (flow.kind, flow.account, flow.asset, str(flow.amount)) == (FlowKind.DEPOSIT, "kraken", "ETH", "0.5")
        assert flow.at == (utc_now().astimezone(bot.house.reader().calendar.zone) - timedelta(days=1)).date()


async def test_a_name_that_is_not_offered_and_another_day_can_be_typed(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/withdraw")
        asked = await bot.asks("doge")
        assert plain(asked) == "DOGE: which account did it leave?"
        await bot.presses(asked, "None of these")
        asked = await bot.asks("100")
        await bot.presses(asked, "Another day")
        assert plain(asked).startswith("Which day was it?")
        wrong = await bot.asks("some day")
        assert plain(wrong).startswith('"some day" is no day.')
        asked = await bot.asks("3 Jan 2026")
        assert plain(asked).startswith("Record a withdrawal of 100 DOGE on 3 Jan?")


async def test_a_wrong_amount_is_explained_and_asked_again(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit USD to Bybit")
        assert plain(asked).startswith("How much USD, to Bybit?")
        assert plain(await bot.asks("1,000")).startswith('"1,000" is no amount.')
        assert plain(await bot.asks("1000")) == "1,000.00 USD, to Bybit: when?"


async def test_another_command_gives_the_question_up(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        await bot.asks("/deposit USD to Bybit")
        await bot.asks("/status")
        assert "Commands begin with a slash" in plain(await bot.asks("500"))


async def test_pressing_twice_records_once(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit 500 USD")
        data = next(action for row in asked.markup for label, action in row if label == "Record")
        first = bot.ann.presses(asked, "Record")
        second = bot.ann.presses(asked, "", data=data)
        await bot.telegram.until(lambda: first.answers and second.answers)
        await bot.idle()
        third = bot.ann.presses(asked, "", data=data)
        await bot.telegram.until(lambda: third.answers)
        await bot.idle()
        assert len(await stored(bot)) == 1
        assert plain(asked).startswith("Recorded: deposit of 500.00 USD")


async def test_cancelling_records_nothing(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit 500 USD")
        await bot.presses(asked, "Cancel")
        assert plain(asked) == "Nothing was recorded."
        assert await stored(bot) == []


async def test_a_button_of_an_earlier_life_says_so(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        asked = await bot.asks("/deposit 500 USD")
        old = bot.ann.presses(asked, "", data="deposit #00000000 record")
        await bot.telegram.until(lambda: old.answers)
        await bot.idle()
        assert plain(asked).startswith("This question is too old")
        assert "/deposit begins anew." in plain(asked)
        assert await stored(bot) == []


async def test_what_was_typed_without_an_account_is_listed_as_typed_by_hand(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        await bot.presses(await bot.asks("/deposit 500 USD"), "Record")
        listed = plain(await bot.asks("/flows"))
        assert "by hand" in listed
        assert "manual" not in listed


async def test_an_undo_of_what_is_gone_says_so(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        shown = await bot.asks("/deposit undo manual-0123456789ab")
        assert plain(shown) == "It is not there any more: nothing to take back."


async def test_a_record_like_one_that_is_there_is_asked_about(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        await bot.presses(await bot.asks("/deposit 500 USD"), "Record")
        asked = await bot.asks("/deposit 500 USD")
        assert "⚠ One like it is there: deposit of 500.00 USD" in plain(asked)
        assert labels(asked)[0] == "Record it all the same"
        await bot.presses(asked, "Record it")
        assert len(await stored(bot)) == 2


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/deposit -5 BTC", '"-5" is no amount.\nGive one above 0'),
        ("/withdraw 0 BTC", '"0" is no amount.'),
        ("/deposit 5 USD 31 Nov", '"31 Nov" is no day of the calendar.'),
        ("/deposit 5 <b>", '"<b>" is no name of an asset.'),
        ("/deposit #beef record", "This question is too old"),
        ("/deposit 5 USD 2100-01-01", '"2100-01-01" is in the future.'),
    ],
)
async def test_wrong_input_is_explained(tmp_path: Path, line: str, says: str) -> None:
    async with chatting(tmp_path) as bot:
        assert says in plain(await bot.asks(line))
        assert await stored(bot) == []


async def test_the_other_side_of_an_own_transfer_is_told(tmp_path: Path) -> None:
    async with chatting(tmp_path) as bot:
        await bot.presses(await bot.asks("/withdraw 1.5 BTC 2026-01-05T08:00Z from Bybit"), "Record")
        asked = await bot.asks("/deposit 1.5 BTC 2026-01-05T08:30Z to Kraken")
        await bot.presses(asked, "Record")
        assert "It is one transfer with 1.5 BTC on Bybit: neither TWR nor the total changes." in plain(asked)
        assert len(bot.telegram.messages(ANN)) == 3
