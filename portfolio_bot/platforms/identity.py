"""Whose account a key opens: asked once for each new key, kept with the account, and never silently another one.

History hangs on an account's label. If the key under a label opens another account of the venue than before, its
readings fail until the owner has said what that means: values of two accounts in one history are worth nothing.

A key never changes hands, so an account is asked for only when the key is new: its keyed hash is kept beside.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.identity import ANOTHER, Identity
from portfolio_bot.platforms.base import AccountConfig, Memory
from portfolio_bot.platforms.shared import heard
from portfolio_bot.platforms.venue import REFUSALS, Api, Login, Refused

log = logging.getLogger(__name__)

ACCOUNT = "venue_account"
"""Note in the memory of an account: whose it is, and by which key that was found out."""

OTHER_ACCOUNT = "venue_account_now"
"""The same of what its key opens now, while the owner has not said whether that is right."""

_FOR_GOOD = REFUSALS | {FailureKind.BAD_ANSWER}

LATER = 3600.0
"""Seconds after an answer that could not be read before it is asked for again: readings come many in a row."""


@dataclass(frozen=True, slots=True)
class _Note:
    """What is kept: an identity, and the keyed hash of the key that opened it."""

    identity: Identity
    key: str

    def text(self) -> str:
        return json.dumps({"login": self.identity.login, "main": self.identity.main, "key": self.key})

    @classmethod
    def of(cls, text: str | None) -> _Note | None:
        if text is None:
            return None
        row = json.loads(text)
        return cls(Identity(row["login"], row["main"]), row["key"])


def noted(text: str) -> Identity | None:
    """The identity in a note of `ACCOUNT`; None if it is damaged."""
    try:
        note = _Note.of(text)
    except (LookupError, TypeError, ValueError):
        return None
    return note.identity if note else None


class KeyHolder:
    """Whose account one key opens.

    Args:
        ask: asks the venue; None = it does not say.
        secret: what is hashed with.
        patience: seconds that a reading waits for the answer at most.
    """

    def __init__(
        self,
        ask: Callable[[Api], Awaitable[Login | None]] | None,
        config: AccountConfig,
        memory: Memory,
        secret: bytes,
        patience: float,
    ) -> None:
        self._ask = ask
        self._config, self._memory, self._secret, self._patience = config, memory, secret, patience
        key = config.secrets.get("API_KEY")
        self._key = self._hashed("key", key.reveal() if key else "")
        self._untold = False
        self._not_before = 0.0
        self._failed: tuple[float, SourceError] | None = None

    @property
    def identity(self) -> Identity | None:
        """Whose account history under this label is of; None while nobody knows."""
        note = _Note.of(self._memory.get(ACCOUNT))
        return note.identity if note else None

    def begin(self, api: Api) -> asyncio.Task[Login | None] | None:
        """Ask beside a reading; None if that is known of this key, or cannot be known."""
        if self._ask is None or self._untold or time.monotonic() < self._not_before:
            return None
        known = _Note.of(self._memory.get(ACCOUNT))
        if known is not None and known.key == self._key:
            return None
        task = asyncio.create_task(self._answer(self._ask, api))
        task.add_done_callback(heard)
        return task

    async def settle(self, asking: asyncio.Task[Login | None] | None) -> None:
        """Before a reading counts: it is of the account that history is of.

        Raises:
            SourceError: `suspect` if the key opens another one; why nobody could say, if the key is new to a label
                that has a history.
        """
        if asking is None:
            return
        before = _Note.of(self._memory.get(ACCOUNT))
        try:
            login = await asking
        except SourceError as error:
            # a key that may not ask will not learn it by asking again
            self._untold = isinstance(error, Refused) and error.failure.kind in _FOR_GOOD
            self._failed = time.monotonic() + LATER, error
            if before is None and error.failure.kind is FailureKind.BAD_ANSWER:
                self._not_before = time.monotonic() + LATER
            if before is None or self._untold:
                return
            raise
        self._failed = None
        if login is None:
            self._untold = True
            return
        found = _Note(self._identity(login), self._key)
        if before is None or before.identity.login == found.identity.login:
            await self._memory.put(ACCOUNT, found.text())
            await self._memory.put(OTHER_ACCOUNT, None)
            return
        if self._memory.get(OTHER_ACCOUNT) is None:
            log.warning("%s: %s; nothing of it counts until the owner confirms it", self._config.account, ANOTHER)
        await self._memory.put(OTHER_ACCOUNT, found.text())
        raise SourceError.of(FailureKind.SUSPECT, ANOTHER)

    async def known(self, api: Api) -> None:
        """The same before work that can wait: a venue that did not say is asked again `LATER`, not before each piece.

        Raises:
            SourceError: as `settle` does.
        """
        if self._failed is None or time.monotonic() >= self._failed[0]:
            await self.settle(self.begin(api))
        elif self._memory.get(ACCOUNT) is not None and not self._untold:
            raise self._failed[1]

    async def _answer(self, ask: Callable[[Api], Awaitable[Login | None]], api: Api) -> Login | None:
        try:
            async with asyncio.timeout(self._patience):
                return await ask(api)
        except TimeoutError:
            raise SourceError.of(FailureKind.TIMEOUT, "whose account the key opens") from None

    def stands_for(self, uid: str) -> str:
        """The keyed hash of an account's number, as in `Identity`."""
        return self._hashed("account", uid)

    def _identity(self, login: Login) -> Identity:
        return Identity(self.stands_for(login.uid), self.stands_for(login.main) if login.main else None)

    def _hashed(self, what: str, value: str) -> str:
        realm = f"{self._config.source}{' testnet' if self._config.testnet else ''}"
        return hmac.new(self._secret, f"{realm} {what} {value}".encode(), hashlib.sha256).hexdigest()[:32]
