"""The lean import gives the very classes that the plain one gives, without the other hundred."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

from portfolio_bot.platforms.catalog import SOURCES

IDS = ("binance", "bybit", "gate", "kraken", "krakenfutures", "kucoin", "mexc", "okx")

COMMON = """
import hashlib, json, logging, sys
logging.basicConfig(level=logging.INFO)
def told(made):
    said = json.dumps(made.describe(), sort_keys=True, default=str)
    calls = sorted(name for name in dir(made) if not name.startswith("_"))
    return [hashlib.sha256(said.encode()).hexdigest(), hashlib.sha256(repr(calls).encode()).hexdigest(), len(calls)]
"""
LEAN = """
from portfolio_bot.platforms.lean_ccxt import exchange_class
print(json.dumps({
    "told": {name: told(exchange_class(name)()) for name in sys.argv[1:]},
    "modules": sorted(name for name in sys.modules if name.startswith("ccxt.async_support.") and name.count(".") == 2),
}))
"""
PLAIN = """
import ccxt.async_support
print(json.dumps({"told": {name: told(getattr(ccxt.async_support, name)()) for name in sys.argv[1:]}}))
"""
STUMBLES = """
import importlib.util
real = importlib.util.module_from_spec
def broken(spec):
    if spec.name == "ccxt.async_support":  # half of the trick is done by then
        importlib.util.module_from_spec = real
        raise AttributeError("this version does it otherwise")
    return real(spec)
importlib.util.module_from_spec = broken
"""


@cache
def run(code: str, *ids: str) -> tuple[dict[str, Any], str]:
    """What another process prints, and its log."""
    done = subprocess.run(
        [sys.executable, "-c", COMMON + code, *ids], capture_output=True, text=True, check=True, timeout=50
    )
    return json.loads(done.stdout), done.stderr


def test_every_venue_describes_itself_as_after_a_plain_import() -> None:
    assert {spec.source for spec in SOURCES.values() if spec.is_exchange} == {
        name.replace("gate", "gateio") for name in IDS
    }
    lean, _ = run(LEAN, *IDS)
    plain, _ = run(PLAIN, *IDS)
    assert lean["told"] == plain["told"]
    assert all(calls > 500 for _, _, calls in lean["told"].values())


def test_only_the_venue_in_use_is_imported() -> None:
    lean, log = run(LEAN, "bybit")
    assert lean["modules"] == ["ccxt.async_support.base", "ccxt.async_support.bybit"]
    assert log == ""


def test_whatever_goes_wrong_leads_to_the_plain_import_with_one_line() -> None:
    fallen, log = run(STUMBLES + LEAN, "bybit")
    plain, _ = run(PLAIN, *IDS)
    assert fallen["told"]["bybit"] == plain["told"]["bybit"]
    assert log.count("\n") == 1
    assert "ccxt is imported whole" in log
    assert "AttributeError" in log
