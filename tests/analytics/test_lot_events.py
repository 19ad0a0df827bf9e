"""Events of lots: one order for everything, both ends of a transfer, both sides of a conversion, and openings."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.lot_events import (
    Arrival,
    Booked,
    Conversion,
    Departure,
    LotEvent,
    movements,
    openings,
    other_events,
    place,
)
from portfolio_bot.analytics.lots import Ledger
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, Confidence, MatchedBy, Transfer
from portfolio_bot.model.trade import NOT_PRICED, Worth, WorthSource
from tests.analytics.lot_builders import booked, day, exchanged, flow, moved, trade

UTC_DAYS = Calendar.of("UTC")
D = Decimal


def link(sent: CashFlow, got: CashFlow, debited: str, received: str) -> Transfer:
    return Transfer(
        sent, got, D(debited), D(received), MatchedBy.TXID, Confidence.CERTAIN, difference=D(0), delay=timedelta(0)
    )


def test_ids_of_digits_are_compared_as_numbers() -> None:
    ninth, tenth = (trade("buy", "1 BTC", "1 USDT", 1, id=name) for name in ("9", "10"))
    assert sorted((tenth, ninth), key=place) == [ninth, tenth]


def test_at_one_instant_money_comes_before_it_is_traded_and_goes_after() -> None:
    events: list[LotEvent] = [
        booked("withdrawal", "-1 BTC", 1),
        trade("buy", "1 BTC", "1 USDT", 1),
        booked("deposit", "1 USDT", 1),
        booked("opening", "1 USDT", 1),
    ]
    assert sorted(events, key=place) == events[::-1]


def test_a_transfer_leaves_and_arrives() -> None:
    sent, got = flow("withdrawal", "-1 BTC", 1, fee="0.1 BTC", account="a"), flow("deposit", "1 BTC", 2, account="b")
    events = other_events((got, sent), (link(sent, got, "1.1", "1"),), (), UTC_DAYS)
    assert events == [Departure(day(1), sent, D(1), D("0.1")), Arrival(day(2), got, sent.key, D(1))]


def test_nothing_arrives_before_it_left() -> None:
    sent, got = flow("withdrawal", "-1 BTC", 2, account="a"), flow("deposit", "1 BTC", 1.999, account="b")
    events = other_events((got, sent), (link(sent, got, "1", "1"),), (), UTC_DAYS)
    assert [type(event) for event in events] == [Departure, Arrival]
    assert [event.at for event in events] == [day(2), day(2)]


def test_a_side_without_a_time_happens_when_the_other_one_lets_it() -> None:
    sent = replace(flow("withdrawal", "-1 BTC", 2, account="a"), at=day(2).date())
    got = flow("deposit", "1 BTC", 2.5, account="b")
    events = other_events((got, sent), (link(sent, got, "1", "1"),), (), UTC_DAYS)
    assert [event.at for event in events] == [day(2.5), day(2.5)]
    later = replace(flow("deposit", "1 BTC", 3, account="b"), at=day(3).date())
    events = other_events((later, sent), (link(sent, later, "1", "1"),), (), UTC_DAYS)
    assert [event.at for event in events] == [day(3) - timedelta(microseconds=1), day(3)]


def test_a_withdrawal_on_its_way_only_leaves() -> None:
    sent = flow("withdrawal", "-1 BTC", 1, fee="0.1 BTC", account="a")
    assert other_events((sent,), (), (sent,), UTC_DAYS) == [Departure(day(1), sent, D(1), D("0.1"))]


def test_the_sides_of_a_conversion_share_account_and_txid() -> None:
    given, got = flow("conversion", "-1 XRP", 1, txid="x"), flow("conversion", "2 BNB", 1, txid="x")
    stranger = flow("conversion", "2 ADA", 1, txid="x", account="other")
    events = other_events((given, got, stranger), (), (), UTC_DAYS)
    assert Conversion(day(1), (given,), (got,)) in events
    assert Booked(day(1), stranger) in events
    assert len(events) == 2


def test_a_flow_that_comes_twice_counts_once() -> None:
    once = flow("deposit", "1 BTC", 1)
    assert other_events((once, once), (), (), UTC_DAYS) == [Booked(day(1), once)]


def test_openings_explain_todays_balances() -> None:
    events: list[LotEvent] = [
        trade("buy", "1 BTC", "100 USDT", 1, fee="0.01 BTC"),
        trade("sell", "3 ETH", "90 USDT", 2),
        booked("deposit", "50 USDT", 3),
        booked("withdrawal", "-5 XRP", 4, fee="1 XRP"),
        exchanged((flow("conversion", "-2 ADA", 5),), (flow("conversion", "1 BNB", 5),), 5),
        *moved("4 SOL", 6, origin="ex", destination="b", lost="0.5"),
    ]
    balances = {("ex", "BTC"): D("1.49"), ("ex", "USDT"): D(0), ("b", "SOL"): D(4), ("ex", "ETH"): D(0)}
    price = {"BTC": Worth(D(90), WorthSource.PRICE_LIST)}
    made = openings(balances, events, at=day(0), price=price.get)
    assert {(one.account, one.asset): one.amount for one in made.flows} == {
        ("ex", "BTC"): D("0.5"),
        ("ex", "ETH"): D(3),
        ("ex", "XRP"): D(6),
        ("ex", "ADA"): D(2),
        ("ex", "SOL"): D("4.5"),
    }
    values = {one.asset: one.usd for one in made.flows}
    assert values["BTC"] == Worth(D(45), WorthSource.PRICE_LIST)
    assert values["ETH"] == NOT_PRICED
    assert made.missing == {("ex", "USDT"): D(40), ("ex", "BNB"): D(1)}


def test_with_openings_nothing_is_sold_that_was_not_there() -> None:
    sold = trade("sell", "3 ETH", "90 USDT", 2)
    made = openings({("ex", "USDT"): D(90)}, (sold,), at=day(0), price=lambda _: Worth(D(20), WorthSource.PRICE_LIST))
    ledger = Ledger()
    ledger.feed_all([*(Booked(day(0), one) for one in made.flows), sold])
    profit = ledger.profit({"USDT": D(1)})
    assert (profit.realised, profit.unmatched_proceeds, profit.flags) == (D(30), D(0), ("estimated",))


def test_a_third_coin_that_paid_for_a_departure_moves_too() -> None:
    sent = flow("withdrawal", "-1 BTC", 1, fee="2 TRX", account="a")
    changes = list(movements(Departure(day(1), sent, D(1), D(0))))
    assert changes == [("a", "BTC", D(-1)), ("a", "TRX", D(-2))]
