"""IBKR's Flex Web Service on loopback: both steps, references, and scripted answers in between.

async with flex_server(statement("nav-usd.xml")) as peer:
    peer.script = [response("in-progress-no-status.xml"), response("fail-1018.xml")]    # of GetStatement, in order
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.peers.faults import Peer, Reply, Seen, listening

FIXTURES = Path(__file__).parent.parent / "fixtures" / "ibkr"
PATH = "/AccountManagement/FlexWebService"
SEND = f"{PATH}/SendRequest"
GET = f"{PATH}/GetStatement"
TOKEN = "910000000000000000000042"
QUERY = "1234567"


def statement(name: str) -> bytes:
    """A statement of the fixtures."""
    return (FIXTURES / name).read_bytes()


def response(name: str) -> Reply:
    """An answer that is no statement, with its status."""
    row = next(row for row in index() if row["file"] == name)
    kind = "text/html" if name.endswith(".html") else "text/xml"
    return Reply((FIXTURES / "responses" / name).read_bytes(), row["status"], {}, kind)


def index() -> list[dict[str, Any]]:
    """What each file of `responses/` means."""
    found: list[dict[str, Any]] = json.loads((FIXTURES / "responses" / "index.json").read_text())
    return found


def refusal(code: int) -> Reply:
    """A code with a text of its own, the way IBKR sends it: HTTP 200."""
    text = f"<ErrorCode>{code}</ErrorCode><ErrorMessage>words for {code}</ErrorMessage>"
    return Reply(f"<FlexStatementResponse><Status>Fail</Status>{text}</FlexStatementResponse>".encode(), 200, {}, XML)


XML = "text/xml"


class FlexPeer(Peer):
    """Orders are counted from 1000; a reference is good until `forget` is called."""

    def __init__(self, body: bytes) -> None:
        super().__init__(self._answer)
        self.token = TOKEN
        self.query = QUERY
        self.statement = body
        self.script: list[Reply] = []
        self.ordered: list[str] = []

    def forget(self) -> None:
        """From now on the references handed out are unknown (1017)."""
        self.ordered = [f"gone {number}" for number in self.ordered]

    def _answer(self, seen: Seen) -> Reply:
        if seen.method != "GET" or seen.path not in {SEND, GET} or seen.fields.get("v") != "3":
            return Reply(b"<html><body>not found</body></html>", 404, {}, "text/html")
        if not seen.headers.get("User-Agent"):
            return Reply(b"<html><body>forbidden</body></html>", 403, {}, "text/html")
        if seen.fields.get("t") != self.token:
            return response("fail-1015.xml")
        subject = seen.fields.get("q", "")
        if seen.path == SEND:
            return self._order() if subject == self.query else response("fail-1014.xml")
        if subject not in self.ordered:
            return response("fail-1017.xml")
        return self.script.pop(0) if self.script else Reply(self.statement, 200, {}, XML)

    def _order(self) -> Reply:
        reference = str(1000 + len(self.ordered))
        self.ordered.append(reference)
        good = response("send-success.xml")
        return Reply(good.body.replace(b"1234567890", reference.encode()), 200, {}, XML)


@asynccontextmanager
async def flex_server(body: bytes) -> AsyncIterator[FlexPeer]:
    """A service that makes this statement at once, unless a script comes first."""
    peer = FlexPeer(body)
    async with listening(peer):
        yield peer
