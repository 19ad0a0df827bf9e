"""Files that a command names. What cannot be opened is refused in words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from portfolio_bot.cli import outcome


def created(file: Path, *, force: bool) -> int:
    """The descriptor of a file to write, for nobody else to read.

    Args:
        force: also one that is there already; it keeps what it holds until something is written.

    Raises:
        outcome.Refused: it is there already, or cannot be written.
    """
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | (0 if force else os.O_EXCL), 0o600)
    except FileExistsError:
        raise outcome.Refused(f"{file} is there already. Name another file, or say --force to write over it.") from None
    except IsADirectoryError:
        raise outcome.Refused(f"{file} is a folder, not a file.") from None
    except OSError as error:
        raise outcome.Refused(f"{file} cannot be written: {error.strerror}.") from None


@contextmanager
def readable(file: Path) -> Iterator[BinaryIO]:
    """A file to read.

    Raises:
        outcome.Refused: there is none, or it cannot be read.
    """
    try:
        source = file.open("rb")
    except FileNotFoundError:
        raise outcome.Refused(f"{file}: there is no such file.") from None
    except IsADirectoryError:
        raise outcome.Refused(f"{file} is a folder, not a file.") from None
    except OSError as error:
        raise outcome.Refused(f"{file} cannot be read: {error.strerror}.") from None
    with source:
        yield source
