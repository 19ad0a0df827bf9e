"""The owner's word about accounts: that a key's new account is the right one, that something is gone, or to wait.

Nobody else may decide these: each of them changes what counts as the owner's money.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from portfolio_bot.model.days import Clock
from portfolio_bot.model.identity import ANOTHER
from portfolio_bot.model.statement import AccountId, SubAccount
from portfolio_bot.platforms.base import WALLETS_HELD, WALLETS_READ, Memory
from portfolio_bot.platforms.identity import ACCOUNT, OTHER_ACCOUNT
from portfolio_bot.platforms.sub_accounts import SEEN, TOLD
from portfolio_bot.service.absences import GONE, LEFT_OUT
from portfolio_bot.service.collect import Collect
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.naming import account_named
from portfolio_bot.storage import accounts, choices
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.handover import hand_over
from portfolio_bot.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What was carried out.

    Attributes:
        account, name: whose.
        what: the wallet or inner account, as people know it; "" for the account itself.
    """

    account: AccountId
    name: str
    what: str = ""


class Ownership:
    """Takes the owner's word and makes it so.

    Args:
        memories: what is remembered of each account; none in a demo.
        anew: called when a past has been given another name: whoever remembers some of it reads it again.
    """

    def __init__(
        self,
        collect: Collect,
        memories: Mapping[AccountId, Memory],
        store: Store,
        clock: Clock,
        *,
        anew: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._collect, self._memories, self._store, self._clock = collect, memories, store, clock
        self._anew = anew

    async def say(self, action: str, wanted: str, what: str = "", *, who: str = "command line") -> Said:
        """One of these by its name: `confirm`, `gone`, `leave`, `back`, `wait` (which changes nothing).

        Args:
            who: for the record of changes.

        Raises:
            UserError: no such account, nothing to say about it, or no such word.
        """
        said = await self._carried_out(action, wanted, what)
        if action != "wait":
            about = f"account:{said.name} {said.what}".strip()
            made = Change(self._clock(), who, about, None, action)
            await self._store.write(lambda tx: choices.note(tx, made))
        return said

    async def _carried_out(self, action: str, wanted: str, what: str) -> Said:
        match action:
            case "confirm":
                return await self.confirm(wanted)
            case "gone":
                return await self.gone(wanted, what)
            case "leave":
                return await self.leave_out(wanted)
            case "back":
                return await self.back(wanted)
            case "wait":
                return self._known(wanted)[0]
            case _:
                raise UserError(action, "no_word_about_account")

    async def confirm(self, wanted: str) -> Said:
        """The account that a key opens now is the right one: its history begins, that of the one before stays.

        Raises:
            UserError: no such account, or it waits for no answer.
        """
        said, memory = self._known(wanted)
        found, inside = memory.get(OTHER_ACCOUNT), memory.get(SEEN)
        failure = self._collect.states()[said.account].failure
        if found is None and (inside is None or failure is None or failure.detail != ANOTHER):
            raise UserError(wanted, "waits_for_no_answer")
        now = self._clock()
        former = await self._store.write(lambda tx: hand_over(tx, said.account, now))
        for note in (WALLETS_READ, WALLETS_HELD, OTHER_ACCOUNT, SEEN, TOLD):
            await memory.put(note, None)
        if found is not None:
            await memory.put(ACCOUNT, found)
        self._collect.begin_anew(said.account)
        if self._anew is not None:
            await self._anew()
        log.info("%s: the owner confirmed the new account; the past of the old one is kept as %s", said.account, former)
        return said

    async def gone(self, wanted: str, what: str = "") -> Said:
        """An account, or a wallet or inner account of one, is no more: what it was worth is no loss.

        All of them leave with what they were worth in the last complete snapshot that had them, as an account does
        that is removed.

        Args:
            what: the wallet's name, or the masked number or the name of an inner account; "" for the whole account.

        Raises:
            UserError: there is no such thing.
        """
        said, memory = self._known(wanted)
        if not what:
            await memory.put(GONE, self._clock().isoformat())
            return said
        wallet = next((name for name in _wallets(memory) if name.casefold() == what.casefold()), None)
        inner = [] if wallet else await self._inner(said.account, what)
        if wallet is None and not inner:
            known = ", ".join([*_wallets(memory), *(f"{sub.id}" for sub in await self._subs(said.account))])
            raise UserError(what, "never_held" if known else "held_nothing", account=said.name, known=known)
        if wallet is not None:
            for note in (WALLETS_READ, WALLETS_HELD):
                await _without(memory, note, {wallet})
        await _without(memory, SEEN, {sub.key for sub in inner})
        return Said(said.account, said.name, wallet or inner[0].name)

    async def leave_out(self, wanted: str) -> Said:
        """No part of any total until it answers again.

        Raises:
            UserError: no such account.
        """
        said, memory = self._known(wanted)
        await memory.put(LEFT_OUT, self._clock().isoformat())
        return said

    async def back(self, wanted: str) -> Said:
        """Take back that an account is gone or left out.

        Raises:
            UserError: no such account.
        """
        said, memory = self._known(wanted)
        await memory.put(GONE, None)
        await memory.put(LEFT_OUT, None)
        return said

    def _known(self, wanted: str) -> tuple[Said, Memory]:
        names = {one: info.name for one, info in self._collect.accounts.items() if one in self._memories}
        account = account_named(wanted, names)
        return Said(account, names[account]), self._memories[account]

    async def _subs(self, account: AccountId) -> tuple[SubAccount, ...]:
        async with self._store.read() as tx:
            last = (await accounts.last_good(tx)).get(account)
        return last.sub_accounts if last else ()

    async def _inner(self, account: AccountId, what: str) -> list[SubAccount]:
        wanted = what.casefold()
        return [sub for sub in await self._subs(account) if wanted in {sub.id.casefold(), sub.name.casefold()}]


def _wallets(memory: Memory) -> list[str]:
    found: set[str] = set()
    for note in (WALLETS_READ, WALLETS_HELD):
        found |= set(json.loads(memory.get(note) or "[]"))
    return sorted(found)


async def _without(memory: Memory, note: str, names: set[str]) -> None:
    stored = memory.get(note)
    if stored is not None and names:
        await memory.put(note, json.dumps(sorted(set(json.loads(stored)) - names)))
