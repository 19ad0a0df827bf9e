"""Every screen in every language is what somebody read last, and fits a small phone."""

from __future__ import annotations

import re

import pytest

from portfolio_bot.report.layout import width
from portfolio_bot.report.voice import CATALOGUES
from tests.report import gallery, snapshots

COLUMNS = 30
SCREENS = [(language, name) for language in CATALOGUES for name in sorted(gallery.documents(language))]
TABLE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
MARKS = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}


@pytest.mark.parametrize(("language", "name"), SCREENS)
def test_a_screen_is_what_somebody_read_last(language: str, name: str) -> None:
    stored = snapshots.stored(language).get(name)
    assert stored is not None, "a new screen: python -m tests.report.snapshots, then read it"
    assert snapshots.shown(language)[name].strip("\n") == stored


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_screen_is_kept_that_is_shown_no_more(language: str) -> None:
    assert snapshots.stored(language).keys() <= snapshots.shown(language).keys()


@pytest.mark.parametrize(("language", "name"), SCREENS)
def test_no_table_is_wider_than_a_small_phone(language: str, name: str) -> None:
    for table in TABLE.findall(snapshots.shown(language)[name]):
        for line in table.splitlines():
            for mark, sign in MARKS.items():
                line = line.replace(mark, sign)  # noqa: PLW2901 - letter by letter what a phone shows
            assert width(re.sub("<[^>]+>", "", line)) <= COLUMNS, line


def test_every_language_has_the_same_screens() -> None:
    assert snapshots.shown("en").keys() == snapshots.shown("ru").keys()


def test_no_screen_is_the_same_in_both_languages_but_for_what_has_no_words() -> None:
    same = {name for name, screen in snapshots.shown("en").items() if screen == snapshots.shown("ru")[name]}
    assert same == {"progress"}
