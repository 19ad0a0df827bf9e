"""Pictures: ten years of closes until they are a PNG, the process that draws them, and what the loop notices of it."""

from __future__ import annotations

import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.charts.worth import worth
from portfolio_bot.report.compose.curves import curve_sheet
from portfolio_bot.service import draw_png
from portfolio_bot.service.past import beside_the_loop
from portfolio_bot.service.pictures import Pictures
from tests.bench import Measure, best_of
from tests.bench.reports import watched
from tests.report.chart_samples import past, reader, view_of

TEN_YEARS = 3650
GOAL, MEMORY, LATE = 250.0, 25.0, 10.0

_PEAK = """
    with open({note!r}, "w") as out:
        out.write(open("/proc/self/status").read())
"""


async def measure(**_: bool) -> list[Measure]:
    """From the curve to the PNG."""
    view, who = view_of(ChartKind.WORTH, past(TEN_YEARS, start=3_000, drift=0.0006, noise=0.02)), reader()
    pictures, late = Pictures(), list[float]()

    def written() -> str:
        return worth(view, who, curve_sheet(ChartKind.WORTH, view, who), "BTC + ETH")

    async def attempt() -> float:
        began = time.perf_counter()
        async with watched() as lateness:
            await pictures.png(await beside_the_loop(written, len(view.curve) * 5))
        late.append(lateness.percentile(99) * 1000)
        return (time.perf_counter() - began) * 1000

    took = await best_of(attempt, GOAL, least=4, most=12, pause=0.3)
    return [
        Measure("ten years of closes until the PNG", took, "ms", GOAL, "matplotlib 210 ms, without the process"),
        Measure("memory of the process that draws, at its peak", await _peak(written()), "MB", MEMORY),
        Measure("loop late meanwhile, 99 of 100", min(late), "ms", LATE, "in a thread 104 ms"),
    ]


async def _peak(svg: str) -> float:
    """What the process held at most; a script that does the same and then notes it."""
    with TemporaryDirectory() as folder:
        note, script = Path(folder) / "status", Path(folder) / "draw.py"
        own = Path(draw_png.__file__).read_text(encoding="utf-8")
        script.write_text(own + _PEAK.format(note=str(note)), encoding="utf-8")
        await Pictures(script=script).png(svg)
        found = re.search(r"VmHWM:\s+(\d+) kB", note.read_text())
    return int(found[1]) / 1024 if found else 0.0
