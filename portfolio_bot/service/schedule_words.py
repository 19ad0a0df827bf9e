"""A schedule in one line, as people type it and as the record of changes keeps it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from portfolio_bot.model.rhythm import Every, Rhythm, at_times
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.rhythm_words import KINDS, rhythm_word, take_rhythm, take_times
from portfolio_bot.service.schedule import Schedule
from portfolio_bot.service.window import Window, parse_window, window_word

AT, TO, WINDOW, SILENT, LOUD, PAUSED = "at", "to", "window", "silent", "loud", "paused"
HERE, HOME = "here", "main"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What words may mean where a line was typed.

    Attributes:
        contents: names of contents.
        here: the address at which it was typed.
        slack: Slack is set up.
        known: addresses that may be named by their ids: those in use.
    """

    contents: Collection[str]
    here: Post = MAIN
    slack: bool = False
    known: Collection[Post] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line wants of a schedule; None where it says nothing."""

    rhythm: Rhythm | None = None
    content: str | None = None
    posts: tuple[Post, ...] | None = None
    window: Window | None = None
    silent: bool | None = None
    paused: bool | None = None

    def of(self, schedule: Schedule) -> Schedule:
        """The schedule as it is wanted."""
        return replace(
            schedule,
            rhythm=schedule.rhythm if self.rhythm is None else self.rhythm,
            content=schedule.content if self.content is None else self.content,
            posts=schedule.posts if self.posts is None else self.posts,
            window=schedule.window if self.window is None else self.window,
            silent=schedule.silent if self.silent is None else self.silent,
            paused=schedule.paused if self.paused is None else self.paused,
        )


def line_of(schedule: Schedule) -> str:
    """Everything but the name; of the default one what does not stand among the settings."""
    timing = [] if schedule.is_default else [rhythm_word(schedule.rhythm)]
    parts = [*timing, schedule.content]
    if not schedule.is_default and not schedule.window.always:
        parts += [WINDOW, window_word(schedule.window)]
    parts += [TO, ",".join(post_word(post) for post in schedule.posts)]
    parts += [word for word, said in ((SILENT, schedule.silent), (PAUSED, schedule.paused)) if said]
    return " ".join(parts)


def post_word(post: Post) -> str:
    """As a line names it."""
    return HOME if post == MAIN else str(post)


def read_wish(words: Sequence[str], vocabulary: Vocabulary, now: Schedule | None = None) -> Wish:
    """Read a line, or what stands behind the name in one.

    Args:
        now: the schedule that is to be changed: only what is named changes; None for a new one, which needs a rhythm.

    Raises:
        UserError: a word means nothing here.
    """
    wish, rest = Wish(), list(words)
    wrong = "schedule_no_word" if now is None or now.is_default else "schedule_no_word_of_one"
    if now is None or (rest and rest[0].lower() in KINDS):
        rhythm, rest = take_rhythm(rest)
        wish = replace(wish, rhythm=rhythm)
    elif rest and rest[0].lower() == AT:
        wish, rest = _at(rest, now)
    while rest:
        wish, rest = _one(wish, rest, vocabulary, wrong)
    return wish


def _at(words: list[str], now: Schedule) -> tuple[Wish, list[str]]:
    """Other times of the same days."""
    times, rest = take_times(words)
    rhythm = None if isinstance(now.rhythm, Every) else at_times(now.rhythm, times)
    if rhythm is None:
        raise UserError(" ".join(words), "schedule_no_times_of_its_own", rhythm=rhythm_word(now.rhythm))
    return Wish(rhythm=rhythm), rest


def _one(wish: Wish, words: list[str], vocabulary: Vocabulary, wrong: str) -> tuple[Wish, list[str]]:
    """One word, or one with its value; `wrong` is the error about a word that is neither."""
    word, rest = words[0].lower(), words[1:]
    if word in vocabulary.contents:
        return replace(wish, content=word), rest
    match word:
        case "silent":
            return replace(wish, silent=True), rest
        case "loud":
            return replace(wish, silent=False), rest
        case "paused":
            return replace(wish, paused=True), rest
        case "window":
            if not rest:
                raise UserError("", "schedule_window_missing")
            return replace(wish, window=parse_window(rest[0])), rest[1:]
        case "to":
            if not rest:
                raise UserError("", "schedule_address_missing")
            return replace(wish, posts=_posts(rest[0], vocabulary)), rest[1:]
    raise UserError(words[0], wrong, contents=", ".join(vocabulary.contents))


def _posts(text: str, vocabulary: Vocabulary) -> tuple[Post, ...]:
    found = dict.fromkeys(_post(name, text, vocabulary) for name in text.lower().split(","))
    return tuple(found)


_NAMED: Final = (HERE, HOME, SLACK)


def _post(name: str, text: str, vocabulary: Vocabulary) -> Post:
    if name == SLACK and not vocabulary.slack:
        raise UserError(name, "schedule_no_slack")
    if name in _NAMED:
        return {HERE: vocabulary.here, HOME: MAIN, SLACK: Post(SLACK)}[name]
    known = {str(post): post for post in vocabulary.known}
    if name not in known:
        raise UserError(text, "schedule_no_address")
    return known[name]
