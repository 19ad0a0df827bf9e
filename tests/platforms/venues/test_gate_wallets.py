"""Gate.io: every kind of wallet is in the total once, alone and beside all others; rare ones are asked for if shown."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

import pytest

from portfolio_bot.model.statement import UnreadableWallet
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue, worth

TOTAL = "GET /api/v4/wallet/total_balance?currency=USDT"
UNIFIED = "GET /api/v4/unified/accounts"
EARN = "GET /api/v4/earn"
RARE = ("/earn/staking/assets", "/earn/dual/orders", "/earn/structured/orders", "/earn/fixed-term/user/lend")
CROSS = "/margin/cross/accounts"


class Kind(NamedTuple):
    """A wallet: where it is read, what the answer is, its line in the venue's total, its worth in USDT, its rows."""

    endpoint: str
    answer: object
    line: str
    worth: str
    rows: tuple[tuple[str, str], ...]


def owed(coin: str, available: str, borrowed: str) -> dict[str, str]:
    return {"currency": coin, "available": available, "locked": "0", "borrowed": borrowed, "interest": "0"}


BALANCE = {"available": "3", "freeze": "1", "borrowed": "1.5", "interest": "0.5"}
DUAL = {"invest_currency": "ETH", "invest_amount": "2", "status": "INIT"}
STRUCTURED = {"lock_coin": "USDT", "amount": "30", "status": "SUCCESS"}
WALLETS = {
    "spot": Kind(
        "GET /api/v4/spot/accounts",
        [{"currency": "BTC", "available": "0.1", "locked": "0.1"}],
        "spot",
        "11980",
        (("spot BTC", "0.2"),),
    ),
    "isolated margin": Kind(
        "GET /api/v4/margin/accounts",
        [{"base": owed("ETH", "1", "0"), "quote": owed("USDT", "0", "396")}],
        "margin",
        "2000",
        (("margin ETH", "1"), ("margin USDT", "-396")),
    ),
    "cross margin": Kind(
        f"GET /api/v4{CROSS}", {"balances": {"GT": BALANCE}, "net": "24"}, "cross_margin", "24", (("margin GT", "2"),)
    ),
    "perpetuals in USDT": Kind(
        "GET /api/v4/futures/usdt/accounts",
        {"total": "100", "unrealised_pnl": "-30", "cross_unrealised_pnl": "5"},
        "futures",
        "75",
        (("futures USDT", "75"),),
    ),
    "perpetuals in BTC": Kind(
        "GET /api/v4/futures/btc/accounts",
        {"total": "0.01", "unrealised_pnl": "0"},
        "futures",
        "599",
        (("futures BTC", "0.01"),),
    ),
    "delivery": Kind(
        "GET /api/v4/delivery/usdt/accounts",
        {"total": "10", "unrealised_pnl": "2"},
        "delivery",
        "12",
        (("futures USDT", "12"),),
    ),
    "options": Kind(
        "GET /api/v4/options/accounts", {"total": "10", "equity": "7"}, "options", "7", (("options USDT", "7"),)
    ),
    "lend and earn": Kind(
        f"{EARN}/uni/lends", [{"currency": "USDT", "amount": "11"}], "finance", "11", (("earn USDT", "11"),)
    ),
    "staking": Kind(
        f"{EARN}/staking/assets",
        [{"mortgage_coin": "GT", "mortgage_amount": "5"}],
        "finance",
        "60",
        (("earn GT", "5"),),
    ),
    "dual investment": Kind(
        f"{EARN}/dual/orders", [DUAL, {**DUAL, "status": "CANCELED"}], "finance", "4792", (("earn ETH", "2"),)
    ),
    "structured products": Kind(
        f"{EARN}/structured/orders",
        [STRUCTURED, {**STRUCTURED, "status": "DONE"}],
        "finance",
        "30",
        (("earn USDT", "30"),),
    ),
    "fixed-term lending": Kind(
        f"{EARN}/fixed-term/user/lend",
        {"code": 0, "data": {"list": [{"asset": "USDT", "principal": "40"}], "total": 1}},
        "finance",
        "40",
        (("earn USDT", "40"),),
    ),
    "bots": Kind("", None, "quant", "50", ()),
    "warrants": Kind("", None, "warrant", "3", ()),
}
UNDER_UNIFIED = ("lend and earn", "staking", "dual investment", "structured products", "fixed-term lending", "bots")


