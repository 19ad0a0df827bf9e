"""The wire of the Bot API on loopback: calls as they arrive, what is wrong with them, and faults to order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError

from portfolio_bot.bot.lean_aiogram import methods
from tests.peers import telegram_html
from tests.peers.telegram_html import Entity, Refused

FOREVER = 3600.0
LARGEST_FILE = 50 * 1000 * 1000
LONGEST_CAPTION = 1024

Markup = tuple[tuple[tuple[str, str], ...], ...]


class ApiError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass
class Fault:
    """What happens to a call instead of a plain answer.

    Attributes:
        effect: the call does its work all the same.
        status, body: answered; no status = the connection is cut.
        delay: seconds before whatever comes.
    """

    effect: bool
    status: int | None = None
    body: bytes = b""
    delay: float = 0.0
    plain: bool = False
    times: int = 1
    method: str = "*"


def flood(seconds: int) -> Fault:
    """429 with `retry_after`."""
    body = {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {seconds}",
        "parameters": {"retry_after": seconds},
    }
    return Fault(False, 429, json.dumps(body).encode())


def refused(status: int, description: str) -> Fault:
    """An error in the Bot API's own form."""
    body = {"ok": False, "error_code": status, "description": description}
    return Fault(False, status, json.dumps(body).encode())


def page(status: int, *, effect: bool = False) -> Fault:
    """A gateway's web page, with or without the call having gone through behind it."""
    return Fault(effect, status, b"<html><h1>Bad Gateway</h1></html>")


def lost() -> Fault:
    """The call works, its answer never arrives."""
    return Fault(True)


def reset() -> Fault:
    """The connection breaks before anything happens."""
    return Fault(False)


def slow(seconds: float) -> Fault:
    """The call works at once, its answer takes a while."""
    return Fault(True, delay=seconds, plain=True)


def hang() -> Fault:
    """Nothing happens and nothing comes back."""
    return Fault(False, delay=FOREVER)


@dataclass
class Call:
    """A call as it arrived, whatever became of it."""

    method: str
    parameters: dict[str, object]
    at: float
    status: int | None = None


def error_body(error: ApiError) -> dict[str, object]:
    body: dict[str, object] = {"ok": False, "error_code": error.status, "description": error.description}
    return {**body, "parameters": error.parameters} if error.parameters else body


async def parameters_of(request: web.Request) -> dict[str, object]:
    """From a query, a form (with nested values as JSON) or a JSON body."""
    if request.content_type == "application/json":
        data = await request.json()
        return dict(data)
    fields: dict[str, object] = dict(request.query)
    fields.update((name, value) for name, value in (await request.post()).items())
    return {name: _nested(_document(value)) for name, value in fields.items()}


@dataclass(frozen=True)
class Document:
    """A file as it arrived."""

    name: str
    content: bytes


def _document(value: object) -> object:
    if not isinstance(value, web.FileField):
        return value
    content = value.file.read()
    if len(content) > LARGEST_FILE:
        raise ApiError(413, "Request Entity Too Large")
    if not content:
        raise Refused("file must be non-empty")
    return Document(value.filename, content)


def document_of(parameters: Mapping[str, object], field: str) -> Document:
    """The file of a call that must bring one, not the name of one that is there."""
    found = parameters.get(field)
    if not isinstance(found, Document):
        raise Refused(f"the {field} did not come as a file")
    return found


def _nested(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def checked(call: Call) -> str:
    """The method's name, once its parameters are what the documentation says: no unknown one, each of its type."""
    model = getattr(methods, call.method[:1].upper() + call.method[1:], None)
    if model is None:
        raise ApiError(404, "Not Found: method not found")
    brought = {name for name, value in call.parameters.items() if isinstance(value, Document)}
    named = str(call.parameters.get("media", ""))
    attached = {name for name in brought if f"attach://{name}" in named}
    unknown = set(call.parameters) - set(model.model_fields) - attached
    if unknown:
        raise Refused(f"unknown parameters {sorted(unknown)}")
    try:
        # a file in the form stands where a name or an address may stand as well
        model.model_validate({name: _named(value) for name, value in call.parameters.items() if name not in attached})
    except ValidationError as error:
        raise Refused(f"parameters: {error.errors()[0]['loc']} {error.errors()[0]['msg']}") from None
    return call.method


def _named(value: object) -> object:
    return value.name if isinstance(value, Document) else value


def text_of(parameters: Mapping[str, object], field: str = "text") -> tuple[str, tuple[Entity, ...]]:
    source = str(parameters.get(field, "") if field == "caption" else parameters[field])
    mode = parameters.get("parse_mode")
    if mode not in {None, "HTML"}:
        raise Refused(f"parse mode {mode}")
    text, entities = telegram_html.parse(source) if mode else (source.strip(), ())
    if field == "text":
        telegram_html.check_length(text)
    elif telegram_html.units(text) > LONGEST_CAPTION:
        raise ApiError(400, "Bad Request: message caption is too long")
    return text, entities


def markup_of(parameters: Mapping[str, object]) -> Markup:
    markup = parameters.get("reply_markup")
    if markup is None:
        return ()
    if not isinstance(markup, dict) or not isinstance(markup.get("inline_keyboard"), list):
        raise Refused("reply_markup is no inline keyboard")
    rows = tuple(tuple(_key(key) for key in row) for row in markup["inline_keyboard"])
    if any(not 1 <= len(row) <= 8 for row in rows) or sum(map(len, rows)) > 100:
        raise Refused("inline keyboard: 1 to 8 buttons a row, 100 in all")
    return rows


def _key(key: Mapping[str, object]) -> tuple[str, str]:
    label, data = key.get("text"), key.get("callback_data")
    if set(key) != {"text", "callback_data"} or not isinstance(label, str) or not isinstance(data, str):
        raise Refused(f"a button with fields {sorted(key)}")
    if not label.strip():
        raise Refused("can't parse inline keyboard button: text must be non-empty")
    if not 1 <= len(data.encode()) <= 64:
        raise Refused("BUTTON_DATA_INVALID")
    return label, data


def number(mapping: Mapping[str, object], name: str, default: int = 0) -> int:
    return int(str(mapping.get(name, default)))
