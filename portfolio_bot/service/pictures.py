"""SVG becomes PNG in a process of its own.

Drawing holds the interpreter for a tenth of a second: in the loop, or in a thread, everything else would stand still
that long. The process ends with its picture, and its memory with it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import sys
from functools import cache
from pathlib import Path
from typing import Final

from portfolio_bot.report import charts
from portfolio_bot.service.errors import UserError

log = logging.getLogger(__name__)

ZOOM: Final = 2
"""Pixels of the picture for one of the drawing: 2560 x 1440, sharp on a phone."""

DEADLINE: Final = 15.0
AT_ONCE: Final = 1
LARGEST: Final = 5_000_000
"""Bytes of SVG: far more than any picture of ours has."""

_SCRIPT: Final = Path(__file__).with_name("draw_png.py")
_FONTS: Final = Path(charts.__file__).parent / "fonts"
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class Pictures:
    """Draws, one picture at a time; who comes meanwhile waits.

    Args:
        deadline: seconds for one picture, from the start of its process.
        script: what draws it; another one in tests.
        zoom: pixels for one of the drawing.
    """

    def __init__(self, *, deadline: float = DEADLINE, script: Path = _SCRIPT, zoom: float = ZOOM) -> None:
        self._deadline, self._script, self._zoom = deadline, script, zoom
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def png(self, svg: str) -> bytes:
        """The picture.

        Raises:
            UserError: it could not be drawn; why stands in the log.
        """
        body = svg.encode()
        if len(body) > LARGEST:
            raise self._failed(f"an SVG of {len(body)} bytes")
        async with self._turn:
            try:
                async with asyncio.timeout(self._deadline):
                    return await self._drawn(body)
            except TimeoutError:
                raise self._failed(f"no picture within {self._deadline:g} s") from None
            except OSError as error:  # no process, no memory, no program
                raise self._failed(str(error)) from error

    async def _drawn(self, body: bytes) -> bytes:
        """Hand it over and wait; a process that nobody waits for any more is ended."""
        process = await asyncio.create_subprocess_exec(
            *_command(self._script, self._zoom),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={},  # no secret of ours has anything to do there
            cwd="/",
        )
        try:
            drawn, complaint = await process.communicate(body)
        finally:
            if process.returncode is None:
                process.kill()
                await asyncio.shield(process.wait())
        if process.returncode or not drawn.startswith(_PNG):
            told = complaint.decode(errors="replace").strip().rpartition("\n")[2][:200]
            raise self._failed(f"exit code {process.returncode}: {told}")
        return drawn

    @staticmethod
    def _failed(why: str) -> UserError:
        log.warning("a picture could not be drawn: %s", why)
        return UserError("", "chart_not_drawn")


@cache
def _command(script: Path, zoom: float) -> tuple[str, ...]:
    """What draws: without the site, which alone would import for a tenth of a second.

    Raises:
        OSError: what draws is not installed.
    """
    found = importlib.util.find_spec("resvg_py")
    if found is None or found.origin is None:
        raise FileNotFoundError("resvg_py is not installed")
    fonts = [str(_FONTS / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    return (sys.executable, "-I", "-S", str(script), str(Path(found.origin).parent.parent), str(zoom), *fonts)
