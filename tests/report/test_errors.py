"""Every wish that cannot be met has its words, in every language, and none of them is idle."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache

import pytest

from portfolio_bot.report import compose, refusals, terminal
from portfolio_bot.report.languages import english
from portfolio_bot.report.views import Refusal
from portfolio_bot.service.errors import UserError
from tests.report.gallery import reader
from tests.report.spoken import literals, trees

_ERRORS = frozenset({"UserError", "MomentError"})
_PLACE = re.compile(r"\{([a-z_]+)\}")
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@cache
def _calls() -> tuple[tuple[str, ast.Call, str], ...]:
    """Where an error is made: the place, the call, and what is made."""
    return tuple(
        (f"{where}:{node.lineno}", node, node.func.id)
        for where, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _ERRORS
    )


def _made() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Place, name and given places of every error that the house makes."""
    for where, call, kind in _calls():
        given = frozenset(word.arg or "" for word in call.keywords)
        for name in literals(call.args[1 if kind == "UserError" else 0]):
            yield where, name, given


def test_an_error_is_a_name_and_never_prose() -> None:
    for where, call, kind in _calls():
        assert len(call.args) == 2, f"{where}: words belong into the catalogue"
        named = call.args[1 if kind == "UserError" else 0]
        texts = list(literals(named))
        assert texts or isinstance(named, ast.Attribute | ast.Name), f"{where}: which error is it?"
        assert all(_KEY.fullmatch(text) for text in texts), f"{where}: {texts}"


def test_every_error_has_its_words_and_gives_them_what_they_ask_for() -> None:
    for where, name, given in _made():
        assert name in english.WORDS.errors, f"{where}: {name} has no words"
        words = english.WORDS.errors[name]
        asked = set(_PLACE.findall(words.reason + words.mend))
        assert asked <= given, f"{where}: {name} wants {sorted(asked - given)}"


def test_no_words_wait_for_an_error_that_nobody_makes() -> None:
    said = {node.value for _, tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert english.WORDS.errors.keys() <= said, sorted(english.WORDS.errors.keys() - said)


def test_both_languages_know_the_same_errors_with_the_same_places() -> None:
    def places(topic: object) -> dict[str, frozenset[str]]:
        errors = getattr(topic, "ERRORS", {})
        return {name: frozenset(_PLACE.findall(one.reason + one.mend)) for name, one in errors.items()}

    for topic in ("errors", "people", "backup", "alerts", "charts", "schedules", "sending"):
        ours, theirs = (
            places(importlib.import_module(f"portfolio_bot.report.languages.{language}.{topic}"))
            for language in ("english", "russian")
        )
        assert ours == theirs, topic


@pytest.mark.parametrize("name", sorted(english.WORDS.errors))
def test_reason_and_mend_are_made_to_stand_together(name: str) -> None:
    words = english.WORDS.errors[name]
    assert not words.reason.endswith("."), "it continues a sentence"
    assert not words.mend or words.mend.endswith((".", "…")), "it is a sentence"


def test_a_number_is_written_as_its_reader_writes_it() -> None:
    refused = UserError("0", "out_of_range", low=1, high=1_000_000, default=10).refusal
    assert "from 1 to 1,000,000, for instance 10." in refusals.sentence(refused, english.WORDS)


def test_what_was_typed_is_named_once_cut_and_harmless() -> None:
    error = UserError("x" * 200, "no_interval")
    assert str(error).startswith(f'"{"x" * 60}" is no interval. Minutes')
    shown = terminal.text(compose.error(UserError("<b>{low}`", "no_interval").refusal, reader()), 100)
    assert '"<b>{low}`" is no interval.' in shown


def test_what_is_said_beside_a_mend_follows_it() -> None:
    assert refusals.sentence(Refusal("9", "no_cost", more="It is 5."), english.WORDS) == (
        '"9" is no cost. Give 0 or more. It is 5.'
    )
