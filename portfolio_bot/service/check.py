"""`check`: does each key work, and what may it do?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import date, timedelta

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import KeyRights, Regional, Source
from portfolio_bot.report.as_json import instant
from portfolio_bot.report.statements import closing_day
from portfolio_bot.report.views import CheckView
from portfolio_bot.service.collect import Collect

log = logging.getLogger(__name__)

STATEMENT_FROM = timedelta(hours=2)
"""A live value this old is that of a statement."""


class Check:
    """Asks every account for a reading and for the rights of its key, all at once.

    The readings go through the same door as every other fetch: a key has one user, and what wants to be left alone
    is left alone.
    """

    def __init__(self, collect: Collect, clock: Clock) -> None:
        self._collect, self._clock = collect, clock

    async def run(self) -> list[CheckView]:
        """One view per account, in the accounts' order."""
        sources = self._collect.sources()
        return list(await asyncio.gather(*(self._one(account, source) for account, source in sources.items())))

    async def _one(self, account: AccountId, source: Source) -> CheckView:
        started = asyncio.get_running_loop().time()
        info = self._collect.accounts[account]
        if self._told_to_wait(account):
            reading, rights = await self._collect.read(account), KeyRights()
        else:
            reading, rights = await asyncio.gather(self._collect.read(account), _rights(source))
        failure = reading.failure if isinstance(reading, Stale | Failed) else None
        return CheckView(
            account=account,
            name=info.name,
            failure=failure,
            read_only=rights.read_only,
            can_trade=rights.can_trade,
            can_transfer=rights.can_transfer,
            can_withdraw=rights.can_withdraw,
            ip_bound=rights.ip_bound,
            expires=rights.expires,
            statement=self._statement_day(info.source, reading),
            region=source.region if failure is None and isinstance(source, Regional) else None,
            notes=rights.notes,
            seconds=asyncio.get_running_loop().time() - started,
        )

    def _told_to_wait(self, account: AccountId) -> bool:
        failure = self._collect.states()[account].failure
        return failure is not None and failure.retry_at is not None and self._clock() < failure.retry_at

    def _statement_day(self, source: str, reading: Reading) -> date | None:
        if not isinstance(reading, Live | Cached):
            return None
        as_of = reading.statement.as_of
        return closing_day(source, as_of) if self._clock() - as_of > STATEMENT_FROM else None


async def _rights(source: Source) -> KeyRights:
    """What the key may do; unknown where the venue does not say, because the reading tells whether it works."""
    try:
        async with asyncio.timeout(source.patience):
            return await source.rights()
    except (SourceError, TimeoutError):
        return KeyRights()
    except Exception:  # a bug in one source must not cost the others their check
        log.exception("%s: a bug in asking for the rights of its key", source.account)
        return KeyRights()


def as_json(checks: Sequence[CheckView]) -> list[dict[str, object]]:
    """For `check --json` and the control socket. What cannot be told is null."""
    return [
        {
            "id": check.account,
            "name": check.name,
            "ok": check.failure is None,
            "error": None
            if check.failure is None
            else {
                "kind": str(check.failure.kind),
                "detail": check.failure.detail,
                "retry_at": instant(check.failure.retry_at) if check.failure.retry_at else None,
            },
            "read_only": check.read_only,
            "may_trade": check.can_trade,
            "may_transfer": check.can_transfer,
            "may_withdraw": check.can_withdraw,
            "address_bound": check.ip_bound,
            "region": check.region,
            "expires": check.expires.isoformat() if check.expires else None,
            "statement": check.statement.isoformat() if check.statement else None,
            "notes": list(check.notes),
            "seconds": round(check.seconds, 1),
        }
        for check in checks
    ]
