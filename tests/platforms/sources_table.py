"""Every source against its loopback peer, with its fullest recorded account: the table in the README.

    python -m tests.platforms.sources_table            # prints it
    python -m tests.platforms.sources_table --write    # puts it into the README

Calls and weight are those of one report in a new life; the weight is what the venue itself counts, beside what it
allows. A first sync reads a year in which nothing happened but what was recorded. The time is that of a report whose
every answer takes 0.2 s: how many answers wait for each other.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from portfolio_bot.analytics.valuation import AccountInfo, pin_dollars, value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.instrument import FxProvider, FxRate, RateTable
from portfolio_bot.model.portfolio import KnownAccount
from portfolio_bot.model.reading import Live
from portfolio_bot.model.statement import Statement
from portfolio_bot.platforms.base import AccountConfig, Secret, Source, Surroundings
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.platforms.ibkr_flex import Flex
from portfolio_bot.platforms.ibkr_service import Waits
from portfolio_bot.platforms.ledger import KeepsLedger
from portfolio_bot.platforms.limits import LIMITS, TBANK
from portfolio_bot.platforms.venue import Role, Venue
from portfolio_bot.service.sync import Sync
from portfolio_bot.storage.store import open_store
from tests.peers import faults
from tests.peers.faults import Peer
from tests.peers.ibkr import QUERY, TOKEN, flex_server, statement
from tests.platforms.contract.peers import CONTRACT, VENUES, KeptMemory, make, reference_dollars, surroundings

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- sources: python -m tests.platforms.sources_table --write -->", "<!-- /sources -->"
ABOUT = """\
**What it costs to ask them**, measured with the fullest account that was recorded of each. Two accounts behind one \
address share its limit where the platform counts by address; reading the past takes half of it at most, so that no \
report waits."""
OWNER = """\
**Counted once.** Whose account a key opens is kept with it, hashed. One login under two labels is an error that names \
both; what lies inside a main account or a broker's token and stands under another label too is left out there. A key \
that suddenly opens another account counts for nothing until you press *It is the new account* or type \
`portfolio-bot accounts confirm ID`; the past of the old account is kept apart from it. `accounts gone ID [WALLET]` \
takes an account, a wallet or an account inside a broker's out for good, `accounts leave ID` until it answers \
again, and `accounts back ID` takes either back."""
HEAD = (
    "Source", "Wallets read", "Covered", "Calls of a report", "Weight (of)", "Calls of a first sync, a year",
    "Report at 0.2 s an answer",
)  # fmt: skip
ANSWER = 0.2
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATED = datetime(2023, 3, 3, 12, tzinfo=UTC)
"""The day after that of the recorded statement of IBKR."""

AT_ONCE = Waits(first=0, early=0.01, early_for=0.1, late=0.01, most=1, limited=0.01, apart=0, within=100, window=0)
YEAR = timedelta(days=365)
_DAY = date(2026, 11, 20)
RATES = RateTable(
    {
        "RUB": FxRate("USD", "RUB", Decimal(80), FxProvider.CBR, _DAY),
        "EUR": FxRate("EUR", "USD", Decimal("1.08"), FxProvider.ECB, _DAY),
    }
)


@dataclass(frozen=True)
class Row:
    """What was found of one source.

    Attributes:
        covered: percent of the venue's own total; None where it has none.
        weight: spent by a report at the busiest gate, and what that allows.
        sync: calls of a first sync; None where the source keeps no ledger.
        seconds: of a report.
    """

    source: str
    wallets: str
    covered: Decimal | None
    calls: int
    weight: tuple[float, float]
    sync: int | None
    seconds: float

    def cells(self) -> tuple[str, ...]:
        """As the table shows it; the time comes last."""
        spent, units = self.weight
        covered = "–" if self.covered is None else f"{self.covered.quantize(Decimal('0.01'), ROUND_HALF_EVEN)} %"
        weight = f"{spent:.4g} ({units:g})" if units else "–"
        calls = "–" if self.sync is None else str(self.sync)
        return self.source, self.wallets, covered, str(self.calls), weight, calls, f"{self.seconds:.1f} s"


async def rows(*, timed: bool = True) -> list[Row]:
    """All sources, one after the other; where nobody looks at the time, it is 0."""
    return [await row_of(source, timed=timed) for source in SOURCES]


async def row_of(source: str, *, timed: bool = True) -> Row:
    """Read one source, value it, read its past."""
    async with world(source) as (peer, around, made):
        found = await made.read()
        calls, spent = len(peer.requests), around.gates.spent()
        # what single endpoints count is another measure
        shared = {key: one for key, one in spent.items() if source not in LIMITS or _lane(key) in {"private", "public"}}
        busiest = max(shared.items(), key=lambda item: item[1], default=(None, 0.0))
        weight = busiest[1], allowed(source, busiest[0])
    seconds = await time_of(source) if timed else 0.0
    return Row(
        SOURCES[source].title,
        wallets(source, found),
        covered(source, found),
        calls,
        weight,
        await sync(source),
        seconds,
    )


async def time_of(source: str) -> float:
    """Seconds of a report whose every answer takes a while."""
    async with world(source) as (peer, _, made):
        peer.fail(faults.late(ANSWER))
        started = time.monotonic()
        await made.read()
        return time.monotonic() - started


def _lane(key: object) -> object:
    return key[1] if isinstance(key, tuple) else None


def allowed(source: str, key: object) -> float:
    """What the busiest gate allows in its window."""
    if source == "tbank" and isinstance(key, tuple):
        return TBANK[key[1]].units
    if source not in LIMITS or not isinstance(key, tuple):
        return 0.0
    limits = LIMITS[source]
    return (limits.public if key[1] == "public" and limits.public else limits.private).units


def wallets(source: str, found: Statement) -> str:
    """Names of the wallets; of brokers that every account inside is read."""
    if source not in VENUES:
        return "every account inside"
    venue: Venue = importlib.import_module(f"portfolio_bot.platforms.venues.{VENUES[source]}").VENUE
    named = [reader.name for reader in venue.wallets if reader.role in {Role.WALLET, Role.EXTRA}]
    return ", ".join(dict.fromkeys([*named, *(name for name in found.wallets_read if name in named)]))


def covered(source: str, found: Statement) -> Decimal | None:
    """Percent of the venue's own total."""
    infos = {source: AccountInfo(source, source, source, is_exchange=True)}
    pinned = pin_dollars(found, reference_dollars())
    [account] = value([Live(source, pinned)], infos, RATES, at=NOON).accounts
    assert isinstance(account, KnownAccount)
    return None if account.coverage is None else account.coverage.percent


