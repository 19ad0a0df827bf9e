"""What is told of alerts, and what `/alerts` lists."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Event, Subject


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """An alert, or the word that it lasts and became worse.

    Attributes:
        reply: it stands below the message that raised it.
    """

    event: Event
    reply: bool = False


@dataclass(frozen=True, slots=True)
class AlertOver:
    """An alert is over: told as a reply to its message."""

    event: Event


class Pressed(StrEnum):
    """What somebody did with an alert."""

    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    HEARD = "heard"  # neither of both any more


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as `/alerts` shows it.

    Attributes:
        limit: in percent; None where it is off.
        chosen: it was set in the chat.
        below: what holds once the chat's choice is taken back.
        single: limits for one asset alone, by its name.
    """

    rule: AlertRule
    limit: Decimal | None
    chosen: bool = False
    below: Decimal | None = None
    single: tuple[tuple[str, Decimal | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ActiveView:
    """An alert that is raised now."""

    subject: Subject
    state: AlertState


@dataclass(frozen=True, slots=True)
class AlertsView:
    """All rules, and what is raised now, the oldest first."""

    rules: tuple[RuleView, ...]
    active: tuple[ActiveView, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitSet:
    """Somebody set a limit.

    Attributes:
        asset: for this one alone; "" for the rule.
        undone: it was taken back.
    """

    view: RuleView
    asset: str = ""
    undone: bool = False
