"""The picture at the head of the README, made from the program's own words: `python -m tests.report.picture`.

A report of the demo on a day when a key was refused, as a phone shows it; needs Chromium. To look at others:
`python -m tests.report.picture light 360 /tmp/light.png` draws a light chat on a narrow phone.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.commands import status
from portfolio_bot.model.days import Calendar
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report import compose, telegram_html
from portfolio_bot.report.reader import Reader

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
TARGET = Path(__file__).parents[2] / ".github" / "chat.png"
WIDTH, HEIGHT = 400, 650
NARROW_HEIGHT = 700

THEMES = {
    "dark": "--back: #0e1621; --ink: #f5f5f5; --mine: #2b5278; --box: #182533; --pre: #121c27; --edge: #5ea7de; "
    "--code: #8ac3f0; --key: #1f3244",
    "light": "--back: #dfe7ee; --ink: #101418; --mine: #e1fec6; --box: #ffffff; --pre: #f1f5f9; --edge: #3390ec; "
    "--code: #1f6cb0; --key: #b9cbdb",
}

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ {theme}; margin: 0; background: var(--back); color: var(--ink);
       font: 15px/1.42 Roboto, "DejaVu Sans", sans-serif; }}
main {{ width: {width}px; padding: 12px 10px; box-sizing: border-box; }}
.asked {{ margin: 0 0 8px auto; width: fit-content; background: var(--mine); border-radius: 14px 14px 4px 14px;
         padding: 7px 12px; }}
.said {{ background: var(--box); border-radius: 14px 14px 14px 4px; padding: 9px 12px 8px; white-space: pre-wrap; }}
.said b {{ font-weight: 600; }}
pre {{ margin: 7px 0; padding: 8px 10px; background: var(--pre); border-left: 3px solid var(--edge); border-radius: 6px;
      font: 14.5px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }}
code {{ font: 14px "DejaVu Sans Mono", monospace; color: var(--code); }}
.keys {{ display: flex; gap: 6px; margin: 6px 0 0; }}
.keys span {{ flex: 1; text-align: center; background: var(--key); border-radius: 9px; padding: 8px 0;
             font-size: 14px; }}
</style><main>{messages}</main>"""


def messages() -> str:
    """The chat: what was asked, what was said, and the buttons under it."""
    calendar = Calendar.of("Europe/Paris")
    world = DemoWorld(Scenario.OUTAGE, NOW)
    baseline = world.portfolio(calendar.start(calendar.day(NOW)) - timedelta(minutes=5))
    portfolio = world.portfolio(NOW)
    reader = Reader(calendar, "Europe/Paris", NOW, demo=True)
    report = compose.status(portfolio, reader, baseline=baseline)
    rows = status.answer(report, View(), reader).rows
    keys = "".join(f'<div class="keys">{"".join(f"<span>{key.label}</span>" for key in row)}</div>' for row in rows)
    said = telegram_html.pages(report)[0].replace(
        "</pre>\n", "</pre>"
    )  # as Telegram does, the end of a box ends its line
    return f'<div class="asked">/status</div><div class="said">{said}</div>{keys}'


def main(theme: str = "dark", width: int = WIDTH, target: Path = TARGET) -> int:
    """Draw it."""
    height = HEIGHT if width >= WIDTH else NARROW_HEIGHT
    with TemporaryDirectory() as folder:
        page = Path(folder) / "chat.html"
        page.write_text(PAGE.format(theme=THEMES[theme], width=width, messages=messages()), encoding="utf-8")
        return subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
             "--force-device-scale-factor=2", f"--window-size={width},{height}", f"--screenshot={target}",
             f"--user-data-dir={folder}/profile", page.as_uri()],
            check=False, stderr=subprocess.DEVNULL,
        ).returncode  # fmt: skip


if __name__ == "__main__":
    _, *given = sys.argv
    if given:
        sys.exit(main(given[0], int(given[1]), Path(given[2])))
    sys.exit(main())
