"""Messages to Telegram: enough to send, edit, ask about, delete and pin, without the weight of a framework.

Polling for updates is the framework's (`bot.telegram`); sending is done here, so that a report can be sent from cron
in a fraction of a second and so that the fate of every call is known as exactly as the wire allows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import DeliveryError, File, Message, Trouble
from portfolio_bot.notify.bot_api import OFFICIAL, BotApi, result
from portfolio_bot.notify.parts import shortened
from portfolio_bot.report.telegram_pages import CAPTION

__all__ = ["OFFICIAL", "BotApi", "TelegramSink", "result"]

_NO_RICH = ("method not found", "rich_", "rich message", "can't parse", "supported", "message text is empty")
"""What a refusal of a rich message says; the last comes from a server that does not know the parameter."""

_ATTACHED = "picture"
"""The name of the form's field that holds what an edit brings along."""


class TelegramSink:
    """Messages to Telegram chats. The last thing done to a text is to take every known secret out of it."""

    def __init__(self, api: BotApi, redactor: Redactor) -> None:
        self._api = api
        self._redactor = redactor

    async def send(self, chat: str, message: Message) -> int:
        """See `Sink.send`."""
        parameters = {"chat_id": _chat(chat), **self._content(message), **_keys(message)}
        if message.silent:
            parameters["disable_notification"] = True
        if message.topic is not None:
            parameters["message_thread_id"] = message.topic
        if message.reply_to is not None:
            # what it answers may have been deleted meanwhile: that is no reason not to come
            parameters["reply_parameters"] = {"message_id": message.reply_to, "allow_sending_without_reply": True}
        if message.file is not None:
            method, field = ("sendPhoto", "photo") if message.file.picture else ("sendDocument", "document")
            sent = await self._api.upload(method, parameters, field, self._redacted(message.file))
        elif message.rich is not None:
            sent = await _rich(self._api.call("sendRichMessage", parameters))
        else:
            sent = await self._api.call("sendMessage", parameters)
        message_id = sent.get("message_id") if isinstance(sent, dict) else None
        if not isinstance(message_id, int):
            raise DeliveryError(Trouble.UNKNOWN, "an answer without a message id")
        return message_id

    async def edit(self, chat: str, message_id: int, message: Message, *, caption: bool = False) -> None:
        """See `Sink.edit`. Words become a picture and a picture another one; a picture cannot become words."""
        place = {"chat_id": _chat(chat), "message_id": message_id}
        if message.file is not None:
            media = {"type": "photo" if message.file.picture else "document", "media": f"attach://{_ATTACHED}"}
            parameters = {**place, "media": {**media, **self._content(message)}, **_keys(message)}
            await self._api.upload("editMessageMedia", parameters, _ATTACHED, self._redacted(message.file))
        elif caption:
            below = self._below(shortened(message, CAPTION))
            await self._api.call("editMessageCaption", {**place, **below, **_keys(message)})
        else:
            await self.probe(chat, message_id, message)

    async def probe(self, chat: str, message_id: int, message: Message) -> None:
        """See `Sink.probe`."""
        parameters = {"chat_id": _chat(chat), "message_id": message_id, **self._content(message), **_keys(message)}
        if message.file is not None:
            await self._api.call("editMessageCaption", parameters)
        elif message.rich is not None:
            await _rich(self._api.call("editMessageText", parameters))
        else:
            await self._api.call("editMessageText", parameters)

    async def delete(self, chat: str, message_id: int) -> None:
        """See `Sink.delete`."""
        await self._api.call("deleteMessage", {"chat_id": _chat(chat), "message_id": message_id})

    async def pin(self, chat: str, message_id: int) -> None:
        """See `Sink.pin`."""
        place = {"chat_id": _chat(chat), "message_id": message_id}
        await self._api.call("pinChatMessage", {**place, "disable_notification": True})

    def _redacted(self, file: File) -> File:
        """A table is text and may hold a secret; the words of a picture were drawn from what holds none."""
        if file.picture or not file.name.endswith(".csv"):
            return file
        return File(file.name, self._redactor.message(file.content.decode()).encode())

    def _content(self, message: Message) -> dict[str, object]:
        """What a send and its probe have in common, to the letter."""
        if message.file is not None:
            return self._below(message)
        if message.rich is not None:
            return {"rich_message": _without_secrets(message.rich, self._redactor)}
        text = self._redactor.message(message.text)
        return {"text": text, "link_preview_options": {"is_disabled": True}, **_mode(message)}

    def _below(self, message: Message) -> dict[str, object]:
        """The words below a picture or a file; the parameter stands there even if there are none."""
        return {"caption": self._redactor.message(message.text), **_mode(message)}


async def _rich(call: Awaitable[object]) -> object:
    """A call with a rich message: a server that knows nothing of such, or will not have this one, says so here."""
    try:
        return await call
    except DeliveryError as error:
        words = error.detail.lower()
        unknown = error.trouble in {Trouble.REFUSED, Trouble.TOKEN} and any(sign in words for sign in _NO_RICH)
        if error.trouble is Trouble.BAD_MARKUP or unknown:
            raise DeliveryError(Trouble.NO_RICH, error.detail) from None
        raise


def _without_secrets(value: object, redactor: Redactor) -> object:
    if isinstance(value, str):
        return redactor.message(value)
    if isinstance(value, Mapping):
        return {name: _without_secrets(inner, redactor) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_secrets(inner, redactor) for inner in value]
    return value


def _mode(message: Message) -> dict[str, object]:
    return {"parse_mode": "HTML"} if message.html else {}


def _keys(message: Message) -> dict[str, object]:
    if not message.rows:
        return {}
    keys = [[{"text": key.label, "callback_data": key.action} for key in row] for row in message.rows]
    return {"reply_markup": {"inline_keyboard": keys}}


def _chat(chat: str) -> int | str:
    """Numeric ids as numbers; `@channelname` stays text."""
    return int(chat) if chat.lstrip("-").isdigit() else chat
