"""Own transfers as the owner has them: what the rules find, and what the owner says about it.

The matching is kept in memory and made anew when flows or verdicts change, and when time alone changes it: a
withdrawal that nobody received in time is an outflow from then on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from portfolio_bot.analytics.in_transit import Moving, not_shown
from portfolio_bot.analytics.transfers import SIDES, Matching, Rules, Verdicts, match, next_change, under_way
from portfolio_bot.analytics.valuation import statement_of
from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.flow import CashFlow, FlowKey, Transfer
from portfolio_bot.model.reading import Reading
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.movements import handle
from portfolio_bot.service.arrivals import Arrivals
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage import choices, ledger
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.errors import StorageError
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

_NOBODY: FlowKey = ("", "")
"""The other side of what is said about one flow alone."""


class Transfers:
    """The one place that knows which flows are own transfers.

    Args:
        calendar: of the owner.
        rules: what comes into question.
    """

    def __init__(self, store: Store, calendar: Calendar, clock: Clock, *, rules: Rules | None = None) -> None:
        self._store, self._calendar, self._clock = store, calendar, clock
        self._rules = rules or Rules()
        self._flows: tuple[CashFlow, ...] = ()
        self._verdicts = Verdicts()
        self._matching: Matching | None = None
        self._stands_until: datetime | None = None
        self._arrivals = Arrivals(store, calendar)
        self._said: tuple[frozenset[FlowKey], Verdicts] | None = None
        self._outdated = True
        self._reading = asyncio.Lock()

    async def refresh(self) -> Matching:
        """Read flows and verdicts anew: after each sync, verdict, import and entry by hand."""
        async with self._reading:
            return await self._read()

    def outdated(self) -> None:
        """Something new is stored: whoever asks next gets it read anew."""
        self._outdated = True

    async def matching(self) -> Matching:
        """All transfers, what is on its way, what crossed the border; as of now."""
        async with self._reading:
            if self._matching is None or self._outdated:
                return await self._read()
            if self._stands_until is not None and self._clock() >= self._stands_until:
                return await self._match()
            return self._matching

    def under_way(self) -> tuple[CashFlow, ...]:
        """Withdrawals that may still arrive on an own account, oldest first, as of the last look."""
        if self._matching is None:
            return ()
        return under_way(self._matching, self._clock(), self._calendar)

    async def moving(self, readings: Sequence[Reading], at: datetime) -> tuple[Moving, ...]:
        """What none of these readings shows, because it is between their accounts: to be counted beside them.

        A balance that rose by about what was sent has it already, though its record may be read only later. What left
        an account that nobody reads was no part of the total, and is none on its way.
        """
        try:
            matching = await self.matching()
        except StorageError as error:
            if self._matching is None:
                raise
            log.warning("transfers: as they were found last: %s", error)
            matching = self._matching
        statements = [said for reading in readings if (said := statement_of(reading)) is not None]
        seen = {statement.account: statement.as_of for statement in statements}
        read = {reading.account for reading in readings}
        way = [one for one in not_shown(matching, seen, at, self._calendar) if one.flow.account in read]
        waiting = [one.flow for one in way if one.destination is None]
        there = await self._arrivals.seen(waiting, statements, self._flows)
        return tuple(one for one in way if one.flow.key not in there)

    async def candidates(self, flow: CashFlow, *, limit: int = 5) -> list[CashFlow]:
        """Flows on other accounts that could be the other side of one that is alone: the nearest amount first."""
        matching = await self.matching()
        asset = self._rules.name(flow.asset)
        alone = [*matching.in_transit, *(one.flow for one in matching.external)]
        others = [
            other
            for other in alone
            if other.account != flow.account
            and self._rules.name(other.asset) == asset
            and other.amount * flow.amount < 0
        ]
        here = flow.instant(self._calendar)
        others.sort(
            key=lambda other: (
                abs(other.amount + flow.amount),
                abs(other.instant(self._calendar) - here),
                other.key,
            )
        )
        return others[:limit]

    async def part(
        self, one: str, other: str | None = None, *, account: AccountId | None = None, by: str
    ) -> tuple[CashFlow, CashFlow]:
        """Two flows are not one transfer, whatever they look like; that stays so until it is taken back.

        Args:
            one: the id of either side, or `account:id`, or a transaction id.
            other: the other side; None: the one that it is linked with now.
            account: of `one`.
            by: who says so.

        Returns:
            Withdrawal and deposit.

        Raises:
            UserError: there is no such flow, more than one, or it is linked with none.
        """
        matching = await self.refresh()
        if other is None:
            found = self._link(one, account, matching)
            pair = found.withdrawal, found.deposit
        else:
            pair = self._pair(one, other, account)
        await self._say("parted", *pair, by=by)
        return pair

    async def join(
        self, one: str, other: str, *, account: AccountId | None = None, by: str
    ) -> tuple[CashFlow, CashFlow]:
        """Two flows are one transfer. What was said of either before is forgotten.

        Returns:
            Withdrawal and deposit.

        Raises:
            UserError: there is no such flow, more than one, or they cannot be the two sides of one transfer.
        """
        await self.refresh()
        pair = self._pair(one, other, account)
        await self._say("joined", *pair, by=by)
        return pair

    async def external(self, one: str, *, account: AccountId | None = None, by: str) -> CashFlow:
        """A flow crossed the portfolio's border: no side of a transfer, not on its way.

        Raises:
            UserError: there is no such flow, or more than one.
        """
        await self.refresh()
        flow = self._flow(one, account)
        await self._say("external", flow, None, by=by)
        return flow

    async def reset(self, one: str, *, account: AccountId | None = None, by: str) -> CashFlow:
        """Forget what was said about a flow: the rules decide again.

        Raises:
            UserError: there is no such flow, more than one, or nothing was said about it.
        """
        await self.refresh()
        flow = self._flow(one, account)
        about = _about(self._verdicts, {flow.key})
        if about == Verdicts():
            raise UserError(one, "never_spoken_about")
        touched = frozenset({flow.key, *(key for pair in (*about.joined, *about.parted) for key in pair)})
        await self._store.write(lambda tx: ledger.drop_verdict(tx, flow.key))
        await self._told(touched, by, "forgotten", flow.key)
        return flow

    async def unsay(self, one: FlowKey, other: FlowKey | None = None, *, by: str) -> bool:
        """Take back one thing that was said; whatever else was said of these flows stands.

        Args:
            other: what was said of the two; None: that `one` is external.

        Returns:
            Whether it had been said.
        """
        await self.refresh()
        said = await self._store.write(lambda tx: ledger.drop_verdict(tx, one, other or _NOBODY))
        if said:
            await self._told(frozenset({one, other or one}), by, "forgotten", one)
        return said

    async def undo(self, *, by: str) -> None:
        """Take back what was said last, once; what had been said of these flows before stands again.

        Raises:
            UserError: nothing was said since the start of the program.
        """
        if self._said is None:
            raise UserError("", "nothing_to_take_back")
        touched, before = self._said
        now = self._clock()

        async def restore(tx: Tx) -> None:
            for key in touched:
                await ledger.drop_verdict(tx, key)
            about = _about(before, touched)
            for pair in sorted(about.parted):
                await ledger.put_verdict(tx, "parted", *pair, at=now, by=by)
            for pair in sorted(about.joined):
                await ledger.put_verdict(tx, "joined", *pair, at=now, by=by)
            for key in sorted(about.external):
                await ledger.put_verdict(tx, "external", key, None, at=now, by=by)
            account, id_ = min(touched)
            what = f"flow:{account} {handle((account, id_))}"
            await choices.note(tx, Change(now, by, what, None, "forgotten"))

        await self._store.write(restore)
        self._said = None
        await self.refresh()

    async def _read(self) -> Matching:
        self._outdated = False  # before: what is stored during the reading makes the next one necessary
        try:
            async with self._store.read() as tx:
                flows = await ledger.flows(tx, kinds=SIDES)
                verdicts = await ledger.verdicts(tx)
        except BaseException:
            self._outdated = True
            raise
        self._flows, self._verdicts = tuple(flows), possible(verdicts, flows)
        return await self._match()

    async def _match(self) -> Matching:
        now, flows, verdicts = self._clock(), self._flows, self._verdicts
        # years of flows take a moment: not on the loop
        found = await asyncio.to_thread(
            match, flows, at=now, calendar=self._calendar, rules=self._rules, verdicts=verdicts
        )
        self._stands_until = next_change(flows, at=now, calendar=self._calendar, rules=self._rules)
        self._matching = found
        return found

    async def _say(self, kind: ledger.VerdictKind, flow: CashFlow, other: CashFlow | None, *, by: str) -> None:
        keys = flow.key, None if other is None else other.key
        before, now = _about(self._verdicts, set(filter(None, keys))), self._clock()
        await self._store.write(lambda tx: ledger.put_verdict(tx, kind, *keys, at=now, by=by))
        ever = {key for pair in (*before.joined, *before.parted) for key in pair} | before.external
        await self._told(frozenset({*filter(None, keys), *ever}), by, kind, flow.key)

    async def _told(self, touched: frozenset[FlowKey], by: str, what: str, key: FlowKey) -> None:
        log.info("transfers: %s called flow %s of %s %s", by, key[1], key[0], what)
        made = Change(self._clock(), by, f"flow:{key[0]} {handle(key)}", None, what)
        await self._store.write(lambda tx: choices.note(tx, made))
        self._said = touched, self._verdicts
        await self.refresh()

    def _link(self, text: str, account: AccountId | None, matching: Matching) -> Transfer:
        flows = {flow.key for flow in self._named(text, account)}
        links = [link for link in matching.transfers if flows & {link.withdrawal.key, link.deposit.key}]
        if not links:
            raise UserError(text, "linked_with_none")
        if len(links) > 1:
            raise self._ambiguous(text, [link.withdrawal for link in links])
        return links[0]

    def _pair(self, one: str, other: str, account: AccountId | None) -> tuple[CashFlow, CashFlow]:
        """Withdrawal and deposit, named in either order."""
        named = self._named(one, account), self._named(other, None)
        pairs = [
            (first, second) if first.amount < 0 else (second, first)
            for first in named[0]
            for second in named[1]
            if first.amount * second.amount < 0 and first.key != second.key
        ]
        pairs = list({(a.key, b.key): (a, b) for a, b in pairs}.values())
        if len(pairs) > 1:
            flows = [flow for flows in named if len(flows) > 1 for flow in flows]
            raise self._ambiguous(one if len(named[0]) > 1 else other, flows)
        if not pairs:
            raise UserError(other, "goes_the_same_way", other=one[:60])
        sent, got = pairs[0]
        if self._rules.name(sent.asset) != self._rules.name(got.asset):
            asset = got.asset if got.id in other else sent.asset
            raise UserError(other, "of_another_asset", asset=asset, other=one[:60])
        return sent, got

    def _flow(self, text: str, account: AccountId | None) -> CashFlow:
        found = self._named(text, account)
        if len(found) > 1:
            raise self._ambiguous(text, found)
        return found[0]

    def _named(self, text: str, account: AccountId | None) -> list[CashFlow]:
        """The flows of an id, of `account:id`, of a transaction id or of the short name of a list; at least one."""
        wanted = text.strip()
        prefix, colon, rest = wanted.partition(":")
        choices = [(account, wanted)]
        if colon and account is None:
            choices.append((prefix.lower(), rest))
        for who, name in choices:
            mine = [flow for flow in self._flows if who in {None, flow.account}]
            found = [flow for flow in mine if flow.id == name]
            found = found or [flow for flow in mine if name and (flow.txid or "").casefold() == name.casefold()]
            found = found or [flow for flow in mine if handle(flow.key) == name]
            if found:
                return found
        raise UserError(text, "no_flow_on_account" if account else "no_known_flow", account=account or "")

    def _ambiguous(self, text: str, flows: Sequence[CashFlow]) -> UserError:
        first = flows[0]
        if len({flow.account for flow in flows}) > 1:
            names = ", ".join(sorted({flow.account for flow in flows}))
            return UserError(text, "id_on_several_accounts", accounts=names, first=f"{first.account}:{first.id}")
        return UserError(text, "id_of_several_flows", id=first.id)


def possible(verdicts: Verdicts, flows: Collection[CashFlow]) -> Verdicts:
    """Without joins that cannot be any more: a record may name another asset since a venue corrected it."""
    assets = {flow.key: flow.asset for flow in flows}
    joined = {
        (one, other)
        for one, other in verdicts.joined
        if assets.get(one) == assets.get(other) or one not in assets or other not in assets
    }
    for one, other in verdicts.joined - joined:
        log.warning("transfers: flows %s and %s are of different assets now and joined no more", one, other)
    return Verdicts(joined, verdicts.parted, verdicts.external)


def _about(verdicts: Verdicts, keys: Collection[FlowKey]) -> Verdicts:
    """What was said about some flows."""
    wanted = set(keys)
    return Verdicts(
        {pair for pair in verdicts.joined if wanted & set(pair)},
        {pair for pair in verdicts.parted if wanted & set(pair)},
        {key for key in verdicts.external if key in wanted},
    )
