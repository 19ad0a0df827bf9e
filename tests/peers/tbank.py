"""T-Invest's gateway on loopback: refuses what the real one refuses, and answers from `tests/fixtures/tbank`.

async with tbank_server() as peer:
    peer.portfolios["2000000001"]["RUB"] = portfolio_of("portfolio-empty.json")
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.peers.faults import Peer, Reply, Seen, listening

FIXTURES = Path(__file__).parent.parent / "fixtures" / "tbank"
PREFIX = "/rest/tinkoff.public.invest.api.contract.v1."
ACCOUNTS = f"{PREFIX}UsersService/GetAccounts"
PORTFOLIO = f"{PREFIX}OperationsService/GetPortfolio"
OPERATIONS = f"{PREFIX}OperationsService/GetOperationsByCursor"
FIND = f"{PREFIX}InstrumentsService/FindInstrument"
INSTRUMENT = f"{PREFIX}InstrumentsService/GetInstrumentBy"
CANDLES = f"{PREFIX}MarketDataService/GetCandles"
TOKEN = "t.loopback-token-of-the-tests"

Json = dict[str, Any]


def fixture(name: str) -> Any:
    """A recorded or constructed body."""
    return json.loads((FIXTURES / name).read_text())


def error(name: str) -> Reply:
    """An entry of `errors.json`, with the headers it came with."""
    row = next(row for row in fixture("errors.json") if row["name"] == name)
    kind = row["headers"].get("content-type", "application/json")
    headers = {key: value for key, value in row["headers"].items() if key != "content-type"}
    body = row["body"] if isinstance(row["body"], str) else json.dumps(row["body"])
    return Reply(body.encode(), row["status"], headers, kind)


class TBankPeer(Peer):
    """`accounts` is the body of GetAccounts; `portfolios` the bodies of GetPortfolio by account and currency.

    `operations` are items of GetOperationsByCursor by account, newest first, `page` of them at a time; `instruments`
    are bodies of GetInstrumentBy by uid, `candles` of GetCandles.
    `token` is the one that is accepted; None accepts any.
    """

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.token: str | None = TOKEN
        self.accounts: Json = fixture("accounts-readonly-multi.json")
        self.portfolios: dict[str, dict[str, Json]] = {
            "2000000001": {"RUB": fixture("portfolio-mixed-rub.json"), "USD": fixture("portfolio-mixed-usd.json")},
            "2000000002": {"RUB": fixture("portfolio-iis-rub.json")},
        }
        self.operations: dict[str, list[Json]] = {
            "2000000001": [*fixture("operations-page1.json")["items"], *fixture("operations-page2.json")["items"]],
            "2000000002": fixture("operations-iis.json")["items"],
        }
        self.page = 5
        self.instruments: dict[str, Json] = {}
        self.candles: list[Json] = []

    def _answer(self, seen: Seen) -> Reply:
        if not seen.path.startswith(PREFIX) or seen.method != "POST":
            return error("method unknown (path without the package prefix)")
        if self.token is not None and seen.headers.get("Authorization") != f"Bearer {self.token}":
            return error("invalid token, HTTP 401, string code")
        if seen.headers.get("Content-Type") != "application/json" or not seen.body.startswith(b"{"):
            return error("bad argument")
        if seen.path == ACCOUNTS:
            return Reply.of(self.accounts)
        if seen.path in {PORTFOLIO, OPERATIONS}:
            return self._of_account(seen)
        return self._market(seen)

    def _market(self, seen: Seen) -> Reply:
        asked: Json = json.loads(seen.body)
        match seen.path:
            case path if path == FIND:
                found = [row for row in self.instruments.values() if row["ticker"] == asked["query"]]
                return Reply.of({"instruments": found})
            case path if path == INSTRUMENT:
                known = self.instruments.get(asked["id"])
                return Reply.of({"instrument": known}) if known else error("account not found")
            case path if path == CANDLES:
                return Reply.of(
                    {"candles": [row for row in self.candles if asked["from"] <= row["time"] < asked["to"]]}
                )
        return error("bad argument")

    def _of_account(self, seen: Seen) -> Reply:
        number = seen.fields.get("accountId", "")
        listed = next((row for row in self.accounts["accounts"] or () if row["id"] == number), None)
        if listed is None:
            return error("account not found")
        if listed["accessLevel"] == "ACCOUNT_ACCESS_LEVEL_NO_ACCESS":
            return error("no permission")
        if seen.path == OPERATIONS:
            return self._operations(number, json.loads(seen.body))
        found = self.portfolios.get(number, {}).get(seen.fields.get("currency", "RUB"))
        return Reply.of(found) if found else error("bad argument")

    def _operations(self, number: str, asked: Json) -> Reply:
        if not 2 < asked["limit"] <= 1000 or not (asked["cursor"] or "0").isdigit():
            return error("bad argument")
        since, until = datetime.fromisoformat(asked["from"]), datetime.fromisoformat(asked["to"])
        found = [
            row
            for row in self.operations.get(number, [])
            if since <= datetime.fromisoformat(row["date"]) < until
            and row["type"] in (asked["operationTypes"] or [row["type"]])
        ]
        first = int(asked["cursor"] or 0)
        after = first + self.page
        more = after < len(found)
        return Reply.of({"hasNext": more, "nextCursor": str(after) if more else "", "items": found[first:after]})


@asynccontextmanager
async def tbank_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[TBankPeer]:
    """A gateway with the accounts of `accounts-readonly-multi.json`."""
    peer = TBankPeer()
    async with listening(peer, tls):
        yield peer
