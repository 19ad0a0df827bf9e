"""Public prices of the stand-in venues, from `tickers_for_cases.json` and Kraken's public ticker."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.peers.faults import Reply, Seen

FIXTURES = Path(__file__).parent.parent / "fixtures" / "exchanges"

Rows = list[dict[str, Any]]


def ticker(venue: str, seen: Seen) -> Reply | None:
    """The answer of a ticker endpoint; asked for one pair, that row. None: it is no ticker endpoint."""
    if seen.path == "/0/public/Ticker":
        return _kraken(venue, seen)
    answer = _ANSWERS.get((venue, seen.path))
    return answer(seen) if answer else None


@cache
def _file(venue: str, name: str = "tickers_for_cases.json") -> Any:
    return json.loads((FIXTURES / venue / name).read_text())


def _kraken(venue: str, seen: Seen) -> Reply:
    """Kraken's own prices for Kraken, those of USDT and USDC for everybody else; an unknown pair fails the call."""
    table = _file("kraken") if venue == "kraken" else _file("kraken", "usdt_usd_ticker.json")
    asked = [name for name in seen.fields.get("pair", "").split(",") if name]
    rows = table["result"]
    found = {name: name if name in rows else name.replace("USDTUSD", "USDTZUSD") for name in asked}
    if any(name not in rows for name in found.values()):
        return Reply.of({"error": ["EQuery:Unknown asset pair"]})
    return Reply.of({"error": [], "result": {name: rows[name] for name in found.values()} if asked else rows})


_ALSO_LISTED: Mapping[str, Rows] = {"binance": [{"symbol": "BNBBTC", "price": "0.01"}]}
"""Markets that the file leaves out and a recorded trade was made on."""


def _binance_like(venue: str, name: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Seen], Reply]:
    def answer(seen: Seen) -> Reply:
        rows: Rows = [name(row) for row in (*_file(venue), *_ALSO_LISTED.get(venue, ()))]
        wanted = seen.fields.get("symbol")
        if wanted is not None:
            found = next((row for row in rows if row["symbol"] == wanted), None)
            return Reply.of(found) if found else Reply.of({"code": -1121, "msg": "Invalid symbol."}, 400)
        many = json.loads(seen.fields.get("symbols", "null"))
        return Reply.of([row for row in rows if many is None or row["symbol"] in many])

    return answer


def _last(row: dict[str, Any]) -> dict[str, Any]:
    price = row["price"]
    return {"symbol": row["symbol"], "lastPrice": price, "bidPrice": price, "askPrice": price}


def _listed(venue: str, key: str, field: str, rows_of: Callable[[Any], Rows], wrap: Callable[[Rows], Any]) -> Any:
    def answer(seen: Seen) -> Reply:
        rows = rows_of(_file(venue))
        wanted = seen.fields.get(field)
        return Reply.of(wrap([row for row in rows if wanted is None or row[key] == wanted]))

    return answer


def _okx_index(seen: Seen) -> Reply:
    rows = [
        {"instId": row["instId"], "idxPx": row["last"]}
        for row in _file("okx")["data"]
        if row["instId"] == seen.fields.get("instId", row["instId"])
    ]
    return Reply.of({"code": "0", "msg": "", "data": rows})


def _kucoin_level1(seen: Seen) -> Reply:
    row = next((row for row in _file("kucoin")["data"]["ticker"] if row["symbol"] == seen.fields.get("symbol")), None)
    data = row and {"price": row["last"], "bestBid": row["buy"], "bestAsk": row["sell"], "time": 1729173207043}
    return Reply.of({"code": "200000", "data": data})


_ANSWERS: Mapping[tuple[str, str], Callable[[Seen], Reply]] = {
    ("binance", "/api/v3/ticker/price"): _binance_like("binance", dict),
    ("binance", "/api/v3/ticker/24hr"): _binance_like("binance", _last),
    ("binance", "/api/v3/ticker/bookTicker"): _binance_like("binance", _last),
    ("mexc", "/api/v3/ticker/price"): _binance_like("mexc", dict),
    ("mexc", "/api/v3/ticker/24hr"): _binance_like("mexc", _last),
    ("mexc", "/api/v3/ticker/bookTicker"): _binance_like("mexc", _last),
    ("bybit", "/v5/market/tickers"): _listed(
        "bybit", "symbol", "symbol", lambda data: data["result"]["list"],
        lambda rows: {"retCode": 0, "retMsg": "OK", "result": {"category": "spot", "list": rows}, "time": 1},
    ),
    ("okx", "/api/v5/market/tickers"): _listed(
        "okx", "instId", "instId", lambda data: data["data"], lambda rows: {"code": "0", "msg": "", "data": rows}
    ),
    ("okx", "/api/v5/market/ticker"): _listed(
        "okx", "instId", "instId", lambda data: data["data"], lambda rows: {"code": "0", "msg": "", "data": rows}
    ),
    ("okx", "/api/v5/market/index-tickers"): _okx_index,
    ("krakenfutures", "/derivatives/api/v3/tickers"): lambda _seen: Reply.of(_file("krakenfutures")),
    ("kucoin", "/api/v1/market/allTickers"): lambda _seen: Reply.of(_file("kucoin")),
    ("kucoin", "/api/v1/market/orderbook/level1"): _kucoin_level1,
    ("gate", "/api/v4/spot/tickers"): _listed(
        "gate", "currency_pair", "currency_pair", lambda data: data, lambda rows: rows
    ),
}  # fmt: skip
