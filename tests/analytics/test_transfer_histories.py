"""A thousand random histories, judged by a second reading of the rules that tries everything there is to try."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.transfers import Alone, Matching, Pair, Verdicts, match
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKey, FlowKind, MatchedBy
from portfolio_bot.model.trade import Fee

UTC_DAYS = Calendar.of("UTC")
START = datetime(2026, 1, 10, 10, tzinfo=UTC)
NOW = START + timedelta(days=3)
STRENGTH = (MatchedBy.OWNER, MatchedBy.STATED, MatchedBy.TXID, MatchedBy.AMOUNT_TIME)


def row(name: str, account: str, kind: FlowKind, minutes: float, amount: str, **more: str | None) -> CashFlow:
    asset, txid, fee = more.get("asset") or "BTC", more.get("txid"), more.get("fee")
    return CashFlow(
        name,
        account,
        kind,
        START + timedelta(minutes=minutes),
        asset,
        Decimal(amount),
        fee=Fee(asset, Decimal(fee)) if fee else None,
        txid=txid,
        wallets=more.get("wallets") or "",
    )


def between_accounts(dice: random.Random, number: int, *, distinct: bool) -> tuple[list[CashFlow], set[Pair]]:
    """A transfer of which one side may be missing, amounts that repeat often or never, ids that may be left out."""
    sender, receiver = dice.sample("abcd", 2)
    amount = str(number * 3 + 1) if distinct else dice.choice(("1", "1", "2", "0.5"))
    fee = dice.choice((None, "0.5", "0.001"))
    printed = str(Decimal(amount) + Decimal(fee)) if fee and dice.random() < 0.2 else amount
    left, delay = dice.randrange(0, 2880), dice.choice((-5, 0, 10, 700, 1440))
    txid, asset = dice.choice((None, f"tx{number}")), dice.choice(("BTC", "BTC", "ETH"))
    more = {"asset": asset, "txid": txid}
    sent = row(f"w{number}", sender, FlowKind.WITHDRAWAL, left, f"-{printed}", fee=fee, **more)
    got = row(
        f"d{number}", receiver, FlowKind.DEPOSIT, left + delay, amount, asset=asset, txid=dice.choice((txid, None))
    )
    fate = dice.randrange(7)
    if fate == 0:
        return [got], set()
    if fate == 1:
        return [replace(sent, settled=dice.random() < 0.5)], set()
    return [sent, got], {(sent.key, got.key)}


def inside_a_venue(dice: random.Random, number: int) -> tuple[list[CashFlow], set[Pair]]:
    """A movement between wallets, to an own sub-account, or to one that is not ours. Ids are small and repeat."""
    sender = dice.choice("abcd")
    receiver = dice.choice((sender, sender, *"abcd"))
    wallets = dice.choice(("main → sub-account 10002", "spot → earn"))
    more = {"txid": dice.choice((f"{number}", "7", None)), "wallets": wallets}
    minutes, amount = dice.randrange(0, 2880), dice.choice(("1", "2"))
    sent = row(f"w{number}", sender, FlowKind.TRANSFER, minutes, f"-{amount}", **more)
    got = row(f"d{number}", receiver, FlowKind.TRANSFER, minutes, amount, **more)
    fate = dice.randrange(4)
    return ([sent], set()) if fate == 0 else ([got], set()) if fate == 1 else ([sent, got], set())


def history(dice: random.Random, *, distinct: bool = False) -> tuple[list[CashFlow], set[Pair]]:
    flows, truth = list[CashFlow](), set[Pair]()
    for number in range(dice.randrange(1, 8)):
        if not distinct and dice.random() < 0.3:
            made, linked = inside_a_venue(dice, number)
        else:
            made, linked = between_accounts(dice, number, distinct=distinct)
        flows += made
        truth |= linked
    return flows, truth


def said(dice: random.Random, flows: list[CashFlow]) -> Verdicts:
    """The owner speaks about some of them, consistently."""
    pairs = [(s.key, g.key) for s in flows for g in flows if s.amount < 0 < g.amount and s.asset == g.asset]
    dice.shuffle(pairs)
    joined = {pairs.pop()} if pairs and dice.random() < 0.2 else set()
    spoken = {key for pair in joined for key in pair}
    external = {flow.key for flow in flows if flow.key not in spoken and dice.random() < 0.05}
    return Verdicts(joined, {pair for pair in pairs if dice.random() < 0.1}, external)


def link_of(sent: CashFlow, got: CashFlow, verdicts: Verdicts) -> MatchedBy | None:
    """The rules once more, said differently: what may link the two."""
    keys = (sent.key, got.key)
    if sent.asset != got.asset or not sent.amount < 0 < got.amount:
        return None
    if keys in verdicts.joined:
        return MatchedBy.OWNER
    spoken = verdicts.external | {key for pair in verdicts.joined for key in pair}
    if keys in verdicts.parted or not spoken.isdisjoint(keys):
        return None
    both_transfers = sent.kind == got.kind == FlowKind.TRANSFER
    if sent.txid and got.txid:
        if sent.txid != got.txid or (sent.account == got.account and not both_transfers):
            return None
        return MatchedBy.STATED if both_transfers else MatchedBy.TXID
    assert isinstance(sent.at, datetime)
    assert isinstance(got.at, datetime)
    if sent.account == got.account and sent.wallets == got.wallets == "spot → earn":
        at_once = abs((got.at - sent.at).total_seconds()) <= 300
        return MatchedBy.AMOUNT_TIME if at_once and got.amount == -sent.amount else None
    if sent.account == got.account or sent.wallets or got.wallets:
        return None
    if not -300 <= (got.at - sent.at).total_seconds() <= 86400:
        return None
    return MatchedBy.AMOUNT_TIME if off(sent, got) <= max(Decimal("1e-8"), -sent.amount / 10**6) else None


def off(sent: CashFlow, got: CashFlow) -> Decimal:
    fee = sent.fee.amount if sent.fee else Decimal(0)
    return min(abs(got.amount + sent.amount + part) for part in (Decimal(0), fee))


def most(edges: Iterable[Pair]) -> int:
    """The size of a largest matching, by trying everything."""
    rows = list(edges)
    if not rows:
        return 0
    left = rows[0][0]
    others = [edge for edge in rows if edge[0] != left]
    return max(most(others), *(1 + most(e for e in others if e[1] != right) for first, right in rows if first == left))


def firm(flows: Mapping[FlowKey, CashFlow], ways: Mapping[Pair, MatchedBy]) -> set[Pair]:
    """The links that the owner or an id make: one by one, always the strongest of those that are left."""

    def strength(pair: Pair) -> tuple[int, bool, Decimal, timedelta, Pair]:
        sent, got = flows[pair[0]], flows[pair[1]]
        assert isinstance(sent.at, datetime)
        assert isinstance(got.at, datetime)
        apart = sent.account != got.account
        return STRENGTH.index(ways[pair]), apart, off(sent, got), abs(got.at - sent.at), pair

    chosen: set[Pair] = set()
    left = {pair for pair, way in ways.items() if way is not MatchedBy.AMOUNT_TIME}
    while left:
        best = min(left, key=strength)
        chosen.add(best)
        left = {pair for pair in left if not set(pair) & set(best)}
    return chosen


def place_alone(flow: CashFlow, verdicts: Verdicts) -> str:
    """Where a flow without another side belongs."""
    assert isinstance(flow.at, datetime)
    if flow.key in verdicts.external:
        return Alone.OWNER
    if flow.wallets == "spot → earn":
        return "inside"
    if flow.amount > 0:
        return Alone.NO_WITHDRAWAL
    if not flow.settled or (not flow.wallets and NOW - flow.at <= timedelta(hours=24)):
        return "moving"
    return Alone.NO_DEPOSIT


def check(flows: list[CashFlow], verdicts: Verdicts, made: Matching) -> None:
    by_key = {flow.key: flow for flow in flows}
    links = {(link.withdrawal.key, link.deposit.key): link.by for link in made.transfers}
    sides = [key for pair in links for key in pair]
    alone: dict[FlowKey, str] = {one.flow.key: one.reason for one in made.external}
    alone |= {flow.key: "moving" for flow in made.in_transit} | {flow.key: "inside" for flow in made.inside}
    assert sorted([*sides, *alone]) == sorted(by_key)  # each in one place, none twice
    ways = {(s.key, g.key): way for s in flows for g in flows if (way := link_of(s, g, verdicts))}
    assert all(ways.get(pair) is by for pair, by in links.items())
    expected = firm(by_key, ways)
    assert {pair for pair, by in links.items() if by is not MatchedBy.AMOUNT_TIME} == expected
    taken = {key for pair in expected for key in pair}
    loose = [p for p, way in ways.items() if way is MatchedBy.AMOUNT_TIME and not taken & set(p)]
    assert len(links) - len(expected) == most(loose)
    assert alone == {key: place_alone(by_key[key], verdicts) for key in alone}


@pytest.mark.parametrize("block", range(10))
def test_a_thousand_histories_have_no_double_and_no_missed_link(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        dice = random.Random(seed)
        flows, _ = history(dice)
        verdicts = said(dice, flows)
        made = match(flows, at=NOW, calendar=UTC_DAYS, verdicts=verdicts)
        check(flows, verdicts, made)
        dice.shuffle(flows)
        assert match([*flows, *flows], at=NOW, calendar=UTC_DAYS, verdicts=verdicts) == made


def test_histories_without_twins_are_matched_as_they_happened() -> None:
    for seed in range(300):
        flows, truth = history(random.Random(seed), distinct=True)
        made = match(flows, at=NOW, calendar=UTC_DAYS)
        assert {(link.withdrawal.key, link.deposit.key) for link in made.transfers} == truth
