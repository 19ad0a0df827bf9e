"""All who publish rates, on one loopback server: their paths do not meet.

async with fx_server() as peer:
    peer.fail(status(503), f"GET {CBR}")
    rates = Rates(session, clock, base_urls=peer.urls, …)
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.peers.faults import Peer, Reply, Seen, listening

FIXTURES = Path(__file__).parent.parent / "fixtures" / "fx"
ECB = "/stats/eurofxref/eurofxref-daily.xml"
ECB_RECENT = "/stats/eurofxref/eurofxref-hist-90d.xml"
ECB_ALL = "/stats/eurofxref/eurofxref-hist.xml"
CBR = "/scripts/XML_daily.asp"
CBR_SERIES = "/scripts/XML_dynamic.asp"
MIRROR = "/daily_json.js"
FRANKFURTER = "/v2/rates"
KRAKEN = "/0/public/Ticker"
KRAKEN_CANDLES = "/0/public/OHLC"
KRAKEN_TRADES = "/0/public/Trades"
OKX = "/api/v5/market/ticker"
OKX_INDEX = "/api/v5/market/index-tickers"


def fixture(name: str) -> bytes:
    """A file as it came; the Bank of Russia's are windows-1251."""
    return (FIXTURES / name).read_bytes()


class FxPeer(Peer):
    """Bodies may be replaced. `frankfurter` is by bank: date, and units by quote for one unit of the base asked in.

    `candles` are rows by pair and minutes, `trades` rows by pair: told from `since` on, as many as are asked for.
    """

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.ecb = fixture("ecb-daily-2026-10-02-excerpt.xml")
        self.ecb_recent = self.ecb_all = fixture("ecb-hist-90d-2019-first12.xml")
        self.cbr = fixture("cbr-daily-2026-08-26.xml")
        self.series = fixture("cbr-dynamic-usd-2026-08.xml")
        self.mirror = fixture("cbr-json-2022-02-03-excerpt.json")
        self.frankfurter: dict[str, tuple[str, dict[str, str]]] = {
            "ECB": ("2026-10-02", {"USD": "1.1225", "GBP": "0.85033", "CHF": "0.9279"}),
            "CBR": ("2026-08-26", {"RUB": "84.4635", "EUR": "0.8573"}),
        }
        self.kraken: dict[str, Any] = {"USDTZUSD": {"c": ["0.99950", "1"]}, "USDCUSD": {"c": ["0.9999", "1"]}}
        self.candles: dict[tuple[str, str], list[list[Any]]] = {}
        self.trades: dict[str, list[list[Any]]] = {}
        self.okx: dict[str, str] = {"USDT-USD": "0.9996"}
        self.okx_index: dict[str, str] = {"USDC-USD": "0.9998"}

    @property
    def urls(self) -> Mapping[str, str]:
        """The base URL of everybody."""
        return dict.fromkeys(("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER", "KRAKEN", "OKX"), self.url)

    def _answer(self, seen: Seen) -> Reply:
        bodies = {ECB: (self.ecb, "text/xml"), CBR: (self.cbr, "application/xml"), MIRROR: (self.mirror, "text/html")}
        bodies |= {ECB_RECENT: (self.ecb_recent, "text/xml"), ECB_ALL: (self.ecb_all, "text/xml")}
        if seen.path in bodies:
            body, kind = bodies[seen.path]
            return Reply(body, 200, {}, kind)
        if seen.path == CBR_SERIES:
            return Reply(_between(self.series, seen.fields["date_req1"], seen.fields["date_req2"]), 200, {}, "text/xml")
        if seen.path in {KRAKEN_CANDLES, KRAKEN_TRADES}:
            return self._kraken_history(seen)
        if seen.path == FRANKFURTER:
            return self._frankfurter(seen)
        if seen.path == KRAKEN:
            row = self.kraken.get(seen.fields.get("pair", ""))
            found = {"error": [], "result": {seen.fields["pair"]: row}}
            return Reply.of(found if row else {"error": ["EQuery:Unknown asset pair"]})
        if seen.path in {OKX, OKX_INDEX}:
            table, field = (self.okx, "last") if seen.path == OKX else (self.okx_index, "idxPx")
            price = table.get(seen.fields.get("instId", ""))
            rows = [{"instId": seen.fields["instId"], field: price}] if price else []
            return Reply.of({"code": "0" if rows else "51001", "msg": "", "data": rows})
        return Reply(b"not found", 404, {}, "text/plain")

    def _kraken_history(self, seen: Seen) -> Reply:
        pair = seen.fields["pair"]
        if seen.path == KRAKEN_CANDLES:
            rows = self.candles.get((pair, seen.fields["interval"]), [])
        else:
            since, most = int(seen.fields["since"]), int(seen.fields["count"])
            rows = [row for row in self.trades.get(pair, []) if row[2] * 10**9 > since][:most]
        return Reply.of({"error": [], "result": {pair: rows, "last": "0"}})

    def _frankfurter(self, seen: Seen) -> Reply:
        bank = seen.fields.get("providers", "")
        if bank not in self.frankfurter:
            return Reply.of({"message": "a blend of all banks is nobody's rate"}, 422)
        day, table = self.frankfurter[bank]
        rows = ",".join(
            f'{{"date":"{seen.fields.get("date", day)}","base":{json.dumps(seen.fields["base"])},'
            f'"quote":{json.dumps(quote)},"rate":{table[quote]}}}'
            for quote in seen.fields["quotes"].split(",")
            if quote in table
        )
        return Reply(f"[{rows}]".encode())


def _between(series: bytes, first: str, last: str) -> bytes:
    """A series of the Bank of Russia without the days outside."""

    def key(day: str) -> tuple[str, ...]:
        return tuple(reversed(re.split(r"[./]", day)))

    def kept(row: re.Match[bytes]) -> bytes:
        return row[0] if key(first) <= key(row[1].decode()) <= key(last) else b""

    return re.sub(rb'<Record Date="([\d.]+)".*?</Record>', kept, series, flags=re.DOTALL)


@asynccontextmanager
async def fx_server() -> AsyncIterator[FxPeer]:
    """Everybody answers, with the newest recorded files."""
    peer = FxPeer()
    async with listening(peer):
        yield peer
