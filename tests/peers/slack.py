"""Slack's incoming webhook on loopback: it answers in Slack's words, keeps the channel and fails on demand.

async with slack_peer() as slack:
    slack.fail(429, "rate_limited", retry_after=2)
    … slack.webhook …
    assert slack.texts == ["*$1*"]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

PATH = "/services/T0000/B0000/verysecretwebhookpath"
LONGEST = 40_000
LONGEST_SECTION = 3000
MOST_BLOCKS = 50
KINDS = {"header", "section", "divider", "context", "rich_text", "image", "table", "actions"}


@dataclass
class SlackFault:
    """What happens instead of `ok`; without a status the connection breaks."""

    status: int | None = None
    word: str = ""
    effect: bool = False
    delay: float = 0.0
    retry_after: int | None = None


class SlackPeer:
    """A channel behind a webhook.

    Attributes:
        posted: what stands in the channel, as it was posted.
        asked: requests, whatever became of them.
        next_fault: asked for a fault before each answer.
    """

    def __init__(self) -> None:
        self.posted: list[Mapping[str, object]] = []
        self.asked = 0
        self.archived = False
        self.next_fault: Callable[[], SlackFault | None] = lambda: None
        self.port = 0
        self._faults: list[SlackFault] = []
        self._runner: web.AppRunner | None = None

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}{PATH}"

    @property
    def texts(self) -> list[str]:
        """The notification texts, in the order of arrival."""
        return [str(message["text"]) for message in self.posted]

    def fail(self, status: int | None = None, word: str = "", **how: object) -> None:
        """Let the next request meet a fault."""
        self._faults.append(SlackFault(status, word, **how))  # type: ignore[arg-type]

    async def up(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.path != PATH:
            return web.Response(status=404, text="no_service")
        if self.archived:
            return web.Response(status=410, text="channel_is_archived")
        body = await request.json()
        fault = self._faults.pop(0) if self._faults else self.next_fault()
        if fault is None or fault.effect:
            refusal = _refusal(body)
            if refusal:
                return web.Response(status=400, text=refusal)
            self.posted.append(body)
        if fault is None:
            return web.Response(text="ok")
        await asyncio.sleep(fault.delay)
        if fault.status is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return web.Response(status=fault.status, text=fault.word, headers=headers)


def _refusal(body: object) -> str:
    """Slack's word for what is wrong with a message; "" for nothing."""
    if not isinstance(body, dict) or set(body) - {"text", "blocks"}:
        return "invalid_payload"
    text, blocks = body.get("text"), body.get("blocks", [])
    if not isinstance(text, str) or (not text and not blocks):
        return "no_text"
    if len(text) > LONGEST:
        return "msg_too_long"
    if not isinstance(blocks, list) or len(blocks) > MOST_BLOCKS or not all(map(_good, blocks)):
        return "invalid_blocks"
    return ""


def _good(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") not in KINDS:
        return False
    text = block.get("text")
    length = len(str(text.get("text", ""))) if isinstance(text, dict) else 0
    longest = 150 if block["type"] == "header" else LONGEST_SECTION
    if block["type"] == "context" and not 1 <= len(block.get("elements", [])) <= 10:
        return False
    return length <= longest and (block["type"] != "header" or length > 0)


@asynccontextmanager
async def slack_peer() -> AsyncIterator[SlackPeer]:
    """A channel for one test."""
    peer = SlackPeer()
    await peer.up()
    try:
        yield peer
    finally:
        await peer.down()