def account(names: Collection[str]) -> dict[str, object]:
    """These wallets; the venue's total has a line for each of them."""
    lines: dict[str, Decimal] = {}
    for name in names:
        kind = WALLETS[name]
        lines[kind.line] = lines.get(kind.line, Decimal(0)) + Decimal(kind.worth)
    details = {line: {"currency": "USDT", "amount": str(worth)} for line, worth in lines.items()}
    total = {"currency": "USDT", "amount": str(sum(lines.values())), "unrealised_pnl": "0", "borrowed": "0"}
    served: dict[str, object] = {
        WALLETS[name].endpoint: WALLETS[name].answer for name in names if WALLETS[name].endpoint
    }
    return {**served, TOTAL: {"details": details, "total": total}}


def in_dollars(names: Collection[str]) -> Decimal:
    return sum((Decimal(WALLETS[name].worth) for name in names), Decimal(0)) * Decimal("0.9995")


@pytest.mark.parametrize("name", WALLETS)
async def test_a_wallet_alone_is_counted_once(name: str) -> None:
    statement = await read("gate", account([name]))
    assert worth(statement, "gateio") == in_dollars([name])
    assert rows(statement) == {row: Decimal(amount) for row, amount in WALLETS[name].rows}
    assert statement.unreadable == ()


async def test_all_wallets_together_are_counted_once() -> None:
    statement = await read("gate", account(WALLETS))
    assert worth(statement, "gateio") == in_dollars(WALLETS)
    expected: dict[str, Decimal] = {}
    for kind in WALLETS.values():
        for row, amount in kind.rows:
            expected[row] = expected.get(row, Decimal(0)) + Decimal(amount)
    found: dict[str, Decimal] = {}
    for holding in statement.holdings:
        place = f"{holding.wallet} {holding.asset}"
        found[place] = found.get(place, Decimal(0)) + holding.amount
    assert found == expected


async def test_a_gap_is_looked_for_where_the_venue_shows_it() -> None:
    statement = await read("gate", account(["spot", "bots"]))
    assert {line.name: line.amount for line in statement.overview} == {"spot": Decimal(11980), "quant": Decimal(50)}


@pytest.mark.parametrize(("names", "asked"), [((), 0), (("spot", "perpetuals in USDT", "bots"), 0), (("staking",), 1)])
async def test_rare_products_are_asked_for_only_where_the_total_shows_more(names: tuple[str, ...], asked: int) -> None:
    async with venue("gate", account(names)) as peer, opened("gateio", peer.url) as made:
        await made.read()
        assert {path: len(peer.asked(f"/api/v4{path}")) for path in RARE} == dict.fromkeys(RARE, asked)
        assert peer.asked(f"/api/v4{CROSS}") == []
        assert len(peer.asked("/api/v4/wallet/total_balance")) == 1


@pytest.mark.parametrize("name", UNDER_UNIFIED)
async def test_beside_a_unified_account_each_wallet_is_counted_once(name: str) -> None:
    unified = {"balances": {"BTC": {"equity": "0.1"}}, "unified_account_total_equity": "5987.005"}
    statement = await read("gate", {**account([name]), UNIFIED: unified})
    assert worth(statement, "gateio") == Decimal("5987.005") + in_dollars([name])


async def test_a_product_that_the_key_may_not_read_is_named_and_its_worth_stays_in_the_total() -> None:
    async with venue("gate", account(["spot", "staking", "dual investment"])) as peer:
        peer.fail(faults.instead(no_right("gateio")), f"{EARN}/staking/assets")
        async with opened("gateio", peer.url) as made:
            statement = await made.read()
    assert statement.unreadable == (UnreadableWallet("Staking", "missing_right"),)
    assert worth(statement, "gateio") == in_dollars(["spot", "staking", "dual investment"])


async def test_a_wallet_that_was_never_opened_is_worth_nothing_and_not_named() -> None:
    never = {"label": "USER_NOT_FOUND", "message": "please transfer funds first"}
    shut = ("GET /api/v4/futures/btc/accounts", "GET /api/v4/options/accounts", f"{EARN}/staking/assets")
    served = {**account(["spot", "lend and earn"]), **dict.fromkeys(shut, never)}
    statement = await read("gate", served, dict.fromkeys(shut, 400))
    assert statement.unreadable == ()
    assert worth(statement, "gateio") == in_dollars(["spot", "lend and earn"])


async def test_without_the_venues_total_every_product_is_asked_for() -> None:
    async with venue("gate", account(["spot", "cross margin", "staking", "fixed-term lending"])) as peer:
        peer.fail(faults.instead(no_right("gateio")), TOTAL)
        async with opened("gateio", peer.url) as made:
            statement = await made.read()
    assert statement.unreadable == (UnreadableWallet("Total balance"),)
    assert worth(statement, "gateio") == in_dollars(["spot", "cross margin", "staking", "fixed-term lending"])
