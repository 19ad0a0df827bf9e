"""From where on something is an alert: chosen in the chat > the settings > defaults; and what people may type."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from portfolio_bot.analytics.alert_measures import DEFAULTS, Limits
from portfolio_bot.analytics.alert_states import AlertRule, Subject
from portfolio_bot.model.instrument import Asset
from portfolio_bot.report.alert_views import RuleView
from portfolio_bot.report.numbers import plain
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.preferences import Along

log = logging.getLogger(__name__)

SCOPE: Final = "alert"
THRESHOLD: Final = "ALERT_THRESHOLD_PERCENT"
OFF, ON, RESET = "off", "on", "reset"

SINGLE: Final = frozenset({AlertRule.ASSET, AlertRule.SHARE, AlertRule.DEPEG})
"""Rules with limits for single assets too."""

WITHOUT_LIMIT: Final = frozenset(
    {AlertRule.SOURCE, AlertRule.KEY, AlertRule.OUTFLOW, AlertRule.COVERAGE, AlertRule.HIGH}
)
"""They are on or off."""

PRESETS: Final[Mapping[AlertRule, tuple[int, ...]]] = {
    AlertRule.TOTAL: (3, 5, 8, 10),
    AlertRule.DRAWDOWN: (10, 15, 20, 30),
    AlertRule.ASSET: (5, 10, 15, 20),
    AlertRule.SHARE: (25, 40, 50, 60),
    AlertRule.DEPEG: (1, 2, 3, 5),
    AlertRule.FX: (2, 3, 5, 10),
}
"""Limits to press."""

_LEAST, _MOST = Decimal("0.1"), Decimal(100)
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?\s?%?", re.ASCII)
_ASSET = re.compile(r"[A-Za-z0-9][A-Za-z0-9.$_-]{0,19}", re.ASCII)


class Wish(NamedTuple):
    """What somebody typed behind `/alerts`.

    Attributes:
        asset: for this one alone; "" for the rule.
        value: as it is stored; None takes the choice back; "" only asks.
    """

    rule: AlertRule
    asset: Asset = ""
    value: str | None = ""

    @property
    def name(self) -> str:
        """Under which the choice is kept."""
        return f"{self.rule}:{self.asset}" if self.asset else self.rule.value


class AlarmLimits:
    """Limits in force.

    Args:
        threshold: of the settings, for the change of the total within a day.
    """

    def __init__(self, choices: Choices, threshold: Decimal) -> None:
        self._choices, self._threshold = choices, threshold

    def limits(self) -> Limits:
        """All of them."""
        rules = {rule: self._in_force(Wish(rule), self.below(rule)) for rule in AlertRule}
        single: dict[Subject, Decimal | None] = {}
        for rule in SINGLE:
            for asset, value in self._singles(rule).items():
                single[Subject(rule, asset)] = value
        return Limits(rules, single)

    def below(self, rule: AlertRule) -> Decimal | None:
        """What holds without a choice in the chat."""
        return self._threshold if rule is AlertRule.TOTAL else DEFAULTS[rule]

    def views(self) -> tuple[RuleView, ...]:
        """Every rule."""
        return tuple(self.view(rule) for rule in AlertRule)

    def view(self, rule: AlertRule) -> RuleView:
        """One rule."""
        below = self.below(rule)
        chosen = self._choices.get(SCOPE, rule.value) is not None
        single = tuple(sorted(self._singles(rule).items())) if rule in SINGLE else ()
        return RuleView(rule, self._in_force(Wish(rule), below), chosen, below, single)

    def word(self, wish: Wish) -> str:
        """What an undo has to say to bring back what holds now."""
        return self._choices.get(SCOPE, wish.name) or RESET

    async def set(self, wish: Wish, who: str, *, along: Along | None = None) -> None:
        """Carry a wish out."""
        await self._choices.set(SCOPE, wish.name, wish.value, who, along=along)

    def laid_over(self, listing: list[SettingView]) -> list[SettingView]:
        """Settings with what was chosen for the one that the chat may change here."""
        return [self._setting(view) if view.name == THRESHOLD else view for view in listing]

    def _setting(self, view: SettingView) -> SettingView:
        made = self._choices.made(SCOPE, AlertRule.TOTAL.value)
        if made is None:
            return replace(view, live=True)
        return replace(
            view,
            value=made.value,
            origin=SettingOrigin.CHAT,
            below=view.value,
            live=True,
            changed_at=made.changed_at,
        )

    def _singles(self, rule: AlertRule) -> dict[Asset, Decimal | None]:
        prefix = f"{rule}:"
        found: dict[Asset, Decimal | None] = {}
        for name, value in self._choices.of_scope(SCOPE).items():
            if name.startswith(prefix):
                found[name.removeprefix(prefix)] = _read(name, value, None)
        return found

    def _in_force(self, wish: Wish, below: Decimal | None) -> Decimal | None:
        chosen = self._choices.get(SCOPE, wish.name)
        return below if chosen is None else _read(wish.name, chosen, below)


def wished(text: str) -> Wish:
    """What somebody wants: `5`, `drawdown 20`, `asset BTC 8`, `depeg off`, `share BTC reset`, `fx`.

    Raises:
        UserError: it means nothing, or is no limit.
    """
    words = text.split()
    first = words[0].lower()
    if first not in set(AlertRule):
        if _NUMBER.fullmatch(text) or first in {OFF, ON, RESET}:
            return _wish(AlertRule.TOTAL, "", text)
        raise UserError(text, "alert_no_rule")
    rule, rest = AlertRule(first), words[1:]
    if not rest:
        return Wish(rule)
    if rule in SINGLE and not _is_value(" ".join(rest)):
        if not _ASSET.fullmatch(rest[0]):
            raise UserError(rest[0], "alert_no_asset")
        if len(rest) == 1:
            raise UserError(text, "alert_no_limit_said", rule=rule.value, asset=rest[0].upper())
        return _wish(rule, rest[0].upper(), " ".join(rest[1:]))
    return _wish(rule, "", " ".join(rest))


def _wish(rule: AlertRule, asset: Asset, text: str) -> Wish:
    word = text.lower()
    if word == RESET:
        return Wish(rule, asset, None)
    if word == OFF:
        return Wish(rule, asset, OFF)
    if word == ON:
        standard = DEFAULTS[rule]
        if asset or standard is None:
            raise UserError(text, "alert_needs_number", rule=rule.value)
        return Wish(rule, asset, ON if rule in WITHOUT_LIMIT else None)
    if rule in WITHOUT_LIMIT:
        raise UserError(text, "alert_on_or_off", rule=rule.value)
    if not _NUMBER.fullmatch(text):
        raise UserError(text, "alert_no_number")
    value = Decimal(text.rstrip("% ").replace(",", "."))
    if not _LEAST <= value <= _MOST:
        raise UserError(text, "alert_out_of_range")
    return Wish(rule, asset, plain(value))


def _is_value(text: str) -> bool:
    return text.lower() in {OFF, ON, RESET} or _NUMBER.fullmatch(text) is not None


def _read(name: str, text: str, below: Decimal | None) -> Decimal | None:
    """A stored choice; one that means nothing any more is left out with a word."""
    if text == OFF:
        return None
    if text == ON:
        return below if below is not None else Decimal(0)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    log.warning("the limit %s of alerts was set to %r, which means nothing: left out", name, text)
    return below
