"""`make bench`: one table, every figure beside its goal. Exit code 1 if one is missed.

    python -m tests.bench [PART ...] [--full]

Parts are named below; without any all of them run, in some five minutes. `--full` sends ten thousand commands
instead of two, and stores all ten years of snapshots instead of reckoning the file from two months: twelve minutes.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence

from tests.bench import Measure, charts, commands, figures, reports, service, start, storage, trades

PARTS: Mapping[str, tuple[str, Callable[..., Coroutine[None, None, list[Measure]]]]] = {
    "start": ("Cold processes (best of several)", start.measure),
    "service": ("The service, from the start of its process", service.measure),
    "report": ("A report of nine sources that take 200 ms for each answer", reports.measure),
    "commands": ("Commands in the chat", commands.measure),
    "figures": ("Figures: ten years, hour by hour, with a deposit a month", figures.measure),
    "charts": ("Pictures", charts.measure),
    "trades": ("Profit of a million trades, streamed from SQLite", trades.measure),
    "storage": ("Storage: ten accounts of thirty assets, hour by hour for ten years", storage.measure),
}


def main(words: Sequence[str]) -> int:
    """Measure and print, part by part."""
    wanted = [word for word in words if not word.startswith("-")]
    unknown = {*wanted} - {*PARTS} | {word for word in words if word.startswith("-") and word != "--full"}
    if unknown:
        print(f"{', '.join(sorted(unknown))}: unknown. There are: {', '.join(PARTS)}, --full.", file=sys.stderr)
        return 2
    began, found = time.monotonic(), list[Measure]()
    full = "--full" in words
    for name in wanted or PARTS:
        title, measure = PARTS[name]
        print(f"\n{title}", flush=True)
        rows = asyncio.run(measure(full=full))
        print("\n".join(_line(row) for row in rows), flush=True)
        found += rows
    print(f"\nload average {os.getloadavg()[1]:.1f} of the last minutes on {os.cpu_count()} cores", end="")
    print(": what is measured by the clock suffers from it" if os.getloadavg()[1] > (os.cpu_count() or 1) else "")
    missed = [row.name for row in found if not row.reached]
    print(f"{len(found)} figures in {time.monotonic() - began:.0f} s; ", end="")
    print(f"missed: {'; '.join(missed)}" if missed else "every goal is reached")
    return 1 if missed else 0


def _line(row: Measure) -> str:
    goal = "" if row.goal is None else f"≤ {row.goal:g}"
    verdict = "" if row.reached else "MISSED"
    return f"  {row.name:<47} {_figure(row.value):>9} {row.unit:<3} {goal:<8}{verdict:<7} {row.beside}".rstrip()


def _figure(value: float) -> str:
    if value < 1:
        return f"{value:.3f}"
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
