"""Who may speak: decided once, in front of everything, from numbers alone. The rule is to refuse.

Identity is the numeric user id, never a name and never the chat alone: in a group everybody shares the chat, and a
report that was forwarded elsewhere keeps its buttons.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from portfolio_bot.model.days import Clock

log = logging.getLogger(__name__)

REMEMBERED = 1000
"""Strangers that are told apart; more than that at once only makes the log thinner."""


class Verdict(Enum):
    """What a message or a press may bring about."""

    ALLOWED = "allowed"
    IDS_ONLY = "ids_only"  # `/id`, and `/start` in set-up mode: the asker's own ids, nothing else
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Sender:
    """Where something comes from, in plain numbers.

    Attributes:
        user: who, None if nobody in particular (a channel, an anonymous admin).
        chat: where; None for an inline message that belongs to no chat of ours.
        private: the chat is a private one.
        masked: it speaks for somebody else: as a channel, through a bot, or forwarded.
    """

    user: int | None
    chat: int | None
    private: bool
    masked: bool = False


class Access:
    """The owner's chat and the people who may use it.

    Args:
        chat_id: where reports go; None = set-up mode, in which everybody may learn their own ids and nothing else.
        users: `ALLOWED_USER_IDS`. The user of a private destination is allowed as well; without any of them a group
            only receives.
    """

    def __init__(self, chat_id: str | None, users: Collection[int] = ()) -> None:
        number = int(chat_id) if chat_id and chat_id.lstrip("-").isdigit() else None
        self.setting_up = not chat_id
        self._destinations = {number} if number is not None else set()
        self._users = frozenset(users) | ({number} if number is not None and number > 0 else frozenset())

    @property
    def owner(self) -> int | None:
        """The user of the private destination; None where it is a group."""
        return next((chat for chat in self._destinations if chat > 0), None)

    @property
    def users(self) -> frozenset[int]:
        """Everybody who may use commands."""
        return self._users

    def also(self, chat: int) -> None:
        """The destination moved: a group that became a supergroup has a second id."""
        self._destinations.add(chat)

    def judge(self, sender: Sender) -> Verdict:
        """What this sender may do."""
        if sender.user is None or sender.chat is None or sender.masked:
            return Verdict.SILENCE
        own_chat = sender.private and sender.chat == sender.user
        if self.setting_up:
            return Verdict.IDS_ONLY
        if sender.user in self._users:
            known = own_chat if sender.private else sender.chat in self._destinations
            return Verdict.ALLOWED if known else Verdict.IDS_ONLY
        return Verdict.IDS_ONLY if own_chat else Verdict.SILENCE


class Strangers:
    """Answers to `/id` and log lines about people we do not know, both rationed."""

    def __init__(
        self,
        clock: Clock,
        *,
        answer_every: timedelta = timedelta(minutes=1),
        log_every: timedelta = timedelta(hours=1),
        logs_a_minute: int = 10,
        answers_a_minute: int = 10,
    ) -> None:
        self._clock = clock
        self._answer_every, self._log_every = answer_every, log_every
        self._answered: OrderedDict[int, datetime] = OrderedDict()
        self._logged: OrderedDict[int, datetime] = OrderedDict()
        self._lines: deque[datetime] = deque(maxlen=logs_a_minute)
        self._answers: deque[datetime] = deque(maxlen=answers_a_minute)

    def may_ask(self, user: int) -> bool:
        """Whether this user's `/id` is answered now: once a minute each, ten times a minute over all."""
        now = self._clock()
        if _full(self._answers, now) or not _first_in(self._answered, user, now, self._answer_every):
            return False
        self._answers.append(now)
        return True

    def note(self, user: int | None) -> None:
        """Say in the log that somebody was refused: once an hour for each id, ten lines a minute over all."""
        now = self._clock()
        if not _full(self._lines, now) and _first_in(self._logged, user or 0, now, self._log_every):
            self._lines.append(now)
            log.info("refused a message of user %s, who is not allowed here", user)


def _full(lately: deque[datetime], now: datetime) -> bool:
    """Whether as much as may happen in a minute has happened in the last one."""
    return len(lately) == lately.maxlen and now - lately[0] < timedelta(minutes=1)


def _first_in(table: OrderedDict[int, datetime], user: int, now: datetime, span: timedelta) -> bool:
    last = table.get(user)
    if last is not None and now - last < span:
        return False
    table[user] = now
    table.move_to_end(user)
    if len(table) > REMEMBERED:
        table.popitem(last=False)
    return True
