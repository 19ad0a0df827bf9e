"""Which markets come into question: those that exist, of coins that are known, narrowed to what is followed."""

from __future__ import annotations

from portfolio_bot.platforms.ledger import Hints
from portfolio_bot.platforms.markets import likely

LISTED = frozenset({"BTCUSDT", "ETHUSDT", "ETHBTC", "SOLUSDT", "BTCEUR", "ADATRY"})


def hints(*assets: str, tracked: tuple[str, ...] = ()) -> Hints:
    return Hints(frozenset(assets), frozenset(tracked))


def test_a_market_exists_and_both_its_coins_are_known_or_quoted_in() -> None:
    assert set(likely(hints("BTC", "ETH", "ADA"), LISTED, ("USDT",))) == {
        ("BTC", "USDT"), ("ETH", "USDT"), ("ETH", "BTC"),
    }  # fmt: skip


def test_a_currency_that_is_held_is_what_coins_are_bought_with_too() -> None:
    assert ("BTC", "EUR") in likely(hints("BTC", "EUR"), LISTED, ("USDT",))


def test_a_market_seen_elsewhere_counts_once_and_only_if_it_exists() -> None:
    found = likely(hints("BTC", "USDT"), LISTED, ("USDT",), seen=("SOLUSDT", "BTCUSDT", "GONEUSDT"))
    assert sorted(found) == [("BTC", "USDT"), ("SOL", "USDT")]


def test_following_some_coins_leaves_out_markets_on_which_they_only_pay() -> None:
    assert likely(hints("BTC", "ETH", tracked=("BTC",)), LISTED, ("USDT",)) == (("BTC", "USDT"),)


def test_a_followed_coin_need_not_be_held() -> None:
    assert likely(hints(tracked=("SOL",)), LISTED, ("USDT",)) == (("SOL", "USDT"),)


def test_names_may_have_a_separator() -> None:
    assert likely(hints("BTC"), {"BTC-USDT"}, ("USDT",), seen=("BTC-USDT",), separator="-") == (("BTC", "USDT"),)
