"""Every call that a venue file names exists: ccxt makes its methods from a table, and no type checker knows them."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from portfolio_bot.platforms import venues
from portfolio_bot.platforms.lean_ccxt import exchange_class
from portfolio_bot.platforms.venue import Venue

FOLDER = Path(venues.__path__[0])
NAMES = ("binance", "bybit", "gate", "kraken", "krakenfutures", "kucoin", "mexc", "okx")
METHOD = re.compile(r'"([a-z][a-z0-9]*(?:_[a-z0-9]+)*_(?:get|post)_[a-z0-9_]+)"')


def named(venue: str) -> set[str]:
    """The methods that the files of a venue name."""
    files = [
        path
        for path in FOLDER.glob(f"{venue}*.py")
        if max((name for name in NAMES if path.stem.startswith(name)), key=len) == venue
    ]
    return {method for path in files for method in METHOD.findall(path.read_text())}


@pytest.mark.parametrize("name", NAMES)
def test_every_method_that_is_named_exists(name: str) -> None:
    venue: Venue = importlib.import_module(f"{venues.__name__}.{name}").VENUE
    exchange = exchange_class(venue.ccxt_id)({})
    methods = named(name)
    assert methods
    assert {method for method in methods if not hasattr(exchange, method)} <= set(venue.endpoints)