async def sync(source: str) -> int | None:
    """Calls that reading a year takes, from an empty database."""
    async with world(source) as (peer, _, made):
        if not isinstance(made, KeepsLedger):
            return None
        await made.read()
        before = len(peer.requests)
        with TemporaryDirectory() as folder:
            async with open_store(Path(folder), "sqlite://", clock=lambda: NOON) as store:
                reading = Sync(
                    {source: made},
                    {},
                    store,
                    calendar=Calendar.of("UTC"),
                    clock=lambda: NOON,
                    since=(NOON - YEAR).date(),
                )
                view = await reading.run()
        failed = [stream for account in view.accounts for stream in account.streams if stream.failure is not None]
        assert not failed, failed
        return len(peer.requests) - before


@asynccontextmanager
async def world(source: str) -> AsyncIterator[tuple[Peer, Surroundings, Source]]:
    """The source, where it asks, and what it counts its calls in."""
    async with surroundings() as around:
        if source == "ibkr":
            async with flex_server(statement("nav-usd.xml")) as flex:
                patient = replace(around, patient=True, clock=lambda: STATED)
                config = AccountConfig(source, source, "", {"FLEX_TOKEN": Secret(TOKEN)}, flex.url, query_id=QUERY)
                yield flex, patient, Flex(config, patient, KeptMemory(), AT_ONCE)
        else:
            async with CONTRACT[source].open() as peer:
                yield peer, around, await make(source, peer.url, around)


def table(found: Sequence[Row]) -> str:
    """Markdown."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in found)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def in_readme() -> list[tuple[str, ...]]:
    """The rows of the table as the README has them."""
    kept = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = [line for line in kept.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines[2:]]


def main(words: Sequence[str]) -> None:
    """Print, or write."""
    made = table(asyncio.run(rows()))
    if "--write" in words:
        text = README.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        README.write_text(
            f"{before}{BEGIN}\n{ABOUT}\n\n{made}\n\n{OWNER}\n{END}{rest.partition(END)[2]}", encoding="utf-8"
        )
    else:
        print(made)


if __name__ == "__main__":
    main(sys.argv[1:])
