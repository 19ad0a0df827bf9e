"""What an update tells of where it comes from, and where its answer goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portfolio_bot.bot.access import Sender
from portfolio_bot.bot.lean_aiogram import types


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer goes.

    Attributes:
        topic: of a group; None outside of all.
        edit: the message that it takes the place of; None for a new one.
        picture: that message is a picture: words alone go below it.
    """

    chat: str
    topic: int | None = None
    edit: int | None = None
    picture: bool = False

    @classmethod
    def after(cls, message: types.Message) -> Spot:
        """Where somebody wrote."""
        return cls(str(message.chat.id), message.message_thread_id if message.is_topic_message else None)

    @classmethod
    def of(cls, pressed: types.Message | types.InaccessibleMessage) -> Spot:
        """Where somebody pressed. What is too old for Telegram to show cannot be edited either."""
        if not isinstance(pressed, types.Message):
            return cls(str(pressed.chat.id))
        return replace(cls.after(pressed), edit=pressed.message_id, picture=bool(pressed.photo))


def author(user: types.User | None) -> str:
    """As the record of changes names a person."""
    return f"telegram:{user.id}" if user else "telegram"


def sender_of(update: types.Update) -> Sender | None:
    """Where an update comes from; None for kinds that were never asked for."""
    message, press, membership = update.message, update.callback_query, update.my_chat_member
    if message is not None:
        user = message.from_user
        masked = (
            message.sender_chat is not None
            or message.via_bot is not None
            or message.forward_origin is not None
            or (user is not None and user.is_bot)
        )
        return Sender(user.id if user else None, message.chat.id, message.chat.type == "private", masked)
    if press is not None:
        chat = press.message.chat if press.message else None
        return Sender(press.from_user.id, chat.id if chat else None, chat is not None and chat.type == "private")
    if membership is not None:
        return Sender(membership.from_user.id, membership.chat.id, membership.chat.type == "private")
    return None
