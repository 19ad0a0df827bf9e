"""The road out: one HTTP session for all, opened when somebody needs it, and a second one only for another proxy."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import aiohttp


class Outside:
    """Opens sessions on a stack, which closes them. A demo that never asks never loads an HTTP client."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._sessions: dict[str | None, aiohttp.ClientSession] = {}

    async def session(self, proxy_url: str | None = None) -> tuple[aiohttp.ClientSession, str | None]:
        """A session by way of a proxy, and what each of its requests must name as its proxy.

        A SOCKS proxy belongs to the session, any other to the request.
        """
        from portfolio_bot.net.door import open_session

        socks = proxy_url if proxy_url and proxy_url.startswith("socks") else None
        if socks not in self._sessions:
            self._sessions[socks] = await self._stack.enter_async_context(open_session(socks=socks))
        return self._sessions[socks], None if socks else proxy_url
