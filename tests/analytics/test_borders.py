"""What comes into view inside accounts, or leaves it, is a flow and never a return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest

from portfolio_bot.analytics.borders import Border, BorderCause, borders, brought
from portfolio_bot.analytics.membership import Joint, Linked, Parts, linked
from portfolio_bot.analytics.returns import twr
from portfolio_bot.analytics.suspicion import suspect
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.figure import Known
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio
from portfolio_bot.model.statement import (
    Holding,
    StatedTotal,
    Statement,
    SubAccount,
    UnreadableWallet,
    Wallet,
)
from tests.builders import NOON, info, live, rates

HOUR = timedelta(hours=1)
PRICES = {("BTC", "USD"): Decimal(60000), ("ETH", "USD"): Decimal(2000)}


def read(asset: str, amount: str, wallet: str = "Spot", part: str = "", value: Money | None = None) -> Holding:
    place = Wallet.FUTURES if wallet == "Futures" else Wallet.SPOT
    return Holding(asset, place, Decimal(amount), value, part, wallet)


def exchange(*rows: Holding, wallets: str = "Spot", unread: str = "", **more: object) -> Statement:
    made = Statement(
        "bybit",
        NOON,
        rows,
        PRICES,
        unreadable=tuple(UnreadableWallet(name) for name in unread.split()),
        wallets_read=tuple(wallets.split()),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def broker(*subs: tuple[str, str | None], account: str = "tbank") -> Statement:
    """Accounts inside a token, each with its worth in dollars; None is one that the platform does not value."""
    known = [(key, Money(Decimal(worth), "USD")) for key, worth in subs if worth is not None]
    return Statement(
        account,
        NOON,
        tuple(Holding("USD", Wallet.CASH, worth.amount, worth, key) for key, worth in known),
        stated=tuple(StatedTotal(worth.amount, "USD", key) for key, worth in known),
        sub_accounts=tuple(
            SubAccount(f"***{key}", key, f"Broker {key}", None if worth is None else Decimal(worth), "USD", NOON)
            for key, worth in subs
        ),
    )


def seen(*statements: Statement, hour: int = 0) -> Portfolio:
    at = NOON + hour * HOUR
    found = value([live(one) for one in statements], info(*(one.account for one in statements)), rates(), at=at)
    assert isinstance(found.total_usd, Complete)
    return found


def between(before: Statement, now: Statement) -> list[tuple[str, str, Decimal, bool]]:
    found = borders(seen(before), seen(now, hour=1))
    assert all(one.at == NOON + HOUR * one.entered for one in found)
    return [(one.inside, one.asset, one.value, one.entered) for one in found]


BEFORE = exchange(read("BTC", "1"), unread="Futures")


def test_a_wallet_that_can_be_read_now_flows_in() -> None:
    now = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")
    assert between(BEFORE, now) == [("Futures", "ETH", Decimal(6000), True)]


def test_what_a_wallet_holds_is_told_by_asset_and_adds_up() -> None:
    rows = read("ETH", "3", "Futures"), read("BTC", "0.1", "Futures")
    now = exchange(read("BTC", "1"), *rows, wallets="Spot Futures")
    assert between(BEFORE, now) == [("Futures", "BTC", Decimal(6000), True), ("Futures", "ETH", Decimal(6000), True)]


def test_a_debt_that_can_be_read_now_flows_out() -> None:
    now = exchange(read("BTC", "1"), read("ETH", "-3", "Futures"), wallets="Spot Futures")
    assert between(BEFORE, now) == [("Futures", "ETH", Decimal(-6000), True)]


def test_an_empty_wallet_that_can_be_read_now_is_no_event() -> None:
    assert between(BEFORE, exchange(read("BTC", "1"), wallets="Spot Futures")) == []


def test_a_wallet_that_is_filled_from_the_rest_of_its_account_brings_nothing() -> None:
    now = exchange(read("BTC", "0.4"), read("BTC", "0.6", "Futures"), wallets="Spot Futures")
    assert between(BEFORE, now) == []


def test_a_wallet_that_appears_beside_a_greater_loss_still_flows_in() -> None:
    before = exchange(read("USDC", "9000"), unread="Futures", prices={("USDC", "USD"): Decimal(1)})
    now = replace(before, holdings=(read("USDC", "4000"), read("USDC", "600", "Futures")), unreadable=())
    assert between(before, replace(now, wallets_read=("Spot", "Futures"))) == [("Futures", "", Decimal(600), True)]


def test_a_wallet_that_the_venues_total_held_before_brings_nothing() -> None:
    total = (StatedTotal(Decimal(66000), "USD", read_from="Spot"),)
    before = exchange(read("BTC", "1"), unread="Futures", stated=total)
    now = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures", stated=total)
    assert between(before, now) == []


def test_a_wallet_that_was_read_before_brings_nothing() -> None:
    before = exchange(read("BTC", "1"), wallets="Spot Futures")
    assert between(before, exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")) == []


def test_a_wallet_that_nobody_looked_at_before_flows_in() -> None:
    now = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")
    assert between(exchange(read("BTC", "1")), now) == [("Futures", "ETH", Decimal(6000), True)]


def test_wallets_that_only_have_another_name_bring_nothing() -> None:
    before = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")
    rows = [replace(row, read_from="Unified") for row in before.holdings]
    assert between(before, exchange(*rows, wallets="Unified")) == []


def test_a_snapshot_that_does_not_tell_its_wallets_asks_only_for_what_it_names() -> None:
    now = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")
    old = exchange(read("BTC", "1"), wallets="")
    assert between(old, now) == []
    assert between(replace(old, unreadable=(UnreadableWallet("Futures"),)), now) == [
        ("Futures", "ETH", Decimal(6000), True)
    ]


def test_a_wallet_that_was_declared_gone_flows_out_at_its_last_value() -> None:
    before = exchange(read("BTC", "1"), read("ETH", "3", "Futures"), wallets="Spot Futures")
    assert between(before, BEFORE) == [("Futures", "ETH", Decimal(-6000), False)]


@pytest.mark.parametrize("hidden", [(), (("k2", None),)], ids=["not listed", "not valued"])
def test_an_inner_account_comes_and_goes_as_a_flow(hidden: Sequence[tuple[str, str | None]]) -> None:
    without, whole = broker(("k1", "100"), *hidden), broker(("k1", "100"), ("k2", "50"))
    assert between(without, whole) == [("Broker k2 ***k2", "USD", Decimal(50), True)]
    assert between(whole, without) == [("Broker k2 ***k2", "USD", Decimal(-50), False)]


def test_an_inner_account_that_is_filled_from_its_neighbour_is_no_flow() -> None:
    assert between(broker(("k1", "100")), broker(("k1", "40"), ("k2", "60"))) == []


def test_a_sub_account_that_fills_while_sub_accounts_can_be_read_is_no_flow() -> None:
    sub = SubAccount("1***9", "k9", "second", None, "USD", NOON)
    wallets = "Spot Sub-accounts"
    now = exchange(read("BTC", "0.4"), read("BTC", "0.7", "Sub-accounts", "k9"), wallets=wallets, sub_accounts=(sub,))
    assert between(exchange(read("BTC", "1"), wallets=wallets), now) == []


def test_a_first_price_flows_in_and_a_lost_one_out() -> None:
    without = exchange(read("BTC", "1"), read("OLD", "10"))
    priced = replace(without, prices={**PRICES, ("OLD", "USD"): Decimal(7)})
    assert between(without, priced) == [("", "OLD", Decimal(70), True)]
    assert between(priced, without) == [("", "OLD", Decimal(-70), False)]


def test_what_was_bought_before_the_first_price_is_no_flow() -> None:
    without = exchange(read("BTC", "1"), read("OLD", "10"))
    now = exchange(read("BTC", "0.9"), read("OLD", "25"), prices={**PRICES, ("OLD", "USD"): Decimal(7)})
    assert between(without, now) == [("", "OLD", Decimal(70), True)]


def test_a_new_coin_that_is_priced_at_once_is_no_flow() -> None:
    now = exchange(read("BTC", "1"), read("OLD", "10"), prices={**PRICES, ("OLD", "USD"): Decimal(7)})
    assert between(exchange(read("BTC", "1")), now) == []


def moved(before: Sequence[Statement], now: Sequence[Statement]) -> list[tuple[str, Decimal, bool]]:
    logins = {"tbank-own": "k2", "tbank-new": "k2", "bybit": "k8", "okx": "k8"}
    found = borders(seen(*before), seen(*now, hour=1), logins)
    assert {one.cause for one in found} == {BorderCause.MOVED}
    return [(one.account, one.value, one.entered) for one in found]


WITHIN, WITHOUT = broker(("k1", "100"), ("k2", "50")), broker(("k1", "100"))
OWN = replace(broker(("", "51"), account="tbank-own"), sub_accounts=())


def test_an_inner_account_that_gets_its_own_key_crosses_no_border() -> None:
    assert moved([WITHIN], [WITHOUT, OWN]) == [("tbank", Decimal(-51), True)]
    assert moved([WITHOUT, OWN], [WITHIN]) == [("tbank", Decimal(51), False)]


def test_an_inner_account_that_another_token_tells_of_crosses_no_border() -> None:
    other = broker(("k3", "7"), account="tbank-b")
    both = broker(("k3", "7"), ("k2", "52"), account="tbank-b")
    assert moved([WITHIN, other], [WITHOUT, both]) == [("tbank", Decimal(-52), True), ("tbank-b", Decimal(52), True)]


def test_an_account_with_another_label_crosses_no_border() -> None:
    found = moved([WITHOUT, OWN], [WITHOUT, replace(OWN, account="tbank-new")])
    assert found == [("tbank-new", Decimal(51), False), ("tbank-new", Decimal(-51), True)]


def test_a_main_account_with_another_label_takes_its_sub_accounts_along() -> None:
    sub = SubAccount("1***9", "k9", "second", None, "USD", NOON)
    rows = read("BTC", "1"), read("ETH", "3", "Sub-accounts", "k9")
    main = exchange(*rows, wallets="Spot Sub-accounts", sub_accounts=(sub,))
    found = moved([WITHOUT, main], [WITHOUT, replace(main, account="okx")])
    assert sum(value for _, value, entered in found if entered) == -66000
    assert sum(value for _, value, entered in found if not entered) == 66000


def account(made: Statement) -> KnownAccount:
    found = seen(made).accounts[0]
    assert isinstance(found, KnownAccount)
    return found


def test_a_rise_that_a_readable_wallet_explains_is_believed_at_once() -> None:
    before = exchange(read("ETH", "1"), unread="Futures")
    now = exchange(read("ETH", "1"), read("BTC", "1", "Futures"), wallets="Spot Futures")
    assert brought(account(before), account(now)) == 60000
    assert suspect(account(before), account(now)) is None
    assert suspect(account(now), account(before)) is None, "the owner declared it gone"
    rest = exchange(read("ETH", "9"), read("BTC", "1", "Futures"), wallets="Spot Futures")
    assert suspect(account(before), account(rest)) == "rise"
    assert suspect(account(exchange(read("ETH", "1"))), account(exchange(read("BTC", "1")))) == "rise"


class Look(NamedTuple):
    """What can be seen at one moment."""

    futures: bool
    price: bool
    inner: bool
    own: bool
    bybit: bool


def looked(look: Look, factor: Decimal, hour: int) -> Portfolio:
    """Everything there is, as far as it can be seen; whatever it is, it is worth `factor` times as much as at first."""
    prices = {pair: price * factor for pair, price in PRICES.items()}
    if look.price:
        prices["OLD", "USD"] = Decimal("1234.5") * factor
    rows = [read("BTC", "1"), read("OLD", "10"), *([read("ETH", "3", "Futures")] if look.futures else [])]
    made = exchange(*rows, wallets="Spot Futures" if look.futures else "Spot", prices=prices)
    made = made if look.futures else replace(made, unreadable=(UnreadableWallet("Futures"),))
    inner = [("k1", "100"), *([("k2", "50000")] if look.inner else []), *([("k3", "30000")] if not look.own else [])]
    worth = [(key, str(Decimal(amount) * factor)) for key, amount in inner]
    own = broker(("", str(30000 * factor)), account="tbank-own") if look.own else None
    found = [*([made] if look.bybit else []), broker(*worth), *([own] if own else [])]
    return seen(*found, hour=hour)


def line(portfolios: Sequence[Portfolio]) -> Linked:
    crossed: list[Border] = []
    for before, now in pairwise(portfolios):
        crossed += borders(before, now, {"tbank-own": "k3"})
    joints = [Joint(one.at, one.account, one.value, one.entered, one.cause, one.asset, one.inside) for one in crossed]
    parts = []
    for one in portfolios:
        assert isinstance(one.total_usd, Complete)
        accounts = {each.id: each.total.amount for each in one.accounts if isinstance(each, KnownAccount)}
        parts.append(Parts(one.at, one.total_usd.value.amount, accounts))
    return linked(parts, joints)


@pytest.mark.parametrize("seed", range(150))
def test_whatever_comes_into_view_the_return_is_that_of_prices(seed: int) -> None:
    """Everything gains the same, so what is seen of it cannot change the return."""
    chance = Random(seed)
    factors = [Decimal(1)]
    for _ in range(chance.randint(2, 8)):
        factors.append(factors[-1] * Decimal(chance.randint(80, 125)) / 100)
    views = [Look(*(chance.random() < 0.5 for _ in Look._fields)) for _ in factors]
    found = line([looked(view, factor, hour) for hour, (view, factor) in enumerate(zip(views, factors, strict=True))])
    figure = twr(found.valuations, found.flows).figure
    assert isinstance(figure, Known)
    assert abs(figure.value - (factors[-1] / factors[0] - 1)) < Decimal("1e-20")


def test_an_account_that_leaves_with_what_was_hidden_in_it_is_one_flow() -> None:
    whole = [seen(BEFORE, WITHOUT), seen(WITHOUT, hour=1)]
    assert [flow.amount for flow in line(whole).flows] == [-60000]
