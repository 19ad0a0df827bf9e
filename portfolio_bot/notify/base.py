"""What a sink is: the message it takes, the protocol, and the closed list of ways in which sending goes wrong."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

LARGEST_FILE = 50 * 1000 * 1000
"""Bytes that Telegram takes from a bot."""

_TAG = re.compile(r"<[^>]*>")


class Trouble(StrEnum):
    """What became of a call that did not succeed; it decides what happens next, never the sink."""

    NOT_SENT = "not_sent"  # surely did not arrive: there was no connection
    UNKNOWN = "unknown"  # went out, and no usable answer came back: ask before repeating
    FLOOD = "flood"  # refused for now: wait `retry_after`
    GONE = "gone"  # blocked, kicked, deactivated, no such chat: nothing will arrive there
    MOVED = "moved"  # a group became a supergroup: `moved_to`
    BAD_MARKUP = "bad_markup"  # the same words may pass as plain text
    NO_RICH = "no_rich"  # the destination does not take this rich form: the classic twin may pass
    TOO_LONG = "too_long"
    NO_TOPIC = "no_topic"  # the thread does not exist any more
    NO_REPLY = "no_reply"  # what it answers is gone, and in a topic that counts
    TOKEN = "token"  # noqa: S105 - the bot's token is refused: nothing works until it is replaced
    UNCHANGED = "unchanged"  # an edit found exactly this message there
    NO_MESSAGE = "no_message"  # an edit found no message of ours there
    OTHER_KIND = "other_kind"  # an edit of words found a picture or a file there, or the reverse
    REFUSED = "refused"  # this message will never pass


PERMANENT = frozenset(
    {
        Trouble.GONE,
        Trouble.TOO_LONG,
        Trouble.REFUSED,
        Trouble.BAD_MARKUP,
        Trouble.NO_RICH,
        Trouble.NO_TOPIC,
        Trouble.NO_REPLY,
    }
)
"""Troubles that the same call would meet again for ever."""


class DeliveryError(Exception):
    """A call of a sink failed.

    Attributes:
        trouble: in which way.
        retry_after: seconds that the destination wants to be left alone; None if it named none.
        moved_to: the chat's new id, with `Trouble.MOVED`.
        detail: the destination's own words, cut to 120 characters: for the log, never for a person.
    """

    def __init__(
        self, trouble: Trouble, detail: str = "", *, retry_after: float | None = None, moved_to: str | None = None
    ) -> None:
        super().__init__(f"{trouble} ({detail[:120]})" if detail else str(trouble))
        self.trouble = trouble
        self.detail = detail[:120]
        self.retry_after = retry_after
        self.moved_to = moved_to

    @property
    def permanent(self) -> bool:
        """Sending the same again is useless."""
        return self.trouble in PERMANENT

    @property
    def unknown_fate(self) -> bool:
        """It may have arrived."""
        return self.trouble is Trouble.UNKNOWN


@dataclass(frozen=True, slots=True)
class Key:
    """A button below a message.

    Attributes:
        label: what stands on it.
        action: what pressing it does: a command line without the slash, at most 64 bytes.
    """

    label: str
    action: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a message.

    Attributes:
        name: as it is saved: letters, digits, hyphens and a point.
        content: at most what the destination takes.
        picture: it is shown above the text, not offered for saving below it.
    """

    name: str
    content: bytes = field(repr=False)
    picture: bool = False

    def to_json(self) -> dict[str, object]:
        """For the outbox."""
        return {"name": self.name, "content": base64.b64encode(self.content).decode(), "picture": self.picture}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> File:
        """The reverse of `to_json`.

        Raises:
            ValueError: it is no such file.
        """
        return cls(str(data["name"]), base64.b64decode(str(data["content"])), picture=bool(data.get("picture")))


