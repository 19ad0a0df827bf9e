"""The words about alerts, in Russian."""

from __future__ import annotations
