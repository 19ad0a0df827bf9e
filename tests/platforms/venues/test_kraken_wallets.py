"""Kraken: every row of the balance and the result of positions are in the total once, alone and beside all others."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pytest

from portfolio_bot.model.statement import Statement, UnreadableWallet
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue, worth

BALANCE = "POST /0/private/BalanceEx"
PLAIN = "POST /0/private/Balance"
TOTAL = "POST /0/private/TradeBalance"
EARN = "POST /0/private/Earn/Allocations"
TICKER = "GET /0/public/Ticker"
PRICES = {
    "XXBTZUSD": "60000", "XETHZUSD": "2400", "DOTUSD": "4.5", "ADAUSD": "0.5", "USDTZUSD": "0.9995",
    "TSLAxUSD": "250", "KSMUSD": "20",
}  # fmt: skip


def ok(result: object) -> dict[str, object]:
    return {"error": [], "result": result}


class Kind(NamedTuple):
    """A row of the balance: its name there, how much, what it is here, its worth in USD."""

    name: str
    held: str
    asset: str
    worth: str


ROWS = {
    "an old name": Kind("XXBT", "0.5", "BTC", "30000"),
    "a new name": Kind("ADA", "100", "ADA", "50"),
    "dollars": Kind("ZUSD", "12.34", "USD", "12.34"),
    "euros": Kind("ZEUR", "100", "EUR", "108"),
    "a crypto dollar": Kind("USDT", "100", "USDT", "99.95"),
    "staked": Kind("ETH2.S", "2", "ETH", "4800"),
    "bonded": Kind("DOT28.S", "10", "DOT", "45"),
    "opt-in rewards": Kind("USD.M", "5", "USD", "5"),
    "new yield products": Kind("XBT.B", "0.1", "BTC", "6000"),
    "automatic rewards": Kind("ETH.F", "1", "ETH", "2400"),
    "parachain": Kind("KSM.P", "3", "KSM", "60"),
    "on hold": Kind("EUR.HOLD", "10", "EUR", "10.8"),
    "a tokenised stock": Kind("TSLA.T", "2", "TSLA.T", "500"),
    "nothing": Kind("ZGBP", "0", "GBP", "0"),
}


def served(names: Collection[str], result: str = "0") -> dict[str, object]:
    """Half of each row is on hold for an order; earn repeats all of it."""
    kinds = [ROWS[name] for name in names]
    balance = {kind.name: {"balance": kind.held, "hold_trade": str(Decimal(kind.held) / 2)} for kind in kinds}
    repeated = [{"native_asset": kind.asset, "amount_allocated": {"total": {"native": kind.held}}} for kind in kinds]
    worth = sum((Decimal(kind.worth) for kind in kinds), Decimal(0))
    tickers = {name: {"c": [price, "1"], "b": [price], "a": [price]} for name, price in PRICES.items()}
    return {
        BALANCE: ok(balance),
        EARN: ok({"items": repeated, "total_allocated": "1000000", "next_cursor": None}),
        TOTAL: ok({"eb": str(worth), "n": result, "e": "1"}),
        TICKER: ok(tickers),
    }


def expected(names: Collection[str]) -> Decimal:
    return sum((Decimal(ROWS[name].worth) for name in names), Decimal(0))


async def reading(names: Collection[str], result: str = "0") -> Statement:
    return await read("kraken", served(names, result))


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_alone_is_counted_once(name: str) -> None:
    statement = await reading([name])
    assert worth(statement, "kraken") == expected([name])
    held = Decimal(ROWS[name].held)
    assert rows(statement) == ({f"spot {ROWS[name].asset}": held} if held else {})


async def test_all_rows_together_are_counted_once() -> None:
    statement = await reading(ROWS)
    assert worth(statement, "kraken") == expected(ROWS)
    assert rows(statement)["spot ETH"] == 3
    assert rows(statement)["spot BTC"] == Decimal("0.6")


async def test_the_plain_balance_counts_the_same() -> None:
    plain = ok({kind.name: kind.held for kind in ROWS.values()})
    extended = {"error": ["EGeneral:Unknown method"]}
    statement = await read("kraken", {**served(ROWS), BALANCE: extended, PLAIN: plain})
    assert worth(statement, "kraken") == expected(ROWS)


@pytest.mark.parametrize("result", ["-10.0232", "250"])
async def test_the_result_of_margin_positions_is_counted_once(result: str) -> None:
    statement = await reading(["an old name"], result)
    assert worth(statement, "kraken") == 30000 + Decimal(result)
    assert statement.venue_total is not None
    assert statement.venue_total.amount == 30000 + Decimal(result)


async def test_earn_is_not_asked_for_since_the_balance_holds_it() -> None:
    async with venue("kraken", served(ROWS)) as peer, opened("kraken", peer.url) as made:
        await made.read()
        assert peer.asked("/0/private/Earn/Allocations") == []
        assert {seen.path for seen in peer.requests} == {
            "/0/private/BalanceEx",
            "/0/private/TradeBalance",
            "/0/private/GetApiKeyInfo",
            "/0/public/Ticker",
        }


async def test_positions_that_the_key_may_not_see_are_named_and_never_zero() -> None:
    async with venue("kraken", served(["dollars"])) as peer:
        peer.fail(faults.instead(no_right("kraken")), TOTAL)
        async with opened("kraken", peer.url) as made:
            statement = await made.read()
    assert statement.unreadable == (UnreadableWallet("Margin positions", "missing_right"),)
    assert worth(statement, "kraken") == expected(["dollars"])


async def test_no_positions_are_worth_nothing_and_not_named() -> None:
    assert (await reading(["dollars"])).unreadable == ()
