"""Files that hold secrets: nobody but their owner may read them."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

LARGEST_FILE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file with secrets may be used.

    Attributes:
        reason: what is wrong and what to type; "" if nothing is.
        fatal: the start is refused.
    """

    reason: str = ""
    fatal: bool = False


def judge(path: Path, *, trusted_owners: Collection[int] = (), container: bool | None = None) -> Verdict:
    """Judge owner and mode of a file that holds a secret.

    Inside a container a file whose mode cannot be changed from there is only warned about.

    Args:
        path: the file; a link is judged by what it leads to.
        trusted_owners: user ids that may own it beside the one that runs this process.
        container: whether this process lives in one; None = look.
    """
    status = path.stat()
    quoted = shlex.quote(str(path))
    if status.st_uid != os.geteuid() and status.st_uid not in trusted_owners:
        reason = (
            f"{path} holds secrets and belongs to {_user(status.st_uid)}: "
            f"chown {_user(os.geteuid())} {quoted} && chmod 600 {quoted}"
        )
    elif status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        reason = f"{path} holds secrets and others can read it: chmod 600 {quoted}"
    else:
        return Verdict()
    inside = in_container() if container is None else container
    return Verdict(reason, fatal=not inside or _can_be_mended(path, status))


def read_text(path: Path) -> str:
    """A small UTF-8 file.

    Raises:
        ValueError: it cannot be read; the text says why, without what stands in it.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file.") from None
    except IsADirectoryError:
        raise ValueError(f"{path} is a folder, not a file.") from None
    except PermissionError:
        raise ValueError(f"{path} may not be read by {_user(os.geteuid())}.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    if len(raw) > LARGEST_FILE:
        raise ValueError(f"{path} is larger than {LARGEST_FILE // 1024} kB: that is no file of settings.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no UTF-8 text: save it again as UTF-8.") from None


def in_container() -> bool:
    """Whether this process lives in a container (Docker, Podman, systemd-nspawn, Kubernetes)."""
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"))
    return any(os.environ.get(name) for name in ("container", "KUBERNETES_SERVICE_HOST")) or any(
        mark.exists() for mark in marks
    )


def _can_be_mended(path: Path, status: os.stat_result) -> bool:
    """Whether a chmod from here would work: not on a read-only mount, and only for the owner or root."""
    read_only = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    return not read_only and os.geteuid() in {0, status.st_uid}


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
