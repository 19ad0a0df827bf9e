"""How much it moved since the last day close, or in a period, and what moved it: like with like, and said so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from portfolio_bot.analytics.attribution import Explained, explain
from portfolio_bot.analytics.positions import positions, rates
from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import RateTable
from portfolio_bot.model.money import ZERO, Currency
from portfolio_bot.model.portfolio import Complete, Incomplete, KnownAccount, Portfolio, ReadingState
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.compose.performance import (
    Told,
    feet,
    length,
    mark,
    nothing,
    of_the_period,
    percent,
    stretch,
    without,
)
from portfolio_bot.report.document import Foot, Headline, Line, Tone
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.numbers import CONTEXT, Numbers, places_of, rounded
from portfolio_bot.report.totals import amount_of
from portfolio_bot.report.views import Came, Crossed
from portfolio_bot.report.voice import Voice


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two moments.

    Attributes:
        amount: in the lens's currency, without what came in or went out.
        base: the earlier value with what came in since, less what went, in the same.
        day: the closed day it is counted from.
        without: names of accounts left out, because their value only stands in.
        added: accounts that are new since, with their value in the lens's currency.
        removed: names of accounts that are no more.
        paid_in, paid_out: of the accounts that are compared, in the lens's currency; both >= 0.
        parts: what of the amount is no market, by cause: fx, income, fees; None where that cannot be told.
    """

    amount: Decimal
    base: Decimal
    day: date
    without: tuple[str, ...] = ()
    added: tuple[tuple[str, Decimal], ...] = ()
    removed: tuple[str, ...] = ()
    paid_in: Decimal = ZERO
    paid_out: Decimal = ZERO
    parts: Mapping[str, Decimal] | None = None

    @property
    def fraction(self) -> Decimal | None:
        """Of the base; None if that was not positive."""
        return CONTEXT.divide(self.amount, self.base) if self.base > 0 else None


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
    """The change in words, then its parts; nothing where none can be told.

    The first line can stand alone where the reader sees percentages only; it is quiet where no change is told.
    """
    if baseline is not None and any(one.usd is None and one.cause is Came.FLOW for one in crossed):
        return [Line(lens.voice.say("change_unknown"), Tone.QUIET)]
    found = change(lens, baseline, crossed)
    if found is None or (lens.reader.percent_only and found.fraction is None):
        return []
    voice, numbers = lens.voice, lens.numbers
    figure = _figure(numbers, found.amount, lens.currency, found.fraction)
    parts = _parts(voice, found.amount, found.parts, lens.currency, found.base)
    yesterday = found.day == numbers.today - timedelta(days=1)
    since = voice.word("since_yesterday") if yesterday else voice.word("since_close", day=numbers.day(found.day))
    if parts and not lens.reader.percent_only:
        day = voice.word("report_since_yesterday") if yesterday else voice.word("since_day", day=numbers.day(found.day))
        since = voice.word("report_parts_since", since=day, parts=parts)
        told = [Line(figure), Line(since)]
    else:
        told = [Line(f"{figure} {since}"), *([Line(parts)] if parts else [])]
    if found.without:
        told[0] = Line(voice.say("without", names=voice.listed(found.without), figure=figure))
        told[1:] = [Line(since), *([Line(parts)] if parts and lens.reader.percent_only else [])]
    return told + _came_and_went(lens, found)


def over(lens: Lens, view: PerformanceView) -> tuple[list[Line], list[Foot]]:
    """The same of a period: its gain, the parts of it, what came and went, the time-weighted return; and its notes."""
    voice, found, currency = lens.voice, view.figures, view.currency
    if isinstance(found.period, Unknown):
        said = nothing(voice, view.window, currency)
        return [Line(one.text, Tone.QUIET) for one in said if isinstance(one, Headline)], []
    if isinstance(found.profit, Unknown) or view.why is None:
        return [Line(voice.say("change_unknown"), Tone.QUIET)], []
    span = length(voice, found.period.end.at - found.period.start.at)
    fraction = None if isinstance(found.simple_return, Unknown) else found.simple_return.value
    told = list[Line]()
    if fraction is not None or not lens.reader.percent_only:
        figure = _figure(lens.numbers, found.profit.value, currency, fraction)
        told.append(Line(voice.word("in_period", figure=figure, length=span)))
    why, base = view.why.total, CONTEXT.add(found.period.start.value, found.period.net_flows)
    others = {"fx": why.fx, "income": why.income, "fees": why.fees}
    parts = _parts(voice, found.profit.value, others, currency, base)
    told += [Line(parts)] if parts else []
    net = found.period.net_flows
    if net and lens.reader.percent_only:
        told.append(Line(voice.say("report_moved")))
    elif net:
        word = "report_net_in" if net > 0 else "report_net_out"
        told.append(Line(voice.say(word, money=lens.numbers.money(net.copy_abs(), currency))))
    twr = without(found.twr, found.period.notes)
    if not isinstance(twr, Unknown):
        told.append(Line(voice.say("report_return", figure=percent(voice, twr) + mark(twr))))
    if found.period.end.at != lens.portfolio.at:
        told.append(Line(stretch(voice, found.period), Tone.QUIET))
    return told, [*feet(voice, [Told(voice.word("time_weighted"), twr, "")]), *_notes(voice, view.why, found.period)]


def _notes(voice: Voice, why: Explained, period: Period) -> Iterator[Foot]:
    """What is to be known of its parts and of its ends."""
    if why.without_rate:
        yield Foot("", voice.say("no_rate_of", currencies=voice.all_of(why.without_rate)))
    yield from (Foot("", line.text) for line in of_the_period(voice, period))


