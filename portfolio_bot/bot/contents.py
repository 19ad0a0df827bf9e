"""What a schedule can send: each content shows what a command shows, with the same buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from portfolio_bot.bot.arguments import View
from portfolio_bot.bot.commands import chart, pnl, status
from portfolio_bot.bot.dialog import Answer, Request
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.pushed import Pushed
from portfolio_bot.service.schedule import REPORT


@dataclass(frozen=True, slots=True)
class Content:
    """One row of the table.

    Attributes:
        handler: the command that shows it, asked once the snapshot is stored; None where the portfolio alone is
            enough, so that it is written together with the snapshot.
        argument: of that command.
        detail: the report with its details.
        words: what is sent instead where no picture can go; None where it is no picture.
    """

    handler: Callable[[House, Request], Awaitable[Answer]] | None = None
    argument: str = ""
    detail: bool = False
    words: Content | None = None


CONTENTS: Final[Mapping[str, Content]] = {
    REPORT: Content(),
    "details": Content(detail=True),
    "chart": Content(chart.chart, words=Content(pnl.pnl, "90d")),
    "performance": Content(pnl.pnl, "7d"),
    "allocation": Content(chart.allocation, words=Content()),
}
"""Every content, in the order in which people choose; its name in words is `schedule_content_<name>`."""

SCHEDULE: Final = "schedule"
"""Who asks, where nobody does."""


def at_once(name: str) -> bool:
    """Whether the portfolio alone is enough to show it."""
    row = CONTENTS.get(name)
    return row is None or row.handler is None


def report(pushed: Pushed, reader: Reader, *, breakdown: bool = True) -> Answer:
    """The report itself, as `/status` shows it; what an older or newer version calls otherwise is the report too."""
    row = CONTENTS.get(pushed.content, CONTENTS[REPORT])
    document = compose.status(
        pushed.portfolio,
        reader,
        baseline=pushed.baseline,
        crossed=pushed.crossed,
        late=pushed.late,
        detail=row.detail,
        breakdown=breakdown,
    )
    return status.answer(document, View(detail=row.detail), reader)


def in_words(name: str) -> Content:
    """What is sent of a content where no picture can go: what the curve tells, or the report, which has the shares."""
    row = CONTENTS.get(name, CONTENTS[REPORT])
    return row.words or row


async def answer(house: House, pushed: Pushed, reader: Reader, row: Content | None = None) -> Answer:
    """What the command of a content answers now, and below it that it is late where it is.

    Args:
        row: another content than the one that is to be pushed.
    """
    row = row or CONTENTS[pushed.content]
    if row.handler is None:
        return report(pushed, reader, breakdown=house.breakdown)
    found = await row.handler(house, Request(row.argument, reader, SCHEDULE))
    if pushed.late is None:
        return found
    return _with(found, found.document.then(*compose.late(pushed.late, reader)))


def _with(found: Answer, document: Document) -> Answer:
    return Answer(document, found.rows, found.page, found.turn, found.file)
