"""What is wrong with something that somebody typed, and what would be right, in Russian."""

from __future__ import annotations
