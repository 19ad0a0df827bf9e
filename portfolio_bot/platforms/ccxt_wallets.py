"""The wallets of one account at a venue that ccxt signs for: which refusals leave the account standing.

A wallet that may not be read is a gap, unless it was read before: then its refusal is an outage of the whole account,
since a total without it would be a fall that never happened.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import UnreadableWallet
from portfolio_bot.platforms.base import WALLETS_HELD, WALLETS_READ, Memory
from portfolio_bot.platforms.ccxt_statement import Found
from portfolio_bot.platforms.hollow import Listening
from portfolio_bot.platforms.venue import (
    OF_THE_KEY,
    REFUSALS,
    STATUS_ONLY,
    Api,
    Refused,
    Role,
    Venue,
    WalletAnswer,
    WalletReader,
)

Outcome: TypeAlias = WalletAnswer | SourceError


class Wallets:
    """Asks for all of them, and remembers which ones ever answered and which ones held something.

    Args:
        brief: seconds that a figure only to compare with may take.
    """

    def __init__(self, venue: Venue, memory: Memory, brief: float) -> None:
        self._venue, self._memory, self._brief = venue, memory, brief

    async def asked(self, api: Api) -> Mapping[str, Outcome]:
        """What came of asking for each, by name.

        Raises:
            SourceError: a failure that no other wallet makes up for.
        """
        readers = self._venue.wallets
        outcomes = await (self._in_turn(readers, api) if self._venue.serial else self._at_once(readers, api))
        return dict(zip((reader.name for reader in readers), outcomes, strict=True))

    async def _at_once(self, readers: Iterable[WalletReader], api: Api) -> Sequence[Outcome]:
        tasks: list[asyncio.Task[Outcome]] = []
        try:
            for reader in readers:
                tasks.append(asyncio.create_task(self._attempt(reader, api)))
                await asyncio.sleep(0)  # paced starts: a burst of signatures delays the first answers
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _in_turn(self, readers: Iterable[WalletReader], api: Api) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for reader in readers:
            outcome = await self._attempt(reader, api)
            # every call of a bad key is refused, and too many of them lock it out
            if isinstance(outcome, SourceError) and outcome.failure.kind is FailureKind.BAD_KEY and not outcomes:
                raise outcome
            outcomes.append(outcome)
        return outcomes

    async def _attempt(self, reader: WalletReader, api: Api) -> Outcome:
        """The answer, or a refusal that may leave the account standing; any other failure is raised."""
        if reader.role is Role.CHECK:
            try:
                async with asyncio.timeout(self._brief):
                    return await reader.read(api)
            except TimeoutError:
                return SourceError.of(FailureKind.TIMEOUT)
            except SourceError as error:
                return error
        listening = Listening(api)
        try:
            return await reader.read(listening)
        except Refused as error:
            if error.code in self._venue.absent:
                return WalletAnswer()
            not_for_everybody = reader.role is not Role.WALLET and error.failure.kind is FailureKind.BAD_ANSWER
            if _is_want_of_rights(error) or not_for_everybody:
                return error
            raise
        except SourceError as error:
            never_held = reader.role is not Role.WALLET and reader.name not in self._names(WALLETS_HELD)
            if never_held and listening.nothing and error.failure.kind is FailureKind.BAD_ANSWER:
                return WalletAnswer()
            raise

    async def sorted_out(self, outcomes: Mapping[str, Outcome]) -> Found:
        """Refused wallets beside answered ones; the key's own failure if no wallet answered."""
        roles = {reader.name: reader.role for reader in self._venue.wallets}
        answers = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, WalletAnswer)}
        refused = {
            name: outcome
            for name, outcome in outcomes.items()
            if isinstance(outcome, SourceError) and roles[name] is not Role.CHECK
        }
        read = tuple(name for name in answers if roles[name] is not Role.CHECK)
        held = [name for name in read if answers[name].inside or any(row.amount for row in answers[name].holdings)]
        wallets = [name for name in read if roles[name] is Role.WALLET or (roles[name] is Role.EXTRA and name in held)]
        if refused and not wallets:
            raise next(iter(refused.values()))
        for name, error in refused.items():
            kind = error.failure.kind
            known = roles[name] is not Role.FIGURE and kind is not FailureKind.BAD_ANSWER
            if name in self._names(WALLETS_READ if known else WALLETS_HELD):
                # another wallet answered, so it is not the key that is bad
                kind = FailureKind.MISSING_RIGHT if kind in OF_THE_KEY else kind
                raise SourceError.of(kind, f"{name}: {error.failure.detail}")
        await self._remember(WALLETS_READ, read)
        await self._remember(WALLETS_HELD, held)
        unreadable = tuple(UnreadableWallet(name, _reason(error)) for name, error in refused.items())
        return Found(answers, unreadable, read)

    def _names(self, key: str) -> frozenset[str]:
        return frozenset(json.loads(self._memory.get(key) or "[]"))

    async def _remember(self, key: str, names: Iterable[str]) -> None:
        before = self._names(key)
        found = before.union(names)
        if found != before:
            await self._memory.put(key, json.dumps(sorted(found)))


def _is_want_of_rights(error: Refused) -> bool:
    """A page of a firewall on one call says nothing of rights; the venue's own code does."""
    kind = error.failure.kind
    return kind in REFUSALS and not (kind is FailureKind.GEO_BLOCKED and error.code.startswith(STATUS_ONLY))


def _reason(error: SourceError) -> str:
    return "not_built" if error.failure.kind is FailureKind.BAD_ANSWER else "missing_right"
