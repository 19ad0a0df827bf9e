"""A Bot API on loopback that is as strict as Telegram, keeps chats, polls for real and fails on demand.

    async with telegram_peer() as telegram:
        ann = telegram.user(4242)
        ann.says("/status")
        await telegram.until(lambda: telegram.messages(4242))
        press = ann.presses(telegram.messages(4242)[-1], "Refresh")
        telegram.fail(flood(3), "sendMessage")

Whatever a correct bot would never send is refused as Telegram refuses it, kept in `complaints`, and fails the test at
the end. Limits and words are those of the Bot API's documentation and of its server's source.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.peers import telegram_html
from tests.peers.telegram_chats import BOT, Chats, Shown
from tests.peers.telegram_html import Refused
from tests.peers.telegram_wire import (
    ApiError,
    Call,
    Fault,
    checked,
    error_body,
    flood,
    hang,
    lost,
    number,
    page,
    parameters_of,
    refused,
    reset,
    slow,
)

__all__ = [
    "TOKEN",
    "Fault",
    "Shown",
    "TelegramPeer",
    "flood",
    "hang",
    "lost",
    "page",
    "refused",
    "reset",
    "slow",
    "telegram_peer",
]

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


@dataclass
class Press:
    """A pressed button; `answers` are the calls that acknowledged it."""

    id: str
    answers: list[Mapping[str, object]] = field(default_factory=list)
    expired: bool = False


class PeerUser:
    """Somebody with a phone."""

    def __init__(self, peer: TelegramPeer, user_id: int, name: str) -> None:
        self.peer, self.id = peer, user_id
        self.as_json = {"id": user_id, "is_bot": False, "first_name": name}

    def says(
        self, text: str, *, chat: int | None = None, ago: float = 0, extra: Mapping[str, object] | None = None
    ) -> Shown:
        """Write a message, in the private chat with the bot unless another chat is named.

        Args:
            ago: seconds since then.
            extra: further fields of the message; `update_kind` makes it another kind of update.
        """
        return self.peer.receive(self, chat if chat is not None else self.id, text, ago, extra or {})

    def presses(self, message: Shown, label: str, *, data: str | None = None, seen: str = "whole") -> Press:
        """Press the first button whose label contains these words.

        Args:
            data: pretend that the button carries this, as a forged client can.
            seen: `whole`, `inaccessible` (too old for Telegram) or `none` (an inline message).
        """
        if data is None:
            data = next(action for row in message.markup for text, action in row if label in text)
        return self.peer.receive_press(self, message, data, seen)


class TelegramPeer(Chats):
    """State of a bot and its chats, and the calls that change it."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        self.calls: list[Call] = []
        self.complaints: list[str] = []
        self.commands: list[tuple[dict[str, object], list[dict[str, object]]]] = []
        self.presses: dict[str, Press] = {}
        self.revoked = False
        self.other_poller = False
        self.webhook = ""
        self.next_fault: Callable[[], Fault | None] = lambda: None
        self.port = 0
        self._updates: list[dict[str, object]] = []
        self._allowed: list[str] | None = None
        self._next_update = 1000
        self._poll = 0
        self._faults: list[Fault] = []
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    # what a test does and sees

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def user(self, user_id: int, name: str = "Ann") -> PeerUser:
        """A person who has opened the chat with the bot."""
        self._chats[user_id] = {"id": user_id, "type": "private", "first_name": name}
        return PeerUser(self, user_id, name)

    def unconfirmed(self) -> list[dict[str, object]]:
        """Updates that no poll has confirmed yet."""
        return list(self._updates)

    def repeat(self, update: dict[str, object]) -> None:
        """Deliver an update again, as Telegram does when a poll was cut off; in front of all later ones."""
        self._updates.insert(0, update)
        self._changed.set()

    def made(self, *names: str) -> list[Call]:
        """Calls of these methods; without names, all but polling."""
        return [call for call in self.calls if (call.method in names if names else call.method != "getUpdates")]

    def fail(self, fault: Fault, method: str = "*", times: int = 1) -> None:
        """Let the next calls (of a method) meet a fault."""
        fault.method, fault.times = method, times
        self._faults.append(fault)

    def forgive(self) -> None:
        """No ordered fault is met any more."""
        self._faults.clear()

    def moderate(self, chat: int, status: str) -> None:
        """The bot's own membership changes: `member`, `kicked`."""
        self._add_update(
            "my_chat_member",
            {
                "chat": self._chats[chat],
                "from": {"id": abs(chat), "is_bot": False, "first_name": "A"},
                "date": int(time.time()),
                "old_chat_member": _member("member" if status == "kicked" else "kicked"),
                "new_chat_member": _member(status),
            },
        )

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until something is true; looked at after every call."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def down(self) -> None:
        """Nobody listens any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def up(self) -> None:
        """Listen, on the port of before."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    # what reaches the bot

    def receive(self, user: PeerUser, chat: int, text: str, ago: float, extra: Mapping[str, object]) -> Shown:
        shown = Shown(self._next_id(chat), chat, text, own=False)
        self._messages.setdefault(chat, []).append(shown)
        body: dict[str, object] = {
            "message_id": shown.id,
            "date": int(time.time() - ago),
            "chat": self._chats[chat],
            "from": user.as_json,
            "text": text,
            **extra,
        }
        self._add_update(str(extra.get("update_kind", "message")), body)
        return shown

    def receive_press(self, user: PeerUser, message: Shown, data: str, seen: str) -> Press:
        press = Press(str(len(self.presses) + 1))
        self.presses[press.id] = press
        body: dict[str, object] = {"id": press.id, "from": user.as_json, "chat_instance": "77", "data": data}
        if seen == "whole":
            body["message"] = self._as_json(message)
        elif seen == "inaccessible":
            body["message"] = {"chat": self._chats[message.chat], "message_id": message.id, "date": 0}
        else:
            body["inline_message_id"] = "inline"
        self._add_update("callback_query", body)
        return press

    def _add_update(self, kind: str, body: dict[str, object]) -> None:
        self._next_update += 1
        self._updates.append({"update_id": self._next_update, kind: body})
        self._changed.set()

    # what the bot calls

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        call = Call(name, {}, time.monotonic())
        self.calls.append(call)
        try:
            call.parameters = await parameters_of(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            return web.Response()
        self._changed.set()
        fault = self._next_fault(name)
        if fault is None:
            return await self._answer(request, call)
        if not fault.plain and not fault.effect:
            await asyncio.sleep(fault.delay)
        reply = await self._answer(request, call) if fault.effect else None
        if fault.plain and reply is not None:
            await asyncio.sleep(fault.delay)
            return reply
        self._changed.set()
        if fault.status is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        call.status = fault.status
        return web.Response(status=fault.status, body=fault.body, content_type="application/json")

    def _next_fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method in {"*", method}:
                fault.times -= 1
                if not fault.times:
                    self._faults.remove(fault)
                return fault
        return self.next_fault()

    async def _answer(self, request: web.Request, call: Call) -> web.Response:
        try:
            if self.revoked or request.match_info["token"] != self.token:
                raise ApiError(401, "Unauthorized")
            body: dict[str, object] = {"ok": True, "result": await self._carry_out(call)}
            call.status = 200
        except Refused as error:
            self.complaints.append(f"{call.method}: {error}")
            call.status, body = 400, error_body(ApiError(400, f"Bad Request: {error}"))
        except ApiError as error:
            call.status, body = error.status, error_body(error)
        self._changed.set()
        return web.json_response(body, status=call.status)

    async def _carry_out(self, call: Call) -> object:
        method = checked(call)
        match call.method:
            case "getMe":
                return BOT
            case "getUpdates":
                return await self._get_updates(call.parameters)
            case "sendMessage" | "sendRichMessage" | "sendPhoto" | "sendDocument":
                return self._send(call)
            case "editMessageText" | "editMessageCaption" | "editMessageMedia":
                return self._edit(call)
            case "deleteMessage":
                return self._remove(call.parameters)
            case "pinChatMessage":
                return self._pin(call.parameters)
            case "answerCallbackQuery":
                return self._acknowledge(call.parameters)
            case "setMyCommands":
                return self._set_commands(call.parameters)
            case "deleteWebhook":
                self.webhook = ""
                return True
        raise Refused(f"{method} is not expected from this bot")

    async def _get_updates(self, parameters: Mapping[str, object]) -> object:
        if self.other_poller:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )
        if self.webhook:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        self._poll += 1
        mine = self._poll
        self._changed.set()
        offset, limit = number(parameters, "offset"), number(parameters, "limit", 100)
        self._updates = [update for update in self._updates if number(update, "update_id") >= offset]
        allowed = parameters.get("allowed_updates")
        if isinstance(allowed, list):
            self._allowed = [str(kind) for kind in allowed]
        ends = asyncio.get_running_loop().time() + number(parameters, "timeout")
        while True:
            wanted = [u for u in self._updates if self._allowed is None or set(u) & {*self._allowed}]
            if wanted:
                return wanted[:limit]
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                return []
            await asyncio.sleep(min(left, 0.01))
            if self._poll != mine:
                raise ApiError(409, "Conflict: terminated by other getUpdates request")

    def _acknowledge(self, parameters: Mapping[str, object]) -> object:
        press = self.presses.get(str(parameters["callback_query_id"]))
        if press is None or press.expired:
            raise ApiError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if press.answers:
            raise Refused("the same press acknowledged twice")
        if telegram_html.units(str(parameters.get("text", ""))) > 200:
            raise Refused("MESSAGE_TOO_LONG")
        press.answers.append(dict(parameters))
        return True

    def _set_commands(self, parameters: Mapping[str, object]) -> object:
        listed = parameters["commands"]
        assert isinstance(listed, list)
        if len(listed) > 100:
            raise Refused("BOT_COMMANDS_TOO_MUCH")
        for command in listed:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise Refused("BOT_COMMAND_INVALID")
            if not 1 <= telegram_html.units(command["description"]) <= 256:
                raise Refused("BOT_COMMAND_DESCRIPTION_INVALID")
        scope = parameters.get("scope")
        self.commands.append((scope if isinstance(scope, dict) else {}, listed))
        return True


@asynccontextmanager
async def telegram_peer(token: str = TOKEN) -> AsyncIterator[TelegramPeer]:
    """A server for one test; it fails the test if the bot did what Telegram would not accept."""
    peer = TelegramPeer(token)
    await peer.up()
    try:
        yield peer
    finally:
        await peer.down()
    assert not peer.complaints, peer.complaints


def _member(status: str) -> dict[str, object]:
    return {"status": status, "user": BOT, **({"until_date": 0} if status == "kicked" else {})}
