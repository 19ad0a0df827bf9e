"""T-Bank's past against a gateway on loopback: every operation in its class, pages that must be whole, own moves."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Market, Side, Trade
from portfolio_bot.platforms.base import AccountConfig, Secret
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Record, Span, Stream
from portfolio_bot.platforms.tbank import TBank
from portfolio_bot.platforms.tbank_accounts import Inner
from portfolio_bot.platforms.tbank_operations import CASH, IN_KIND, OWN_CASH, PREFIX, TRADES, Operation
from portfolio_bot.platforms.tbank_past import Move, paired
from tests.clock import HeldClock, moment
from tests.peers.faults import Reply, instead, reset
from tests.peers.tbank import CANDLES, OPERATIONS, PORTFOLIO, TOKEN, TBankPeer, error, fixture, tbank_server
from tests.platforms.brokers import KeptMemory, surroundings
from tests.platforms.test_tbank import NOW, source

YEAR = Span(moment("2025-12-01 00:00"), moment("2026-11-20 09:00"))


@asynccontextmanager
async def opened(memory: KeptMemory | None = None) -> AsyncIterator[tuple[TBankPeer, TBank]]:
    async with tbank_server() as peer, source(peer.url, memory) as tbank:
        yield peer, tbank


async def history(tbank: TBank, span: Span = YEAR) -> list[Record]:
    found: list[Record] = []
    for stream in await tbank.streams(Hints()):
        found += (await tbank.past(stream, span)).records
    return found


def flows(records: Sequence[Record], *kinds: FlowKind) -> list[CashFlow]:
    return [record for record in records if isinstance(record, CashFlow) and (not kinds or record.kind in kinds)]


def total(records: Sequence[Record], *kinds: FlowKind) -> Decimal:
    return sum((flow.amount for flow in flows(records, *kinds) if flow.asset == "RUB"), Decimal(0))


def item(kind: str, payment: str | None = None, **more: Any) -> dict[str, Any]:
    """An operation of one's own making, after the recorded shape."""
    whole, _, rest = (payment or "0").partition(".")
    sign = -1 if whole.startswith("-") else 1
    return {
        **fixture("operations-page1.json")["items"][0],
        "id": f"id of {kind}",
        "type": f"{PREFIX}{kind}",
        "payment": {"currency": "rub", "units": whole, "nano": sign * int(rest.ljust(9, "0"))},
        **more,
    }


async def read(*items: dict[str, Any]) -> list[Record]:
    async with opened() as (peer, tbank):
        peer.operations = {"2000000001": list(items)}
        return await history(tbank)


SHARE = {"instrumentType": "share", "ticker": "SBER", "quantity": "10", "quantityDone": "10"}


async def test_a_source_of_this_kind_can_tell_its_past() -> None:
    async with opened() as (_, tbank):
        assert isinstance(tbank, KeepsLedger)
        assert [stream.title for stream in await tbank.streams(Hints())] == [
            "operations, Брокерский счёт",
            "operations, ИИС",
            "operations, Старый счёт",
        ]


async def test_the_recorded_pages_come_out_in_their_classes() -> None:
    async with opened() as (_, tbank):
        found = await history(tbank)
    assert total(found, FlowKind.DEPOSIT) == 50000
    assert total(found, FlowKind.WITHDRAWAL) == -5000
    assert total(found, FlowKind.INCOME) == Decimal(624)
    assert total(found, FlowKind.FEE) == Decimal("-42.16")  # tax 33.00, fee 9.16
    assert [(flow.asset, flow.amount) for flow in flows(found, FlowKind.DEPOSIT) if flow.asset != "RUB"] == [
        ("SBER", Decimal(10))
    ]
    assert [
        (trade.side, trade.base, trade.quote, trade.amount, trade.cost, trade.fees)
        for trade in found
        if isinstance(trade, Trade)
    ] == [(Side.BUY, "SBER", "RUB", Decimal(10), Decimal("3052.5"), ())]
    assert len({record.id for record in found}) == len(found) == 10


