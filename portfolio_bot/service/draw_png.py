"""Draws one picture, in a process of its own: `python -I -S draw_png.py FOLDER ZOOM FONT …`, SVG in, PNG out.

It is run as a file, never imported, and imports nothing of this package: so it takes a fifth of a second and 25 MB.
FOLDER is where `resvg_py` is installed. The picture is drawn in bands from the top to the bottom, since a whole one
would stand in memory three times over; the first lines of the SVG tell its size.
"""

from __future__ import annotations

import re
import sys
import zlib

TYPE_CHECKING = False  # `typing` would take longer to import than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY = 400_000_000
"""Bytes of address space: a picture that wants more is broken."""

BANDS = 4
SIGNATURE = b"\x89PNG\r\n\x1a\n"
SUB, UP, AVERAGE, PAETH = 1, 2, 3, 4
PIXEL = 4
"""Bytes: red, green, blue, opacity."""


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG: their names and contents."""
    at = len(SIGNATURE)
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def standing_alone(line: bytes) -> bytes:
    """The first line of pixels of a band, packed so that it does not refer to the one above it.

    In its band there was none, which counts as zeros; in the whole picture there is one.
    """
    own = bytearray(line)
    if own[0] == UP:
        own[0] = 0
    elif own[0] == PAETH:  # of nothing above: what stands left
        own[0] = SUB
    elif own[0] == AVERAGE:
        for place in range(1 + PIXEL, len(own)):
            own[place] = (own[place] + own[place - PIXEL] // 2) & 255
        own[0] = 0
    return bytes(own)


def drawn(svg: str, draw: Callable[[str], bytes]) -> bytes:
    """The PNG of an SVG, band by band.

    Args:
        draw: makes a PNG of an SVG.
    """
    head = re.match(r'<svg [^>]*?width="(\d+)" height="(\d+)"[^>]*>', svg)
    if head is None:
        raise ValueError("no size at the head of the SVG")
    width, height = int(head[1]), int(head[2])
    tall = -(-height // BANDS)
    packed: list[bytes] = []
    packer, size = zlib.compressobj(1, zlib.DEFLATED, 15, 8, zlib.Z_RLE), (0, 0, b"")
    for top in range(0, height, tall):
        part = min(tall, height - top)
        view = f'width="{width}" height="{part}" viewBox="0 {top} {width} {part}"'
        band = draw(head[0].replace(f'width="{width}" height="{height}"', view) + svg[head.end() :])
        parts = list(chunks(band))
        about = next(content for name, content in parts if name == b"IHDR")
        pixels = zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT"))
        del band, parts
        wide, lines = int.from_bytes(about[:4], "big"), int.from_bytes(about[4:8], "big")
        row = 1 + wide * PIXEL
        if about[8:] != b"\x08\x06\0\0\0" or len(pixels) != row * lines:
            raise ValueError("pixels in an unknown form")
        packed += packer.compress(standing_alone(pixels[:row])), packer.compress(memoryview(pixels)[row:])
        size = (wide, size[1] + lines, about[8:])
        del pixels
    packed.append(packer.flush())
    about = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big") + size[2]
    return SIGNATURE + chunk(b"IHDR", about) + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b"")


def main() -> None:
    folder, zoom, *fonts = sys.argv[1:]
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        pass  # a sandbox may forbid even to forbid oneself something
    sys.path.append(folder)
    from resvg_py import svg_to_bytes

    def draw(svg: str) -> bytes:
        made = svg_to_bytes(
            svg_string=svg,
            skip_system_fonts=True,
            font_files=fonts,
            font_family="DejaVu Sans",
            zoom=float(zoom),
        )
        return bytes(made)

    sys.stdout.buffer.write(drawn(sys.stdin.buffer.read().decode(), draw))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
