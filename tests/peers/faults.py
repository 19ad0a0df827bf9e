"""Every way in which an answer can go wrong, for a peer of `tests.peers.server`.

    async with serve(answer) as peer:
        peer.fail(hang())                              # every request
        peer.fail(status(429, headers={"Retry-After": "7"}), "GET /v5/earn/position?category=OnChain", times=1)

A fault gets the request and the good reply, so that it can drip it, cut it or spoil it.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
import zlib
from collections.abc import Callable, Collection, Mapping

from aiohttp import web

from tests.peers.server import JSON, Answer, Fault, Peer, Reply, Route, Seen, listening, raw_server, respond, serve

__all__ = [
    "HOSTILE_NUMBERS", "PAGE", "WRONG_BODIES", "Answer", "Fault", "Peer", "Reply", "Route", "Seen", "body_drip",
    "changed", "close", "flood", "gzip_bomb", "half", "hang", "header_drip", "hostile", "huge_headers", "instead",
    "late", "listening", "long_header", "no_http", "raw_server", "redirect", "reset", "respond", "serve", "spoiled",
    "status",
]  # fmt: skip

FOREVER = 3600.0


def hang() -> Fault:
    """Takes the request and never answers."""

    async def fault(_request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        await asyncio.sleep(FOREVER)
        return respond(reply)

    return fault


def late(seconds: float) -> Fault:
    """Answers properly, but later."""

    async def fault(_request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return respond(reply)

    return fault


def header_drip(every: float = 0.01) -> Fault:
    """One more header now and then; they never end."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        _write(request, b"HTTP/1.1 200 OK\r\n")
        while not _gone(request):
            await asyncio.sleep(every)
            _write(request, b"X-Drip: 1\r\n")
        return _Written()

    return fault


def body_drip(every: float = 0.01) -> Fault:
    """The right answer, one byte at a time."""

    async def fault(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers={"Content-Type": reply.content_type})
        response.content_length = len(reply.body)
        await response.prepare(request)
        for offset in range(len(reply.body)):
            await response.write(reply.body[offset : offset + 1])
            await asyncio.sleep(every)
        return response

    return fault


def reset() -> Fault:
    """A TCP reset instead of an answer."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return _Written()

    return fault


def close() -> Fault:
    """The connection ends before the answer begins."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return _Written()

    return fault


