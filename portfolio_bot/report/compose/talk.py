"""What is said about the bot itself: hello, help, set-up, mistakes."""

from __future__ import annotations

from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.document import Document, Headline, Text
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice


def user_error(text: Text, reader: Reader) -> Document:
    """A mistake of the asker: names the value, the reason, the mend."""
    return Document((Headline(text),), watermark(Voice.of(reader), demo=reader.demo))
