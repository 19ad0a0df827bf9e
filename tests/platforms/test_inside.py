"""Sub-accounts inside a main account's statement: parts of it, with the venue's figures kept honest."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, VenueWallet, Wallet
from portfolio_bot.platforms.inside import looked_into
from portfolio_bot.platforms.venue import Inside

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = Holding("BTC", Wallet.UNIFIED, Decimal(1))
MAIN = Statement(
    "okx",
    NOW,
    (OWN,),
    venue_total=StatedTotal(Decimal(100), "USD"),
    overview=(VenueWallet("funding", Wallet.FUNDING, Decimal(1), "USD"),),
)


def usd(amount: int) -> Money:
    return Money(Decimal(amount), "USD")


def hashed(uid: str) -> str:
    return f"hash of {uid}"


def looked(*subs: Inside) -> Statement:
    return looked_into(MAIN, [("Sub-accounts", sub) for sub in subs], hashed)


def test_without_sub_accounts_nothing_changes() -> None:
    assert looked() is MAIN


def test_what_is_only_known_by_its_worth_is_one_row() -> None:
    found = looked(Inside("7654321", "second", usd(30)))
    assert found.holdings == (OWN, Holding("USD", Wallet.OTHER, Decimal(30), usd(30), "hash of 7654321"))
    [sub] = found.sub_accounts
    assert (sub.id, sub.key, sub.name, sub.total, sub.as_of) == (
        "7***4321", "hash of 7654321", "second", Decimal(30), NOW,
    )  # fmt: skip


def test_coins_stand_instead_of_the_worth_and_empty_rows_vanish() -> None:
    rows = (Holding("ETH", Wallet.FUNDING, Decimal(2)), Holding("XRP", Wallet.FUNDING, Decimal(0)))
    found = looked(Inside("7654321", "second", usd(30), rows))
    assert found.holdings[1:] == (Holding("ETH", Wallet.FUNDING, Decimal(2), part="hash of 7654321"),)


def test_the_venues_total_grows_by_what_it_says_of_the_others() -> None:
    found = looked(Inside("1", "a", usd(30)), Inside("2", "b", usd(5)))
    assert found.venue_total == StatedTotal(Decimal(135), "USD")
    assert found.overview == MAIN.overview


def test_the_venues_total_is_left_out_where_it_would_speak_of_less_than_was_read() -> None:
    unknown = Inside("2", "b", None, (Holding("ETH", Wallet.FUNDING, Decimal(2)),))
    found = looked(Inside("1", "a", usd(30)), unknown)
    assert (found.venue_total, found.overview) == (None, ())
    assert [sub.total for sub in found.sub_accounts] == [Decimal(30), None]


def test_a_name_from_outside_is_shown_without_control_characters() -> None:
    [sub] = looked(Inside("1", "evil\x1b[31m\nname", usd(1))).sub_accounts
    assert sub.name.isprintable()
