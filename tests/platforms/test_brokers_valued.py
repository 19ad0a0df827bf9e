"""Brokers' statements, valued: what the owner sees is what the broker states, converted by one rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portfolio_bot.analytics.valuation import AccountInfo, currencies_of, value
from portfolio_bot.model.instrument import FxProvider, FxRate, RateTable
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio
from portfolio_bot.model.reading import Live
from portfolio_bot.model.statement import Statement, Wallet
from portfolio_bot.platforms.ibkr_kept import kept
from portfolio_bot.platforms.ibkr_statement import navs
from portfolio_bot.platforms.ibkr_xml import document
from portfolio_bot.platforms.sub_accounts import Identities
from tests.clock import moment
from tests.peers.ibkr import statement
from tests.peers.tbank import tbank_server
from tests.platforms.brokers import KEY, KeptMemory
from tests.platforms.test_tbank import only, read

NOW = moment("2026-11-20 09:00")
RATES = RateTable(
    {
        "RUB": FxRate("USD", "RUB", Decimal(80), FxProvider.CBR, date(2026, 11, 20)),
        "EUR": FxRate("EUR", "USD", Decimal("1.2"), FxProvider.ECB, date(2026, 11, 20)),
        "HKD": FxRate("HKD", "USD", Decimal("0.1"), FxProvider.ECB, date(2026, 11, 20)),
        "CHF": FxRate("CHF", "USD", Decimal("1.1"), FxProvider.ECB, date(2026, 11, 20)),
    }
)


def valued(found: Statement) -> tuple[Portfolio, KnownAccount]:
    reading = Live(found.account, found)
    info = AccountInfo(found.account, found.account, found.account, is_exchange=False)
    assert currencies_of([reading]) <= set(RATES.rates)
    portfolio = value([reading], {found.account: info}, RATES, at=NOW)
    (account,) = portfolio.accounts
    assert isinstance(account, KnownAccount)
    return portfolio, account


async def flex(name: str) -> Statement:
    found = kept(navs(document(statement(name))), Identities(KEY, KeptMemory()), NOW, "query")
    return found.statement("ibkr")


async def test_the_rouble_total_is_the_brokers_to_the_kopeck() -> None:
    async with tbank_server() as peer:
        portfolio, account = valued(await read(peer))
    assert account.native_total == Decimal("283568.79")
    assert portfolio.total_usd == Complete(account.total)
    assert account.total.amount * 80 == Decimal("283568.79")
    assert not [row for row in account.holdings if row.wallet is Wallet.OTHER]


async def test_a_row_that_the_broker_converts_by_a_rate_of_its_own_leaves_a_gap_that_is_shown() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        peer.portfolios["2000000001"]["RUB"]["positions"][2]["currentPrice"]["currency"] = "hkd"
        _, account = valued(await read(peer))
    (other,) = [row for row in account.holdings if row.wallet is Wallet.OTHER]
    assert other.asset == "RUB"
    assert account.total.amount * 80 == Decimal("82034.59")


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        ("nav-usd.xml", "7678.155297533"),
        ("nav-multi-base.xml", "26401.00"),  # 15250.75 EUR at 1.2, and 8100.10
        ("two-accounts.xml", "3936.10"),  # 3351 CHF at 1.1, and 250
        ("nav-with-futures.xml", "25000"),
        ("nav-with-flows.xml", "10965"),
        ("nav-with-transfers.xml", "3250"),
    ],
)
async def test_a_statement_is_worth_the_nav_of_its_accounts(name: str, usd: str) -> None:
    portfolio, account = valued(await flex(name))
    assert account.total.amount == Decimal(usd)
    assert isinstance(portfolio.total_usd, Complete)


async def test_positions_that_do_not_explain_the_nav_leave_the_rest_as_other() -> None:
    _, account = valued(await flex("two-accounts.xml"))
    (other,) = [row for row in account.holdings if row.wallet is Wallet.OTHER]
    assert (other.asset, other.amount) == ("CHF", Decimal("1000.5"))
    assert account.native_total is None
