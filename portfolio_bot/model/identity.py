"""Which account of a platform a key opens: told apart without showing or storing its number."""

from __future__ import annotations

from dataclasses import dataclass

ANOTHER = "its key opens another account than before"
"""Detail of the failure of an account that waits for its owner to say whose it is."""

MISSING = "there before, missing from the answer"
"""Ends the detail of the failure of an account that waits for its owner to say what became of one inside it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of a platform, by keyed hashes that can be compared between accounts.

    Attributes:
        login: stands for the account itself.
        main: stands for the one that it is a sub-account of; None for a main account, or if that is not told.
    """

    login: str
    main: str | None = None
