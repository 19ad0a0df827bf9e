"""Every flow and every trade that was recorded from a venue, through the real client: once, in its class, to the digit.

A stream is asked for a window around each row, as long as the venue takes one; what a case leaves out is answered as
an account without it answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import pytest

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import ContractTrade, Side, Trade
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Record, Span, Stream
from tests.peers.venue import Case, cases, venue_server
from tests.platforms.contract.peers import VENUES, opened

pytestmark = pytest.mark.usefixtures("unthrottled")

KINDS: Mapping[str, frozenset[FlowKind]] = {
    "deposit": frozenset({FlowKind.DEPOSIT}),
    "withdrawal": frozenset({FlowKind.WITHDRAWAL}),
    "income": frozenset({FlowKind.INCOME, FlowKind.FUNDING}),
    "fee": frozenset({FlowKind.FEE}),
    "conversion": frozenset({FlowKind.CONVERSION}),
}
AT_MOST_ROUNDS = 20
UNLIMITED = timedelta(days=10)
"""Asked for where the venue takes windows of any length."""


CASES = pytest.mark.parametrize(
    ("source", "served"),
    [
        pytest.param(source, found, id=str(found))
        for source, folder in VENUES.items()
        for found in cases(folder)
        if found.kind in {"flows", "trades"}
    ],
)

_Recorded: TypeAlias = tuple[list[CashFlow], list[Trade | ContractTrade]]
_READ: dict[str, _Recorded] = {}
"""Each case is read for the first test that looks at it; what came of it never changes."""


def rows_of(served: Case, status: str) -> list[dict[str, Any]]:
    rows: Any = served.row["rows"]
    return [row for row in rows if row["status"] == status]


def windows(stream: Stream, instants: Iterable[datetime]) -> list[Span]:
    """Whole windows of the stream, so many that each instant lies in one."""
    length = stream.window or UNLIMITED
    found: list[Span] = []
    for at in sorted(instants):
        if not found or at >= found[-1].end:
            found.append(Span(at - length / 2, at - length / 2 + length))
    return found


async def everything(made: KeepsLedger, stream: Stream, span: Span) -> list[Record]:
    """All batches of a span."""
    records: list[Record] = []
    token = ""
    for _ in range(AT_MOST_ROUNDS):
        batch = await made.past(stream, span, token)
        records += batch.records
        if not batch.more:
            return records
        token = batch.token
    raise AssertionError(f"{stream.name} never comes to an end")


async def history(made: KeepsLedger, served: Case) -> list[Record]:
    """Every record of every stream around the case's rows."""
    rows: Any = served.row["rows"]
    names = {part for row in rows for part in (row.get("asset"), row.get("base"), row.get("quote")) if part}
    names |= {asset for row in rows for asset in row.get("changes", ())} | {"BTC", "USDT"}
    streams = await made.streams(Hints(assets=frozenset(names)))
    assert len({stream.name for stream in streams}) == len(streams)
    return [
        record
        for stream in streams
        for span in windows(stream, served.instants())
        for record in await everything(made, stream, span)
    ]


async def recorded(source: str, served: Case) -> _Recorded:
    """What comes of a case: each record once, the second reading equal to the first."""
    if str(served) not in _READ:
        _READ[str(served)] = await read_twice(source, served)
    return _READ[str(served)]


async def read_twice(source: str, served: Case) -> _Recorded:
    async with venue_server(VENUES[source], served) as peer, opened(source, peer.url) as made:
        assert isinstance(made, KeepsLedger)
        first, second = await history(made, served), await history(made, served)
        assert peer.unknown == []
    assert set(first) == set(second)
    assert all(record.account == source for record in first)
    flows = [record for record in set(first) if isinstance(record, CashFlow)]
    trades = [record for record in set(first) if isinstance(record, (Trade, ContractTrade))]
    for table in (flows, trades):
        assert len({record.id for record in table}) == len(table), "an id stands for two records"
    return flows, trades


@CASES
async def test_every_counted_row_comes_out_once_and_nothing_else_does(source: str, served: Case) -> None:
    flows, trades = await recorded(source, served)
    counted = rows_of(served, "counted")
    expected = Counter(row["class"] for row in counted for _ in row.get("changes", [1] * (row["class"] != "trade")))
    assert len(trades) == sum(row["class"] == "trade" for row in counted)
    got = [flow for flow in flows if flow.kind is not FlowKind.TRANSFER and flow.settled]
    assert len(got) == sum(count for kind, count in expected.items() if kind != "trade"), got
    for row in counted:
        if row["class"] == "trade":
            check_trade(the_one(trades, row), row)
        elif row["class"] == "conversion":
            check_conversion(flows, row)
        else:
            check_flow(the_flow(flows, row), row)


