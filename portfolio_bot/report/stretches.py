"""Links of a time-weighted return as people read them: where nothing came or went, many are one, and nothing is lost.

Returns between valuations without a flow chain to end / start, whatever lies between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.analytics.series import Valuation
from portfolio_bot.model.days import Calendar
from portfolio_bot.report.explain_views import Counted, Link


@dataclass(frozen=True, slots=True)
class Stretch:
    """One row.

    Attributes:
        flows: with the part of each that counts as capital.
        capital, value: what its profit is divided by, and its return; None where there is none.
        links: how many it stands for.
    """

    start: Valuation
    end: Valuation
    flows: tuple[tuple[Counted, Decimal], ...]
    capital: Decimal | None
    value: Decimal | None
    links: int = 1


def by_day(links: Sequence[Link], calendar: Calendar) -> list[Stretch]:
    """Those that end on one day of the reader's, between two flows, as one."""
    return _folded(links, lambda before, now: calendar.day(before.interval.end.at) == calendar.day(now.interval.end.at))


def between_flows(links: Sequence[Link]) -> list[Stretch]:
    """All those between two flows as one."""
    return _folded(links, lambda before, now: True)


@at_fifty_digits
def _folded(links: Sequence[Link], together: Callable[[Link, Link], bool]) -> list[Stretch]:
    found: list[Stretch] = []
    before: Link | None = None
    for link in links:
        one = link.interval
        if before is not None and _plain(before) and _plain(link) and together(before, link):
            last = found[-1]
            value = one.end.value / last.start.value - 1
            found[-1] = Stretch(last.start, one.end, (), last.start.value, value, last.links + 1)
        else:
            found.append(Stretch(one.start, one.end, link.flows, link.capital, one.value))
        before = link
    return found


def _plain(link: Link) -> bool:
    """Whether it chains with its neighbours to a single quotient."""
    return link.interval.rule is Rule.SIMPLE and not link.interval.notes and link.interval.value != -1
