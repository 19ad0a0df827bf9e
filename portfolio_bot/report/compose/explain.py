"""Where a figure comes from, step by step: what a pocket calculator needs to find it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.borders import BorderCause
from portfolio_bot.analytics.shares import exactly
from portfolio_bot.model.figure import Known, Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import FxRate, PriceSource
from portfolio_bot.model.portfolio import Complete, InTransit, KnownAccount, Portfolio, Priced, UnknownAccount
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.compose.performance import NOTED, headline, length, moment, percent, stretch
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Tone,
)
from portfolio_bot.report.explain_views import Counted, Paid, TwrView, XirrView
from portfolio_bot.report.layout import foreign
from portfolio_bot.report.numbers import NBSP, rounded
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.stretches import Stretch, between_flows, by_day
from portfolio_bot.report.voice import Voice

ROWS_PER_PAGE: Final = 14
_BELOW: Final = Column(below=True)
_WIDE_FROM: Final = 70
_MOST_ROWS: Final = 31
_BORDERS: Final = {
    BorderCause.READABLE: "border_readable",
    BorderCause.GONE: "border_gone",
    BorderCause.OPENED: "border_opened",
    BorderCause.CLOSED: "border_closed",
    BorderCause.PRICED: "border_priced",
    BorderCause.UNPRICED: "border_unpriced",
    BorderCause.MOVED: "border_moved",
}
"""Rows of single days; with more, all between two flows is one row."""

SOURCES: Final[Mapping[str, str]] = {
    str(PriceSource.VENUE_VALUE): "by_venue_value",
    str(PriceSource.VENUE_TICKER): "by_venue_ticker",
    str(PriceSource.FX): "by_fx",
    str(PriceSource.KNOWN_BEFORE): "by_known_before",
    str(PriceSource.ASSUMED_PAR): "by_assumed_par",
    "imported": "by_imported",
    "live": "by_live",
}


def which(reader: Reader) -> Document:
    """What can be explained."""
    voice = Voice.of(reader)
    return said(
        reader,
        Headline(voice.say("explain_what")),
        Line(voice.say("explain_choices", command=reader.command("explain"))),
    )


def nothing(reader: Reader) -> Document:
    """Nothing is stored yet."""
    return said(reader, Headline(Voice.of(reader).say("explain_nothing")))


def imported_total(point: NavPoint, reader: Reader) -> Document:
    """The newest total of a history from elsewhere."""
    voice = Voice.of(reader)
    totals = [(point.usd, "USD"), (point.rub, "RUB")]
    figures = [voice.numbers.money(value, currency) for value, currency in totals if value is not None]
    phrase = "imported_total_hidden" if reader.percent_only else "imported_total"
    return said(
        reader,
        Headline(voice.say(phrase, figure=voice.all_of(figures), when=moment(voice, point.at))),
        Line(voice.say("imported_total_alone"), Tone.QUIET),
    )


def total(portfolio: Portfolio, reader: Reader) -> Document:
    """The newest total: each row's amount × price, added up by account, with sources and ages."""
    lens = Lens.of(portfolio, reader)
    voice = lens.voice
    sign = "" if isinstance(portfolio.total_usd, Complete) else NOTED
    figure = voice.numbers.money(lens.portfolio_total, "USD") + sign
    hidden = reader.percent_only
    blocks: list[Block] = [Headline(voice.say("total_hidden" if hidden else "total_explained", figure=figure))]
    for account in lens.sorted_known():
        value = voice.numbers.money(account.total.amount, "USD")
        told = (Foreign(account.name),) if hidden else voice.say("account_explained", name=account.name, value=value)
        blocks.append(Heading(told))
        blocks += in_pages([_holding(voice, row) for row in account.holdings if isinstance(row, Priced)], _HOLDINGS)
        blocks += _stands_in(lens, account)
    for failed in lens.failed():
        blocks += _stands_in(lens, failed)
    blocks += _on_the_way(lens, portfolio.in_transit)
    unpriced = [
        _so_much(voice, row.amount, row.asset)
        for account in lens.sorted_known()
        for row in account.holdings
        if not isinstance(row, Priced)
    ]
    if unpriced:
        blocks += [Gap(), Line(voice.say("without_price", assets=(Foreign(", ".join(unpriced)),)), Tone.QUIET)]
    return said(reader, *blocks, Gap(), *_in_roubles(lens), *_rates(lens), *hint(voice, "total"))


_HOLDINGS: Final = (NAME, _BELOW, _BELOW, _BELOW, FIGURE)


def _so_much(voice: Voice, amount: Decimal, asset: str) -> str:
    """`1.5 SOL`; the coin alone where amounts are hidden."""
    return asset if voice.numbers.percent_only else f"{voice.numbers.amount(amount)}{NBSP}{asset}"


