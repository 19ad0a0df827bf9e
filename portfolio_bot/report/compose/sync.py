"""Reading the past: how it goes, how far back it reached, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from portfolio_bot.report.compose.lens import watermark
from portfolio_bot.report.document import (
    NAME,
    Block,
    Column,
    Document,
    Folded,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
)
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountSyncView, Asked, StreamView, SyncState, SyncView
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

READ, TYPED = "/flows read", "portfolio-bot sync"
"""What reads the past: in a chat, and on the command line."""

YEAR: Final = timedelta(days=365)
LEAP_DAYS: Final = timedelta(days=3)
RECENT: Final = timedelta(days=2)
"""What is read up to then is as good as read: it is read again a few times a day."""

NAMED_TITLES: Final = 2
NAMED_GAPS: Final = 3
_HUNDRED: Final = Decimal(100)
_STATES: Final = {
    SyncState.DONE: "sync_done",
    SyncState.RUNNING: "sync_waiting",
    SyncState.WAITING: "sync_waiting",
    SyncState.FAILED: "sync_failed",
    SyncState.NONE: "sync_none",
}


def sync(view: SyncView, reader: Reader) -> Document:
    """What is read of every account, how far back, and what is missing."""
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(_headline(voice, view, "history_done"))]
    if view.accounts:
        rows = tuple(_row(voice, account) for account in view.accounts)
        titles = (Column(right=True, title=voice.word(name)) for name in ("flows_title", "trades_title"))
        blocks.append(Table((NAME, Column(), *titles), rows, titled=True))
    blocks += [*troubles(voice, view, reader), Gap(), *_reach(voice, view), *_left_open(voice, view)]
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def history_read(view: SyncView, reader: Reader) -> Document:
    """Told once, when the past was read for the first time."""
    voice = Voice.of(reader)
    blocks: list[Block] = [Headline(_headline(voice, view, "read_once")), *_reach(voice, view)]
    blocks += [*troubles(voice, view, reader), *_left_open(voice, view)]
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def reading(view: SyncView, reader: Reader) -> Document:
    """One line that shows how it goes, while it goes."""
    voice = Voice.of(reader)
    return Document((Line(progress_of(voice, view)),), watermark(voice, demo=reader.demo))


def account_progress(account: AccountSyncView, reader: Reader) -> str:
    """`Bybit 43%`, `OKX ✓`."""
    return f"{account.name}{NBSP}{_mark(Voice.of(reader), account)}"


def standing(voice: Voice, view: SyncView | None, reader: Reader, asked: Asked) -> list[Block]:
    """Under a list of the past: whether it is being read, what failed, and, folded, how far back it goes."""
    if view is None:
        return []
    view = replace(view, accounts=tuple(one for one in view.accounts if asked.account in {None, one.account}))
    if not view.accounts:
        return [] if reader.in_chat or asked.account else [Line(voice.say("history_begin", command=TYPED))]
    blocks: list[Block] = []
    if view.running:
        blocks.append(Line(progress_of(voice, view)))
    elif not any(stream.since for account in view.accounts for stream in account.streams):
        begin = voice.say("history_begin", command=TYPED)
        never = voice.say("history_never") if reader.in_chat else begin
        return [*troubles(voice, view, reader), Line(never)]
    blocks += troubles(voice, view, reader)
    told = [one for one in view.accounts if not (view.running and _begun(one) and _on_the_way(one, reader))]
    known = replace(view, accounts=tuple(told))
    reach = (*_reach(voice, known), *_left_open(voice, view))
    return [*blocks, Folded(voice.say("history_reach"), reach)] if reach else blocks


def read_in_part(view: SyncView | None, asked: Asked, reader: Reader) -> bool:
    """Whether the past of an account that is asked for is on its way to the present, and not there yet."""
    accounts = () if view is None else view.accounts
    return any(_on_the_way(one, reader) for one in accounts if asked.account in {None, one.account})


def _begun(account: AccountSyncView) -> bool:
    return any(one.since for one in account.streams)


def _on_the_way(account: AccountSyncView, reader: Reader) -> bool:
    """Whether it is being read, oldest first, and the newest is still to come."""
    if account.state not in {SyncState.RUNNING, SyncState.WAITING}:
        return False
    return not account.streams or any(one.until is None or one.until < reader.now - RECENT for one in account.streams)


def troubles(voice: Voice, view: SyncView, reader: Reader) -> Iterator[Line]:
    """Each cause once per account, with its mend, after which the past is read again."""
    voice = replace(voice, pull=READ if reader.in_chat else TYPED)
    for account in view.accounts:
        causes = dict.fromkeys(stream.failure for stream in account.streams if stream.failure is not None)
        for failure in causes:
            said = voice.failure(account.name, failure, reader.guide(account.account))
            yield Line(joined(said.sentence, said.mend, said.where), Tone.ALERT)


def length(voice: Voice, keeps: timedelta) -> str:
    """`2 years`, `90 days`."""
    years, rest = divmod(keeps, YEAR)
    if years and rest <= LEAP_DAYS:
        return voice.count("years", years)
    return voice.count("days", keeps.days)


def _headline(voice: Voice, view: SyncView, phrase: str) -> Text:
    if view.running:
        return progress_of(voice, view)
    if any(account.state is SyncState.FAILED for account in view.accounts):
        phrase = "read_once_partly" if phrase == "read_once" else "history_partly"
    flows = voice.count("flows", sum(account.flows for account in view.accounts))
    trades = voice.count("trades", sum(account.trades for account in view.accounts))
    text = voice.say(phrase, flows=flows, trades=trades)
    new = sum(account.new for account in view.accounts)
    if not new or phrase.startswith("read_once"):
        return text
    return joined(text, voice.say("history_new", count=voice.numbers.count(new)), between=" · ")


def progress_of(voice: Voice, view: SyncView) -> Text:
    """`↻ Reading history: Bybit 43% OKX ✓`."""
    told = " ".join(
        f"{account.name}{NBSP}{_mark(voice, account)}"
        for account in view.accounts
        if account.state is not SyncState.NONE
    )
    return voice.say("reading_history", states=told)


def _mark(voice: Voice, account: AccountSyncView) -> str:
    match account.state:
        case SyncState.DONE:
            return voice.word("ok")
        case SyncState.FAILED:
            return voice.word("failed")
        case SyncState.RUNNING:
            return voice.numbers.percent(account.fraction * _HUNDRED, 0)
        case SyncState.WAITING | SyncState.NONE:
            return voice.word("waiting")


def _row(voice: Voice, account: AccountSyncView) -> Row:
    count = voice.numbers.count
    if account.state is SyncState.RUNNING:
        state = voice.numbers.percent(account.fraction * _HUNDRED, 0)
    else:
        state = voice.word(_STATES[account.state])
    if account.state is SyncState.NONE:
        return Row.of(account.name, state)
    return Row.of(account.name, state, count(account.flows), count(account.trades))


def _reach(voice: Voice, view: SyncView) -> Iterator[Line]:
    """Account by account; those that are read whole since the same day, of platforms that forget nothing, together."""
    alike: dict[date, list[str]] = {}
    for account in view.accounts:
        day = _simply_since(voice, account)
        if day is not None:
            alike.setdefault(day, []).append(account.name)
    for account in view.accounts:
        day = _simply_since(voice, account)
        if account.state is SyncState.NONE:
            yield Line(voice.say("reach_never", name=account.name), Tone.QUIET)
        elif day is None:
            yield Line(joined(joined(*_reach_of(voice, account), between="; "), ".", between=""), Tone.QUIET)
            yield from _gaps(voice, account)
        elif names := alike.pop(day, None):
            since = voice.say("reach_all", name=voice.all_of(names), day=voice.numbers.day(day))
            yield Line(joined(since, ".", between=""), Tone.QUIET)


def _simply_since(voice: Voice, account: AccountSyncView) -> date | None:
    """The one day since which everything of an account is read, where there is nothing else to say of it."""
    streams = account.streams
    days = {None if one.since is None else voice.numbers.calendar.day(one.since) for one in streams}
    simple = len(days) == 1 and not any(one.keeps or one.gaps for one in streams)
    return days.pop() if simple and account.state is not SyncState.NONE else None


def _reach_of(voice: Voice, account: AccountSyncView) -> Iterator[Text]:
    """Streams that begin on the same day are told together; the first ones are what crosses the border."""
    groups: dict[tuple[date, timedelta | None], list[StreamView]] = {}
    for stream in account.streams:
        if stream.since is not None:
            groups.setdefault((voice.numbers.calendar.day(stream.since), stream.keeps), []).append(stream)
    if not groups:
        yield voice.say("reach_none", name=account.name)
    for place, ((day, keeps), streams) in enumerate(groups.items()):
        shown = voice.numbers.day(day)
        if place:
            titles = _titles(voice, streams)
            kept = {} if keeps is None else {"length": length(voice, keeps)}
            yield voice.say("reach_more_kept" if kept else "reach_more", titles=titles, day=shown, **kept)
        elif keeps is None:
            yield voice.say("reach_all", name=account.name, day=shown)
        else:
            yield voice.say("reach_kept", name=account.name, day=shown, length=length(voice, keeps))
    unread = [stream for stream in account.streams if stream.since is None]
    if groups and unread:
        yield voice.say("reach_not_of", titles=_titles(voice, unread))


def _gaps(voice: Voice, account: AccountSyncView) -> Iterator[Line]:
    """Stretches that cannot be had, those of several streams told together."""
    groups: dict[str, list[StreamView]] = {}
    for stream in account.streams:
        for start, end in stream.gaps:
            last = max(end - timedelta(microseconds=1), start)
            days = voice.numbers.days(voice.numbers.calendar.day(start), voice.numbers.calendar.day(last))
            groups.setdefault(days, []).append(stream)
    for days, streams in list(groups.items())[:NAMED_GAPS]:
        titles = _titles(voice, streams)
        yield Line(voice.say("reach_gap", name=account.name, titles=titles, days=days), Tone.QUIET)
    if len(groups) > NAMED_GAPS:
        yield Line(voice.count("more_gaps", len(groups) - NAMED_GAPS), Tone.QUIET)


def _titles(voice: Voice, streams: Sequence[StreamView]) -> Text:
    return (Foreign(voice.listed([voice.term(stream.title) for stream in streams], NAMED_TITLES)),)


def _left_open(voice: Voice, view: SyncView) -> Iterator[Line]:
    unclassified = sum(account.unclassified for account in view.accounts)
    if unclassified:
        yield Line(voice.count("unclassified", unclassified), Tone.QUIET)
    unpriced = sum(account.unpriced for account in view.accounts)
    if unpriced:
        yield Line(voice.count("unvalued", unpriced), Tone.QUIET)
    if view.since is not None:
        yield Line(voice.say("wanted_since", day=voice.numbers.day(view.since)), Tone.QUIET)
