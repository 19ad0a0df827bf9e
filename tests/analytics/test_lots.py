"""Lots: each rule on an example small enough for a pocket calculator."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.analytics.lot_events import Booked
from portfolio_bot.analytics.lot_report import DisposalKind
from portfolio_bot.analytics.lots import Ledger
from portfolio_bot.model.figure import Unknown
from tests.analytics.lot_builders import booked, day, exchanged, fed, flow, of, profit, trade

D = Decimal


def test_a_fee_in_a_third_coin_raises_the_cost_and_disposes_of_that_coin() -> None:
    made = profit(
        trade("buy", "0.5 BNB", "300 USDT", 1),
        trade("buy", "1 BNB", "700 USDT", 2),
        trade("buy", "0.2 BTC", "18200 USDT", 3, fee="0.02 BNB = 13.8"),
        BTC="91000",
        BNB="690",
    )
    assert of(made, "BTC").cost == D("18213.80")
    assert of(made, "BNB").realised == D("1.80")
    assert of(made, "BNB").quantity == D("1.48")
    assert made.realised_by_kind == {DisposalKind.FEE: D("1.80")}


@pytest.mark.parametrize(
    ("fee", "cost", "quantity"), [("10 USDT", "1010", "1"), ("0.01 BTC", "1000", "0.99"), ("5 EUR = 6", "1006", "1")]
)
def test_a_fee_makes_a_buy_dearer_or_smaller(fee: str, cost: str, quantity: str) -> None:
    bought = of(profit(trade("buy", "1 BTC", "1000 USDT", 1, fee=fee)), "BTC")
    assert (bought.cost, bought.quantity) == (D(cost), D(quantity))


@pytest.mark.parametrize(
    ("fee", "gain", "left"), [("10 USDT", "90", "1"), ("0.1 BTC", "90", "0.9"), ("5 EUR = 6", "94", "1")]
)
def test_a_fee_makes_a_sale_bring_less_or_take_more(fee: str, gain: str, left: str) -> None:
    sold = of(
        profit(trade("buy", "2 BTC", "200 USDT", 1), trade("sell", "1 BTC", "200 USDT", 2, fee=fee)),
        "BTC",
    )
    assert (sold.realised, sold.quantity) == (D(gain), D(left))


def test_a_rebate_makes_a_buy_cheaper_and_is_a_lot_of_its_own() -> None:
    made = profit(trade("buy", "1 BTC", "1000 USDT", 1, fee="-0.01 BNB = -6"))
    assert of(made, "BTC").cost == 994
    assert of(made, "BNB").lots[0].cost == 6
    assert made.fees == -6


def test_a_fee_that_eats_the_whole_buy_is_a_loss() -> None:
    assert profit(trade("buy", "1 BTC", "1000 USDT", 1, fee="1 BTC")).realised == -1000


def test_a_fee_without_a_price_stands_at_what_its_coin_had_cost() -> None:
    made = profit(
        trade("buy", "1 BNB", "600 USDT", 1), trade("buy", "1 BTC", "1000 USDT", 2, fee="0.5 BNB"), BTC="1000"
    )
    assert of(made, "BTC").cost == 1300
    assert of(made, "BNB").flags == (Flag.FEE_PRICE_MISSING,)
    assert made.realised == 0


def test_a_coin_paid_with_a_coin_is_sold_at_the_value_of_the_trade() -> None:
    made = profit(
        trade("buy", "1 BTC", "20000 USDT", 1),
        trade("buy", "10 ETH", "0.5 BTC", 2, fee="0.001 BTC", worth="15000"),
        BTC="30000",
        ETH="1500",
    )
    assert of(made, "ETH").cost == 15030
    assert of(made, "BTC").realised == 15030 - D("10020")
    assert of(made, "BTC").quantity == D("0.499")


def test_what_was_never_bought_has_no_gain_and_is_told_apart() -> None:
    made = profit(trade("buy", "1 BTC", "100 USDT", 1), trade("sell", "4 BTC", "800 USDT", 2))
    sold = of(made, "BTC")
    assert (sold.realised, sold.unmatched, sold.unmatched_proceeds) == (D(100), D(3), D(600))
    assert sold.flags == (Flag.UNKNOWN_BASIS,)


def test_what_was_never_bought_is_all_gain_where_the_owner_wants_it() -> None:
    made = profit(trade("sell", "1 BTC", "200 USDT", 2), unknown="zero")
    assert made.realised == 200
    assert made.flags == (Flag.UNKNOWN_BASIS,)


def test_an_opening_lot_covers_what_records_do_not_explain() -> None:
    made = profit(
        booked("opening", "2 BTC", 0, "100"), trade("sell", "1 BTC", "200 USDT", 2), unknown="opening", BTC="300"
    )
    assert (made.realised, made.unrealised, made.opened) == (D(150), D(250), D(100))
    assert made.nav_pnl == 400


def test_a_margin_account_sells_short_and_covers_the_oldest_short_first() -> None:
    events = (
        trade("sell", "1 BTC", "100 USDT", 1, market="margin"),
        trade("sell", "1 BTC", "130 USDT", 2, market="margin"),
        trade("buy", "3 BTC", "270 USDT", 3, market="margin"),
    )
    made = profit(*events, BTC="95")
    assert made.realised_by_kind == {DisposalKind.SHORT_COVER: D(50)}
    left = of(made, "BTC")
    assert (left.quantity, left.cost, left.unrealised) == (D(1), D(90), D(5))
    assert [lot.quantity for lot in fed(*events[:2])[0].open_lots()] == [D(1), D(1)]


def test_a_sale_may_close_a_long_position_and_open_a_short_one() -> None:
    made = profit(
        trade("buy", "1 BTC", "100 USDT", 1, market="margin"),
        trade("sell", "3 BTC", "360 USDT", 2, market="margin"),
        BTC="100",
    )
    short = of(made, "BTC")
    assert (made.realised, short.short, short.short_proceeds) == (D(20), D(2), D(240))
    assert (short.value, short.unrealised, short.average_cost) == (D(-200), D(40), D(120))


def test_a_short_of_one_account_does_not_take_the_coins_of_another_for_nothing() -> None:
    events = (
        trade("buy", "1 BTC", "100 USDT", 1, account="a"),
        trade("sell", "1 BTC", "120 USDT", 2, account="b", market="margin"),
        trade("sell", "1 BTC", "130 USDT", 3, account="a"),
    )
    together, apart = profit(*events, BTC="90"), profit(*events, scope="account", BTC="90")
    assert together.realised + together.unrealised == apart.realised + apart.unrealised == 60
    assert not together.flags


def test_a_spot_account_never_sells_short() -> None:
    assert not fed(trade("sell", "1 BTC", "100 USDT", 1))[0].open_lots()


def test_a_deposit_in_kind_is_a_lot_at_its_value_of_that_moment() -> None:
    made = profit(booked("deposit", "1 BTC", 1, "100"), trade("sell", "1 BTC", "150 USDT", 2))
    assert (made.realised, made.flows) == (D(50), D(100))


def test_the_owner_may_say_what_a_deposit_had_cost() -> None:
    said = flow("deposit", "1 BTC", 1, "100", cost="40")
    made = profit(Booked(day(1), said), trade("sell", "1 BTC", "150 USDT", 2))
    assert (made.realised, made.flows) == (D(110), D(100))


def test_a_withdrawal_in_kind_has_its_own_gain() -> None:
    made = profit(trade("buy", "1 BTC", "100 USDT", 1), booked("withdrawal", "-1 BTC", 2, "-150"))
    assert (made.realised, made.withdrawn_gain, made.flows) == (D(0), D(50), D(-150))


def test_the_oldest_lots_pay_the_fee_of_a_withdrawal() -> None:
    _, told = fed(
        trade("buy", "1 BTC", "100 USDT", 1),
        trade("buy", "1 BTC", "300 USDT", 2),
        booked("withdrawal", "-1 BTC", 3, "-400", fee="0.5 BTC"),
    )
    assert [(one.kind, one.cost) for one in told] == [
        (DisposalKind.NETWORK_FEE, D(50)),
        (DisposalKind.WITHDRAWAL, D(200)),
    ]


def test_a_fee_of_a_deposit_takes_from_what_came() -> None:
    made = profit(booked("deposit", "1 BTC", 3, "400", fee="0.5 BTC"), BTC="400")
    assert (made.realised, made.unrealised, made.fees, made.nav_pnl) == (D(-200), D(0), D(200), D(-200))


def test_costs_of_any_size_add_up_to_the_last_digit() -> None:
    cost = "123456789012345678901234567890.123456789012345678901234567891"
    _, told = fed(
        trade("buy", "7 BTC", f"{cost} USDT", 1), *(trade("sell", "1 BTC", "1 USDT", 2 + at) for at in range(7))
    )
    assert sum(Fraction(one.cost) for one in told) == Fraction(cost)


def test_income_is_worth_its_market_value_and_that_is_what_its_lot_costs() -> None:
    made = profit(booked("income", "2 SOL", 1, "200"), trade("sell", "1 SOL", "120 USDT", 2), SOL="130")
    assert (made.income, made.realised, made.unrealised, made.flows) == (D(200), D(20), D(30), D(0))


def test_income_without_a_price_costs_nothing_and_is_marked() -> None:
    made = profit(booked("income", "2 SPAM", 1), SPAM="1")
    assert (made.income, made.unrealised, made.flags) == (D(0), D(2), (Flag.UNPRICED,))


def test_results_of_derivatives_are_buckets_and_a_coin_paid_for_them_leaves_its_lots() -> None:
    made = profit(
        trade("buy", "1 BNB", "600 USDT", 0),
        booked("futures_pnl", "150 USDT", 1, "150"),
        booked("funding", "-2 USDT", 2, "-2"),
        booked("fee", "-0.01 BNB", 3, "-7"),
        booked("futures_pnl", "0.1 BTC", 4, "9000"),
        BTC="90000",
        BNB="700",
    )
    assert made.cash_pnl == {"fee": D(-7), "funding": D(-2), "futures_pnl": D(9150)}
    assert (made.realised, of(made, "BTC").cost) == (D(1), D(9000))


def test_a_coin_fee_without_a_price_stands_at_its_cost() -> None:
    made = profit(trade("buy", "1 BNB", "600 USDT", 0), booked("fee", "-0.5 BNB", 3), BNB="700")
    assert (made.cash_pnl, made.realised) == ({"fee": D(-300)}, D(0))


def test_dust_is_one_disposal_per_asset_at_what_was_got_for_it() -> None:
    dust = (flow("conversion", "-2 XRP", 2, txid="x"),)
    made = profit(
        trade("buy", "2 XRP", "1 USDT", 1), exchanged(dust, (flow("conversion", "0.002 BNB", 2, "1.4"),), 2), BNB="700"
    )
    assert made.realised_by_kind == {DisposalKind.CONVERSION: D("0.4")}
    assert (of(made, "BNB").cost, of(made, "BNB").unrealised) == (D("1.4"), D(0))


def test_a_sum_that_was_got_for_several_coins_is_divided_by_their_own_values() -> None:
    given = (flow("conversion", "-1 XRP", 2, "-3"), flow("conversion", "-1 ADA", 2, "-1"))
    _, told = fed(exchanged(given, (flow("conversion", "8 USDT", 2, "8"),), 2))
    assert [one.proceeds for one in told] == [D(6), D(2)]
    blind = (flow("conversion", "-1 XRP", 2), flow("conversion", "-1 ADA", 2))
    _, told = fed(exchanged(blind, (flow("conversion", "8 USDT", 2, "8"),), 2))
    assert all(isinstance(one.proceeds, Unknown) for one in told)
    assert profit(exchanged(blind, (flow("conversion", "8 USDT", 2, "8"),), 2)).flags


def test_a_trade_without_a_price_gains_nothing_and_its_lot_has_no_basis() -> None:
    events = (
        trade("buy", "1 ABC", "10 USDT", 1),
        trade("sell", "1 ABC", "5 XYZ", 2, worth=None),
        trade("sell", "5 XYZ", "70 USDT", 3),
    )
    made = profit(*events)
    assert made.realised == 0
    assert (of(made, "XYZ").unmatched_proceeds, made.flags) == (D(70), (Flag.UNKNOWN_BASIS, Flag.UNPRICED))
    assert isinstance(fed(*events)[1][0].gain, Unknown)


def test_a_movement_that_nobody_can_read_is_neither_flow_nor_gain() -> None:
    made = profit(
        trade("buy", "1 BTC", "100 USDT", 1),
        booked("unclassified", "-0.5 BTC", 2, "-80"),
        booked("unclassified", "3 ETH", 3, "90"),
        booked("unclassified", "7 USDT", 4, "7"),
        BTC="200",
        ETH="50",
    )
    assert (made.realised, made.unrealised, made.flows, made.nav_pnl) == (D(0), D(50), D(0), D(50))
    assert of(made, "ETH").without_basis == 3
    assert Flag.UNCLASSIFIED in made.flags


def test_dollars_have_no_lots_and_their_price_moves_are_revaluation() -> None:
    made = profit(booked("deposit", "1000 USDC", 1, "1000"), USDC="0.9")
    assert (made.revaluation, made.realised, made.assets) == (D(-100), D(0), ())


def test_cash_without_a_price_at_its_time_is_not_revalued() -> None:
    made = profit(booked("deposit", "1000 TRY", 1), TRY="0.03")
    assert (made.revaluation, made.flows, made.flags) == (D(0), D(0), (Flag.UNPRICED,))


def test_an_asset_without_a_price_now_is_named_and_in_no_total() -> None:
    made = profit(trade("buy", "1 BTC", "100 USDT", 1), trade("buy", "5 ABC", "50 USDT", 2), BTC="150")
    assert (made.unrealised, made.unpriced) == (D(50), ("ABC",))
    assert isinstance(of(made, "ABC").unrealised, Unknown)
    assert of(made, "ABC").cost == 50


def test_a_price_of_zero_is_a_price() -> None:
    made = profit(trade("buy", "0.000000000000000001 ABC", "0 USDT", 1), ABC="0")
    assert (made.unrealised, made.unpriced) == (D(0), ())
    assert of(made, "ABC").unrealised_fraction == Unknown("no_cost", "ABC")


def test_the_report_of_an_asset_tells_average_volume_and_count() -> None:
    made = profit(
        trade("buy", "2 BTC", "200 USDT", 1, fee="2 USDT"),
        trade("buy", "1 BTC", "400 USDT", 2),
        trade("sell", "1 BTC", "300 USDT", 3),
        BTC="300",
    )
    told = of(made, "BTC")
    assert (told.quantity, told.cost, told.average_cost) == (D(2), D(501), D("250.5"))
    assert (told.value, told.unrealised, told.realised) == (D(600), D(99), D(199))
    assert (told.volume, told.trades, told.fees) == (D(900), 3, D(2))
    assert told.unrealised_fraction == D("0.19760479041916167664670658682634730538922155688623")


def test_events_out_of_order_are_refused() -> None:
    ledger = Ledger()
    ledger.feed(trade("buy", "1 BTC", "100 USDT", 2))
    with pytest.raises(ValueError, match="order"):
        ledger.feed(trade("buy", "1 BTC", "100 USDT", 1))


def test_the_same_trade_twice_counts_once() -> None:
    once = trade("buy", "1 BTC", "100 USDT", 1)
    other = once._replace(account="b")
    assert len(fed(once, once, other)[0].open_lots()) == 2


def test_the_source_of_a_lot_is_told() -> None:
    ledger, _ = fed(
        booked("opening", "1 BTC", 0, "1"), booked("deposit", "1 BTC", 1, "1"), booked("income", "1 BTC", 2, "1")
    )
    assert [lot.source for lot in ledger.open_lots()] == [LotSource.OPENING, LotSource.DEPOSIT, LotSource.INCOME]
