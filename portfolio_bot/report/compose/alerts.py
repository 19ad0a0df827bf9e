"""Alerts: one line of fact, one of context; and what is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.alert_states import AlertRule, AlertState, Event, Subject, Told, What
from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report.alert_views import (
    ActiveView,
    AlertOver,
    AlertRaised,
    AlertsView,
    LimitSet,
    Pressed,
    RuleView,
)
from portfolio_bot.report.compose.lens import Lens, watermark
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Code,
    Document,
    Foreign,
    Gap,
    Headline,
    Line,
    Row,
    Table,
    Text,
    Tone,
    plain,
)
from portfolio_bot.report.numbers import Numbers
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import joined

_NEEDS_YOU: Final = frozenset({AlertRule.DEPEG, AlertRule.COVERAGE, AlertRule.OUTFLOW, AlertRule.SOURCE, AlertRule.KEY})
_WITHIN: Final = frozenset({AlertRule.DEPEG})
_HUNDRED: Final = Decimal(100)
_BACK: Final = Decimal("0.8")
_EXAMPLES: Final = ("5", "drawdown 20", "asset BTC 8", "share BTC 40", "depeg off")


def raised(view: AlertRaised, reader: Reader, portfolio: Portfolio) -> Document:
    """An alert: the fact, and what stands beside it."""
    return _document(Lens.of(portfolio, reader), view.event)


def over(view: AlertOver, reader: Reader, portfolio: Portfolio) -> Document:
    """The end of an alert."""
    lens, event = Lens.of(portfolio, reader), view.event
    voice, told = lens.voice, event.told
    span = lens.numbers.span(portfolio.at - event.since)
    values: dict[str, Text | Foreign] = {
        "name": (Foreign(told.title),) if told.title else "",
        "level": _level(lens.numbers, event),
        "span": span,
        "amount": _amount(lens, told),
    }
    name = f"alert_over_{event.subject.rule}"
    if event.gone and event.subject.rule is not AlertRule.OUTFLOW:
        name = "alert_over_gone"
    elif event.subject.rule in {AlertRule.TOTAL, AlertRule.ASSET, AlertRule.FX}:
        name += "_up" if event.side > 0 else "_down"
    return Document((Headline(voice.say(name, **values)),), lens.watermark)


def pressed(
    subject: Subject, state: AlertState, what: Pressed, who: str, reader: Reader, portfolio: Portfolio
) -> Document:
    """An alert as it stands after somebody pressed a button below it.

    Args:
        who: as people know them; "" where there is only one.
    """
    lens = Lens.of(portfolio, reader)
    event = event_of(subject, state)
    return _document(lens, event).then(Gap(), Line(_said(lens.voice, state, what, who), Tone.QUIET))


def said(state: AlertState, what: Pressed, who: str, reader: Reader) -> Line:
    """What somebody did with an alert, as a line below it."""
    return Line(_said(Voice.of(reader), state, what, who), Tone.QUIET)


def alerts(view: AlertsView, reader: Reader, who: Callable[[str], str]) -> Document:
    """What is raised now, and every rule with its limit.

    Args:
        who: as people know them.
    """
    voice = Voice.of(reader)
    blocks: list[Block] = []
    if view.active:
        blocks.append(Headline(voice.count("alerts_raised", len(view.active))))
        blocks += [Line(_active(voice, one, reader, who)) for one in view.active]
    else:
        blocks.append(Headline(voice.say("alert_none")))
    rows = [row for rule in view.rules for row in _rule_rows(voice, rule)]
    blocks += [Gap(), Table((NAME, FIGURE), tuple(rows)), Gap()]
    blocks += [Line(voice.say("alert_type")), *(Line(_typed(one)) for one in _EXAMPLES)]
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def alert_rule(view: RuleView, reader: Reader, *, changed: LimitSet | None = None) -> Document:
    """One rule: its limit, what it watches, and when it is over.

    Args:
        changed: somebody just set it.
    """
    voice = Voice.of(reader)
    name = voice.word(f"alert_name_{view.rule}")
    asset = changed.asset if changed else ""
    limit = dict(view.single).get(asset, view.limit) if asset else view.limit
    phrase = "alert_rule" if changed is None else "alert_rule_back" if changed.undone else "alert_rule_set"
    shown = _of_one(voice, asset, name)
    blocks: list[Block] = [Headline(voice.say(phrase, rule=shown, limit=_limit(voice, view.rule, limit)))]
    blocks.append(Line(voice.say(f"alert_about_{view.rule}")))
    if limit:
        back = _plain_limit(voice, view.rule, limit * _BACK)
        if view.rule is not AlertRule.HIGH:
            blocks.append(Line(voice.say("alert_when_over", back=back)))
    blocks += [
        Line(voice.say("alert_single", asset=(Foreign(one),), limit=_limit(voice, view.rule, value)))
        for one, value in view.single
        if one != asset
    ]
    if view.chosen and not asset:
        below = _limit(voice, view.rule, view.below)
        blocks.append(Line(voice.say("alert_chosen", limit=below), Tone.QUIET))
    return Document(tuple(blocks), watermark(voice, demo=reader.demo))


def event_of(subject: Subject, state: AlertState) -> Event:
    """What a state tells, as its alert did."""
    since = state.since or state.ended
    assert since is not None  # noqa: S101 - only what was raised is shown
    return Event(What.RAISED, subject, state.key, since, state.value, state.limit, state.side, state.told)


def _document(lens: Lens, event: Event) -> Document:
    alert = event.subject.rule in _NEEDS_YOU
    fact, context = _fact(lens, event)
    if event.what is What.AGAIN:
        fact = joined(lens.voice.say("alert_still"), fact)
    lines = (Line(context),) if plain(context) else ()
    return Document((Headline(fact, alert=alert), *lines), lens.watermark)


def _fact(lens: Lens, event: Event) -> tuple[Text, Text]:
    """The line of fact and the line of context."""
    voice, numbers, told, rule = lens.voice, lens.numbers, event.told, event.subject.rule
    hidden = numbers.percent_only
    change = numbers.percent_change(event.value / _HUNDRED, 2 if rule is AlertRule.DEPEG else 1)
    name: Text = (Foreign(told.title),) if told.title else ""
    when = "" if told.when is None else numbers.moment_short(told.when)
    values: dict[str, Text | Foreign] = {"change": change, "name": name, "when": when}
    now, before = told.now, told.before
    phrase = f"alert_{rule}"
    match rule:
        case AlertRule.TOTAL:
            if hidden or now is None or before is None:
                return voice.say("alert_total_percent", **values), _mostly(lens, told)
            values |= {"now": _headline(lens, now), "before": _headline(lens, before), "flows": _flows(lens, told)}
            return voice.say(phrase, **values), _mostly(lens, told)
        case AlertRule.DRAWDOWN | AlertRule.HIGH:
            figure = "" if hidden or now is None else _headline(lens, now)
            values["now"] = figure
            known = phrase if figure else f"{phrase}_percent"
            return voice.say(known, **values), voice.say("alert_flows_out")
        case AlertRule.ASSET:
            values |= {"now": _price(numbers, now), "before": _price(numbers, before)}
            part = told.parts[0].value if told.parts else Decimal(0)
            share = numbers.share(part, lens.portfolio_total)
            return voice.say(phrase, **values), voice.say("alert_asset_share", share=share) if share else ""
        case AlertRule.SHARE:
            values |= {"share": numbers.percent(event.value), "limit": _trimmed(numbers, event.limit)}
            money = "" if hidden or now is None else voice.say("alert_share_money", now=lens.money(now))
            return voice.say(phrase, **values), money
        case AlertRule.DEPEG:
            values["now"] = _rate(numbers, now)
            held = "" if hidden or told.amount is None else numbers.amount(told.amount)
            return voice.say(phrase, **values), voice.say("alert_held", amount=held, name=name) if held else ""
        case AlertRule.FX:
            values |= {"now": _rate(numbers, now), "before": _rate(numbers, before)}
            return voice.say(phrase, **values), voice.say("alert_fx_up" if event.value > 0 else "alert_fx_down")
        case AlertRule.COVERAGE:
            values["percent"] = numbers.percent(_HUNDRED + event.value)
            gap = "" if hidden or now is None else voice.say("alert_gap", gap=lens.money(abs(now)))
            return voice.say(phrase, **values), joined(gap, voice.say("alert_coverage_mend", accounts=_accounts(lens)))
        case AlertRule.OUTFLOW:
            values["amount"] = _amount(lens, told)
            worth = "" if hidden or now is None else voice.say("alert_worth", usd=lens.money(abs(now)))
            return voice.say(phrase, **values), joined(
                worth, voice.say("alert_outflow_mend", flows=_flows_command(lens))
            )
        case AlertRule.SOURCE | AlertRule.KEY:
            return voice.say(phrase, **values), ""


def _mostly(lens: Lens, told: Told) -> Text:
    """`Mostly BTC −2,310, ETH −390.`; in percent of the whole where amounts are hidden."""
    named: list[Text] = []
    for asset, value in told.parts:
        if lens.numbers.percent_only:
            figure = lens.numbers.percent_change(value / told.before, 1) if told.before else ""
        else:
            figure = lens.numbers.bare_change(lens.value(value), lens.currency, cents=False)
        named.append(joined((Foreign(asset),), figure))
    return lens.voice.say("alert_mostly", parts=joined(*named, between=", ")) if named else ""


def _flows(lens: Lens, told: Told) -> str:
    return lens.numbers.bare_change(lens.value(told.flows), lens.currency, cents=False) if told.flows else "0"


def _headline(lens: Lens, usd: Decimal) -> str:
    return lens.numbers.headline(lens.value(usd), lens.currency)


def _price(numbers: Numbers, price: Decimal | None) -> str:
    return "" if price is None else numbers.price(price)


def _rate(numbers: Numbers, rate: Decimal | None) -> str:
    return "" if rate is None else numbers.rate(rate)


def _amount(lens: Lens, told: Told) -> Text:
    """`0.5 BTC`; the coin alone where amounts are hidden."""
    if told.amount is None or not told.words:
        return ""
    shown = "" if lens.numbers.percent_only else lens.numbers.amount(abs(told.amount))
    return joined(shown, (Foreign(told.words[0]),))


def _accounts(lens: Lens) -> Code:
    return Code(lens.reader.command("accounts"))


def _flows_command(lens: Lens) -> Code:
    return Code(lens.reader.command("flows"))


def _level(numbers: Numbers, event: Event) -> str:
    """Where an alert is over: `−4%`; without a sign where both sides are meant."""
    back = event.limit * _BACK
    if event.subject.rule in _WITHIN | {AlertRule.SHARE}:
        return _trimmed(numbers, back)
    return _trimmed(numbers, back * event.side, plus=True)


def _trimmed(numbers: Numbers, percent: Decimal, *, plus: bool = False) -> str:
    """`4%`, `1.6%`, `−4%`."""
    places = 0 if percent == percent.to_integral_value() else 1 if (percent * 10) % 1 == 0 else 2
    return numbers.percent_change(percent / _HUNDRED, places) if plus else numbers.percent(percent, places)


def _limit(voice: Voice, rule: AlertRule, limit: Decimal | None) -> str:
    if limit is None:
        return voice.word("alert_off")
    if not limit or rule in {AlertRule.HIGH, AlertRule.COVERAGE}:
        return voice.word("alert_on")
    return _plain_limit(voice, rule, limit)


def _plain_limit(voice: Voice, rule: AlertRule, limit: Decimal) -> str:
    """`±5%`, `−15%`, `40%`."""
    shown = _trimmed(voice.numbers, limit)
    if rule in {AlertRule.TOTAL, AlertRule.ASSET, AlertRule.FX, AlertRule.DEPEG}:
        return f"±{shown}"
    return _trimmed(voice.numbers, -limit, plus=True) if rule is AlertRule.DRAWDOWN else shown


def _rule_rows(voice: Voice, view: RuleView) -> Iterator[Row]:
    yield Row.of(voice.word(f"alert_name_{view.rule}"), _limit(voice, view.rule, view.limit))
    for asset, limit in view.single:
        yield Row.of(Cell(f"· {asset}", foreign=True), _limit(voice, view.rule, limit))


def _of_one(voice: Voice, name: str, rule: str) -> Text:
    """`BTC price, 24 h`; the rule alone where it watches nothing in particular."""
    return voice.say("alert_of_one", name=(Foreign(name),), rule=rule) if name else rule


def _active(voice: Voice, one: ActiveView, reader: Reader, who: Callable[[str], str]) -> Text:
    """`BTC price, 24 h: +12.0% since 14:05 · acknowledged by Ann`."""
    subject, state = one.subject, one.state
    name = _of_one(voice, state.told.title, voice.word(f"alert_name_{subject.rule}"))
    figure: Text = ""
    if subject.rule in _FIGURES:
        figure = voice.numbers.percent_change(state.value / _HUNDRED, 1)
    elif subject.rule is AlertRule.SHARE:
        figure = voice.numbers.percent(state.value)
    since = voice.numbers.moment(state.since) if state.since else ""
    told = joined(voice.say("alert_active", name=name, figure=figure, since=since)) if figure else ""
    told = told or voice.say("alert_active_since", name=name, since=since)
    if state.is_quiet(reader.now):
        what = Pressed.ACKNOWLEDGED if state.acknowledged else Pressed.SNOOZED
        return joined(told, _said(voice, state, what, who(state.by)), between=" · ")
    return told


_FIGURES: Final = frozenset(
    {AlertRule.TOTAL, AlertRule.DRAWDOWN, AlertRule.ASSET, AlertRule.DEPEG, AlertRule.FX, AlertRule.COVERAGE}
)


def _said(voice: Voice, state: AlertState, what: Pressed, who: str) -> Text:
    until = "" if state.snoozed_until is None else voice.numbers.moment(state.snoozed_until)
    name = f"alert_{what}_by" if who else f"alert_{what}"
    return voice.say(name, who=(Foreign(who),), until=until)


def _typed(example: str) -> tuple[Code]:
    return (Code(f"/alerts {example}"),)
