"""The report: what there is, whether it is right, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint
from portfolio_bot.model.instrument import PriceSource
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, Incomplete, KnownAccount, Portfolio, Provisional, Total
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report.compose import change
from portfolio_bot.report.compose.assets import folds
from portfolio_bot.report.compose.lens import DATED, STALE, Lens, feet, statement_day
from portfolio_bot.report.compose.remarks import alerts, left_out
from portfolio_bot.report.compose.talk import late as late_lines
from portfolio_bot.report.concerns import standing_in
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Document,
    Foot,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
)
from portfolio_bot.report.figures_views import PerformanceView
from portfolio_bot.report.numbers import SYMBOLS
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.totals import amount_of
from portfolio_bot.report.views import Crossed, LateNote

NAMED_IN_HEADLINE: Final = 2


def status(
    portfolio: Portfolio,
    reader: Reader,
    *,
    baseline: Portfolio | NavPoint | None = None,
    crossed: Sequence[Crossed] = (),
    period: PerformanceView | None = None,
    detail: bool = False,
    late: LateNote | None = None,
    next_run: datetime | None = None,
    breakdown: bool = True,
) -> Document:
    """The report.

    Args:
        baseline: the last day close before today: as a portfolio where we have it, so that a change can be told
            without the accounts whose value only stands in.
        crossed: what came in and went out since that close, which is no gain and no loss, with income and fees.
        period: the change is told of this period instead.
        detail: with each account's assets, folded.
        late: why this comes after its time.
        next_run: when the next one comes; told where given.
        breakdown: with the subtotal of the exchanges.
    """
    lens = Lens.of(portfolio, reader)
    moved, notes = change.lines(lens, baseline, crossed), list[Foot]()
    if period is not None:
        moved, notes = change.over(lens, period)
    blocks: list[Block] = [*opening(lens, moved)]
    blocks += [_accounts(lens, breakdown=breakdown), *footnotes(lens), *notes]
    if detail:
        blocks += folds(lens)
    blocks += [Gap(), *alerts(lens), *left_out(lens), Gap()]
    if late is not None:
        blocks += late_lines(late, reader)
    blocks.append(lens.closing())
    if next_run is not None:
        blocks.append(Line(lens.voice.say("next_report", when=lens.numbers.moment(next_run)), Tone.QUIET))
    return Document(tuple(blocks), lens.watermark)


def opening(lens: Lens, moved: Sequence[Line]) -> Iterator[Block]:
    """The figure and the change; where amounts are not shown the change comes first, or how many answered."""
    if not lens.reader.percent_only:
        yield Headline(headline(lens))
        yield from _beside(lens)
    elif moved and moved[0].tone is Tone.PLAIN:
        yield Headline(moved[0].text)
        moved = moved[1:]
    else:
        yield Headline(_answered(lens))
    if lens.portfolio.all_dark and lens.sorted_known():
        yield Line(lens.voice.say("all_dark"), Tone.ALERT)
    yield from moved


def _answered(lens: Lens) -> Text:
    """`5 accounts`, or `4 of 5 accounts · Kraken unknown`."""
    known, failed, voice = len(lens.sorted_known()), lens.failed(), lens.voice
    names = voice.listed([account.name for account in failed], NAMED_IN_HEADLINE)
    if not known:
        return voice.say("nothing_known", names=names)
    if failed:
        counted = voice.count("accounts", known + len(failed))
        return voice.say("report_some", known=lens.numbers.count(known), accounts=counted, names=names)
    return voice.count("accounts_alone", known) + ("" if lens.complete else STALE)


def headline(lens: Lens) -> Text:
    """`$45,310* · ₽3,561,383*`, or `at least $37,206 · Kraken unknown`."""
    total = lens.portfolio.total_usd
    if isinstance(total, Incomplete):
        failed = lens.voice.listed([account.name for account in lens.failed()], NAMED_IN_HEADLINE)
        if not lens.sorted_known():
            return lens.voice.say("nothing_known", names=failed)
        return lens.voice.say("at_least", figure=lens.numbers.headline(lens.total, lens.currency), names=failed)
    return " · ".join(_figures(lens, total))


def _figures(lens: Lens, total: Total) -> Iterator[str]:
    """The total in the reader's currency, in dollars, in roubles, each with its own star."""
    star = STALE if isinstance(total, Provisional) else ""
    if lens.currency not in {"USD", "RUB"}:
        yield lens.numbers.headline(lens.total, lens.currency) + star
    figures = {"USD": lens.numbers.headline(amount_of(total), "USD") + star, "RUB": _roubles(lens)}
    order = ("RUB", "USD") if lens.currency == "RUB" else ("USD", "RUB")
    yield from (figures[currency] for currency in order)


def _roubles(lens: Lens) -> str:
    roubles = lens.portfolio.total_rub
    if isinstance(roubles, Unknown):
        return lens.voice.word("rub_unknown")
    star = "" if isinstance(roubles, Complete) else STALE
    return lens.numbers.headline(amount_of(roubles), "RUB") + star