def _figure(numbers: Numbers, amount: Decimal, currency: Currency, fraction: Decimal | None) -> str:
    """`+$512.40 (+1.14%)`; for whom percentages are all `+1.14%`."""
    if fraction is None:
        return numbers.change(amount, currency)
    told = numbers.percent_change(fraction)
    return told if numbers.percent_only else f"{numbers.change(amount, currency)} ({told})"


def _parts(
    voice: Voice, amount: Decimal, others: Mapping[str, Decimal] | None, currency: Currency, base: Decimal
) -> str:
    """`market +498.10, FX +14.30`: they add up as printed, since the market is what the others leave.

    "" where the market is all there is: that says nothing beyond the change itself.
    """
    if others is None or (voice.numbers.percent_only and base <= 0):
        return ""
    hidden = voice.numbers.percent_only
    places = 4 if hidden else places_of(currency)

    def cut(value: Decimal) -> Decimal:
        return rounded(CONTEXT.divide(value, base) if hidden else value, places)

    told = {name: cut(value) for name, value in others.items()}
    if not any(told.values()):
        return ""
    told = {"market": CONTEXT.subtract(cut(amount), sum(told.values(), ZERO)), **told}
    figure = voice.numbers.percent_change if hidden else lambda value: voice.numbers.bare_change(value, currency)
    return ", ".join(f"{voice.word(_WORDS[name])} {figure(value)}" for name, value in told.items() if value)


_WORDS = {"market": "part_market", "fx": "part_fx", "income": "part_income", "fees": "part_fees"}


def _came_and_went(lens: Lens, found: Change) -> list[Line]:
    """What is no gain and no loss."""
    voice, numbers = lens.voice, lens.numbers
    if lens.reader.percent_only:
        told = [Line(voice.say("report_moved"))] if found.paid_in or found.paid_out else []
        told += [Line(voice.say("report_added", name=name)) for name, _ in found.added]
    else:
        paid = (("paid_in", found.paid_in), ("paid_out", found.paid_out))
        told = [Line(voice.say(word, money=numbers.money(sum_, lens.currency))) for word, sum_ in paid if sum_]
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
    before = CONTEXT.multiply(amount_of(baseline.total_usd) if whole else _sum(baseline, both), earlier)
    ours = [one for one in crossed if whole or one.account in both or one.cause is Came.UNTOLD]
    found = _change(lens, lens.value(after), before, lens.reader.calendar.day(baseline.at), ours)
    return replace(
        found,
        without=tuple(account.name for id_, account in now.items() if id_ not in answered),
        added=tuple(
            (account.name, lens.value(account.total.amount))
            for id_, account in now.items()
            if id_ in answered and id_ not in then
        ),
        removed=tuple(account.name for id_, account in then.items() if id_ not in now),
        parts=_others(lens, baseline if whole else _only(baseline, both), before, ours),
    )


def _others(
    lens: Lens, baseline: Portfolio, before: Decimal, crossed: Sequence[Crossed]
) -> Mapping[str, Decimal] | None:
    """What of a change is no market: exchange rates on what was there at the close, income and fees since."""
    if any(one.cause is Came.UNTOLD for one in crossed):
        return None
    currency = lens.currency
    held = positions(baseline, before, currency)
    drift = explain(held, (), (), rates(baseline, currency), rates(lens.portfolio, currency)).total.fx
    return {"fx": drift, "income": _came(lens, crossed, Came.INCOME), "fees": _came(lens, crossed, Came.FEE)}


def _came(lens: Lens, crossed: Sequence[Crossed], cause: Came) -> Decimal:
    return sum((lens.value(one.usd) for one in crossed if one.cause is cause and one.usd is not None), ZERO)


def _change(lens: Lens, after: Decimal, before: Decimal, day: date, crossed: Sequence[Crossed]) -> Change:
    moved = [lens.value(one.usd) for one in crossed if one.usd is not None and one.cause is Came.FLOW]
    paid_in, paid_out = (sum((amount for amount in way), ZERO) for way in _ways(moved))
    base = CONTEXT.subtract(CONTEXT.add(before, paid_in), paid_out)
    return Change(CONTEXT.subtract(after, base), base, day, paid_in=paid_in, paid_out=paid_out)


def _ways(moved: Sequence[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    return [amount for amount in moved if amount > 0], [-amount for amount in moved if amount < 0]


def _answered(account: KnownAccount) -> bool:
    return account.state in {ReadingState.LIVE, ReadingState.CACHED} and not account.provisional_prices


def _only(portfolio: Portfolio, accounts: set[AccountId]) -> Portfolio:
    """These accounts of it, with the money that left them and is still on its way."""
    return replace(
        portfolio,
        accounts=tuple(account for account in portfolio.accounts if account.id in accounts),
        in_transit=tuple(row for row in portfolio.in_transit if row.origin in accounts),
    )


def _sum(portfolio: Portfolio, accounts: set[AccountId]) -> Decimal:
    """What these accounts hold, with the money that left them and is still on its way."""
    kept = _only(portfolio, accounts)
    held = (account.total.amount for account in kept.accounts if isinstance(account, KnownAccount))
    moving = (row.value for row in kept.in_transit if not isinstance(row.value, Unknown))
    return sum((*held, *moving), Decimal(0))


def _day(lens: Lens, point: NavPoint) -> date:
    """An imported close stands for the end of its day, which is the next one's first instant."""
    return lens.reader.calendar.day(point.at - timedelta(microseconds=1))
