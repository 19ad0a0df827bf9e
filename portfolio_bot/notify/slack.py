"""Messages to a Slack channel, through its incoming webhook.

A webhook takes messages and gives nothing back: no id, so nothing can be edited, answered, deleted or asked about. A
message of unknown fate is sent again, and says so. The address is the secret; no error tells it.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.net.door import Answer, Door
from portfolio_bot.net.redact import Redactor
from portfolio_bot.notify.base import DeliveryError, Message, OneWay, Trouble
from portfolio_bot.notify.bot_api import fate
from portfolio_bot.notify.parts import blocks_of

_BAD_FORM = ("invalid_blocks", "invalid_payload", "invalid_attachments", "too_many_attachments")
_TAGS = (
    (re.compile(r"</?(?:b|strong)>"), "*"),
    (re.compile(r"</?(?:i|em)>"), "_"),
    (re.compile(r"</?code>"), "`"),
    (re.compile(r"<pre>"), "```\n"),
    (re.compile(r"</pre>"), "\n```"),
    (re.compile(r"<[^>]*>"), ""),
)


class SlackSink(OneWay):
    """Messages to the channel of a webhook. The last thing done to a text is to take every known secret out of it."""

    def __init__(self, door: Door, webhook: str, clock: Clock, redactor: Redactor) -> None:
        self._door, self._webhook, self._clock, self._redactor = door, webhook, clock, redactor

    def __repr__(self) -> str:
        return "SlackSink(***)"

    async def send(self, chat: str, message: Message) -> int:
        """See `Sink.send`. Buttons and files have no way through a webhook and are left out."""
        body = json.dumps(_body(message), ensure_ascii=False, separators=(",", ":"))
        content = self._redactor.message(body).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = await self._door.request("POST", self._webhook, headers=headers, data=content)
        except SourceError as error:
            raise DeliveryError(fate(error), str(error.failure.kind)) from None
        if answer.status != 200:
            raise self._refusal(answer)
        return 0

    def _refusal(self, answer: Answer) -> DeliveryError:
        """By Slack's own words, which are one word: `no_service`, `channel_is_archived`."""
        word = _word(answer)
        if answer.status == 429 or "rate_limited" in word:
            wait = (answer.retry_at - self._clock()).total_seconds() if answer.retry_at else 30.0
            return DeliveryError(Trouble.FLOOD, word, retry_after=max(wait, 1.0))
        if answer.status >= 500 or answer.status < 400:
            return DeliveryError(Trouble.UNKNOWN, word)
        if any(bad in word for bad in _BAD_FORM):
            return DeliveryError(Trouble.BAD_MARKUP, word)
        # 403 the webhook or its rights are taken away, 404 webhook or channel do not exist, 410 the channel is archived
        if answer.status in {401, 403, 404, 410}:
            return DeliveryError(Trouble.GONE, word)
        return DeliveryError(Trouble.REFUSED, word)


def _word(answer: Answer) -> str:
    """Slack's word for what is wrong; of a gateway's page nothing is repeated."""
    text = answer.body[:200].decode("utf-8", "replace").strip()
    return text if re.fullmatch(r"[a-z_]{1,60}", text) else f"HTTP {answer.status}"


def _body(message: Message) -> Mapping[str, object]:
    text = _mrkdwn(message)
    blocks = blocks_of(message.rich) if message.rich is not None else []
    return {"text": text, **({"blocks": blocks} if blocks else {})}


def _mrkdwn(message: Message) -> str:
    """Telegram's marks as Slack's, or plain text; `&`, `<` and `>` are escaped in both."""
    if not message.html:
        return html.escape(message.text, quote=False)
    text = message.text
    for tag, mark in _TAGS:
        text = tag.sub(mark, text)
    return text.replace("&quot;", '"').replace("&#x27;", "'")
