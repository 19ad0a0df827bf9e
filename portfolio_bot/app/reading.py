"""Reading the past on somebody's wish: begun by one question, followed by others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from portfolio_bot.model.statement import AccountId
from portfolio_bot.report import compose, ledger_json
from portfolio_bot.report.compose.sync import account_progress
from portfolio_bot.report.document import Document
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.naming import account_named
from portfolio_bot.service.snapshots import FLOW, REPORT

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core

VALUING = 60.0
"""Seconds in which a command without a service fills in what records were worth; the next one goes on."""

TYPED_SYNC = "portfolio-bot sync"


class ReadingPast:
    """The operations `sync` and `sync_state`.

    Args:
        text: a document as the asker's terminal shows it.
    """

    def __init__(self, core: Core, text: Callable[[Document, Mapping[str, object]], str]) -> None:
        self._core, self._text = core, text
        self._task: asyncio.Task[None] | None = None

    async def begin(self, body: Mapping[str, object]) -> object:
        """Begin, or join what is under way; returns at once unless `wait` is set."""
        accounts, since = self._accounts(body.get("accounts")), _day(body.get("since"))
        task = asyncio.create_task(self._read(accounts, since), name="sync asked for")
        self._task = task
        if body.get("wait"):
            await asyncio.wait({task})
        else:
            await asyncio.sleep(0)  # so that the next question finds it under way
        return await self.state(body)

    async def state(self, body: Mapping[str, object]) -> object:
        """How far it is.

        Raises:
            StorageError: what was begun here ended because the database cannot be written.
        """
        core, task = self._core, self._task
        running = task is not None and not task.done()
        if task is not None and not running:
            self._task = None
            task.result()
        view, reader = core.sync.view(), core.reader(pull=TYPED_SYNC)
        return {
            "running": running or view.running,
            "sync": ledger_json.sync(view, reader.now, core.guides),
            "progress": [
                {"id": one.account, "state": one.state.value, "line": account_progress(one, reader)}
                for one in view.accounts
            ],
            "text": self._text(compose.sync(view, reader), body),
        }

    async def _read(self, accounts: frozenset[AccountId] | None, since: date | None) -> None:
        core = self._core
        if core.snapshots.latest is None:
            # what an account holds tells which markets to ask for
            await core.snapshots.take(REPORT)
        await core.sync.run(accounts, since=since, forced=True)
        await core.worth.catch_up(VALUING)
        await core.sync.count()
        newest, taken = core.sync.newest_border, core.snapshots.taken_at
        if newest is not None and taken is not None and newest > taken:
            await core.snapshots.take(FLOW)

    def _accounts(self, named: object) -> frozenset[AccountId] | None:
        if not isinstance(named, list) or not named:
            return None
        names = {account: info.name for account, info in self._core.collect.accounts.items()}
        return frozenset(account_named(str(one), names) for one in named)


def _day(text: object) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise UserError(str(text), "no_date") from None
