"""Lots that move between own accounts keep their date and cost; only the network's fee is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.analytics.lot_book import Flag
from portfolio_bot.analytics.lot_report import DisposalKind
from tests.analytics.lot_builders import booked, day, fed, moved, of, profit, trade

D = Decimal


@pytest.mark.parametrize("scope", ["global", "account"])
def test_a_moved_coin_keeps_its_date_and_cost(scope: str) -> None:
    events = (
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        *moved("1 BTC", 2, worth="130"),
        trade("sell", "1 BTC", "200 USDT", 3, account="b"),
    )
    assert profit(*events, scope=scope).realised == 100
    lot = fed(*events[:3], scope=scope)[0].open_lots()[0]
    assert (lot.acquired_at, lot.cost) == (day(1), D(100))


def test_the_network_takes_its_fee_from_the_oldest_lots_and_their_cost_is_lost() -> None:
    events = (
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        trade("buy", "1 BTC", "300 USDT", 2, account="a"),
        *moved("1.5 BTC", 3, lost="0.5", worth="600"),
    )
    ledger, told = fed(*events, scope="account")
    assert [(one.kind, one.gain) for one in told] == [(DisposalKind.NETWORK_FEE, D(-50))]
    assert [(lot.account, lot.quantity, lot.cost) for lot in ledger.open_lots()] == [
        ("b", D("0.5"), D(50)),
        ("b", D(1), D(300)),
    ]
    assert profit(*events, BTC="400").fees == 200


def test_coins_between_two_accounts_stay_open_lots_and_nobody_can_sell_them() -> None:
    left, came = moved("1 BTC", 2, worth="100")
    events = (
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        left,
        trade("buy", "1 BTC", "110 USDT", 3, account="b"),
        trade("sell", "1 BTC", "200 USDT", 4, account="b"),
    )
    ledger, told = fed(*events, scope="account")
    assert told[0].cost == 110
    assert [lot.cost for lot in ledger.open_lots()] == [D(100)]
    ledger.feed(came._replace(at=day(5)))
    assert [lot.account for lot in ledger.open_lots()] == ["b"]


def test_with_lots_in_common_a_sale_uses_the_oldest_even_while_they_travel() -> None:
    left, came = moved("1 BTC", 2, worth="100")
    _, told = fed(
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        left,
        trade("buy", "1 BTC", "110 USDT", 3, account="b"),
        trade("sell", "1 BTC", "200 USDT", 4, account="b"),
        came._replace(at=day(5)),
    )
    assert told[0].cost == 100


def test_what_arrives_takes_the_place_that_its_date_gives_it() -> None:
    left, came = moved("1 BTC", 4, worth="100")
    _, told = fed(
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        trade("buy", "1 BTC", "110 USDT", 3, account="b"),
        left,
        came,
        trade("sell", "1 BTC", "200 USDT", 5, account="b"),
        scope="account",
    )
    assert told[0].cost == 100


def test_coins_that_arrive_without_having_been_there_have_no_basis() -> None:
    made = profit(*moved("1 BTC", 2, worth="130"), scope="account", BTC="150")
    moved_coin = of(made, "BTC")
    assert (moved_coin.without_basis, moved_coin.quantity, moved_coin.flags) == (D(1), D(0), (Flag.UNKNOWN_BASIS,))


def test_a_rounding_that_arrives_on_top_costs_nothing() -> None:
    made = profit(
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        *moved("1 BTC", 2, arrives="1.00000001", worth="100"),
        scope="account",
        BTC="100",
    )
    assert (of(made, "BTC").quantity, of(made, "BTC").cost) == (D("1.00000001"), D(100))


def test_a_transfer_fee_in_dollars_goes_into_the_bucket_of_fees() -> None:
    made = profit(booked("deposit", "100 USDT", 1, "100"), *moved("90 USDT", 2, lost="1", worth="90"))
    assert made.cash_pnl == {"fee": D(-1)}
    assert made.cash[0].quantity == 99
