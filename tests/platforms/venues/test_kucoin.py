"""KuCoin: two ways to keep an account, and names that differ between its halves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.failure import SourceError
from portfolio_bot.model.statement import UnreadableWallet
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import read, rows, venue

MODE = "GET /api/ua/v1/account/mode"
ACCOUNTS = "GET /api/v1/accounts"
EARN = "GET /api/v1/earn/hold-assets"


def good(data: object) -> dict[str, object]:
    return {"code": "200000", "data": data}


def coins(**equity: str) -> dict[str, object]:
    found = [{"currency": name, "equity": amount} for name, amount in equity.items()]
    return good({"accounts": [{"currencies": found}]})


async def test_every_kind_of_account_has_its_wallet_and_margin_is_read_elsewhere() -> None:
    kinds = ("main", "trade", "trade_hf", "margin", "isolated", "option")
    lines = [{"currency": "USDT", "type": kind, "balance": str(10**place)} for place, kind in enumerate(kinds)]
    found = await read("kucoin", {ACCOUNTS: good(lines)})
    assert rows(found) == {"funding USDT": 1, "spot USDT": 110, "other USDT": 100_000}


async def test_futures_call_bitcoin_xbt_and_are_read_in_every_currency() -> None:
    def overview(equity: str) -> dict[str, object]:
        return good({"accountEquity": Decimal(equity).__float__(), "currency": "X"})

    served = {f"GET /api/v1/account-overview?currency={name}": overview("0.5") for name in ("XBT", "ETH", "USDC")}
    assert set(rows(await read("kucoin", served))) == {"futures BTC", "futures ETH", "futures USDC"}


async def test_debt_of_both_margins_is_taken_off() -> None:
    cross = good({"accounts": [{"currency": "USDT", "total": "100", "liability": "130.5"}]})
    base = {"currency": "BTC", "total": "2", "liability": "0.5"}
    quote = {"currency": "USDT", "total": "1", "liability": "0"}
    isolated = good({"assets": [{"symbol": "BTC-USDT", "baseAsset": base, "quoteAsset": quote}]})
    found = await read("kucoin", {"GET /api/v3/margin/accounts": cross, "GET /api/v3/isolated/accounts": isolated})
    assert rows(found) == {"margin USDT": Decimal("-29.5"), "margin BTC": Decimal("1.5")}


async def test_every_page_of_earn_is_read() -> None:
    def page(number: int) -> dict[str, object]:
        return good({"currentPage": number, "totalPage": 3, "items": [{"currency": "KCS", "holdAmount": "1"}]})

    served = {f"{EARN}?currentPage={number}": page(number) for number in (1, 2, 3)}
    assert rows(await read("kucoin", served)) == {"earn KCS": 3}


async def test_a_unified_account_replaces_the_classic_wallets() -> None:
    served = {
        MODE: good({"selfAccountMode": "UNIFIED"}),
        ACCOUNTS: good([{"currency": "USDT", "type": "trade", "balance": "999"}]),
        "GET /api/ua/v1/unified/account/balance": coins(USDT="97.5", BTC="-0.5"),
        "GET /api/ua/v1/account/balance?accountType=FUNDING": coins(USDT="3"),
    }
    async with venue("kucoin", served) as peer, opened("kucoin", peer.url) as made:
        found = await made.read()
        assert len(peer.asked("/api/ua/v1/account/mode")) == 1
        assert peer.asked("/api/v1/account-overview") == []
    assert rows(found) == {"unified USDT": Decimal("97.5"), "unified BTC": Decimal("-0.5"), "funding USDT": 3}


async def test_a_mode_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SourceError, match="selfAccountMode"):
        await read("kucoin", {MODE: good({"selfAccountMode": "TRIPLE"})})


async def test_where_the_mode_cannot_be_told_every_wallet_that_hangs_on_it_is_named() -> None:
    async with venue("kucoin", {ACCOUNTS: good([{"currency": "BTC", "type": "main", "balance": "1"}])}) as peer:
        peer.fail(faults.instead(no_right("kucoin")), MODE)
        async with opened("kucoin", peer.url) as made:
            found = await made.read()
    assert found.holdings == ()
    assert [wallet.wallet for wallet in found.unreadable if wallet.reason == "missing_right"] == [
        "Main and trading accounts",
        "Unified account",
        "Cross margin",
        "Isolated margin",
        "Futures",
    ]


async def test_a_key_without_the_futures_right_still_works() -> None:
    async with venue("kucoin", {ACCOUNTS: good([{"currency": "BTC", "type": "main", "balance": "1"}])}) as peer:
        peer.fail(faults.instead(no_right("kucoin")), "GET /api/v1/account-overview")
        async with opened("kucoin", peer.url) as made:
            found = await made.read()
    assert rows(found) == {"funding BTC": 1}
    assert UnreadableWallet("Futures") in found.unreadable


@pytest.mark.parametrize(
    ("permission", "read_only", "trade", "transfer", "withdraw"),
    [
        ("General", True, False, False, False),
        ("General,Futures", False, True, False, False),
        ("General, InnerTransfer", False, False, True, False),
        ("General,Transfer", False, False, True, True),
    ],
)
async def test_each_permission_is_its_right(
    permission: str, read_only: bool, trade: bool, transfer: bool, withdraw: bool
) -> None:
    answer = {"GET /api/v1/user/api-key": good({"permission": permission})}
    async with venue("kucoin", answer) as peer, opened("kucoin", peer.url) as made:
        found = await made.rights()
    assert (found.read_only, found.can_trade) == (read_only, trade)
    assert (found.can_transfer, found.can_withdraw) == (transfer, withdraw)
    assert found.ip_bound is False
