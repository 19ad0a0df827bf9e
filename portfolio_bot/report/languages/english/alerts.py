"""The words about alerts, in English."""

from __future__ import annotations
