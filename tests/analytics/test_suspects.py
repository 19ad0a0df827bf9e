"""Where a gap lies: the venue's overview beside what was read, wallet by wallet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.statement import StatedTotal, VenueWallet, Wallet
from tests.builders import NOON, info, live, rates, statement


def suspects(held: str, *lines: VenueWallet) -> tuple[str, ...]:
    """The wallets that are named for an account with these holdings beside that overview."""
    total = StatedTotal(sum((line.amount for line in lines), Decimal(0)), "USD")
    read = replace(statement("bybit", held, "BTC/USD 60000", venue_total=total), overview=lines)
    [account] = value([live(read)], info("bybit"), rates(), at=NOON).accounts
    assert isinstance(account, KnownAccount)
    assert account.coverage is not None
    return account.coverage.suspects


def line(name: str, wallet: Wallet, amount: str) -> VenueWallet:
    return VenueWallet(name, wallet, Decimal(amount), "USD")


def test_a_wallet_of_which_nothing_was_read_is_named() -> None:
    found = suspects("BTC spot 1", line("Spot", Wallet.SPOT, "60000"), line("Futures", Wallet.FUTURES, "0.72"))
    assert found == ("Futures",)


def test_the_wallet_with_the_greatest_gap_is_named_first() -> None:
    found = suspects("", line("Earn", Wallet.EARN, "10"), line("Funding", Wallet.FUNDING, "5000"))
    assert found == ("Funding", "Earn")


def test_prices_of_another_moment_make_nobody_a_suspect() -> None:
    assert suspects("BTC spot 1", line("Spot", Wallet.SPOT, "60500")) == ()


def test_an_empty_wallet_is_no_suspect() -> None:
    assert suspects("", line("Futures", Wallet.FUTURES, "0")) == ()


def test_wallets_that_are_one_here_are_compared_together() -> None:
    margins = (line("Cross Margin", Wallet.MARGIN, "20000"), line("Isolated Margin", Wallet.MARGIN, "40000"))
    assert suspects("BTC margin 1", *margins) == ()
    assert suspects("BTC margin 0.5", *margins) == ("Isolated Margin", "Cross Margin")
