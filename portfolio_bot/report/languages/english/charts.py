"""The words in and around pictures, in English."""

from __future__ import annotations
