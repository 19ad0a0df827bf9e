"""How a change is told: what the market did, what came and went, what nobody can compare."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.series import Period
from portfolio_bot.model.figure import Note
from portfolio_bot.report import compose
from portfolio_bot.report.views import Came, Crossed
from tests.report import figures, gallery
from tests.report.gallery import NOW, account, portfolio, reader
from tests.report.shown import expected, first_line, phone, text

ME = reader()


def crossed(*amounts: str | None) -> list[Crossed]:
    """Money that came or went on Bybit since yesterday."""
    return [Crossed("bybit", None if amount is None else Decimal(amount)) for amount in amounts]


def test_what_was_paid_in_is_no_gain() -> None:
    shown = text(compose.status(gallery.complete(), ME, baseline=gallery.yesterday(), crossed=crossed("300", "-20")))
    before = text(compose.status(gallery.complete(), ME, baseline=gallery.yesterday()))
    assert before.splitlines()[1].startswith("+$543.65")
    assert shown.splitlines()[1].startswith("+$263.65")
    assert shown.splitlines()[2:5] == [
        "since yesterday: market +314.44, FX −50.79",
        "$300.00 paid in since",
        "$20.00 taken out since",
    ]


def test_a_flow_without_a_value_leaves_no_change_to_tell() -> None:
    shown = text(compose.status(gallery.complete(), ME, baseline=gallery.yesterday(), crossed=crossed("300", None)))
    assert shown.splitlines()[1].startswith("No change told")


def test_flows_of_accounts_that_are_not_compared_are_left_out() -> None:
    there = [Crossed("kraken", Decimal(9))]
    stale = text(compose.status(gallery.provisional(), ME, baseline=gallery.yesterday(), crossed=there))
    assert stale == text(compose.status(gallery.provisional(), ME, baseline=gallery.yesterday()))


def test_income_and_fees_are_parts_of_the_gain_and_all_add_up_as_printed() -> None:
    since = [
        Crossed("bybit", Decimal(300)),
        Crossed("bybit", Decimal("10.005"), Came.INCOME),
        Crossed("okx", Decimal("-1.239"), Came.FEE),
    ]
    shown = text(compose.status(gallery.complete(), ME, baseline=gallery.yesterday(), crossed=since)).splitlines()
    assert shown[1:4] == [
        "+$243.65 (+0.54%)",
        "since yesterday: market +285.68, FX −50.79, income +10.00, fees −1.24",
        "$300.00 paid in since",
    ]
    parts = re.findall(r"[+−][\d,.]*\d", shown[2])
    assert sum(Decimal(part.replace("−", "-")) for part in parts) == Decimal("243.65")


def test_the_parts_are_those_of_the_accounts_that_are_compared() -> None:
    since = [Crossed("kraken", Decimal(9), Came.INCOME), Crossed("okx", Decimal(5), Came.INCOME)]
    shown = text(compose.status(gallery.provisional(), ME, baseline=gallery.yesterday(), crossed=since))
    assert "since yesterday: market +492.19, FX −50.79, income +5.00" in shown


def test_where_the_market_is_all_it_is_not_told_twice() -> None:
    before = replace(gallery.yesterday(), rates=gallery.complete().rates)
    shown = text(compose.status(gallery.complete(), ME, baseline=before))
    assert shown.splitlines()[1] == "+$543.65 (+1.21%) since yesterday's close"
    assert "market" not in shown


def test_where_the_parts_could_not_be_read_the_change_is_told_without_them() -> None:
    unread = [Crossed("", None, Came.UNTOLD)]
    shown = text(compose.status(gallery.complete(), ME, baseline=gallery.yesterday(), crossed=unread))
    assert shown.splitlines()[1] == "+$543.65 (+1.21%) since yesterday's close"


def test_in_roubles_the_rate_moves_whatever_is_held_in_dollars() -> None:
    roubles = reader(currency="RUB")
    shown = text(compose.status(gallery.complete(), roubles, baseline=gallery.yesterday())).splitlines()
    assert shown[1:3] == ["+₽65,111 (+1.86%)", "since yesterday: market +46,451, FX +18,660"]


def test_a_period_tells_its_gain_its_parts_what_came_and_its_return() -> None:
    shown = text(compose.status(gallery.complete(), ME, period=figures.performance())).splitlines()
    assert shown[:6] == [
        "$45,304 · ₽3,560,900",
        "+$3,610.12 (+8.66%) in 19 days",
        "market +3,416.80, FX +188.98, income +12.34, fees −8.00",
        "$1,700.00 more came in than went out",
        "time-weighted +8.77%*",
        "1 Nov 12:00 – 20 Nov 14:24",
    ]
    assert any(line.startswith("* time-weighted: ") for line in shown)


def test_what_is_to_be_known_of_a_period_stands_below_the_accounts() -> None:
    view = figures.performance(since=NOW - timedelta(days=90))
    assert isinstance(view.figures.period, Period)
    assert view.figures.period.notes == (Note.TRUNCATED,)
    explained = replace(figures.why(), without_rate=("EUR",))
    shown = text(compose.status(gallery.complete(), ME, period=replace(view, why=explained)))
    assert shown.partition("crypto")[2].partition("\n")[2].strip("\n").splitlines()[:4] == [
        "† IBKR: statement of 19 Nov, newest there is.",
        "* time-weighted: approximate, no total is known of the moment when money moved.",
        "No exchange rate for EUR at both ends: what that did is in the market.",
        "What is known begins later than this period.",
    ]


def test_who_sees_percentages_only_reads_the_change_first_and_no_amount() -> None:
    me = replace(ME, percent_only=True)
    assert phone(compose.status(gallery.provisional(), me, baseline=gallery.yesterday())) == expected("""
        <b>without Kraken +1.21%</b>
        since yesterday's close
        market +1.35%, FX −0.14%
        <pre>Bybit    27.3%
        OKX      21.8%
        Kraken*  17.9%
        T-Bank   17.6%
        IBKR†    15.5%
        crypto   66.9%</pre>
        * Kraken: key refused since 12:40, value of 12:38.
        Check the key, its address list and its rights; a new one goes into <code>KRAKEN_API_KEY</code>, then restart.
        † IBKR: statement of 19 Nov, newest there is.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)
    paid = text(compose.status(gallery.complete(), me, baseline=gallery.yesterday(), crossed=crossed("300")))
    assert paid.splitlines()[:3] == [
        "+0.54% since yesterday's close",
        "market +0.65%, FX −0.11%",
        "Money came in or went out since.",
    ]
    assert "300" not in paid


def test_without_a_change_they_read_how_many_answered() -> None:
    me = replace(ME, percent_only=True)
    heads = [
        first_line(text(compose.status(one, me)))
        for one in (gallery.complete(), gallery.provisional(), gallery.incomplete(), gallery.never())
    ]
    assert heads == [
        "5 accounts",
        "5 accounts*",
        "4 of 5 accounts · Kraken unknown",
        "unknown · Bybit, OKX: no answer yet",
    ]


def test_a_total_below_zero_has_a_change_and_no_percentage() -> None:
    debt, before = (
        portfolio(account("bybit", "USDT unified -500 @ 1")),
        portfolio(account("bybit", "USDT unified -400 @ 1")),
    )
    shown = text(compose.status(debt, ME, baseline=replace(before, at=NOW - timedelta(hours=15))))
    assert shown.splitlines()[:2] == ["−$500.00 · −₽39,300", "−$100.00 since yesterday's close"]
    hidden = text(
        compose.status(debt, replace(ME, percent_only=True), baseline=replace(before, at=NOW - timedelta(hours=15)))
    )
    assert first_line(hidden) == "1 account"
