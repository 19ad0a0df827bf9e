"""The accounts inside a broker's credential: told apart without ever storing or showing their numbers.

What identity hangs on is a keyed hash (a number of seven digits is guessed from a plain one in seconds). The key is
the database's, so that two credentials which see one account say so, and the hash stays as long as the database does.
Earlier versions made a key for each credential: what was hashed with it is translated when the numbers are next seen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.identity import ANOTHER, MISSING
from portfolio_bot.platforms.base import Memory

_FORMER_KEY = "sub_account_key"
SEEN = "sub_accounts_seen"
TOLD = "sub_accounts_told"

SHORT = 8
"""Digits of a key in front of ids."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Identities:
    """Hashes of one source's account numbers, and those that it has had a value of."""

    secret: bytes
    memory: Memory

    def key(self, number: str) -> str:
        """What stands for an account number: 32 hexadecimal digits, the same for every credential that sees it."""
        return _hashed(self.secret, number)

    async def renew(self, numbers: Iterable[str]) -> None:
        """Translate what is remembered from a key of this credential's own to the one that all share.

        Args:
            numbers: every account that is listed now. What is remembered of others stays as it is: they are missing.
        """
        former = self.memory.get(_FORMER_KEY)
        if former is None:
            return
        renewed = {_hashed(bytes.fromhex(former), number): self.key(number) for number in numbers}
        before = self.seen()
        after = {renewed.get(key, key) for key in before}
        if after != before:
            await self.memory.put(SEEN, json.dumps(sorted(after)))
        if after <= set(renewed.values()):
            await self.memory.put(_FORMER_KEY, None)

    def told(self) -> frozenset[str]:
        """Keys of the accounts whose past this credential has told."""
        stored = self.memory.get(TOLD)
        return frozenset(json.loads(stored)) if stored else frozenset()

    async def keep_told(self, keys: Iterable[str]) -> None:
        """Remember whose past is told here."""
        after = self.told() | frozenset(keys)
        if after != self.told():
            await self.memory.put(TOLD, json.dumps(sorted(after)))

    def seen(self) -> frozenset[str]:
        """Keys of the accounts that have had a value."""
        stored = self.memory.get(SEEN)
        return frozenset(json.loads(stored)) if stored else frozenset()

    async def keep(self, *, read: Iterable[str], closed: Collection[str] = ()) -> None:
        """Remember what was read just now, and forget what the broker says is closed."""
        before = self.seen()
        after = (before | set(read)) - set(closed)
        if after != before:
            await self.memory.put(SEEN, json.dumps(sorted(after)))

    def refuse_vanished(self, present: Collection[str]) -> None:
        """An account that has had a value and is not there any more would lower the total in silence.

        Raises:
            SourceError: `suspect`; the older statement stands until the account is back or is declared gone.
        """
        gone = self.seen() - set(present)
        if gone:
            what = "an account that was" if len(gone) == 1 else f"{len(gone)} accounts that were"
            raise SourceError.of(FailureKind.SUSPECT, f"{what} {MISSING}")

    def refuse_another(self, present: Collection[str]) -> None:
        """A token that sees none of the accounts that had a value is somebody else's, or of another login.

        Raises:
            SourceError: `suspect`; nothing of them counts until the owner has confirmed it.
        """
        seen = self.seen()
        if seen and not seen & set(present):
            raise SourceError.of(FailureKind.SUSPECT, ANOTHER)


def _hashed(secret: bytes, number: str) -> str:
    return hmac.new(secret, number.encode(), hashlib.sha256).hexdigest()[:32]


def masked(number: str) -> str:
    """An account number as it may be shown: `U1234567` is `U***4567`."""
    return f"{number[:1]}***{number[-4:]}" if len(number) >= 7 else f"***{number[-2:]}"


def shown(text: str, longest: int = 64) -> str:
    """A name from outside as it may be shown: without control characters, cut."""
    return _CONTROL.sub(" ", text).strip()[:longest]
