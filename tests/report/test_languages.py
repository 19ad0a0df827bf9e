"""Every language says the same things: no name, no place and no code is missing, and nothing was left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from portfolio_bot.bot.menu import COMMANDS
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report.languages import english, russian
from portfolio_bot.report.words import Catalogue
from tests.report import gallery
from tests.report.spoken import NAMES, of_a_stream, said_by_name, spoken

EN, RU = english.WORDS, russian.WORDS
TABLES = [one.name for one in fields(Catalogue) if one.name not in {"style", "plural", "terms"}]
PLACE = re.compile(r"\{([a-z_]+)\}")
CODE = re.compile(r"`[^`]*`")
CYRILLIC = re.compile(r"[А-Яа-яЁё]")
LATIN = re.compile(r"[A-Za-z][A-Za-z'-]+")

TYPED = re.compile(
    r"`[^`]*`|\{[a-z_]+\}|/[a-z_]+(?: [a-z0-9]+)*|--[a-z]+|[a-z0-9-]+(?:\.[a-z]+)+|\.env|\b[A-Z][A-Z0-9_]+\b"
    r"|\b\d+[a-z]\b|\b\d{4}-\d\d-\d\d\S*|portfolio-bot(?: [a-z]+)*"
)
"""What is typed, or named by its own name, in every language: codes, places, commands, options, files, settings."""

LATIN_IN_RUSSIAN = frozenset({
    "Activity", "Binance", "Bybit", "Copy", "Dietz", "Earn", "English", "FIFO", "Flex", "Frankfurter", "IBKR", "Kraken",
    "Modified", "Nov", "OKX", "PostgreSQL", "Slack", "Telegram", "TWR", "Web", "XIRR", "Ctrl-D",
    "always", "ledger-wallet", "id",
    "deposit", "withdrawal", "confirm", "gone", "leave", "back", "add", "edit", "remove", "flows", "external", "join",
    "yesterday", "reset", "all", "ytd", "owner", "viewer", "percent", "living", "form", "theme",
    "en", "ru", "auto", "cron", "webhook",
})  # fmt: skip
"""Names, and words that people type as they stand. Of a new word here somebody has to say that it is one of these."""

SAME_IN_BOTH = frozenset({"USDT", "Earn", "Frankfurter", "English", "Slack"})
"""What a Russian calls by the same letters."""


def texts(words: Catalogue) -> Iterator[tuple[str, str]]:
    """Every template with where it stands."""
    for table in TABLES:
        for key, value in getattr(words, table).items():
            yield from ((f"{table} {key}{part}", text) for part, text in parts(value))


def parts(value: Any) -> Iterator[tuple[str, str]]:
    """The templates of one entry; of numbers of things all forms as one, since not each names the number."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, tuple):
        yield "", " / ".join(value)
    elif is_dataclass(value):
        for one in fields(value):
            inner = getattr(value, one.name)
            if isinstance(inner, str):
                yield f" {one.name}", inner
            elif isinstance(inner, Mapping):
                yield from ((f" {one.name} {key}", text) for key, text in inner.items())


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_the_same_names_in_every_language(table: str) -> None:
    ours, theirs = getattr(EN, table).keys(), getattr(RU, table).keys()
    assert ours == theirs, sorted(map(str, ours ^ theirs))


def test_every_text_stands_in_every_language_with_the_same_places() -> None:
    ours, theirs = dict(texts(EN)), dict(texts(RU))
    assert ours.keys() == theirs.keys()
    for name, text in ours.items():
        assert bool(text) is bool(theirs[name]), name
        assert set(PLACE.findall(text)) == set(PLACE.findall(theirs[name])), name
        if not name.startswith("counts"):
            assert len(CODE.findall(text)) == len(CODE.findall(theirs[name])), name


def test_what_is_to_be_typed_is_the_same_in_every_language() -> None:
    theirs = dict(texts(RU))
    for name, text in texts(EN):
        assert sorted(CODE.findall(text)) == sorted(CODE.findall(theirs[name])), name


@pytest.mark.parametrize("words", [EN, RU], ids=["en", "ru"])
def test_numbers_of_things_have_a_form_for_every_number(words: Catalogue) -> None:
    used = {words.plural(number) for number in range(1000)}
    for things, forms in words.counts.items():
        assert used == set(range(len(forms))), things
        assert all("{n}" in form for form in forms[1:]), things


