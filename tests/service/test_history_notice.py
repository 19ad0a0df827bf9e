"""That the past is read is told once for each account, whoever read it and however often the service restarts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from portfolio_bot.report.views import SyncState, SyncView
from portfolio_bot.service.history_notice import HistoryNotice
from portfolio_bot.storage.store import Store, open_store
from tests.report import ledgers
from tests.service.fakes import NOON, FakePostman


async def told(store: Store, postman: FakePostman | None, *views: SyncView) -> None:
    notice = HistoryNotice(store, lambda: postman)
    for view in views:
        notice.heard(view)
        await notice.close()


async def test_the_first_reading_is_told_and_no_other_one(tmp_path: Path) -> None:
    postman = FakePostman()
    async with open_store(tmp_path, clock=lambda: NOON) as store:
        await told(store, postman, ledgers.read(), ledgers.read())
        await told(store, postman, ledgers.read())
    assert postman.histories == [ledgers.read()]
    assert postman.nudges == 1


async def test_an_account_that_is_read_later_is_told_about_then(tmp_path: Path) -> None:
    postman = FakePostman()
    later = ledgers.read_in_part()
    kraken = replace(later.accounts[2], state=SyncState.DONE, streams=ledgers.read().accounts[1].streams)
    mended = replace(later, accounts=(*later.accounts[:2], kraken, *later.accounts[3:]))
    async with open_store(tmp_path, clock=lambda: NOON) as store:
        await told(store, postman, later, later, mended, mended)
    assert postman.histories == [later, mended]


async def test_nothing_read_is_nothing_to_tell(tmp_path: Path) -> None:
    postman = FakePostman()
    async with open_store(tmp_path, clock=lambda: NOON) as store:
        await told(store, postman, ledgers.unread(), SyncView())
    assert postman.histories == []


async def test_without_anybody_to_tell_it_waits_until_there_is(tmp_path: Path) -> None:
    postman = FakePostman()
    async with open_store(tmp_path, clock=lambda: NOON) as store:
        await told(store, None, ledgers.read())
        await told(store, postman, ledgers.read())
    assert len(postman.histories) == 1
