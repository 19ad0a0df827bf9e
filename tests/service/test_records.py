"""Deposits and withdrawals by hand: entered, found to be told already, corrected, taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import NOT_PRICED, Origin, Worth, WorthSource
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.records import Correction, Draft, Records
from portfolio_bot.service.transfers import Transfers
from portfolio_bot.storage import ledger
from portfolio_bot.storage.store import Store
from tests.service.fakes import NOON, Hands

PARIS = Calendar.of("Europe/Paris")
GIFT = Draft(FlowKind.DEPOSIT, Decimal(5), "BTC", note="a gift")


class Heard:
    """What was told to have changed."""

    def __init__(self) -> None:
        self.flows: list[CashFlow] = []

    async def __call__(self, flow: CashFlow) -> None:
        self.flows.append(flow)


def records(store: Store, clock: Hands, heard: Heard | None = None) -> Records:
    return Records(store, PARIS, clock, Transfers(store, PARIS, clock), heard)


async def there(store: Store) -> list[CashFlow]:
    async with store.read() as tx:
        return await ledger.flows(tx)


async def told(store: Store, **fields: object) -> CashFlow:
    """A deposit that a platform told."""
    flow = replace(CashFlow("9", "okx", FlowKind.DEPOSIT, NOON, "BTC", Decimal(5)), **fields)  # type: ignore[arg-type]
    await store.write(lambda tx: ledger.store(tx, "okx", "deposits", [flow]))
    return flow


async def test_a_deposit_is_stored_as_it_was_said(store: Store, clock: Hands) -> None:
    heard = Heard()
    hand = records(store, clock, heard)
    made = await hand.add(hand.drafted(GIFT))
    assert (made.amount, made.account, made.at, made.origin, made.note) == (
        Decimal(5), "manual", clock.now, Origin.MANUAL, "a gift",
    )  # fmt: skip
    assert await there(store) == heard.flows == [made]


async def test_the_kind_gives_the_sign(store: Store, clock: Hands) -> None:
    taken = records(store, clock).drafted(replace(GIFT, kind=FlowKind.WITHDRAWAL, usd=Decimal(7)))
    assert (taken.amount, taken.usd) == (Decimal(-5), Worth(Decimal(-7), WorthSource.STATED))


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ({"amount": Decimal(0)}, "0"),
        ({"amount": Decimal(-5)}, "-5"),
        ({"usd": Decimal(0)}, "0"),
        ({"cost": Decimal(-1)}, "-1"),
        ({"at": NOON + timedelta(days=1)}, "2026-11-21"),
        ({"at": date(2026, 11, 22)}, "2026-11-22"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    store: Store, clock: Hands, wrong: dict[str, Decimal], value: str
) -> None:
    with pytest.raises(UserError) as refused:
        records(store, clock).drafted(replace(GIFT, **wrong))  # type: ignore[arg-type]
    assert refused.value.refusal.value.startswith(value)


@pytest.mark.parametrize(
    ("fields", "alike"),
    [
        ({}, True),
        ({"at": NOON - timedelta(minutes=59)}, True),
        ({"at": NOON - timedelta(minutes=61)}, False),
        ({"amount": Decimal("5.1")}, False),
        ({"asset": "ETH"}, False),
        ({"at": NOON - timedelta(hours=9), "txid": "AB"}, True),
    ],
)
async def test_a_record_that_is_told_already_is_found(
    store: Store, clock: Hands, fields: dict[str, object], alike: bool
) -> None:
    known = await told(store, **fields)
    hand = records(store, clock)
    draft = hand.drafted(replace(GIFT, at=NOON, txid="ab"))
    assert await hand.like(draft) == ([known] if alike else [])


async def test_a_day_without_a_time_is_like_any_record_of_that_day(store: Store, clock: Hands) -> None:
    known, hand = await told(store), records(store, clock)
    assert await hand.like(hand.drafted(replace(GIFT, at=date(2026, 11, 20)))) == [known]


async def test_a_typed_record_can_be_corrected_in_everything(store: Store, clock: Hands) -> None:
    hand = records(store, clock)
    made = await hand.add(hand.drafted(GIFT))
    change = Correction(FlowKind.WITHDRAWAL, Decimal(2), "ETH", "cold", NOON - timedelta(days=1), Decimal(9))
    after = await hand.edit(made, change)
    assert await there(store) == [after]
    assert (after.id, after.amount, after.asset, after.account) == (made.id, Decimal(-2), "ETH", "cold")
    assert after.usd == Worth(Decimal(-9), WorthSource.STATED)


async def test_a_corrected_amount_is_valued_anew(store: Store, clock: Hands) -> None:
    hand = records(store, clock)
    made = await hand.add(hand.drafted(replace(GIFT, usd=Decimal(10))))
    assert (await hand.edit(made, Correction(note="x"))).usd == made.usd
    assert (await hand.edit(made, Correction(amount=Decimal(6)))).usd == NOT_PRICED


async def test_of_what_a_platform_told_only_value_cost_and_note_are_ours(store: Store, clock: Hands) -> None:
    known, hand = await told(store), records(store, clock)
    after = await hand.edit(known, Correction(usd=Decimal(100), cost=Decimal(50), note="paid back"))
    assert (after.usd, after.cost, after.note) == (
        Worth(Decimal(100), WorthSource.STATED), Decimal(50), "paid back",
    )  # fmt: skip
    with pytest.raises(UserError, match="told again"):
        await hand.edit(known, Correction(amount=Decimal(6)))
    with pytest.raises(UserError, match="told again"):
        await hand.remove(known)


async def test_what_a_platform_tells_again_leaves_our_value_alone(store: Store, clock: Hands) -> None:
    known, hand = await told(store), records(store, clock)
    after = await hand.edit(known, Correction(usd=Decimal(100), note="mine"))
    await told(store)
    assert await there(store) == [after]


async def test_a_removed_record_comes_back_as_it_was(store: Store, clock: Hands) -> None:
    hand = records(store, clock)
    made = await hand.add(hand.drafted(GIFT))
    await hand.remove(made)
    assert await there(store) == []
    await hand.add(made)
    assert await there(store) == [made]


async def test_an_id_that_is_none_or_on_two_accounts_is_refused(store: Store, clock: Hands) -> None:
    hand, known = records(store, clock), await told(store)
    await store.write(lambda tx: ledger.store(tx, "gateio", "deposits", [replace(known, account="gateio")]))
    with pytest.raises(UserError, match="id of no flow"):
        await hand.find("77")
    with pytest.raises(UserError, match="gateio, okx"):
        await hand.find("9")
    assert await hand.find("okx:9") == await hand.find("9", "okx") == known
