"""Taking in what was kept elsewhere. Files are read here, with the rights of whoever typed the command."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, Flag, HereParameter, Json

LARGEST_FILE = 10 * 1024 * 1024


def history(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    dry_run: Flag = False,
    separate: Flag = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Take in day closes of earlier years, all or nothing.

    Parameters
    ----------
    file
        The file; - reads standard input.
    dry_run
        Only show what would change.
    separate
        It is the history of something else: our first snapshot does not continue it but counts as added to it.
    """
    content = _content(file)  # before anything else: root's file may not be readable for the data's owner
    settings = here.settings(demo=demo)
    body = {"content": base64.b64encode(content).decode(), "dry_run": dry_run, "separate": separate}
    answer = here.carry_out(settings, "import", body)
    found = answer.get("errors")
    errors = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    if json:
        here.show_json(answer)
    else:
        _say_errors(errors)
        print(_counted(answer, dry_run=dry_run, errors=len(errors)))
    return outcome.FAILED if errors else outcome.GOOD


def _content(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(LARGEST_FILE + 1)
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise outcome.Refused(f"{file} cannot be read: {error.strerror}.") from None


def _say_errors(errors: Iterable[Mapping[str, object]]) -> None:
    for error in errors:
        column = f", {error.get('column')}" if error.get("column") else ""
        value = f'"{error.get("value")}": ' if error.get("value") else ""
        outcome.say(f"line {error.get('line')}{column}: {value}{error.get('reason')}")


def _counted(answer: Mapping[str, object], *, dry_run: bool, errors: int) -> str:
    if errors:
        return "Nothing was stored."
    counts = f"{answer.get('new')} new, {answer.get('changed')} changed, {answer.get('same')} as they were"
    return f"It would be {counts}; nothing was stored." if dry_run else f"Stored: {counts}."
