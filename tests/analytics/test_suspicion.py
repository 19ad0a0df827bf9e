"""Answers that are hard to believe."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.analytics.suspicion import agree, suspect
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.statement import StatedTotal, Statement
from tests.builders import NOON, info, live, rates, statement


def account(held: str, last: str = "BTC/USD 60000, ETH/USD 2000") -> KnownAccount:
    made = value([live(statement(held=held, last=last))], info("bybit"), rates(), at=NOON).accounts[0]
    assert isinstance(made, KnownAccount)
    return made


def stating(total: str) -> Statement:
    return statement(held="BTC unified 1", stated=(StatedTotal(Decimal(total), "USD"),))


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ("BTC spot 1", "", "empty"),
        ("BTC spot 1", "BTC spot 0.49", "fall"),
        ("BTC spot 1", "BTC spot 0.5", None),
        ("BTC spot 1", "BTC spot 5", None),
        ("BTC spot 1", "BTC spot 5.01", "rise"),
        ("BTC spot 0.0001", "", "empty"),  # six dollars were a balance too
        ("ADA spot 5", "", "empty"),  # nobody knows what it was worth
        ("", "BTC spot 1", None),
        ("BTC spot -1", "BTC spot 1", None),  # no share of a debt says anything
        ("BTC spot 1", "ETH spot 30", None),  # traded, worth the same
    ],
)
def test_a_jump_that_amounts_make_is_suspect(before: str, now: str, verdict: str | None) -> None:
    assert suspect(account(before), account(now)) == verdict


def test_a_fall_that_prices_explain_is_believed() -> None:
    assert suspect(account("BTC spot 1"), account("BTC spot 1", "BTC/USD 20000")) is None


def test_two_answers_agree_when_every_amount_is_within_one_percent() -> None:
    assert agree(statement(held="BTC spot 1, ETH spot 3"), statement(held="BTC spot 1.0099, ETH spot 3"))
    assert not agree(statement(held="BTC spot 1"), statement(held="BTC spot 1.02"))
    assert not agree(statement(held="BTC spot 1"), statement(held="BTC funding 1"))
    assert not agree(stating("100"), stating("90"))
    assert agree(stating("100"), stating("99.5"))
    assert agree(statement(), statement())
