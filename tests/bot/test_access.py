"""Who may speak, by numbers alone."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from portfolio_bot.bot.access import Access, Sender, Strangers, Verdict

OWNER, FRIEND, STRANGER = 11, 22, 99
FAMILY, OTHER_GROUP = -100500, -100600


def private(user: int) -> Sender:
    return Sender(user, user, private=True)


def in_group(user: int | None, chat: int = FAMILY, *, masked: bool = False) -> Sender:
    return Sender(user, chat, private=False, masked=masked)


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        (private(OWNER), Verdict.ALLOWED),
        (private(FRIEND), Verdict.IDS_ONLY),
        (in_group(OWNER), Verdict.IDS_ONLY),
        (in_group(FRIEND), Verdict.SILENCE),
        (Sender(OWNER, FRIEND, private=True), Verdict.IDS_ONLY),
        (Sender(OWNER, OWNER, private=True, masked=True), Verdict.SILENCE),
        (Sender(None, OWNER, private=True), Verdict.SILENCE),
        (Sender(OWNER, None, private=False), Verdict.SILENCE),
    ],
)
def test_a_private_destination_belongs_to_its_user(sender: Sender, verdict: Verdict) -> None:
    assert Access(str(OWNER)).judge(sender) is verdict


@pytest.mark.parametrize(
    ("sender", "verdict"),
    [
        (in_group(OWNER), Verdict.ALLOWED),
        (in_group(FRIEND), Verdict.ALLOWED),
        (private(FRIEND), Verdict.ALLOWED),
        (in_group(STRANGER), Verdict.SILENCE),
        (in_group(OWNER, OTHER_GROUP), Verdict.IDS_ONLY),
        (in_group(None), Verdict.SILENCE),
        (in_group(OWNER, masked=True), Verdict.SILENCE),
        (private(STRANGER), Verdict.IDS_ONLY),
    ],
)
def test_a_group_takes_commands_of_listed_people_only(sender: Sender, verdict: Verdict) -> None:
    assert Access(str(FAMILY), {OWNER, FRIEND}).judge(sender) is verdict


def test_a_group_without_listed_people_only_receives() -> None:
    access = Access(str(FAMILY))
    assert {access.judge(in_group(user)) for user in (OWNER, FRIEND)} == {Verdict.SILENCE}
    assert access.users == frozenset()


def test_a_channel_by_name_takes_commands_nowhere_but_in_private() -> None:
    access = Access("@family_money", {OWNER})
    assert access.judge(in_group(OWNER)) is Verdict.IDS_ONLY
    assert access.judge(private(OWNER)) is Verdict.ALLOWED


def test_a_group_that_moved_is_known_under_its_new_id_too() -> None:
    access = Access(str(FAMILY), {OWNER})
    access.also(OTHER_GROUP)
    assert access.judge(in_group(OWNER, OTHER_GROUP)) is Verdict.ALLOWED


def test_set_up_mode_gives_everybody_their_own_ids_and_nothing_else() -> None:
    access = Access(None, {OWNER})
    assert access.setting_up
    assert {access.judge(sender) for sender in (private(OWNER), private(STRANGER), in_group(OWNER))} == {
        Verdict.IDS_ONLY
    }
    assert access.judge(in_group(OWNER, masked=True)) is Verdict.SILENCE


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_stranger_gets_ids_once_a_minute() -> None:
    clock = Hand()
    strangers = Strangers(clock)
    assert [strangers.may_ask(STRANGER), strangers.may_ask(STRANGER), strangers.may_ask(FRIEND)] == [True, False, True]
    clock.now += timedelta(minutes=1)
    assert strangers.may_ask(STRANGER)


def test_many_strangers_get_no_more_than_ten_answers_a_minute() -> None:
    clock = Hand()
    strangers = Strangers(clock)
    assert sum(strangers.may_ask(user) for user in range(100)) == 10
    clock.now += timedelta(minutes=1)
    assert strangers.may_ask(STRANGER)


def test_a_stranger_is_logged_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    strangers = Strangers(clock)
    with caplog.at_level(logging.INFO):
        for minutes in (0, 1, 58, 2):
            clock.now += timedelta(minutes=minutes)
            strangers.note(STRANGER)
    assert len(caplog.records) == 2
    assert str(STRANGER) in caplog.text


def test_many_strangers_fill_no_more_than_ten_lines_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Hand()
    strangers = Strangers(clock)
    with caplog.at_level(logging.INFO):
        for user in range(1, 5001):
            strangers.note(user)
    assert len(caplog.records) == 10
    clock.now += timedelta(minutes=1)
    with caplog.at_level(logging.INFO):
        strangers.note(4000)
    assert len(caplog.records) == 11
