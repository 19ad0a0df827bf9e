"""From where on something is an alert: chat over settings over defaults, with who chose it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.analytics.alert_measures import DEFAULTS
from portfolio_bot.analytics.alert_states import AlertRule, Subject
from portfolio_bot.bot.alert_rows import DETAILS
from portfolio_bot.report.languages import english
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.alarm_limits import PRESETS, THRESHOLD, WITHOUT_LIMIT, AlarmLimits, Wish, wished
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage import choices as stored
from portfolio_bot.storage.store import Store
from tests.service.fakes import Hands

TOTAL, BTC, ETH = Subject(AlertRule.TOTAL), Subject(AlertRule.ASSET, "BTC"), Subject(AlertRule.ASSET, "ETH")


@pytest.fixture
async def limits(store: Store, clock: Hands) -> AlarmLimits:
    choices = Choices(store, clock)
    await choices.load()
    return AlarmLimits(choices, Decimal("7.5"))


@pytest.mark.parametrize("rule", AlertRule)
def test_every_rule_has_a_default_something_to_press_and_words(rule: AlertRule) -> None:
    assert rule in DEFAULTS
    assert (rule in PRESETS) != (rule in WITHOUT_LIMIT)
    assert rule in DETAILS
    assert {f"alert_name_{rule}", f"alert_about_{rule}", f"alert_{rule}"} <= english.WORDS.phrases.keys()


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("5", Wish(AlertRule.TOTAL, "", "5")),
        ("2,5 %", Wish(AlertRule.TOTAL, "", "2.5")),
        ("off", Wish(AlertRule.TOTAL, "", "off")),
        ("drawdown 20%", Wish(AlertRule.DRAWDOWN, "", "20")),
        ("ASSET btc 8", Wish(AlertRule.ASSET, "BTC", "8")),
        ("asset 12", Wish(AlertRule.ASSET, "", "12")),
        ("asset 1inch 12", Wish(AlertRule.ASSET, "1INCH", "12")),
        ("share BTC reset", Wish(AlertRule.SHARE, "BTC", None)),
        ("depeg off", Wish(AlertRule.DEPEG, "", "off")),
        ("source on", Wish(AlertRule.SOURCE, "", "on")),
        ("drawdown on", Wish(AlertRule.DRAWDOWN, "", None)),
        ("fx", Wish(AlertRule.FX)),
    ],
)
def test_what_is_typed_is_understood(text: str, wish: Wish) -> None:
    assert wished(text) == wish


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("everything", "alert_no_rule"),
        ("-5", "alert_no_rule"),
        ("0", "alert_out_of_range"),
        ("drawdown 101", "alert_out_of_range"),
        ("fx 1e3", "alert_no_number"),
        ("share on", "alert_needs_number"),
        ("high 5", "alert_on_or_off"),
        ("asset <b> 5", "alert_no_asset"),
        ("asset BTC", "alert_no_limit_said"),
    ],
)
def test_what_means_nothing_is_named(text: str, error: str) -> None:
    with pytest.raises(UserError) as raised:
        wished(text)
    assert raised.value.refusal.name == error


async def test_the_chat_stands_above_the_settings_and_back(limits: AlarmLimits) -> None:
    assert limits.limits().of(TOTAL) == Decimal("7.5")
    await limits.set(wished("3"), "ann")
    assert limits.limits().of(TOTAL) == Decimal(3)
    await limits.set(wished("off"), "ann")
    assert limits.limits().of(TOTAL) is None
    assert AlertRule.TOTAL in limits.limits().off
    await limits.set(wished("reset"), "ann")
    assert limits.limits().of(TOTAL) == Decimal("7.5")


async def test_one_asset_has_its_own_limit_where_the_rule_is_off(limits: AlarmLimits) -> None:
    await limits.set(wished("asset off"), "ann")
    assert AlertRule.ASSET in limits.limits().off
    await limits.set(wished("asset BTC 8"), "ann")
    assert limits.limits().of(BTC) == Decimal(8)
    assert limits.limits().of(ETH) is None
    assert AlertRule.ASSET not in limits.limits().off


async def test_who_chose_is_on_record_and_lasts(limits: AlarmLimits, store: Store, clock: Hands) -> None:
    await limits.set(wished("drawdown 20"), "telegram:7")
    again = Choices(store, clock)
    await again.load()
    assert AlarmLimits(again, Decimal(5)).limits().of(Subject(AlertRule.DRAWDOWN)) == Decimal(20)
    async with store.read() as tx:
        (change,) = await stored.changes(tx, 9)
    assert (change.who, change.what, change.after) == ("telegram:7", "alert drawdown", "20")


async def test_the_settings_name_where_the_threshold_comes_from(limits: AlarmLimits) -> None:
    listing = [SettingView(THRESHOLD, "7.5", SettingOrigin.ENVIRONMENT, "5.0")]
    (view,) = limits.laid_over(listing)
    assert (view.value, view.origin, view.live) == ("7.5", SettingOrigin.ENVIRONMENT, True)
    await limits.set(wished("3"), "ann")
    (view,) = limits.laid_over(listing)
    assert (view.value, view.origin, view.below) == ("3", SettingOrigin.CHAT, "7.5")
