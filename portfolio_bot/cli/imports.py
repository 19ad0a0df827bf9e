"""Taking in what was kept elsewhere. Files are read here, with the rights of whoever typed the command."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.files import readable
from portfolio_bot.cli.here import Demo, Flag, Here, HereParameter, Json

LARGEST_FILE = 10 * 1024 * 1024
MOST_CHANGES = 20
"""Replaced figures that are listed one by one."""

File = Annotated[Path, Parameter(allow_leading_hyphen=True, help="The file; - reads standard input.")]
DryRun = Annotated[Flag, Parameter(help="Only show what would change.")]


def history(
    file: File,
    /,
    *,
    dry_run: DryRun = False,
    separate: Flag = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Take in day closes of earlier years, all or nothing.

    Parameters
    ----------
    separate
        It is the history of something else: our first snapshot does not continue it but counts as added to it.
    """
    return _taken_in(here, "history", file, dry_run=dry_run, json=json, demo=demo, separate=separate)


def flows(
    file: File, /, *, dry_run: DryRun = False, json: Json = False, demo: Demo = False, here: HereParameter
) -> int:
    """Take in deposits, withdrawals and whatever else moved, all or nothing."""
    return _taken_in(here, "flows", file, dry_run=dry_run, json=json, demo=demo)


def trades(
    file: File, /, *, dry_run: DryRun = False, json: Json = False, demo: Demo = False, here: HereParameter
) -> int:
    """Take in what was bought and sold, all or nothing."""
    return _taken_in(here, "trades", file, dry_run=dry_run, json=json, demo=demo)


def prices(
    file: File, /, *, dry_run: DryRun = False, json: Json = False, demo: Demo = False, here: HereParameter
) -> int:
    """Take in what coins and securities were worth, all or nothing."""
    return _taken_in(here, "prices", file, dry_run=dry_run, json=json, demo=demo)


def _taken_in(
    here: Here, what: str, file: Path, *, dry_run: bool, json: bool, demo: bool, separate: bool = False
) -> int:
    content = _content(file)  # before anything else: root's file may not be readable for the data's owner
    settings = here.settings(demo=demo)
    body = {"content": base64.b64encode(content).decode(), "what": what, "dry_run": dry_run, "separate": separate}
    answer = here.carry_out(settings, "import", body)
    found = answer.get("plan")
    plan = found if isinstance(found, dict) else {}
    errors = _rows(plan, "errors")
    if json:
        here.show_json(plan)
    else:
        _say_errors(errors)
        for line in ["Nothing was stored."] if errors else _told(plan, answer, dry_run=dry_run, separate=separate):
            here.show_text(line)
    if str(answer.get("residual") or "0") != "0":
        outcome.say(
            f"⚠ Profit does not add up: {answer['residual']} USD are unexplained. What was imported is stored as the "
            "file says. That is a bug of portfolio-bot: please report it, with the file if you can."
        )
    return outcome.FAILED if errors else outcome.GOOD


def _content(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    with readable(file) as opened:
        return opened.read(LARGEST_FILE + 1)


def _rows(answer: Mapping[str, object], field: str) -> Sequence[Mapping[str, object]]:
    found = answer.get(field)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _say_errors(errors: Iterable[Mapping[str, object]]) -> None:
    for error in errors:
        column = f", {error.get('column')}" if error.get("column") else ""
        value = f'"{error.get("value")}": ' if error.get("value") else ""
        outcome.say(f"line {error.get('line')}{column}: {value}{error.get('reason')}")


def _told(plan: Mapping[str, object], answer: Mapping[str, object], *, dry_run: bool, separate: bool) -> Iterator[str]:
    """What is replaced, what was counted, and how it hangs together with our own history."""
    changes = _rows(answer, "changes")
    for change in changes[:MOST_CHANGES]:
        before, after = change.get("before") or "unknown", change.get("after") or "unknown"
        yield f"{change.get('time')}  {change.get('currency')} {before} → {after}"
    if len(changes) > MOST_CHANGES:
        yield f"… and {len(changes) - MOST_CHANGES} more"
    counts = f"{plan.get('new')} new, {plan.get('changed')} changed, {plan.get('same')} as they were."
    yield f"Would be stored: {counts} Nothing was." if dry_run else f"Stored: {counts}"
    near = plan.get("near")
    if isinstance(near, list) and near:
        more = f" and {len(near) - MOST_CHANGES} more" if len(near) > MOST_CHANGES else ""
        yield (
            "⚠ There already, and perhaps the same under another id: the same asset and amount within an hour: "
            f"{', '.join(map(str, near[:MOST_CHANGES]))}{more}."
        )
    if answer.get("unpriced"):
        assets = answer.get("unpriced_assets")
        names = ", ".join(map(str, assets)) if isinstance(assets, list) else ""
        yield f"Without a value in USD: {answer['unpriced']} ({names}). Give them one: portfolio-bot import prices."
    if separate:
        yield "All imported history is taken for another portfolio's: our first snapshot counts as added to it."
    elif answer.get("was_separate"):
        yield "Our first snapshot continues the imported history from now on; until now it was separate."
