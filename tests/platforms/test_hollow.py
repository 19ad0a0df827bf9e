"""What is empty in whatever shape, and what is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.hollow import hollow
from tests.platforms.venues.reading import past, read, rows

SUBS = "GET /sapi/v1/sub-account/list"
SPOT = {"balances": [{"asset": "BTC", "free": "1", "locked": "0"}], "accountType": "SPOT"}
HELD = [{"asset": "BTC", "free": "1", "locked": "0", "freeze": "0", "withdrawing": "0", "ipoable": "0"}]
BINANCE = {"GET /api/v3/account": SPOT, "POST /sapi/v3/asset/getUserAsset": HELD}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"rows": [], "total": 0},
        {"code": "0", "data": []},
        {"retCode": 0, "time": 5, "result": {"list": []}},
    ],
)
def test_empty_lists_and_zeros_are_nothing(answer: object) -> None:
    assert hollow(answer)


@pytest.mark.parametrize("answer", ["gone", [0], {"total": "0.1"}, {"data": {"list": [{}]}}, {"rest": Decimal(7)}])
def test_anything_else_is_something(answer: object) -> None:
    assert not hollow(answer)


@pytest.mark.parametrize("answer", [[], {}, {"rows": [], "total": 0}])
async def test_a_product_without_anything_costs_no_reading(answer: object) -> None:
    found = await read("binance", {**BINANCE, SUBS: answer})
    assert rows(found) == {"spot BTC": Decimal(1)}


async def test_what_the_overview_says_does_not_fill_a_product() -> None:
    overview = [{"activate": True, "balance": "5", "walletName": "Earn"}]
    served = {"GET /sapi/v1/asset/wallet/balance": overview, "GET /sapi/v1/dci/product/accounts": {}}
    assert rows(await read("binance", {**BINANCE, **served})) == {"spot BTC": Decimal(1)}


async def test_a_product_that_says_something_else_does() -> None:
    with pytest.raises(SourceError) as caught:
        await read("binance", {**BINANCE, SUBS: {"subAccounts": "many"}})
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


async def test_of_a_wallet_that_everybody_has_an_empty_answer_is_not_believed() -> None:
    with pytest.raises(SourceError) as caught:
        await read("binance", {"GET /api/v3/account": {}})
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


@pytest.mark.parametrize("answer", [{"list": []}, {}])
async def test_the_past_of_a_product_that_was_never_opened_is_empty(answer: object) -> None:
    served = {"GET /v5/asset/covert/small-balance-history": {"retCode": 0, "retMsg": "OK", "result": answer, "time": 5}}
    assert (await past("bybit", served, "small_balances")).records == ()


@pytest.mark.parametrize("answer", [[], {}])
async def test_without_sub_accounts_the_past_is_that_of_the_account(answer: object) -> None:
    assert (await past("binance", {SUBS: answer}, "deposits")).records == ()


async def test_deposits_are_only_believed_in_their_own_shape() -> None:
    served = {"GET /v5/asset/deposit/query-record": {"retCode": 0, "retMsg": "OK", "result": {}, "time": 5}}
    with pytest.raises(SourceError):
        await past("bybit", served, "deposits")
