"""Figures that may not exist. `Unknown` has no arithmetic, so forgetting the case is a type error."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a figure cannot be given.

    Attributes:
        reason: a key of `report.words` (`no_rate`, `incomplete`, `too_few_closes`, …).
        detail: what the sentence names (a currency pair, a date).
    """

    reason: str
    detail: str = ""
