"""The words about who may do what, and how a chat is spoken to, in Russian."""

from __future__ import annotations
