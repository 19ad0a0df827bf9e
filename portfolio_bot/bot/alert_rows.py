"""The buttons below alerts: acknowledge, snooze, and the screen that says more."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Subject
from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Rows
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.alarm_limits import OFF, ON, PRESETS, RESET, WITHOUT_LIMIT, AlarmLimits
from portfolio_bot.service.alarms import TOMORROW, handle_of

DETAILS: Final = {
    AlertRule.TOTAL: "pnl 24h",
    AlertRule.DRAWDOWN: "twr all",
    AlertRule.HIGH: "twr all",
    AlertRule.ASSET: "balance",
    AlertRule.SHARE: "balance",
    AlertRule.DEPEG: "balance",
    AlertRule.FX: "pnl 24h",
    AlertRule.SOURCE: "accounts",
    AlertRule.COVERAGE: "accounts",
    AlertRule.KEY: "accounts",
    AlertRule.OUTFLOW: "flows",
}

_RULES_IN_A_ROW = 3


def below(
    subject: Subject,
    reader: Reader,
    state: AlertState | None = None,
    *,
    since: datetime | None = None,
    remembered: bool = True,
) -> Rows:
    """What may be pressed below an alert.

    Args:
        state: as it is after somebody pressed something; None for one that was just raised.
        since: when it began, where that is known.
        remembered: it can be acknowledged; what is told in passing cannot.
    """
    handle = handle_of(subject, since if state is None else state.since)
    details = buttons.named(reader, "alert_details", DETAILS[subject.rule])
    if subject.rule is AlertRule.HIGH or not remembered:
        return ((details,),)
    if state is not None and state.is_quiet(reader.now):
        return ((buttons.named(reader, "alert_hear", "alert", "hear", handle), details),)
    if subject.rule is AlertRule.SOURCE:
        later = buttons.named(reader, "alert_tomorrow", "alert", TOMORROW, handle)
        return ((later, buttons.named(reader, "alert_leave", "owner", "leave", subject.name)),)
    acknowledge = buttons.named(reader, "alert_ack", "alert", "ack", handle)
    return ((acknowledge, buttons.named(reader, "alert_snooze", "alert", "1d", handle), details),)


def of_list(rules: list[tuple[AlertRule, str]]) -> Rows:
    """One button a rule.

    Args:
        rules: with their names in the reader's words.
    """
    return buttons.in_rows([buttons.key(name, "alerts", rule) for rule, name in rules], _RULES_IN_A_ROW)


def of_rule(rule: AlertRule, limits: AlarmLimits, reader: Reader, label: str) -> Rows:
    """Limits to press, on or off, and the way back.

    Args:
        label: a limit as the reader reads it, with `{}` for its number.
    """
    view = limits.view(rule)
    presets = [
        buttons.key(label.format(preset), "alerts", rule, preset)
        for preset in PRESETS.get(rule, ())
        if preset != view.limit
    ]
    is_off = view.limit is None
    switch = []
    if not is_off:
        switch.append(buttons.named(reader, "alert_turn_off", "alerts", rule, OFF))
    elif rule in WITHOUT_LIMIT or view.below is not None:
        switch.append(buttons.named(reader, "alert_turn_on", "alerts", rule, ON))
    if view.chosen:
        switch.append(buttons.named(reader, "alert_reset", "alerts", rule, RESET))
    switch.append(buttons.named(reader, "alert_all", "alerts"))
    return (*buttons.in_rows(presets), tuple(switch))
