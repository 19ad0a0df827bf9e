"""What a language has to say: the form of a catalogue, and how its templates are filled.

In a template `{name}` is a place to fill and `` `…` `` is to be copied letter by letter. What is filled in is never
read as a template, so no stranger's word can bring marks along.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.figure import Note
from portfolio_bot.model.flow import Confidence, FlowKind, MatchedBy
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.statement import Wallet, WarningKind
from portfolio_bot.report.document import Code, Foreign, Span, Text, plain, spans
from portfolio_bot.report.numbers import Style
from portfolio_bot.report.views import SettingOrigin

Value: TypeAlias = Text | Code | Foreign
"""What fills a place."""

_PLACE = re.compile(r"(`[^`]*`|\{[a-z_]+\})")


@dataclass(frozen=True, slots=True)
class FailureWords:
    """A cause in words.

    Attributes:
        short: for a table or a footnote, after the account's name and before "since": `key refused`.
        sentence: what happened; fills `{account}` and `{detail}`, the latter with its own brackets or nothing.
        mend: what to do; fills `{key}`, `{query}`, `{region}`, `{regions}`, `{ca_file}`, `{pull}`; "" where it
            mends itself.
        mend_with: another mend where the account takes that variable (`REGION`, `CA_FILE`); the first that fits.
        names_detail: the short form names the detail too.
        wants_key: the mend is a new key, so where one is made may be told too.
    """

    short: str
    sentence: str
    mend: str = ""
    mend_with: Mapping[str, str] = field(default_factory=dict)
    names_detail: bool = False
    wants_key: bool = False


@dataclass(frozen=True, slots=True)
class WarningWords:
    """A warning: about one account (`{account}`, `{detail}`), about several (`{accounts}`), and the mend."""

    one: str
    many: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """Why a wish cannot be met.

    Attributes:
        reason: what is wrong, continuing a sentence that begins with what was typed (`is no interval`).
        mend: what would be right, whole sentences; "" where there is nothing to say.
    """

    reason: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words of one language.

    Attributes:
        style: how it writes figures.
        plural: number → which of the forms of `counts` it takes.
        failures, warnings: whole tables: every kind has words.
        unknowns: why a figure cannot be given, by `Unknown.reason`; fills `{detail}`.
        unreadable: why a wallet is not in the total, by `UnreadableWallet.reason`; fills `{account}`, `{wallets}`.
        providers: who published a rate.
        wallets: names of wallets.
        flows: kinds of flows.
        matched: what linked the two sides of a transfer; continues a sentence.
        confidence: how sure that is; begins one.
        notes: what has to be said beside a figure of performance; continues a sentence.
        rules: how capital was counted; continues a sentence.
        flags: what is doubtful about the profit of an asset; continues a sentence.
        lots: how a lot came to be.
        counts: numbers of things, one template per form; fills `{n}`.
        helps: what each command gives, a few words: for the help and the menu.
        origins: where a setting's value comes from.
        errors: what is wrong with what somebody typed, by the name of the `UserError`.
        phrases: everything else.
        chat: what the chat says itself: labels of buttons, short remarks.
        terms: short English texts that stand where they are made, in this language: where a key is made, what a part
            of a history is called, arguments of commands. One that is missing is said in English; in English, all.
    """

    style: Style
    plural: Callable[[int], int]
    failures: Mapping[FailureKind, FailureWords]
    warnings: Mapping[WarningKind, WarningWords]
    unknowns: Mapping[str, str]
    unreadable: Mapping[str, str]
    providers: Mapping[FxProvider, str]
    wallets: Mapping[Wallet, str]
    flows: Mapping[FlowKind, str]
    matched: Mapping[MatchedBy, str]
    confidence: Mapping[Confidence, str]
    notes: Mapping[Note, str]
    rules: Mapping[Rule, str]
    flags: Mapping[Flag, str]
    lots: Mapping[LotSource, str]
    counts: Mapping[str, Sequence[str]]
    helps: Mapping[str, str]
    origins: Mapping[SettingOrigin, str]
    errors: Mapping[str, ErrorWords]
    phrases: Mapping[str, str]
    chat: Mapping[str, str]
    terms: Mapping[str, str]


def fill(template: str, values: Mapping[str, Value]) -> Text:
    """The template with its places filled; a missing value is a bug and raises KeyError."""
    parts: list[Span] = []
    for part in _PLACE.split(template):
        if part.startswith("`"):
            parts.append(Code(plain(fill(part[1:-1], values))))
        elif part.startswith("{"):
            value = values[part[1:-1]]
            parts += [value] if isinstance(value, Code | Foreign) else spans(value)
        elif part:
            parts.append(part)
    return _merged(parts)


def fill_plain(template: str, values: Mapping[str, str]) -> str:
    """The same as plain text."""
    return plain(fill(template, values))


def joined(*texts: Text, between: str = " ") -> Text:
    """Texts one after the other, empty ones left out."""
    parts: list[Span] = []
    for text in texts:
        if not plain(text):
            continue
        parts += [between, *spans(text)] if parts else spans(text)
    return _merged(parts)


def _merged(parts: Sequence[Span]) -> Text:
    """Neighbouring strings as one, and a string where there is nothing else."""
    merged: list[Span] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    if not merged:
        return ""
    return merged[0] if len(merged) == 1 and isinstance(merged[0], str) else tuple(merged)
