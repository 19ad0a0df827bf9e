"""What came into the total, or went out of it, inside accounts: money that nobody moved and no price made.

A wallet that the key may read at last, an inner account that appears, a coin that gets its first price: what it is
worth was there before, so it is a flow, never a return. The same the other way round; and what only stands in another
account from now on is no flow at all. Accounts as a whole are the business of `membership`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Compartment, KnownAccount, Portfolio, Priced, Unpriced
from portfolio_bot.model.statement import AccountId

_NOTHING_CAME = Decimal("0.05")
"""Where amounts differ by less than this share of what appeared, it came out of the rest of the account."""


class BorderCause(StrEnum):
    """Why value is in the total, or no longer (public names)."""

    READABLE = "readable"  # a wallet that was not read before
    GONE = "gone"  # one that is not read any more
    OPENED = "opened"  # an account inside the account that was not there before
    CLOSED = "closed"  # one that is not there any more
    PRICED = "priced"  # an asset with its first price
    UNPRICED = "unpriced"  # one whose last price is too old to stand in
    MOVED = "moved"  # an account that is seen through another credential now


@dataclass(frozen=True, slots=True)
class Border:
    """Value that crossed the border of the total between two complete snapshots.

    Attributes:
        at: the instant of the snapshot just after which it counts, aware UTC.
        value: USD: what flowed in with it (+) or out (-).
        asset: of which; "" where nobody can tell.
        inside: the wallet or the inner account, as people know it; "" for an asset of the account as a whole.
        entered: the snapshot at `at` is the first with it: right before, the total was without. False: it is the last.
    """

    at: datetime
    account: AccountId
    value: Decimal
    cause: BorderCause
    asset: Asset = ""
    inside: str = ""
    entered: bool = True


@at_fifty_digits
def borders(before: Portfolio, now: Portfolio, logins: Mapping[AccountId, str] | None = None) -> tuple[Border, ...]:
    """What crossed the border inside accounts from one complete portfolio to the next.

    A wallet is in question only where both tell of it: read in the one, and named as unreadable or not known at all
    in the other. One that is empty when it becomes readable, or is filled from the rest of its account, brings nothing.

    Args:
        before, now: neighbours, both complete.
        logins: keyed hashes of the accounts that keys open, of accounts that are no longer configured too: by them
            an inner account is known again that has a key of its own now.
    """
    old, new = _known(before), _known(now)
    moves = _moves(old, new, logins or {})
    found = [row for move in moves for row in move.borders(before.at, now.at)]
    moved = frozenset(move.key for move in moves)
    for name in old.keys() & new.keys():
        one, other = old[name], new[name]
        came, gone = _only_in(other, one, moved), _only_in(one, other, moved)
        moved_here = sum((move.brought(name) for move in moves), ZERO)
        found += [
            Border(
                now.at, name, row.value, BorderCause.OPENED if row.key else BorderCause.READABLE, row.asset, row.inside
            )
            for row in _by_asset(came, one, other, _worth(gone) - moved_here)
        ]
        found += [
            Border(
                before.at,
                name,
                -row.value,
                BorderCause.CLOSED if row.key else BorderCause.GONE,
                row.asset,
                row.inside,
                entered=False,
            )
            for row in _by_asset(gone, other, one, _worth(came) + moved_here)
        ]
        found += [
            Border(now.at, name, value, BorderCause.PRICED, asset) for asset, value in _got_a_price(one, other).items()
        ]
        found += [
            Border(before.at, name, -value, BorderCause.UNPRICED, asset, entered=False)
            for asset, value in _got_a_price(other, one).items()
        ]
    return tuple(sorted((row for row in found if row.value), key=lambda row: (row.at, row.account, row.asset)))


@at_fifty_digits
def brought(before: KnownAccount, now: KnownAccount) -> Decimal:
    """USD that an account is worth only because a wallet of it can be read now, or an asset has a price now."""
    gone = _worth(_only_in(before, now))
    came = sum((row.value for row in _by_asset(_only_in(now, before), before, now, gone)), ZERO)
    return came + sum(_got_a_price(before, now).values(), ZERO)


def _known(portfolio: Portfolio) -> dict[AccountId, KnownAccount]:
    return {account.id: account for account in portfolio.accounts if isinstance(account, KnownAccount)}


# what stands in another account from now on


class _Place(NamedTuple):
    account: AccountId
    name: str
    value: Decimal
    whole: bool


@dataclass(frozen=True, slots=True)
class _Move:
    """One account of a platform that another of our accounts tells of now.

    Attributes:
        left: with its value the account that told of it left the total.
        joined: with its value the account that tells of it joined.
    """

    key: str
    origin: _Place
    target: _Place
    left: bool
    joined: bool

    def brought(self, account: AccountId) -> Decimal:
        """USD by which the rows of an account are worth more for it."""
        came = self.target.value if self.target.account == account and not self.target.whole else ZERO
        return came - (self.origin.value if self.origin.account == account and not self.origin.whole else ZERO)

    def borders(self, before: datetime, now: datetime) -> Iterable[Border]:
        """Takes back what joined and left, so that nothing crossed the border in all."""
        moved = BorderCause.MOVED
        if self.left:
            yield Border(before, self.target.account, self.origin.value, moved, inside=self.target.name, entered=False)
        else:
            yield Border(now, self.origin.account, -self.target.value, moved, inside=self.origin.name)
        if self.left == self.joined:
            value = -self.target.value if self.joined else self.target.value
            yield Border(now, self.target.account, value, moved, inside=self.target.name)


def _moves(
    old: Mapping[AccountId, KnownAccount], new: Mapping[AccountId, KnownAccount], logins: Mapping[AccountId, str]
) -> list[_Move]:
    then, now, found = _places(old, logins), _places(new, logins), []
    for key in sorted(then.keys() & now.keys()):
        origin, target = then[key], now[key]
        if origin.account == target.account:
            continue
        left, joined = origin.account not in new, target.account not in old
        if (left or not origin.whole) and (joined or not target.whole):
            found.append(_Move(key, origin, target, left, joined))
    return found


def _places(accounts: Mapping[AccountId, KnownAccount], logins: Mapping[AccountId, str]) -> dict[str, _Place]:
    found = {
        part.key: _Place(name, part.name, part.value, whole=False)
        for name, account in accounts.items()
        for part in account.compartments
        if part.key
    }
    return found | {
        logins[name]: _Place(name, "", _own_value(account), whole=True)
        for name, account in accounts.items()
        if name in logins
    }


def _own_value(account: KnownAccount) -> Decimal:
    """Without its inner accounts, which have places of their own."""
    return account.total.amount - sum((part.value for part in account.compartments if part.key), ZERO)


# wallets and inner accounts


def _only_in(one: KnownAccount, other: KnownAccount, moved: frozenset[str] = frozenset()) -> tuple[Compartment, ...]:
    """What the one tells of and the other does not."""
    found = [part for part in one.compartments if part.value and part.key not in moved and _absent(part, other)]
    unread = {wallet.wallet for wallet in other.unreadable}
    odd = [part for part in found if not part.key and part.name not in unread]
    if odd and (not other.compartments or _has_odd(other, one)):
        # a venue that names its wallets otherwise than before: nothing was hidden
        found = [part for part in found if part not in odd]
    return tuple(found)


def _has_odd(one: KnownAccount, other: KnownAccount) -> bool:
    unread = {wallet.wallet for wallet in other.unreadable}
    return any(
        part.value and not part.key and part.name not in unread and _absent(part, other) for part in one.compartments
    )


def _absent(part: Compartment, account: KnownAccount) -> bool:
    """Whether an account does not tell what this is worth. An inner account counts with the wallet it is read with."""
    if not part.key:
        return all(part.name != one.name or one.key for one in account.compartments)
    if part.within:
        return False
    return all(sub.key != part.key or sub.total is None for sub in account.sub_accounts)


def _worth(parts: Iterable[Compartment]) -> Decimal:
    return sum((part.value for part in parts), ZERO)


class _Share(NamedTuple):
    inside: str
    key: str
    asset: Asset
    value: Decimal


def _by_asset(
    parts: Sequence[Compartment], without: KnownAccount, whole: KnownAccount, otherwise: Decimal
) -> list[_Share]:
    """What these wallets hold, as far as amounts tell; nothing where it came out of the rest of the account.

    Args:
        without: the account as it was read without them.
        whole: as it was read with them.
        otherwise: USD by which it holds less for other reasons: what went, or is told of elsewhere, meanwhile.
    """
    found: list[_Share] = []
    more = _more(without, whole) if parts else {}
    seen = sum(more.values(), otherwise)  # a venue's total may have held it before, as a gap that is closed now
    for sign in (1, -1):
        these = sorted((part for part in parts if part.value * sign > 0), key=lambda part: -abs(part.value))
        assets = {asset: value for asset, value in more.items() if value * sign > 0}
        if these and abs(seen) > abs(_worth(these)) * _NOTHING_CAME:
            for part in these:
                found += _taken(part, assets)
    return found


def _taken(part: Compartment, assets: dict[Asset, Decimal]) -> Iterable[_Share]:
    """The value of one: of what came most first, so that a small gain of the rest is not taken for it.

    What amounts do not tell of stays with the greatest of them; so the shares add up to the value.

    Args:
        assets: what came and is not told of any other yet; less by what this one takes.
    """
    if not assets:
        return [_Share(part.name, part.key, "", part.value)]
    shares: dict[Asset, Decimal] = {}
    left = part.value
    for asset in sorted(assets, key=lambda name: (-abs(assets[name]), name)):
        shares[asset] = min(left, assets[asset], key=abs)
        left -= shares[asset]
    for asset, value in shares.items():
        assets[asset] -= value
    greatest = max(shares, key=lambda name: abs(shares[name]))
    shares[greatest] += left
    return [_Share(part.name, part.key, asset, value) for asset, value in shares.items() if value]


def _more(without: KnownAccount, whole: KnownAccount) -> dict[Asset, Decimal]:
    """USD by which amounts differ, at the prices of the account that has more wallets, else of the other."""
    price = _prices(without) | _prices(whole)
    then, now = _amounts(without, Priced, Unpriced), _amounts(whole, Priced, Unpriced)
    return {
        asset: (now.get(asset, ZERO) - then.get(asset, ZERO)) * price[asset]
        for asset in sorted(then.keys() | now.keys())
        if asset in price
    }


# prices


def _got_a_price(without: KnownAccount, priced: KnownAccount) -> dict[Asset, Decimal]:
    """USD of what one reading lists without a price and the other has in its total, by asset.

    It is the amount that had no price: what was bought or sold meanwhile was paid for, and is no flow.
    """
    unpriced, rest = _amounts(without, Unpriced), _amounts(priced, Unpriced)
    then, now, price = _amounts(without, Priced), _amounts(priced, Priced), _prices(priced)
    found: dict[Asset, Decimal] = {}
    for asset, amount in unpriced.items():
        got, there = amount - rest.get(asset, ZERO), now.get(asset, ZERO)
        if asset not in price or got * there <= 0:
            continue
        if then.get(asset):
            risen = there - then[asset]
            got = ZERO if risen * got <= 0 else min(got, risen, key=abs)
        found[asset] = got * price[asset]
    return {asset: value for asset, value in found.items() if value}


def _amounts(account: KnownAccount, *kinds: type[Priced | Unpriced]) -> dict[Asset, Decimal]:
    found: dict[Asset, Decimal] = {}
    with exactly():
        for row in account.holdings:
            if isinstance(row, kinds):
                found[row.asset] = found.get(row.asset, ZERO) + row.amount
    return found


def _prices(account: KnownAccount) -> dict[Asset, Decimal]:
    return {row.asset: row.price for row in account.holdings if isinstance(row, Priced) and row.price > 0}
