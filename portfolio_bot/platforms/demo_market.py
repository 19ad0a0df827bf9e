"""A seeded market: the price of an asset at any instant is a pure function of seed, scenario and time.

Layered value noise around a trend, one common factor for all coins and one of their own, so that any instant costs
microseconds and a year of history needs no walk through it. Prices are invented; floats stay inside this file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

_MASK = (1 << 64) - 1
_DAY = 86_400.0
_OCTAVES = ((90.0, 0.11), (31.0, 0.07), (8.3, 0.035), (1.7, 0.016), (0.21, 0.006), (0.013, 0.0018))
"""Period in days, amplitude of the logarithm: from seasons down to a quarter of an hour."""


class Scenario(StrEnum):
    """What the simulated year was like."""

    BULL = "bull"
    BEAR = "bear"
    CRASH = "crash"
    SIDEWAYS = "sideways"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Listed:
    """An asset of the simulated market.

    Attributes:
        base: its price in `currency` about which it moves.
        beta: how strongly it follows the common factor and the scenario's trend.
        own: how much it moves by itself.
        digits: digits after the point of a printed price.
    """

    base: float
    beta: float
    own: float
    digits: int
    currency: str = "USD"


MARKET: dict[str, Listed] = {
    "BTC": Listed(84_200.0, 1.0, 0.25, 1),
    "ETH": Listed(2_960.0, 1.25, 0.4, 2),
    "SOL": Listed(142.0, 1.6, 0.6, 2),
    "XRP": Listed(2.11, 1.3, 0.6, 4),
    "ADA": Listed(0.62, 1.4, 0.6, 4),
    "DOT": Listed(3.94, 1.4, 0.6, 3),
    "LINK": Listed(14.6, 1.4, 0.5, 3),
    "BNB": Listed(845.0, 0.9, 0.4, 1),
    "TON": Listed(1.93, 1.2, 0.6, 4),
    "KCS": Listed(11.2, 0.8, 0.5, 3),
    "USDT": Listed(0.9997, 0.0, 0.0016, 5),
    "USDC": Listed(0.9999, 0.0, 0.0009, 5),
    "SBER": Listed(301.0, 0.15, 0.5, 2, "RUB"),
    "LQDT": Listed(1.96, 0.0, 0.01, 4, "RUB"),
    "VWCE": Listed(141.0, 0.2, 0.25, 2, "EUR"),
    "CSPX": Listed(690.0, 0.25, 0.25, 2),
    "RUB": Listed(80.4, -0.06, 0.12, 4),
    "EUR": Listed(1.152, 0.02, 0.08, 4),
}


@dataclass(frozen=True, slots=True)
class DemoMarket:
    """Prices about an anchor: the moment at which the scenario stands where it wants to be."""

    seed: int
    scenario: Scenario
    anchor: datetime

    def price(self, asset: str, at: datetime) -> Decimal:
        """Price of one unit in the asset's own currency; for RUB roubles per dollar, for EUR dollars per euro."""
        listed = MARKET[asset]
        days = (at - self.anchor).total_seconds() / _DAY
        common = self._noise("market", days) + self._trend(days)
        logarithm = listed.beta * common + listed.own * self._noise(asset, days)
        return Decimal(f"{listed.base * math.exp(logarithm):.{listed.digits}f}")

    def _trend(self, days: float) -> float:
        years = days / 365.0
        match self.scenario:
            case Scenario.BULL:
                return 0.55 * years
            case Scenario.BEAR:
                return -0.75 * years
            case Scenario.CRASH:
                return 0.35 * years - 0.48 * _smooth((days + 2.2) / 2.0)
            case _:
                return 0.04 * years

    def _noise(self, name: str, days: float) -> float:
        start = _start(self.seed, name)
        total = 0.0
        for octave, (period, amplitude) in enumerate(_OCTAVES):
            place = days / period + (start >> 40) % 1000 / 7.0
            cell = math.floor(place)
            left, right = _unit(start + octave, cell), _unit(start + octave, cell + 1)
            total += amplitude * (left + (right - left) * _smooth(place - cell))
        return total


def _smooth(x: float) -> float:
    """0 before 0, 1 after 1, and no corner between."""
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def _hash(one: int, other: int) -> int:
    """splitmix64: a few shifts instead of a generator per point."""
    x = (one * 0x9E3779B97F4A7C15 + other * 0xBF58476D1CE4E5B9 + 0x94D049BB133111EB) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)


@lru_cache(maxsize=256)
def _start(seed: int, name: str) -> int:
    return _hash(seed, sum(ord(letter) * 131**place for place, letter in enumerate(name)))


@lru_cache(maxsize=8192)  # the next instant nearly always lies in the same cells
def _unit(one: int, other: int) -> float:
    """Between -1 and 1."""
    return _hash(one & _MASK, other & _MASK) / float(1 << 63) - 1.0