async def test_the_live_sandbox_counts_a_fee_once() -> None:
    async with opened() as (peer, tbank):
        peer.accounts = fixture("accounts-sandbox.json")
        number = peer.accounts["accounts"][0]["id"]
        peer.operations = {number: fixture("operations-cursor-sandbox.json")["items"]}
        found = await history(tbank)
    (trade,) = [record for record in found if isinstance(record, Trade)]
    assert total(found, FlowKind.DEPOSIT) == 200000
    assert total(found, FlowKind.FEE) == Decimal("-0.135065")
    changes = sum(flow.amount for flow in flows(found)) - trade.cost
    assert changes == Decimal("199729.734935")  # the cash that the portfolio of that moment rounds to 199729.73


async def test_a_move_between_own_accounts_is_one_transfer_with_two_sides() -> None:
    async with opened() as (_, tbank):
        sides = flows(await history(tbank), FlowKind.TRANSFER)
    assert [side.amount for side in sides] == [-3000, 3000]
    assert len({side.id for side in sides}) == 2
    assert {side.txid for side in sides} == {"op-0008"}
    assert {side.wallets for side in sides} == {"Брокерский счёт → ИИС"}


async def test_seen_from_one_account_alone_it_crosses_the_border() -> None:
    async with opened() as (peer, tbank):
        peer.accounts["accounts"] = peer.accounts["accounts"][:1]
        found = await history(tbank)
    assert not flows(found, FlowKind.TRANSFER)
    assert total(found, FlowKind.WITHDRAWAL) == -8000


async def test_the_other_side_is_found_beyond_the_window_and_under_another_id() -> None:
    async with opened() as (peer, tbank):
        out, into = item("OUT_MULTI", "-70", id="a"), item("INP_MULTI", "70", id="b", brokerAccountId="2000000002")
        out["date"], into["date"] = "2026-11-01T23:00:00Z", "2026-11-03T05:00:00Z"
        peer.operations = {"2000000001": [out], "2000000002": [into]}
        found = [
            *await history(tbank, Span(moment("2026-11-01 00:00"), moment("2026-11-02 00:00"))),
            *await history(tbank, Span(moment("2026-11-02 00:00"), moment("2026-11-04 00:00"))),
        ]
    assert [(flow.kind, flow.txid) for flow in flows(found)] == [(FlowKind.TRANSFER, "a")] * 2


async def test_shares_moved_between_own_accounts_are_a_transfer_too() -> None:
    async with opened() as (peer, tbank):
        out, into = item("OUTPUT_SECURITIES", **SHARE), item("INPUT_SECURITIES", **SHARE, brokerAccountId="2000000002")
        peer.operations = {"2000000001": [out], "2000000002": [into]}
        sides = flows(await history(tbank))
    assert [(side.kind, side.asset, side.amount) for side in sides] == [
        (FlowKind.TRANSFER, "SBER", Decimal(-10)),
        (FlowKind.TRANSFER, "SBER", Decimal(10)),
    ]


