"""A portfolio as one reader looks at it: in their currency, in their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxRate, FxState, RateTable
from portfolio_bot.model.money import Currency
from portfolio_bot.model.portfolio import (
    AccountValue,
    Complete,
    KnownAccount,
    Portfolio,
    ReadingState,
    UnknownAccount,
)
from portfolio_bot.report.document import Block, Foot, Line, Text, Tone
from portfolio_bot.report.numbers import CONTEXT, NBSP, Numbers
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.statements import closing_day
from portfolio_bot.report.totals import amount_of
from portfolio_bot.report.voice import Voice

STALE: Final = "*"
DATED: Final = "†"
DATED_FROM: Final = timedelta(hours=2)
"""A live value this old is a statement's: it is shown with its day."""

OLD_FROM: Final = timedelta(minutes=10)
"""From here on a report says its age."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A portfolio in the reader's currency; in USD where that currency has no rate.

    Attributes:
        currency: what figures are in.
        factor: of it for one USD.
        lacking: why it is not the currency that the reader wanted; None if it is.
    """

    portfolio: Portfolio
    reader: Reader
    voice: Voice
    currency: Currency
    factor: Decimal
    lacking: Unknown | None = None

    @classmethod
    def of(cls, portfolio: Portfolio, reader: Reader) -> Lens:
        """The lens for a reader."""
        voice = Voice.of(reader)
        factor = RateTable(portfolio.rates).factor("USD", reader.currency)
        if isinstance(factor, Unknown):
            return cls(portfolio, reader, voice, "USD", Decimal(1), factor)
        return cls(portfolio, reader, voice, reader.currency, factor)

    @property
    def numbers(self) -> Numbers:
        """The reader's figures."""
        return self.voice.numbers

    @property
    def watermark(self) -> str:
        """That the accounts are simulated; "" where they are not."""
        return watermark(self.voice, demo=self.portfolio.demo or self.reader.demo)

    @property
    def complete(self) -> bool:
        """Whether the USD total is complete."""
        return isinstance(self.portfolio.total_usd, Complete)

    @property
    def total(self) -> Decimal:
        """Everything known, in the lens's currency."""
        return self.value(amount_of(self.portfolio.total_usd))

    @property
    def portfolio_total(self) -> Decimal:
        """Everything known, USD."""
        return amount_of(self.portfolio.total_usd)

    def value(self, usd: Decimal) -> Decimal:
        """USD in the lens's currency."""
        return usd if self.currency == "USD" else CONTEXT.multiply(usd, self.factor)

    def money(self, usd: Decimal) -> str:
        """`$12,345.67`."""
        return self.numbers.money(self.value(usd), self.currency)

    def bare(self, usd: Decimal) -> str:
        """`12,345.67`."""
        return self.numbers.bare(self.value(usd), self.currency)

    def part(self, usd: Decimal, whole: Decimal) -> str:
        """`12,345.67`; where amounts are hidden, its share of the whole, "" where there is none."""
        return self.numbers.share(usd, whole) if self.numbers.percent_only else self.bare(usd)

    def sorted_known(self) -> list[KnownAccount]:
        """Accounts with a value, the largest first."""
        known = [account for account in self.portfolio.accounts if isinstance(account, KnownAccount)]
        return sorted(known, key=lambda account: -account.total.amount)

    def failed(self) -> list[UnknownAccount]:
        """Accounts without a value, in their order."""
        return [account for account in self.portfolio.accounts if isinstance(account, UnknownAccount)]

    def mark(self, account: KnownAccount) -> str:
        """`*` for a value that stands in, `†` for a statement's."""
        if account.state is ReadingState.STALE or account.provisional_prices:
            return STALE
        return DATED if self.portfolio.at - account.as_of >= DATED_FROM else ""

    def when(self, account: KnownAccount) -> str:
        """The moment its value describes; of a statement the day."""
        day = statement_day(account)
        return self.numbers.moment(account.as_of) if day is None else self.numbers.day(day)

    def since(self, account: AccountValue, failure: Failure) -> str:
        """` since 12:40`; nothing where nobody knows, or where the cause names another moment already."""
        if account.since is None or (failure.kind is FailureKind.RATE_LIMITED and failure.retry_at is not None):
            return ""
        return self.voice.word("since", when=self.numbers.moment(account.since))

    def failure_foot(self, account: AccountValue, failure: Failure) -> tuple[Text, Text]:
        """Cause and mend of an account, without its name: `key refused since 12:40, value of 12:38.`"""
        said = self.voice.failure(account.name, failure, self.reader.guide(account.id))
        since = self.since(account, failure)
        match account:
            case KnownAccount():
                told = self.voice.say("stands_in", cause=said.short, since=since, when=self.when(account))
            case UnknownAccount():
                told = self.voice.say("never_valued", cause=said.short, since=since)
        return told, said.mend

    def closing(self) -> Line:
        """The last line: moment, place, and the rates in use."""
        at = self.portfolio.at
        moment = f"{self.numbers.moment(at)}{NBSP}{place(self.reader.zone_name)}"
        if self.reader.now - at >= OLD_FROM:
            moment = f"{moment}, {self.numbers.age(at)}"
        shown = dict.fromkeys((self.reader.currency, "RUB"))
        rates = [rate for currency in shown if isinstance(rate := self.portfolio.rates.get(currency), FxRate)]
        return Line(" · ".join([moment, *map(self._rate, rates)]), Tone.QUIET)

    def _rate(self, rate: FxRate) -> str:
        told = f"{self.voice.words.providers[rate.provider]}, {self.numbers.day(rate.date)}"
        if rate.state is FxState.STALE:
            told = f"{told}, {self.voice.word('stale_rate')}"
        if rate.quote == "RUB":
            return f"{self.numbers.rate_in(rate.rate, 'RUB')} ({told})"
        return f"{rate.base}/{rate.quote} {self.numbers.rate(rate.rate)} ({told})"


def statement_day(account: KnownAccount) -> date | None:
    """The day that a statement closes; None for an account that is valued at an instant."""
    return closing_day(account.source, account.as_of)


def place(zone_name: str) -> str:
    """`Paris` for `Europe/Paris`."""
    return zone_name.rpartition("/")[2].replace("_", NBSP)


def watermark(voice: Voice, *, demo: bool) -> str:
    """What every output of the demo carries."""
    return voice.word("demo") if demo else ""


def feet(lens: Lens, entries: list[tuple[str, str, Text, Text]]) -> list[Block]:
    """Footnotes of (mark, name, text, mend): names that share mark, text and mend share a footnote."""
    names: dict[tuple[str, Text, Text], list[str]] = {}
    for mark, name, text, mend in entries:
        names.setdefault((mark, text, mend), []).append(name)
    return [
        Foot(mark, lens.voice.say("of_accounts", names=lens.voice.listed(who), text=text), mend)
        for (mark, text, mend), who in names.items()
    ]
