"""`portfolio-bot sync` as a process: killed in the middle, begun again, equal in the end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.program import Program, several
from tests.peers.faults import Reply, Seen, hang
from tests.peers.server import Peer
from tests.peers.venue import FIXTURES

KEY = FIXTURES / "bybit" / "query_api_readonly_key.json"
DEPOSITS, EXECUTIONS = "/v5/asset/deposit/query-record", "/v5/execution/list"
NOW = datetime.now(UTC).replace(microsecond=0)
DAYS = 5
PAGE = 50
ROWS = [
    {
        "id": f"8{n:06}",
        "coin": "USD",
        "chain": "BTC",
        "amount": f"0.{n + 1:04}",
        "txID": f"{n:064x}",
        "txIndex": "0",
        "status": "3",
        "successAt": str(int((NOW - timedelta(days=DAYS - 1) + n * timedelta(minutes=20)).timestamp() * 1000)),
    }
    for n in range(180)
]


class Deposits:
    """Answers for deposits, page after page, and for the key; the rest of the account is empty."""

    def __init__(self, peer: Peer) -> None:
        self._others = peer.answer

    def __call__(self, seen: Seen) -> Reply:
        if seen.path == "/v5/user/query-api":
            return Reply(KEY.read_bytes())
        if seen.path != DEPOSITS:
            return self._others(seen)
        start, end = (int(seen.fields[name]) for name in ("startTime", "endTime"))
        there = [row for row in ROWS if start <= int(row["successAt"]) <= end]
        first = int(seen.fields.get("cursor") or 0)
        page, rest = there[first : first + PAGE], len(there) > first + PAGE
        result = {"rows": page, "nextPageCursor": str(first + PAGE) if rest else ""}
        return Reply.of({"retCode": 0, "retMsg": "OK", "result": result, "time": 0})


def dump(data: Path) -> Sequence[tuple[object, ...]]:
    """What was read, without what it is worth."""
    with closing(sqlite3.connect(data / "portfolio.db")) as connection:
        return connection.execute(
            "SELECT account, id, at, kind, asset, amount, fees, txid, detail, settled, stream FROM flow"
            " UNION ALL SELECT account, id, at, side, base, amount, fees, quote, detail, price, stream FROM trade"
            " ORDER BY 1, 2"
        ).fetchall()


async def killed(program: Program, peer: Peer, path: str, nth: int) -> None:
    """Read until the question of that number for a path, and die there."""
    before = len(peer.asked(path))
    reached = asyncio.Event()

    async def watching() -> None:
        while len(peer.asked(path)) < before + nth:
            await asyncio.sleep(0.005)
        peer.fail(hang())
        reached.set()

    watch = asyncio.create_task(watching())
    async with program.running("sync") as process:
        await asyncio.wait_for(reached.wait(), 20)
        process.kill()
        await process.wait()
    await watch
    peer.heal()


async def test_killed_twice_on_its_way_it_ends_like_one_that_nobody_disturbed(tmp_path: Path) -> None:
    async with several("bybit") as (settings, peers):
        peer = peers["bybit"]
        peer.answer = Deposits(peer)
        since = {"HISTORICAL_START_DATE": (NOW - timedelta(days=DAYS)).date().isoformat()}
        programs = []
        for name in ("whole", "killed"):
            (tmp_path / name).mkdir()
            programs.append(Program(tmp_path / name, settings | since, "tests.e2e.unlimited"))
        whole, again = programs
        done = await whole("sync", "--json")
        assert (done.code, done.json["complete"], done.json["accounts"][0]["flows"]) == (0, True, len(ROWS))

        await killed(again, peer, DEPOSITS, 3)
        await killed(again, peer, EXECUTIONS, 2)
        assert len(dump(again.data)) == len(ROWS), "the deposits had come before the second kill"
        done = await again("sync", "--json")
        assert (done.code, done.json["complete"]) == (0, True)
        assert done.json["accounts"][0]["new"] == 0
        assert dump(again.data) == dump(whole.data)
