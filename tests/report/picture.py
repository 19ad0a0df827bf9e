"""The picture at the head of the README, made from the program's own words: `python -m tests.report.picture`.

A report of the demo on a day when a key was refused, as a phone shows it; needs Chromium.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.model.days import Calendar
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report import compose, telegram_html
from portfolio_bot.report.reader import Reader

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
TARGET = Path(__file__).parents[2] / ".github" / "chat.png"
WIDTH, HEIGHT = 400, 605

PAGE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #0e1621; font: 15px/1.42 Roboto, "DejaVu Sans", sans-serif; color: #f5f5f5; }
main { width: 400px; padding: 12px 10px; box-sizing: border-box; }
.asked { margin: 0 0 8px auto; width: fit-content; background: #2b5278; border-radius: 14px 14px 4px 14px;
         padding: 7px 12px; }
.said { background: #182533; border-radius: 14px 14px 14px 4px; padding: 9px 12px 8px; white-space: pre-wrap; }
.said b { font-weight: 600; }
pre { margin: 7px 0; padding: 8px 10px; background: #121c27; border-left: 3px solid #5ea7de; border-radius: 6px;
      font: 14.5px/1.5 "DejaVu Sans Mono", monospace; }
code { font: 14px "DejaVu Sans Mono", monospace; color: #8ac3f0; }
.keys { display: flex; gap: 6px; margin: 6px 0 14px; }
.keys span { flex: 1; text-align: center; background: #1f3244; border-radius: 9px; padding: 8px 0; font-size: 14px; }
</style><main>%s</main>"""


def messages() -> str:
    """The chat: what was asked, what was said, and the buttons under it."""
    calendar = Calendar.of("Europe/Paris")
    world = DemoWorld(Scenario.OUTAGE, NOW)
    baseline = world.portfolio(calendar.start(calendar.day(NOW)) - timedelta(minutes=5))
    portfolio = world.portfolio(NOW)
    reader = Reader(calendar, "Europe/Paris", NOW, demo=True)
    report = compose.status(portfolio, reader, baseline=baseline)
    keys = "".join(f"<span>{label}</span>" for label in ("↻ Refresh", "Details", "₽"))
    said = telegram_html.pages(report)[0]
    return f'<div class="asked">/status</div><div class="said">{said}</div><div class="keys">{keys}</div>'


def main() -> int:
    """Draw it."""
    with TemporaryDirectory() as folder:
        page = Path(folder) / "chat.html"
        page.write_text(PAGE % messages(), encoding="utf-8")
        return subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
             "--force-device-scale-factor=2", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={TARGET}",
             f"--user-data-dir={folder}/profile", page.as_uri()],
            check=False, stderr=subprocess.DEVNULL,
        ).returncode  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
