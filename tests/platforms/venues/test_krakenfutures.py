"""Kraken Futures: every wallet in one answer, and only `portfolioValue` is equity."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, UnreadableWallet, Wallet
from portfolio_bot.platforms.strict import Row
from portfolio_bot.platforms.venues.krakenfutures import IndexPrices, code
from tests.peers.venue import venue_server
from tests.platforms.contract.peers import opened


async def read(**accounts: object) -> Statement:
    async with venue_server("krakenfutures") as peer, opened("krakenfutures", peer.url) as source:
        peer.serve("GET /derivatives/api/v3/accounts", {"body": {"result": "success", "accounts": accounts}})
        return await source.read()


async def test_the_flexible_account_is_worth_its_portfolio_value() -> None:
    flex = {
        "type": "multiCollateralMarginAccount",
        "currencies": {
            "XBT": {"quantity": "0.5", "value": "30000", "collateral": "28500"},
            "EUR": {"quantity": "100", "value": "", "collateral": "95"},
        },
        "balanceValue": "30108",
        "portfolioValue": "30050.5",
        "marginEquity": "28600",
    }
    found = await read(flex=flex)
    assert found.stated == (StatedTotal(Decimal("30050.5"), "USD", "flex"),)
    assert found.holdings == (
        Holding("BTC", Wallet.FUTURES, Decimal("0.5"), Money(Decimal(30000), "USD"), "flex"),
        Holding("EUR", Wallet.FUTURES, Decimal(100), None, "flex"),
    )


async def test_an_account_of_an_unknown_type_is_named() -> None:
    found = await read(cash={"type": "cashAccount", "balances": {"xbt": "1"}}, vault={"type": "vaultAccount"})
    assert found.unreadable == (UnreadableWallet("vault", "not_built"),)
    assert [row.asset for row in found.holdings] == ["BTC"]


@pytest.mark.parametrize("broken", [{}, {"type": "cashAccount"}, {"type": "marginAccount", "auxiliary": {}}])
async def test_an_account_without_its_money_is_a_bad_answer(broken: object) -> None:
    with pytest.raises(SourceError):
        await read(cash=broken)


def test_the_index_is_the_price_and_the_contracts_last_trade_only_stands_in() -> None:
    contracts: dict[str, Row] = {
        "PF_XBTUSD": {"indexPrice": Decimal(60200), "last": 61000},
        "PI_ETHUSD": {"indexPrice": 0, "last": 2400},
    }
    prices = IndexPrices(contracts)
    assert prices.price("BTC", "USD") == 60200
    assert prices.price("ETH", "USD") == 2400
    assert prices.price("BTC", "USDT") is None


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"result": "success"}, None),
        ({"result": "error", "error": "authenticationError"}, "authenticationError"),
        ({"result": "error", "errors": [{"code": 92, "message": "Server Error"}]}, "Server Error"),
        ({"result": "error", "errors": ["Unavailable"]}, "Unavailable"),
    ],
)
def test_a_refusal_is_known_in_each_of_its_shapes(answer: object, found: str | None) -> None:
    assert code(200, answer) == found


async def test_what_the_key_may_do_cannot_be_told() -> None:
    async with venue_server("krakenfutures") as peer, opened("krakenfutures", peer.url) as source:
        found = await source.rights()
    assert (found.read_only, found.can_withdraw) == (None, None)
    assert found.notes
    assert peer.requests == []
