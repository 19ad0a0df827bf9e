"""The words in and around pictures, in Russian."""

from __future__ import annotations
