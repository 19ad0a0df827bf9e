"""Which value is in force, and where it comes from."""

from __future__ import annotations

from datetime import datetime

import pytest

from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import INTERVAL, WINDOW_START, Preferences, live_name
from portfolio_bot.storage import preferences as stored
from portfolio_bot.storage.preferences import Preference
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx
from tests.service.fakes import NOON, Hands, settings


async def nothing(_: Tx, __: datetime) -> None:
    return


async def opened(store: Store, clock: Hands) -> Preferences:
    preferences = Preferences(store, clock, settings())
    await preferences.load()
    return preferences


async def test_what_the_chat_says_goes_first_also_after_a_restart(store: Store, clock: Hands) -> None:
    first = await opened(store, clock)
    await first.change({INTERVAL: 45}, "telegram:7", along=nothing)
    again = await opened(store, clock)
    assert first.whole(INTERVAL) == again.whole(INTERVAL) == 45
    (view,) = [view for view in again.listing() if view.name == INTERVAL]
    assert (view.value, view.origin, view.below, view.live) == ("45", SettingOrigin.CHAT, "120", True)
    assert view.changed_at == NOON


async def test_a_reset_gives_back_what_lies_below(store: Store, clock: Hands) -> None:
    preferences = await opened(store, clock)
    await preferences.change({INTERVAL: 45}, "telegram:7", along=nothing)
    await preferences.change({INTERVAL: None}, "telegram:7", along=nothing)
    assert preferences.whole(INTERVAL) == 120
    assert {view.origin for view in preferences.listing()} == {SettingOrigin.DEFAULT, SettingOrigin.ENV_FILE}


async def test_who_changed_it_and_when_is_on_record(store: Store, clock: Hands) -> None:
    preferences = await opened(store, clock)
    await preferences.change({INTERVAL: 45}, "telegram:7", along=nothing)
    async with store.read() as tx:
        assert (await stored.all(tx))[INTERVAL] == Preference(INTERVAL, "45", NOON, "telegram:7")


async def test_what_goes_along_fails_the_change_with_it(store: Store, clock: Hands) -> None:
    async def breaks(_: Tx, __: datetime) -> None:
        raise RuntimeError("no room for the confirmation")

    preferences = await opened(store, clock)
    with pytest.raises(RuntimeError):
        await preferences.change({INTERVAL: 45, WINDOW_START: 9}, "telegram:7", along=breaks)
    assert preferences.whole(INTERVAL) == 120
    async with store.read() as tx:
        assert await stored.all(tx) == {}


async def test_a_stored_value_that_means_nothing_is_left_out(store: Store, clock: Hands) -> None:
    await store.write(lambda tx: stored.put(tx, Preference(INTERVAL, "often", NOON, "telegram:7")))
    assert (await opened(store, clock)).whole(INTERVAL) == 120


def test_only_live_settings_can_be_named() -> None:
    assert live_name(" poll_interval_minutes ") == INTERVAL
    with pytest.raises(UserError, match="POLL_INTERVAL_MINUTES"):
        live_name("BYBIT_API_KEY")