CLASSES: Mapping[str, tuple[str, FlowKind]] = {
    "INPUT": ("5", FlowKind.DEPOSIT), "INPUT_SWIFT": ("5", FlowKind.DEPOSIT),
    "INPUT_ACQUIRING": ("5", FlowKind.DEPOSIT),
    "OUTPUT": ("-5", FlowKind.WITHDRAWAL), "OUTPUT_SWIFT": ("-5", FlowKind.WITHDRAWAL),
    "OUTPUT_ACQUIRING": ("-5", FlowKind.WITHDRAWAL),
    "INP_MULTI": ("5", FlowKind.DEPOSIT), "OUT_MULTI": ("-5", FlowKind.WITHDRAWAL),
    "TRANS_IIS_BS": ("-5", FlowKind.WITHDRAWAL), "TRANS_BS_BS": ("5", FlowKind.DEPOSIT),
    "DIVIDEND": ("5", FlowKind.INCOME), "COUPON": ("5", FlowKind.INCOME), "OVERNIGHT": ("5", FlowKind.INCOME),
    "OVER_INCOME": ("5", FlowKind.INCOME), "DIVIDEND_TRANSFER": ("-5", FlowKind.FEE),
    "ACCRUING_VARMARGIN": ("5", FlowKind.FUTURES_PNL), "WRITING_OFF_VARMARGIN": ("-5", FlowKind.FUTURES_PNL),
    "OPTION_EXPIRATION": ("5", FlowKind.FUTURES_PNL), "FUTURE_EXPIRATION": ("-5", FlowKind.FUTURES_PNL),
    "BROKER_FEE": ("-5", FlowKind.FEE), "SERVICE_FEE": ("-5", FlowKind.FEE), "MARGIN_FEE": ("-5", FlowKind.FEE),
    "SUCCESS_FEE": ("-5", FlowKind.FEE), "TRACK_MFEE": ("-5", FlowKind.FEE), "TRACK_PFEE": ("-5", FlowKind.FEE),
    "CASH_FEE": ("-5", FlowKind.FEE), "OUT_FEE": ("-5", FlowKind.FEE), "OUT_STAMP_DUTY": ("-5", FlowKind.FEE),
    "OUTPUT_PENALTY": ("-5", FlowKind.FEE), "ADVICE_FEE": ("-5", FlowKind.FEE), "OVER_COM": ("-5", FlowKind.FEE),
    "TAX": ("-5", FlowKind.FEE), "BOND_TAX": ("-5", FlowKind.FEE), "DIVIDEND_TAX_PROGRESSIVE": ("-5", FlowKind.FEE),
    "TAX_CORRECTION": ("5", FlowKind.INCOME), "TAX_REPO_REFUND": ("5", FlowKind.INCOME),
    "BOND_REPAYMENT": ("5", FlowKind.CONVERSION),
    "OTHER": ("-5", FlowKind.UNCLASSIFIED), "OTHER_FEE": ("-5", FlowKind.UNCLASSIFIED),
    "DFA_REDEMPTION": ("5", FlowKind.UNCLASSIFIED), "OVER_PLACEMENT": ("-5", FlowKind.UNCLASSIFIED),
    "NEXT_YEARS_INVENTION": ("5", FlowKind.UNCLASSIFIED), "UNSPECIFIED": ("5", FlowKind.UNCLASSIFIED),
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES)
async def test_every_type_has_its_class_and_keeps_its_word(kind: str) -> None:
    amount, expected = CLASSES[kind]
    (flow,) = flows(await read(item(kind, amount)))
    assert (flow.kind, flow.amount, flow.asset, flow.detail) == (expected, Decimal(amount), "RUB", kind.lower())


def test_no_known_type_is_left_without_a_test() -> None:
    elsewhere = {*TRADES, *IN_KIND, "DIV_EXT"}
    assert (CASH.keys() | OWN_CASH) - elsewhere <= CLASSES.keys()


@pytest.mark.parametrize(
    ("kind", "payment", "side", "market"),
    [
        ("BUY", "-3052.5", Side.BUY, Market.SPOT),
        ("SELL", "3052.5", Side.SELL, Market.SPOT),
        ("BUY_MARGIN", "-3052.5", Side.BUY, Market.MARGIN),
        ("SELL_MARGIN", "3052.5", Side.SELL, Market.MARGIN),
        ("DELIVERY_BUY", "-3052.5", Side.BUY, Market.SPOT),
        ("DELIVERY_SELL", "3052.5", Side.SELL, Market.SPOT),
    ],
)
async def test_trades_keep_their_side_and_market(kind: str, payment: str, side: Side, market: Market) -> None:
    (trade,) = await read(item(kind, payment, **SHARE))
    assert isinstance(trade, Trade)
    assert (trade.side, trade.market, trade.base, trade.cost) == (side, market, "SBER", Decimal("3052.5"))


async def test_a_purchase_straight_from_the_card_is_a_deposit_and_a_trade() -> None:
    trade, deposit = await read(item("BUY_CARD", "-500", **SHARE))
    assert isinstance(trade, Trade)
    assert isinstance(deposit, CashFlow)
    assert (deposit.kind, deposit.amount, trade.cost) == (FlowKind.DEPOSIT, Decimal(500), Decimal(500))
    sale, withdrawal = await read(item("SELL_CARD", "500", **SHARE))
    assert isinstance(withdrawal, CashFlow)
    assert (sale.id != withdrawal.id, withdrawal.kind, withdrawal.amount) == (True, FlowKind.WITHDRAWAL, Decimal(-500))


