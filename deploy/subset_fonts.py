"""Makes the fonts of the pictures anew: a part of DejaVu Sans, and how wide each of its characters is.

    uv run --no-project --with fonttools==4.68.0 python deploy/subset_fonts.py /usr/share/fonts/truetype/dejavu

The folder holds `DejaVuSans.ttf` and `DejaVuSans-Bold.ttf` (2.37: Debian's `fonts-dejavu-core`; also in the wheel of
matplotlib, under `mpl-data/fonts/ttf`). What is written is checked in: neither the bot nor its tests need fonttools.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent.parent / "portfolio_bot" / "report" / "charts"

RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x400, 0x45F), (0x490, 0x491))
FURTHER = "ʼ‐‑‒–—―‘’‚“”„†‡•…‰‹›⁄₽€₺₴₸₹₩₪№™−←↑→↓↗↘≈≠≤≥■□▪▲△▶▼▽◀◆◇●○✓✗\u2009\u202f"
FACES = {"DejaVuSans.ttf": "REGULAR", "DejaVuSans-Bold.ttf": "BOLD"}


def main(source: Path) -> None:
    characters = [code for first, last in RANGES for code in range(first, last + 1)] + [ord(one) for one in FURTHER]
    tables = [
        '"""How wide the characters of the fonts are, in thousandths of their size: `deploy/subset_fonts.py`."""\n',
        "# ruff: noqa: E501\n\nfrom __future__ import annotations\n\nfrom typing import Final",
    ]
    for name, table in FACES.items():
        options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, desubroutinize=True)
        options.drop_tables += ["FFTM", "GDEF", "GPOS", "GSUB"]
        font = TTFont(source / name)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=characters)
        subsetter.subset(font)
        font.save(HERE / "fonts" / name)
        tables.append(_table(table, font))
    (HERE / "widths.py").write_text("\n".join(tables) + "\n", encoding="utf-8")


def _table(name: str, font: TTFont) -> str:
    """Characters by their width: the shortest way to write it down."""
    unit, widths = font["head"].unitsPerEm, font["hmtx"]
    by_width: dict[int, str] = {}
    for code, glyph in sorted(font.getBestCmap().items()):
        width = round(widths[glyph][0] * 1000 / unit)
        by_width[width] = by_width.get(width, "") + chr(code)
    rows = "\n".join(f"    {width}: {chars!a}," for width, chars in sorted(by_width.items()))
    return f"\n# fmt: off\n{name}: Final = {{\n{rows}\n}}\n# fmt: on"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