@dataclass(frozen=True, slots=True)
class Message:
    """A finished message: what a probe must repeat to the letter, buttons included.

    Attributes:
        text: in the markup that `html` says; with a file its caption.
        rows: buttons, row by row.
        html: the text is Telegram's HTML; else plain.
        silent: arrives without a sound.
        topic: the thread of a forum group; None for its main chat.
        file: sent with it.
        rich: the same in the form that the destination's API shows best: Telegram's rich message, Slack's blocks;
            `text` is its twin, which is always right.
        reply_to: the message that it answers, in the same chat.
    """

    text: str
    rows: tuple[tuple[Key, ...], ...] = ()
    html: bool = True
    silent: bool = False
    topic: int | None = None
    file: File | None = None
    rich: Mapping[str, object] | None = None
    reply_to: int | None = None

    def with_text(self, text: str) -> Message:
        """The same message with other words."""
        return replace(self, text=text)

    @property
    def classic(self) -> Message:
        """The twin without the rich form."""
        return replace(self, rich=None)

    def to_json(self) -> dict[str, object]:
        """For the outbox."""
        return {
            "text": self.text,
            "rows": [[[key.label, key.action] for key in row] for row in self.rows],
            "html": self.html,
            "silent": self.silent,
            "topic": self.topic,
            "file": self.file.to_json() if self.file else None,
            "rich": self.rich,
            "reply_to": self.reply_to,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Message:
        """The reverse of `to_json`; fields that are missing take their defaults.

        Raises:
            ValueError: it is no such message.
        """
        text, rows, topic, reply_to = data.get("text"), data.get("rows", []), data.get("topic"), data.get("reply_to")
        file, rich = data.get("file"), data.get("rich")
        if not isinstance(text, str) or not isinstance(rows, list):
            raise ValueError("a stored message without text or with rows that are no list")  # noqa: TRY004 - bad data
        keys = tuple(tuple(Key(str(label), str(action)) for label, action in row) for row in rows)
        return cls(
            text,
            keys,
            html=bool(data.get("html", True)),
            silent=bool(data.get("silent", False)),
            topic=topic if isinstance(topic, int) else None,
            file=File.from_json(file) if isinstance(file, Mapping) else None,
            rich=rich if isinstance(rich, Mapping) else None,
            reply_to=reply_to if isinstance(reply_to, int) else None,
        )


def plain_text(message: Message) -> Message:
    """The same words without markup, for a message whose marks could not be read."""
    return replace(message, text=html.unescape(_TAG.sub("", message.text)), html=False, rich=None)


class Sink(Protocol):
    """A way to one kind of destination. It tries once; patience, order and repetition are the caller's."""

    async def send(self, chat: str, message: Message) -> int:
        """Send as a new message.

        Returns:
            The id under which it can be edited; 0 where messages have none.

        Raises:
            DeliveryError: it did not arrive, or nobody knows.
        """

    async def edit(self, chat: str, message_id: int, message: Message, *, caption: bool = False) -> None:
        """Replace a message that was sent before.

        Args:
            caption: it is a picture or a file, of which only the words below it change.

        Raises:
            DeliveryError: `unchanged` when exactly this stands there already, `no_message`, `other_kind`, and as
                `send`.
        """

    async def probe(self, chat: str, message_id: int, message: Message) -> None:
        """Ask whether this message, sent with an unknown fate, stands under an id; a file is not sent again.

        Raises:
            DeliveryError: `unchanged` = it does; else as `edit`.
        """

    async def delete(self, chat: str, message_id: int) -> None:
        """Take a message of ours away.

        Raises:
            DeliveryError: `no_message` where there is none or it may not go, and as `send`.
        """

    async def pin(self, chat: str, message_id: int) -> None:
        """Pin a message, silently.

        Raises:
            DeliveryError: `refused` for want of the right, and as `delete`.
        """


class OneWay:
    """What every way has in common that gives nothing back: whatever was sent cannot be found again."""

    async def edit(self, chat: str, message_id: int, message: Message, *, caption: bool = False) -> None:
        """See `Sink.edit`: nothing of ours can be found again."""
        raise DeliveryError(Trouble.NO_MESSAGE)

    async def probe(self, chat: str, message_id: int, message: Message) -> None:
        """See `Sink.probe`."""
        raise DeliveryError(Trouble.NO_MESSAGE)

    async def delete(self, chat: str, message_id: int) -> None:
        """See `Sink.delete`."""
        raise DeliveryError(Trouble.NO_MESSAGE)

    async def pin(self, chat: str, message_id: int) -> None:
        """See `Sink.pin`."""
        raise DeliveryError(Trouble.NO_MESSAGE)
