"""Run as root beside a service: become the owner of its data before anything there is opened.

Otherwise root's commands would leave files behind that the service cannot write, and root would parse what a service
fetched from the network.
"""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

from portfolio_bot.cli.outcome import Refused


def become_owner(folder: Path) -> None:
    """Take on the user and the group of a folder, for good; nothing happens to anybody but root.

    A folder that is not there, or root's own, changes nothing.

    Raises:
        Refused: that user cannot go on with this Python.
    """
    if os.geteuid() != 0:
        return
    try:
        status = folder.stat()
    except OSError:
        return
    if status.st_uid == 0:
        return
    try:
        user = pwd.getpwuid(status.st_uid)
        os.initgroups(user.pw_name, status.st_gid)
        os.environ["HOME"], os.environ["USER"] = user.pw_dir, user.pw_name
    except KeyError:  # an owner without a name, as in containers
        os.setgroups([])
    os.setgid(status.st_gid)
    os.setuid(status.st_uid)
    if not os.access(os.__file__, os.R_OK):
        raise Refused(
            f"{folder} belongs to another user, who may not read the Python in {sys.base_prefix}. "
            "Install it for the system's own: make clean, then PATH=/usr/bin:/bin make venv."
        )
