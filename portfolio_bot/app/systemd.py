"""Talking to systemd: ready, alive, stopping, and one line of status. Without systemd, silence."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping


class Systemd:
    """The manager that started this process, if it asked to be told.

    Args:
        environment: where `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` stand.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # a leading @ stands for the zero byte of an abstract address, which no path can hold
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.watchdog_seconds = _watchdog(environment)
        """Seconds of silence after which systemd kills us; None if it does not watch."""

    def ready(self) -> None:
        """The service does its work from here on."""
        self._tell("READY=1")

    def alive(self) -> None:
        """Not stuck: to be said more often than `watchdog_seconds`."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def status(self, line: str) -> None:
        """One line for `systemctl status`; it may be read by others, so it never holds a figure."""
        self._tell("STATUS=" + " ".join(line.split()))

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | getattr(socket, "SOCK_CLOEXEC", 0)) as channel:
                channel.setblocking(False)
                channel.sendto(message.encode(), self._address)
        except OSError:
            # a manager that does not listen must not stop the service; its watchdog tells if it was a real one
            return


def _watchdog(environment: Mapping[str, str]) -> float | None:
    """Half-configured or another process's watchdog is none."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1_000_000 if microseconds.isdigit() and int(microseconds) else None
