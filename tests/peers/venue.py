"""One exchange on loopback: a case of `tests/fixtures/exchanges/<venue>/expected.json`, served by that folder's rules.

    async with venue_server("bybit", case("bybit", "whole account")) as peer: ...

What the case does not serve is answered as an account without that wallet answers (`venue_empty.py`); tickers come
from `tickers_for_cases.json`; Kraken's public ticker gives USDT and USDC to the venues without a pair in dollars.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from tests.peers.faults import Peer, Reply, Route, Seen, listening
from tests.peers.venue_empty import empty
from tests.peers.venue_tickers import ticker
from tests.peers.venue_windows import concerns, is_time, too_long

FIXTURES = Path(__file__).parent.parent / "fixtures" / "exchanges"
PAGING = {
    "cursor": "",
    "after": "",
    "page": "1",
    "current": "1",
    "currentPage": "1",
    "lastId": "",
    "offset": "0",
    "ofs": "0",
    "fromId": "0",
    "last_id": "",
    "page_num": "1",
    "index": "1",
    "continuationToken": "",
}
"""Fields that ask for a further page, and what they hold while they don't."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of an expected.json; `row` is it whole, numbers as Decimal-safe text already."""

    venue: str
    name: str
    kind: str
    row: Mapping[str, object]

    def __str__(self) -> str:
        return f"{self.venue}: {self.name}"

    def served(self) -> Mapping[str, object]:
        """Endpoint → file name or a body written out."""
        found = self.row.get("serve", {})
        assert isinstance(found, dict)
        return found

    def instants(self) -> frozenset[datetime]:
        """When what its files tell happened; none for an account as it is now."""
        found = self.row.get("rows", ())
        assert isinstance(found, (list, tuple))
        return frozenset(datetime.fromisoformat(row["at"]) for row in found)


@cache
def cases(venue: str) -> tuple[Case, ...]:
    """Every case of a venue; `venue` is the folder's name (`gate`, not `gateio`)."""
    rows = json.loads((FIXTURES / venue / "expected.json").read_text())
    return tuple(Case(venue, row["case"], row["kind"], row) for row in rows)


def case(venue: str, name: str) -> Case:
    """The case of that name."""
    return next(found for found in cases(venue) if found.name == name)


@dataclass(frozen=True, slots=True)
class _Entry:
    route: Route
    reply: Reply


class VenuePeer(Peer):
    """A peer that speaks for one venue. `unknown` lists what was asked and nobody foresaw: answered with 404."""

    def __init__(self, venue: str, found: Case | None) -> None:
        super().__init__(self._answer)
        self.venue = venue
        self.unknown: list[Seen] = []
        self._entries: list[_Entry] = []
        self._instants = frozenset[datetime]() if found is None else found.instants()
        if found is not None:
            for endpoint, what in found.served().items():
                self.serve(endpoint, what)

    def serve(self, endpoint: str, what: object) -> None:
        """Answer an endpoint with a fixture (by file name) or with `{"body": …, "status": …}`."""
        self._entries.insert(0, _Entry(Route.parse(endpoint), _reply(self.venue, what)))

    def _answer(self, seen: Seen) -> Reply:
        refused = too_long(self.venue, seen)
        if refused is not None:
            return refused
        matching = [entry for entry in self._entries if entry.route.matches(seen)]
        if matching:
            best = max(matching, key=lambda entry: len(entry.route.fields))
            if self._in_time(seen) and not _further_page(self.venue, seen, best.route):
                return best.reply
        found = ticker(self.venue, seen) or empty(self.venue, seen)
        if found is None:
            self.unknown.append(seen)
            return Reply.of({"message": "no such endpoint in the tests"}, 404)
        return found

    def _in_time(self, seen: Seen) -> bool:
        return not self._instants or any(concerns(self.venue, seen, at) for at in self._instants)


@asynccontextmanager
async def venue_server(venue: str, served: Case | None = None) -> AsyncIterator[VenuePeer]:
    """A server that speaks for `venue`; without a case every wallet is empty."""
    peer = VenuePeer(venue, served)
    async with listening(peer):
        yield peer


def _reply(venue: str, what: object) -> Reply:
    if isinstance(what, str):
        return Reply((FIXTURES / venue / what).read_bytes())
    assert isinstance(what, dict)
    return Reply.of(what["body"], what.get("status", 200))


def _further_page(venue: str, seen: Seen, route: Route) -> bool:
    """A file is page 1: whoever asks on, without an entry of its own, gets the venue's empty answer."""
    return any(
        name not in route.fields
        and seen.fields.get(name, first) not in {first, ""}
        and not is_time(venue, name, seen.fields[name])
        for name, first in PAGING.items()
    )
