"""Does each key work, and what may it do?"""

from __future__ import annotations

import json
import time
from datetime import date, timedelta

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.identity import Identity
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.check import Check, as_json
from tests.service.fakes import HANG, NOON, FakeSource, Hands, collecting, down, statement

READER = Reader(Calendar.of("UTC"), "UTC", NOON)


async def test_every_key_is_asked_at_once_for_a_reading_and_for_its_rights(clock: Hands) -> None:
    sources = [FakeSource(name, {"BTC": "1"}, clock=clock, takes=0.2) for name in ("bybit", "okx")]
    sources[1].key = KeyRights(read_only=False, can_trade=True, expires=date(2027, 3, 12))
    started = time.monotonic()
    bybit, okx = await Check(collecting(*sources, clock=clock), clock).run()
    assert time.monotonic() - started < 0.39
    assert (bybit.failure, bybit.read_only) == (None, True)
    assert (okx.can_trade, okx.expires) == (True, date(2027, 3, 12))


async def test_a_refused_key_is_named_with_its_cause_and_the_others_are_fine(clock: Hands) -> None:
    refused = FakeSource("kraken", down(FailureKind.BAD_KEY), clock=clock)
    refused.key_failure = down(FailureKind.BAD_KEY)
    kraken, okx = await Check(collecting(refused, FakeSource("okx", {}, clock=clock), clock=clock), clock).run()
    assert kraken.failure == down(FailureKind.BAD_KEY)
    assert kraken.read_only is None
    assert okx.failure is None


async def test_one_that_hangs_ends_with_its_patience(clock: Hands) -> None:
    source = FakeSource("kraken", HANG, clock=clock, patience=0.05, takes=5)
    (kraken,) = await Check(collecting(source, clock=clock), clock).run()
    assert kraken.failure == down(FailureKind.TIMEOUT)
    assert kraken.seconds < 1


async def test_a_venue_that_wants_peace_is_not_asked_even_for_rights(clock: Hands) -> None:
    source = FakeSource("okx", down(FailureKind.RATE_LIMITED, retry_at=NOON + timedelta(minutes=2)), clock=clock)
    collect = collecting(source, clock=clock)
    await collect.collect(max_age=timedelta(0))
    (okx,) = await Check(collect, clock).run()
    assert source.asked == 1
    assert okx.read_only is None
    assert okx.failure is not None


async def test_a_brokers_statement_is_named_by_its_day_in_new_york(clock: Hands) -> None:
    old = statement("ibkr", {"USD": "5"}, NOON.replace(hour=5))
    (ibkr,) = await Check(collecting(FakeSource("ibkr", old, clock=clock), clock=clock), clock).run()
    assert ibkr.statement == date(2026, 11, 19)


async def test_the_region_is_told_where_the_key_works(clock: Hands) -> None:
    class Regional(FakeSource):
        region = "eea"

    works, refused = Regional("okx", {}, clock=clock), Regional("bybit", down(FailureKind.BAD_KEY), clock=clock)
    checks = await Check(collecting(works, refused, clock=clock), clock).run()
    assert [row["region"] for row in as_json(checks, READER)] == ["eea", None]


async def test_as_json_what_cannot_be_told_is_null(clock: Hands) -> None:
    checks = await Check(collecting(FakeSource("okx", down(), clock=clock), clock=clock), clock).run()
    (row,) = json.loads(json.dumps(as_json(checks, READER)))
    assert (row["ok"], row["error"]["kind"], row["may_trade"]) == (False, "unreachable", None)


async def test_whose_it_is_how_its_clock_goes_and_what_to_do_stand_in_the_row(clock: Hands) -> None:
    class Telling(FakeSource):
        identity = Identity("1")
        skew = 90.04

    source = Telling("okx", {"BTC": "1"}, clock=clock)
    source.key = KeyRights(read_only=False, can_withdraw=True, ip_bound=True, expires=date(2026, 11, 25))
    [row] = as_json(await Check(collecting(source, clock=clock), clock).run(), READER)
    assert (row["ok"], row["identity"], row["skew_seconds"], row["address_bound"]) == (True, True, 90.0, True)
    assert row["todo"] == [
        "Okx: this key may withdraw. Make a read-only one instead.",
        "Okx: the key ends on 25\N{NO-BREAK SPACE}Nov. Make the next one in time.",
        "Okx: this server's clock is off by +90 s. Let it set its clock: timedatectl set-ntp true",
    ]


async def test_the_same_account_under_two_labels_is_said_by_the_second(clock: Hands) -> None:
    class Telling(FakeSource):
        identity = Identity("1")

    sources = [Telling(name, {"BTC": "1"}, clock=clock) for name in ("okx", "okx-second")]
    first, second = as_json(await Check(collecting(*sources, clock=clock), clock).run(), READER)
    assert (first["ok"], second["ok"]) == (True, False)
    assert str(second["todo"]).startswith("['Okx-Second: the key is refused (it opens the same account as Okx, okx).")
