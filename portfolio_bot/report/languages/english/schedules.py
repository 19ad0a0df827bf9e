"""The words about schedules, in English."""

from __future__ import annotations
