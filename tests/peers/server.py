"""A loopback HTTP peer: it listens on a free port, remembers what it was asked, and answers or fails as told."""

from __future__ import annotations

import asyncio
import json
import ssl
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived. `fields` are those of the query and of the form or JSON object in the body."""

    method: str
    path: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON

    @classmethod
    def of(cls, data: object, status: int = 200) -> Reply:
        """An answer of JSON."""
        return cls(json.dumps(data).encode(), status)


Answer: TypeAlias = Callable[[Seen], Reply]
Fault: TypeAlias = Callable[[web.BaseRequest, Reply], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """`GET /path?field=value`: matches requests that carry at least these fields; `*` matches everything."""

    method: str
    path: str
    fields: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> Route:
        if text == "*":
            return cls("*", "*", {})
        method, _, address = text.partition(" ")
        path, _, query = address.partition("?")
        return cls(method, path, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)))

    def matches(self, seen: Seen) -> bool:
        return (
            self.method in {"*", seen.method}
            and self.path in {"*", seen.path}
            and all(seen.fields.get(name) == value for name, value in self.fields.items())
        )


@dataclass(slots=True)
class _Planned:
    route: Route
    fault: Fault
    times: int | None


class Peer:
    """One listening server. `url` has no trailing slash; `busiest` is the most requests that were under way at once."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Seen] = []
        self.busiest = 0
        self.port = 0
        self.scheme = "http"
        self._planned: list[_Planned] = []
        self._busy = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def fail(self, fault: Fault, route: str = "*", *, times: int | None = None) -> None:
        """From now on requests of this route fail so, `times` of them or until `heal`; the latest plan wins."""
        self._planned.insert(0, _Planned(Route.parse(route), fault, times))

    def heal(self) -> None:
        """Answer properly again and forget what was asked."""
        self._planned.clear()
        self.requests.clear()

    def asked(self, path: str) -> list[Seen]:
        """The requests of one path, in order."""
        return [seen for seen in self.requests if seen.path == path]

    def headers_seen(self) -> str:
        """Everything that any request carried, as one text: to look for a key that must not be there."""
        return "\n".join(f"{seen.path} {seen.fields} {seen.headers} {seen.body!r}" for seen in self.requests)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            return await self._handled(request)
        finally:
            self._busy -= 1

    async def _handled(self, request: web.BaseRequest) -> web.StreamResponse:
        seen = await _seen(request)
        self.requests.append(seen)
        reply = self.answer(seen)
        for plan in self._planned:
            if plan.times != 0 and plan.route.matches(seen):
                if plan.times is not None:
                    plan.times -= 1
                return await plan.fault(request, reply)
        return respond(reply)


@asynccontextmanager
async def serve(answer: Answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    """A peer on a free port of 127.0.0.1; with `tls` it speaks https."""
    peer = Peer(answer)
    async with listening(peer, tls):
        yield peer


@asynccontextmanager
async def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Open and close the port of a peer. What still hangs at the end is cancelled at once."""
    runner = web.ServerRunner(
        web.Server(peer.handle, handler_cancellation=True, access_log=None), shutdown_timeout=0.01
    )
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    peer.scheme = "https" if tls else "http"
    peer.port = runner.addresses[0][1]
    try:
        yield
    finally:
        await runner.cleanup()


async def _seen(request: web.BaseRequest) -> Seen:
    body = await request.read()
    fields = dict(request.query)
    if request.content_type == "application/x-www-form-urlencoded":
        fields |= dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    elif body.lstrip()[:1] == b"{":
        fields |= {name: str(value) for name, value in json.loads(body).items()}
    return Seen(request.method, request.path, fields, dict(request.headers), body)


def respond(reply: Reply) -> web.Response:
    """An ordinary answer."""
    response = web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    if reply.content_type:
        response.content_type = reply.content_type
    return response


@asynccontextmanager
async def raw_server(greeting: bytes) -> AsyncIterator[int]:
    """A port that answers whatever comes with these bytes and hangs up: for TLS against something else."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
