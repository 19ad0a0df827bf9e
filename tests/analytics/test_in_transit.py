"""Money between own accounts: counted once while it moves, whatever is read first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.in_transit import (
    Moving,
    arrived,
    balances_in,
    balances_of,
    not_shown,
    rises,
)
from portfolio_bot.analytics.transfers import Matching, match
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import PriceSource, Quote
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, Incomplete, Portfolio, Provisional
from portfolio_bot.model.reading import Reading
from portfolio_bot.model.trade import Fee
from tests.builders import failed, info, live, rates, stale, statement

DAYS = Calendar.of("UTC")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BTC = "BTC/USD 100000"


def sent(
    amount: str = "1", at: datetime = NOON, *, asset: str = "BTC", fee: str = "0.0005", name: str = "w"
) -> CashFlow:
    cost = Fee(asset, Decimal(fee)) if fee else None
    return CashFlow(name, "bybit", FlowKind.WITHDRAWAL, at, asset, -Decimal(amount), fee=cost, txid="x")


def got(amount: str = "1", minutes: float = 40, *, name: str = "d", account: str = "okx") -> CashFlow:
    at = NOON + timedelta(minutes=minutes)
    return CashFlow(name, account, FlowKind.DEPOSIT, at, "BTC", Decimal(amount), txid="x")


def known(*flows: CashFlow, at: datetime = NOON + timedelta(hours=1)) -> Matching:
    return match(flows, at=at, calendar=DAYS)


def seen(**minutes: float) -> Mapping[str, datetime]:
    return {account: NOON + timedelta(minutes=after) for account, after in minutes.items()}


def moving(matching: Matching, **minutes: float) -> list[tuple[str, str | None]]:
    at = NOON + timedelta(hours=1)
    return [(one.flow.id, one.destination) for one in not_shown(matching, seen(**minutes), at, DAYS)]


def valued(*readings: Reading, way: tuple[Moving, ...], **more: object) -> Portfolio:
    accounts = info(*(reading.account for reading in readings))
    return value(readings, accounts, rates(EUR="1.1"), at=NOON, moving=way, **more)  # type: ignore[arg-type]


def test_what_left_one_account_and_reached_none_is_moving() -> None:
    assert moving(known(sent()), bybit=30, okx=30) == [("w", None)]


def test_a_reading_from_before_it_left_still_holds_it() -> None:
    assert moving(known(sent()), bybit=-1, okx=30) == []


def test_a_reading_from_before_it_came_does_not_hold_it_yet() -> None:
    both = known(sent(), got(minutes=40))
    assert moving(both, bybit=50, okx=39) == [("w", "okx")]
    assert moving(both, bybit=50, okx=40) == []


def test_what_moved_inside_an_account_is_never_moving() -> None:
    rows = [
        CashFlow(name, "bybit", FlowKind.TRANSFER, at, "BTC", Decimal(amount), txid="1", wallets="spot → futures")
        for name, amount, at in (("o", "-1", NOON), ("i", "1", NOON + timedelta(minutes=5)))
    ]
    assert moving(known(*rows), bybit=3) == []


def test_an_account_without_a_reading_has_what_reached_it_and_not_what_left_it() -> None:
    assert moving(known(sent()), okx=30) == [("w", None)]
    assert moving(known(sent(), got()), bybit=50) == []


@pytest.mark.parametrize("deposit_is_read", [True, False])
def test_the_total_is_the_same_before_between_and_after(*, deposit_is_read: bool) -> None:
    """Only the network fee is lost; the deposit may be read long after the balance has it."""
    at = {minute: NOON + timedelta(minutes=minute) for minute in (-30, 30, 90)}
    held = {-30: ("3", "1"), 30: ("1.9995", "1"), 90: ("1.9995", "2")}
    totals = []
    before: Portfolio | None = None
    for minute, (bybit, okx) in held.items():
        flows = [sent()] if minute > 0 else []
        flows += [got()] if minute == 90 and deposit_is_read else []
        matching = known(*flows, at=at[minute])
        statements = [
            statement("bybit", f"BTC spot {bybit}", BTC, at=at[minute]),
            statement("okx", f"BTC spot {okx}", BTC, at=at[minute]),
        ]
        now = {made.account: made.as_of for made in statements}
        way = not_shown(matching, now, at[minute], DAYS)
        if before is not None:
            then = {account.id: account.as_of for account in before.accounts}  # type: ignore[union-attr]
            risen = rises(balances_in(before.accounts), balances_of(statements), flows, then, now, DAYS)
            there = arrived([one.flow for one in way], risen)
            way = tuple(one for one in way if one.flow.key not in there)
        made = valued(*map(live, statements), way=way)
        before = before or made
        assert isinstance(made.total_usd, Complete)
        totals.append(made.total_usd.value.amount)
    assert totals == [400000, 399950, 399950]


def risen(amount: str, *flows: CashFlow, account: str = "okx", asset: str = "BTC") -> Mapping[tuple[str, str], Decimal]:
    key = (account, asset)
    return rises({}, {key: Decimal(amount)}, flows, seen(**{account: 0}), seen(**{account: 60}), DAYS)


@pytest.mark.parametrize(
    ("rise", "there"),
    [("1", True), ("1.0009", True), ("0.9991", True), ("1.002", False), ("0.998", False), ("5", False)],
)
def test_a_rise_of_about_the_amount_is_its_arrival(rise: str, *, there: bool) -> None:
    assert bool(arrived([sent(fee="")], risen(rise))) is there


def test_a_fee_inside_the_printed_amount_is_missing_at_the_other_end() -> None:
    assert arrived([sent(fee="0.1")], risen("0.9"))


def test_a_recorded_deposit_explains_the_rise_of_its_balance() -> None:
    assert not arrived([sent()], risen("1", got(name="of somebody else")))
    assert arrived([sent()], risen("2", got(name="of somebody else")))


def test_what_moved_between_wallets_of_the_account_explains_no_part_of_a_rise() -> None:
    redeemed = CashFlow("r", "okx", FlowKind.TRANSFER, got().at, "BTC", Decimal(1), wallets="earn → spot")
    assert arrived([sent()], risen("1", redeemed))


def test_a_flow_from_before_the_earlier_reading_explains_nothing() -> None:
    assert arrived([sent()], risen("1", got(minutes=-1)))


def test_one_rise_is_the_arrival_of_one_transfer_or_of_several_together() -> None:
    first, second = sent("1", fee=""), sent("1", fee="", name="w2")
    assert arrived([first, second], risen("1")) == {first.key: "okx"}
    assert arrived([first, second], risen("2")) == {first.key: "okx", second.key: "okx"}


def test_neither_the_sender_nor_another_coin_shows_an_arrival() -> None:
    assert not arrived([sent()], risen("1", account="bybit"))
    assert not arrived([sent()], risen("1", asset="ETH"))


def test_an_account_that_was_not_seen_before_has_no_rise() -> None:
    assert rises({}, {("okx", "BTC"): Decimal(1)}, [], {}, seen(okx=60), DAYS) == {}


WAY = (Moving(sent("2", fee="")),)


def only_value(portfolio: Portfolio) -> Decimal | Unknown:
    return portfolio.in_transit[0].value


def test_a_line_says_what_arrives_whence_and_since_when() -> None:
    made = valued(live(statement("bybit", "BTC spot 1", BTC)), way=(Moving(sent(), "okx"),))
    (row,) = made.in_transit
    assert row.asset == "BTC"
    assert [row.amount, row.value] == [1, 100000]
    assert (row.origin, row.destination, row.since, row.txid) == ("bybit", "okx", NOON, "x")
    assert made.total_usd == Complete(Money(Decimal(200000), "USD"))
    assert made.crypto == Money(Decimal(100000), "USD")


def test_the_price_of_the_sender_comes_first_then_of_one_that_answered() -> None:
    sender = live(statement("bybit", "BTC spot 1", "BTC/USD 100"))
    other, old = (
        live(statement("okx", "BTC spot 1", "BTC/USD 101")),
        stale(statement("gate", "BTC spot 1", "BTC/USD 90")),
    )
    assert only_value(valued(other, sender, way=WAY)) == 200
    empty = live(statement("bybit", "USD spot 1"))
    assert only_value(valued(old, empty, other, way=WAY)) == 202
    assert only_value(valued(old, empty, way=WAY)) == 180


def test_a_value_that_the_venue_printed_prices_what_left_it() -> None:
    printed = live(statement("okx", "BTC unified 0.5 = 50 USD"))
    assert only_value(valued(printed, live(statement("bybit")), way=WAY)) == 200


def test_a_price_known_before_stands_in_for_three_days_and_the_total_is_provisional() -> None:
    quote = Quote("BTC", Decimal(99), PriceSource.VENUE_TICKER, NOON - timedelta(days=3))
    made = valued(live(statement("bybit", "USD spot 1")), way=WAY, known={("gate", "BTC"): quote})
    assert made.total_usd == Provisional(Money(Decimal(199), "USD"), (), (("bybit", "BTC"),))
    assert made.in_transit[0].stands_in == Quote("BTC", Decimal(99), PriceSource.KNOWN_BEFORE, quote.as_of)


def test_without_a_price_it_is_listed_outside_the_total_like_such_a_holding() -> None:
    quote = Quote("BTC", Decimal(99), PriceSource.VENUE_TICKER, NOON - timedelta(days=3, seconds=1))
    made = valued(live(statement("bybit", "USD spot 1")), way=WAY, known={("bybit", "BTC"): quote})
    assert only_value(made) == Unknown("no_price", "BTC")
    assert made.total_usd == Complete(Money(Decimal(1), "USD"))


def test_beside_a_failed_account_it_is_part_of_what_is_there_at_least() -> None:
    made = valued(failed("bybit"), live(statement("okx", "BTC spot 1", "BTC/USD 10")), way=WAY)
    assert made.total_usd == Incomplete(Money(Decimal(30), "USD"), ("bybit",))


def test_a_currency_on_its_way_goes_by_its_rate() -> None:
    euro = (Moving(sent("100", asset="EUR", fee="")),)
    made = valued(live(statement("bybit", "USD spot 1")), way=euro)
    assert only_value(made) == 110
    assert "EUR" in made.rates


@pytest.mark.parametrize("source", [PriceSource.VENUE_TICKER, PriceSource.ASSUMED_PAR])
def test_a_crypto_dollar_that_nobody_holds_goes_by_its_reference(source: PriceSource) -> None:
    tether = (Moving(sent("100", asset="USDT", fee="")),)
    quote = Quote("USDT", Decimal("0.99"), source, NOON)
    made = valued(live(statement("bybit", "USD spot 1")), way=tether, dollars={"USDT": quote})
    assert only_value(made) == 99
    assert isinstance(made.total_usd, Provisional) is (source is PriceSource.ASSUMED_PAR)
