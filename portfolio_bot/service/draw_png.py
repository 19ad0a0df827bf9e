"""Draws one picture, in a process of its own: `python -I -S draw_png.py FOLDER ZOOM FONT …`, SVG in, PNG out.

It is run as a file, never imported, and imports nothing of this package: so it takes a tenth of a second and 20 MB.
FOLDER is where `resvg_py` is installed.
"""

import sys

MEMORY = 400_000_000
"""Bytes of address space: a picture that wants more is broken."""


def main() -> None:
    folder, zoom, *fonts = sys.argv[1:]
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        pass  # a sandbox may forbid even to forbid oneself something
    sys.path.append(folder)
    from resvg_py import svg_to_bytes

    drawn = svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        skip_system_fonts=True,
        font_files=fonts,
        font_family="DejaVu Sans",
        zoom=float(zoom),
    )
    sys.stdout.buffer.write(bytes(drawn))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
