"""European Central Bank: euro reference rates, on banking days around 16:00. No rouble since March 2022."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from portfolio_bot.model.exact import exact
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.money import Currency
from portfolio_bot.net.door import Door
from portfolio_bot.rates.base import Sheet, Worth, bad, refuse_status

OFFICIAL = "https://www.ecb.europa.eu"
DAILY = "/stats/eurofxref/eurofxref-daily.xml"

CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


class Ecb:
    """The daily file."""

    name = FxProvider.ECB
    whole = True

    def __init__(self, door: Door, base_url: str) -> None:
        self._door = door
        self._address = f"{base_url.rstrip('/')}{DAILY}"

    async def fetch(self, currencies: Collection[Currency]) -> Sheet:
        """All currencies of the newest day."""
        answer = await self._door.request("GET", self._address)
        refuse_status(answer.status)
        return parse(answer.body)


def parse(body: bytes) -> Sheet:
    """The newest day of a reference-rate file: units of each currency for one euro.

    Raises:
        SourceError: `bad_answer`: no such file, or no rate of the dollar. Another row that is malformed is left out.
    """
    try:
        root = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise bad("no XML") from None
    days = [cube for cube in root.iter(CUBE) if cube.get("time")]
    if not days:
        raise bad("no day in the file")
    newest = max(days, key=lambda cube: cube.get("time", ""))
    try:
        day = date.fromisoformat(newest.get("time", ""))
    except ValueError:
        raise bad("a date that is none") from None
    worth: dict[Currency, Worth] = {}
    for row in newest.iter(CUBE):
        currency, rate = row.get("currency"), _rate(row.get("rate"))
        if currency and currency != "RUB" and rate is not None:
            worth[currency] = (Decimal(1), rate)
    if "USD" not in worth:
        raise bad("no rate of the dollar")
    return Sheet(FxProvider.ECB, day, "EUR", worth)


def _rate(text: str | None) -> Decimal | None:
    try:
        rate = exact(text)
    except ValueError:
        return None
    return rate if rate > 0 else None
