"""What is typed in Russian is read as the English line."""

from __future__ import annotations

import pytest

from portfolio_bot.analytics.alert_states import AlertRule
from portfolio_bot.bot.commands.schedules import COMMANDS
from portfolio_bot.bot.contents import CONTENTS
from portfolio_bot.bot.spelling import alert_spelled, spelled
from portfolio_bot.model.days import Calendar
from portfolio_bot.report.languages.russian.typed import PHRASES_TYPED, WORDS_TYPED
from portfolio_bot.service.alarm_limits import Wish as Limit
from portfolio_bot.service.alarm_limits import wished as read_limit
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.performance import Window
from portfolio_bot.service.posts import MAIN, SLACK, Post
from portfolio_bot.service.schedule_words import Vocabulary, read_wish

HERE = Vocabulary(tuple(CONTENTS), Post("-100", 5), slack=True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ежедневно 08:30 отчёт", "daily 08:30 report"),
        ("каждый день в 8:30,20:00", "daily at 8:30,20:00"),
        ("Каждые 2ч график без звука", "every 2ч chart silent"),
        ("по пятницам в 18:00 доходность в Slack", "weekly fri at 18:00 performance to Slack"),
        ("по будням 09:00 подробный отчёт сюда", "weekly mon-fri 09:00 details to here"),
        ("еженедельно пн,чт 09:00", "weekly пн,чт 09:00"),
        ("ежемесячно 15 21:00 состав в основной чат", "monthly 15 21:00 allocation to main"),
        ("в конце месяца в 21:00", "month-end at 21:00"),
        ("каждый час часы 9-18", "every 1h window 9-18"),
        ("daily 08:30 report to here silent", "daily 08:30 report to here silent"),
    ],
)
def test_a_line_in_russian_means_what_the_english_one_means(typed: str, meant: str) -> None:
    assert " ".join(spelled(typed.split())) == meant
    read_wish(meant.split(), HERE)


def test_addresses_are_the_same_in_both() -> None:
    assert read_wish(spelled(["ежедневно", "09:00", "в", "основной"]), HERE).posts == (MAIN,)
    assert read_wish(spelled(["ежедневно", "09:00", "в", "slack"]), HERE).posts == (Post(SLACK),)


def test_what_is_no_known_word_is_named_as_it_was_typed() -> None:
    with pytest.raises(UserError) as caught:
        read_wish(spelled(["ежедневно", "09:00", "пожалуйста"]), HERE)
    assert caught.value.refusal.value == "пожалуйста"


def test_the_tables_are_in_small_letters_and_without_a_yo() -> None:
    for word in (*PHRASES_TYPED, *WORDS_TYPED):
        assert word == word.lower().replace("ё", "е")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("просадка 7,5", Limit(AlertRule.DRAWDOWN, "", "7.5")),
        ("7,5 %", Limit(AlertRule.TOTAL, "", "7.5")),
        ("доля BTC 40", Limit(AlertRule.SHARE, "BTC", "40")),
        ("Отвязка выкл", Limit(AlertRule.DEPEG, "", "off")),
        ("цена BTC сброс", Limit(AlertRule.ASSET, "BTC", None)),
    ],
)
def test_a_limit_may_be_set_in_russian(typed: str, meant: Limit) -> None:
    assert read_limit(alert_spelled(typed)) == meant


def test_a_limit_that_could_be_thousands_is_refused() -> None:
    with pytest.raises(UserError, match="is no limit"):
        read_limit("drawdown 1,000")


@pytest.mark.parametrize(("typed", "meant"), [("30д", "30d"), ("24ч", "24h"), ("всё", "all"), ("7Д", "7d")])
def test_a_period_may_be_typed_in_russian(typed: str, meant: str) -> None:
    calendar = Calendar.of("Europe/Paris")
    assert Window.named(typed, calendar) == Window.named(meant, calendar)
    assert Window.named(typed, calendar) is not None


@pytest.mark.parametrize("line", ["добавить утро ежедневно 08:30 отчёт", "утро пауза", "утро удалить", "утро в 09:00"])
def test_only_an_owner_may_change_in_russian_too(line: str) -> None:
    command = next(one for one in COMMANDS if one.name == "schedules")
    assert callable(command.changes)
    assert command.changes(line)
