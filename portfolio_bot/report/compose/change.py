"""How much it moved since the last day close: like with like, and said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Complete, Incomplete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.document import Line, Tone
from portfolio_bot.report.numbers import CONTEXT
from portfolio_bot.report.totals import amount_of
from portfolio_bot.report.views import Crossed


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two moments.

    Attributes:
        amount: in the lens's currency, without what came in or went out.
        fraction: of the earlier value and of what came in since, less what went; None if that was not positive.
        day: the closed day it is counted from.
        without: names of accounts left out, because their value only stands in.
        added: accounts that are new since, with their value in the lens's currency.
        removed: names of accounts that are no more.
        paid_in, paid_out: of the accounts that are compared, in the lens's currency; both >= 0.
    """

    amount: Decimal
    fraction: Decimal | None
    day: date
    without: tuple[str, ...] = ()
    added: tuple[tuple[str, Decimal], ...] = ()
    removed: tuple[str, ...] = ()
    paid_in: Decimal = ZERO
    paid_out: Decimal = ZERO


def change(lens: Lens, baseline: Portfolio | NavPoint | None, crossed: Sequence[Crossed] = ()) -> Change | None:
    """The change since a day close; None where none can be told.

    A complete total is compared whole, apart from accounts that came or went since: those are no gain and no loss.
    Where a value only stands in, the accounts that answered are compared, which needs the close's own accounts.
    """
    now = lens.portfolio
    if baseline is None or isinstance(now.total_usd, Incomplete):
        return None
    if isinstance(baseline, NavPoint):
        return _since_point(lens, baseline, crossed) if isinstance(now.total_usd, Complete) else None
    if not isinstance(baseline.total_usd, Complete):
        return None
    return _since_portfolio(lens, baseline, crossed)


def lines(lens: Lens, baseline: Portfolio | NavPoint | None, crossed: Sequence[Crossed] = ()) -> list[Line]:
    """The change in words; nothing where none can be told."""
    if baseline is not None and any(one.usd is None for one in crossed):
        return [Line(lens.voice.say("change_unknown"), Tone.QUIET)]
    found = change(lens, baseline, crossed)
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
    paid = [(word, amount) for word, amount in (("paid_in", found.paid_in), ("paid_out", found.paid_out)) if amount]
    told += [Line(voice.say(word, money=numbers.money(amount, lens.currency))) for word, amount in paid]
    told += [
        Line(voice.say("added_since", name=name, value=numbers.money(value, lens.currency)))
        for name, value in found.added
    ]
    if found.removed:
        told.append(Line(voice.say("removed_since", names=voice.listed(found.removed))))
    return told


def _since_point(lens: Lens, point: NavPoint, crossed: Sequence[Crossed]) -> Change | None:
    before = {"USD": point.usd, "RUB": point.rub}.get(lens.currency)
    if before is None:
        return None
    return _change(lens, lens.total, before, _day(lens, point), crossed)


def _since_portfolio(lens: Lens, baseline: Portfolio, crossed: Sequence[Crossed]) -> Change | None:
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
    ours = [one for one in crossed if whole or one.account in both]
    day = lens.reader.calendar.day(baseline.at)
    found = _change(lens, lens.value(after), CONTEXT.multiply(before, earlier), day, ours)
    return replace(
        found,
        without=tuple(account.name for id_, account in now.items() if id_ not in answered),
        added=tuple(
            (account.name, lens.value(account.total.amount))
            for id_, account in now.items()
            if id_ in answered and id_ not in then
        ),
        removed=tuple(account.name for id_, account in then.items() if id_ not in now),
    )


def _change(lens: Lens, after: Decimal, before: Decimal, day: date, crossed: Sequence[Crossed]) -> Change:
    moved = [lens.value(one.usd) for one in crossed if one.usd is not None]
    paid_in, paid_out = (sum((amount for amount in way), ZERO) for way in _ways(moved))
    base = CONTEXT.subtract(CONTEXT.add(before, paid_in), paid_out)
    amount = CONTEXT.subtract(after, base)
    fraction = CONTEXT.divide(amount, base) if base > 0 else None
    return Change(amount, fraction, day, paid_in=paid_in, paid_out=paid_out)


def _ways(moved: Sequence[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    return [amount for amount in moved if amount > 0], [-amount for amount in moved if amount < 0]


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
