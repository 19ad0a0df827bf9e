"""Settings are read in an empty folder: no `.env` of the developer's own, no surprise from the machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portfolio_bot.settings import Settings, SettingsError, load

Read = Callable[..., Settings]
Refused = Callable[..., SettingsError]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def read() -> Read:
    """`read("NAME=value", …)`: the settings of an environment; `dotenv` is written as a private `.env` first."""

    def reading(*lines: str, dotenv: str = "", mode: int = 0o600, **options: object) -> Settings:
        if dotenv:
            file = Path(".env")
            file.write_text(dotenv, encoding="utf-8")
            file.chmod(mode)
        return load(dict(line.split("=", 1) for line in lines), container=False, **options)  # type: ignore[arg-type]

    return reading


@pytest.fixture
def refused(read: Read) -> Refused:
    """The error of settings that cannot be used."""

    def refusing(*lines: str, **options: object) -> SettingsError:
        with pytest.raises(SettingsError) as caught:
            read(*lines, **options)
        return caught.value

    return refusing
