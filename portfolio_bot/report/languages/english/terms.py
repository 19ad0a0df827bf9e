"""Texts that stand in English where they are made need no other words in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TERMS: Final[Mapping[str, str]] = {}
