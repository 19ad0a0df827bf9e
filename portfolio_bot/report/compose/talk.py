"""What is said about the bot itself: hello, help, set-up, progress, mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.compose.rules import interval_and_window, next_runs
from portfolio_bot.report.document import Block, Document, Foreign, Headline, Line, Text, Tone
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.refusals import begun
from portfolio_bot.report.views import HelpView, LateNote, Refusal, ScheduleView
from portfolio_bot.report.voice import Voice

_NAMED: Final = 6
"""Moments for which a late report stands that are named one by one."""


def said(reader: Reader, *blocks: Block) -> Document:
    """These blocks, with the watermark where one is due."""
    return Document(blocks, watermark(Voice.of(reader), demo=reader.demo))


def start(reader: Reader, *, schedule: ScheduleView | None = None) -> Document:
    """Hello: when reports come, and the two commands that lead on."""
    voice = Voice.of(reader)
    blocks: list[Block] = []
    if schedule is not None:
        interval, window = interval_and_window(voice, schedule, reader)
        blocks += [Headline(voice.say("start_pushes", interval=interval, window=window)), *next_runs(voice, schedule)]
    return said(reader, *blocks, Line(voice.say("start_commands")))


def help(commands: Sequence[HelpView], reader: Reader) -> Document:  # noqa: A001 - named like its command
    """Every command, one a line."""
    voice = Voice.of(reader)
    lines = [
        Line(
            voice.say(
                "command" if command.argument else "command_bare",
                command=command.command,
                argument=voice.term(command.argument),
                help=voice.words.helps[command.command],
            )
        )
        for command in commands
    ]
    return said(reader, Headline(voice.say("help_headline")), *lines)


def ids(reader: Reader, *, user: int | None, chat: int | None) -> Document:
    """The asker's own ids, nothing more."""
    voice = Voice.of(reader)
    lines = [Line(voice.say("ids", user=str(user)))] if user is not None else []
    if chat is not None and chat != user:
        lines.append(Line(voice.say("chat_id", chat=str(chat))))
    return said(reader, *lines)


def setup_mode(reader: Reader, *, chat: int, user: int | None = None) -> Document:
    """A token without a destination: what to put where.

    Args:
        user: the asker, who in a group has to be named as well.
    """
    voice = Voice.of(reader)
    lines = [Line(voice.say("setup_mend", chat=str(chat)))]
    if user is not None and user != chat:
        lines.append(Line(voice.say("setup_users", user=str(user))))
    return said(reader, Headline(voice.say("setup")), *lines)


def progress(states: Mapping[str, str], reader: Reader) -> Document:
    """`↻ Bybit ✓ OKX ✓ Kraken … IBKR …`.

    Args:
        states: by the account's shown name: waiting, ok, cached or failed.
    """
    voice = Voice.of(reader)
    marks = {"ok": "ok", "cached": "ok", "failed": "failed"}
    told = (f"{name}{NBSP}{voice.word(marks.get(state, 'waiting'))}" for name, state in states.items())
    return said(reader, Line(voice.say("progress", states=" ".join(told))))


def user_error(text: Text, reader: Reader) -> Document:
    """A mistake of the asker in one sentence: names the value, the reason, the mend."""
    return said(reader, Headline(text))


def error(refused: Refusal, reader: Reader) -> Document:
    """A wish that cannot be met: `"ten" is no interval.` and what would be right."""
    voice = Voice.of(reader)
    reason, mend = voice.refusal(refused)
    if refused.value:
        first = voice.say("error", value=Foreign(refused.value), reason=reason)
    else:
        first = voice.say("error_bare", reason=begun(reason))
    return said(reader, Headline(first), *([Line(mend)] if mend else []))


def unknown_command(name: str, nearest: str | None, reader: Reader) -> Document:
    """A command that does not exist, and the nearest that does."""
    voice = Voice.of(reader)
    mend = voice.say("did_you_mean", nearest=nearest) if nearest else voice.say("help_lists")
    return said(reader, Headline(voice.say("unknown_command", name=Foreign(name))), Line(mend))


def broken(name: str, reader: Reader) -> Document:
    """A command that failed by our own fault."""
    voice = Voice.of(reader)
    return said(reader, Headline(voice.say("broken", name=Foreign(name))), Line(voice.say("broken_mend")))


def late(note: LateNote, reader: Reader) -> tuple[Line, ...]:
    """`14:05 report, sent 15:20 (was offline)`, and what else it stands for."""
    voice = Voice.of(reader)
    numbers = voice.numbers
    slot, sent = numbers.moment(note.slot), numbers.moment(note.sent)
    told = [Line(voice.say("late_offline" if note.offline else "late", slot=slot, sent=sent), Tone.QUIET)]
    if len(note.also) > _NAMED:  # after days of silence they would fill the message
        count, first = voice.count("times", len(note.also)), numbers.moment(note.also[0])
        told.append(Line(voice.say("sending_also_many", count=count, first=first), Tone.QUIET))
    elif note.also:
        slots = voice.all_of([numbers.moment(due) for due in note.also])
        told.append(Line(voice.say("also_due", slots=slots), Tone.QUIET))
    return tuple(told)


def repeated(reader: Reader) -> Line:
    """Under a message that may have come twice."""
    return Line(Voice.of(reader).say("repeated"), Tone.QUIET)


def topic_gone(reader: Reader) -> Line:
    """Under a message that was meant for a topic which is gone."""
    return Line(Voice.of(reader).say("sending_topic_gone"), Tone.QUIET)


def too_old(commands: Sequence[str], reader: Reader) -> Document:
    """Commands that came too late to be carried out."""
    voice = Voice.of(reader)
    named = ", ".join(f"/{command}" for command in dict.fromkeys(commands))
    return said(reader, Headline(voice.say("too_old", commands=named)))
