"""The bot as people meet it: commands and buttons through real aiogram, against a strict Telegram."""

from __future__ import annotations

from pathlib import Path

from tests.bot.living import living
from tests.peers.telegram import telegram_peer


async def test_status_is_answered_with_the_report_and_its_buttons(tmp_path: Path) -> None:
    async with telegram_peer() as telegram, living(tmp_path, telegram) as bot:
        shown = await bot.asks("/status")
    assert shown.text.startswith("$3,149.00 · ₽251,920")
    assert "Kraken" in shown.text
    assert shown.labels == ["↻ Refresh", "Details", "₽"]
