"""What stands in when something is missing, over days and restarts: rates, a refused wallet, an odd answer.

In this process, because the clock is turned by hand; everything else is as in the program.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from portfolio_bot.app.core import open_core
from portfolio_bot.report import as_json
from portfolio_bot.service.snapshots import PULL
from tests.app.conftest import settings
from tests.e2e.program import account_settings, fx_settings
from tests.peers.faults import instead, status
from tests.peers.fx import CBR, ECB, FRANKFURTER, MIRROR, FxPeer, fx_server
from tests.peers.server import Peer
from tests.platforms.contract.peers import CONTRACT
from tests.service.fakes import Hands

ACCOUNT = "GET /api/v3/account"
WEDNESDAY = datetime(2026, 8, 26, 12, tzinfo=UTC)
"""The day of the recorded rates of the Bank of Russia."""


@dataclass
class Desk:
    """A program without a face, one source, and a clock."""

    folder: Path
    env: Mapping[str, str]
    source: Peer
    fx: FxPeer
    clock: Hands

    async def pull(self, times: int = 1, seconds: float = 40) -> Any:
        """A life in which everything is asked anew, so many times with a pause between; the last report."""
        async with open_core(settings(self.folder / "data", self.env), clock=self.clock) as core:
            for _ in range(times):
                report = as_json.report(await core.snapshots.take(PULL))
                self.clock.turn(seconds=seconds)
            return report


@asynccontextmanager
async def desk(folder: Path, source: str) -> AsyncIterator[Desk]:
    async with CONTRACT[source].open() as peer, fx_server() as fx:
        yield Desk(folder, {**fx_settings(fx), **account_settings(source, peer)}, peer, fx, Hands(WEDNESDAY))


def rouble(report: Any) -> tuple[object, object, object, bool]:
    found = report["fx"]["USD/RUB"]
    return found["provider"], found["date"], found["state"], report["total_rub"] is not None


async def test_a_rate_ages_from_copy_to_stored_to_stale_to_unknown_and_is_never_made_up(tmp_path: Path) -> None:
    async with desk(tmp_path, "mexc") as here:
        assert rouble(await here.pull()) == ("cbr", "2026-08-26", "live", True)
        here.fx.fail(status(503), f"GET {CBR}")
        here.fx.fail(status(503), f"GET {MIRROR}")
        here.clock.turn(hours=2)
        assert rouble(await here.pull()) == ("frankfurter", "2026-08-26", "live", True)
        for bank in (ECB, FRANKFURTER):
            here.fx.fail(status(503), f"GET {bank}")
        here.clock.turn(days=3)  # the weekend: nothing newer is published, and nobody can be asked
        assert rouble(await here.pull()) == ("frankfurter", "2026-08-26", "live", True)
        here.clock.turn(days=5)
        assert rouble(await here.pull()) == ("frankfurter", "2026-08-26", "stale", True)
        here.clock.turn(days=12)
        report = await here.pull()
        assert rouble(report) == (None, None, "unknown", False)
        assert (report["state"], Decimal(report["total_usd"]) > 0) == ("complete", True)
        here.fx.heal()
        here.clock.turn(minutes=2)
        assert rouble(await here.pull()) == ("cbr", "2026-08-26", "live", True)


async def test_a_wallet_is_only_a_gap_until_it_was_read_and_then_its_refusal_is_an_outage(tmp_path: Path) -> None:
    row = CONTRACT["okx"]
    assert row.second is not None
    assert row.no_right is not None
    async with desk(tmp_path, "okx") as here:
        here.source.fail(instead(row.no_right), row.second)
        refused = await here.pull()
        assert (refused["state"], refused["accounts"][0]["state"]) == ("complete", "live")
        assert "unreadable_wallet" in [warning["kind"] for warning in refused["warnings"]]
        here.source.heal()
        whole = await here.pull(times=2)  # so much more is asked about once
        assert Decimal(whole["total_usd"]) > Decimal(refused["total_usd"])
        here.source.fail(instead(row.no_right), row.second)
        again = await here.pull()
        account = again["accounts"][0]
        assert (again["state"], account["state"], account["error"]["kind"]) == ("provisional", "stale", "missing_right")
        assert again["total_usd"] == whole["total_usd"]


async def rich(here: Desk) -> Any:
    """A first report of an account with a thousand dollars."""
    here.source.fail(instead(b'{"balances": [{"asset": "USDT", "free": "1000", "locked": "0"}]}'), ACCOUNT)
    return await here.pull()


async def test_an_empty_answer_is_believed_once_it_was_given_twice_half_a_minute_apart_also_over_a_restart(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, "mexc") as here:
        full = await rich(here)
        here.source.fail(instead(b'{"balances": []}'), ACCOUNT)
        odd = await here.pull(times=2, seconds=10)
        account = odd["accounts"][0]
        assert (odd["state"], account["state"], account["error"]["kind"]) == ("provisional", "stale", "suspect")
        assert odd["total_usd"] == full["total_usd"]
        here.clock.turn(seconds=20)
        believed = await here.pull()
        assert believed["state"] == "complete"
        assert Decimal(believed["total_usd"]) < 1


async def test_an_empty_answer_that_was_a_hiccup_leaves_no_trace(tmp_path: Path) -> None:
    async with desk(tmp_path, "mexc") as here:
        full = await rich(here)
        here.source.fail(instead(b'{"balances": []}'), ACCOUNT, times=1)
        assert (await here.pull())["state"] == "provisional"
        back = await here.pull()
        assert (back["state"], back["total_usd"]) == ("complete", full["total_usd"])
