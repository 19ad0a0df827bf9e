"""What an update tells of where it comes from."""

from __future__ import annotations

from portfolio_bot.bot.access import Sender
from portfolio_bot.bot.lean_aiogram import types


def topic_of(message: types.Message) -> int | None:
    """The topic of a group that a message stands in; None outside of all."""
    return message.message_thread_id if message.is_topic_message else None


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
