"""Settings for a whole program on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from portfolio_bot.settings import Settings, load

KEY = {"BYBIT_API_KEY": "loopback-key-1234567", "BYBIT_API_SECRET": "loopback-secret-1234567"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def settings(data_dir: Path, env: Mapping[str, str] | None = None, *, demo: bool = False) -> Settings:
    """As the program reads them, from this environment alone."""
    nothing = data_dir.parent / "no.env"
    nothing.touch(mode=0o600)
    return load(dict(env or {}), env_file=nothing, data_dir=data_dir, demo=demo, container=False)


def addresses(bybit: str, fx: str) -> dict[str, str]:
    """Everything that is asked about money, moved to loopback."""
    names = ("KRAKEN", "OKX", "ECB", "CBR", "CBR_MIRROR", "FRANKFURTER")
    return {"BYBIT_BASE_URL": bybit, **{f"{name}_BASE_URL": fx for name in names}}
