"""Backups. Files are opened here, with the rights of whoever typed the command."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.files import created, readable
from portfolio_bot.cli.here import Demo, Flag, HereParameter, Json

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings
    from portfolio_bot.storage.restore import Tried

Target = Annotated[Path | None, Parameter(name="FILE", help="A new file for one more copy of it.")]
Force = Annotated[Flag, Parameter(help="Also over a file that is there.")]
Yes = Annotated[Flag, Parameter(help="Do not ask.")]


def backup(
    file: Target = None,
    /,
    *,
    force: Force = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Copy the database beside its work, and check the copy."""
    with _opened(file, force=force) as out:
        settings = here.settings(demo=demo)
        _refuse_an_empty_folder(settings)
        answer = here.carry_out(settings, "backup", {})
        found = answer.get("backup")
        made: Mapping[str, object] = found if isinstance(found, dict) else {}
        if out is not None:
            with Path(str(made["file"])).open("rb") as whole:
                shutil.copyfileobj(whole, out)
    if json:
        here.show_json({**made, "copy": None if file is None else str(file)})
        return outcome.GOOD
    here.show_text(answer.get("text"))
    if file is not None:
        here.show_text(f"{file}: the same.")
    return outcome.GOOD


def restore(
    file: Annotated[Path, Parameter(name="FILE", help="The backup.")],
    /,
    *,
    yes: Yes = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Put a backup in the place of the database; what it replaces is kept."""
    from portfolio_bot.app.restoring import restore as put_back

    with readable(file) as source:
        settings = here.settings(demo=demo)
        here.quiet_log(settings)
        done = here.run(put_back(settings, source, file, lambda found, place: yes or _agreed(file, found, place)))
    if done is None:
        here.show_text("Nothing was changed.")
        return outcome.FAILED
    here.show_text(f"Restored: {done.rows:,} rows, {_newest(done.newest)}.")
    if done.kept is not None:
        here.show_text(f"What was there before lies in {done.kept}.")
    return outcome.GOOD


def _refuse_an_empty_folder(settings: Settings) -> None:
    """A copy of a database that was begun this moment would look like a backup of what is somewhere else."""
    from portfolio_bot.cli.stored import nothing_yet
    from portfolio_bot.control.place import socket_of
    from portfolio_bot.storage.places import place_of

    place = place_of(settings.data_dir, settings.database_url)
    if place.file is None or place.marker is None:
        return
    # a database that was lost is told of by who opens it, a service knows its own
    if not any(one.exists() for one in (place.file, place.marker, socket_of(settings.data_dir))):
        raise outcome.Refused(nothing_yet(settings))


def _agreed(file: Path, found: Tried, place: Path) -> bool:
    if not sys.stdin.isatty():
        raise outcome.Mistyped("Nobody can be asked here: say --yes if the database shall be replaced.")
    outcome.say(f"{file} holds {found.rows:,} rows, {_newest(found.newest)}.")
    outcome.say(f"Put it in the place of {place}? What is there is kept. [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _newest(at: datetime | None) -> str:
    return "no snapshot" if at is None else f"newest snapshot {at:%Y-%m-%d %H:%M} UTC"


@contextlib.contextmanager
def _opened(file: Path | None, *, force: bool) -> Iterator[BinaryIO | None]:
    """The file, opened before this process gives up root's rights; one that could not be filled is not left behind."""
    if file is None:
        yield None
        return
    opened = created(file, force=force)
    filled = False
    try:
        with os.fdopen(opened, "wb") as out:
            yield out
            out.truncate()
            out.flush()
            os.fsync(out.fileno())
            filled = True
    finally:
        if not filled and not force:
            with contextlib.suppress(OSError):
                file.unlink()
