"""Adding up a partial portfolio by accident does not type-check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
from decimal import Decimal
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio, Unpriced, Valued
from portfolio_bot.model.reading import Reading
"""
ACCIDENTS = {
    "sum of the totals of all accounts": "def f(p: Portfolio) -> object:\n    return [a.total for a in p.accounts]",
    "the value of any total": "def f(p: Portfolio) -> Money:\n    return p.total_usd.value",
    "sum of money from a bare 0": "def f(m: list[Money]) -> object:\n    return sum(m)",
    "the value of an unpriced holding": "def f(h: list[Valued]) -> object:\n    return [row.value for row in h]",
    "the statement of any reading": "def f(r: Reading) -> object:\n    return r.statement.holdings",
    "arithmetic with an unknown total": "def f(p: Portfolio) -> object:\n    return p.total_rub.value.amount * 2",
}


@pytest.mark.timeout(180)
def test_each_accident_is_a_type_error(tmp_path: Path) -> None:
    for position, body in enumerate(ACCIDENTS.values()):
        (tmp_path / f"accident_{position}.py").write_text(HEAD + body + "\n")
    (tmp_path / "fine.py").write_text(
        HEAD + "def f(p: Portfolio) -> Money | None:\n"
        "    return p.total_usd.value if isinstance(p.total_usd, Complete) else None\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), str(tmp_path)],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for position, name in enumerate(ACCIDENTS):
        assert f"accident_{position}.py" in done.stdout, f"{name} type-checks:\n{done.stdout}{done.stderr}"
    assert "fine.py" not in done.stdout
