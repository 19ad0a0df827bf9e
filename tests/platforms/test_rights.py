"""What a key may do, as warnings."""

from __future__ import annotations

from datetime import date

import pytest

from portfolio_bot.platforms.base import KeyRights

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("rights", "kinds"),
    [
        (KeyRights(), []),
        (KeyRights(read_only=True, can_trade=False, can_transfer=False, can_withdraw=False), []),
        (KeyRights(can_trade=True, can_withdraw=True), ["key_may_trade", "key_may_withdraw"]),
        (KeyRights(can_transfer=True), ["key_may_transfer"]),
        (KeyRights(can_transfer=True, can_withdraw=True), ["key_may_withdraw"]),
        (KeyRights(expires=date(2026, 12, 4)), ["key_expires"]),
        (KeyRights(expires=date(2026, 12, 5)), []),
        (KeyRights(expires=date(2026, 11, 1)), ["key_expires"]),
    ],
)
def test_a_key_that_may_act_or_ends_soon_is_warned_of(rights: KeyRights, kinds: list[str]) -> None:
    assert [notice.kind for notice in rights.notices(TODAY)] == kinds


def test_the_day_of_its_end_is_named() -> None:
    [notice] = KeyRights(expires=date(2026, 11, 25)).notices(TODAY)
    assert notice.detail == "2026-11-25"
