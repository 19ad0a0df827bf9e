"""The process that draws: a real one, as the service starts it."""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio_bot.report.charts.canvas import HEIGHT, WIDTH, Canvas
from portfolio_bot.report.charts.theme import DARK, LIGHT, Theme
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.service import draw_png
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.pictures import ZOOM, Pictures
from tests.report.chart_samples import curve_svg, past, reader

SCRIPT = Path(draw_png.__file__)


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and the rows of an RGBA picture."""
    parts = dict[bytes, bytes]()
    for name, content in draw_png.chunks(png):
        parts[name] = parts.get(name, b"") + content
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    raw, rows, above = zlib.decompress(parts[b"IDAT"]), list[bytes](), bytes(width * 4)
    for number in range(height):
        begin = number * (width * 4 + 1)
        above = _unfiltered(raw[begin], bytearray(raw[begin + 1 : begin + 1 + width * 4]), above)
        rows.append(above)
    return width, height, rows


def _unfiltered(kind: int, row: bytearray, above: bytes) -> bytes:
    if not any(row) and kind in {1, 3, 4} and not any(above):
        return bytes(row)
    for place in range(len(row)) if kind else ():
        left = row[place - 4] if place >= 4 else 0
        corner = above[place - 4] if place >= 4 else 0
        guess = (0, left, above[place], (left + above[place]) // 2, _paeth(left, above[place], corner))[kind]
        row[place] = (row[place] + guess) & 255
    return bytes(row)


def _paeth(left: int, above: int, corner: int) -> int:
    about = left + above - corner
    return min((left, above, corner), key=lambda one: abs(about - one))


def colours(rows: list[bytes]) -> set[str]:
    return {f"#{row[place : place + 3].hex()}" for row in rows for place in range(0, len(row), 4)}


def text_only(theme: Theme, told: str, *, bold: bool = False, width: int = 80, height: int = 60) -> str:
    canvas = Canvas(theme)
    canvas.text((10, 50), told, 40, bold=bold)
    return canvas.svg().replace(f'width="{WIDTH}" height="{HEIGHT}"', f'width="{width}" height="{height}"', 1)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
async def test_a_picture_has_the_colours_of_its_theme(theme: Theme) -> None:
    svg = curve_svg(ChartKind.WORTH, past(90, flows=((30, 3_000.0), (20, -9_000.0))), reader(light=theme is LIGHT))
    width, height, rows = pixels(await Pictures(zoom=0.25).png(svg))
    assert (width, height) == (WIDTH // 4, HEIGHT // 4)
    assert rows[0][:3].hex() == theme.paper[1:]
    assert theme.paper in colours(rows)
    assert any(_near(one, theme.main) for one in colours(rows))
    assert len(colours(rows)) > 50  # letters have soft edges


async def test_a_picture_is_twice_as_fine_as_its_drawing() -> None:
    png = await Pictures().png(text_only(DARK, "45", width=WIDTH, height=HEIGHT))
    assert struct.unpack(">II", png[16:24]) == (WIDTH * ZOOM, HEIGHT * ZOOM) == (2560, 1440)
    assert len(png) < 1_000_000


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("told", ["45,310", "Привет, ёж", "₽€£¥$", "▲▼", "−…·‹›*†", "ąęłžß"])
async def test_the_fonts_are_found(told: str, *, bold: bool) -> None:
    """Without one text vanishes and nobody says a word."""
    _, _, empty = pixels(await Pictures(zoom=1).png(text_only(LIGHT, " ")))
    _, _, rows = pixels(await Pictures(zoom=1).png(text_only(LIGHT, told, bold=bold)))
    assert colours(empty) == {LIGHT.paper}
    assert LIGHT.ink in colours(rows) or len(colours(rows)) > 5


async def test_bands_make_the_same_picture_as_a_whole() -> None:
    import resvg_py

    svg = curve_svg(ChartKind.TWR, past(60), reader())
    fonts = [str(one) for one in sorted((SCRIPT.parent.parent / "report" / "charts" / "fonts").glob("*.ttf"))]

    def draw(part: str) -> bytes:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=part, skip_system_fonts=True, font_files=fonts, font_family="DejaVu Sans", zoom=0.25
            )
        )

    *size, banded = pixels(draw_png.drawn(svg, draw))
    *whole_size, whole = pixels(draw(svg))
    assert size == whole_size
    both = zip(b"".join(banded), b"".join(whole), strict=True)
    differences = [abs(left - right) for left, right in both]
    assert sum(one > 8 for one in differences) < len(differences) / 1000  # soft edges are rounded anew in each band


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4])
def test_the_first_line_of_a_band_no_longer_refers_to_the_one_above(kind: int) -> None:
    line = bytes([kind, *(17 * place % 251 for place in range(48))])
    wanted = _unfiltered(kind, bytearray(line[1:]), bytes(48))
    freed = draw_png.standing_alone(line)
    above = bytes(range(100, 148))
    assert _unfiltered(freed[0], bytearray(freed[1:]), above) == wanted


async def test_no_secret_of_ours_is_in_its_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYBIT_API_SECRET", "hush")
    script = _script(tmp_path, "import os, sys; sys.stderr.write(str(sorted(os.environ))); sys.exit(3)")
    with pytest.raises(UserError):
        await Pictures(script=script).png("<svg/>")
    said = subprocess.run([sys.executable, "-I", "-S", str(script)], env={}, capture_output=True, check=False)
    assert b"BYBIT" not in said.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import sys; sys.exit(1)",
        "raise MemoryError",
        "import os; os.kill(os.getpid(), 9)",
        "print('no picture at all')",
        "",
    ],
)
async def test_a_process_that_fails_is_a_plain_message(
    tmp_path: Path, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UserError) as caught:
        await Pictures(script=_script(tmp_path, code)).png("<svg/>")
    assert str(caught.value) == "The picture could not be drawn. Try again in a minute."
    assert "a picture could not be drawn" in caplog.text


@pytest.mark.parametrize(
    "svg", ["", "no svg", "<svg", '<svg width="1" height="1">', "<svg/>\ud800".replace("\ud800", "")]
)
async def test_what_is_no_picture_is_a_plain_message(svg: str) -> None:
    with pytest.raises(UserError, match="could not be drawn"):
        await Pictures().png(svg)


async def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = _script(tmp_path, f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(UserError):
        await Pictures(script=script, deadline=0.7).png("<svg/>")
    assert time.monotonic() - began < 10
    assert not _alive(int(note.read_text()))


async def test_nobody_waiting_any_more_ends_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = _script(tmp_path, f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    drawing = asyncio.create_task(Pictures(script=script).png("<svg/>"))
    async with asyncio.timeout(20):
        while not note.exists() or not note.read_text():
            await asyncio.sleep(0.01)
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert not _alive(int(note.read_text()))


async def test_one_is_drawn_after_the_other(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = (
        "import sys, time\n"
        f"log = open({str(log)!r}, 'a')\nlog.write('(')\nlog.flush()\ntime.sleep(0.1)\nlog.write(')')\nlog.close()\n"
        "sys.exit(1)"
    )
    pictures = Pictures(script=_script(tmp_path, code))
    await asyncio.gather(*(pictures.png("<svg/>") for _ in range(3)), return_exceptions=True)
    assert log.read_text() == "()()()"


def test_what_draws_imports_next_to_nothing() -> None:
    code = f"import runpy, sys; runpy.run_path({str(SCRIPT)!r}); print(len(sys.modules), 'asyncio' in sys.modules)"
    said = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    count, heavy = said.stdout.split()
    assert heavy == "False"
    assert int(count) < 90


def _near(one: str, other: str) -> bool:
    return all(abs(int(one[place : place + 2], 16) - int(other[place : place + 2], 16)) < 24 for place in (1, 3, 5))


def _script(folder: Path, code: str) -> Path:
    path = folder / "script.py"
    path.write_text(code, encoding="utf-8")
    return path


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def _no_zombies() -> Iterator[None]:
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
