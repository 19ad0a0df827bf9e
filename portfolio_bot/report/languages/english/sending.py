"""The words about delivery, in English."""

from __future__ import annotations
