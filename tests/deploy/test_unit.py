"""The systemd unit: hardened as promised, valid, and with time to stop."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portfolio_bot.app import lifecycle

DEPLOY = Path(__file__).parents[2] / "deploy"
UNIT = DEPLOY / "portfolio-bot.service"
PROGRAM = "/opt/portfolio-bot/.venv/bin/portfolio-bot"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def settings() -> dict[str, list[str]]:
    """`Name=value` lines of the unit, by name."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@needs_systemd
def test_the_exposure_of_the_unit_stays_at_one_point_one() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=11", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@needs_systemd
def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    program = tmp_path / "portfolio-bot"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(PROGRAM, str(program)), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_runs_the_service_in_its_own_folder() -> None:
    unit = settings()
    assert unit["ExecStart"] == [f"{PROGRAM} run"]
    assert unit["WorkingDirectory"] == ["/var/lib/portfolio-bot"]
    assert unit["Environment"] == ["DATA_DIR=/var/lib/portfolio-bot"]
    assert unit["StateDirectory"] == unit["User"] == ["portfolio-bot"]
    assert unit["Type"] == ["notify"]
    assert unit["LoadCredential"] == ["env:/etc/portfolio-bot/env"]


def test_there_is_time_to_stop_in_good_order() -> None:
    needed = lifecycle.INTAKE + lifecycle.HANDLERS + lifecycle.SEND + lifecycle.CLIENTS + lifecycle.DATABASE
    granted = float(settings()["TimeoutStopSec"][0])
    in_container = float(re.findall(r"stop_grace_period: (\d+)s", (DEPLOY / "compose.yaml").read_text("utf-8"))[0])
    assert needed <= 10 < min(granted, in_container)


def test_wrong_settings_are_not_restarted() -> None:
    assert settings()["RestartPreventExitStatus"] == ["2"]


def test_the_user_of_the_unit_is_the_one_that_is_made() -> None:
    lines = [line for line in (DEPLOY / "sysusers.conf").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    kind, name, *_, home, _shell = re.findall(r'"[^"]*"|\S+', lines[0])
    assert (len(lines), kind, name, home) == (1, "u", *settings()["User"], *settings()["WorkingDirectory"])


def test_the_command_beside_the_service_uses_its_folder_and_settings() -> None:
    text = (DEPLOY / "portfolio-bot").read_text(encoding="utf-8")
    assert PROGRAM in text
    assert settings()["WorkingDirectory"][0] in text
    assert settings()["LoadCredential"][0].removeprefix("env:") in text
    assert (DEPLOY / "portfolio-bot").stat().st_mode & 0o111
