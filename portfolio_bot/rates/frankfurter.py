"""Frankfurter: a public copy of many banks' rates. The bank is always named: without it the rate is a blend of all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

import yarl

from portfolio_bot.model.days import Clock
from portfolio_bot.model.exact import exact
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.money import Currency
from portfolio_bot.net.door import Door
from portfolio_bot.net.strict import strict_json
from portfolio_bot.rates.base import Sheet, Worth, bad, refuse_status
from portfolio_bot.rates.cbr import MOSCOW

OFFICIAL = "https://api.frankfurter.dev"
RATES = "/v2/rates"

_ANCHORS: dict[str, Currency] = {"ECB": "EUR", "CBR": "USD"}
"""What each bank's rates are asked in. The rouble's would be rounded to a few digits the other way round."""


class Frankfurter:
    """The rates of one bank there."""

    name = FxProvider.FRANKFURTER
    whole = False

    def __init__(self, door: Door, base_url: str, bank: str, clock: Clock) -> None:
        self._door = door
        self._address = yarl.URL(f"{base_url.rstrip('/')}{RATES}")
        self._bank = bank
        self._clock = clock

    async def fetch(self, currencies: Collection[Currency]) -> Sheet:
        """The newest day that is valid already."""
        anchor = _ANCHORS[self._bank]
        quotes = ",".join(sorted({*currencies, "USD"} - {anchor}))
        query = {"base": anchor, "quotes": quotes, "providers": self._bank}
        today = MOSCOW.day(self._clock())
        sheet = await self._ask(query, anchor)
        if sheet.date > today:  # the Bank of Russia sets tomorrow's rate in the afternoon
            sheet = await self._ask({**query, "date": today.isoformat()}, anchor)
        if sheet.date > today:
            raise bad("a rate for a day that is yet to come")
        return sheet

    async def _ask(self, query: dict[str, str], anchor: Currency) -> Sheet:
        answer = await self._door.request("GET", self._address.with_query(query))
        refuse_status(answer.status)
        return parse(answer.body, anchor)


def parse(body: bytes, anchor: Currency) -> Sheet:
    """Rows of `date base quote rate`: units of `quote` for one `base`. Of several days the newest counts.

    Raises:
        SourceError: `bad_answer`: no rows of that base.
    """
    data = strict_json(body)
    days: dict[date, dict[Currency, Worth]] = {}
    for row in data if isinstance(data, list) else [data]:
        if not isinstance(row, dict) or row.get("base") != anchor or not isinstance(row.get("quote"), str):
            continue
        try:
            day, rate = date.fromisoformat(str(row.get("date"))), exact(row.get("rate"))
        except ValueError:
            continue
        if rate > 0:
            days.setdefault(day, {})[row["quote"]] = (Decimal(1), rate)
    if not days:
        raise bad("no rates")
    newest = max(days)
    return Sheet(FxProvider.FRANKFURTER, newest, anchor, days[newest])
