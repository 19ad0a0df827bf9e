"""Lines from standard input without a thread and without making it non-blocking, which would spoil the output too."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import AsyncGenerator

_CHUNK = 4096


async def typed_lines(descriptor: int) -> AsyncGenerator[str, None]:
    """Each line as it is entered, without its end; ends with the input.

    A terminal or a pipe is read when it has something to give; a file or an empty device, which no loop can watch, at
    once.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue()

    def readable() -> None:
        chunk = _read(descriptor)
        if not chunk:
            loop.remove_reader(descriptor)
        chunks.put_nowait(chunk)

    watched = True
    try:
        loop.add_reader(descriptor, readable)
    except OSError:
        watched = False
    try:
        async for line in _split(chunks, None if watched else descriptor):
            yield line
    finally:
        if watched:
            loop.remove_reader(descriptor)


async def _split(chunks: asyncio.Queue[bytes], descriptor: int | None) -> AsyncGenerator[str, None]:
    decoder, kept = codecs.getincrementaldecoder("utf-8")("replace"), ""
    while True:
        chunk = await chunks.get() if descriptor is None else _read(descriptor)
        *lines, kept = (kept + decoder.decode(chunk, final=not chunk)).split("\n")
        for line in lines:
            yield line.rstrip("\r")
        if not chunk:
            break
    if kept:
        yield kept


def _read(descriptor: int) -> bytes:
    """What there is; nothing at the end, and where the terminal is gone."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""
