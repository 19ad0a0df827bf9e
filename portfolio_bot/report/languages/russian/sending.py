"""The words about delivery, in Russian."""

from __future__ import annotations
