"""What the owner says about transfers, kept; what is on its way, by records and by balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from portfolio_bot.analytics.transfers import Alone, Matching
from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind, MatchedBy
from portfolio_bot.model.reading import Live, Reading
from portfolio_bot.report.movements import handle
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger, snapshots
from portfolio_bot.storage.errors import StoreBusy
from portfolio_bot.storage.store import Store, open_store
from tests.builders import failed, info, rates
from tests.service.fakes import NOON, Hands, statement

DAYS = Calendar.of("Europe/Paris")


def sent(name: str = "w", *, account: str = "bybit", hours: float = -2, amount: str = "1", **more: str) -> CashFlow:
    at = NOON + timedelta(hours=hours)
    return CashFlow(name, account, FlowKind.WITHDRAWAL, at, more.get("asset", "BTC"), -Decimal(amount))


def got(name: str = "d", *, account: str = "okx", hours: float = -1, amount: str = "1", **more: str) -> CashFlow:
    at = NOON + timedelta(hours=hours)
    asset, txid = more.get("asset", "BTC"), more.get("txid")
    return CashFlow(name, account, FlowKind.DEPOSIT, at, asset, Decimal(amount), txid=txid)


async def put(store: Store, *flows: CashFlow) -> None:
    for flow in flows:
        await store.write(lambda tx, one=flow: ledger.store(tx, one.account, "", [one]))  # type: ignore[misc]


@pytest.fixture
def transfers(store: Store, clock: Hands) -> Transfers:
    return Transfers(store, DAYS, clock)


def links(matching: Matching) -> set[tuple[str, str]]:
    return {(link.withdrawal.id, link.deposit.id) for link in matching.transfers}


def reasons(matching: Matching) -> dict[str, Alone]:
    return {one.flow.id: one.reason for one in matching.external}


async def test_what_is_stored_is_matched_when_it_is_refreshed(store: Store, transfers: Transfers) -> None:
    assert links(await transfers.matching()) == set()
    await put(store, sent(), got())
    assert links(await transfers.matching()) == set()
    assert links(await transfers.refresh()) == {("w", "d")}


async def test_time_alone_ends_a_transfer_that_nobody_received(
    store: Store, transfers: Transfers, clock: Hands
) -> None:
    await put(store, sent())
    assert [flow.id for flow in (await transfers.matching()).in_transit] == ["w"]
    assert [flow.id for flow in transfers.under_way()] == ["w"]
    clock.turn(hours=23)
    assert reasons(await transfers.matching()) == {"w": Alone.NO_DEPOSIT}


async def test_a_wrong_match_is_undone_and_stays_undone(tmp_path: Path, clock: Hands) -> None:
    async with open_store(tmp_path / "kept", clock=clock) as store:
        transfers = Transfers(store, DAYS, clock)
        await put(store, sent(), got())
        withdrawal, deposit = await transfers.part("d", by="chat")
        assert (withdrawal.id, deposit.id) == ("w", "d")
        assert links(await transfers.matching()) == set()
    async with open_store(tmp_path / "kept", clock=clock) as store:
        again = Transfers(store, DAYS, clock)
        await put(store, sent(), got())
        assert links(await again.refresh()) == set()
        assert (await again.reset("w", by="cli")).id == "w"
        assert links(await again.matching()) == {("w", "d")}


async def test_the_owner_joins_what_the_rules_would_not(store: Store, transfers: Transfers) -> None:
    await put(store, sent(), got(amount="0.7", hours=30))
    await transfers.join("d", "w", by="chat")
    assert (await transfers.matching()).transfers == ()  # the deposit is of tomorrow
    await put(store, got("near", amount="0.7"))
    await transfers.join("near", "w", by="chat")
    (link,) = (await transfers.matching()).transfers
    assert (link.by, link.deposit.id) == (MatchedBy.OWNER, "near")


async def test_an_external_flow_is_no_transfer(store: Store, transfers: Transfers) -> None:
    await put(store, sent(), got())
    assert (await transfers.external("w", by="chat")).id == "w"
    assert reasons(await transfers.matching()) == {"w": Alone.OWNER, "d": Alone.NO_WITHDRAWAL}


async def test_the_last_word_can_be_taken_back_once(store: Store, transfers: Transfers) -> None:
    await put(store, sent(), got(), got("other", amount="0.9"))
    await transfers.join("w", "other", by="chat")
    await transfers.external("w", by="chat")
    await transfers.undo(by="chat")
    assert links(await transfers.matching()) == {("w", "other")}
    with pytest.raises(UserError, match="taken back"):
        await transfers.undo(by="chat")


async def test_taking_back_a_reset_says_it_all_again(store: Store, transfers: Transfers) -> None:
    await put(store, sent(), got())
    await transfers.part("w", "d", by="chat")
    await transfers.reset("d", by="chat")
    await transfers.undo(by="chat")
    assert links(await transfers.matching()) == set()


async def test_a_flow_is_named_by_id_by_account_and_id_by_transaction_or_by_its_short_name(
    store: Store, transfers: Transfers
) -> None:
    await put(store, sent("7"), got("7", txid="0xAB"), got("BTC:7", account="kraken", amount="5"))
    assert (await transfers.external("bybit:7", by="cli")).key == ("bybit", "7")
    assert (await transfers.external("7", account="okx", by="cli")).key == ("okx", "7")
    assert (await transfers.external("0xab", by="cli")).key == ("okx", "7")
    assert (await transfers.external("BTC:7", by="cli")).key == ("kraken", "BTC:7")
    assert (await transfers.external(handle(("bybit", "7")), by="cli")).key == ("bybit", "7")


@pytest.mark.parametrize(
    ("action", "args", "says"),
    [
        ("external", ["nowhere"], '"nowhere" is no deposit, withdrawal or transfer that is known.'),
        ("external", ["7"], '"7" is an id on several accounts (bybit, okx). Say which:'),
        ("part", ["w"], '"w" is linked with no other flow.'),
        ("part", ["w", "w2"], '"w2" goes the same way as w.'),
        ("join", ["w", "e"], '"e" is ETH, not the same as w.'),
        ("reset", ["w"], '"w" was never spoken about.'),
    ],
)
async def test_a_wish_that_cannot_be_met_is_explained(
    store: Store, transfers: Transfers, action: str, args: list[str], says: str
) -> None:
    await put(store, sent(), sent("w2", amount="9"), sent("7", amount="3"), got("7", amount="8"))
    await put(store, got("e", asset="ETH", amount="77"))
    with pytest.raises(UserError) as raised:
        await getattr(transfers, action)(*args, by="chat")
    assert str(raised.value).startswith(says)


async def test_candidates_are_what_is_alone_on_other_accounts_nearest_amount_first(
    store: Store, transfers: Transfers
) -> None:
    lone = sent(amount="1", hours=-40)
    await put(store, lone, got("far", amount="3"), got("near", amount="0.8"), got("own", account="bybit"))
    await put(store, got("eth", asset="ETH"))
    assert [flow.id for flow in await transfers.candidates(lone)] == ["near", "far"]


def reading(account: str, amounts: Mapping[str, str], hours: float) -> Live:
    return Live(account, statement(account, amounts, NOON + timedelta(hours=hours)))


async def snapshot(store: Store, *readings: Reading, hours: float) -> None:
    at = NOON + timedelta(hours=hours)
    made = value(readings, info(*(one.account for one in readings)), rates(), at=at)
    await store.write(lambda tx: snapshots.add(tx, made, trigger="poll"))


async def moving(transfers: Transfers, clock: Hands, *readings: Reading) -> list[str]:
    return [one.flow.id for one in await transfers.moving(readings, clock.now)]


async def test_money_on_its_way_is_counted_until_the_balance_has_it(
    store: Store, transfers: Transfers, clock: Hands
) -> None:
    await snapshot(store, reading("bybit", {"BTC": "3"}, -3), reading("okx", {"BTC": "1"}, -3), hours=-3)
    await put(store, sent())
    left = reading("bybit", {"BTC": "2"}, -1)
    assert await moving(transfers, clock, left, reading("okx", {"BTC": "1"}, -1)) == ["w"]
    assert await moving(transfers, clock, left, reading("okx", {"BTC": "2"}, 0)) == []
    # it stays arrived though it is sold there before its record is read
    assert await moving(transfers, clock, left, reading("okx", {"BTC": "1.2"}, 0)) == []
    await put(store, got())
    await transfers.refresh()
    assert await moving(transfers, clock, left, reading("okx", {"BTC": "1.2"}, 0)) == []


async def test_after_a_restart_the_snapshot_from_before_tells_what_arrived(store: Store, clock: Hands) -> None:
    await snapshot(store, reading("bybit", {"BTC": "3"}, -3), reading("okx", {"BTC": "1"}, -3), hours=-3)
    await put(store, sent())
    after = (reading("bybit", {"BTC": "2"}, 0), reading("okx", {"BTC": "2"}, 0))
    assert await moving(Transfers(store, DAYS, clock), clock, *after) == []


async def test_one_rise_is_not_taken_for_two_transfers(store: Store, transfers: Transfers, clock: Hands) -> None:
    await snapshot(store, reading("bybit", {"BTC": "5"}, -3), reading("okx", {"BTC": "1"}, -3), hours=-3)
    await put(store, sent("w1"), sent("w2", hours=-1.5))
    first = (reading("bybit", {"BTC": "3"}, -1), reading("okx", {"BTC": "2"}, -1))
    assert await moving(transfers, clock, *first) == ["w2"]
    assert await moving(transfers, clock, *first) == ["w2"]
    assert await moving(transfers, clock, first[0], reading("okx", {"BTC": "3"}, 0)) == []


async def test_an_account_whose_last_answer_is_from_before_does_not_have_it_yet(
    store: Store, transfers: Transfers, clock: Hands
) -> None:
    await put(store, sent(), got())
    readings = reading("bybit", {"BTC": "2"}, 0), reading("okx", {"BTC": "1"}, -1.5)
    (one,) = await transfers.moving(readings, clock.now)
    assert (one.flow.id, one.destination) == ("w", "okx")
    assert await moving(transfers, clock, reading("bybit", {"BTC": "3"}, -3), readings[1]) == []


async def test_a_database_that_is_busy_leaves_what_was_found_last(
    store: Store, transfers: Transfers, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, sent())
    left = reading("bybit", {"BTC": "2"}, 0)
    assert await moving(transfers, clock, left) == ["w"]

    def busy() -> None:
        raise StoreBusy("portfolio.db")

    with monkeypatch.context() as patched:
        patched.setattr(store, "read", busy)
        transfers.outdated()
        assert await moving(transfers, clock, left) == ["w"]
    await put(store, got())
    assert links(await transfers.matching()) == {("w", "d")}


async def test_what_left_an_account_that_nobody_reads_was_no_part_of_the_total(
    store: Store, transfers: Transfers, clock: Hands
) -> None:
    await put(store, sent(account="cold-wallet"))
    assert await moving(transfers, clock, reading("bybit", {"BTC": "2"}, 0)) == []


async def test_what_left_an_account_that_failed_is_still_ours(store: Store, transfers: Transfers, clock: Hands) -> None:
    await put(store, sent())
    assert await moving(transfers, clock, failed("bybit"), reading("okx", {"BTC": "1"}, 0)) == ["w"]


async def test_a_join_of_what_is_another_asset_now_is_left_out(
    store: Store, transfers: Transfers, caplog: pytest.LogCaptureFixture
) -> None:
    await put(store, sent(), got(amount="0.5"))
    await transfers.join("w", "d", by="chat")
    await put(store, replace(got(amount="0.5"), asset="WBTC"))
    assert links(await transfers.refresh()) == set()
    assert "different assets" in caplog.text
