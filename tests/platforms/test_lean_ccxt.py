"""The lean import gives the very classes that the plain one gives, without the other hundred."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

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

UNLOADED = """
from portfolio_bot.platforms.lean_ccxt import exchange_class
for name in sys.argv[1:]:
    made = exchange_class(name)({"apiKey": "key", "secret": "c2VjcmV0", "password": "word"})
    made.hmac(b"what", b"secret", hashlib.sha256)
print(json.dumps([name for name in ("requests", "urllib3", "cryptography") if name in sys.modules]))
"""
PEM = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----"""
SIGNED = """
if sys.argv[1] == "lean":
    from portfolio_bot.platforms.lean_ccxt import exchange_class
    made = exchange_class("binance")()
else:
    import ccxt.async_support
    made = ccxt.async_support.binance()
what, way = sys.argv[3], sys.argv[2]
def rsa_key():
    from random import Random
    from cryptography.hazmat.primitives.asymmetric import rsa
    p, q, e = 2**521 - 1, 2**607 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q))
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    return numbers.private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
print(json.dumps({
    "ed25519": lambda: made.eddsa(b"what", what.encode()),
    "rsa": lambda: made.rsa("what", rsa_key()),
    "rsa pss": lambda: len(made.rsa("what", rsa_key(), "sha256", "pss")),
    "ecdsa": lambda: made.ecdsa("what", "11" * 32, "p256", "sha256"),
}[way](), default=str))
"""


@cache
def run(code: str, *ids: str) -> tuple[Any, str]:
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


def test_ordinary_keys_load_no_library_for_others() -> None:
    assert run(UNLOADED, *IDS) == ([], "")


@pytest.mark.parametrize("way", ["ed25519", "rsa", "rsa pss", "ecdsa"])
def test_a_private_key_signs_as_after_a_plain_import(way: str) -> None:
    assert run(SIGNED, "lean", way, PEM) == run(SIGNED, "plain", way, PEM)
