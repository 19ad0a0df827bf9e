"""What a letter in the outbox holds: the message as it was written, and how it is worded when it really goes out."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from portfolio_bot.notify.base import Message
from portfolio_bot.notify.parts import visible
from portfolio_bot.report import compose
from portfolio_bot.report.document import Line, plain
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.telegram_pages import CAPTION, LIMIT, units
from portfolio_bot.report.views import LateNote
from portfolio_bot.service.due import LATE


def payload_of(
    message: Message,
    *,
    slot: datetime | None = None,
    written: datetime | None = None,
    answers: str = "",
    series: str = "",
) -> dict[str, object]:
    """What a letter in the outbox holds.

    Args:
        slot: when a report was due: names it where it comes late or a newer one stands for it.
        written: when the report was made; None = at its slot. What was late by then says so itself.
        answers: the key of the letter that it replies to; "" for none.
        series: which reports of the same chat a newer one may stand for: those of the same series only.
    """
    return {
        "message": message.to_json(),
        "slot": _text(slot),
        "written": _text(written),
        "answers": answers,
        "series": series,
    }


@dataclass(frozen=True, slots=True)
class Push:
    """The payload of a letter, read.

    Attributes:
        message: as it was written.
        slot: when it was due; None for what is no report.
        written: when it was made.
        also: slots of older reports that gave way to it.
        sent_as: what the present or last try really said, to the letter; None before the first.
        doubtful: an earlier try may have arrived after all.
        answers: the key of the letter that it replies to; "" for none.
        series: the schedule and address of a report: only within one does a newer one stand for older ones.
    """

    message: Message
    slot: datetime | None = None
    written: datetime | None = None
    also: tuple[datetime, ...] = ()
    sent_as: Message | None = None
    doubtful: bool = False
    answers: str = ""
    series: str = ""

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Push:
        """Read a payload.

        Raises:
            ValueError: it is none.
        """
        message, sent_as, also = payload.get("message"), payload.get("sent_as"), payload.get("also") or []
        if not isinstance(message, Mapping) or not isinstance(also, list):
            raise ValueError("a letter without a message")  # noqa: TRY004 - bad data
        return cls(
            Message.from_json(message),
            _instant(payload.get("slot")),
            _instant(payload.get("written")),
            tuple(datetime.fromisoformat(str(older)) for older in also),
            Message.from_json(sent_as) if isinstance(sent_as, Mapping) else None,
            doubtful=bool(payload.get("doubtful")),
            answers=str(payload.get("answers") or ""),
            series=str(payload.get("series") or ""),
        )

    def to_json(self) -> dict[str, object]:
        """The reverse of `of`."""
        return {
            **payload_of(self.message, slot=self.slot, written=self.written, answers=self.answers, series=self.series),
            "also": [slot.isoformat() for slot in self.also],
            "sent_as": self.sent_as.to_json() if self.sent_as else None,
            "doubtful": self.doubtful,
        }

    @property
    def slots(self) -> frozenset[datetime]:
        """All slots that it stands for."""
        return frozenset(self.also) | ({self.slot} if self.slot else frozenset())

    def standing_for(self, older: frozenset[datetime]) -> Push:
        """The same report, which now tells older ones too."""
        return replace(self, also=tuple(sorted((older | set(self.also)) - {self.slot})))

    def worded(self, reader: Reader) -> Message:
        """The message as it goes out now: with what there is to say about its delay and its repetition."""
        message = self.message
        if self.slot is not None and (self.also or reader.now - (self.written or self.slot) > LATE):
            note = LateNote(self.slot, reader.now, offline=True, also=self.also)
            message = with_lines(message, *compose.late(note, reader))
        return repeated(message, reader) if self.doubtful else message


def repeated(message: Message, reader: Reader) -> Message:
    """A message that may have arrived before, and says so."""
    return with_lines(message, compose.repeated(reader))


def with_lines(message: Message, *lines: Line) -> Message:
    """A message with remarks below it; without them where they would cost a second one."""
    told = "\n".join(plain(line.text) for line in lines)
    room, now = LIMIT if message.file is None else CAPTION, visible(message)
    if now <= room < now + units(told) + 2:
        return message
    return message.with_text(f"{message.text}\n\n{html.escape(told, quote=False) if message.html else told}")


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
