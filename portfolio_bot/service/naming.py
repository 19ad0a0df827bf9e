"""Which account somebody means who typed a name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.errors import UserError


def account_named(typed: str, names: Mapping[AccountId, str]) -> AccountId:
    """The account of an id or a shown name, in whatever case.

    Args:
        names: shown names.

    Raises:
        UserError: there is none; it tells which was most likely meant, and those that there are.
    """
    wanted = typed.strip().casefold()
    found = next((id_ for id_, name in names.items() if wanted in {id_.casefold(), name.casefold()}), None)
    if found is not None:
        return found
    near = difflib.get_close_matches(wanted, names, n=1)
    if near:
        raise UserError(typed, "no_account_like_it", near=near[0], yours=", ".join(names))
    raise UserError(typed, "no_account" if names else "no_account_yet", yours=", ".join(names))


LONGEST_ASSET = 64


def asset_named(typed: str) -> Asset | None:
    """The asset that somebody writes so; None if no asset can have that name.

    Most names are in capitals, whatever people type; one that mixes them is itself (`kSHIB`, `stETH`).
    """
    if not 0 < len(typed) <= LONGEST_ASSET or not typed.isprintable() or not any(map(str.isalnum, typed)):
        return None
    return typed.upper() if typed in {typed.lower(), typed.capitalize()} else typed
