"""A schedule as data: what is sent how often, where to, in which hours; and its form in the database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portfolio_bot.model.rhythm import Rhythm
from portfolio_bot.service.due import Due, slot_key
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.posts import MAIN, Post
from portfolio_bot.service.rhythm_words import rhythm_of, rhythm_word
from portfolio_bot.service.window import ALWAYS, Window, parse_window, window_word

DEFAULT: Final = "default"
"""The schedule that is always there: `/frequency` and `/window` edit its rhythm and its window."""

REPORT: Final = "report"
"""The content that every version knows."""

VERSION: Final = 1

MOST: Final = 20
"""Schedules that a chat can list and a tick can look at."""

_NAME: Final = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_CHARACTERS, _BYTES = 20, 24
_CONTENT: Final = re.compile(r"[a-z]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule.

    Attributes:
        name: unique: letters, digits and hyphens, in lower case.
        content: what is sent, a name of the table of contents.
        posts: where it goes, at least one address.
        silent: it arrives without a sound.
        paused: nothing is sent until it is resumed; what was due meanwhile is not made up for.
    """

    name: str
    rhythm: Rhythm
    content: str = REPORT
    posts: tuple[Post, ...] = (MAIN,)
    window: Window = ALWAYS
    silent: bool = False
    paused: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it is the one that is always there."""
        return self.name == DEFAULT

    def key(self, due: Due) -> str:
        """The name of one of its slots."""
        return slot_key(due.slot, "" if self.is_default else self.name)


@dataclass(frozen=True, slots=True)
class Errand:
    """A schedule whose time has come."""

    schedule: Schedule
    due: Due


def name_of(text: str) -> str:
    """The name that somebody gives a schedule.

    Raises:
        UserError: it cannot be one: a button has room for so much only.
    """
    name = text.lower()
    if not _NAME.fullmatch(name):
        raise UserError(text, "schedule_no_name")
    if len(name) > _CHARACTERS or len(name.encode()) > _BYTES:
        raise UserError(text, "schedule_long_name")
    return name


def spec_of(schedule: Schedule) -> str:
    """Everything but the name, for the database; of the default one what does not stand among the settings."""
    spec: dict[str, object] = {
        "version": VERSION,
        "content": schedule.content,
        "posts": [str(post) for post in schedule.posts],
        "silent": schedule.silent,
        "paused": schedule.paused,
    }
    if not schedule.is_default:
        spec |= {"rhythm": rhythm_word(schedule.rhythm), "window": window_word(schedule.window)}
    return json.dumps(spec, ensure_ascii=False)


def schedule_of(name: str, spec: str, standard: Schedule) -> Schedule:
    """The reverse of `spec_of`.

    Args:
        standard: the default one as the settings say.

    Raises:
        ValueError: it is none, or one of another version.
    """
    data = json.loads(spec)
    if not isinstance(data, Mapping) or data.get("version") != VERSION:
        raise ValueError("of another version")
    posts = tuple(Post.of(str(post)) for post in data["posts"])
    if not posts or not _CONTENT.fullmatch(str(data["content"])):
        raise ValueError("without an address or a content")
    rhythm, window = standard.rhythm, standard.window
    if name != DEFAULT:
        rhythm, window = _timing(str(data["rhythm"]), str(data["window"]))
    return Schedule(
        name, rhythm, str(data["content"]), posts, window, silent=bool(data["silent"]), paused=bool(data["paused"])
    )


def _timing(rhythm: str, window: str) -> tuple[Rhythm, Window]:
    try:
        return rhythm_of(rhythm), parse_window(window)
    except UserError as error:
        raise ValueError(str(error)) from None
