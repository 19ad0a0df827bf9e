"""Returns, profit and the benchmark in the chat: one message whose period and currency are buttons."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.bot.periods import asked
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.trade import Side, Trade, Worth, WorthSource
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage import imported, ledger, prices
from portfolio_bot.storage.imported import Figures
from portfolio_bot.storage.prices import AssetPrice
from portfolio_bot.storage.store import Store, open_store
from tests.bot.living import ANN, Living, living, utc_now
from tests.peers.telegram import Shown, telegram_peer

PARIS = Calendar.of("Europe/Paris")
READER = Reader(PARIS, "Europe/Paris", utc_now())
DAYS = 100


@dataclass(frozen=True, slots=True)
class Told:
    """The whole text of a message, and the labels below it."""

    text: str
    labels: list[str]


def told(shown: Shown) -> Told:
    return Told(shown.text.replace("\u00a0", " "), [label.replace("\u00a0", " ") for label in shown.labels])


async def remember(store: Store) -> None:
    """A hundred days in which value grew by 100 each, the benchmark's prices, and a coin that was bought."""
    today = PARIS.day(utc_now())
    days = {
        today - timedelta(days=ago): Figures(Decimal(20_000 - 100 * ago), Decimal(1_600_000 - 8_000 * ago))
        for ago in range(1, DAYS)
    }
    quoted = [
        AssetPrice(coin, PARIS.end(day), Decimal(price))
        for day in days
        for coin, price in (("BTC", 60000), ("ETH", 3000))
    ]
    bought = utc_now() - timedelta(days=50)
    usd = Worth(Decimal(5500), WorthSource.DOLLARS)
    trade = Trade("1", "bybit", bought, Side.BUY, "BTC", "USD", Decimal("0.1"), Decimal(5500), usd)
    await store.write(lambda tx: imported.store(tx, days))
    await store.write(lambda tx: prices.add(tx, quoted))
    await store.write(lambda tx: ledger.store(tx, "bybit", "", [trade]))


@asynccontextmanager
async def bot(folder: Path, *, empty: bool = False) -> AsyncIterator[Living]:
    if not empty:
        async with open_store(folder, clock=utc_now) as store:
            await remember(store)
    async with telegram_peer() as telegram, living(folder, telegram) as alive:
        yield alive


async def test_returns_are_days_newest_first_in_either_currency(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/returns 3")
        assert told(shown).text.startswith("+$100.00 (+0.51%) on ")
        assert told(shown).text.count("  +100") == 3
        assert told(shown).labels == ["10 d", "30 d", "90 d", "365 d", "₽"]
        await alive.presses(shown, "₽")
        assert told(shown).text.startswith("+₽8,000 (+0.51%) on ")
        await alive.presses(shown, "30 d")
        assert told(shown).text.count("  +8,000") == 30
        assert alive.telegram.messages(ANN) == [shown]


async def test_the_period_of_a_return_is_changed_in_the_same_message(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/twr")
        assert "in 30 days" in told(shown).text.splitlines()[0]
        assert told(shown).labels == ["24 h", "7 d", "90 d", "This year", "All", "↻ Refresh", "₽"]
        await alive.presses(shown, "7 d")
        assert told(shown).text.startswith("+3.65% in 7 days")
        assert "a year" not in told(shown).text
        await alive.presses(shown, "₽")
        assert "₽" in told(shown).text
        await alive.presses(shown, "$")
        await alive.presses(shown, "All")
        assert "in 98 days" in told(shown).text.splitlines()[0]
        assert alive.telegram.messages(ANN) == [shown]


async def test_profit_says_why_it_changed_and_what_each_coin_brought(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/pnl 30d")
        text = told(shown).text
        assert text.startswith("+$3,000.00 (+17.75%) in 30 days")
        assert "market  +3,000.00" in text
        assert "BTC    +500.00      0.00" in text
        assert "Details" in told(shown).labels
        await alive.presses(shown, "Details")
        assert "0.1 at 55,000.00" in told(shown).text
        assert "Summary" in told(shown).labels


async def test_the_benchmark_is_shown_beside_the_portfolio(tmp_path: Path) -> None:
    async with bot(tmp_path) as alive:
        shown = await alive.asks("/benchmark 30")
        assert told(shown).text.startswith("17.75% ahead of BTC 50%, ETH 50%")
        assert "Next rebalance " in told(shown).text
        assert "₽" not in told(shown).labels
        await alive.presses(shown, "90 d")
        assert "ahead of BTC" in told(shown).text


EMPTY = {
    "/returns": "No daily return yet.",
    "/twr": "There are no two complete values in this period.",
    "/pnl": "There are no two complete values in this period.",
    "/benchmark": "There is nothing to compare yet: it takes two complete values.",
}


async def test_before_there_is_a_past_it_is_said_so_and_words_that_are_no_period_are_named(tmp_path: Path) -> None:
    async with bot(tmp_path, empty=True) as alive:
        for line, answer in EMPTY.items():
            assert told(await alive.asks(line)).text.startswith(answer)
        shown = told(await alive.asks("/pnl fortnight"))
        assert shown.text == '"fortnight" is no period.\n24h, 7d, 30d, 90d, ytd, all, or days: 45.'


@pytest.mark.parametrize("line", ["rub 7d detail p2", "7D p2 detail rub", "detail 7d rub p2"])
def test_words_may_stand_in_any_order(line: str) -> None:
    what = asked(line, READER, default="24h")
    assert (what.name, what.currency, what.view.page, what.view.detail) == ("7d", "RUB", 2, True)
    assert what.window.days == 7


@pytest.mark.parametrize(
    ("typed", "name"), [("30", "30d"), ("0", "all"), ("total", "all"), ("24H", "24h"), ("", "ytd")]
)
def test_a_period_has_one_name_for_its_buttons(typed: str, name: str) -> None:
    assert asked(typed, READER, default="ytd").name == name


def test_two_periods_are_none() -> None:
    with pytest.raises(UserError, match="second period"):
        asked("7d 30d", READER, default="24h")
