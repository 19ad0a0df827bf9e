"""`make bench`: one table, every figure beside its goal. Exit code 1 if one is missed."""

from __future__ import annotations

import asyncio
import sys

from tests.bench import Measure, service, start


def main() -> int:
    """Measure everything and print it."""
    found = [*start.measure(), *asyncio.run(service.measure())]
    width = max(len(row.name) for row in found)
    for row in found:
        print(f"{row.name:<{width}}  {_figure(row.value)} {row.unit:<3} {_goal(row)}".rstrip())
    return 0 if all(row.reached for row in found) else 1


def _figure(value: float) -> str:
    return f"{value:9.3f}" if value < 10 else f"{value:9.1f}"


def _goal(row: Measure) -> str:
    if row.goal is None:
        return ""
    return f"goal ≤ {row.goal:g}{'' if row.reached else '  MISSED'}"


if __name__ == "__main__":
    sys.exit(main())
