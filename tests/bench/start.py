"""Cold processes: what a person waits for before the first word."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import Measure
from tests.e2e.program import environment

TRIES = 5


def measure() -> list[Measure]:
    """Best of five, over an empty interpreter's start."""
    program = str(Path(sys.executable).parent / "portfolio-bot")
    with TemporaryDirectory() as folder:
        bare = _best([sys.executable, "-c", "pass"], folder)
        found = [Measure("python -c pass", bare, "s", None)]
        for words, goal in ((["--help"], 0.25), (["report", "--demo"], 0.8), (["balance", "--json"], 1.0)):
            taken = _best([program, *words], folder)
            found.append(Measure(" ".join(words), taken, "s", goal))
    return found


def _best(words: list[str], folder: str) -> float:
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        subprocess.run(words, cwd=folder, env=environment() | {"TZ": "UTC"}, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return min(times)
