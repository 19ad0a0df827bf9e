"""MEXC: two wallets, a token that is called XBT, and what its API does not show."""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.model.statement import UnreadableWallet
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue

SPOT = "GET /api/v3/account"
FUTURES = "GET /api/v1/private/account/assets"


async def test_xbt_is_a_token_of_its_own_here() -> None:
    account = {"balances": [{"asset": "XBT", "free": "1000", "locked": "0"}]}
    found = await read("mexc", {SPOT: account})
    assert rows(found) == {"spot XBT": 1000}
    assert found.prices == {}


async def test_futures_equity_holds_position_margin_and_unrealised_result() -> None:
    row = {"currency": "USDT", "equity": 125.000001, "availableBalance": 20, "positionMargin": 90, "unrealized": 15}
    found = await read("mexc", {FUTURES: {"success": True, "code": 0, "data": [row]}})
    assert rows(found) == {"futures USDT": Decimal("125.000001")}


async def test_futures_that_were_never_opened_are_worth_nothing() -> None:
    never = {FUTURES: {"success": False, "code": 1002, "message": "Contract not activated"}}
    found = await read("mexc", {SPOT: {"balances": [{"asset": "BTC", "free": "1", "locked": "1"}]}, **never})
    assert rows(found) == {"spot BTC": 2}
    assert {"Spot", "Futures"} <= set(found.wallets_read)


async def test_what_has_no_public_call_is_named() -> None:
    found = await read("mexc", {})
    assert found.unreadable == (UnreadableWallet("Fiat, Earn, bots and copy trading", "not_built"),)
    assert found.venue_total is None


async def test_the_rights_of_a_key_are_unknown_and_that_is_said() -> None:
    async with venue("mexc", {}) as peer, opened("mexc", peer.url) as made:
        found = await made.rights()
    assert (found.read_only, found.can_trade, found.can_withdraw) == (None, None, None)
    assert found.notes


async def test_a_main_account_sees_the_spot_wallets_of_its_sub_accounts() -> None:
    one = {"subAccount": "bot", "uid": "49910511", "isFreeze": False, "createTime": 1644433328000}
    served = {
        SPOT: {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}]},
        "GET /api/v3/sub-account/list": {"subAccounts": [one]},
        "GET /api/v3/sub-account/asset?subAccount=bot": {"balances": [{"asset": "MX", "free": "3", "locked": "1"}]},
    }
    found = await read("mexc", served)
    assert rows(found) == {"spot BTC": 1, "spot MX": 4}
    assert [sub.name for sub in found.sub_accounts] == ["bot"]
    assert UnreadableWallet("Futures of sub-accounts", "not_valued") in found.unreadable


async def test_an_account_that_is_no_main_account_has_no_sub_accounts() -> None:
    endpoint = "GET /api/v3/sub-account/list"
    found = await read("mexc", {endpoint: {"code": 33333, "msg": "not a main account"}}, {endpoint: 400})
    assert [entry.wallet for entry in found.unreadable] == ["Fiat, Earn, bots and copy trading"]