async def test_a_dividend_paid_to_the_card_is_income_that_leaves() -> None:
    income, withdrawal = flows(await read(item("DIV_EXT", "250")))
    assert (income.kind, income.amount) == (FlowKind.INCOME, Decimal(250))
    assert (withdrawal.kind, withdrawal.amount) == (FlowKind.WITHDRAWAL, Decimal(-250))
    assert income.id != withdrawal.id


async def test_a_bond_costs_what_was_paid_its_coupon_included() -> None:
    bond = {"instrumentType": "bond", "ticker": "SU26238RMFS4", "quantity": "10", "quantityDone": "10"}
    price = {"currency": "rub", "units": "890", "nano": 120000000}
    coupon = {"currency": "rub", "units": "213", "nano": 400000000}
    (trade,) = await read(item("BUY", "-9114.6", **bond, price=price, accruedInt=coupon))
    assert isinstance(trade, Trade)
    assert (trade.base, trade.amount, trade.cost, trade.price) == (
        "SU26238RMFS4", Decimal(10), Decimal("9114.6"), Decimal("890.12"),
    )  # fmt: skip


async def test_the_last_repayment_of_a_bond_is_its_sale_and_an_earlier_one_no_income() -> None:
    bond = {"instrumentType": "bond", "ticker": "SU26238RMFS4"}
    (sale,) = await read(item("BOND_REPAYMENT_FULL", "10000", **bond, quantity="10", quantityDone="10"))
    assert isinstance(sale, Trade)
    assert (sale.side, sale.base, sale.amount, sale.cost) == (Side.SELL, "SU26238RMFS4", Decimal(10), Decimal(10000))
    (uncounted,) = flows(await read(item("BOND_REPAYMENT_FULL", "10000", **bond)))
    assert uncounted.kind is FlowKind.CONVERSION


@pytest.mark.parametrize("instrument", ["futures", "option"])
async def test_futures_and_options_move_no_coin(instrument: str) -> None:
    contract = {"instrumentType": instrument, "ticker": "SiZ6", "quantity": "2", "quantityDone": "1"}
    price = {"currency": "", "units": "80512", "nano": 0}
    (trade,) = await read(item("SELL", "80512", **contract, price={**price, "currency": "rub"}))
    assert isinstance(trade, ContractTrade)
    assert (trade.contract, trade.settle, trade.size, trade.price) == ("SIZ6", "RUB", Decimal(1), Decimal(80512))


async def test_currency_is_named_as_among_the_holdings() -> None:
    dollars = {"instrumentType": "currency", "ticker": "USD000UTSTOM", "quantity": "100", "quantityDone": "100"}
    (trade,) = await read(item("BUY", "-8000", **dollars))
    assert isinstance(trade, Trade)
    assert (trade.base, trade.quote) == ("USD", "RUB")


async def test_a_row_without_a_ticker_is_named_by_its_instrument() -> None:
    async with opened() as (peer, tbank):
        old = item("BUY", "-100", **{**SHARE, "ticker": "", "figi": ""}, instrumentUid="uid of gazprom")
        peer.operations = {"2000000001": [old]}
        peer.instruments["uid of gazprom"] = {"uid": "uid of gazprom", "ticker": "GAZP"}
        (trade,) = await history(tbank)
    assert isinstance(trade, Trade)
    assert trade.base == "GAZP"


async def test_what_moved_nothing_is_no_record() -> None:
    assert await read(item("OUTPUT"), item("FUTURE_EXPIRATION")) == []


async def test_an_unknown_row_in_kind_is_kept_as_it_is_printed() -> None:
    (flow,) = flows(await read(item("OTHER", **SHARE)))
    assert (flow.kind, flow.asset, flow.amount) == (FlowKind.UNCLASSIFIED, "SBER", Decimal(10))


def broken(peer: TBankPeer, **fields: Any) -> None:
    page = {"hasNext": False, "nextCursor": "", "items": peer.operations["2000000001"][:3], **fields}
    peer.fail(instead(Reply.of(page)), f"POST {OPERATIONS}?accountId=2000000001")


