"""`/alerts [5]`: what is watched and from where on; and what the buttons below an alert say."""

from __future__ import annotations

from portfolio_bot.analytics.alert_states import AlertRule
from portfolio_bot.bot import alert_rows, buttons
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.bot.spelling import alert_spelled
from portfolio_bot.bot.undo import UNDO, undoing
from portfolio_bot.report import compose
from portfolio_bot.report.alert_views import LimitSet
from portfolio_bot.report.views import AccountDown
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.alarm_limits import wished
from portfolio_bot.service.alarms import Alarms, PressedOn
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once


async def alerts(house: House, request: Request) -> Answer:
    """The list; one rule; or a limit that is set, at once and with the way back."""
    alarms = _alarms(house)
    if not request.argument:
        return await _listing(alarms, request)
    undone, text = undoing(request.argument)
    wish = wished(alert_spelled(text))
    if wish.value == "":
        return _rule(alarms, wish.rule, request)
    back = alarms.limits.word(wish)
    try:
        await alarms.limits.set(wish, request.who, along=once(request.update))
    except AlreadyDone:
        return _rule(alarms, wish.rule, request)
    changed = LimitSet(alarms.limits.view(wish.rule), wish.asset, undone=undone)
    document = compose.alert_rule(changed.view, request.reader, changed=changed)
    if undone:
        return Answer(document, _rule_rows(alarms, wish.rule, request))
    undo = buttons.named(request.reader, "undo", "alerts", UNDO, wish.rule, wish.asset, back)
    return Answer(document, ((undo, buttons.named(request.reader, "alert_all", "alerts")),))


async def alert(house: House, request: Request) -> Answer:
    """`ack 1a2b3c4d`, `1d 1a2b3c4d`: said by the buttons below an alert, whose message then says who did it."""
    alarms = _alarms(house)
    what, _, handle = request.argument.partition(" ")
    try:
        pressed = await alarms.press(handle, what, request.who, along=once(request.update))
    except AlreadyDone:
        return await _listing(alarms, request)
    return await _pressed(house, request, pressed)


async def _pressed(house: House, request: Request, pressed: PressedOn) -> Answer:
    reader, portfolio = request.reader, await house.newest()
    rows = alert_rows.below(pressed.subject, reader, pressed.state)
    who = _name(request.who) if _in_group(request) else ""
    account = next((one for one in portfolio.accounts if one.id == pressed.subject.name), None)
    if pressed.subject.rule is AlertRule.SOURCE and account is not None and account.failure is not None:
        told = compose.notice(AccountDown(account, 2), reader, portfolio)
        return Answer(told.then(compose.alert_said(pressed.state, pressed.what, who, reader)), rows)
    document = compose.alert_pressed(pressed.subject, pressed.state, pressed.what, who, reader, portfolio)
    return Answer(document, rows)


async def _listing(alarms: Alarms, request: Request) -> Answer:
    voice, view = Voice.of(request.reader), await alarms.view()
    names = [(rule.rule, voice.word(f"alert_name_{rule.rule}")) for rule in view.rules]
    return Answer(compose.alerts(view, request.reader, _name), alert_rows.of_list(names))


def _rule(alarms: Alarms, rule: AlertRule, request: Request) -> Answer:
    document = compose.alert_rule(alarms.limits.view(rule), request.reader)
    return Answer(document, _rule_rows(alarms, rule, request))


def _rule_rows(alarms: Alarms, rule: AlertRule, request: Request) -> Rows:
    percent = Voice.of(request.reader).numbers.style.percent
    return alert_rows.of_rule(rule, alarms.limits, request.reader, percent)


def _alarms(house: House) -> Alarms:
    if house.alarms is None:
        raise UserError("", "alerts_not_here")
    return house.alarms


def _in_group(request: Request) -> bool:
    """Whether others read along: then it has to be said who did something."""
    return request.chat is not None and request.chat != request.user


def _name(who: str) -> str:
    return who.removeprefix("telegram:")


def _changes(argument: str) -> bool:
    """Whether a line would set a limit; what means nothing changes nothing."""
    if not argument:
        return False
    try:
        return wished(alert_spelled(undoing(argument)[1])).value != ""
    except UserError:
        return False


COMMANDS = (
    Command("alerts", alerts, "[5]", changes=_changes),
    Command("alert", alert, listed=False, changes=True),
)
