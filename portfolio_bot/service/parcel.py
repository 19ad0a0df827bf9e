"""A letter as the sender sees it: what of it has arrived, and what is still to be sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portfolio_bot.notify.base import Message
from portfolio_bot.service.push import Push


@dataclass(frozen=True, slots=True)
class Parcel:
    """The payload of a letter, with how far its sending is.

    Attributes:
        push: what was written; its `sent_as` is the present or last try.
        rest: messages still to be sent, the one in hand first; empty before the first try.
        arrived: ids of those that have arrived.
    """

    push: Push
    rest: tuple[Message, ...] = ()
    arrived: tuple[int, ...] = ()

    @classmethod
    def of(cls, payload: Mapping[str, object]) -> Parcel:
        """Read a payload.

        Raises:
            ValueError: it is none.
        """
        rest, arrived = payload.get("rest") or [], payload.get("arrived") or []
        if not isinstance(rest, list) or not isinstance(arrived, list):
            raise ValueError("a letter whose progress is no list")  # noqa: TRY004 - bad data
        return cls(Push.of(payload), tuple(Message.from_json(one) for one in rest), tuple(int(one) for one in arrived))

    def to_json(self) -> dict[str, object]:
        """The reverse of `of`. What is in hand is told once: it is the first of the rest."""
        told = replace(self.push, sent_as=None) if self.rest else self.push
        return {
            **told.to_json(),
            "rest": [message.to_json() for message in self.rest],
            "arrived": list(self.arrived),
        }

    @property
    def in_hand(self) -> Message:
        """What the present or last try really said, to the letter."""
        return self.rest[0] if self.rest else self.push.sent_as or self.push.message

    @property
    def begun(self) -> bool:
        """Some of it stands in the chat: it can neither give way to another nor be worded anew."""
        return bool(self.arrived)

    def trying(self, messages: Sequence[Message]) -> Parcel:
        """Before the first of these is sent."""
        return replace(self, rest=tuple(messages))

    def after(self, message_id: int) -> Parcel:
        """The one in hand arrived under this id."""
        return Parcel(replace(self.push, doubtful=False, sent_as=None), self.rest[1:], (*self.arrived, message_id))

    def again(self) -> Parcel:
        """The one in hand left no trace: it is sent again, and says so; worded anew if nothing has arrived yet."""
        return replace(self, push=replace(self.push, doubtful=True), rest=self.rest if self.begun else ())

    def light(self) -> Parcel:
        """Without its file, for the archive."""
        words = replace(self.push, message=replace(self.push.message, file=None), sent_as=None)
        return Parcel(words, (), self.arrived)
