"""How much it moved since the last day close: like with like, and said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.portfolio import Complete, Incomplete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.document import Line
from portfolio_bot.report.numbers import CONTEXT
from portfolio_bot.report.totals import amount_of


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two moments.

    Attributes:
        amount: in the lens's currency; deposits and withdrawals are in it.
        fraction: of the earlier value; None if that was not positive.
        day: the closed day it is counted from.
        without: names of accounts left out, because their value only stands in.
        added: accounts that are new since, with their value in the lens's currency.
        removed: names of accounts that are no more.
    """

    amount: Decimal
    fraction: Decimal | None
    day: date
    without: tuple[str, ...] = ()
    added: tuple[tuple[str, Decimal], ...] = ()
    removed: tuple[str, ...] = ()


def change(lens: Lens, baseline: Portfolio | NavPoint | None) -> Change | None:
    """The change since a day close; None where none can be told.

    A complete total is compared whole, apart from accounts that came or went since: those are no gain and no loss.
    Where a value only stands in, the accounts that answered are compared, which needs the close's own accounts.
    """
    now = lens.portfolio
    if baseline is None or isinstance(now.total_usd, Incomplete):
        return None
    if isinstance(baseline, NavPoint):
        return _since_point(lens, baseline) if isinstance(now.total_usd, Complete) else None
    if not isinstance(baseline.total_usd, Complete):
        return None
    return _since_portfolio(lens, baseline)


def lines(lens: Lens, baseline: Portfolio | NavPoint | None) -> list[Line]:
    """The change in words; nothing where none can be told."""
    found = change(lens, baseline)
    if found is None:
        return []
    voice, numbers = lens.voice, lens.numbers
    amount = numbers.change(found.amount, lens.currency)
    figure = amount if found.fraction is None else f"{amount} ({numbers.percent_change(found.fraction)})"
    yesterday = found.day == numbers.today - timedelta(days=1)
    since = voice.word("since_yesterday") if yesterday else voice.word("since_close", day=numbers.day(found.day))
    told = [Line(f"{figure} {since}")]
    if found.without:
        told = [Line(voice.say("without", names=voice.listed(found.without), figure=figure)), Line(since)]
    told += [
        Line(voice.say("added_since", name=name, value=numbers.money(value, lens.currency)))
        for name, value in found.added
    ]
    if found.removed:
        told.append(Line(voice.say("removed_since", names=voice.listed(found.removed))))
    return told


def _since_point(lens: Lens, point: NavPoint) -> Change | None:
    before = {"USD": point.usd, "RUB": point.rub}.get(lens.currency)
    if before is None:
        return None
    return _change(lens, lens.total, before, _day(lens, point))


def _since_portfolio(lens: Lens, baseline: Portfolio) -> Change | None:
    earlier = RateTable(baseline.rates).factor("USD", lens.currency)
    if isinstance(earlier, Unknown):
        return None
    now = {account.id: account for account in lens.portfolio.accounts if isinstance(account, KnownAccount)}
    then = {account.id: account for account in baseline.accounts if isinstance(account, KnownAccount)}
    answered = {id_ for id_, account in now.items() if _answered(account)}
    both = answered & then.keys()
    if not both:
        return None
    whole = lens.complete and now.keys() == then.keys()
    after = amount_of(lens.portfolio.total_usd) if whole else _sum(lens.portfolio, both)
    before = amount_of(baseline.total_usd) if whole else _sum(baseline, both)
    found = _change(lens, lens.value(after), CONTEXT.multiply(before, earlier), lens.reader.calendar.day(baseline.at))
    return Change(
        found.amount,
        found.fraction,
        found.day,
        without=tuple(account.name for id_, account in now.items() if id_ not in answered),
        added=tuple(
            (account.name, lens.value(account.total.amount))
            for id_, account in now.items()
            if id_ in answered and id_ not in then
        ),
        removed=tuple(account.name for id_, account in then.items() if id_ not in now),
    )


def _change(lens: Lens, after: Decimal, before: Decimal, day: date) -> Change:
    amount = CONTEXT.subtract(after, before)
    return Change(amount, CONTEXT.divide(amount, before) if before > 0 else None, day)


def _answered(account: KnownAccount) -> bool:
    return account.state in {ReadingState.LIVE, ReadingState.CACHED} and not account.provisional_prices


def _sum(portfolio: Portfolio, accounts: set[AccountId]) -> Decimal:
    """What these accounts hold, with the money that left them and is still on its way."""
    held = (a.total.amount for a in portfolio.accounts if isinstance(a, KnownAccount) and a.id in accounts)
    moving = (
        row.value for row in portfolio.in_transit if row.origin in accounts and not isinstance(row.value, Unknown)
    )
    return sum((*held, *moving), Decimal(0))


def _day(lens: Lens, point: NavPoint) -> date:
    """An imported close stands for the end of its day, which is the next one's first instant."""
    return lens.reader.calendar.day(point.at - timedelta(microseconds=1))
