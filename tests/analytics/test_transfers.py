"""Own transfers: the examples, the edges of the rules, the owner's word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.analytics.pairing import pair_up
from portfolio_bot.analytics.transfers import Alone, Matching, Rules, Verdicts, match, next_change, under_way
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, Confidence, FlowKind, MatchedBy
from portfolio_bot.model.trade import Fee

UTC_DAYS = Calendar.of("UTC")
START = datetime(2026, 1, 10, 10, tzinfo=UTC)
LATER = START + timedelta(days=30)
FILE = Path(__file__).parents[1] / "fixtures" / "analytics" / "internal_transfers.json"
CASES = {case["id"]: case for case in json.loads(FILE.read_text())["cases"]}


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def out(
    amount: str,
    minutes: float = 0,
    *,
    fee: str = "0",
    txid: str | None = None,
    account: str = "a",
    asset: str = "BTC",
    name: str = "w",
    kind: str = "withdrawal",
) -> CashFlow:
    costs = Fee(asset, Decimal(fee)) if Decimal(fee) else None
    at = START + timedelta(minutes=minutes)
    return CashFlow(name, account, FlowKind(kind), at, asset, -Decimal(amount), fee=costs, txid=txid)


def into(
    amount: str,
    minutes: float = 30,
    *,
    txid: str | None = None,
    account: str = "b",
    asset: str = "BTC",
    name: str = "d",
    kind: str = "deposit",
) -> CashFlow:
    at = START + timedelta(minutes=minutes)
    return CashFlow(name, account, FlowKind(kind), at, asset, Decimal(amount), txid=txid)


def found(
    *flows: CashFlow, at: datetime = LATER, rules: Rules | None = None, verdicts: Verdicts | None = None
) -> Matching:
    return match(flows, at=at, calendar=UTC_DAYS, rules=rules, verdicts=verdicts)


def names(matching: Matching) -> set[tuple[str, str]]:
    return {(link.withdrawal.id, link.deposit.id) for link in matching.transfers}


def flow_of(row: dict[str, Any], sign: int) -> CashFlow:
    kind = FlowKind.WITHDRAWAL if sign < 0 else FlowKind.DEPOSIT
    fee = Fee(row["asset"], Decimal(row["fee"])) if "fee" in row else None
    amount = sign * Decimal(row["amount"])
    return CashFlow(
        row["id"], row["account"], kind, instant(row["t"]), row["asset"], amount, fee=fee, txid=row.get("txid")
    )


@pytest.mark.parametrize("name", [name for name in CASES if "deposits" in CASES[name]])
def test_the_examples_are_matched(name: str) -> None:
    case, expected = CASES[name], CASES[name]["expected"]
    flows = [flow_of(row, -1) for row in case["withdrawals"]] + [flow_of(row, 1) for row in case["deposits"]]
    made = found(*flows, at=instant(case["as_of"]))
    assert [(link.withdrawal.id, link.deposit.id, link.network_fee, link.by) for link in made.transfers] == [
        (row["withdrawal"], row["deposit"], Decimal(row["network_fee"]), row["by"]) for row in expected["pairs"]
    ]
    assert [flow.id for flow in made.in_transit] == expected["in_transit"]
    assert [(one.flow.kind, one.flow.id) for one in made.external] == [
        (row["kind"], row["id"]) for row in expected["external"]
    ]


def test_money_in_transit_stays_in_the_total() -> None:
    case = CASES["xfer-nav"]
    move = case["transfer"]
    fee = str(Decimal(move["debited"]) - Decimal(move["received"]))
    sent = replace(out(move["received"], fee=fee, account="A"), at=instant(move["t_out"]))
    got = replace(into(move["received"], account="B"), at=instant(move["t_in"]))
    made = found(sent, got)
    totals = []
    for row in case["snapshots"]:
        held = Decimal(row["A"]["BTC"]) + Decimal(row["B"]["BTC"])
        moving = sum(-flow.amount for flow in under_way(made, instant(row["t"]), UTC_DAYS))
        totals.append((held + moving) * Decimal(row["btc_price"]))
    expected = case["expected"]
    assert totals == [Decimal(value) for value in expected["nav_with_in_transit"]]
    assert totals[-1] / totals[0] - 1 == Decimal(expected["twr"])
    assert made.transfers[0].network_fee * 100000 == Decimal(expected["fee_usd_at_transfer"])
    assert [one.flow.id for one in made.external] == expected["external_flows"]


def test_before_it_has_arrived_it_is_in_transit() -> None:
    sent, got = out("1", fee="0.0005"), into("1", 40)
    early = found(sent, got, at=START + timedelta(minutes=30))
    assert (early.in_transit, early.transfers, early.external) == ((sent,), (), ())


@pytest.mark.parametrize(("hours", "moving"), [(24, True), (24.01, False)])
def test_an_outflow_that_reached_nobody_within_its_window_is_to_be_looked_at(hours: float, *, moving: bool) -> None:
    made = found(out("1"), at=START + timedelta(hours=hours))
    assert bool(made.in_transit) is moving
    assert bool(made.unexplained) is not moving


@pytest.mark.parametrize(("minutes", "linked"), [(-5, True), (-5.01, False), (1440, True), (1440.01, False)])
def test_the_window_has_edges(minutes: float, *, linked: bool) -> None:
    assert bool(found(out("1"), into("1", minutes)).transfers) is linked


def test_an_asset_may_have_a_longer_window() -> None:
    slow = Rules(windows={"BTC": timedelta(hours=72)})
    assert found(out("1"), into("1", 71 * 60), rules=slow).transfers
    assert not found(out("1", asset="ETH"), into("1", 71 * 60, asset="ETH"), rules=slow).transfers


@pytest.mark.parametrize(
    ("sent", "got", "linked"),
    [
        ("1", "1.000001", True),
        ("1", "1.0000011", False),
        ("0.001", "0.00100001", True),
        ("0.001", "0.001000011", False),
    ],
)
def test_amounts_may_differ_by_a_millionth_or_a_satoshi(sent: str, got: str, *, linked: bool) -> None:
    assert bool(found(out(sent), into(got)).transfers) is linked


def test_a_fee_inside_the_printed_amount_is_seen() -> None:
    link = found(out("1", fee="0.1"), into("0.9")).transfers[0]
    assert (link.fee_inside, link.debited, link.network_fee) == (True, Decimal(1), Decimal("0.1"))
    beside = found(out("1", fee="0.1"), into("1")).transfers[0]
    assert (beside.fee_inside, beside.debited, beside.network_fee) == (False, Decimal("1.1"), Decimal("0.1"))


def test_a_fee_in_another_coin_is_not_part_of_the_amount() -> None:
    sent = replace(out("1"), fee=Fee("TRX", Decimal("0.5")))
    assert not found(sent, into("0.5")).transfers
    assert found(sent, into("1")).transfers[0].network_fee == 0


def test_one_transaction_is_one_transfer_whatever_the_time() -> None:
    link = found(out("1", txid="0xABC"), into("1", 9999, txid="abc")).transfers[0]
    assert (link.by, link.confidence, link.delay) == (MatchedBy.TXID, Confidence.CERTAIN, timedelta(minutes=9999))


def test_one_transaction_with_another_amount_is_only_likely() -> None:
    link = found(out("1", txid="x"), into("0.7", txid="x")).transfers[0]
    assert (link.confidence, link.difference, link.network_fee) == (
        Confidence.LIKELY,
        Decimal("0.3"),
        Decimal("0.3"),
    )


def test_two_transactions_are_never_one_transfer() -> None:
    assert not found(out("1", txid="x"), into("1", txid="y")).transfers
    assert found(out("1", txid="x"), into("1")).transfers


@pytest.mark.parametrize("other", [{"account": "a"}, {"asset": "ETH"}])
def test_another_asset_or_the_same_account_is_no_transfer(other: dict[str, str]) -> None:
    got = replace(into("1", txid="x"), account=other.get("account", "b"), asset=other.get("asset", "BTC"))
    assert not found(out("1", txid="x"), got).transfers


def test_an_asset_may_have_two_names() -> None:
    assert found(out("1", asset="XBT"), into("1"), rules=Rules(aliases={"XBT": "BTC"})).transfers


def test_rows_that_call_themselves_one_transfer_are_certain() -> None:
    link = found(out("1", txid="t", kind="transfer"), into("1", txid="t", kind="transfer")).transfers[0]
    assert (link.by, link.confidence) == (MatchedBy.STATED, Confidence.CERTAIN)


def test_the_order_is_transaction_then_amount_then_time() -> None:
    sent = out("1", txid="x")
    by_id, exact, near = (
        into("1.0000005", 60, txid="x", name="id"),
        into("1", 20, name="exact"),
        into("1", 5, name="near"),
    )
    assert names(found(sent, by_id, exact, near)) == {("w", "id")}
    assert names(found(sent, exact, near)) == {("w", "near")}
    assert names(found(sent, exact, into("1.0000005", 5, name="near"))) == {("w", "exact")}


def test_likely_becomes_possible_when_another_would_have_done() -> None:
    alone = found(out("1"), into("1")).transfers[0]
    assert (alone.confidence, alone.rivals) == (Confidence.LIKELY, 0)
    one_of_two = found(out("1"), into("1"), into("1", 45, name="d2")).transfers[0]
    assert (one_of_two.confidence, one_of_two.rivals) == (Confidence.POSSIBLE, 1)


def test_a_stronger_link_elsewhere_is_no_rival() -> None:
    made = found(out("1"), into("1"), out("1", txid="x", name="w2"), into("1", txid="x", name="d2"))
    assert {link.withdrawal.id: link.confidence for link in made.transfers} == {
        "w": Confidence.LIKELY,
        "w2": Confidence.CERTAIN,
    }


def test_taking_the_nearest_first_does_not_leave_others_alone() -> None:
    flows = (
        out("1", 0, name="w1"),
        out("1", 23 * 60, name="w2"),
        into("1", 23.5 * 60, name="d1"),
        into("1", 46 * 60, name="d2"),
    )
    assert names(found(*flows)) == {("w1", "d1"), ("w2", "d2")}


def test_the_owner_may_join_and_part_and_call_external() -> None:
    sent, got, other = out("1"), into("1"), into("5", 9999, name="other")
    parted = found(sent, got, verdicts=Verdicts(parted={(sent.key, got.key)}))
    assert [one.reason for one in parted.external] == [Alone.NO_DEPOSIT, Alone.NO_WITHDRAWAL]
    joined = found(sent, got, other, verdicts=Verdicts(joined={(sent.key, other.key)}))
    assert names(joined) == {("w", "other")}
    assert joined.transfers[0].by is MatchedBy.OWNER
    told = found(sent, got, at=START + timedelta(hours=1), verdicts=Verdicts(external={sent.key}))
    assert [(one.flow.id, one.reason) for one in told.external] == [("w", Alone.OWNER), ("d", Alone.NO_WITHDRAWAL)]
    assert not told.in_transit


def test_an_undone_link_stays_undone_and_the_next_best_is_taken() -> None:
    sent, got, next_best = out("1"), into("1"), into("1", 50, name="next")
    assert names(found(sent, got, next_best, verdicts=Verdicts(parted={(sent.key, got.key)}))) == {("w", "next")}


def test_the_owner_cannot_join_one_flow_twice_or_two_assets() -> None:
    sent, got, other = out("1"), into("1"), into("1", name="d2", asset="ETH")
    for joined in ({(sent.key, got.key), (sent.key, other.key)}, {(sent.key, other.key)}):
        with pytest.raises(ValueError, match="one transfer"):
            found(sent, got, other, verdicts=Verdicts(joined=joined))


def test_a_verdict_about_what_is_not_there_changes_nothing() -> None:
    assert not found(out("1"), verdicts=Verdicts(joined={(("a", "w"), ("b", "gone"))})).transfers


def test_a_day_without_a_time_may_be_any_time_of_that_day() -> None:
    day = replace(out("1"), at=date(2026, 1, 10))
    link = found(day, into("1", 13.9 * 60 + 24 * 60)).transfers[0]
    assert link.confidence is Confidence.POSSIBLE
    assert not found(day, into("1", 14.1 * 60 + 24 * 60)).transfers
    assert found(day, into("1", -10 * 60)).transfers
    assert not found(day, into("1", -11 * 60)).transfers
    assert found(day, at=START).in_transit


def inner(
    amount: str,
    minutes: float = 0,
    *,
    txid: str | None = "t1",
    account: str = "a",
    name: str = "w",
    wallets: str = "spot → usd-m futures",
) -> CashFlow:
    """A row that says that it moved between wallets, or to a sub-account."""
    at = START + timedelta(minutes=minutes)
    return CashFlow(name, account, FlowKind.TRANSFER, at, "BTC", Decimal(amount), txid=txid, wallets=wallets)


def test_two_rows_of_a_movement_inside_an_account_are_one_transfer() -> None:
    link = found(inner("-1"), inner("1", name="d")).transfers[0]
    assert (link.by, link.confidence, link.inside) == (MatchedBy.STATED, Confidence.CERTAIN, True)


def test_a_movement_inside_an_account_is_never_under_way() -> None:
    made = found(inner("-1"), inner("1", 10, name="d"))
    assert under_way(made, START + timedelta(minutes=5), UTC_DAYS) == ()


def test_a_row_to_a_sub_account_is_external_at_once() -> None:
    made = found(inner("-1", wallets="main → sub-account 10002"), at=START + timedelta(minutes=1))
    assert [(one.flow.id, one.reason) for one in made.external] == [("w", Alone.NO_DEPOSIT)]
    assert not made.in_transit


def test_a_row_from_a_sub_account_meets_the_row_of_that_account() -> None:
    made = found(inner("-1", account="a-sub", txid="77"), inner("1", txid="77", name="d"))
    assert [(link.by, link.inside) for link in made.transfers] == [(MatchedBy.STATED, False)]


@pytest.mark.parametrize(("minutes", "linked"), [(-5, True), (0, True), (5, True), (5.01, False), (-5.01, False)])
def test_two_rows_without_an_id_are_one_movement_if_they_come_at_once(minutes: float, *, linked: bool) -> None:
    made = found(inner("-1", txid=None), inner("1", minutes, txid=None, name="d"))
    assert bool(made.transfers) is linked
    assert len(made.inside) == (0 if linked else 2)
    assert not made.external


def test_a_movement_inside_of_which_one_side_was_told_is_no_flow() -> None:
    made = found(inner("-1", txid=None, wallets="spot → earn"), into("1", 10))
    assert [flow.id for flow in made.inside] == ["w"]
    assert [one.flow.id for one in made.external] == ["d"]
    told = found(inner("-1"), verdicts=Verdicts(external={("a", "w")}))
    assert (told.inside, [one.reason for one in told.external]) == ((), [Alone.OWNER])


def test_what_went_to_one_sub_account_did_not_come_from_another() -> None:
    made = found(
        inner("-1", txid=None, wallets="main → sub-account 1"),
        inner("1", 1, txid=None, name="d", wallets="sub-account 2 → main"),
    )
    assert (made.transfers, made.inside, len(made.external)) == ((), (), 2)


def test_an_id_that_two_accounts_happen_to_share_links_each_within_itself() -> None:
    rows = [inner(sign + "1", account=who, name=who + sign) for who in "ab" for sign in ("-", "")]
    assert {(link.withdrawal.account, link.deposit.account) for link in found(*rows).transfers} == {
        ("a", "a"),
        ("b", "b"),
    }


def test_what_moved_inside_a_venue_is_nobody_elses_deposit() -> None:
    assert not found(out("1"), inner("1", 10, txid=None, account="b", name="d")).transfers
    assert not found(inner("-1", txid=None), into("1")).transfers


def test_two_deposits_and_withdrawals_of_one_account_are_no_transfer() -> None:
    assert not found(out("1", txid="x"), into("1", txid="x", account="a")).transfers


def test_a_withdrawal_that_is_not_finished_is_on_its_way_however_long_it_takes() -> None:
    sent = replace(out("1"), settled=False)
    made = found(sent, at=START + timedelta(days=9))
    assert (made.in_transit, made.external) == ((sent,), ())


def test_a_withdrawal_that_is_not_finished_may_have_arrived() -> None:
    made = found(replace(out("1", txid="x"), settled=False), into("1", txid="x"))
    assert (len(made.transfers), made.in_transit) == (1, ())


def test_the_owner_may_call_external_what_is_not_finished() -> None:
    sent = replace(out("1"), settled=False)
    assert found(sent, verdicts=Verdicts(external={sent.key})).external[0].reason is Alone.OWNER


def test_time_alone_changes_the_matching_when_a_window_ends_or_a_later_flow_begins() -> None:
    sent, later = out("1"), into("5", 60 * 30)
    ends = next_change([sent, later], at=START, calendar=UTC_DAYS)
    assert ends is not None
    assert found(sent, at=ends - timedelta(microseconds=1)).in_transit
    assert not found(sent, at=ends).in_transit
    assert next_change([sent, later], at=ends, calendar=UTC_DAYS) == later.at
    assert next_change([replace(sent, settled=False)], at=START, calendar=UTC_DAYS) is None


def test_other_kinds_are_left_out() -> None:
    assert found(out("1", kind="fee"), into("1", kind="income")) == Matching((), (), ())


def test_a_chain_of_partners_is_handed_on_to_its_end() -> None:
    loose = [(0, "b"), (1, "c"), (2, "d"), (0, "a"), (1, "b"), (2, "c"), (3, "d")]
    assert len(pair_up((), loose)) == 4


def test_what_is_fixed_is_never_rearranged() -> None:
    assert sorted(pair_up([(0, "b")], [(0, "a"), (1, "b")])) == [(0, "b")]


def test_a_long_chain_needs_no_deep_stack() -> None:
    size = 3000
    loose = [(left, left + 1) for left, _ in pairwise(range(size))] + [(left, left) for left in range(size)]
    assert len(pair_up((), loose)) == size
