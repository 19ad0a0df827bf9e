"""Alerts: the first line stands alone, and where amounts are hidden none is left."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from portfolio_bot.report import compose, telegram_html, terminal
from portfolio_bot.report.alert_views import AlertOver, AlertRaised
from portfolio_bot.report.reader import Reader
from tests.report.alarms import documents, every
from tests.report.gallery import complete, reader


def text(name: str, me: Reader | None = None) -> str:
    shown = terminal.text(documents(me or reader())[name], 100)
    return re.sub(r"\s+", " ", shown.replace("\u00a0", " ")).strip()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("alert total", "−6.2% in 24 h: $42,100 (was $44,880; flows 0). Mostly BTC −2,310, ETH −390."),
        ("alert total, over", "Back above −4%: over after 5 h."),
        ("alert total with a deposit, over", "Back below +4%: over after 5 h."),
        ("alert drawdown", "−15.3% from the high of 3 Oct: $38,100. Deposits and withdrawals are taken out."),
        ("alert drawdown, over", "Back above −12% from the high: over after 5 h."),
        ("alert price, over", "BTC back below +8%: over after 5 h."),
        ("alert de-peg", "⚠ USDT −2.55% from a dollar: 0.9745. You hold 5,000 USDT."),
        ("alert de-peg, over", "USDT back within 1.6% of a dollar: over after 5 h."),
        ("alert share, over", "BTC back below 32% of your portfolio: over after 5 h."),
        ("alert rouble, over", "USD/RUB back below +2.4%: over after 5 h."),
        ("alert high", "$52,300: a new all-time high, +0.4% above that of 3 Oct."),
        ("alert coverage", "⚠ Bybit: what was read is 97.2% of the venue's own total. The gap is $312.40."),
        ("alert again", "Still: −6.2% in 24 h: $42,100 (was $44,880; flows 0)."),
    ],
)
def test_an_alert_is_a_fact_and_a_context(name: str, says: str) -> None:
    assert text(name).startswith(says)


def test_where_amounts_are_hidden_none_is_left() -> None:
    hidden = replace(reader(), percent_only=True)
    amounts = re.compile(r"\$|42,100|44,880|2,310|5,000|312|38,100|52,300|18,000|30,000|0\.5 BTC|•")
    for name, one in every().items():
        for view in (AlertRaised(one), *(() if name == "high" else (AlertOver(one),))):
            shown = terminal.text(compose.notice(view, hidden, complete()), 100)
            assert not amounts.search(shown), f"{name}: {shown}"
    assert text("alert total", hidden) == "−6.2% in 24 h. Mostly BTC −5.1%, ETH −0.9%."


def test_no_screen_is_wider_than_a_phone_or_longer_than_a_message() -> None:
    for language in ("en", "ru"):
        for name, document in documents(replace(reader(), language=language)).items():
            assert len(telegram_html.pages(document)) == 1, name
