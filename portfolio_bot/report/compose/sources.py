"""The accounts themselves: health, age, keys; and the notice when one goes or comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, assert_never

from portfolio_bot.model.failure import REFUSED, Failure, FailureKind
from portfolio_bot.model.portfolio import AccountValue, KnownAccount, Portfolio, ReadingState, UnknownAccount
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report.alert_views import AlertOver, AlertRaised
from portfolio_bot.report.compose.alerts import over, raised
from portfolio_bot.report.compose.lens import Lens, statement_day, watermark
from portfolio_bot.report.compose.remarks import account_alerts, unpriced, unread
from portfolio_bot.report.compose.sync import progress_of
from portfolio_bot.report.concerns import Concern
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
    plain,
)
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountBack, AccountDown, CheckView, KeyMoved, KeyNews, NoClose, SyncView
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

_STATE: Final = Column()
_FACTS: Final = Column(below=True)
_SAID: Final = {
    "confirm": "said_confirm",
    "gone": "said_gone",
    "leave": "said_leave",
    "back": "said_back",
    "wait": "said_wait",
}
_STATES: Final = {
    ReadingState.LIVE: "state_live",
    ReadingState.CACHED: "state_cached",
    ReadingState.STALE: "state_stale",
    ReadingState.FAILED: "state_failed",
}
_OWNERS: Final = frozenset({WarningKind.KEY_MAY_WITHDRAW, WarningKind.KEY_EXPIRES})


def accounts(portfolio: Portfolio, reader: Reader, *, past: SyncView | None = None) -> Document:
    """Health, age, coverage and warnings of each account, and what is not in its total.

    Args:
        past: how reading the past stands; told while it goes on.
    """
    lens = Lens.of(portfolio, reader)
    everyone: list[AccountValue] = [*lens.sorted_known(), *lens.failed()]
    if not everyone:
        return Document((Headline(lens.voice.say("no_accounts")),), lens.watermark)
    rows = tuple(_row(lens, account) for account in everyone)
    blocks: list[Block] = [Headline(_headline(lens, everyone)), Table((NAME, _STATE, FIGURE, FIGURE), rows)]
    if past is not None and past.running:
        blocks.append(Line(progress_of(lens.voice, past)))
    for account in everyone:
        if account.failure is not None:
            blocks.append(Line(_failure(lens, account, account.failure), Tone.ALERT))
        if isinstance(account, KnownAccount):
            blocks += account_alerts(lens, account)
    blocks.append(Gap())
    return Document((*blocks, *unread(lens), *unpriced(lens), Gap(), lens.closing()), lens.watermark)


def notice(
    view: AccountDown | AccountBack | KeyNews | KeyMoved | NoClose | AlertRaised | AlertOver,
    reader: Reader,
    portfolio: Portfolio,
) -> Document:
    """What is told unasked: an account that went or came back, news about a key, days without a complete close.

    Args:
        portfolio: for the reader's currency, and whether this is a demo.
    """
    lens = Lens.of(portfolio, reader)
    match view:
        case AccountDown():
            return Document(tuple(_down(lens, view)), lens.watermark)
        case AccountBack():
            return Document((Headline(_back(lens, view)),), lens.watermark)
        case KeyNews():
            return Document(tuple(_key_news(lens, view)), lens.watermark)
        case KeyMoved():
            return Document(tuple(_moved(lens, view)), lens.watermark)
        case NoClose():
            names = lens.voice.listed([account.name for account in view.accounts])
            days = lens.voice.count("days", view.days)
            asked = Headline(lens.voice.say("no_close_days", days=days, names=names), alert=True)
            return Document((asked, Line(lens.voice.say("no_close_what"))), lens.watermark)
        case AlertRaised():
            return raised(view, reader, portfolio)
        case AlertOver():
            return over(view, reader, portfolio)
        case _:
            assert_never(view)


def owned(action: str, name: str, what: str, reader: Reader) -> Document:
    """What the owner said about an account, carried out.

    Args:
        action: `confirm`, `gone`, `leave`, `back` or `wait`.
        what: the wallet or inner account; "" for the account itself.
    """
    voice = Voice.of(reader)
    phrase = "said_gone_part" if what else _SAID[action]
    return Document((Headline(voice.say(phrase, name=name, wallet=Foreign(what))),), watermark(voice, demo=reader.demo))


def check(views: Sequence[CheckView], reader: Reader) -> Document:
    """Each key: works or not, what it may do; then what to mend."""
    voice = Voice.of(reader)
    rows = [
        Row.of(
            view.account,
            voice.word(_verdict(view.failure)),
            Cell(_facts(voice, view, reader)),
            voice.numbers.seconds(view.seconds),
        )
        for view in views
    ]
    mends = [Line(told, Tone.ALERT) for view in views for told in todo(view, reader)]
    needy = sum(1 for view in views if view.failure is not None)
    blocks: list[Block] = [Table((NAME, _STATE, _FACTS, FIGURE), tuple(rows)), *mends, Gap()]
    all_ = voice.numbers.count(len(views))
    summary = voice.count("of_them_need_you", needy, all=all_) if needy else voice.count("all_well", len(views))
    return Document((*blocks, Line(summary)), watermark(voice, demo=reader.demo))


def _verdict(failure: Failure | None) -> str:
    if failure is None:
        return "check_ok"
    return "check_refused" if failure.kind in REFUSED else "check_failed"


def _headline(lens: Lens, everyone: Sequence[AccountValue]) -> str:
    live = sum(1 for account in everyone if account.failure is None)
    told = lens.voice.word(
        "accounts_live", live=lens.numbers.count(live), accounts=lens.voice.count("accounts", len(everyone))
    )
    needy = sum(1 for account in everyone if _needs_owner(lens, account))
    return f"{told} · {lens.voice.count('need_you', needy)}" if needy else told


def _needs_owner(lens: Lens, account: AccountValue) -> bool:
    """Only the owner can mend it: a failure that does not end by itself, a key that ends or may move money away."""
    if account.failure is not None:
        guide = lens.reader.guide(account.id)
        word = lens.voice.owners_word(account.id, account.failure, guide)
        return bool(plain(word) or plain(lens.voice.failure(account.name, account.failure, guide).mend))
    return isinstance(account, KnownAccount) and any(notice.kind in _OWNERS for notice in account.notices)


def _row(lens: Lens, account: AccountValue) -> Row:
    match account:
        case KnownAccount():
            day = statement_day(account)
            numbers = lens.numbers
            when = numbers.moment_short(account.as_of) if day is None else numbers.day(day)
            percent = None if account.coverage is None else account.coverage.percent
            coverage = "" if percent is None else numbers.percent(percent)
            return Row.of(account.name, lens.voice.word(_STATES[account.state]), when, coverage)
        case UnknownAccount():
            return Row.of(account.name, lens.voice.word(_STATES[ReadingState.FAILED]))


def _failure(lens: Lens, account: AccountValue, failure: Failure) -> Text:
    """Cause, since when, the mend, and when it is asked again."""
    text, mend = lens.failure_foot(account, failure)
    word = lens.voice.owners_word(account.id, failure, lens.reader.guide(account.id))
    if plain(word):
        mend = joined(lens.voice.say("because", why=Foreign(failure.detail)), word)
    named = failure.kind is FailureKind.RATE_LIMITED  # says so itself
    again: Text = ""
    if failure.retry_at is not None and failure.retry_at > lens.reader.now and not named:
        again = lens.voice.say("again_at", when=lens.numbers.moment(failure.retry_at))
    return joined(lens.voice.say("of_accounts", names=account.name, text=text), mend, again)


def _down(lens: Lens, view: AccountDown) -> Iterator[Block]:
    account, voice = view.account, lens.voice
    failure = account.failure
    if failure is None:
        return
    said = voice.failure(account.name, failure, lens.reader.guide(account.id))
    since = lens.since(account, failure)
    phrase = "down_still" if view.reminder else "down" if view.times > 1 else "down_once"
    values: dict[str, Text | Foreign] = {"name": account.name, "cause": said.short, "since": since}
    if phrase == "down":
        values["times"] = voice.word("twice") if view.times == 2 else voice.count("times", view.times)
    yield Headline(voice.say(phrase, **values), alert=True)
    match account:
        case KnownAccount():
            value = lens.money(account.total.amount)
            yield Line(voice.say("uses_value", when=lens.when(account), value=value))
        case UnknownAccount():
            yield Line(voice.say("not_in_total"))
    if said.mend:
        yield Line(said.mend)
    if said.where:
        yield Line(said.where)


def _back(lens: Lens, view: AccountBack) -> Text:
    account, voice = view.account, lens.voice
    value, hidden = lens.money(account.total.amount), lens.reader.percent_only
    if view.believed and view.before is not None:
        phrase = "believed_hidden" if hidden else "believed"
        return voice.say(phrase, name=account.name, value=value, before=lens.money(view.before))
    change = ""
    if view.before is not None:
        difference = lens.value(account.total.amount - view.before)
        change = f" ({lens.numbers.bare_change(difference, lens.currency)})"
    span = lens.numbers.span(lens.reader.now - view.since)
    return voice.say("back_hidden" if hidden else "back", name=account.name, span=span, value=value, change=change)


def _key_news(lens: Lens, view: KeyNews) -> Iterator[Block]:
    account = view.account
    for number, found in enumerate(view.notices):
        said = lens.voice.warning(Concern(found.kind, account.id, account.name, found.detail))
        yield Line(said, Tone.ALERT) if number else Headline(said, alert=True)
        mend = lens.voice.warning_mend(found.kind)
        if mend:
            yield Line(mend)


def _moved(lens: Lens, view: KeyMoved) -> Iterator[Block]:
    account, voice = view.account, lens.voice
    yield Headline(voice.say("key_moved", name=account.name), alert=True)
    if isinstance(account, KnownAccount):
        value = lens.money(account.total.amount)
        yield Line(voice.say("uses_value", when=lens.when(account), value=value))
    else:
        yield Line(voice.say("not_in_total"))
    if account.failure is not None:
        yield Line(voice.owners_word(account.id, account.failure, lens.reader.guide(account.id)))


def _facts(voice: Voice, view: CheckView, reader: Reader) -> str:
    """What a key is like, most important first."""
    if view.failure is not None:
        return plain(voice.failure(view.name, view.failure, reader.guide(view.account)).short)
    return " · ".join(_known_facts(voice, view))


def _known_facts(voice: Voice, view: CheckView) -> Iterator[str]:
    rights = {
        "rights_withdraw": view.can_withdraw,
        "rights_transfer": view.can_transfer,
        "rights_trade": view.can_trade,
    }
    if view.read_only:
        yield voice.word("rights_read")
    elif any(rights.values()):
        yield from (voice.word(phrase) for phrase, may in rights.items() if may)
    elif view.read_only is None and view.statement is None:
        yield voice.word("rights_unknown")
    if view.statement is not None:
        yield voice.word("statement", day=voice.numbers.day(view.statement))
    if view.expires is not None:
        yield voice.word("expires", day=voice.numbers.day(view.expires))
    elif view.never_expires:
        yield voice.word("no_expiry")
    if view.ip_bound is not None:
        yield voice.word("ip_bound" if view.ip_bound else "ip_free")
    if view.region is not None:
        yield voice.word("region", region=view.region)
    if view.skew is not None:
        yield voice.word("clock", skew=voice.numbers.skew(view.skew))
    yield from view.notes


def todo(view: CheckView, reader: Reader) -> tuple[Text, ...]:
    """What to do about one key: mend what keeps it from working, else see to what it should not be."""
    voice = Voice.of(reader)
    if view.failure is not None:
        said = voice.failure(view.name, view.failure, reader.guide(view.account))
        asked = voice.owners_word(view.account, view.failure, reader.guide(view.account))
        return (joined(said.sentence, asked or said.mend, said.where),)
    found = (Concern(notice.kind, view.account, view.name, notice.detail) for notice in view.notices)
    return tuple(joined(voice.warning(concern), voice.warning_mend(concern.kind)) for concern in found)
