"""Telegram's Bot API as plain POSTs, and what its refusals mean. It knows nothing of messages."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.door import Answer, Door, NotSent, Timing
from portfolio_bot.notify.base import DeliveryError, File, Trouble

OFFICIAL = "https://api.telegram.org"
UPLOAD = 120.0
"""Seconds that sending a file may take."""

_WORDS: tuple[tuple[str, Trouble], ...] = (
    ("message is not modified", Trouble.UNCHANGED),
    ("message to edit not found", Trouble.NO_MESSAGE),
    ("message to delete not found", Trouble.NO_MESSAGE),
    ("message to pin not found", Trouble.NO_MESSAGE),
    ("message can't be edited", Trouble.NO_MESSAGE),
    ("message can't be deleted", Trouble.NO_MESSAGE),
    ("message_id_invalid", Trouble.NO_MESSAGE),
    ("there is no caption in the message to edit", Trouble.OTHER_KIND),
    ("there is no text in the message to edit", Trouble.OTHER_KIND),
    ("message identifier is not specified", Trouble.NO_MESSAGE),
    ("can't parse entities", Trouble.BAD_MARKUP),
    ("message is too long", Trouble.TOO_LONG),
    ("message_too_long", Trouble.TOO_LONG),
    ("message caption is too long", Trouble.TOO_LONG),
    ("media_caption_too_long", Trouble.TOO_LONG),
    ("message thread not found", Trouble.NO_TOPIC),
    ("topic_closed", Trouble.NO_TOPIC),
    ("topic_deleted", Trouble.NO_TOPIC),
    ("topic_id_invalid", Trouble.NO_TOPIC),
    ("message to be replied not found", Trouble.NO_REPLY),
    ("replied message not found", Trouble.NO_REPLY),
    ("reply message not found", Trouble.NO_REPLY),
    ("reply_message_id_invalid", Trouble.NO_REPLY),
    ("chat not found", Trouble.GONE),
    ("user not found", Trouble.GONE),
    ("user is deactivated", Trouble.GONE),
    ("group chat was deactivated", Trouble.GONE),
    ("peer_id_invalid", Trouble.GONE),
    ("chat_write_forbidden", Trouble.GONE),
    ("not enough rights to send", Trouble.GONE),
    ("have no rights to send", Trouble.GONE),
    ("need administrator rights", Trouble.GONE),
)
"""What the description of a 400 says, in lower case; the first that is found counts."""


class BotApi:
    """One bot's address. It holds the token, so it shows nothing of itself."""

    __slots__ = ("_base", "_token", "door")

    def __init__(self, door: Door, token: str, base_url: str = OFFICIAL) -> None:
        self.door = door
        self._token = token
        self._base = base_url.rstrip("/")

    def __repr__(self) -> str:
        return "BotApi(***)"

    def patient(self, seconds: float) -> BotApi:
        """The same bot, whose calls may take that long: for polling."""
        return BotApi(replace(self.door, timing=Timing(seconds, self.door.timing.connect)), self._token, self._base)

    @property
    def token(self) -> str:
        """The token itself: for the framework, which wants one."""
        return self._token

    async def ask(self, method: str, body: bytes, content_type: str) -> Answer:
        """One POST, whatever its status.

        Raises:
            SourceError: no answer; `NotSent` where the request surely never left.
        """
        url = f"{self._base}/bot{self._token}/{method}"
        return await self.door.request("POST", url, headers={"Content-Type": content_type}, data=body)

    def told(self, answer: Answer) -> object:
        """The `result` of an answer; its words may repeat the address that was asked, so the token is taken out.

        Raises:
            DeliveryError: as `result`.
        """
        body = answer.body
        for secret in (self._token, self._token.partition(":")[2]):
            body = body.replace(secret.encode(), b"***") if secret else body
        return result(replace(answer, body=body))

    async def call(self, method: str, parameters: Mapping[str, object]) -> object:
        """The `result` of one call.

        Raises:
            DeliveryError: as its table of troubles says.
        """
        body = json.dumps(parameters, ensure_ascii=False, separators=(",", ":")).encode()
        return await _posted(self, method, body, "application/json")

    async def upload(self, method: str, parameters: Mapping[str, object], field: str, file: File) -> object:
        """The same for a call that brings a file: as a form, which may take minutes.

        Raises:
            DeliveryError: as `call`.
        """
        body, content_type = _form(parameters, field, file)
        return await _posted(self.patient(max(UPLOAD, self.door.timing.total)), method, body, content_type)


def result(answer: Answer) -> object:
    """What a successful call returned.

    Raises:
        DeliveryError: Telegram, or whatever stands before it, said no.
    """
    data = _object(answer.body)
    if data is None:
        # a page of a gateway or firewall: on 5xx the call may have gone through behind it
        away = 400 <= answer.status < 500
        raise DeliveryError(Trouble.NOT_SENT if away else Trouble.UNKNOWN, f"HTTP {answer.status} without JSON")
    if data.get("ok") is True and 200 <= answer.status < 300:
        return data.get("result")
    raise _refusal(answer, data)


async def _posted(api: BotApi, method: str, body: bytes, content_type: str) -> object:
    try:
        answer = await api.ask(method, body, content_type)
    except SourceError as error:
        raise DeliveryError(fate(error), str(error.failure.kind)) from None
    return api.told(answer)


def fate(error: SourceError) -> Trouble:
    """Whether a request without an answer may have had its effect."""
    if isinstance(error, NotSent) or error.failure.kind is FailureKind.TLS:
        return Trouble.NOT_SENT
    return Trouble.UNKNOWN


def _form(parameters: Mapping[str, object], field: str, file: File) -> tuple[bytes, str]:
    """A multipart form: nested values as JSON, the file at its end."""
    boundary = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, value in parameters.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode())
    head = f'Content-Disposition: form-data; name="{field}"; filename="{file.name}"\r\nContent-Type: {_kind(file)}'
    parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), file.content, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _kind(file: File) -> str:
    if file.picture:
        return "image/png"
    return "text/csv" if file.name.endswith(".csv") else "application/octet-stream"


def _refusal(answer: Answer, data: Mapping[str, object]) -> DeliveryError:
    detail = str(data.get("description", ""))
    extra = data.get("parameters")
    extra = extra if isinstance(extra, dict) else {}
    moved_to = extra.get("migrate_to_chat_id")
    if moved_to is not None:
        return DeliveryError(Trouble.MOVED, detail, moved_to=str(moved_to))
    if answer.status == 429:
        seconds = extra.get("retry_after")
        return DeliveryError(Trouble.FLOOD, detail, retry_after=float(seconds) if isinstance(seconds, int) else 5.0)
    if answer.status >= 500 or answer.status < 400:
        return DeliveryError(Trouble.UNKNOWN, detail)
    if answer.status in {401, 404}:
        return DeliveryError(Trouble.TOKEN, detail)
    if answer.status == 403:
        return DeliveryError(Trouble.GONE, detail)
    lower = detail.lower()
    return DeliveryError(next((trouble for words, trouble in _WORDS if words in lower), Trouble.REFUSED), detail)


def _object(body: bytes) -> dict[str, object] | None:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