@pytest.mark.parametrize(
    "fields",
    [
        {"hasNext": True, "nextCursor": ""},
        {"hasNext": True, "nextCursor": "the same again"},
        {"hasNext": "yes", "nextCursor": "1"},
        {"items": [{"id": "x"}]},
        {"items": [item("INPUT", "5", brokerAccountId="2000000009")]},
        {"items": [item("INPUT", "5", date="yesterday")]},
        {"items": [item("BUY", "-5", **{**SHARE, "quantityDone": "ten"})]},
    ],
)
async def test_pages_that_cannot_be_whole_are_no_answer(fields: dict[str, Any]) -> None:
    async with opened() as (peer, tbank):
        broken(peer, **fields)
        (stream, *_) = await tbank.streams(Hints())
        with pytest.raises(SourceError) as caught:
            await tbank.past(stream, YEAR)
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


async def test_a_page_that_fails_fails_the_whole_span() -> None:
    async with opened() as (peer, tbank):
        peer.page = 3
        peer.fail(reset(), f"POST {OPERATIONS}?cursor=6")
        (stream, *_) = await tbank.streams(Hints())
        with pytest.raises(SourceError):
            await tbank.past(stream, YEAR)


async def test_an_operation_that_comes_twice_is_one() -> None:
    once, twice = await read(item("INPUT", "5")), await read(item("INPUT", "5"), item("INPUT", "5"))
    assert once == twice


async def test_the_past_of_any_page_size_is_the_same() -> None:
    async with opened() as (peer, tbank):
        whole = set(await history(tbank))
        for size in (1, 2, 3, 7, 100):
            peer.page = size
            assert set(await history(tbank)) == whole


async def test_a_closed_account_that_tells_nothing_any_more_takes_nothing_away() -> None:
    async with opened() as (peer, tbank):
        closed = error("bad argument")
        body = Reply.of({"code": 3, "message": "account closed", "description": "30081"}, closed.status)
        peer.fail(instead(body), f"POST {OPERATIONS}?accountId=2000000004")
        *_, stream = await tbank.streams(Hints())
        assert (stream.replaces, stream.border) == (False, False)
        assert (await tbank.past(stream, YEAR)).records == ()


async def test_an_invest_box_that_is_never_valued_has_no_past_here() -> None:
    memory = KeptMemory()
    async with opened(memory) as (peer, tbank):
        names = [stream.title for stream in await tbank.streams(Hints())]
        assert "operations, Инвесткопилка" not in names
        peer.portfolios["2000000003"] = {"RUB": {**fixture("portfolio-empty.json"), "accountId": "2000000003"}}
        await tbank.read()
        names = [stream.title for stream in await tbank.streams(Hints())]
    assert "operations, Инвесткопилка" in names


async def test_a_restart_goes_on_with_a_stream_by_its_name() -> None:
    async with opened() as (peer, first):
        stream = (await first.streams(Hints()))[1]
        async with source(peer.url) as second:
            assert (await second.past(Stream(stream.name, ""), YEAR)).records == (
                await first.past(stream, YEAR)
            ).records


async def test_old_prices_of_shares_are_asked_for_by_the_day() -> None:
    async with opened() as (peer, tbank):
        uid = "1c004240-d18d-46e1-8ac1-2aa05ebfdb38"
        for known, board in (("the same in small lots", "SMAL"), (uid, "TQBR")):
            sber = {"uid": known, "ticker": "SBER", "currency": "rub", "instrumentType": "share", "classCode": board}
            peer.instruments[known] = sber
        peer.candles = [
            {"time": f"2026-10-{day}T00:00:00Z", "close": {"units": "30", "nano": day * 10**7}} for day in (9, 12, 13)
        ]
        at = moment("2026-10-12 12:00")
        found = await tbank.price_at("SBER", at)
        assert found is not None
        assert (found.amount, found.quote, found.at) == (Decimal("30.12"), "RUB", at)
        assert await tbank.price_at("RUB", at) is None
        assert await tbank.price_at("UNHEARD", at) is None
        peer.candles = []
        assert await tbank.price_at("SBER", at) is None
        assert {seen.fields["instrumentId"] for seen in peer.asked(CANDLES)} == {uid}


