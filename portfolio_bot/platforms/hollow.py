"""An answer with nothing in it, in whatever shape.

A product that an account never opened is answered with an empty list where an object is documented, or with an object
that lacks the list: both say that there is nothing. That is believed of products that not every account has, not of the
wallets that make the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from portfolio_bot.model.exact import exact
from portfolio_bot.platforms.venue import NO_PARAMS, Api

T = TypeVar("T")

_ENVELOPE = frozenset({"code", "msg", "message", "success", "retCode", "retMsg", "time", "ts", "serverTime"})
_PAGE = frozenset({"page", "currentPage", "pageSize", "limit"})


def hollow(answer: object) -> bool:
    """Whether nothing stands in it but an envelope, empty lists and zeros."""
    if answer is None or isinstance(answer, bool):
        return True
    if isinstance(answer, list):
        return not answer
    if isinstance(answer, dict):
        return all(hollow(value) for name, value in answer.items() if name not in _ENVELOPE | _PAGE)
    if answer == "":
        return True
    try:
        return not exact(answer)
    except ValueError:
        return False


class Listening:
    """A `venue.Api` that remembers whether anything was said at all."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._answers = 0
        self._full = False

    @property
    def nothing(self) -> bool:
        """Whether there were answers, and all of them hollow."""
        return self._answers > 0 and not self._full

    async def call(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        """See `venue.Api`."""
        return self._heard(await self._api.call(method, params))

    async def look(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """See `venue.Api`."""
        return self._heard(await self._api.look(method, params))

    async def once(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """See `venue.Api`. What readers share (a mode, an overview) tells of this product only that it is empty."""
        answer = await self._api.once(method, params)
        return self._heard(answer) if hollow(answer) else answer

    def _heard(self, answer: T) -> T:
        self._answers += 1
        self._full = self._full or not hollow(answer)
        return answer
