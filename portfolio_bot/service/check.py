"""`check`: does each key work, and what may it do?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import KeyRights, KnowsClock, Regional, Source
from portfolio_bot.platforms.key_watch import skew_notices
from portfolio_bot.report.as_json import instant
from portfolio_bot.report.compose import todo
from portfolio_bot.report.document import plain
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.statements import closing_day
from portfolio_bot.report.views import CheckView
from portfolio_bot.service.collect import Collect, identity_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one source said, and how long that took."""

    reading: Reading
    rights: KeyRights
    seconds: float


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
        asked = await asyncio.gather(*(self._ask(account, source) for account, source in sources.items()))
        readings = self._collect.once([answer.reading for answer in asked])
        return [
            self._view(source, reading, answer)
            for source, reading, answer in zip(sources.values(), readings, asked, strict=True)
        ]

    async def _ask(self, account: AccountId, source: Source) -> _Answer:
        started = asyncio.get_running_loop().time()
        if self._told_to_wait(account):
            reading, rights = await self._collect.read(account), KeyRights()
        else:
            reading, rights = await asyncio.gather(self._collect.read(account), _rights(source))
        return _Answer(reading, rights, asyncio.get_running_loop().time() - started)

    def _view(self, source: Source, reading: Reading, answer: _Answer) -> CheckView:
        info, rights = self._collect.accounts[reading.account], answer.rights
        failure = reading.failure if isinstance(reading, Stale | Failed) else None
        skew = source.skew if isinstance(source, KnowsClock) else None
        return CheckView(
            account=reading.account,
            name=info.name,
            failure=failure,
            read_only=rights.read_only,
            can_trade=rights.can_trade,
            can_transfer=rights.can_transfer,
            can_withdraw=rights.can_withdraw,
            ip_bound=rights.ip_bound,
            expires=rights.expires,
            skew=None if skew is None else Decimal(str(round(skew, 1))),
            statement=self._statement_day(info.source, reading),
            region=source.region if failure is None and isinstance(source, Regional) else None,
            identified=_is_identified(source, reading),
            notices=(*rights.notices(self._clock().date()), *skew_notices(skew)),
            notes=rights.notes,
            seconds=answer.seconds,
        )

    def _told_to_wait(self, account: AccountId) -> bool:
        failure = self._collect.states()[account].failure
        return failure is not None and failure.retry_at is not None and self._clock() < failure.retry_at

    def _statement_day(self, source: str, reading: Reading) -> date | None:
        if not isinstance(reading, Live | Cached):
            return None
        as_of = reading.statement.as_of
        return closing_day(source, as_of) if self._clock() - as_of > STATEMENT_FROM else None


def _is_identified(source: Source, reading: Reading) -> bool:
    """Whether the platform said whose account this is: itself, or by the accounts inside."""
    inside = isinstance(reading, Live | Cached) and bool(reading.statement.sub_accounts)
    return inside or identity_of(source) is not None


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


def as_json(checks: Sequence[CheckView], reader: Reader) -> list[dict[str, object]]:
    """For `check --json` and the control socket. What cannot be told is null.

    Args:
        reader: whom `todo` is for: the same sentences that people read.
    """
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
            "identity": check.identified,
            "skew_seconds": None if check.skew is None else float(check.skew),
            "expires": check.expires.isoformat() if check.expires else None,
            "statement": check.statement.isoformat() if check.statement else None,
            "notes": list(check.notes),
            "todo": [plain(told) for told in todo(check, reader)],
            "seconds": round(check.seconds, 1),
        }
        for check in checks
    ]
