"""Takes snapshots as fast as it can and says so after each, until it is killed.

Run as a script with a data folder. For every line on standard input it forks, so that the imports are paid once; the
child acknowledges each stored snapshot by its instant, and its death is reported.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from portfolio_bot.model.reading import Live
from portfolio_bot.storage import snapshots
from portfolio_bot.storage.columns import micros
from portfolio_bot.storage.store import open_store
from tests.storage.builders import NOON, fixed, statement, valued

ACCOUNTS = ("bybit", "okx", "kraken")


async def take_snapshots(folder: Path) -> None:
    """Until the end."""
    async with open_store(folder, clock=fixed()) as store:
        async with store.read() as tx:
            newest = await snapshots.newest(tx)
        at = newest.at if newest else NOON
        while True:
            at += timedelta(hours=1)
            portfolio = valued(at, [Live(account, statement(account, at)) for account in ACCOUNTS])
            await store.write(lambda tx, taken=portfolio: snapshots.add(tx, taken, trigger="hourly"))  # type: ignore[misc]
            os.write(1, f"ack {micros(at)}\n".encode())


def main() -> None:
    """One child per line."""
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            asyncio.run(take_snapshots(Path(sys.argv[1])))
        os.write(1, f"pid {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
