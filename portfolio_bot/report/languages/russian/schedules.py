"""The words about schedules, in Russian."""

from __future__ import annotations
