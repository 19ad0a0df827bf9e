"""Every screen of the gallery in every language, as a phone shows it: `python -m tests.report.snapshots` rewrites them.

Read what changed before it is committed: `git diff tests/report/snapshots`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from portfolio_bot.report.voice import CATALOGUES
from tests.report import gallery
from tests.report.shown import phone

FOLDER: Final = Path(__file__).parent / "snapshots"
_HEAD: Final = "=== "


@cache
def shown(language: str) -> dict[str, str]:
    """Every screen as it is now, by name."""
    return {name: phone(document) for name, document in gallery.documents(language).items()}


@cache
def stored(language: str) -> dict[str, str]:
    """Every screen as it was when somebody read it last, by name."""
    path = FOLDER / f"{language}.txt"
    parts = path.read_text(encoding="utf-8").split(f"\n{_HEAD}")[1:] if path.exists() else []
    return {name: screen.strip("\n") for name, _, screen in (part.partition("\n") for part in parts)}


def rewrite() -> None:
    """Store what is shown now."""
    FOLDER.mkdir(exist_ok=True)
    for language in CATALOGUES:
        parts = (f"\n{_HEAD}{name}\n{screen}\n" for name, screen in sorted(shown(language).items()))
        (FOLDER / f"{language}.txt").write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