def _holding(voice: Voice, row: Priced) -> Row:
    price = voice.numbers.price(row.price)
    return Row((
        Cell(row.asset, foreign=True),
        Cell(price if voice.numbers.percent_only else f"{voice.numbers.amount(row.amount)} × {price}"),
        Cell(source_of(voice, str(row.source)), foreign=True),
        Cell(voice.numbers.moment(row.as_of)),
        Cell(voice.numbers.bare(row.value, "USD")),
    ))  # fmt: skip


def source_of(voice: Voice, source: str) -> str:
    """Where a price came from."""
    return voice.word(SOURCES[source]) if source in SOURCES else source


def _stands_in(lens: Lens, account: KnownAccount | UnknownAccount) -> Iterator[Block]:
    if account.failure is None:
        return
    told, _ = lens.failure_foot(account, account.failure)
    yield Line((f"{account.name}: ", *((told,) if isinstance(told, str) else told)), Tone.ALERT)


def _on_the_way(lens: Lens, rows: Sequence[InTransit]) -> Iterator[Block]:
    if not rows:
        return
    voice, names = lens.voice, {account.id: account.name for account in lens.portfolio.accounts}
    yield Heading(voice.say("on_the_way"))
    yield Table(
        (NAME, _BELOW, FIGURE),
        tuple(
            Row((
                Cell(_so_much(voice, row.amount, row.asset), foreign=True),
                Cell(_way(voice, names.get(row.origin, row.origin), row), foreign=True),
                Cell(
                    voice.word("value_unknown")
                    if isinstance(row.value, Unknown)
                    else voice.numbers.bare(row.value, "USD")
                ),
            ))
            for row in rows
        ),
        wide_from=_WIDE_FROM,
    )  # fmt: skip


def _way(voice: Voice, origin: str, row: InTransit) -> str:
    return voice.word("way_of", origin=origin, when=voice.numbers.moment(row.since))


def _in_roubles(lens: Lens) -> Iterator[Line]:
    rate, rub = lens.portfolio.rates.get("RUB"), lens.portfolio.total_rub
    if isinstance(rate, FxRate) and isinstance(rub, Complete) and not lens.reader.percent_only:
        numbers = lens.numbers
        usd, told = numbers.money(lens.portfolio_total, "USD"), numbers.money(rub.value.amount, "RUB")
        yield Line(lens.voice.say("sum_in_roubles", usd=usd, rate=lens.numbers.exact(rate.rate), rub=told))


def _rates(lens: Lens) -> Iterator[Line]:
    for currency, rate in sorted(lens.portfolio.rates.items()):
        if isinstance(rate, Unknown):
            pair = f"USD/{currency}" if currency == "RUB" else f"{currency}/USD"
            yield Line(lens.voice.say("rate_not_known", pair=pair), Tone.QUIET)
            continue
        yield Line(
            lens.voice.say(
                "rate_explained",
                pair=f"{rate.base}/{rate.quote}",
                rate=lens.numbers.rate(rate.rate),
                provider=lens.voice.words.providers[rate.provider],
                day=lens.numbers.day(rate.date),
            ),
            Tone.QUIET,
        )


