"""The words about backups, in English."""

from __future__ import annotations
