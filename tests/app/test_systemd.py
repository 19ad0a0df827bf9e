"""sd_notify, against a real socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio_bot.app.systemd import Systemd


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        address = str(tmp_path / "notify")
        listening.bind(address)
        listening.settimeout(2)
        yield listening, address


def test_each_word_reaches_the_manager(manager: tuple[socket.socket, str]) -> None:
    listening, address = manager
    systemd = Systemd({"NOTIFY_SOCKET": address})
    systemd.ready()
    systemd.alive()
    systemd.stopping()
    assert [listening.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_status_is_one_line(manager: tuple[socket.socket, str]) -> None:
    listening, address = manager
    Systemd({"NOTIFY_SOCKET": address}).status("9 accounts,\nREADY=1")
    assert listening.recv(100) == b"STATUS=9 accounts, READY=1"


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="abstract addresses are Linux's")
def test_an_abstract_address_is_understood() -> None:
    name = f"portfolio-bot-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name)
        listening.settimeout(2)
        Systemd({"NOTIFY_SOCKET": "@" + name}).ready()
        assert listening.recv(100) == b"READY=1"


def test_without_systemd_nothing_happens() -> None:
    Systemd({}).ready()
    Systemd({"NOTIFY_SOCKET": "/nowhere/at/all"}).ready()


def test_the_watchdog_is_ours_only_if_it_names_us() -> None:
    assert Systemd({"WATCHDOG_USEC": "60000000"}).watchdog_seconds == 60
    assert Systemd({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}).watchdog_seconds == 60
    assert Systemd({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}).watchdog_seconds is None
    assert Systemd({"WATCHDOG_USEC": "soon"}).watchdog_seconds is None