def test_russian_counts_in_three_forms() -> None:
    days = RU.counts["days"]
    told = {number: days[RU.plural(number)].format(n=number) for number in (0, 1, 2, 4, 5, 11, 12, 21, 22, 101, 111)}
    assert list(told.values()) == [
        "0 дней", "1 день", "2 дня", "4 дня", "5 дней", "11 дней", "12 дней", "21 день", "22 дня", "101 день",
        "111 дней",
    ]  # fmt: skip


def test_nothing_is_left_in_english() -> None:
    for name, text in texts(RU):
        bare = TYPED.sub(" ", text)
        foreign = {word for word in LATIN.findall(bare) if not word.isupper()} - LATIN_IN_RUSSIAN
        assert not foreign, f"{name}: {sorted(foreign)} in {text!r}"


def test_a_text_that_is_the_same_in_both_languages_has_no_words() -> None:
    theirs = dict(texts(RU))
    for name, text in texts(EN):
        if text == theirs[name] and text not in SAME_IN_BOTH:
            bare = TYPED.sub(" ", text)
            assert not [word for word in LATIN.findall(bare) if not word.isupper()], f"{name}: {text!r}"


def test_no_russian_letter_is_a_latin_one_in_disguise() -> None:
    mixed = re.compile(r"[A-Za-z][А-Яа-яЁё]|[А-Яа-яЁё][A-Za-z]")
    for name, text in (*texts(RU), *((f"terms {key}", text) for key, text in RU.terms.items())):
        assert not mixed.search(PLACE.sub(" ", text)), f"{name}: {text!r}"
    for name, text in texts(EN):
        assert not CYRILLIC.search(text) or name == "chat speaking_ru", f"{name}: {text!r}"


def test_the_tone_holds_in_every_language() -> None:
    for words in (EN, RU):
        for name, text in texts(words):
            assert "!" not in CODE.sub("", text), name
            assert not re.search(r"\b(sorry|please|oops|пожалуйста|извините|увы)\b", text, re.IGNORECASE), name
            assert not re.search(r" [.,;:?]|\.\.|,,", TYPED.sub("x", text)), f"{name}: {text!r}"


def test_a_help_is_a_few_words() -> None:
    for words in (EN, RU):
        for name, help_ in words.helps.items():
            assert len(help_) <= 45, f"{name}: {help_}"
            assert not help_.endswith("."), name


def test_every_command_has_its_help_and_no_help_waits_for_a_command() -> None:
    offered = {one.name for one in COMMANDS.values() if one.listed}
    for words in (EN, RU):
        assert words.helps.keys() == offered


def test_every_name_that_is_asked_for_stands_in_its_table() -> None:
    asked = said_by_name()
    assert {"say", "word", "chat", "count"} == asked.keys()
    tables = {"say": EN.phrases, "word": EN.phrases, "chat": EN.chat, "count": EN.counts}
    for method, names in asked.items():
        assert names, method
        missing = {name: where for name, where in names.items() if name not in tables[method]}
        assert not missing, missing


@pytest.mark.parametrize("table", ["phrases", "chat", "counts"])
def test_every_word_is_said_somewhere(table: str) -> None:
    idle = [name for name in getattr(EN, table) if not spoken(name)]
    assert not idle, f"nobody says {idle}"


def test_whatever_platforms_say_in_english_has_its_russian() -> None:
    helps = {spec.key_help for spec in SOURCES.values() if spec.key_help}
    assert helps
    assert helps <= RU.terms.keys()
    streams = set(of_a_stream())
    assert {"deposits", "funding wallet"} <= streams
    assert streams <= RU.terms.keys(), sorted(streams - RU.terms.keys())


def test_whatever_the_demo_says_in_english_has_its_russian() -> None:
    books = DemoWorld(Scenario.BULL, gallery.NOW).story.books.values()
    records = [entry.record for book in books for entry in book.entries]
    told = {one.detail.replace("_", " ") for one in records if isinstance(one, CashFlow) and not one.detail.isupper()}
    assert len(told - {""}) > 5
    assert told - {""} <= RU.terms.keys(), sorted(told - RU.terms.keys())


def test_arguments_of_commands_are_words_of_the_reader_or_typed_as_they_stand() -> None:
    for command in COMMANDS.values():
        words = [word for word in LATIN.findall(command.argument) if word not in NAMES]
        assert not words or command.argument in RU.terms, f"{command.name} {command.argument}"
