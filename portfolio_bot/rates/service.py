"""The rates of one valuation: for each currency the best source that can be had, with its name and its date.

    all but the rouble   ECB → its rates at Frankfurter → crossed through the Bank of Russia
    rouble               Bank of Russia → its JSON mirror → its rates at Frankfurter
    after that           the last one known up to 4 days old → (rouble: implied by T-Bank, by USDT) → up to 15 days

With provider `CBR` every rate goes the rouble's way. No rate is ever 0 or 1 by default: there is one, or there is none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import aiohttp

from portfolio_bot.model.days import Calendar, Clock
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, RateTable
from portfolio_bot.model.money import Currency
from portfolio_bot.net.door import Door, hosts_of
from portfolio_bot.net.timing import Timing
from portfolio_bot.rates import cbr, ecb, frankfurter
from portfolio_bot.rates.checks import disagree, sane
from portfolio_bot.rates.desk import Desk

log = logging.getLogger(__name__)

LIVE_FOR = 4
"""Days from its date for which a rate is as good as live while its provider is out of reach."""

KNOWN_FOR = 15
"""Days from its date after which a rate is no rate any more."""

ONE_PROVIDER = 5.0
ALL = 12.0
"""Seconds that one provider, and that all of them together, may take."""

_RESORTS = (FxProvider.TBANK, FxProvider.USDT)
_FRANKFURT = Calendar.of("Europe/Berlin")
_OFFICIAL: Mapping[str, str] = {
    "ECB": ecb.OFFICIAL, "CBR": cbr.OFFICIAL, "CBR_MIRROR": cbr.MIRROR, "FRANKFURTER": frankfurter.OFFICIAL,
}  # fmt: skip


class Rates:
    """Asks the providers and remembers.

    Args:
        provider: `ECB`, or `CBR` for everything through the Bank of Russia.
        ttl: how long an answer counts as the newest.
        base_urls: by `ECB`, `CBR`, `CBR_MIRROR`, `FRANKFURTER`; a missing one is the official address.
        stored: the rates that an earlier life remembered.
        at_most: seconds for all providers together.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        provider: Literal["ECB", "CBR"],
        ttl: timedelta,
        base_urls: Mapping[str, str],
        stored: Mapping[Currency, FxRate],
        proxy: str | None = None,
        timing: Timing | None = None,
        at_most: float = ALL,
    ) -> None:
        self._clock = clock
        self._at_most = at_most
        self._last = dict(stored)
        self._work: set[asyncio.Task[None]] = set()
        self._disagreeing = False
        wanted = timing or Timing()
        timing = Timing(min(wanted.total, ONE_PROVIDER), min(wanted.connect, ONE_PROVIDER))
        urls = {**_OFFICIAL, **base_urls}

        def door(name: str) -> Door:
            return Door(session, hosts_of([urls[name]]), clock, timing, proxy)

        self._ecb = Desk(ecb.Ecb(door("ECB"), urls["ECB"]), clock, ttl)
        self._ecb_copy = Desk(
            frankfurter.Frankfurter(door("FRANKFURTER"), urls["FRANKFURTER"], "ECB", clock), clock, ttl
        )
        self._rouble = (
            Desk(cbr.Cbr(door("CBR"), urls["CBR"], clock), clock, ttl, cbr.MOSCOW),
            Desk(cbr.Mirror(door("CBR_MIRROR"), urls["CBR_MIRROR"], clock), clock, ttl, cbr.MOSCOW),
            Desk(
                frankfurter.Frankfurter(door("FRANKFURTER"), urls["FRANKFURTER"], "CBR", clock), clock, ttl, cbr.MOSCOW
            ),
        )
        self._others = self._rouble if provider == "CBR" else (self._ecb, self._ecb_copy, *self._rouble)

    def prefetch(self, currencies: Collection[Currency]) -> None:
        """Begin to ask for what `latest` will want; returns at once."""
        self._start(currencies)

    async def latest(
        self, currencies: Collection[Currency], *, implied: Mapping[FxProvider, Decimal] | None = None
    ) -> RateTable:
        """The newest rates of these currencies and of the rouble. Never raises; takes `at_most` seconds at most.

        Args:
            implied: roubles per dollar by T-Bank's books or by USDT, for when no bank can be asked.
        """
        work = self._start(currencies)
        if work:
            await asyncio.wait(work, timeout=self._at_most)
        self._cross_check()
        wanted = sorted({"RUB", *currencies} - {"USD"})
        return RateTable({currency: self._decide(currency, implied or {}) for currency in wanted})

    def fresh(self) -> Mapping[Currency, FxRate]:
        """The last published rate of each currency ever asked for: what to store."""
        return dict(self._last)

    async def close(self) -> None:
        """End requests that are under way."""
        for task in self._work:
            task.cancel()
        desks = {self._ecb, self._ecb_copy, *self._rouble}
        await asyncio.gather(*(desk.close() for desk in desks), *self._work, return_exceptions=True)

    def _start(self, currencies: Collection[Currency]) -> set[asyncio.Task[None]]:
        """Ask for the rouble and for the others side by side. Whoever asks twice shares the requests."""
        others = frozenset(currencies) - {"RUB", "USD"}
        if self._others is self._rouble:
            walks = [self._walk(self._rouble, others | {"RUB"})]
        else:
            walks = [self._walk(self._rouble, frozenset({"RUB"})), self._walk(self._others, others)]
        started = {asyncio.create_task(walk) for walk in walks}
        self._work |= started
        for task in started:
            task.add_done_callback(self._work.discard)
        return started

    async def _walk(self, desks: Iterable[Desk], wanted: frozenset[Currency]) -> None:
        """Ask one after the other until there is a rate for each currency."""
        missing = set(wanted)
        for desk in desks:
            if not missing:
                return
            if desk is self._ecb_copy and self._ecb.newest() is not None:
                continue  # the bank itself has answered: its copy lists nothing more
            sheet = await desk.ask(missing)
            if sheet is not None:
                missing -= {currency for currency in missing if self._believable(sheet.rate(currency))}

    def _decide(self, currency: Currency, implied: Mapping[FxProvider, Decimal]) -> FxRate | Unknown:
        chain: Sequence[Desk] = self._rouble if currency == "RUB" else self._others
        last = self._last.get(currency)
        for desk in chain:
            sheet = desk.newest({currency})
            rate = sheet.rate(currency) if sheet is not None else None
            if rate is None or not self._believable(rate):
                continue
            if desk is not chain[0] and last is not None and last.date > rate.date and self._age(last) <= LIVE_FOR:
                continue  # a copy that lags behind what the bank itself has said
            self._last[currency] = rate
            return rate
        return self._without_bank(currency, last, implied)

    def _without_bank(
        self, currency: Currency, last: FxRate | None, implied: Mapping[FxProvider, Decimal]
    ) -> FxRate | Unknown:
        """No provider can be asked: how far what is known still serves."""
        if last is not None and self._age(last) <= LIVE_FOR:
            return replace(last, state=FxState.LIVE)
        for provider in _RESORTS if currency == "RUB" else ():
            rate = implied.get(provider)
            if rate is not None and rate.is_finite() and rate > 0:
                return FxRate("USD", "RUB", rate, provider, cbr.MOSCOW.day(self._clock()), FxState.STALE)
        if last is None:
            return Unknown("no_rate", currency)
        if self._age(last) <= KNOWN_FOR:
            return replace(last, state=FxState.STALE)
        return Unknown("no_rate", f"{currency} since {last.date.isoformat()}")

    def _believable(self, rate: FxRate | None) -> bool:
        if rate is None:
            return False
        last = self._last.get("RUB" if rate.quote == "RUB" else rate.base)
        # beyond its days a last rate proves nothing any more, and must not shut out the truth for ever
        return last is None or self._age(last) > KNOWN_FOR or sane(rate, last)

    def _age(self, rate: FxRate) -> int:
        """Days since its date, in its provider's zone."""
        zone = _FRANKFURT if rate.provider is FxProvider.ECB else cbr.MOSCOW
        today: date = zone.day(self._clock())
        return (today - rate.date).days

    def _cross_check(self) -> None:
        """Two banks that disagree about the euro: one line in the log, nothing more, as either may be right."""
        first, second = self._ecb.newest(), self._rouble[0].newest()
        one, other = (sheet.rate("EUR") if sheet is not None else None for sheet in (first, second))
        if one is None or other is None or one.date != other.date:
            return
        disagreeing = disagree(one, other)
        if disagreeing and not self._disagreeing:
            log.warning("rates: EUR/USD is %.4f by the ECB, %.4f by the Bank of Russia", one.rate, other.rate)
        self._disagreeing = disagreeing
