"""Rows for the suite of hostile pages: Binance and MEXC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tests.platforms.contract.paged import By, Json, Paged


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _counted(rows: str, count: str, *, in_pages: bool = False) -> Callable[[Sequence[Json], str], Json]:
    """As many rows (or pages) are announced as surely come."""

    def body(page: Sequence[Json], cursor: str) -> Json:
        return {rows: list(page), count: (90 if in_pages else 9000) if cursor else 0, "code": 0}

    return body


def _contract(page: Sequence[Json], cursor: str) -> Json:
    data = {"pageSize": 100, "totalPage": 90 if cursor else 0, "currentPage": 1, "resultList": list(page)}
    return {"success": True, "code": 0, "data": data}


def _list(page: Sequence[Json], _cursor: str) -> list[Json]:
    return list(page)


def _deposit(number: int, at: datetime) -> Json:
    return {
        "id": f"{900_000 - number}", "amount": f"{number + 1}", "coin": "USDT", "status": 1, "txId": f"tx{number}",
        "insertTime": _millis(at), "transferType": 0,
    }  # fmt: skip


def _purchase(number: int, at: datetime) -> Json:
    return {
        "orderNo": f"order-{number}", "sourceAmount": "20", "fiatCurrency": "EUR", "obtainAmount": "0.001",
        "cryptoCurrency": "BTC", "totalFee": "0.2", "price": "19800", "status": "Completed",
        "paymentMethod": "Credit Card", "createTime": _millis(at),
    }  # fmt: skip


def _p2p(number: int, at: datetime) -> Json:
    return {
        "orderNumber": f"{900_000 - number}", "tradeType": "BUY", "asset": "USDT", "fiat": "RUB",
        "amount": f"{number + 1}", "orderStatus": "COMPLETED", "createTime": _millis(at), "commission": "0",
    }  # fmt: skip


def _move(number: int, at: datetime) -> Json:
    return {
        "asset": "USDT", "amount": f"{number + 1}", "type": "MAIN_FUNDING", "status": "CONFIRMED",
        "tranId": 900_000 - number, "timestamp": _millis(at),
    }  # fmt: skip


def _reward(number: int, at: datetime) -> Json:
    return {
        "asset": "USDT", "rewards": f"0.{number + 1}", "projectId": "USDT001", "type": "REALTIME", "time": _millis(at)
    }  # fmt: skip


def _interest(number: int, at: datetime) -> Json:
    return {
        "txId": 900_000 - number, "interestAccuredTime": _millis(at), "asset": "USDT", "interest": "0.01",
        "type": "PERIODIC",
    }  # fmt: skip


def _user(number: int, at: datetime) -> Json:
    return {
        "tranId": f"t{number}", "asset": "USDT", "amount": "1", "toAccountType": "UID", "toAccount": "209383",
        "fromAccount": "5", "status": "SUCCESS", "timestamp": _millis(at),
    }  # fmt: skip


def _contract_move(number: int, at: datetime) -> Json:
    return {
        "id": 900_000 - number, "txid": f"x{number}", "currency": "USDT", "amount": number + 1, "type": "IN",
        "state": "SUCCESS", "createTime": _millis(at),
    }  # fmt: skip


def _funding(number: int, at: datetime) -> Json:
    return {"id": 900_000 - number, "symbol": "BTC_USDT", "funding": 0.5, "settleTime": _millis(at)}


MORE: Sequence[Paged] = (
    Paged("binance", "deposits", "GET /sapi/v1/capital/deposit/hisrec", By.OFFSET, "offset", 1000, _deposit, _list),
    Paged("binance", "fiat payments", "GET /sapi/v1/fiat/payments?transactionType=0", By.NUMBER, "page", 500,
          _purchase, _counted("data", "total")),
    Paged("binance", "p2p", "GET /sapi/v1/c2c/orderMatch/listUserOrderHistory", By.NUMBER, "page", 100,
          _p2p, _counted("data", "total")),
    Paged("binance", "transfers", "GET /sapi/v1/asset/transfer?type=MAIN_FUNDING", By.NUMBER, "current", 100,
          _move, _counted("rows", "total")),
    Paged("binance", "income", "GET /sapi/v1/simple-earn/flexible/history/rewardsRecord?type=ALL", By.NUMBER,
          "current", 100, _reward, _counted("rows", "total")),
    Paged("binance", "margin interest", "GET /sapi/v1/margin/interestHistory", By.NUMBER, "current", 100,
          _interest, _counted("rows", "total")),
    Paged("mexc", "internal", "GET /api/v3/capital/transfer/internal", By.NUMBER, "page", 100,
          _user, _counted("data", "totalPageNum", in_pages=True)),
    Paged("mexc", "transfers", "GET /api/v1/private/account/transfer_record", By.NUMBER, "page_num", 100,
          _contract_move, _contract),
    Paged("mexc", "funding", "GET /api/v1/private/position/funding_records", By.NUMBER, "page_num", 100,
          _funding, _contract),
)  # fmt: skip
