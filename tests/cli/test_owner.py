"""Root becomes the owner of the data before anything there is opened."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from portfolio_bot.cli import owner
from portfolio_bot.cli.outcome import Refused


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """What would have been changed, in order; this process stays who it is."""
    made: list[tuple[str, object]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("setuid", "setgid", "setgroups"):
        monkeypatch.setattr(os, name, lambda value, name=name: made.append((name, value)))
    monkeypatch.setattr(os, "initgroups", lambda user, group: made.append(("initgroups", (user, group))))
    return made


def owned_by(user: int, group: int, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "stat", lambda _: SimpleNamespace(st_uid=user, st_gid=group))
    return Path("data")


def test_root_takes_group_and_user_of_the_folder_for_good(
    calls: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.become_owner(owned_by(54321, 54322, monkeypatch))
    assert calls == [("setgroups", []), ("setgid", 54322), ("setuid", 54321)]


def test_a_named_owner_brings_his_groups(calls: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_name="bot", pw_dir="/var/lib/bot"))
    monkeypatch.setenv("HOME", "/root")
    owner.become_owner(owned_by(991, 992, monkeypatch))
    assert calls == [("initgroups", ("bot", 992)), ("setgid", 992), ("setuid", 991)]
    assert os.environ["HOME"] == "/var/lib/bot"


def test_a_python_that_the_owner_may_not_read_is_named(
    calls: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, _: path != os.__file__)
    with pytest.raises(Refused, match=r"may not read the Python in .*make venv"):
        owner.become_owner(owned_by(54321, 54322, monkeypatch))
    assert ("setuid", 54321) in calls


def test_roots_own_folder_changes_nothing(calls: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    owner.become_owner(owned_by(0, 0, monkeypatch))
    assert calls == []


def test_a_folder_that_is_not_there_changes_nothing(calls: list[tuple[str, object]], tmp_path: Path) -> None:
    owner.become_owner(tmp_path / "none")
    assert calls == []


def test_nobody_but_root_changes(calls: list[tuple[str, object]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    owner.become_owner(owned_by(54321, 54321, monkeypatch))
    assert calls == []
