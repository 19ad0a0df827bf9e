"""IBKR's Flex Web Service, version 3: one request orders a statement, others ask whether it is ready.

The token travels in the query of the URL, so neither an address nor a text of an HTTP library may leave this module.
The address that IBKR's first answer names is ignored: the token goes to the configured host alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

import yarl

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.door import MAX_XML_BODY, Answer, Door, hosts_of, once_more
from portfolio_bot.platforms.base import Secret, Surroundings
from portfolio_bot.platforms.ibkr_codes import Then, Told, told
from portfolio_bot.platforms.ibkr_xml import document, page

OFFICIAL = "https://ndcdyn.interactivebrokers.com"

_PATH = "/AccountManagement/FlexWebService"
_IN_A_THREAD = 1024 * 1024
"""Bytes above which parsing would hold the loop up for long."""

Keep = Callable[[str | None], Awaitable[None]]
"""Remembers a reference over a restart; None forgets it."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds, after IBKR's limits: one request a second, ten a minute for one token.

    Attributes:
        first: between the order and the first question.
        early: between questions for `early_for` seconds; `late` after that, `most` in all.
        limited: after "too many requests".
        apart: the least between two requests; `within` of them at most in any `window`.
    """

    first: float = 5
    early: float = 8
    early_for: float = 60
    late: float = 20
    most: float = 300
    limited: float = 60
    apart: float = 1.1
    within: int = 8
    window: float = 60


class FlexService:
    """The two steps for one token and one query.

    Attributes:
        limited_until: while a "too many requests" is waited out: when the next one follows.
    """

    def __init__(self, token: Secret, query: str, base_url: str | None, around: Surroundings, waits: Waits) -> None:
        base = (base_url or OFFICIAL).rstrip("/")
        self._token = token
        self._query = query
        self._address = f"{base}{_PATH}"
        self._clock = around.clock
        self._waits = waits
        self._turns: deque[float] = deque(maxlen=waits.within)
        self.limited_until: datetime | None = None
        self.door = Door(around.session, hosts_of([base]), around.clock, around.timing, around.proxy)

    async def statement(self, reference: str | None, keep: Keep) -> Element:
        """A statement's root element.

        Args:
            reference: of a statement ordered earlier; None orders one.
            keep: told of every reference that is worth remembering.

        Raises:
            FlexError: IBKR says no. While it is only not ready (`in_progress`), the reference stays kept.
            SourceError: the road failed, or the answer is none.
        """
        ordered_anew = False
        while True:
            if reference is None:
                reference = await self._order()
                await keep(reference)
                await asyncio.sleep(self._waits.first)
            outcome = await self._poll(reference)
            await keep(None)
            if isinstance(outcome, Element):
                return outcome
            if outcome.then is not Then.ANEW or ordered_anew:
                raise outcome.error()
            reference, ordered_anew = None, True

    async def _order(self) -> str:
        answer = told(await self._patiently("SendRequest", self._query))
        if answer.then is Then.ANEW and answer.code:
            await asyncio.sleep(self._waits.first)
            answer = told(await self._patiently("SendRequest", self._query))
        if answer.code or answer.reference is None:
            raise answer.error()
        return answer.reference

    async def _poll(self, reference: str) -> Element | Told:
        """The statement, or the code that ends the waiting."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            root = await self._patiently("GetStatement", reference)
            if root.tag == "FlexQueryResponse":
                return root
            answer = told(root)
            if not answer.code:
                raise SourceError.of(FailureKind.BAD_ANSWER, "another reference instead of a statement")
            if answer.then is not Then.POLL:
                return answer
            waited = loop.time() - began
            if waited >= self._waits.most:
                raise answer.error()
            await asyncio.sleep(self._waits.early if waited < self._waits.early_for else self._waits.late)

    async def _patiently(self, step: str, subject: str) -> Element:
        """One answer; after "too many requests" a long wait and one more try."""
        root = await once_more(lambda: self._ask(step, subject))
        if not _too_many(root):
            return root
        self.limited_until = self._clock() + timedelta(seconds=self._waits.limited)
        try:
            await asyncio.sleep(self._waits.limited)
        finally:
            self.limited_until = None
        root = await once_more(lambda: self._ask(step, subject))
        if _too_many(root):
            raise told(root).error(self._clock() + timedelta(seconds=self._waits.limited))
        return root

    async def _ask(self, step: str, subject: str) -> Element:
        await self._turn()
        url = yarl.URL(f"{self._address}/{step}").with_query(t=self._token.reveal(), q=subject, v="3")
        answer = await self.door.request("GET", url, max_body=MAX_XML_BODY)
        if answer.status != 200 and b"<Flex" not in answer.body[:300]:
            raise _by_status(answer, self._clock() + timedelta(seconds=self._waits.limited))
        if len(answer.body) > _IN_A_THREAD:
            return await asyncio.to_thread(document, answer.body)
        return document(answer.body)

    async def _turn(self) -> None:
        """Wait until one more request is within IBKR's limits."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        wait = self._turns[-1] + self._waits.apart - now if self._turns else 0.0
        if len(self._turns) == self._waits.within:
            wait = max(wait, self._turns[0] + self._waits.window - now)
        if wait > 0:
            await asyncio.sleep(wait)
        self._turns.append(loop.time())


def _too_many(root: Element) -> bool:
    return root.tag == "FlexStatementResponse" and told(root).then is Then.SLOW


def _by_status(answer: Answer, later: datetime) -> SourceError:
    """The road's own refusal; `later` is when to come back where it names no time."""
    if answer.status >= 500:
        return page(answer.body)
    detail = f"HTTP {answer.status}"
    match answer.status:
        case 403 | 451:
            return SourceError.of(FailureKind.GEO_BLOCKED, detail)
        case 408:
            return SourceError.of(FailureKind.TIMEOUT, detail)
        case 418 | 429:
            return SourceError.of(FailureKind.RATE_LIMITED, detail, answer.retry_at or later)
        case _:
            return SourceError.of(FailureKind.BAD_ANSWER, detail)