def twr(view: TwrView, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """Each stretch with its flows, and the product; days or whole stretches without a flow are one row."""
    voice, period = Voice.of(reader), view.figures.period
    if isinstance(period, Unknown):
        return said(reader, Headline(voice.unknown(period)))
    days = by_day(view.links, voice.numbers.calendar)
    folded, phrase = (days, "joined_by_day") if len(days) <= _MOST_ROWS else (between_flows(view.links), "")
    phrase = phrase or "joined_between"
    rows = [row for one in folded for row in _stretch(voice, one, view, names)]
    figure = view.figures.twr
    blocks: list[Block] = [
        Headline(headline(voice, figure, period)),
        Line(stretch(voice, period), Tone.QUIET),
        Line(voice.say("twr_rule")),
        *in_pages(rows, (NAME, _BELOW, _BELOW, FIGURE)),
    ]
    if isinstance(figure, Known) and view.links:
        product = voice.numbers.exact(rounded(view.links[-1].growth, 8))
        blocks += [Gap(), Line(voice.say("twr_product", product=product, figure=percent(voice, figure)))]
    if len(folded) < len(view.links):
        left = voice.count("values_between", len(view.links) - len(folded))
        blocks.append(Line(voice.say(phrase, count=left), Tone.QUIET))
    used = dict.fromkeys(link.interval.rule for link in view.links if link.flows and link.interval.rule is not None)
    blocks += [
        Line(f"{voice.words.rules[rule][:1].upper()}{voice.words.rules[rule][1:]}.", Tone.QUIET) for rule in used
    ]
    return said(reader, *blocks, *hint(voice, "twr"))


def _stretch(voice: Voice, one: Stretch, view: TwrView, names: Mapping[AccountId, str]) -> Iterator[Row]:
    hidden = voice.numbers.percent_only
    for counted, weight in one.flows:
        yield Row((
            Cell(moment(voice, counted.flow.at)),
            Cell(_what(voice, counted, names), foreign=True),
            Cell(_part(voice, weight)),
            Cell("" if hidden else voice.numbers.bare_change(counted.flow.amount, view.currency)),
        ))  # fmt: skip
    bare: Callable[[Decimal], str] = lambda value: voice.numbers.bare(value, view.currency)  # noqa: E731
    capital = (
        "" if hidden or not one.flows or one.capital is None else voice.word("capital_of", capital=bare(one.capital))
    )
    result = voice.word("no_return") if one.value is None else voice.numbers.percent_change(one.value)
    yield Row((
        Cell(moment(voice, one.end.at)),
        Cell("" if hidden else voice.word("stretch_of", start=bare(one.start.value), end=bare(one.end.value))),
        Cell(capital),
        Cell(result),
    ))  # fmt: skip


def _what(voice: Voice, one: Counted, names: Mapping[AccountId, str]) -> str:
    if one.record is not None:
        name = voice.account(one.record.account, names)
        return voice.word("flow_of_account", kind=voice.words.flows[one.record.kind], name=name)
    if one.joint is None:
        return ""
    joint, name = one.joint, names.get(one.joint.account, one.joint.account)
    if joint.cause:
        return voice.word(_BORDERS[BorderCause(joint.cause)], name=name, part=foreign(joint.inside or joint.asset))
    return voice.word("joined_account" if joint.joined else "left_account", name=name)


def _part(voice: Voice, weight: Decimal) -> str:
    if weight == 1:
        return voice.word("flow_whole")
    return (
        voice.word("flow_counted", part=voice.numbers.share(weight, Decimal(1))) if weight else voice.word("flow_not")
    )


def xirr(view: XirrView, names: Mapping[AccountId, str], reader: Reader) -> Document:
    """Each payment with what it is worth at the first one; together nothing."""
    voice, found = Voice.of(reader), view.figures
    if isinstance(found.period, Unknown):
        return said(reader, Headline(voice.unknown(found.period)))
    span = length(voice, found.period.end.at - found.period.start.at)
    head = percent(voice, found.xirr.annual)
    if isinstance(found.xirr.annual, Known):
        head = voice.word("xirr_rate", figure=head, period=percent(voice, found.xirr.period), length=span)
    rows = [
        _payment(voice, one, _paid_for(voice, one, place == 0, names), view) for place, one in enumerate(view.payments)
    ]
    present = [one.present for one in view.payments if one.present is not None]
    if len(present) == len(view.payments) and not reader.percent_only:
        with exactly():
            together = rounded(sum(present, Decimal(0)), 2)
        rows.append(Row.of(voice.word("sum_present"), "", "", "", voice.numbers.bare(together, view.currency)))
    blocks: list[Block] = [
        Headline(head),
        Line(stretch(voice, found.period), Tone.QUIET),
        Line(voice.say("xirr_rule")),
        *in_pages(rows, (NAME, _BELOW, _BELOW, _BELOW, FIGURE)),
    ]
    others = [root for root in found.xirr.roots if isinstance(view.rate, Known) and root != view.rate.value]
    if others:
        told = voice.all_of([voice.numbers.percent_change(root) for root in others])
        blocks += [Gap(), Line(voice.say("several_roots", rates=told), Tone.QUIET)]
    return said(reader, *blocks, *hint(voice, "xirr"))


def _paid_for(voice: Voice, one: Paid, first: bool, names: Mapping[AccountId, str]) -> str:
    if one.counted is not None:
        return _what(voice, one.counted, names)
    return voice.word("value_at_start" if first else "value_at_end")


def _payment(voice: Voice, one: Paid, what: str, view: XirrView) -> Row:
    present = voice.word("unknown_short")
    if one.present is not None:
        present = voice.numbers.bare_change(one.present, view.currency)
    return Row((
        Cell(moment(voice, one.at)),
        Cell(what, foreign=True),
        Cell(voice.word("after_days", days=voice.numbers.exact(rounded(one.days, 2)))),
        Cell(voice.numbers.bare_change(one.amount, view.currency)),
        Cell(present),
    ))  # fmt: skip


def in_pages(rows: Iterable[Row], columns: tuple[Column, ...]) -> list[Block]:
    """Rows in tables of so many that one fits a page."""
    rows, blocks = list(rows), list[Block]()
    for begin in range(0, len(rows), ROWS_PER_PAGE):
        blocks += [PageBreak()] if begin else []
        blocks.append(Table(columns, tuple(rows[begin : begin + ROWS_PER_PAGE]), joint=", ", wide_from=_WIDE_FROM))
    return blocks


def hint(voice: Voice, figure: str) -> list[Block]:
    """Where all the digits are."""
    return [Gap(), Line(voice.say("explain_json", figure=figure), Tone.QUIET)]
