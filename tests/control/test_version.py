"""The version is written down twice, because reading a package's metadata would cost every command time."""

from __future__ import annotations

import tomllib
from pathlib import Path

import portfolio_bot


def test_the_package_names_the_version_that_it_is_built_as() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert portfolio_bot.__version__ == project["project"]["version"]