@CASES
async def test_money_under_way_is_a_withdrawal_that_is_not_settled(source: str, served: Case) -> None:
    flows, _ = await recorded(source, served)
    under_way: Any = served.row.get("in_transit", [])
    expected = [(asset, -Decimal(amount), Decimal(fee.removeprefix("fee "))) for asset, amount, fee in under_way]
    found = [flow for flow in flows if not flow.settled]
    assert [(flow.asset, flow.amount, flow.fee.amount if flow.fee else 0) for flow in found] == expected
    assert all(flow.kind is FlowKind.WITHDRAWAL for flow in found)


@CASES
async def test_a_documentations_placeholder_appears_nowhere(source: str, served: Case) -> None:
    flows, trades = await recorded(source, served)
    assert all("string" not in repr(record) for record in (*flows, *trades))


def names_of(row: Mapping[str, Any]) -> list[set[str]]:
    """The ids that a record of this row may carry, in parts."""
    keys = [str(row["id"])] if row["id"] is not None else []
    keys += [row["key"]] if "key" in row else []
    return [set(key.replace("+", ":").split(":")) - {""} for key in keys]


def carries(record: Record, row: Mapping[str, Any]) -> bool:
    """Whether its id is the venue's, or has it in it; where the venue has none any will do."""
    parts = set(record.id.split(":")) | {record.id}
    return row["id"] is None or any(name <= parts for name in names_of(row))


def the_one(trades: Sequence[Trade | ContractTrade], row: Mapping[str, Any]) -> Trade | ContractTrade:
    found = [trade for trade in trades if carries(trade, row)]
    assert len(found) == 1, (row["id"], [trade.id for trade in trades])
    return found[0]


def the_flow(flows: Sequence[CashFlow], row: Mapping[str, Any]) -> CashFlow:
    """The record of a row; equal amounts are told apart by their time."""
    at = datetime.fromisoformat(row["at"])
    found = [flow for flow in flows if carries(flow, row) and flow.kind in KINDS[row["class"]] and flow.at == at]
    assert len(found) == 1, (row["id"], [(flow.id, flow.kind, flow.at) for flow in flows])
    return found[0]


def check_flow(flow: CashFlow, row: Mapping[str, Any]) -> None:
    fee = flow.fee.amount if flow.fee else Decimal(0)
    assert (flow.asset, flow.amount) == (row["asset"], Decimal(row["amount"]))
    assert fee == Decimal(row["fee"])
    assert flow.amount - fee == Decimal(row["balance_change"])
    assert flow.fee is None or (flow.fee.amount != 0 and flow.fee.asset == row["asset"])


def check_conversion(flows: Sequence[CashFlow], row: Mapping[str, Any]) -> None:
    legs = [flow for flow in flows if flow.kind is FlowKind.CONVERSION and flow.at == datetime.fromisoformat(row["at"])]
    assert {leg.asset: leg.amount for leg in legs} == {name: Decimal(text) for name, text in row["changes"].items()}
    assert len({leg.txid for leg in legs}) == 1
    assert legs[0].txid
    assert any(str(part) in " ".join(leg.id for leg in legs) for part in (row["id"], row.get("key", row["id"])))


def check_trade(trade: Trade | ContractTrade, row: Mapping[str, Any]) -> None:
    assert trade.at == datetime.fromisoformat(row["at"])
    assert trade.side is Side(row["side"])
    assert trade.price == Decimal(row["price"])
    fees = [(fee.asset, fee.amount) for fee in trade.fees]
    wanted = [(row["fee_asset"], Decimal(row["fee"]))] if Decimal(row["fee"]) else []
    if row.get("fee_uncertain"):
        fees, wanted = ([(asset, abs(amount)) for asset, amount in rows] for rows in (fees, wanted))
    assert fees == wanted
    if isinstance(trade, ContractTrade):
        assert row["market"] in {"linear", "inverse", "option"}
        assert (trade.contract, trade.size) == (row["symbol"], abs(Decimal(row["size"])))
        assert "realised" not in row or trade.realised == Decimal(row["realised"])
        return
    assert row["market"] == trade.market
    assert (trade.base, trade.quote) == (row["base"], row["quote"])
    assert (trade.amount, trade.cost) == (abs(Decimal(row["amount"])), abs(Decimal(row["quote_amount"])))
    assert changes(trade) == {name: Decimal(text) for name, text in row["changes"].items()}


def changes(trade: Trade) -> dict[str, Decimal]:
    """What the balances did, fees included."""
    sign = 1 if trade.side is Side.BUY else -1
    found = {trade.base: sign * trade.amount, trade.quote: -sign * trade.cost}
    for fee in trade.fees:
        found[fee.asset] = found.get(fee.asset, Decimal(0)) - fee.amount
    return found


def test_a_window_is_asked_for_once_for_all_that_lies_in_it() -> None:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    stream = Stream("x", "x", window=timedelta(days=7))
    found = windows(stream, [first, first + timedelta(days=1), first + timedelta(days=20)])
    assert len(found) == 2
    assert all(span.end - span.start == timedelta(days=7) for span in found)
