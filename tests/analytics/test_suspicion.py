"""Answers that are hard to believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.suspicion import agree, explained, missing, suspect
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.statement import StatedTotal, Statement
from portfolio_bot.model.trade import Fee, Worth, WorthSource
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


def flow(amount: str, asset: str = "BTC", minutes: float = 10, fee: str = "") -> CashFlow:
    kind = FlowKind.DEPOSIT if Decimal(amount) > 0 else FlowKind.WITHDRAWAL
    cost = Fee(asset, Decimal(fee)) if fee else None
    return CashFlow("f", "bybit", kind, NOON + timedelta(minutes=minutes), asset, Decimal(amount), fee=cost)


def later(held: str, last: str = "BTC/USD 60000, ETH/USD 2000") -> KnownAccount:
    return replace(account(held, last), as_of=NOON + timedelta(hours=1))


@pytest.mark.parametrize(
    ("before", "now", "flows", "verdict"),
    [
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.6")], True),
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.5", fee="0.1")], True),
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.3"), flow("-0.3")], True),
        ("BTC spot 1", "BTC spot 0.1", [flow("-0.3")], False),
        ("BTC spot 1", "", [flow("-1")], True),
        ("BTC spot 1", "", [flow("-0.999")], True),
        ("BTC spot 1", "", [flow("-0.6")], False),
        ("BTC spot 1", "", [], False),
        ("BTC spot 1", "BTC spot 9", [flow("8")], True),
        ("BTC spot 1", "BTC spot 9", [flow("-8")], False),
        ("BTC spot 1", "BTC spot 1, ETH spot 300", [flow("300", "ETH")], True),  # of an asset that was not there
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.6", minutes=0)], False),  # in the last good value already
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.6", minutes=61)], False),  # after the answer
        ("BTC spot 1", "BTC spot 0.4", [replace(flow("-0.6"), at=NOON.date())], False),
        ("BTC spot 1", "BTC spot 0.4", [flow("-0.6", "XYZ")], False),  # worth nobody knows what
        ("BTC spot 1", "", [replace(flow("-1"), kind=FlowKind.TRANSFER, wallets="spot → earn")], False),
        ("BTC spot 1", "", [replace(flow("-1"), kind=FlowKind.TRANSFER, wallets="main → sub-account 2")], True),
    ],
)
def test_flows_that_lead_to_the_new_value_explain_it(
    before: str, now: str, flows: list[CashFlow], *, verdict: bool
) -> None:
    assert explained(account(before), later(now), flows) is verdict


@pytest.mark.parametrize(
    ("now", "last", "flows", "verdict"),
    [
        ("BTC spot 0.75", "BTC/USD 60000", [], True),
        ("BTC spot 0.75", "BTC/USD 60000", [flow("-0.25")], False),
        ("BTC spot 0.75", "BTC/USD 60000", [flow("-0.1")], True),
        ("BTC spot 0.96", "BTC/USD 60000", [], False),
        ("BTC spot 1", "BTC/USD 30000", [], False),  # the market fell
        ("BTC spot 0.8, ETH spot 6", "BTC/USD 60000, ETH/USD 2000", [], False),  # traded, worth the same
        ("BTC spot 1.5", "BTC/USD 60000", [], False),
        ("", "", [], True),
    ],
)
def test_what_neither_prices_nor_flows_explain_is_missing(
    now: str, last: str, flows: list[CashFlow], *, verdict: bool
) -> None:
    assert missing(account("BTC spot 1"), later(now, last), flows) is verdict


def test_a_flow_of_an_asset_without_a_price_counts_by_its_own_worth() -> None:
    gone = replace(flow("-5", "XYZ"), usd=Worth(Decimal(-36000), WorthSource.SNAPSHOT))
    assert explained(account("BTC spot 1"), later("BTC spot 0.4"), [gone])


def test_two_answers_agree_when_every_amount_is_within_one_percent() -> None:
    assert agree(statement(held="BTC spot 1, ETH spot 3"), statement(held="BTC spot 1.0099, ETH spot 3"))
    assert not agree(statement(held="BTC spot 1"), statement(held="BTC spot 1.02"))
    assert not agree(statement(held="BTC spot 1"), statement(held="BTC funding 1"))
    assert not agree(stating("100"), stating("90"))
    assert agree(stating("100"), stating("99.5"))
    assert agree(statement(), statement())
