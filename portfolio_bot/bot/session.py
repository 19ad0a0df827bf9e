"""aiogram's way out, through the one guarded door, and the patience that its polling lacks.

aiogram swallows every error of a poll, also a refused token and a second poller, asks again within seconds and writes
the error's text, which can hold the token, into the log; and an error in its very first call ends the polling for
good. So `getUpdates` and that first `getMe` never fail here: they wait, by what went wrong, and say so once.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import urllib.parse
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import ValidationError

from portfolio_bot.bot.lean_aiogram import BaseSession, Bot, ClientDecodeError, methods, response_of, types
from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.net.door import Answer
from portfolio_bot.notify.base import DeliveryError, Trouble
from portfolio_bot.notify.telegram import BotApi, result

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"


class Ear(Enum):
    """How well the bot hears."""

    STARTING = "starting"
    LISTENING = "listening"
    UNREACHABLE = "unreachable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    OTHER_COPY = "other_copy"


_SAID = {
    Ear.UNREACHABLE: "Telegram does not answer; the bot keeps asking",
    Ear.TOKEN_REFUSED: "Telegram refuses the bot's token; put a valid TELEGRAM_BOT_TOKEN into the settings and restart",
    Ear.OTHER_COPY: "another copy polls with this token; only one of them hears a message: stop the other one",
}


@dataclass(frozen=True, slots=True)
class PollPace:
    """Patience of polling, in seconds.

    Attributes:
        timeout: how long Telegram holds a poll open.
        slack: what a poll may take beyond that.
        first_wait, longest_wait: between failures, doubling.
        token_wait: after the token was refused.
    """

    timeout: int = 25
    slack: float = 10.0
    first_wait: float = 1.0
    longest_wait: float = 60.0
    token_wait: float = 300.0


@dataclass(slots=True)
class Hearing:
    """What health wants to know of the polling: a bot can be deaf for days while its process lives.

    Attributes:
        last_poll: when the last poll succeeded or, before the first, when polling began.
    """

    state: Ear = Ear.STARTING
    last_poll: datetime | None = None

    @property
    def complaint(self) -> str:
        """What only a person can mend, in a few words; "" while there is nothing of the kind."""
        return "Telegram refuses the bot's token" if self.state is Ear.TOKEN_REFUSED else ""

    def turn(self, state: Ear) -> None:
        """Take note, and say in the log what changed; nothing is said twice."""
        if state is self.state:
            return
        if state is Ear.LISTENING:
            log.info("polling Telegram" if self.state is Ear.STARTING else "Telegram answers again")
        elif state in _SAID:
            log.warning("%s", _SAID[state])
        self.state = state


class DoorSession(BaseSession):
    """Calls of aiogram as form posts through `net.door`. Its errors carry no address and no body."""

    def __init__(self, api: BotApi, clock: Clock, pace: PollPace) -> None:
        super().__init__(timeout=pace.slack)
        self.hearing = Hearing()
        self._api, self._clock, self._pace = api, clock, pace
        self._poll_api = api.patient(pace.timeout + pace.slack)

    async def make_request(
        self, bot: Bot, method: methods.TelegramMethod[Any], timeout: int | None = None
    ) -> Any:  # the framework's own signature
        """One call; see the module about polling."""
        if isinstance(method, methods.GetUpdates | methods.GetMe):
            return await self._insist(bot, method)
        answer = await self._ask(self._api, bot, method)
        return self._checked(bot, method, answer)

    async def close(self) -> None:
        """The HTTP session is everybody's and closed by who opened it."""

    def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """Files are not read from Telegram."""
        raise NotImplementedError

    async def _ask(self, api: BotApi, bot: Bot, method: methods.TelegramMethod[Any]) -> Answer:
        fields = {}
        for name, value in method.model_dump(warnings=False).items():
            prepared = self.prepare_value(value, bot=bot, files={})
            if prepared is not None:
                fields[name] = prepared
        return await api.ask(method.__api_method__, urllib.parse.urlencode(fields).encode(), FORM)

    async def _insist(self, bot: Bot, method: methods.TelegramMethod[Any]) -> Any:
        failures = 0
        while True:
            try:
                answer = await self._ask(self._poll_api, bot, method)
                result(answer)
            except SourceError:
                state, wait = Ear.UNREACHABLE, None
            except DeliveryError as error:
                state, wait = await self._understood(bot, error)
            else:
                self.hearing.turn(Ear.LISTENING)
                self.hearing.last_poll = self._clock()
                return self._checked(bot, method, answer)
            failures += 1
            self.hearing.turn(state)
            await asyncio.sleep(
                wait or min(self._pace.first_wait * 2.0 ** min(failures - 1, 10), self._pace.longest_wait)
            )

    async def _understood(self, bot: Bot, error: DeliveryError) -> tuple[Ear, float | None]:
        if error.trouble is Trouble.TOKEN:
            return Ear.TOKEN_REFUSED, self._pace.token_wait
        if "webhook" in error.detail.lower():
            log.warning("a webhook was set for this bot, so it could not poll; it is removed")
            with contextlib.suppress(SourceError):
                await self._ask(self._api, bot, methods.DeleteWebhook())
            return self.hearing.state, self._pace.first_wait
        if error.detail.startswith("Conflict"):
            return Ear.OTHER_COPY, None
        return Ear.UNREACHABLE, error.retry_after

    def _checked(self, bot: Bot, method: methods.TelegramMethod[Any], answer: Answer) -> Any:
        text = answer.body.decode("utf-8", "replace")
        response_of(method.__returning__)  # aiogram asks for this class next: it must be there already
        try:
            return self.check_response(bot, method, answer.status, text).result
        except ClientDecodeError:  # it holds the whole answer
            if not isinstance(method, methods.GetUpdates):
                raise DeliveryError(Trouble.UNKNOWN, "an answer of another form") from None
        return _salvaged(bot, text)


def _salvaged(bot: Bot, text: str) -> list[types.Update]:
    """The updates of a poll of which one cannot be read: that one is passed over, or the bot would be deaf for ever."""
    updates = []
    for raw in json.loads(text)["result"]:
        try:
            updates.append(types.Update.model_validate(raw, context={"bot": bot}))
        except ValidationError:
            log.warning("passed over update %s, which this version cannot read", raw.get("update_id"))
            updates.append(types.Update(update_id=raw["update_id"]))
    return updates
