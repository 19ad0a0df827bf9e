"""Sub-accounts of Binance: what lies in them, and each side's view of what moves."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.statement import Statement, UnreadableWallet
from portfolio_bot.platforms.ledger import Batch, Hints, KeepsLedger, Span
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, millis, past, read, rows, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

SPOT = "GET /api/v3/account"
LIST = "GET /sapi/v1/sub-account/list"
STATUS = "GET /sapi/v1/sub-account/status"
ASSETS = "GET /sapi/v4/sub-account/assets"
FUTURES = "GET /sapi/v2/sub-account/futures/account"
MARGIN = "GET /sapi/v1/sub-account/margin/account"
MOVES = "GET /sapi/v1/sub-account/universalTransfer"
OWN = "GET /sapi/v1/sub-account/transfer/subUserHistory"
NOT_MAIN = {"code": -12022, "msg": "This account is not a master account."}


def users(*names: str) -> dict[str, object]:
    return {
        "subAccounts": [
            {"subUserId": 100_000 + len(name), "email": name, "createTime": 1500000000000} for name in names
        ]
    }


def balances(asset: str, free: float) -> dict[str, object]:
    return {"balances": [{"asset": asset, "free": free, "locked": 0.5, "freeze": 0, "withdrawing": 0}]}


def state(email: str, *, margin: bool = False, futures: bool = False) -> dict[str, object]:
    return {"email": email, "isMarginEnabled": margin, "isFutureEnabled": futures}


async def test_a_main_account_sees_all_wallets_of_its_sub_accounts() -> None:
    usd_m = {"futureAccountResp": {"assets": [{"asset": "USDT", "marginBalance": "50"}]}}
    coin_m = {"deliveryAccountResp": {"assets": [{"asset": "BTC", "marginBalance": "0.25"}]}}
    served = {
        LIST: users("a@x.y", "bb@x.y"),
        STATUS: [state("a@x.y", margin=True, futures=True), state("bb@x.y")],
        f"{ASSETS}?email=a@x.y": balances("ETH", 1.5),
        f"{ASSETS}?email=bb@x.y": balances("SOL", 2.5),
        f"{FUTURES}?email=a@x.y&futuresType=1": usd_m,
        f"{FUTURES}?email=a@x.y&futuresType=2": coin_m,
        f"{MARGIN}?email=a@x.y": {"marginUserAssetVoList": [{"asset": "USDT", "netAsset": "-5"}]},
    }
    found = await read("binance", served)
    assert rows(found) == {
        "spot ETH": 2, "margin USDT": -5, "futures USDT": 50, "futures BTC": Decimal("0.25"), "spot SOL": 3,
    }  # fmt: skip
    assert len(found.sub_accounts) == 2
    assert "x.y" not in repr(found)


async def asked(served: Mapping[str, object], statuses: Mapping[str, int]) -> tuple[Statement, list[str]]:
    async with venue("binance", served, statuses) as peer, opened("binance", peer.url) as made:
        found = await made.read()
        return found, [seen.path for seen in peer.requests if "sub-account" in seen.path]


async def test_an_account_without_sub_accounts_is_asked_once_for_them() -> None:
    found, paths = await asked({}, {})
    assert paths == ["/sapi/v1/sub-account/list"]
    assert found.sub_accounts == ()


async def test_an_account_that_is_no_main_account_has_none_and_nothing_is_missing() -> None:
    found, _ = await asked({LIST: NOT_MAIN}, {LIST: 400})
    assert found.unreadable == ()


async def test_sub_accounts_that_the_key_may_not_see_are_named() -> None:
    async with venue("binance", {}) as peer:
        peer.fail(faults.instead(no_right("binance")), LIST)
        async with opened("binance", peer.url) as made:
            assert (await made.read()).unreadable == (UnreadableWallet("Sub-accounts"),)


def move(number: int, giver: str, taker: str, **fields: object) -> dict[str, object]:
    usual = {"tranId": number, "fromEmail": giver, "toEmail": taker, "asset": "BNB", "amount": "0.5"}
    return {**usual, "createTimeStamp": int(millis()), "status": "SUCCESS", **fields}


def moves(batch: Batch) -> list[tuple[str, object]]:
    return [(row.wallets, row.amount) for row in batch.records if isinstance(row, CashFlow)]


async def test_moves_are_seen_from_the_main_account_in_both_directions() -> None:
    served = {
        LIST: users("a@x.y", "bb@x.y"),
        MOVES: {"result": [move(1, "main@x.y", "a@x.y")], "totalCount": 1},
        f"{MOVES}?fromEmail=a@x.y": {
            "result": [
                move(2, "a@x.y", "main@x.y"),
                move(3, "a@x.y", "bb@x.y"),
                move(4, "a@x.y", "main@x.y", status="FAILURE"),
            ],
            "totalCount": 3,
        },
    }
    batch = await past("binance", served, "sub-accounts")
    assert set(moves(batch)) == {
        ("main → sub-account …0005", Decimal("-0.5")),
        ("sub-account …0005 → main", Decimal("0.5")),
    }


async def test_nothing_is_asked_of_a_time_before_the_first_sub_account() -> None:
    async with venue("binance", {LIST: users("a@x.y")}) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        early = Span(NOON.replace(year=2016), NOON.replace(year=2016, month=4))
        assert await made.past(streams["sub-accounts"], early) == Batch()
        assert not peer.asked("/sapi/v1/sub-account/universalTransfer")


async def test_a_sub_accounts_own_key_sees_what_came_and_what_went() -> None:
    row = {"counterParty": "master", "asset": "BTC", "qty": "1", "status": "SUCCESS", "time": int(millis())}
    async with venue("binance", {LIST: NOT_MAIN}, {LIST: 400}) as peer, opened("binance", peer.url) as made:
        peer.serve(f"{OWN}?type=1", {"body": [{**row, "tranId": 7, "type": 1}]})
        peer.serve(f"{OWN}?type=2", {"body": [{**row, "tranId": 8, "type": 2}]})
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints())}
        batch = await made.past(streams["sub-account"], AROUND_NOON)
    assert moves(batch) == [("master → this sub-account", 1), ("this sub-account → master", -1)]
