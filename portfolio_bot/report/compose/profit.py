"""Why value changed, and what was earned by buying and selling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.attribution import Explained, Parts
from portfolio_bot.analytics.lot_book import LotSource
from portfolio_bot.analytics.lot_report import AssetProfit, Lot
from portfolio_bot.analytics.positions import UNNAMED
from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Currency
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report.compose.performance import (
    Told,
    feet,
    length,
    mark,
    missing,
    moment,
    nothing,
    of_the_period,
    percent,
    stretch,
    unvalued,
    without,
)
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Foot,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Text,
    Tone,
)
from portfolio_bot.report.figures_json import PARTS
from portfolio_bot.report.figures_views import GainView, PerformanceView
from portfolio_bot.report.numbers import CONTEXT, NBSP, places_of, rounded
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

ROWS_PER_PAGE: Final = 20
FLAGGED: Final = "*"
_PART_WORDS: Final = {
    "start": "part_start",
    "market": "part_market",
    "fx": "part_fx",
    "flows": "part_flows",
    "income": "part_income",
    "fees": "part_fees",
    "accounts": "part_accounts",
    "moved": "part_moved",
    "end": "part_end",
}
_OTHERS: Final = tuple(name for name in PARTS if name != "market")


def pnl(
    view: GainView, names: Mapping[AccountId, str], reader: Reader, *, detail: bool = False, asset: Asset | None = None
) -> Document:
    """Why value changed in a period, and profit by first in, first out.

    Args:
        names: shown names of accounts.
        detail: with the change by account and by asset, and what each asset cost.
        asset: only the lots of this one, each of them.
    """
    voice = Voice.of(reader)
    if asset is not None:
        return said(reader, *_of_asset(voice, view.lots, names, asset))
    blocks = [*_change(voice, view.change, names, reader, detail=detail), *_lots(voice, view.lots, detail=detail)]
    return said(reader, *blocks)


def _change(
    voice: Voice, view: PerformanceView, names: Mapping[AccountId, str], reader: Reader, *, detail: bool
) -> Iterator[Block]:
    """From the value at the start to that at the end."""
    found, period = view.figures, view.figures.period
    if isinstance(period, Unknown):
        yield from nothing(voice, view.window, view.currency)
        return
    yield Headline(_headline(voice, view, period))
    yield Line(stretch(voice, period, reader), Tone.QUIET)
    if view.why is None:
        yield from missing(voice, [Told(voice.word("why_it_changed"), found.change, "")])
        yield from unvalued(voice, found.change, reader, view.currency)
        return
    yield from _why(voice, period, view.why.total, view.currency)
    weighted = Told(voice.word("time_weighted"), without(found.twr, period.notes), percent(voice, found.twr))
    if not isinstance(found.twr, Unknown):
        yield Line(f"{weighted.name} {weighted.text}{mark(weighted.figure)}")
        yield from feet(voice, [weighted])
    yield from missing(voice, [weighted, Told(voice.word("on_invested"), found.simple_return, "")])
    yield from of_the_period(voice, period)
    if view.why.without_rate:
        yield Line(voice.say("no_rate_of", currencies=voice.all_of(view.why.without_rate)), Tone.QUIET)
    if detail:
        yield from _apart(voice, view.why, period, names, view.currency)


def _headline(voice: Voice, view: PerformanceView, period: Period) -> str:
    """`+$512.40 (+1.14%) in 30 days`."""
    found, numbers = view.figures, voice.numbers
    if isinstance(found.profit, Unknown):
        ends = (numbers.money(one.value, view.currency) for one in (period.start, period.end))
        figure = voice.word("from_value", **dict(zip(("start", "end"), ends, strict=True)))
    else:
        figure = numbers.change(found.profit.value, view.currency)
        if not isinstance(found.simple_return, Unknown):
            figure = voice.gain(figure, percent(voice, found.simple_return))
    return voice.word("in_period", figure=figure, length=length(voice, period.end.at - period.start.at))


def _why(voice: Voice, period: Period, total: Parts, currency: Currency) -> Iterator[Table]:
    """As rounded they still add up: the market, which is the rest, takes what rounding leaves.

    Where amounts are hidden, they are parts of the value at the start.
    """
    if voice.numbers.percent_only:
        told = ((name, getattr(total, name)) for name in PARTS)
        rows = [Row.of(_part(voice, name), _of(voice, value, period.start.value)) for name, value in told if value]
        yield from [Table((NAME, FIGURE), tuple(rows))] if rows and period.start.value > 0 else []
        return
    places = places_of(currency)
    start, end = rounded(period.start.value, places), rounded(period.end.value, places)
    parts = {name: rounded(getattr(total, name), places) for name in _OTHERS}
    market = end - start - sum(parts.values(), Decimal(0))
    bare, signed = voice.numbers.bare, voice.numbers.bare_change
    rows = [
        Row.of(_part(voice, "start"), bare(start, currency)),
        Row.of(_part(voice, "market"), signed(market, currency)),
    ]
    rows += [Row.of(_part(voice, name), signed(value, currency)) for name, value in parts.items() if value]
    rows.append(Row.of(_part(voice, "end"), bare(end, currency)))
    yield Table((NAME, FIGURE), tuple(rows))


def _of(voice: Voice, value: Decimal, whole: Decimal) -> str:
    """A gain as a part of what it was made with; "" where that was nothing."""
    return voice.numbers.percent_change(CONTEXT.divide(value, whole)) if whole > 0 else ""


def _part(voice: Voice, name: str) -> str:
    return voice.words.phrases[_PART_WORDS[name]]


def _apart(
    voice: Voice, why: Explained, period: Period, names: Mapping[AccountId, str], currency: Currency
) -> Iterator[Block]:
    """The same by account and by asset; one of a kind tells nothing, and neither does an end that was imported."""
    untold = why.by_asset.get(UNNAMED, Parts())
    for end, part, whole in ((period.start, untold.start, why.total.start), (period.end, untold.end, why.total.end)):
        if part and part == whole:
            yield Line(voice.say("apart_unknown", when=moment(voice, end.at)), Tone.QUIET)
            return
    unnamed = voice.word("of_unnamed")
    accounts = {names.get(account, account) or unnamed: parts for account, parts in why.by_account.items()}
    assets = {unnamed if asset == UNNAMED else asset: parts for asset, parts in why.by_asset.items()}
    columns = (
        NAME,
        Column(right=True, title=voice.word("apart_gain")),
        Column(right=True, title=voice.word("part_end")),
    )
    for heading, groups in (("by_account", accounts), ("by_asset", assets)):
        if len(groups) < 2:
            continue
        rows = [
            row
            for name, parts in sorted(groups.items(), key=_by_size)
            for row in _group(voice, name, parts, period, currency)
        ]
        yield PageBreak()
        yield Heading(voice.words.phrases[heading])
        yield from _paged(columns, rows, titled=True)


def _by_size(group: tuple[str, Parts]) -> tuple[Decimal, str]:
    name, parts = group
    return -(parts.market + parts.fx + parts.income + parts.fees).copy_abs(), name


def _group(voice: Voice, name: str, parts: Parts, period: Period, currency: Currency) -> Iterator[Row]:
    """What it gained, and what else changed it; where amounts are hidden, as parts of the whole at the start."""
    hidden, numbers = voice.numbers.percent_only, voice.numbers

    def signed(value: Decimal, currency: Currency) -> str:
        return _of(voice, value, period.start.value) if hidden else numbers.bare_change(value, currency)

    gained = CONTEXT.add(CONTEXT.add(parts.market, parts.fx), CONTEXT.add(parts.income, parts.fees))
    others = [
        f"{_part(voice, part)}{NBSP}{signed(value, currency)}"
        for part in ("fx", "income", "fees", "flows", "accounts", "moved")
        if rounded(value := getattr(parts, part), places_of(currency))
    ]
    if not others and not rounded(gained, places_of(currency)):
        return  # what stood still is no reason
    end = numbers.share(parts.end, period.end.value) if hidden else numbers.bare(parts.end, currency)
    yield Row((Cell(name, foreign=True), Cell(signed(gained, currency)), Cell(end)))
    if others:
        yield Row.over(f"{NBSP}{NBSP}{', '.join(others)}")


def _lots(voice: Voice, view: ProfitView, *, detail: bool) -> Iterator[Block]:
    """Profit of each asset, and what else came of it."""
    shown = [one for one in view.end.assets if _says_something(view, one)]
    yield Heading(voice.say("lots_heading"))
    if not shown and not view.end.cash:
        yield Line(voice.say("lots_none"))
        return
    shown.sort(key=lambda one: (-_size(view, one), one.asset))
    if shown:
        rows = [row for one in shown for row in _asset(voice, view, one, detail=detail)]
        realised = voice.numbers.bare_change(view.total("realised"), "USD")
        opened = voice.numbers.bare_change(view.end.unrealised, "USD")
        if not voice.numbers.percent_only:
            rows.append(Row.of(voice.word("lots_all"), "", "", "", opened, realised))
        yield from _paged(_columns(voice), rows, titled=True)
        if view.since is not None and not voice.numbers.percent_only:
            yield Line(voice.say("lots_when"), Tone.QUIET)
    yield from _beside(voice, view)
    yield from _flags(voice, shown)
    yield from _unclear(voice, view)


def _columns(voice: Voice) -> tuple[Column, ...]:
    return (
        Column(shrinks=True, title=voice.word("lots_asset")),
        Column(right=True, optional=True, title=voice.word("lots_amount")),
        Column(right=True, optional=True, title=voice.word("lots_average")),
        Column(right=True, optional=True, title=voice.word("lots_value")),
        Column(right=True, title=voice.word("lots_open")),
        Column(right=True, title=voice.word("lots_realised")),
    )


def _says_something(view: ProfitView, one: AssetProfit) -> bool:
    return bool(one.lots or one.flags or view.realised(one) or view.income(one))


def _size(view: ProfitView, one: AssetProfit) -> Decimal:
    gained = Decimal(0) if isinstance(one.unrealised, Unknown) else one.unrealised.copy_abs()
    return CONTEXT.add(gained, view.realised(one).copy_abs())


def _asset(voice: Voice, view: ProfitView, one: AssetProfit, *, detail: bool) -> Iterator[Row]:
    numbers, short = voice.numbers, voice.word("unknown_short")
    average = "" if isinstance(one.average_cost, Unknown) else numbers.price(one.average_cost)
    yield Row(
        (
            Cell(one.asset, FLAGGED if one.flags else "", foreign=True),
            Cell(numbers.amount(_held(one))),
            Cell(average),
            Cell(short if isinstance(one.value, Unknown) else numbers.bare(one.value, "USD")),
            Cell(_open(voice, one)),
            Cell(numbers.bare_change(view.realised(one), "USD")),
        )
    )
    if detail:
        yield from (Row.over(f"{NBSP}{NBSP}{text}") for text in _held_at(voice, one))


def _open(voice: Voice, one: AssetProfit) -> str:
    """What is gained on what is held; in percent of its cost where amounts are hidden."""
    if isinstance(one.unrealised, Unknown):
        return voice.word("unknown_short")
    if not voice.numbers.percent_only:
        return voice.numbers.bare_change(one.unrealised, "USD")
    if isinstance(one.value, Unknown):
        return voice.word("unknown_short")
    return _of(voice, one.unrealised, CONTEXT.subtract(one.value, one.unrealised)) or voice.word("unknown_short")


def _held(one: AssetProfit) -> Decimal:
    return CONTEXT.add(CONTEXT.subtract(one.quantity, one.short), one.without_basis)


def _held_at(voice: Voice, one: AssetProfit) -> Iterator[str]:
    """`0.1503 at 42,000.00, now 67,123.45`."""
    numbers = voice.numbers
    if numbers.percent_only:
        return
    if not isinstance(one.average_cost, Unknown):
        amount = one.quantity or one.short
        values = {"amount": numbers.amount(amount), "average": numbers.price(one.average_cost)}
        if isinstance(one.price, Unknown):
            yield voice.word("lots_each_unpriced", **values)
        else:
            phrase = "lots_each" if one.quantity else "lots_short"
            yield voice.word(phrase, **values, price=numbers.price(one.price))
    if one.without_basis:
        yield voice.word("lots_without_basis", amount=numbers.amount(one.without_basis))


def _beside(voice: Voice, view: ProfitView) -> Iterator[Block]:
    """What no lot tells: income, results of contracts, cash whose price moved."""
    figures = {
        "lots_income": view.total("income"),
        "lots_futures": view.bucket("futures_pnl"),
        "lots_funding": view.bucket("funding"),
        "lots_paid": view.bucket("fee"),
        "lots_withdrawn": view.total("withdrawn_gain"),
        "lots_cash": view.total("revaluation"),
        "lots_fees": -view.total("fees"),
    }
    rows = [
        Row.of(voice.words.phrases[name], voice.numbers.bare_change(value, "USD"))
        for name, value in figures.items()
        if rounded(value, places_of("USD"))
    ]
    if rows and not voice.numbers.percent_only:
        yield Gap()
        yield Table((NAME, FIGURE), tuple(rows))


def _flags(voice: Voice, shown: Iterable[AssetProfit]) -> Iterator[Block]:
    """What is doubtful, and about which assets."""
    names: dict[str, list[str]] = {}
    for one in shown:
        for flag in one.flags:
            names.setdefault(voice.words.flags[flag], []).append(one.asset)
    for text, assets in names.items():
        yield Foot(FLAGGED, voice.say("of_accounts", names=Foreign(voice.listed(assets)), text=text))


def _unclear(voice: Voice, view: ProfitView) -> Iterator[Line]:
    if view.end.unpriced:
        yield Line(voice.say("lots_unpriced", assets=voice.listed(view.end.unpriced)), Tone.QUIET)
    if view.missing:
        amounts = [
            f"{voice.numbers.amount(amount)}{NBSP}{asset}" for (_, asset), amount in sorted(view.missing.items())
        ]
        yield Line(voice.say("lots_missing", amounts=voice.listed(amounts)), Tone.ALERT)


def _of_asset(voice: Voice, view: ProfitView, names: Mapping[AccountId, str], asset: Asset) -> Iterator[Block]:
    """One asset, with its open lots."""
    one = next((one for one in view.end.assets if one.asset == asset), None)
    if one is None:
        yield Headline(voice.say("no_lots_of", asset=Foreign(asset)))
        return
    yield Headline(_gained(voice, view, one))
    yield from (Line(text) for text in _held_at(voice, one))
    fees = view.fees(one)
    if fees and not voice.numbers.percent_only:
        yield Line(
            voice.say("asset_fees", fees=voice.numbers.money(fees, "USD"), trades=voice.count("trades", one.trades))
        )
    if one.lots:
        yield Heading(voice.say("lot_heading"))
        yield from _paged((NAME, FIGURE, FIGURE), [_lot(voice, lot, names) for lot in one.lots])
    yield from _flags(voice, [one])


def _gained(voice: Voice, view: ProfitView, one: AssetProfit) -> Text:
    """`BTC: +$120.00 open, +$12.00 realised`; where amounts are hidden, the first in percent of its cost."""
    if voice.numbers.percent_only:
        return voice.say("asset_open_only", asset=Foreign(one.asset), open=_open(voice, one))
    opened = one.unrealised
    return voice.say(
        "asset_headline",
        asset=Foreign(one.asset),
        open=voice.unknown(opened) if isinstance(opened, Unknown) else voice.numbers.change(opened, "USD"),
        realised=voice.numbers.change(view.realised(one), "USD"),
    )


def _lot(voice: Voice, lot: Lot, names: Mapping[AccountId, str]) -> Row:
    amount = -lot.quantity if lot.source is LotSource.SHORT else lot.quantity
    cost = voice.word("unknown_short") if isinstance(lot.cost, Unknown) else voice.numbers.bare(lot.cost, "USD")
    when = voice.numbers.day(voice.numbers.calendar.day(lot.acquired_at))
    how = f"{voice.words.lots[lot.source]}, {voice.account(lot.account, names)}"
    return Row(
        (Cell(voice.word("lot_row", when=when, how=how), foreign=True), Cell(voice.numbers.amount(amount)), Cell(cost))
    )


def _paged(columns: tuple[Column, ...], rows: Sequence[Row], *, titled: bool = False) -> Iterator[Block]:
    for start in range(0, len(rows), ROWS_PER_PAGE):
        if start:
            yield PageBreak()
        yield Table(columns, tuple(rows[start : start + ROWS_PER_PAGE]), titled=titled)
