"""A yes is one person's, and lasts two minutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portfolio_bot.bot.asking import ask, confirmed
from portfolio_bot.bot.buttons import ACTION_LIMIT
from portfolio_bot.bot.dialog import Request
from portfolio_bot.service.errors import UserError
from tests.report.gallery import NOW, reader

ANN, BOB = 7_123_456_789, 22


def request(argument: str = "", *, user: int | None = ANN, after: timedelta = timedelta(0)) -> Request:
    return Request(argument, replace(reader(), now=NOW + after), f"telegram:{user}", user=user)


def said(user: int | None = ANN) -> str:
    """What the button says behind its command."""
    action = ask(request("remove morning", user=user), "cancel", "schedules", "remove", "morning").action
    assert action.startswith("schedules remove morning !")
    assert len(action.encode()) <= ACTION_LIMIT
    return action.partition(" ")[2]


def test_what_was_typed_is_no_yes() -> None:
    assert confirmed(request("remove morning")) == (False, "remove morning")
    assert confirmed(request("remove what! now.")) == (False, "remove what! now.")


def test_the_asker_says_yes_within_two_minutes() -> None:
    assert confirmed(request(said(), after=timedelta(seconds=119))) == (True, "remove morning")
    assert confirmed(request(said(None), user=None)) == (True, "remove morning")


def test_nobody_else_says_it_for_them() -> None:
    with pytest.raises(UserError) as refused:
        confirmed(request(said(), user=BOB))
    assert refused.value.refusal.name == "asked_somebody_else"


@pytest.mark.parametrize("after", [timedelta(minutes=2, seconds=1), timedelta(days=300), -timedelta(days=2)])
def test_later_it_has_to_be_asked_again(after: timedelta) -> None:
    with pytest.raises(UserError) as refused:
        confirmed(request(said(), after=after))
    assert refused.value.refusal.name == "asked_too_long_ago"


@pytest.mark.parametrize("forged", ["remove x !1.zzzzzzzz", "remove x !zzzzzzzzzzzzz.1", "!.1"])
def test_a_forged_mark_is_no_yes(forged: str) -> None:
    with pytest.raises(UserError):
        confirmed(request(forged))
