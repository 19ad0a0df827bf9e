"""What came into the total or left it inside accounts: noted with the snapshot that shows it, and read again."""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from portfolio_bot.analytics.borders import Border, BorderCause, borders
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.membership import Joint, Parts
from portfolio_bot.analytics.series import Kept
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.portfolio import Complete, Portfolio
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.identity import ACCOUNT, noted
from portfolio_bot.storage import borders as stored
from portfolio_bot.storage import memory, snapshots
from portfolio_bot.storage.bodies import UnreadableBody
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)


async def note(tx: Tx, portfolio: Portfolio, seq: int) -> None:
    """Compare a snapshot that was stored just now with the complete one before it.

    Args:
        seq: its number, as `snapshots.add` gave it.
    """
    if not isinstance(portfolio.total_usd, Complete):
        return
    at = await snapshots.instant_of(tx, seq)
    point = await snapshots.last_complete(tx, before=at)
    if point is None:
        return
    try:
        before = await snapshots.at(tx, point.at)
    except UnreadableBody as error:
        # one damaged snapshot must not keep those after it out
        log.warning("what came into view since %s is not known: %s", point.at, error)
        return
    if before is None:
        return
    for one in (found := borders(before, replace(portfolio, at=at), await _logins(tx))):
        log.info("%s: %s %s %s USD is no performance (%s)", one.account, one.inside, one.asset, one.value, one.cause)
    await stored.add(tx, found)


@at_fifty_digits
def joints_of(
    found: Iterable[Border], parts: Sequence[Parts], points: Iterable[NavPoint], currency: Kept
) -> list[Joint]:
    """In the currency of a track, each beside the nearest value on its own side of the change.

    Args:
        parts: the values of the track, oldest first.
        points: what they were made from, in both currencies.
    """
    instants, values = [one.at for one in parts], {point.at: point for point in points}
    made: list[Joint] = []
    for one in found:
        place = bisect_left(instants, one.at) if one.entered else bisect_right(instants, one.at) - 1
        if not 0 <= place < len(instants):
            continue
        point, value = values[instants[place]], one.value
        if currency != "USD":
            if not point.usd or point.rub is None:
                continue
            value = value * point.rub / point.usd
        made.append(Joint(point.at, one.account, value, one.entered, str(one.cause), one.asset, one.inside))
    return made


@at_fifty_digits
def not_recorded(
    joints: Iterable[Joint], recorded: Iterable[tuple[datetime, AccountId, Decimal]], parts: Sequence[Parts]
) -> list[Joint]:
    """The same without what records tell of already: an account inside a broker's that was opened and filled at once.

    Args:
        recorded: deposits (+) and withdrawals (-) with their moment and account.
        parts: the values of the track, oldest first.
    """
    instants = [one.at for one in parts]
    rows = list(recorded)
    left = [value for _, _, value in rows]
    made: list[Joint] = []
    for one in joints:
        value = one.value
        if one.cause in _TOLD_BY_RECORDS:
            place = bisect_left(instants, one.at)
            since, until = (max(place - 1, 0), place) if one.joined else (place, min(place + 1, len(instants) - 1))
            for number, (at, account, _) in enumerate(rows):
                if account == one.account and instants[since] <= at <= instants[until] and left[number] * value > 0:
                    told = min(left[number], value, key=abs)
                    left[number] -= told
                    value -= told
        made += [one._replace(value=value)] if value else []
    return made


_TOLD_BY_RECORDS = frozenset({str(BorderCause.OPENED), str(BorderCause.CLOSED)})


async def _logins(tx: Tx) -> Mapping[AccountId, str]:
    """Whose accounts the keys open, and those opened that are no longer configured."""
    notes = await memory.everywhere(tx, ACCOUNT)
    return {account: known.login for account, text in notes.items() if (known := noted(text)) is not None}