def half() -> Fault:
    """Half of the announced body, then the end of the connection."""

    async def fault(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        head = f"HTTP/1.1 {reply.status} X\r\nContent-Type: {reply.content_type}\r\n"
        _write(request, f"{head}Content-Length: {len(reply.body)}\r\n\r\n".encode())
        _write(request, reply.body[: len(reply.body) // 2])
        assert request.transport is not None
        request.transport.close()
        return _Written()

    return fault


def no_http(text: bytes = b"SSH-2.0-OpenSSH_9.2\r\n") -> Fault:
    """Something else than HTTP."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        _write(request, text)
        assert request.transport is not None
        request.transport.close()
        return _Written()

    return fault


def status(code: int, body: object = "", headers: Mapping[str, str] | None = None) -> Fault:
    """A status with its body: text as a page, anything else as JSON."""
    page = isinstance(body, str)
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return instead(Reply(data, code, headers or {}, "text/html" if page else JSON))


def redirect(url: str, code: int = 307) -> Fault:
    """Go and ask elsewhere."""
    return instead(Reply(b"", code, {"Location": url}))


def instead(reply: Reply | bytes) -> Fault:
    """Exactly this answer; bytes stand for a 200 of JSON type."""
    fixed = Reply(reply) if isinstance(reply, bytes) else reply

    async def fault(_request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        return respond(fixed)

    return fault


def spoiled(spoil: Callable[[bytes], bytes], headers: Mapping[str, str] | None = None) -> Fault:
    """The right answer with its body changed."""

    async def fault(_request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        return respond(Reply(spoil(reply.body), reply.status, headers or {}, reply.content_type))

    return fault


def changed(change: Callable[[object], object]) -> Fault:
    """The right answer with its JSON changed."""
    return spoiled(lambda body: json.dumps(change(json.loads(body))).encode())


PAGE = "<html><head><title>Just a moment...</title></head><body>secret-page-text</body></html>"

WRONG_BODIES: Mapping[str, Fault] = {
    "HTML": instead(Reply(PAGE.encode(), 200, {}, "text/html")),
    "empty": instead(b""),
    "blank": instead(b"  \n"),
    "null": instead(b"null"),
    "number": instead(b"42"),
    "text": instead(b'"ok"'),
    "true": instead(b"true"),
    "empty object": instead(b"{}"),
    "list of null": instead(b"[null]"),
    "cut JSON": spoiled(lambda body: body[: max(1, len(body) * 2 // 3)]),
    "two documents": spoiled(lambda body: body + body),
    "duplicate keys": instead(b'{"code": "0", "code": "0", "data": []}'),
    "UTF-16": spoiled(lambda body: body.decode().encode("utf-16")),
    "no UTF-8": instead(b'{"msg": "\xff\xfe"}'),
    "cut gzip": spoiled(
        lambda body: gzip.compress(body)[: len(gzip.compress(body)) // 2], {"Content-Encoding": "gzip"}
    ),
    "no gzip at all": spoiled(lambda body: body, {"Content-Encoding": "gzip"}),
    "deep nesting": instead(b"[" * 100_000 + b"]" * 100_000),
    "deep objects": instead(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
}
"""Answers with status 200 that say nothing. An empty list is not among them: some venues mean it."""

HOSTILE_NUMBERS: Mapping[str, str] = {
    "NaN": "NaN",
    "NaN as text": '"NaN"',
    "Infinity": "Infinity",
    "minus Infinity as text": '"-Infinity"',
    "1e400": "1e400",
    "1e400 as text": '"1e400"',
    "1e999999999": "1e999999999",
    "1e999999999 as text": '"1e999999999"',
    "1e10000000 as text": '"1e10000000"',
    "1e-999999999": "1e-999999999",
    "true": "true",
    "false": "false",
    "blanks": '" 1.5 "',
    "inner blank": '"1 500"',
    "Arabic digits": '"\u0661\u0662"',
    "underscore": '"1_0"',
    "comma": '"1,5"',
    "hexadecimal": '"0x10"',
    "words": '"a lot"',
    "plus": '"+1"',
    "object": '{"amount": "1"}',
    "list": '["1"]',
    "hundred thousand digits": "9" * 100_000,
    "hundred thousand digits as text": '"' + "9" * 100_000 + '"',
}
"""JSON texts that must never become an amount."""


def hostile(raw: str, fields: Collection[str]) -> Fault:
    """The right answer in which every field of these names holds this JSON text instead."""

    def spoil(body: bytes) -> bytes:
        marked = json.dumps(_marked(json.loads(body), frozenset(fields)))
        return marked.replace('"@@"', raw).encode()

    return spoiled(spoil)


def _marked(data: object, fields: frozenset[str]) -> object:
    if isinstance(data, dict):
        return {
            name: "@@" if name in fields and not isinstance(value, dict | list) else _marked(value, fields)
            for name, value in data.items()
        }
    return [_marked(part, fields) for part in data] if isinstance(data, list) else data


def flood(megabytes: int = 100) -> Fault:
    """A body of that size, honestly announced, in blanks before a JSON object."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": JSON})
        response.content_length = megabytes * 1024 * 1024
        await response.prepare(request)
        for _ in range(megabytes * 16):
            await response.write(b" " * 65536)
        return response

    return fault


def gzip_bomb(megabytes: int = 200) -> Fault:
    """A small body that unpacks to that size."""
    return instead(Reply(_bomb(megabytes), 200, {"Content-Encoding": "gzip"}))


def _bomb(megabytes: int) -> bytes:
    """One packed megabyte, repeated: quick to make. The checksum is wrong, but nobody should get that far."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * 1024 * 1024) + packer.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + block * megabytes + packer.flush() + b"\0" * 8


def huge_headers(megabytes: int = 5) -> Fault:
    """Headers of that size; none is longer than 4 kB."""

    async def fault(request: web.BaseRequest, _reply: Reply) -> web.StreamResponse:
        _write(request, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        for number in range(megabytes * 256):
            if _gone(request):
                break
            _write(request, b"X-%d: %s\r\n" % (number, b"a" * 4096))
            await asyncio.sleep(0)
        _write(request, b"Content-Length: 2\r\n\r\n{}")
        return _Written()

    return fault


def long_header(size: int = 9000) -> Fault:
    """The right answer with one header of that length."""

    async def fault(_request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        return respond(Reply(reply.body, reply.status, {"X-Long": "a" * size}, reply.content_type))

    return fault


class _Written(web.StreamResponse):
    """Stands for bytes that were written by hand: aiohttp has nothing to add."""

    def __init__(self) -> None:
        super().__init__()
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def _write(request: web.BaseRequest, data: bytes) -> None:
    if request.transport is not None and not request.transport.is_closing():
        request.transport.write(data)


def _gone(request: web.BaseRequest) -> bool:
    return request.transport is None or request.transport.is_closing()
