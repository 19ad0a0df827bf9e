"""Records by hand: a deposit or a withdrawal that no platform tells, entered, corrected and taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol
from uuid import uuid4

from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import SIGNS, CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, Origin, Worth, WorthSource
from portfolio_bot.report.movements import handle
from portfolio_bot.report.numbers import plain
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage import choices, ledger
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

NO_ACCOUNT: Final = "manual"
"""Whose records are that name no account."""

BY_COMMAND: Final = "command line"
"""Who changed it where nobody else is named."""

NEAR: Final = timedelta(hours=1)
"""Within this time of a record with the same asset and amount one more is probably the same."""


class Matches(Protocol):
    """Who knows which flows are own transfers."""

    async def refresh(self) -> Matching:
        """Look at everything anew."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants recorded.

    Attributes:
        kind: deposit or withdrawal; its sign is that of the amount.
        amount: > 0.
        at: aware UTC, or the owner's day; None for now.
        usd: what it was worth, > 0; None to look it up.
        cost: what a deposit once cost, USD; None for what it is worth.
    """

    kind: FlowKind
    amount: Decimal
    asset: Asset
    account: AccountId = NO_ACCOUNT
    at: datetime | date | None = None
    usd: Decimal | None = None
    cost: Decimal | None = None
    txid: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What of a record is to be another; None leaves it. `usd` and `amount` are positive, the kind gives the sign."""

    kind: FlowKind | None = None
    amount: Decimal | None = None
    asset: Asset | None = None
    account: AccountId | None = None
    at: datetime | date | None = None
    usd: Decimal | None = None
    cost: Decimal | None = None
    txid: str | None = None
    note: str | None = None

    @property
    def of_ours(self) -> bool:
        """Whether it touches nothing that a platform says: value, cost and note are the owner's."""
        return all(part is None for part in (self.kind, self.amount, self.asset, self.account, self.at, self.txid))