async def test_reading_the_past_of_a_token_does_not_read_portfolios() -> None:
    async with opened() as (peer, tbank):
        await history(tbank)
        assert not peer.asked(PORTFOLIO)
        assert Counter(seen.fields["accountId"] for seen in peer.asked(OPERATIONS)) == {
            "2000000001": 3,  # two pages of its own, one because of the move in the other account
            "2000000002": 2,
            "2000000004": 3,
        }


async def test_nothing_is_asked_about_the_time_before_an_account_was_opened() -> None:
    async with opened() as (peer, tbank):
        peer.accounts["accounts"][0]["openedDate"] = "2026-01-15T00:00:00Z"
        peer.accounts["accounts"][1]["openedDate"] = "1970-01-01T00:00:00Z"  # none
        peer.accounts["accounts"][3]["openedDate"] = "some day"
        long_ago = Span(moment("2024-01-01 00:00"), moment("2025-01-01 00:00"))
        streams = await tbank.streams(Hints())
        assert (await tbank.past(streams[0], long_ago)).records == ()
        assert peer.asked(OPERATIONS) == []
        for stream in streams[1:]:
            await tbank.past(stream, long_ago)
        assert len(peer.asked(OPERATIONS)) == 2


def move(key: str, amount: int, minute: int, id_: str) -> Move:
    inner = Inner(key, key, key, "", "", "")
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=minute)
    return Move(inner, Operation(id_, at, "OUT_MULTI", "", "", None, None, Decimal(0)), "RUB", Decimal(amount))


def test_pairs_are_the_same_in_any_order_and_no_move_is_in_two() -> None:
    dice = random.Random(4)
    for _ in range(200):
        moves = [
            move(dice.choice("ABC"), dice.choice((-1, 1)) * dice.choice((10, 20)), dice.randrange(6000), str(n % 7))
            for n in range(dice.randrange(12))
        ]
        moves = list({(one.inner.key, one.done.id): one for one in moves}.values())
        pairs = paired(moves)
        assert paired(sorted(moves, key=lambda _: dice.random())) == pairs
        used = [(side.inner.key, side.done.id) for pair in pairs for side in pair]
        assert len(used) == len(set(used))
        assert all(out.amount == -into.amount < 0 and out.inner.key != into.inner.key for out, into in pairs)


async def test_two_tokens_that_see_one_account_tell_its_past_once() -> None:
    async with tbank_server() as whole, tbank_server() as single, surroundings(HeldClock(NOW)) as around:
        single.accounts["accounts"] = single.accounts["accounts"][:1]
        configs = [
            AccountConfig(name, "tbank", name, {"API_TOKEN": Secret(TOKEN)}, base_url=peer.url)
            for name, peer in (("tbank", single), ("tbank-b", whole))
        ]
        first, second = (TBank(config, around, KeptMemory()) for config in configs)
        rest, alone = await asyncio.gather(history(second), history(first))
    assert len({record.id for record in (*alone, *rest)}) == len(alone) + len(rest) == 10
    moved = [flow for flow in flows([*alone, *rest]) if abs(flow.amount) == 3000]
    assert [(flow.account, flow.kind) for flow in moved] == [
        ("tbank", FlowKind.WITHDRAWAL),
        ("tbank-b", FlowKind.DEPOSIT),
    ]


async def test_who_told_an_accounts_past_goes_on_with_it_after_a_restart() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer, surroundings(HeldClock(NOW)) as around:
        later = AccountConfig("tbank-b", "tbank", "", {"API_TOKEN": Secret(TOKEN)}, base_url=peer.url)
        assert len(await TBank(later, around, memory).streams(Hints())) == 3
    async with tbank_server() as peer, surroundings(HeldClock(NOW)) as around:
        early = AccountConfig("tbank", "tbank", "", {"API_TOKEN": Secret(TOKEN)}, base_url=peer.url)
        first, second = TBank(early, around, KeptMemory()), TBank(replace(later, base_url=peer.url), around, memory)
        assert await first.streams(Hints()) == []
        assert len(await second.streams(Hints())) == 3
