"""What stands under the figures: warnings that need somebody, and what the total does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.portfolio import KnownAccount, Unpriced
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report.compose.lens import Lens
from portfolio_bot.report.concerns import Concern, concerns_about, concerns_of
from portfolio_bot.report.document import Foreign, Line, Text, Tone
from portfolio_bot.report.words import joined

SMALLEST_GAP: Final = Decimal(1)
"""USD beside a venue's own total below which a report stays silent; `/accounts` names it."""

NAMED_UNPRICED: Final = 4
NAMED_WALLETS: Final = 3
_ELSEWHERE: Final = frozenset({WarningKind.UNREADABLE_WALLET, WarningKind.STALE_PRICE, WarningKind.ASSUMED_PAR})
"""Told in a place of their own."""

_HARMLESS: Final = frozenset(
    {WarningKind.KEY_MAY_TRADE, WarningKind.KEY_MAY_TRANSFER, WarningKind.MARKED_AT_PAR, WarningKind.RECONSTRUCTED}
)
"""Nobody is called for these every two hours: a report says them quietly, `/accounts` aloud."""


def alerts(lens: Lens) -> list[Line]:
    """Warnings, one line per kind where the words allow; first those that need somebody."""
    grouped: dict[WarningKind, list[Concern]] = {}
    for concern in concerns_of(lens.portfolio):
        if concern.kind not in _ELSEWHERE and not _too_small(concern):
            grouped.setdefault(concern.kind, []).append(concern)
    lines = [line for kind, concerns in grouped.items() for line in _about(lens, kind, concerns)]
    return sorted(lines, key=lambda line: line.tone is not Tone.ALERT)


def account_alerts(lens: Lens, account: KnownAccount) -> list[Line]:
    """Everything there is to warn about in one account."""
    return [
        Line(joined(lens.voice.warning(concern), lens.voice.warning_mend(concern.kind)), Tone.ALERT)
        for concern in concerns_about(account)
        if concern.kind is not WarningKind.UNREADABLE_WALLET
    ]


def left_out(lens: Lens) -> list[Line]:
    """What the total does not hold: assets without a price, wallets that were not read."""
    return [*unpriced(lens), *_wallets(lens)]


def unpriced(lens: Lens) -> list[Line]:
    """Assets without a price, with their amounts."""
    named: list[Text] = [
        (_so_much(lens, row.amount), Foreign(row.asset), f" ({account.name})")
        for account in lens.sorted_known()
        for row in account.holdings
        if isinstance(row, Unpriced)
    ]
    named += [
        (_so_much(lens, row.amount), Foreign(row.asset), f" ({lens.voice.word('in_transit')})")
        for row in lens.portfolio.in_transit
        if isinstance(row.value, Unknown)
    ]
    if not named:
        return []
    more = len(named) - NAMED_UNPRICED
    if more > 0:
        named = [*named[:NAMED_UNPRICED], lens.voice.count("more", more)]
    return [Line(lens.voice.say("no_price", assets=joined(*named, between=", ")), Tone.QUIET)]


def _so_much(lens: Lens, amount: Decimal) -> str:
    return "" if lens.numbers.percent_only else f"{lens.numbers.amount(amount)} "


def unread(lens: Lens) -> Iterator[Line]:
    """Wallets that are not in the total, account by account."""
    for account in lens.sorted_known():
        for text in lens.voice.all_unreadable(account.name, account.unreadable):
            yield Line(text, Tone.QUIET)


def _wallets(lens: Lens) -> Iterator[Line]:
    """The same, or only how many there are: a report is no list of what is missing."""
    having = [account for account in lens.sorted_known() if account.unreadable]
    number = sum(len(account.unreadable) for account in having)
    if number <= NAMED_WALLETS:
        yield from unread(lens)
        return
    names = lens.voice.listed([account.name for account in having])
    wallets = lens.voice.count("wallets", number)
    accounts = lens.reader.command("accounts")
    yield Line(lens.voice.say("wallets_unread", wallets=wallets, names=names, accounts=accounts), Tone.QUIET)


def _about(lens: Lens, kind: WarningKind, concerns: list[Concern]) -> Iterator[Line]:
    tone, mend = Tone.ALERT, lens.voice.warning_mend(kind)
    if kind in _HARMLESS:
        tone, mend = Tone.QUIET, ""
    if len(concerns) > 1 and lens.voice.words.warnings[kind].many:
        names = list(dict.fromkeys(concern.name for concern in concerns))
        yield Line(joined(lens.voice.warning_of_many(kind, names), mend), tone)
        return
    yield from (Line(joined(lens.voice.warning(concern), mend), tone) for concern in concerns)


def _too_small(concern: Concern) -> bool:
    return concern.coverage is not None and abs(concern.coverage.gap) < SMALLEST_GAP
