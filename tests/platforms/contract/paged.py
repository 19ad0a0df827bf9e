"""The table of the suite of hostile pages: how each venue's history goes on from page to page, and a good row of it.

A venue joins with rows of its own; what a page looks like is said here, what can be wrong with it in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


def _kraken(name: str) -> Callable[[Sequence[Json], str], object]:
    """As many are announced as surely come."""

    def body(rows: Sequence[Json], cursor: str) -> object:
        pages = cursor.removeprefix("page-")
        count = 0 if not cursor else int(pages) * 50 + 1 if pages.isdigit() else 9000
        return {"error": [], "result": {name: {row["id"]: row for row in rows}, "count": count}}

    return body


def _kraken_entry(number: int, at: datetime) -> Json:
    return {
        "id": f"L-{number}", "refid": f"R-{number}", "time": at.timestamp(), "type": "staking", "subtype": "",
        "asset": "DOT.S", "amount": f"0.{number + 1}", "fee": "0", "balance": "1",
    }  # fmt: skip


def _kraken_trade(number: int, at: datetime) -> Json:
    return {
        "id": f"T-{number}", "pair": "XXBTZUSD", "time": at.timestamp(), "type": "buy", "price": "50000",
        "cost": "5000", "fee": "1", "vol": "0.1", "margin": "0",
    }  # fmt: skip


def _krakenfutures(rows: Sequence[Json], _cursor: str) -> object:
    return {"accountUid": "x", "logs": list(rows)}


def _krakenfutures_entry(number: int, at: datetime) -> Json:
    return {
        "id": 90_000 - number, "date": at.isoformat().replace("+00:00", "Z"), "asset": "xbt", "booking_uid": "b",
        "info": "funding rate change", "margin_account": "f-xbt:usd", "old_balance": 1, "new_balance": 1 + number + 1,
    }  # fmt: skip


def _kucoin(rows: Sequence[Json], cursor: str) -> object:
    pages = cursor.removeprefix("page-")
    total = 1 if not cursor else int(pages) + 1 if pages.isdigit() else 9000
    return {"code": "200000", "data": {"currentPage": 1, "pageSize": 100, "totalPage": total, "items": list(rows)}}


def _kucoin_list(rows: Sequence[Json], _cursor: str) -> object:
    return {"code": "200000", "data": list(rows)}


def _kucoin_fills(rows: Sequence[Json], _cursor: str) -> object:
    last = min((row["id"] for row in rows), default=0)
    return {"code": "200000", "data": {"items": list(rows), "lastId": last}}


def _kucoin_futures(rows: Sequence[Json], cursor: str) -> object:
    return {"code": "200000", "data": {"dataList": list(rows), "hasMore": bool(cursor)}}


def _kucoin_deposit(number: int, at: datetime) -> Json:
    return {
        "currency": "USDT", "status": "SUCCESS", "isInner": False, "amount": f"{number + 1}", "fee": "0",
        "walletTxId": f"tx{number}", "createdAt": int(_millis(at)),
    }  # fmt: skip


def _kucoin_entry(number: int, at: datetime) -> Json:
    return {
        "id": f"{90_000 - number}", "currency": "KCS", "amount": f"{number + 1}", "fee": "0", "balance": "1",
        "accountType": "MAIN", "bizType": "Rewards", "direction": "in", "createdAt": int(_millis(at)), "context": "",
    }  # fmt: skip


def _kucoin_fill(number: int, at: datetime) -> Json:
    return {
        "id": 90_000 - number, "tradeId": 50_000 - number, "symbol": "BTC-USDT", "side": "buy", "price": "50000",
        "size": "0.1", "funds": "5000", "fee": "1", "feeCurrency": "USDT", "createdAt": int(_millis(at)),
    }  # fmt: skip


def _kucoin_settled(number: int, at: datetime) -> Json:
    return {
        "time": int(_millis(at)), "type": "RealisedPNL", "amount": number + 1, "fee": 0, "accountEquity": 1,
        "status": "Completed", "remark": "XBTUSDTM", "offset": 90_000 - number, "currency": "USDT",
    }  # fmt: skip


def _kucoin_conversion(number: int, at: datetime) -> Json:
    return {
        "orderId": f"o{number}", "status": "SUCCESS", "fromCurrency": "BTC", "toCurrency": "USDT",
        "fromCurrencySize": "0.1", "toCurrencySize": "5000", "orderTime": int(_millis(at)),
    }  # fmt: skip


def _list(rows: Sequence[Json], _cursor: str) -> object:
    return list(rows)


def _gate_deposit(number: int, at: datetime) -> Json:
    return {
        "id": f"d{number}", "currency": "USDT", "amount": f"{number + 1}", "txid": f"tx{number}", "status": "DONE",
        "timestamp": str(int(at.timestamp())),
    }  # fmt: skip


def _gate_push(number: int, at: datetime) -> Json:
    return {
        "id": number + 1, "currency": "USDT", "amount": "1", "status": "RECEIVED", "create_time": int(at.timestamp()),
        "transaction_type": "withdraw",
    }  # fmt: skip


def _gate_entry(number: int, at: datetime) -> Json:
    return {
        "id": f"{number + 1}", "time": int(_millis(at)), "currency": "USDT", "change": "0.1", "balance": "1",
        "type": "interest_in", "text": "",
    }  # fmt: skip


def _gate_trade(number: int, at: datetime) -> Json:
    return {
        "id": f"{number + 1}", "create_time": str(int(at.timestamp())), "create_time_ms": f"{_millis(at)}.5",
        "currency_pair": "BTC_USDT", "side": "buy", "amount": "0.1", "price": "50000", "fee": "0.0001",
        "fee_currency": "BTC", "gt_fee": "0", "point_fee": "0",
    }  # fmt: skip


def _gate_contract(number: int, at: datetime) -> Json:
    return {
        "trade_id": f"{number + 1}", "create_time": at.timestamp(), "contract": "BTC_USDT", "size": 10,
        "price": "50000", "fee": "0.1", "point_fee": "0",
    }  # fmt: skip


def _gate_change(number: int, at: datetime) -> Json:
    return {
        "id": f"{number + 1}", "time": at.timestamp(), "change": "-0.1", "balance": "1", "type": "fund",
        "text": "BTC_USDT:1", "contract": "BTC_USDT",
    }  # fmt: skip


_GATE_BOOK = "GET /api/v4/futures/usdt/account_book"
_GATE_FILLS = "GET /api/v4/futures/usdt/my_trades_timerange"
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
    Paged("kraken", "ledger", "POST /0/private/Ledgers", By.OFFSET, "ofs", 50, _kraken_entry, _kraken("ledger")),
    Paged("kraken", "trades", "POST /0/private/TradesHistory", By.OFFSET, "ofs", 50, _kraken_trade, _kraken("trades")),
    Paged("krakenfutures", "log", "GET /api/history/v3/account-log", By.OLDER, "to", 500,
          _krakenfutures_entry, _krakenfutures, "id"),
    Paged("kucoin", "deposits", "GET /api/v1/deposits", By.NUMBER, "currentPage", 100, _kucoin_deposit, _kucoin),
    Paged("kucoin", "main", "GET /api/v1/accounts/ledgers", By.NUMBER, "currentPage", 100, _kucoin_entry, _kucoin),
    Paged("kucoin", "conversions", "GET /api/v1/convert/order/history", By.NUMBER, "page", 100,
          _kucoin_conversion, _kucoin),
    Paged("kucoin", "trading", "GET /api/v1/hf/accounts/ledgers", By.OLDER, "lastId", 100,
          _kucoin_entry, _kucoin_list, "id"),
    Paged("kucoin", "trading", "GET /api/v1/hf/fills?symbol=BTC-USDT", By.OLDER, "lastId", 100,
          _kucoin_fill, _kucoin_fills, "id", frozenset({"BTC", "USDT"})),
    Paged("kucoin", "futures", "GET /api/v1/transaction-history", By.OLDER, "offset", 50,
          _kucoin_settled, _kucoin_futures, "offset"),
    Paged("gateio", "deposits", "GET /api/v4/wallet/deposits", By.OFFSET, "offset", 100, _gate_deposit, _list),
    Paged("gateio", "pushes", "GET /api/v4/wallet/push?transaction_type=withdraw", By.OFFSET, "offset", 100,
          _gate_push, _list),
    Paged("gateio", "book", "GET /api/v4/spot/account_book", By.NUMBER, "page", 100, _gate_entry, _list),
    Paged("gateio", "spot-trades", "GET /api/v4/spot/my_trades", By.NUMBER, "page", 1000, _gate_trade, _list),
    Paged("gateio", "futures-usdt-book", _GATE_BOOK, By.OFFSET, "offset", 100, _gate_change, _list),
    Paged("gateio", "futures-usdt-trades", _GATE_FILLS, By.OFFSET, "offset", 100, _gate_contract, _list),
)  # fmt: skip
"""Every way of paging that a venue has, once at least."""
