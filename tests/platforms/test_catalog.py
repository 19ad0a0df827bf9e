"""The list of sources and the venue files are about each other."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from portfolio_bot.platforms import venues
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.venue import Role, Venue


def rows() -> list[Venue]:
    modules = [
        importlib.import_module(f"{venues.__name__}.{found.name}") for found in pkgutil.iter_modules(venues.__path__)
    ]
    return [module.VENUE for module in modules if hasattr(module, "VENUE")]


def test_every_venue_file_is_in_the_list_and_every_exchange_has_a_file() -> None:
    exchanges = {spec.source for spec in SOURCES.values() if spec.is_exchange}
    assert sorted(row.source for row in rows()) == sorted(exchanges)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.source)
def test_a_venue_names_its_wallets_once_and_begins_with_one_that_judges_the_key(row: Venue) -> None:
    names = [reader.name for reader in row.wallets] + list(row.not_built)
    assert len(set(names)) == len(names)
    assert row.wallets[0].role is Role.WALLET
    assert row.elsewhere <= set(row.causes)
    assert bool(row.elsewhere) == bool(SOURCES[row.source].regions)
