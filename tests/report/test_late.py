"""What a late report says of the others for which it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portfolio_bot.report import compose
from portfolio_bot.report.document import plain
from portfolio_bot.report.views import LateNote
from tests.report import gallery


def told(missed: int, language: str) -> str:
    me = replace(gallery.reader(), language=language)
    slots = tuple(me.now - timedelta(minutes=5 * number) for number in range(missed, 0, -1))
    return plain(compose.late(LateNote(me.now, me.now, also=slots), me)[-1].text).replace("\u00a0", " ")


@pytest.mark.parametrize(("language", "said"), [("en", "also due 864 times since "), ("ru", "заодно ещё 864 раза, ")])
def test_days_of_silence_are_counted_and_not_listed(language: str, said: str) -> None:
    assert told(864, language).startswith(said)
    assert len(told(864, language)) < 60


def test_a_few_are_named() -> None:
    assert told(6, "en").count(":") == 6
    assert told(7, "en").count(":") == 1
