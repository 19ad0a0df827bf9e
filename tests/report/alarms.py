"""Alerts as they occur, and what `/alerts` lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.alert_measures import DEFAULTS
from portfolio_bot.analytics.alert_states import (
    AlertRule,
    AlertState,
    Event,
    Part,
    Subject,
    Told,
    What,
)
from portfolio_bot.report import compose
from portfolio_bot.report.alert_views import (
    ActiveView,
    AlertOver,
    AlertRaised,
    AlertsView,
    LimitSet,
    Pressed,
    RuleView,
)
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from tests.report.gallery import NOW, complete

SINCE = NOW - timedelta(hours=5)
YESTERDAY = NOW - timedelta(days=1)
FALL = Told(
    now=Decimal("42100.4"),
    before=Decimal(44880),
    flows=Decimal(0),
    parts=(Part("BTC", Decimal(-2310)), Part("ETH", Decimal(-390))),
    when=YESTERDAY,
)


def event(rule: AlertRule, value: str, told: Told, *, name: str = "", what: What = What.RAISED) -> Event:
    """An alert of five hours ago, by the usual limit of its rule."""
    number = Decimal(value)
    limit = DEFAULTS[rule] or Decimal(40 if rule is AlertRule.SHARE else 0)
    return Event(what, Subject(rule, name), "key", SINCE, number, limit, 1 if number > 0 else -1, told)


def every() -> dict[str, Event]:
    """One of each rule."""
    coin = Told("BTC", Decimal(67123), Decimal(60800), parts=(Part("BTC", Decimal(10068)),), when=YESTERDAY)
    left = Told("Bybit", Decimal(-30000), when=YESTERDAY, amount=Decimal("-0.5"), words=("BTC",))
    gap = Told("Bybit", Decimal("312.4"), Decimal(11000), amount=Decimal("97.16"))
    high = NOW - timedelta(days=48)
    return {
        "total": event(AlertRule.TOTAL, "-6.2", FALL),
        "total with a deposit": event(AlertRule.TOTAL, "5.4", replace(FALL, flows=Decimal(2000), parts=())),
        "drawdown": event(AlertRule.DRAWDOWN, "-15.34", Told(now=Decimal(38100), when=high)),
        "high": event(AlertRule.HIGH, "0.42", Told(now=Decimal(52300), when=high)),
        "price": event(AlertRule.ASSET, "10.4", coin, name="BTC"),
        "share": event(AlertRule.SHARE, "41.24", Told("BTC", now=Decimal(18000), before=Decimal(43700)), name="BTC"),
        "de-peg": event(
            AlertRule.DEPEG, "-2.55", Told("USDT", now=Decimal("0.9745"), amount=Decimal(5000)), name="USDT"
        ),
        "rouble": event(AlertRule.FX, "3.4", Told("RUB", Decimal("81.20"), Decimal("78.53")), name="RUB"),
        "coverage": event(AlertRule.COVERAGE, "-2.84", gap, name="bybit"),
        "outflow": event(AlertRule.OUTFLOW, "-0.5", left, name="bybit/1"),
    }


def rules() -> tuple[RuleView, ...]:
    """As they are when somebody chose two limits."""
    found = [RuleView(rule, limit, below=limit) for rule, limit in DEFAULTS.items()]
    found[0] = RuleView(AlertRule.TOTAL, Decimal(8), chosen=True, below=Decimal(5))
    found[2] = replace(found[2], single=(("BTC", Decimal(8)), ("SOL", None)))
    return tuple(found)


def documents(me: Reader) -> dict[str, Document]:
    """Every screen of alerts."""
    now, events = complete(), every()
    found = {f"alert {name}": compose.notice(AlertRaised(one), me, now) for name, one in events.items()}
    over = {name: replace(one, what=What.OVER) for name, one in events.items() if name != "high"}
    found |= {f"alert {name}, over": compose.notice(AlertOver(one), me, now) for name, one in over.items()}
    fall = events["total"]
    state = AlertState(
        since=SINCE, side=-1, key="key", value=fall.value, limit=fall.limit, told=fall.told, by="telegram:7"
    )
    quiet = replace(state, acknowledged=True)
    later = replace(state, snoozed_until=NOW + timedelta(days=1))
    subject, coin = fall.subject, events["price"]
    bitcoin = replace(state, value=coin.value, told=coin.told)
    views = rules()
    return found | {
        "alert again": compose.notice(AlertRaised(replace(fall, what=What.AGAIN), reply=True), me, now),
        "alert gone": compose.notice(AlertOver(replace(over["price"], gone=True)), me, now),
        "alert acknowledged": compose.alert_pressed(subject, quiet, Pressed.ACKNOWLEDGED, "", me, now),
        "alert snoozed in a group": compose.alert_pressed(subject, later, Pressed.SNOOZED, "7", me, now),
        "alerts": compose.alerts(AlertsView(views), me, str),
        "alerts raised": compose.alerts(
            AlertsView(views, (ActiveView(subject, later), ActiveView(coin.subject, bitcoin))), me, str
        ),
        "alerts total": compose.alert_rule(views[0], me),
        "alerts share": compose.alert_rule(views[3], me),
        "alerts set": compose.alert_rule(views[2], me, changed=LimitSet(views[2], "BTC")),
        "alerts back": compose.alert_rule(views[1], me, changed=LimitSet(views[1], undone=True)),
    }
