"""The table of the suite of hostile pages: how each venue's history goes on from page to page, and a good row of it.

A venue joins with rows of its own; what a page looks like is said here, what can be wrong with it in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

from tests.peers.faults import Seen

Json: TypeAlias = dict[str, Any]
NEWEST = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""When the first row happened; each further one is a second older."""


class By(Enum):
    """What a question for a further page holds."""

    CURSOR = "cursor"  # the text that the page before named
    NUMBER = "number"  # of the page, from 1 on
    OFFSET = "offset"  # how many rows come before it
    OLDER = "older"  # a value of the oldest row seen: what is older than that


@dataclass(frozen=True, slots=True)
class Paged:
    """One endpoint.

    Attributes:
        source: key of `catalog.SOURCES`.
        stream: name of the stream that reads it.
        route: method and path, with the fields that tell it from its siblings.
        by: how it is paged.
        field: of the question for a further page.
        full: rows of a full page.
        row: the good row number n, counted from the newest; its instant.
        body: an answer of these rows, with the cursor of the next page where it is paged by one.
        key: for `By.OLDER`: the field of a row that `field` is compared with.
        assets: what must be known of the account for the stream to be there.
        first: for `By.NUMBER`: of the first page.
    """

    source: str
    stream: str
    route: str
    by: By
    field: str
    full: int
    row: Callable[[int, datetime], Json]
    body: Callable[[Sequence[Json], str], object]
    key: str = ""
    assets: frozenset[str] = frozenset()
    first: int = 1

    def __str__(self) -> str:
        return f"{self.source}: {self.stream}, {self.route.rpartition('/')[2]}"

    def rows(self, count: int) -> list[Json]:
        """Good rows, the newest first."""
        return [self.row(number, NEWEST - timedelta(seconds=number)) for number in range(count)]

    def page(self, rows: Sequence[Json], seen: Seen) -> tuple[list[Json], str]:
        """What an honest venue shows of all rows, and the cursor of the next page."""
        asked = seen.fields.get(self.field, "")
        if self.by is By.OLDER:
            older = [row for row in rows if not asked or Decimal(str(row[self.key])) < Decimal(asked)]
            return older[: self.full], ""
        page = int(asked.removeprefix("page-") or 0) if self.by is By.CURSOR else int(asked or 0)
        start = {By.CURSOR: page, By.NUMBER: max(page - self.first, 0)}.get(self.by, page // self.full) * self.full
        further = f"page-{start // self.full + 1}" if start + self.full < len(rows) else ""
        return list(rows[start : start + self.full]), further


def _millis(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _bybit(name: str) -> Callable[[Sequence[Json], str], object]:
    def body(rows: Sequence[Json], cursor: str) -> object:
        result = {name: list(rows), "nextPageCursor": cursor}
        return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1}

    return body


def _bybit_deposit(number: int, at: datetime) -> Json:
    return {
        "coin": "USDT", "chain": "TRX", "amount": f"{number + 1}", "txID": f"tx{number}", "status": 3, "depositFee": "",
        "successAt": _millis(at), "txIndex": "0", "id": f"{900 - number}",
    }  # fmt: skip


def _bybit_withdrawal(number: int, at: datetime) -> Json:
    return {
        "coin": "USDT", "chain": "TRX", "amount": f"{number + 1}", "txID": f"tx{number}", "status": "success",
        "withdrawFee": "1", "createTime": _millis(at), "withdrawId": f"{900 - number}", "withdrawType": 0,
    }  # fmt: skip


def _bybit_execution(number: int, at: datetime) -> Json:
    return {
        "symbol": "BTCUSDT", "side": "Buy", "execFee": "0.1", "execId": f"exec-{number}", "execPrice": "50000",
        "execQty": "0.1", "execType": "Trade", "execValue": "5000", "execTime": _millis(at), "feeCurrency": "USDT",
    }  # fmt: skip


def _bybit_log(number: int, at: datetime) -> Json:
    return {
        "id": f"log-{number}", "symbol": "BTCUSDT", "category": "linear", "type": "SETTLEMENT", "funding": "-0.5",
        "fee": "0", "cashFlow": "0", "change": "-0.5", "transactionTime": _millis(at), "currency": "USDT",
        "tradeId": f"funding-{number}", "orderId": "",
    }  # fmt: skip


def _bybit_conversion(number: int, at: datetime) -> Json:
    return {
        "exchangeTxId": f"convert-{number}", "fromCoin": "BTC", "fromAmount": "0.1", "toCoin": "USDT",
        "toAmount": "5000", "exchangeStatus": "success", "createdAt": _millis(at),
    }  # fmt: skip


def _okx(rows: Sequence[Json], _cursor: str) -> object:
    return {"code": "0", "msg": "", "data": list(rows)}


def _okx_deposit(number: int, at: datetime) -> Json:
    return {
        "ccy": "USDT", "chain": "USDT-TRC20", "amt": f"{number + 1}", "txId": f"tx{number}", "state": "2",
        "fromWdId": "", "ts": _millis(at), "depId": f"{9000 - number}",
    }  # fmt: skip


def _okx_bill(number: int, at: datetime) -> Json:
    return {"billId": f"{9000 - number}", "ccy": "USDT", "balChg": "0.5", "type": "83", "ts": _millis(at)}


def _okx_trading_bill(number: int, at: datetime) -> Json:
    return {
        "billId": f"{9000 - number}", "ccy": "USDT", "balChg": "-0.5", "pnl": "-0.5", "fee": "0", "type": "8",
        "subType": "173", "instType": "SWAP", "instId": "BTC-USDT-SWAP", "ts": _millis(at),
    }  # fmt: skip


def _okx_fill(number: int, at: datetime) -> Json:
    return {
        "billId": f"{9000 - number}", "instId": "BTC-USDT", "instType": "SPOT", "side": "buy", "fillSz": "0.1",
        "fillPx": "50000", "fee": "-0.0001", "feeCcy": "BTC", "fillTime": _millis(at), "ts": _millis(at),
    }  # fmt: skip


def _okx_interest(number: int, at: datetime) -> Json:
    return {"ccy": "USDT", "amt": "100", "earnings": f"0.{number + 1}", "rate": "0.01", "ts": _millis(at)}


PAGED: Sequence[Paged] = (
    Paged("bybit", "deposits", "GET /v5/asset/deposit/query-record", By.CURSOR, "cursor", 50,
          _bybit_deposit, _bybit("rows")),
    Paged("bybit", "withdrawals", "GET /v5/asset/withdraw/query-record", By.CURSOR, "cursor", 50,
          _bybit_withdrawal, _bybit("rows")),
    Paged("bybit", "trades_linear", "GET /v5/execution/list?category=linear", By.CURSOR, "cursor", 100,
          _bybit_execution, _bybit("list")),
    Paged("bybit", "log", "GET /v5/account/transaction-log", By.CURSOR, "cursor", 50, _bybit_log, _bybit("list")),
    Paged("bybit", "conversions", "GET /v5/asset/exchange/query-convert-history", By.NUMBER, "index", 50,
          _bybit_conversion, _bybit("list")),
    Paged("okx", "funding", "GET /api/v5/asset/deposit-history", By.OLDER, "after", 100, _okx_deposit, _okx, "ts"),
    Paged("okx", "funding", "GET /api/v5/asset/bills", By.OLDER, "after", 100, _okx_bill, _okx, "ts"),
    Paged("okx", "trading", "GET /api/v5/account/bills-archive", By.OLDER, "after", 100,
          _okx_trading_bill, _okx, "billId"),
    Paged("okx", "fills_spot", "GET /api/v5/trade/fills-history?instType=SPOT", By.OLDER, "after", 100,
          _okx_fill, _okx, "billId"),
    Paged("okx", "savings", "GET /api/v5/finance/savings/lending-history", By.OLDER, "after", 100,
          _okx_interest, _okx, "ts"),
)  # fmt: skip
"""Every way of paging that a venue has, once at least."""

BY_SOURCE: Mapping[str, list[Paged]] = {
    source: [paged for paged in PAGED if paged.source == source] for source in {paged.source for paged in PAGED}
}
