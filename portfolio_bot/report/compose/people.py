"""Who may do what, who changed what, and how a chat is written to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.report.compose.talk import said
from portfolio_bot.report.document import Block, Document, Foreign, Gap, Headline, Line, Text, Tone
from portfolio_bot.report.numbers import NBSP
from portfolio_bot.report.people_views import ChangesView, ChangeView, LookView, PersonView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice

_SETTING: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_RECORD: Final = re.compile(r"(-?\d+(?:\.\d+)?) (.+)")

_TERMINAL: Final = "terminal"
_LANGUAGES: Final = {"en": "language_en", "ru": "language_ru"}
_LOOKS: Final = {"percent": "look_percent", "living": "look_living", "form": "look_form", "theme": "look_theme"}
_MEANS: Final = {"percent": "look_percent_means", "living": "look_living_means"}
_STORED: Final = {"percent_only": "percent", "living": "living", "form": "form", "theme": "theme"}
"""Names of choices as they are stored."""

_VALUES: Final = {
    "yes": "value_yes",
    "on": "value_yes",
    "no": "value_no",
    "off": "value_no",
    "owner": "value_owner",
    "viewer": "value_viewer",
    "auto": "value_auto",
    "rich": "value_rich",
    "classic": "value_classic",
    "dark": "value_dark",
    "light": "value_light",
    "parted": "value_parted",
    "joined": "value_joined",
    "external": "value_external",
    "forgotten": "value_forgotten",
    "confirm": "value_confirm",
    "gone": "value_gone",
    "leave": "value_leave",
    "back": "value_back",
    **_LANGUAGES,
}
_OF: Final = {
    "schedule": "change_of_schedule",
    "alert": "change_of_alert",
    "account": "change_of_account",
    "flow": "change_of_flow",
}


def people(persons: Sequence[PersonView], reader: Reader, *, asker: int | None = None) -> Document:
    """Everybody who may use the bot, and as what."""
    voice = Voice.of(reader)
    if not persons:
        return said(reader, Headline(voice.say("people_nobody")), Line(voice.say("people_how")))
    lines = [Line(_person(voice, person, asker)) for person in persons]
    headline = Headline(voice.say("people_headline", people=voice.count("people", len(persons))))
    return said(reader, headline, *lines, Gap(), Line(voice.say("people_rules"), Tone.QUIET))


def role_changed(person: PersonView, reader: Reader) -> Document:
    """Somebody was raised or lowered."""
    voice = Voice.of(reader)
    told = voice.say("role_changed", user=str(person.user), role=_role(voice, person))
    may = voice.say("role_owner_may" if person.owner else "role_viewer_may")
    return said(reader, Headline(told), Line(may))


def changes(view: ChangesView, reader: Reader) -> Document:
    """Who changed what and when, newest first."""
    voice = Voice.of(reader)
    if not view.changes:
        return said(reader, Headline(voice.say("changes_none")))
    headline = Headline(voice.say("changes_headline", changes=voice.count("changes", view.count)))
    return said(reader, headline, *(Line(_change(voice, one, view.asker)) for one in view.changes))


def look(view: LookView, reader: Reader) -> Document:
    """How a chat is written to, and who chose it."""
    voice = Voice.of(reader)
    headline = voice.say("look_headline_of", chat=view.chat) if view.chat else voice.say("look_headline")
    blocks: list[Block] = [Headline(headline)]
    for row in view.rows:
        value, origin = _value(voice, row.value), voice.words.origins[row.origin]
        blocks.append(Line(voice.say("look_row", what=voice.word(_LOOKS[row.name]), value=value, origin=origin)))
    shown = {row.name for row in view.rows}
    means = [voice.say(phrase) for name, phrase in _MEANS.items() if name in shown]
    return said(reader, *blocks, Gap(), *(Line(text, Tone.QUIET) for text in means))


def _person(voice: Voice, person: PersonView, asker: int | None) -> Text:
    language = _LANGUAGES.get(person.language, "language_en")
    you = voice.say("person_you") if person.user == asker else ""
    role = _role(voice, person)
    return voice.say("person", user=str(person.user), role=role, language=voice.word(language), you=you)


def _role(voice: Voice, person: PersonView) -> str:
    if person.fixed:
        return voice.word("person_owner_by_settings")
    return voice.word("person_owner" if person.owner else "person_viewer")


def _change(voice: Voice, one: ChangeView, asker: str) -> Text:
    when = voice.numbers.moment(one.at)
    who, what = _who(voice, one.who, asker), _what(voice, one.what)
    record = one.what.startswith("record")
    before, after = (_stored(voice, text, record=record) for text in (one.before, one.after))
    if one.before is None and one.after is not None and not _has_default(one.what):
        return voice.say("change_made", when=when, who=who, what=what, after=after)
    if one.after is None and one.before is not None and not _has_default(one.what):
        return voice.say("change_undone", when=when, who=who, what=what, before=before)
    if one.what.endswith(" role"):
        before = before if one.before else voice.word("value_viewer")
        after = after if one.after else voice.word("value_viewer")
    return voice.say("change_line", when=when, who=who, what=what, before=before, after=after)


def _has_default(what: str) -> bool:
    """Whether something stands below what was chosen: then taking it back leads there."""
    return what.startswith(("chat:", "user:")) or bool(_SETTING.fullmatch(what))


def _who(voice: Voice, who: str, asker: str) -> Text:
    if who == asker and who.startswith("telegram:"):
        return voice.say("change_you")
    if who == _TERMINAL:
        return voice.say("change_by_terminal")
    if who in {"command line", "cli", ""}:
        return voice.say("change_by_command")
    return (Foreign(who.removeprefix("telegram:")),)


def _what(voice: Voice, what: str) -> Text:
    if _SETTING.fullmatch(what):
        return voice.say("change_setting", name=what)
    kind, _, rest = what.partition(" " if what.startswith("alert ") else ":")
    name, _, choice = rest.rpartition(" ")
    if kind == "user" and choice in {"role", "language"}:
        return voice.say("change_role" if choice == "role" else "change_language", user=name)
    if kind == "chat" and choice in _STORED:
        phrase = "change_in_terminal" if name == _TERMINAL else "change_in_chat"
        return voice.say(phrase, what=voice.word(_LOOKS[_STORED[choice]]), chat=name)
    if kind == "record":
        return voice.say("change_of_record")
    if kind in _OF and rest:
        return voice.say(_OF[kind], name=Foreign(rest.replace(":", " ") if kind == "alert" else rest))
    return (Foreign(what),)


def _stored(voice: Voice, text: str | None, *, record: bool) -> Text:
    if text is None:
        return voice.say("change_not_set")
    match = _RECORD.fullmatch(text) if record else None
    if match:
        amount = voice.numbers.amount_change(Decimal(match[1]))
        return (f"{amount}{NBSP}", Foreign(match[2]))
    return _value(voice, text)


def _value(voice: Voice, text: str) -> Text:
    return voice.say(_VALUES[text]) if text in _VALUES else (Foreign(text),)


def living(document: Document, reader: Reader, at: datetime) -> Document:
    """A report that is kept up to date, with the moment at which that was done last."""
    voice = Voice.of(reader)
    when = voice.numbers.moment(at)
    return document.then(Line(voice.say("living_updated", when=when), Tone.QUIET))


def living_over(reader: Reader) -> Document:
    """The last word of a message that was kept up to date."""
    return said(reader, Line(Voice.of(reader).say("living_over")))
