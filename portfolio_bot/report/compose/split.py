"""What everything is in, and where: the largest first, dust together, debts below zero, what has no price by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.portfolio import (
    Incomplete,
    KnownAccount,
    Portfolio,
    Priced,
    Provisional,
    UnknownAccount,
    Unpriced,
)
from portfolio_bot.report.charts.axes import Sheet
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.compose.lens import STALE, Lens, feet, place
from portfolio_bot.report.compose.performance import moment
from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Document, Foreign, Headline, Line, Tone
from portfolio_bot.report.numbers import CONTEXT, NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.words import joined

ROWS: Final = 9
"""Bars that can be read on a phone."""

_DUST: Final = Decimal("0.002")
"""Under this part of everything it is dust: told together."""

_MOST_NAMED: Final = 4
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the picture.

    Attributes:
        name: of an asset or an account; a stranger's.
        value: in the lens's currency; debts are negative.
        share: of the whole, as it is shown.
        money: as it is shown; "" where no amount may be.
        rest: many things together.
    """

    name: str
    value: Decimal
    share: str
    money: str = ""
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """A portfolio taken apart.

    Attributes:
        bars: the largest first, what is told together after them, debts last; empty where there is nothing to show.
        lens: through which it was looked at.
        gross: shares are of what is owned, since debts are larger.
    """

    lens: Lens
    bars: tuple[Bar, ...]
    gross: bool = False


def split(kind: ChartKind, portfolio: Portfolio, reader: Reader) -> Split:
    """A portfolio by asset, or by account."""
    lens = Lens.of(portfolio, reader)
    found = _by_asset(lens) if kind is ChartKind.ASSETS else _by_account(lens)
    values = {name: value for name, value in found.items() if value}
    owned = sum((value for value in values.values() if value > 0), ZERO)
    net = sum(values.values(), ZERO)
    gross = net <= 0
    whole = owned if gross else net
    if whole <= 0:
        whole = -net
    return Split(lens, tuple(_bars(lens, values, whole)), gross=gross and bool(values))


def _bars(lens: Lens, values: dict[str, Decimal], whole: Decimal) -> Iterator[Bar]:
    dust = {name for name, value in values.items() if value.copy_abs() < CONTEXT.multiply(whole, _DUST)}
    dust = dust if len(dust) > 1 else set()
    large = sorted((name for name in values if name not in dust), key=lambda name: -values[name].copy_abs())
    most = ROWS if len(large) <= ROWS and not dust else ROWS - 1
    dust |= set(large[most:])
    shown = sorted((name for name in large[:most]), key=lambda name: -values[name])
    owned = [name for name in shown if values[name] > 0]
    for name in owned:
        yield _bar(lens, name, values[name], whole)
    if dust:
        value = sum((values[name] for name in dust), ZERO)
        yield _bar(lens, lens.voice.count("chart_more", len(dust)), value, whole, rest=True)
    for name in shown[len(owned) :]:
        yield _bar(lens, name, values[name], whole)


def _bar(lens: Lens, name: str, value: Decimal, whole: Decimal, *, rest: bool = False) -> Bar:
    money = "" if lens.reader.percent_only else lens.numbers.headline(value, lens.currency)
    return Bar(name, value, lens.numbers.share(value, whole), money, rest)


def _by_asset(lens: Lens) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for account in lens.sorted_known():
        for row in account.holdings:
            if isinstance(row, Priced):
                found[row.asset] = CONTEXT.add(found.get(row.asset, ZERO), row.value)
    for sent in lens.portfolio.in_transit:
        if isinstance(sent.value, Decimal):
            found[sent.asset] = CONTEXT.add(found.get(sent.asset, ZERO), sent.value)
    return {asset: lens.value(value) for asset, value in found.items()}


def _by_account(lens: Lens) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for account in lens.sorted_known():
        name = account.name + (STALE if account.failure is not None else "")
        found[name] = CONTEXT.add(found.get(name, ZERO), account.total.amount)
    on_its_way = sum((sent.value for sent in lens.portfolio.in_transit if isinstance(sent.value, Decimal)), ZERO)
    if on_its_way:
        found[lens.voice.word("chart_in_transit")] = on_its_way
    return {name: lens.value(value) for name, value in found.items()}


def split_sheet(view: Split) -> Sheet:
    """The title: what is largest."""
    lens = view.lens
    when = f"{moment(lens.voice, lens.portfolio.at)}{NBSP}{place(lens.reader.zone_name)}"
    return Sheet(_title(view), when, lens.watermark)


def split_caption(view: Split) -> Document:
    """What stands under the picture, or why there is none."""
    lens, voice = view.lens, view.lens.voice
    if not view.bars:
        empty = not lens.sorted_known()
        return said(lens.reader, Headline(voice.say("chart_nothing_held" if empty else "chart_all_zero")))
    blocks: list[Block] = [Headline(_title(view))]
    if any(bar.value < 0 for bar in view.bars):
        blocks.append(Line(voice.say("chart_shares_of_assets" if view.gross else "chart_with_debts"), Tone.QUIET))
    for phrase, names in (("chart_unpriced", _unpriced(lens)), ("chart_unknown_account", _unknown(lens))):
        if names:
            blocks.append(Line(voice.say(phrase, names=_listed(lens, names))))
    stale = [
        (STALE, account.name, *lens.failure_foot(account, account.failure))
        for account in lens.sorted_known()
        if account.failure is not None
    ]
    blocks += feet(lens, stale)
    if isinstance(lens.lacking, Unknown):
        blocks.append(Line(voice.unknown(lens.lacking), Tone.QUIET))
    return said(lens.reader, *blocks, lens.closing())


def _title(view: Split) -> str:
    """`BTC 41.2% of $45,310`."""
    lens = view.lens
    first = max((bar for bar in view.bars if not bar.rest), key=lambda bar: bar.value, default=view.bars[0])
    if lens.reader.percent_only:
        return f"{first.name} {first.share}".strip()
    total = lens.numbers.headline(lens.total, lens.currency)
    if isinstance(lens.portfolio.total_usd, Provisional):
        total += STALE
    if isinstance(lens.portfolio.total_usd, Incomplete):
        total = lens.voice.word("chart_at_least", total=total)
    if view.gross:
        return total
    return lens.voice.word("chart_largest", name=first.name, share=first.share, total=total)


def _unpriced(lens: Lens) -> list[str]:
    rows: Iterable[str] = (
        row.asset
        for account in lens.portfolio.accounts
        if isinstance(account, KnownAccount)
        for row in account.holdings
        if isinstance(row, Unpriced)
    )
    sent = (one.asset for one in lens.portfolio.in_transit if isinstance(one.value, Unknown))
    return list(dict.fromkeys([*rows, *sent]))


def _unknown(lens: Lens) -> list[str]:
    return [account.name for account in lens.portfolio.accounts if isinstance(account, UnknownAccount)]


def _listed(lens: Lens, names: list[str]) -> tuple[Foreign | str, ...]:
    shown = names if len(names) <= _MOST_NAMED + 1 else names[:_MOST_NAMED]
    told = joined(*((Foreign(name),) for name in shown), between=", ")
    more = len(names) - len(shown)
    rest = (f", {lens.voice.count('chart_more', more)}",) if more else ()
    return (*((told,) if isinstance(told, str) else told), *rest)
