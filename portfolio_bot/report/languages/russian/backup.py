"""The words about backups, in Russian."""

from __future__ import annotations
