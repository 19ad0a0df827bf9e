"""The past of every source, read by the engine that reads it in service: every stream it names can be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portfolio_bot.report.views import SyncState
from portfolio_bot.service.sync import Sync
from portfolio_bot.service.sync_stream import Patience
from portfolio_bot.storage.store import Store, open_store
from tests.peers.venue import VenuePeer
from tests.platforms.contract.peers import CONTRACT, now, opened
from tests.storage.builders import PARIS

QUICK = Patience(call=20.0, pauses=(), limited=0.0)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path, "sqlite://", clock=now) as made:
        yield made


@pytest.mark.parametrize("name", CONTRACT)
async def test_every_stream_of_a_month_is_read_and_the_second_time_with_few_questions(name: str, store: Store) -> None:
    since = PARIS.day(now()) - timedelta(days=30)
    async with CONTRACT[name].open() as peer, opened(name, peer.url) as source:
        sync = Sync({name: source}, {}, store, calendar=PARIS, clock=now, since=since, patience=QUICK)
        (first,) = (await sync.run()).accounts
        told = {stream.title: stream.failure or stream.gaps for stream in first.streams}
        assert first.state is SyncState.DONE, told
        assert all(not wrong for wrong in told.values()), told
        asked = len(peer.requests)
        (second,) = (await sync.run()).accounts
        assert second.state is SyncState.DONE
        assert second.new == 0
        assert len(peer.requests) - asked <= asked
        if isinstance(peer, VenuePeer):
            assert [seen.path for seen in peer.unknown] == []
