"""A database that was filled by `import` alone, from worked examples: files as people have them, the real commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from portfolio_bot.cli import outcome
from tests.cli.conftest import Command

FILES = {
    "history": "time,total_usd,total_rub",
    "flows": "time,account,kind,asset,amount,usd_value,fee_asset,fee_amount,txid,id,note",
    "trades": "time,account,id,side,base,quote,amount,price,cost,fee_asset,fee_amount,market",
    "prices": "time,asset,usd",
}

Line = Mapping[str, object]


def take_in(command: Command, **files: Sequence[Line]) -> None:
    """Import these rows, by kind of file; a column that a row does not have is empty."""
    for what in ("prices", "history", "flows", "trades"):
        rows = files.get(what, ())
        if not rows:
            continue
        Path(f"{what}.csv").write_text(_csv(FILES[what], rows))
        done = command("import", what, f"{what}.csv", "--json")
        assert done.code == outcome.GOOD, done.out + done.err


def _csv(header: str, rows: Iterable[Line]) -> str:
    columns = header.split(",")
    lines = (",".join(str(row.get(name, "")) for name in columns) for row in rows)
    return "\n".join([header, *lines]) + "\n"


def asked(command: Command, *words: str) -> dict[str, Any]:
    """What a command says as JSON."""
    done = command(*words, "--json")
    assert done.code == outcome.GOOD, done.err
    assert isinstance(done.json, dict)
    return done.json