def _beside(lens: Lens) -> Iterator[Line]:
    """What the headline leaves open: the other currencies of a partial total, a currency without a rate."""
    portfolio = lens.portfolio
    if isinstance(portfolio.total_usd, Incomplete) and lens.sorted_known():
        other = lens.numbers.headline(amount_of(portfolio.total_usd), "USD") if lens.currency == "RUB" else ""
        if lens.currency != "RUB" and isinstance(portfolio.total_rub, Incomplete):
            other = lens.numbers.headline(amount_of(portfolio.total_rub), "RUB")
        if other:
            yield Line(lens.voice.say("at_least_other", figure=other))
    for currency, why in (("RUB", portfolio.total_rub), (lens.reader.currency, lens.lacking)):
        if isinstance(why, Unknown) and (currency != "RUB" or why is portfolio.total_rub):
            yield Line(
                lens.voice.say("total_unknown", currency=SYMBOLS.get(currency, currency), why=lens.voice.unknown(why))
            )


def _accounts(lens: Lens, *, breakdown: bool) -> Table:
    """Accounts by value, with their shares where the whole is known; what is unknown comes last."""
    known, failed = lens.sorted_known(), lens.failed()
    rows = []
    for account in known:
        name = Cell(account.name, lens.mark(account))
        rows.append(_row(lens, name, account.total.amount, share_of_whole=not failed))
    moving = [row.value for row in lens.portfolio.in_transit if not isinstance(row.value, Unknown)]
    if moving:
        name = Cell(lens.voice.word("in_transit"), STALE if _moving_stand_ins(lens) else "")
        rows.append(_row(lens, name, sum(moving, Decimal(0)), share_of_whole=not failed))
    rows += [Row.of(account.name, lens.voice.word("unknown")) for account in failed]
    several = len(known) + len(failed) > 1 and any(account.is_exchange for account in lens.portfolio.accounts)
    if breakdown and several:
        rows.append(_crypto(lens, share_of_whole=not failed))
    if lens.reader.percent_only:
        return Table((NAME, FIGURE), tuple(rows))
    return Table((NAME, FIGURE, FIGURE), tuple(rows))


def _row(lens: Lens, name: Cell, usd: Decimal, *, share_of_whole: bool) -> Row:
    share = lens.numbers.share(lens.value(usd), lens.total) if share_of_whole else ""
    if lens.reader.percent_only:
        return Row((name, Cell(share or lens.voice.word("ok"))))
    return Row((name, Cell(lens.bare(usd)), Cell(share)))


def _crypto(lens: Lens, *, share_of_whole: bool) -> Row:
    name = Cell(lens.voice.word("crypto"))
    crypto = lens.portfolio.crypto
    if isinstance(crypto, Money):
        return _row(lens, name, crypto.amount, share_of_whole=share_of_whole)
    return Row.of(name, lens.voice.word("unknown"))


def footnotes(lens: Lens) -> list[Block]:
    """What the stars and daggers mean, and the accounts that have no value."""
    entries: list[tuple[str, str, Text, Text]] = []
    for account in lens.sorted_known():
        mark = lens.mark(account)
        if account.failure is not None:
            entries.append((STALE, account.name, *lens.failure_foot(account, account.failure)))
        elif mark == DATED:
            entries.append((DATED, account.name, _dated(lens, account), ""))
        entries += [(STALE, account.name, text, "") for text in _stand_ins(lens, account)]
    entries += [(STALE, lens.voice.word("in_transit"), text, "") for text in _moving_stand_ins(lens)]
    entries += [("", account.name, *lens.failure_foot(account, account.failure)) for account in lens.failed()]
    notes = feet(lens, entries)
    roubles = lens.portfolio.total_rub
    if isinstance(roubles, Provisional) and lens.complete:
        notes += feet(lens, [(STALE, lens.voice.word("roubles"), lens.voice.say("old_rate"), "")])
    return notes


def _stand_ins(lens: Lens, account: KnownAccount) -> Iterator[Text]:
    """Prices that are not of now."""
    assumed = {notice.detail for notice in account.notices if notice.kind is WarningKind.ASSUMED_PAR}
    for asset, when in standing_in(account).items():
        if asset in assumed:
            yield lens.voice.say("price_assumed", asset=Foreign(asset))
        else:
            yield lens.voice.stand_in(asset, when)


def _moving_stand_ins(lens: Lens) -> list[Text]:
    """The same for what is between accounts."""
    quotes = dict.fromkeys(row.stands_in for row in lens.portfolio.in_transit if row.stands_in is not None)
    return [
        lens.voice.say("price_assumed", asset=Foreign(quote.asset))
        if quote.source is PriceSource.ASSUMED_PAR
        else lens.voice.stand_in(quote.asset, quote.as_of)
        for quote in quotes
    ]


def _dated(lens: Lens, account: KnownAccount) -> Text:
    statement = statement_day(account) is not None
    return lens.voice.say("statement_of" if statement else "value_of", when=lens.when(account))
