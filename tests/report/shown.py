"""What a phone shows, in a form that a test can be read by: no-break spaces look like spaces."""

from __future__ import annotations

from textwrap import dedent

from portfolio_bot.report import telegram_html
from portfolio_bot.report.document import Document
from portfolio_bot.report.numbers import NBSP


def phone(document: Document) -> str:
    """All pages as HTML, one after the other."""
    return "\n=====\n".join(telegram_html.pages(document)).replace(NBSP, " ")


def text(document: Document) -> str:
    """All pages as plain text."""
    return "\n=====\n".join(telegram_html.plain_pages(document)).replace(NBSP, " ")


def expected(block: str) -> str:
    """A block as it stands in a test."""
    return dedent(block).strip("\n")


def first_line(shown: str) -> str:
    """What a lock screen shows."""
    return shown.partition("\n")[0]
