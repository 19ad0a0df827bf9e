"""Gate.io: its own total, the account that replaces the wallets, vouchers, keys, the European host."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import StatedTotal, UnreadableWallet
from tests.peers import faults
from tests.peers.faults import Reply
from tests.platforms.contract.peers import KeptMemory, opened
from tests.platforms.venues.reading import read, rows, venue

SPOT = "GET /api/v4/spot/accounts"
TOTAL = "GET /api/v4/wallet/total_balance?currency=USDT"
UNIFIED = "GET /api/v4/unified/accounts"
KEYS = "GET /api/v4/account/main_keys"


def spot(**coins: str) -> list[dict[str, str]]:
    return [{"currency": name, "available": amount, "locked": "0"} for name, amount in coins.items()]


def total(amount: str, **details: str) -> dict[str, Any]:
    return {
        "details": {kind: {"currency": "USDT", "amount": worth} for kind, worth in details.items()},
        "total": {"currency": "USDT", "amount": amount, "unrealised_pnl": "2", "borrowed": "0.5"},
    }


def unified(equity: str, **coins: str) -> dict[str, Any]:
    balances = {name: {"equity": amount} for name, amount in coins.items()}
    return {"balances": balances, "unified_account_total_equity": equity}


async def test_the_venues_total_is_the_accounts_and_holds_the_unrealised_result_less_debt() -> None:
    found = await read("gate", {SPOT: spot(BTC="1"), TOTAL: total("100")})
    assert found.stated == (StatedTotal(Decimal("101.5"), "USDT"),)
    assert found.venue_total is None


async def test_vouchers_are_no_money_even_where_they_have_a_market() -> None:
    price = {"GET /api/v4/spot/tickers": [{"currency_pair": "POINT_USDT", "last": "0.8"}]}
    assert rows(await read("gate", {SPOT: spot(POINT="1000", USDT="1"), **price})) == {"spot USDT": 1}


async def test_every_wallet_of_a_classic_account_has_its_rows() -> None:
    pair = {"available": "1", "locked": "0.5", "borrowed": "0.25", "interest": "0.05"}
    served: dict[str, object] = {
        "GET /api/v4/margin/accounts": [{"base": {"currency": "ETH", **pair}, "quote": {"currency": "BTC", **pair}}],
        "GET /api/v4/futures/btc/accounts": {"currency": "BTC", "total": "2", "unrealised_pnl": "-0.5"},
        "GET /api/v4/delivery/usdt/accounts": {"currency": "USDT", "total": "3", "unrealised_pnl": "0"},
        "GET /api/v4/options/accounts": {"currency": "USDT", "total": "1", "equity": "7"},
        "GET /api/v4/earn/uni/lends": [{"currency": "USDT", "amount": "11", "lent_amount": "11"}],
    }
    assert rows(await read("gate", served)) == {
        "margin ETH": Decimal("1.2"),
        "margin BTC": Decimal("1.2"),
        "futures BTC": Decimal("1.5"),
        "futures USDT": 3,
        "options USDT": 7,
        "earn USDT": 11,
    }


async def test_futures_that_were_never_opened_are_worth_nothing() -> None:
    route = "GET /api/v4/futures/usdt/accounts"
    never = {route: {"label": "USER_NOT_FOUND", "message": "please transfer funds first"}}
    found = await read("gate", {SPOT: spot(BTC="1"), **never}, {route: 400})
    assert rows(found) == {"spot BTC": 1}
    assert found.unreadable == ()


async def test_a_unified_account_replaces_spot_margin_and_derivatives() -> None:
    served = {
        UNIFIED: unified("5000", BTC="0.1", USDT="-7", POINT="9"),
        SPOT: spot(BTC="0.1"),
        "GET /api/v4/earn/uni/lends": [{"currency": "USDT", "amount": "10"}],
        TOTAL: total("5200", spot="5000", finance="60", quant="40"),
    }
    async with venue("gate", served) as peer, opened("gateio", peer.url) as made:
        found = await made.read()
        assert peer.asked("/api/v4/spot/accounts") == peer.asked("/api/v4/futures/usdt/accounts") == []
        assert len(peer.asked("/api/v4/unified/accounts")) == 1
    assert rows(found) == {"unified BTC": Decimal("0.1"), "unified USDT": -7, "earn USDT": 10, "other USDT": 40}
    assert set(found.stated) == {
        StatedTotal(Decimal(5000), "USD", "unified"),
        StatedTotal(Decimal(60), "USDT", "finance"),
    }
    assert found.venue_total == StatedTotal(Decimal("5201.5"), "USDT")


async def test_each_reading_asks_anew_which_kind_of_account_it_is() -> None:
    async with venue("gate", {SPOT: spot(BTC="1")}) as peer, opened("gateio", peer.url) as made:
        assert rows(await made.read()) == {"spot BTC": 1}
        peer.serve(UNIFIED, {"body": unified("60000", BTC="1")})
        assert rows(await made.read()) == {"unified BTC": 1}


async def test_a_key_without_the_wallet_right_is_read_by_its_wallets() -> None:
    async with venue("gate", {SPOT: spot(BTC="1")}) as peer:
        peer.fail(faults.instead(Reply.of({"label": "FORBIDDEN", "message": "no permission"}, 403)), TOTAL)
        async with opened("gateio", peer.url) as made:
            found = await made.read()
    assert rows(found) == {"spot BTC": 1}
    assert found.stated == ()
    assert found.unreadable == (UnreadableWallet("Total balance"),)


@pytest.mark.parametrize("label", ["FORBIDDEN", "INVALID_KEY"])
async def test_a_key_without_the_unified_right_still_reads_the_classic_wallets(label: str) -> None:
    async with venue("gate", {SPOT: spot(BTC="1"), TOTAL: total("100")}) as peer:
        peer.fail(faults.instead(Reply.of({"label": label, "message": "no permission"}, 403)), UNIFIED)
        async with opened("gateio", peer.url) as made:
            found = await made.read()
    assert rows(found) == {"spot BTC": 1}
    assert found.stated == (StatedTotal(Decimal("101.5"), "USDT"),)
    assert found.unreadable == (UnreadableWallet("Unified account"),)


@pytest.mark.parametrize(
    ("perms", "read_only", "trade", "transfer", "withdraw"),
    [
        ([("spot", True), ("wallet", True)], True, False, False, False),
        ([("spot", False), ("wallet", True)], False, True, False, False),
        ([("wallet", False)], False, False, True, None),
        ([("wallet", False), ("withdraw", False)], False, False, True, True),
    ],
)
async def test_the_list_of_keys_tells_the_rights_of_the_only_one(
    perms: list[tuple[str, bool]], read_only: bool, trade: bool, transfer: bool, withdraw: bool | None
) -> None:
    key = {"ip_whitelist": ["127.0.0.1"], "perms": [{"name": name, "read_only": only} for name, only in perms]}
    async with venue("gate", {KEYS: [key]}) as peer, opened("gateio", peer.url) as made:
        found = await made.rights()
    assert (found.read_only, found.can_trade) == (read_only, trade)
    assert (found.can_transfer, found.can_withdraw, found.ip_bound) == (transfer, withdraw, True)


async def test_of_several_keys_nobody_knows_which_one_this_is() -> None:
    keys = [{"ip_whitelist": [], "perms": [{"name": "spot", "read_only": only}]} for only in (True, False)]
    async with venue("gate", {KEYS: keys}) as peer, opened("gateio", peer.url) as made:
        found = await made.rights()
    assert (found.read_only, found.can_trade) == (None, None)
    assert found.notes


async def test_a_venue_that_wants_no_more_requests_is_not_asked_another_way() -> None:
    async with venue("gate", {}) as peer, opened("gateio", peer.url) as made:
        peer.fail(faults.status(429, {"label": "TOO_MANY_REQUESTS", "message": "slow down"}))
        with pytest.raises(SourceError):
            await made.rights()
        assert len(peer.requests) == 1


async def test_a_key_of_the_european_venue_is_found_there_and_remembered() -> None:
    memory = KeptMemory()
    async with venue("gate", {}) as world, venue("gate", {SPOT: spot(BTC="1")}) as europe:
        world.fail(faults.instead(Reply.of({"label": "INVALID_KEY", "message": "Invalid key provided"}, 401)))
        async with opened("gateio", world.url, memory=memory, region_urls={"eu": europe.url}) as made:
            assert rows(await made.read()) == {"spot BTC": 1}
    assert memory.get("region") == "eu"


async def test_a_key_that_no_region_knows_is_bad() -> None:
    async with venue("gate", {}) as world, venue("gate", {}) as europe:
        for peer in (world, europe):
            peer.fail(faults.instead(Reply.of({"label": "INVALID_KEY", "message": "Invalid key provided"}, 401)))
        async with opened("gateio", world.url, region_urls={"eu": europe.url}) as made:
            with pytest.raises(SourceError) as caught:
                await made.read()
    assert caught.value.failure.kind is FailureKind.BAD_KEY
