"""A fee that a venue always prints and leaves out for once is a broken answer: never a record without costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from tests.platforms.venues import (
    test_binance_past,
    test_binance_trades,
    test_gate_ledger,
    test_kraken_ledger,
    test_krakenfutures_ledger,
    test_kucoin_ledger,
    test_mexc_past,
)
from tests.platforms.venues.reading import past

Json: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = Callable[[Json], object]


def futures_log(row: Json) -> object:
    return {"accountUid": "x", "logs": [row]}


def kraken_trades(row: Json) -> object:
    return test_kraken_ledger.ok({"trades": {"T1": row}, "count": 1})


def one(row: Json) -> object:
    return [row]


def kraken_ledger(row: Json) -> object:
    return test_kraken_ledger.ledger(dict(row))


CASES: Mapping[str, tuple[str, str, str, Answer, Json, str]] = {
    "kraken ledger": (
        "kraken",
        "ledger",
        test_kraken_ledger.LEDGERS,
        kraken_ledger,
        test_kraken_ledger.entry("staking", "1"),
        "fee",
    ),
    "kraken trade": (
        "kraken",
        "trades",
        test_kraken_ledger.TRADES,
        kraken_trades,
        test_kraken_ledger.trade(),
        "fee",
    ),
    "kraken futures": (
        "krakenfutures",
        "log",
        test_krakenfutures_ledger.LOG,
        futures_log,
        test_krakenfutures_ledger.entry("futures liquidation", "10", "4", realized_pnl=-6, fee=0),
        "fee",
    ),
    "kucoin withdrawal": (
        "kucoin",
        "withdrawals",
        test_kucoin_ledger.WITHDRAWALS,
        test_kucoin_ledger.page,
        test_kucoin_ledger.movement(),
        "fee",
    ),
    "kucoin trade": (
        "kucoin",
        "classic-trades",
        "GET /api/v1/fills",
        test_kucoin_ledger.page,
        test_kucoin_ledger.fill(tradeType="TRADE"),
        "fee",
    ),
    "gate withdrawal": (
        "gate",
        "withdrawals",
        test_gate_ledger.WITHDRAWALS,
        one,
        test_gate_ledger.movement(fee="1"),
        "fee",
    ),
    "gate trade": ("gate", "spot-trades", test_gate_ledger.TRADES, one, test_gate_ledger.traded(), "fee"),
    "mexc withdrawal": (
        "mexc",
        "withdrawals",
        test_mexc_past.WITHDRAWALS,
        one,
        test_mexc_past.withdrawal(),
        "transactionFee",
    ),
    "mexc trade": ("mexc", "spot BTCUSDT", test_mexc_past.TRADES, one, test_mexc_past.trade(), "commission"),
    "binance withdrawal": (
        "binance",
        "withdrawals",
        test_binance_past.WITHDRAWALS,
        one,
        test_binance_past.withdrawal(),
        "transactionFee",
    ),
    "binance purchase": (
        "binance",
        "fiat payments",
        test_binance_past.BUYS,
        test_binance_past.fiat,
        test_binance_past.payment(),
        "totalFee",
    ),
    "binance trade": (
        "binance",
        "spot BTCUSDT",
        f"{test_binance_trades.TRADES}?symbol=BTCUSDT",
        one,
        test_binance_trades.trade(7),
        "commission",
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_is_not_said_is_not_taken_for_zero(case: str) -> None:
    folder, stream, endpoint, answer, row, field = CASES[case]
    assert (await past(folder, {endpoint: answer(row)}, stream, assets={"BTC"})).records
    silent = {name: value for name, value in row.items() if name != field}
    with pytest.raises(SourceError, match=f"{field} is not there") as caught:
        await past(folder, {endpoint: answer(silent)}, stream, assets={"BTC"})
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER
