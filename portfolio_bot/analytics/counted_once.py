"""No money twice: the same login under two labels, a main account that contains another label's, brokers' accounts.

What is the same account is told by keyed hashes: `Identity.login` of the account that a key opens, `SubAccount.key`
of what lies inside. The order of the settings decides who keeps what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import AccountId, Notice, Statement, SubAccount, WarningKind


def counted_once(
    readings: Sequence[Reading],
    identities: Mapping[AccountId, Identity],
    names: Mapping[AccountId, str],
    at: datetime,
) -> tuple[Reading, ...]:
    """The readings without what would be counted a second time.

    - Two labels with one login: the first keeps it, the second fails and says whose it is. A failure, because one of
      the two keys is there by mistake, and which one only the owner knows.
    - Something inside an account that another label opens by itself: left out of the whole, with a notice; and of
      what two labels list among theirs, the first keeps it.

    Args:
        readings: in the order of the settings.
        identities: of the accounts whose platform tells.
        names: as people know the accounts.
        at: the moment of a failure that begins now.
    """
    owners: dict[str, AccountId] = {}
    for reading in readings:
        identity = identities.get(reading.account)
        if identity is not None:
            owners.setdefault(identity.login, reading.account)
    found: list[Reading] = []
    for reading in readings:
        identity = identities.get(reading.account)
        owner = reading.account if identity is None else owners[identity.login]
        if owner == reading.account:
            found.append(_without_others(reading, owners, names))
        else:
            found.append(reading if isinstance(reading, Failed) else Failed(reading.account, _twin(owner, names), at))
    return tuple(found)


def _twin(owner: AccountId, names: Mapping[AccountId, str]) -> Failure:
    name = names.get(owner, owner)
    named = f"{name}, {owner}" if name != owner else owner
    return Failure(FailureKind.BAD_KEY, f"it opens the same account as {named}"[:120], final=True)


def _without_others(reading: Reading, owners: dict[str, AccountId], names: Mapping[AccountId, str]) -> Reading:
    """Claims what lies inside, and leaves out what is somebody else's."""
    match reading:
        case Live() | Cached():
            return replace(reading, statement=_reduced(reading.statement, owners, names))
        case Stale():
            return replace(reading, last_good=_reduced(reading.last_good, owners, names))
        case Failed():
            return reading


def _reduced(statement: Statement, owners: dict[str, AccountId], names: Mapping[AccountId, str]) -> Statement:
    others: list[tuple[SubAccount, AccountId]] = []
    for sub in statement.sub_accounts:
        owner = owners.setdefault(sub.key, statement.account)
        if owner != statement.account:
            others.append((sub, owner))
    if not others:
        return statement
    keys = {sub.key for sub, _ in others}
    elsewhere = tuple(
        Notice(WarningKind.COUNTED_ONCE, f"{sub.name} {sub.id} – {names.get(owner, owner)}") for sub, owner in others
    )
    return replace(
        statement,
        holdings=tuple(row for row in statement.holdings if row.part not in keys),
        stated=tuple(total for total in statement.stated if total.part not in keys),
        sub_accounts=tuple(sub for sub in statement.sub_accounts if sub.key not in keys),
        notices=(*statement.notices, *elsewhere),
        # the platform's figures are of everything, and beside a part they would speak of a gap
        venue_total=None,
        overview=(),
    )
