"""Where a service listens for its own command line."""

from __future__ import annotations

from pathlib import Path

SOCKET_NAME = "control.sock"
POINTER_NAME = "control.path"

LONGEST_PATH = 100
"""Bytes. The address of a Unix socket has 104 to 108 of them, depending on the system; a deep data folder is longer."""

VERSION_HEADER = "Portfolio-Bot-Version"


def socket_of(data_dir: Path) -> Path:
    """Where a client has to knock; nobody may be there."""
    pointer = data_dir / POINTER_NAME
    try:
        return Path(pointer.read_text(encoding="utf-8").strip())
    except OSError:
        return data_dir / SOCKET_NAME
