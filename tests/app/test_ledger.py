"""Whatever is read leads to a new look for own transfers, and news that come meanwhile share the next one."""

from __future__ import annotations

import asyncio
from pathlib import Path

from portfolio_bot.app.ledger import Following
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store, open_store
from tests.report.gallery import NOW, PARIS
from tests.report.ledgers import november


class Counting(Transfers):
    """Counts how often it looks."""

    looks = 0

    async def refresh(self):  # type: ignore[no-untyped-def]  # whatever the original gives
        self.looks += 1
        return await super().refresh()


async def filled(store: Store) -> None:
    for account in ("bybit", "kraken", "okx"):
        rows = [row for row in november() if row.account == account]
        await store.write(lambda tx, whose=account, mine=rows: ledger.store(tx, whose, "", mine))  # type: ignore[misc]


async def test_what_was_read_is_matched_without_anybody_asking(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=lambda: NOW) as store:
        transfers = Counting(store, PARIS, lambda: NOW)
        assert (await transfers.matching()).transfers == ()
        following = Following(transfers)
        await filled(store)
        for _ in range(5):
            following.heard(border=True)
        assert len((await transfers.matching()).transfers) > 0
        async with asyncio.timeout(5):
            while following._looking is not None:
                await asyncio.sleep(0.01)
        assert transfers.looks <= 4
        await following.close()


async def test_an_end_in_the_middle_of_a_look_leaves_nothing_behind(tmp_path: Path) -> None:
    async with open_store(tmp_path, clock=lambda: NOW) as store:
        following = Following(Transfers(store, PARIS, lambda: NOW))
        following.heard(border=False)
        await following.close()
        assert following._looking is None