class Records:
    """Cash flows that people enter.

    Args:
        matches: told after every change.
        changed: what else follows from a change: values to look up, a snapshot to take.
    """

    def __init__(
        self,
        store: Store,
        calendar: Calendar,
        clock: Clock,
        matches: Matches,
        changed: Callable[[CashFlow], Awaitable[None]] | None = None,
    ) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._matches, self._changed = matches, changed

    def drafted(self, draft: Draft) -> CashFlow:
        """The record that would be stored.

        Raises:
            UserError: it cannot be one; names the value, the reason and the mend.
        """
        at = self._clock() if draft.at is None else draft.at
        sign = SIGNS.get(draft.kind, 1)
        self._check(draft.amount, draft.usd, draft.cost, at)
        return CashFlow(
            f"manual-{uuid4().hex[:12]}",
            draft.account,
            draft.kind,
            at,
            draft.asset,
            sign * draft.amount,
            _worth(draft.asset, sign * draft.amount, draft.usd),
            txid=draft.txid or None,
            note=draft.note,
            origin=Origin.MANUAL,
            cost=draft.cost,
        )

    async def like(self, flow: CashFlow) -> list[CashFlow]:
        """Records that this one may be, told already: the same transaction, or asset and amount within an hour."""
        first, last = flow.span(self._calendar)
        async with self._store.read() as tx:
            found = await ledger.flows(tx, asset=flow.asset, since=first - NEAR - _DAY, until=last + NEAR + _DAY)
        return [other for other in found if other.key != flow.key and self._alike(other, flow)]

    async def add(self, flow: CashFlow, who: str = BY_COMMAND) -> CashFlow:
        """Store a record that `drafted` made, or one that was removed a moment ago.

        Args:
            who: for the record of changes.

        Returns:
            The record as it is stored, with its value where that was found at once.
        """

        async def write(tx: Tx) -> None:
            await ledger.store(tx, flow.account, "", [flow])
            await self._note(tx, flow, who, None, _worded(flow))

        await self._store.write(write)
        return await self._told(flow)

    async def there(self, account: AccountId, id_: str) -> CashFlow | None:
        """The record of exactly this account and id; None if there is none."""
        async with self._store.read() as tx:
            return next((flow for flow in await ledger.flows(tx, account=account) if flow.id == id_), None)

    async def find(self, name: str, account: AccountId | None = None) -> CashFlow:
        """The record of an id, of `account:id`, of the short name of a list or of a transaction.

        Raises:
            UserError: there is none, or there are several.
        """
        async with self._store.read() as tx:
            flows = await ledger.flows(tx, account=account)
        found = [flow for flow in flows if name in {flow.id, f"{flow.account}:{flow.id}", f"{flow.account} {flow.id}"}]
        found = found or [flow for flow in flows if handle(flow.key) == name]
        found = found or [flow for flow in flows if flow.txid and flow.txid.casefold() == name.casefold()]
        if not found:
            raise UserError(name, "id_of_no_flow")
        if len(found) > 1 and len({flow.account for flow in found}) == 1:
            raise UserError(name, "id_of_several_flows", id=found[0].id)
        if len(found) > 1:
            accounts = ", ".join(sorted({flow.account for flow in found}))
            raise UserError(
                name, "id_on_several_accounts", accounts=accounts, first=f"{found[0].account}:{found[0].id}"
            )
        return found[0]

    async def edit(self, before: CashFlow, change: Correction, who: str = BY_COMMAND) -> CashFlow:
        """Correct a record; of one that a platform told only value, cost and note.

        Returns:
            The record as it is stored now.

        Raises:
            UserError: it cannot be so.
        """
        if before.origin not in ledger.BY_HAND and not change.of_ours:
            raise UserError(before.id, "told_and_kept", account=before.account)
        after = self._corrected(before, change)
        moved = after.account != before.account

        async def write(tx: Tx) -> None:
            if moved:
                await ledger.store(tx, before.account, "", [], void=[before.id])
            await ledger.store(tx, after.account, "", [after])
            await ledger.put_words(tx, after)
            await self._note(tx, after, who, _worded(before), _worded(after))

        await self._store.write(write)
        return await self._told(after)

    async def remove(self, flow: CashFlow, who: str = BY_COMMAND) -> CashFlow:
        """Forget a record that was typed or imported; `add` brings it back.

        Raises:
            UserError: a platform told it.
        """
        if flow.origin not in ledger.BY_HAND:
            raise UserError(flow.id, "told_and_not_removed", account=flow.account)

        async def write(tx: Tx) -> None:
            await ledger.store(tx, flow.account, "", [], void=[flow.id])
            await self._note(tx, flow, who, _worded(flow), None)

        await self._store.write(write)
        await self._told(flow)
        return flow

    async def _note(self, tx: Tx, flow: CashFlow, who: str, before: str | None, after: str | None) -> None:
        await choices.note(tx, Change(self._clock(), who, f"record:{flow.kind}", before, after))

    def _corrected(self, before: CashFlow, change: Correction) -> CashFlow:
        kind = change.kind or before.kind
        amount = abs(before.amount) if change.amount is None else change.amount
        at = before.at if change.at is None else change.at
        asset = before.asset if change.asset is None else change.asset
        self._check(amount, change.usd, change.cost, at)
        sign = SIGNS.get(kind, -1 if before.amount < 0 else 1)
        same = (asset, amount, at) == (before.asset, abs(before.amount), before.at) and sign * before.amount > 0
        usd = before.usd if same and change.usd is None else _worth(asset, sign * amount, change.usd)
        return replace(
            before,
            kind=kind,
            amount=sign * amount,
            asset=asset,
            account=change.account or before.account,
            at=at,
            usd=usd,
            cost=before.cost if change.cost is None else change.cost,
            txid=before.txid if change.txid is None else change.txid or None,
            note=before.note if change.note is None else change.note,
        )

    def _check(self, amount: Decimal, usd: Decimal | None, cost: Decimal | None, at: datetime | date) -> None:
        if amount <= 0:
            raise UserError(str(amount), "amount_not_above_zero")
        if usd is not None and usd <= 0:
            raise UserError(str(usd), "no_usd_value")
        if cost is not None and cost < 0:
            raise UserError(str(cost), "no_cost")
        latest = self._clock() + _SOON
        begins = at if isinstance(at, datetime) else self._calendar.start(at)
        if begins > latest:
            raise UserError(f"{at}", "in_future")

    def _alike(self, other: CashFlow, flow: CashFlow) -> bool:
        if other.amount * flow.amount <= 0:
            return False
        if flow.txid and other.txid and flow.txid.casefold() == other.txid.casefold():
            return True
        (first, last), (begin, end) = flow.span(self._calendar), other.span(self._calendar)
        return other.amount == flow.amount and begin - NEAR <= last and first <= end + NEAR

    async def _told(self, flow: CashFlow) -> CashFlow:
        await self._matches.refresh()
        if self._changed is not None:
            await self._changed(flow)
        return await self.there(*flow.key) or flow


_DAY = timedelta(days=1)
_SOON = timedelta(minutes=5)
"""By so much a person's clock may be ahead."""


def _worded(flow: CashFlow) -> str:
    """A record as the list of changes keeps it: `-500 USD`."""
    return f"{plain(flow.amount)} {flow.asset}"


def _worth(asset: Asset, amount: Decimal, usd: Decimal | None) -> Worth | Unknown:
    if usd is not None:
        return Worth(usd if amount > 0 else -usd, WorthSource.STATED)
    return Worth(amount, WorthSource.DOLLARS) if asset == "USD" else NOT_PRICED
