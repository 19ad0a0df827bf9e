"""One reader's voice: the words of their language with their figures in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from portfolio_bot.model.failure import Failure
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.identity import ANOTHER, MISSING
from portfolio_bot.model.portfolio import Coverage
from portfolio_bot.model.statement import AccountId, UnreadableWallet, WarningKind
from portfolio_bot.report import refusals
from portfolio_bot.report.concerns import Concern
from portfolio_bot.report.document import Foreign, Text, plain
from portfolio_bot.report.languages import english, russian
from portfolio_bot.report.numbers import HIDDEN, MINUS, Numbers
from portfolio_bot.report.reader import Guide, Reader
from portfolio_bot.report.views import Refusal
from portfolio_bot.report.words import Catalogue, Value, fill, joined

CATALOGUES: Final = {"en": english.WORDS, "ru": russian.WORDS}


def catalogue(language: str) -> Catalogue:
    """The words of a language; English where there are none."""
    return CATALOGUES.get(language, english.WORDS)


@dataclass(frozen=True, slots=True)
class FailureSaid:
    """A failure told to one reader.

    Attributes:
        short: `key refused`.
        sentence: what happened.
        mend: what to do; empty where it mends itself.
        where: where a new key is made; empty where none is needed or nobody told.
    """

    short: Text
    sentence: Text
    mend: Text
    where: str


_BRACKETED: Final = re.compile(rf" \([+{MINUS}]?{HIDDEN}\)|: {HIDDEN}(?=\.$)")


@dataclass(frozen=True, slots=True)
class Voice:
    """Words and figures for one reader.

    Attributes:
        pull: what they type to fetch everything anew; "" where they type nothing.
    """

    words: Catalogue
    numbers: Numbers
    pull: str = ""

    @classmethod
    def of(cls, reader: Reader) -> Voice:
        """The voice for a reader."""
        words = catalogue(reader.language)
        return cls(words, Numbers(words.style, reader.calendar, reader.now, reader.percent_only), reader.pull)

    def say(self, phrase: str, **values: Value) -> Text:
        """A phrase with its places filled; a hidden amount in brackets, or as the last word, is left out."""
        said = fill(self.words.phrases[phrase], values)
        if not self.numbers.percent_only:
            return said
        if isinstance(said, str):
            return _BRACKETED.sub("", said)
        return tuple(_BRACKETED.sub("", part) if isinstance(part, str) else part for part in said)

    def word(self, phrase: str, **values: str) -> str:
        """A phrase as plain text."""
        return plain(self.say(phrase, **values))

    def gain(self, amount: str, percent: str) -> str:
        """`+$512.40 (+1.14%)`; the percentage alone where amounts are hidden."""
        return percent if self.numbers.percent_only else f"{amount} ({percent})"

    def chat(self, name: str, **values: str) -> str:
        """The label of a button, or a short remark of the chat."""
        return plain(fill(self.words.chat[name], values))

    def term(self, text: str) -> str:
        """A text in English from elsewhere in the reader's language; as it is where there is none.

        A market's name at its end stays: `spot trades BTCUSDT`.
        """
        terms = self.words.terms
        first, space, last = text.rpartition(" ")
        if text not in terms and first in terms and last.isupper():
            return f"{terms[first]}{space}{last}"
        return terms.get(text, text)

    def count(self, things: str, number: int, **values: str) -> str:
        """`7 assets`, in the form that the number takes."""
        form = self.words.counts[things][self.words.plural(number)]
        return plain(fill(form, {"n": self.numbers.count(number), **values}))

    def listed(self, names: Sequence[str], most: int = 3) -> str:
        """`Bybit, OKX and 4 more`: all of them where the rest would be only one."""
        if len(names) <= most + 1:
            return ", ".join(names)
        return self.word("and_more", names=", ".join(names[:most]), count=self.numbers.count(len(names) - most))

    def all_of(self, names: Sequence[str]) -> str:
        """`10:00, 12:00 and 14:00`."""
        if len(names) < 2:
            return "".join(names)
        return self.word("and", first=", ".join(names[:-1]), last=names[-1])

    def unknown(self, why: Unknown) -> str:
        """Why a figure cannot be given."""
        template = self.words.unknowns.get(why.reason, self.words.phrases["unknown"])
        return plain(fill(template, {"detail": Foreign(why.detail)}))

    def refusal(self, refused: Refusal) -> tuple[str, str]:
        """Why a wish cannot be met, continuing what was typed, and what would be right."""
        return refusals.told(refused, self.words)

    def failure(self, account: str, failure: Failure, guide: Guide) -> FailureSaid:
        """A failure: what happened, and what to do."""
        words = self.words.failures[failure.kind]
        detail = _bracketed(failure.detail)
        short = fill(words.short, {"until": self._until(failure)})
        if words.names_detail:
            short = joined(short, detail, between="")
        mend = next((words.mend_with[name] for name in _takes(guide) if name in words.mend_with), words.mend)
        values: dict[str, Value] = {
            "key": guide.key,
            "query": guide.variable("QUERY_ID"),
            "region": guide.variable("REGION"),
            "regions": ", ".join(guide.regions),
            "ca_file": guide.variable("CA_FILE"),
            "pull": self.pull or self.word("pull_again"),
        }
        return FailureSaid(
            short=short,
            sentence=fill(words.sentence, {"account": account, "detail": detail, "until": self._until(failure)}),
            mend=fill(mend, values),
            where=self.term(guide.key_help) if words.wants_key else "",
        )

    def owners_word(self, account: AccountId, failure: Failure, guide: Guide) -> Text:
        """What the owner has to say before an account is read again; "" where it needs no word."""
        if failure.detail == ANOTHER:
            return self.say("key_moved_mend", account=account, key=guide.key)
        return self.say("inner_missing_mend", account=account) if failure.detail.endswith(MISSING) else ""

    def _until(self, failure: Failure) -> str:
        return "" if failure.retry_at is None else self.word("until", when=self.numbers.moment(failure.retry_at))

    def account(self, account: str, names: Mapping[str, str]) -> str:
        """What an account is called; what was typed without one was recorded by hand."""
        return names.get(account) or (self.word("account_by_hand") if account == "manual" else account)

    def warning(self, concern: Concern) -> Text:
        """A warning about one account, or the whole."""
        if concern.unreadable is not None:
            return self.unreadable(concern.name, concern.unreadable.reason, [concern.unreadable.wallet])
        if concern.coverage is not None:
            return self._coverage(concern.name, concern.coverage)
        detail = self._detail(concern)
        if concern.kind is WarningKind.STALE_PRICE:
            detail = self.stand_in(concern.detail, concern.when)
        return fill(self.words.warnings[concern.kind].one, {"account": concern.name, "detail": detail})

    def stand_in(self, asset: str, when: datetime | None) -> Text:
        """A price of another moment, or a rate of another day, that is used for want of one of now."""
        if when is None:
            return self.say("rate_stands_in", asset=Foreign(asset))
        return self.say("price_stands_in", asset=Foreign(asset), when=self.numbers.moment(when))

    def unreadable(self, account: str, reason: str, wallets: Sequence[str]) -> Text:
        """Wallets that are not in the total, for one reason."""
        template = self.words.unreadable.get(reason, self.words.unreadable["missing_right"])
        return fill(template, {"account": account, "wallets": _names(wallets, most=len(wallets))})

    def all_unreadable(self, account: str, wallets: Sequence[UnreadableWallet]) -> Iterator[Text]:
        """One sentence per reason."""
        for reason in dict.fromkeys(wallet.reason for wallet in wallets):
            yield self.unreadable(account, reason, [wallet.wallet for wallet in wallets if wallet.reason == reason])

    def warning_of_many(self, kind: WarningKind, names: Sequence[str]) -> Text:
        """The same warning about several accounts; only for kinds that have words for it."""
        return fill(self.words.warnings[kind].many, {"accounts": self.listed(names)})

    def warning_mend(self, kind: WarningKind) -> Text:
        """What to do about it."""
        return fill(self.words.warnings[kind].mend, {})

    def _detail(self, concern: Concern) -> Text:
        try:
            return self.numbers.day(date.fromisoformat(concern.detail))
        except ValueError:
            return (Foreign(concern.detail),)

    def _coverage(self, account: str, coverage: Coverage) -> Text:
        values: dict[str, Value] = {
            "account": account,
            "gap": self.numbers.money(abs(coverage.gap), "USD"),
            "percent": "" if coverage.percent is None else self.numbers.percent(coverage.percent),
            "total": self.numbers.money(coverage.venue_total, "USD"),
        }
        hidden = "_hidden" if self.numbers.percent_only else ""
        if coverage.percent is None:
            return self.say(f"coverage_of_nothing{hidden}", **values)
        told = self.say(f"coverage_{'short' if coverage.gap > 0 else 'over'}{hidden}", **values)
        if coverage.gap > 0 and coverage.suspects:
            told = joined(told, self.say("coverage_suspects", wallets=_names(coverage.suspects)))
        return told


def _takes(guide: Guide) -> tuple[str, ...]:
    return (*guide.takes, *(("REGION",) if guide.regions else ()))


def _bracketed(detail: str) -> Text:
    return (" (", Foreign(detail), ")") if detail else ""


def _names(names: Sequence[str], most: int = 3) -> Text:
    return joined(*((Foreign(name),) for name in names[:most]), between=", ")
