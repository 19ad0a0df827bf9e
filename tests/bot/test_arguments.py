"""What stands behind a command, in the order in which people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio_bot.bot.arguments import View, view_of
from tests.bot.living import living
from tests.peers.telegram import telegram_peer
from tests.report import gallery

ME = gallery.reader(currency="EUR")


@pytest.mark.parametrize(
    ("typed", "view", "rest"),
    [
        ("rub p2 30", View(page=2, currency="rub"), "30"),
        ("30 RUB", View(currency="rub"), "30"),
        ("okx detail eur", View(currency="eur", detail=True), "okx"),
        ("fresh okx p3", View(fresh=True), "okx p3"),
        ("detail", View(detail=True), ""),
        ("30 rub 40", View(), "30 rub 40"),
        ("gbp 30", View(), "gbp 30"),
    ],
)
def test_words_of_a_view_stand_before_or_behind_the_others(typed: str, view: View, rest: str) -> None:
    assert view_of(typed, ME) == (view, rest)


def test_the_last_word_of_a_name_belongs_to_the_name() -> None:
    mine = {"savings usd"}
    assert view_of("Savings USD", ME, whole=lambda words: words.lower() in mine) == (View(), "Savings USD")
    assert view_of("rub Savings USD detail", ME, whole=lambda words: words.lower() in mine) == (
        View(currency="rub", detail=True),
        "Savings USD",
    )


@pytest.mark.parametrize(
    ("line", "says"), [("/balance kraken rub", "₽160,000 · Kraken"), ("/history 5 rub", "₽251,920")]
)
async def test_the_currency_may_come_last(tmp_path: Path, line: str, says: str) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        await bot.asks("/status")
        shown = await bot.asks(line)
    assert says in shown.text.replace("\u00a0", " ")
