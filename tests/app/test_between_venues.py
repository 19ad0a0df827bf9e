"""Money that goes from one venue to another, through real clients: before, between, there but unrecorded, recorded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from portfolio_bot.app.core import Core, open_core
from portfolio_bot.model.flow import MatchedBy
from portfolio_bot.model.portfolio import Complete
from portfolio_bot.platforms.limits import LIMITS, Limit, Limits
from portfolio_bot.service.snapshots import PULL
from tests.app.conftest import KEY, addresses, settings
from tests.peers.fx import fx_server
from tests.peers.venue import VenuePeer, venue_server
from tests.service.fakes import Hands

NOON = datetime(2026, 10, 3, 12, tzinfo=UTC)
MEXC_KEY = {"MEXC_API_KEY": "loopback-key-2345678", "MEXC_API_SECRET": "loopback-secret-2345678"}


def millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def ok(result: object) -> dict[str, object]:
    return {"body": {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1}}


def bybit_holds(peer: VenuePeer, amount: str) -> None:
    row = {"coin": "USDT", "walletBalance": amount, "transferBalance": amount, "bonus": ""}
    peer.serve("GET /v5/asset/transfer/query-account-coins-balance", ok({"accountType": "FUND", "balance": [row]}))


def mexc_holds(peer: VenuePeer, amount: str) -> None:
    row = {"asset": "USDT", "free": amount, "locked": "0"}
    peer.serve("GET /api/v3/account", {"body": {"balances": [row], "accountType": "SPOT"}})


def bybit_sent(peer: VenuePeer, at: datetime) -> None:
    row = {
        "coin": "USDT", "chain": "TRX", "amount": "1000", "txID": "ab12", "status": "success", "withdrawFee": "1",
        "createTime": millis(at), "updateTime": millis(at), "withdrawId": "9", "withdrawType": 0,
    }  # fmt: skip
    peer.serve("GET /v5/asset/withdraw/query-record", ok({"rows": [row], "nextPageCursor": ""}))


def mexc_got(peer: VenuePeer, at: datetime) -> None:
    row = {
        "amount": "1000", "coin": "USDT-TRX", "network": "TRX", "status": 5, "txId": "ab12:0", "insertTime": millis(at),
        "address": "T", "unlockConfirm": "1", "confirmTimes": "1", "memo": None,
    }  # fmt: skip
    peer.serve("GET /api/v3/capital/deposit/hisrec", {"body": [row]})


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Venues on loopback never tire of questions."""
    for name in LIMITS:
        monkeypatch.setitem(cast(dict[str, Limits], LIMITS), name, Limits(Limit(1_000_000, 1)))


async def seen(core: Core) -> tuple[Decimal, list[tuple[str, str | None]]]:
    """The total in USDT, and what is on its way."""
    portfolio = await core.snapshots.take(PULL)
    assert isinstance(portfolio.total_usd, Complete)
    price = Decimal("0.9995")
    return portfolio.total_usd.value.amount / price, [(row.origin, row.destination) for row in portfolio.in_transit]


@pytest.mark.usefixtures("unlimited")
async def test_only_the_network_fee_is_lost_on_the_way(data_dir: Path) -> None:
    clock = Hands(NOON)
    async with venue_server("bybit") as bybit, venue_server("mexc") as mexc, fx_server() as fx:
        bybit_holds(bybit, "3000")
        mexc_holds(mexc, "1000")
        env = {
            **KEY,
            **MEXC_KEY,
            **addresses(bybit.url, fx.url),
            "MEXC_BASE_URL": mexc.url,
            "HISTORICAL_START_DATE": "2026-10-01",
        }
        async with open_core(settings(data_dir, env), clock=clock) as core:
            told = [await seen(core)]
            await core.sync.run()
            clock.turn(minutes=30)
            bybit_holds(bybit, "1999")
            bybit_sent(bybit, clock.now - timedelta(minutes=20))
            told.append(await seen(core))
            clock.turn(minutes=30)
            mexc_holds(mexc, "2000")
            told.append(await seen(core))
            mexc_got(mexc, clock.now - timedelta(minutes=10))
            clock.turn(minutes=30)
            assert await core.sync.tail(forced=True)
            told.append(await seen(core))
            (link,) = (await core.transfers.matching()).transfers
    assert [total for total, _ in told] == [4000, 3999, 3999, 3999]
    assert [moving for _, moving in told] == [[], [("bybit", None)], [], []]
    assert link.by is MatchedBy.TXID
    assert [link.network_fee, link.received] == [1, 1000]
