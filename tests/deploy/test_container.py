"""The container: what keeps it small and harmless. There is no engine to build it with here, so its lines are read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "read_only: true",
        "tmpfs: [/tmp]",
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        'user: "10001:10001"',
        "pids_limit: 64",
        "mem_limit: 420m",
        "init: true",
        "stop_grace_period: 30s",
        "volumes: [data:/data]",
    ],
)
def test_the_container_is_shut_in(line: str) -> None:
    assert re.search(rf"^    {re.escape(line)}$", COMPOSE, re.MULTILINE)


def test_nothing_is_published_to_other_machines() -> None:
    ports = re.findall(r"ports:(.*)", COMPOSE)
    assert all("127.0.0.1:" in line for line in ports)


def test_secrets_are_files_and_every_file_is_mounted() -> None:
    mounted = set(re.findall(r"_FILE: /run/secrets/(\w+)", COMPOSE))
    granted = set(re.findall(r"\w+", re.findall(r"^    secrets: \[(.*)\]", COMPOSE, re.MULTILINE)[0]))
    made = set(re.findall(r"^  (\w+):\n    file: \./secrets/\1$", COMPOSE, re.MULTILINE))
    assert mounted == granted == made
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_both_stages_stand_on_the_same_slim_base() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert bases[0].endswith("-slim")


def test_the_image_installs_by_the_lock_and_runs_as_nobody() -> None:
    synced = re.findall(r"uv sync (.*)", DOCKERFILE)
    assert all("--locked" in line and "--no-default-groups" in line for line in synced)
    assert "--no-editable" in synced[-1]
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert re.search(r'^HEALTHCHECK .*\["portfolio-bot", "healthcheck"\]$', DOCKERFILE, re.MULTILINE)


def test_no_secret_is_in_a_layer() -> None:
    for line in re.findall(r"^(?:ENV|ARG) (.*)", DOCKERFILE, re.MULTILINE):
        assert not re.search(r"KEY|SECRET|TOKEN|PASS", line)
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == {
        "pyproject.toml", "uv.lock", "README.md", "LICENSE", "portfolio_bot",
    }  # fmt: skip
