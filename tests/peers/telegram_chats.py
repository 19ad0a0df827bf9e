"""The chats behind the loopback Bot API: what stands in them, and the calls that send, edit, delete and pin."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from portfolio_bot.bot.lean_aiogram import types
from tests.peers.telegram_html import Entity, Refused
from tests.peers.telegram_rich import refuse_unknown, rich_text
from tests.peers.telegram_wire import (
    ApiError,
    Call,
    Document,
    Markup,
    document_of,
    markup_of,
    number,
    text_of,
)

BOT = {"id": 110201543, "is_bot": True, "first_name": "Portfolio", "username": "my_portfolio_bot"}
_SAME = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


@dataclass
class Shown:
    """A message as it stands in a chat now.

    Attributes:
        text: what is to be read: of a file its caption, of a rich message all its words.
        document: a file that came with it; with `photo` it is shown as a picture.
        rich: the form that it was sent in.
        versions: what stood here before.
    """

    id: int
    chat: int
    text: str
    own: bool
    source: str = ""
    entities: tuple[Entity, ...] = ()
    markup: Markup = ()
    silent: bool = False
    topic: int | None = None
    versions: list[str] = field(default_factory=list)
    document: Document | None = None
    photo: bool = False
    rich: Mapping[str, object] | None = None
    reply_to: int | None = None
    pinned: bool = False

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [label for row in self.markup for label, _ in row]

    @property
    def kind(self) -> str:
        """`text`, `rich`, `photo` or `document`."""
        if self.document is not None:
            return "photo" if self.photo else "document"
        return "text" if self.rich is None else "rich"


class Chats:
    """Chats and their messages.

    Attributes:
        blocked: chats whose owners do not want to hear from the bot.
        migrated: basic groups and the supergroups that they have become.
        no_rich: how rich messages are refused; "" while they are taken, `method` as by an old server.
        no_pin: chats in which the bot may not pin.
        removed: ids of messages that the bot deleted, by chat.
    """

    def __init__(self) -> None:
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.no_rich = ""
        self.no_pin: set[int] = set()
        self.removed: list[tuple[int, int]] = []
        self._chats: dict[int, dict[str, object]] = {}
        self._messages: dict[int, list[Shown]] = {}
        self._ids: dict[int, int] = {}

    def group(self, chat: int, kind: str = "supergroup", **extra: object) -> int:
        """A group or channel that the bot is a member of; `topics` are the ids of its threads."""
        self._chats[chat] = {"id": chat, "type": kind, "title": "Family", **extra}
        return chat

    def lose_topic(self, chat: int, topic: int) -> None:
        """Somebody deletes a thread, and with it what stands there."""
        topics = self._chats[chat]["topics"]
        assert isinstance(topics, list)
        topics.remove(topic)
        self._messages[chat] = [message for message in self._messages.get(chat, []) if message.topic != topic]

    def messages(self, chat: int) -> list[Shown]:
        """What the bot has written there and is still to be seen."""
        return [message for message in self._messages.get(chat, []) if message.own]

    def delete(self, message: Shown) -> None:
        """Somebody deletes a message."""
        self._messages[message.chat].remove(message)

    def _next_id(self, chat: int) -> int:
        """Rising per bot in private chats and basic groups, per chat in supergroups and channels."""
        scope = chat if self._chats[chat]["type"] in {"supergroup", "channel"} else 0
        self._ids[scope] = self._ids.get(scope, 0) + 1
        return self._ids[scope]

    def _send(self, call: Call) -> object:
        parameters = call.parameters
        chat = self._destination(parameters)
        topic = number(parameters, "message_thread_id") or None
        if topic is not None and topic not in self._topics(chat):
            raise ApiError(400, "Bad Request: message thread not found")
        content = self._content(call.method, parameters)
        reply_to = self._answered(chat, parameters)
        shown = Shown(
            self._next_id(chat),
            chat,
            own=True,
            silent=_true(parameters.get("disable_notification")),
            topic=topic,
            reply_to=reply_to,
            **content,  # type: ignore[arg-type]
        )
        self._messages.setdefault(chat, []).append(shown)
        return self._as_json(shown)

    def _edit(self, call: Call) -> object:
        parameters = call.parameters
        shown = self._found(parameters, "edit")
        if not shown.own:
            raise ApiError(400, "Bad Request: message can't be edited")
        content = self._content(call.method, parameters)
        if call.method == "editMessageText" and shown.document is not None:
            raise ApiError(400, "Bad Request: there is no text in the message to edit")
        if call.method == "editMessageCaption":
            if shown.document is None:
                raise ApiError(400, "Bad Request: there is no caption in the message to edit")
            content |= {"document": shown.document, "photo": shown.photo}
        compared = ("text", "entities", "markup", "document", "photo", "rich")
        if all(content[name] == getattr(shown, name) for name in compared):
            raise ApiError(400, _SAME)
        shown.versions.append(shown.text)
        for name, value in content.items():
            setattr(shown, name, value)
        return self._as_json(shown)

    def _content(self, method: str, parameters: Mapping[str, object]) -> dict[str, object]:
        """What a call puts into a message."""
        entities: tuple[Entity, ...] = ()
        document, photo, rich, where, given = None, False, parameters.get("rich_message"), "text", parameters
        if method in {"sendDocument", "sendPhoto"}:
            photo, where = method == "sendPhoto", "caption"
            document = document_of(parameters, "photo" if photo else "document")
        elif method == "editMessageMedia":
            given, where = _media(parameters), "caption"
            photo = given["type"] == "photo"
            document = document_of(parameters, str(given["media"]).removeprefix("attach://"))
        elif method == "editMessageCaption":
            where = "caption"
        if photo and document is not None and not document.content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if rich is not None:
            if "text" in parameters or not isinstance(rich, Mapping):
                raise Refused("text and rich_message in one call")
            self._refuse_rich()
            text, source = rich_text(rich), json.dumps(rich)
        else:
            (text, entities), source = text_of(given, where), str(given.get(where, ""))
        return {
            "text": text,
            "entities": entities,
            "source": source,
            "markup": markup_of(parameters),
            "document": document,
            "photo": photo,
            "rich": rich,
        }

    def _refuse_rich(self) -> None:
        if self.no_rich == "method":
            raise ApiError(404, "Not Found: method not found")
        if self.no_rich:
            raise ApiError(400, f"Bad Request: {self.no_rich}")

    def _remove(self, parameters: Mapping[str, object]) -> object:
        shown = self._found(parameters, "delete")
        if not shown.own and self._chats[shown.chat]["type"] != "private":
            raise ApiError(400, "Bad Request: message can't be deleted")
        self._messages[shown.chat].remove(shown)
        self.removed.append((shown.chat, shown.id))
        return True

    def _pin(self, parameters: Mapping[str, object]) -> object:
        shown = self._found(parameters, "pin")
        if shown.chat in self.no_pin:
            raise ApiError(400, "Bad Request: not enough rights to manage pinned messages in the chat")
        if not _true(parameters.get("disable_notification")):
            raise Refused("a pin that rings")
        shown.pinned = True
        return True

    def _found(self, parameters: Mapping[str, object], what: str) -> Shown:
        chat, wanted = self._destination(parameters), number(parameters, "message_id")
        shown = next((message for message in self._messages.get(chat, []) if message.id == wanted), None)
        if shown is None:
            raise ApiError(400, f"Bad Request: message to {what} not found")
        return shown

    def _answered(self, chat: int, parameters: Mapping[str, object]) -> int | None:
        given = parameters.get("reply_parameters")
        if given is None:
            return None
        if not isinstance(given, Mapping):
            raise Refused("reply_parameters is no object")
        refuse_unknown(types.ReplyParameters.model_validate(given), "reply_parameters")
        wanted = number(given, "message_id")
        if any(message.id == wanted for message in self._messages.get(chat, [])):
            return wanted
        in_topic = number(parameters, "message_thread_id") > 0  # there the permission counts for nothing
        if given.get("allow_sending_without_reply") is not True or in_topic:
            raise ApiError(400, "Bad Request: message to be replied not found")
        return None

    def _destination(self, parameters: Mapping[str, object]) -> int:
        chat = int(str(parameters["chat_id"]))
        if chat in self.migrated:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated[chat],
            )
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat not in self._chats:
            raise ApiError(400, "Bad Request: chat not found")
        return chat

    def _topics(self, chat: int) -> list[object]:
        topics = self._chats[chat].get("topics", [])
        return topics if isinstance(topics, list) else []

    def _as_json(self, message: Shown) -> dict[str, object]:
        rows = [[{"text": text, "callback_data": data} for text, data in row] for row in message.markup]
        return {
            "message_id": message.id,
            "date": int(time.time()),
            "chat": self._chats[message.chat],
            "from": BOT,
            **_told(message),
            **({"reply_markup": {"inline_keyboard": rows}} if rows else {}),
        }


def _true(value: object) -> bool:
    """In a form the truth is a word."""
    return str(value).lower() == "true"


def _media(parameters: Mapping[str, object]) -> Mapping[str, object]:
    media = parameters.get("media")
    if not isinstance(media, Mapping) or media.get("type") not in {"photo", "document"}:
        raise Refused("media that is neither a picture nor a document")
    kind = types.InputMediaPhoto if media["type"] == "photo" else types.InputMediaDocument
    refuse_unknown(kind.model_validate(media), "media")
    if not str(media.get("media")).startswith("attach://"):
        raise Refused("media that does not come with the call")
    return media


def _told(message: Shown) -> dict[str, object]:
    if message.kind == "rich":
        return {"rich_message": {"blocks": [{"type": "paragraph", "text": message.text}]}}
    if message.document is None:
        return {"text": message.text}
    name, size = message.document.name, len(message.document.content)
    one = {"file_id": f"file-{message.id}", "file_unique_id": str(message.id), "file_size": size}
    if message.photo:
        return {"caption": message.text, "photo": [{**one, "width": 1280, "height": 720}]}
    return {"caption": message.text, "document": {**one, "file_name": name}}
