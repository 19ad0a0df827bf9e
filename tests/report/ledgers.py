"""Flows and trades as they occur: `flow("bybit deposit 2000 USDT = 2000", day=18)` means just that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.transfers import Alone, Matching, Verdicts, match
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountSyncView, Asked, FlowsView, StreamView, SyncState, SyncView, TradesView
from tests.report.gallery import NOW, PARIS, TITLES

NAMES = {"bybit": "Bybit", "okx": "OKX", "kraken": "Kraken", "ibkr": "IBKR"}


def at(day: int, clock: str = "12:00", month: int = 11, year: int = 2026) -> datetime:
    """A moment of November, UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def worth(usd: str) -> Worth | Unknown:
    """A value in USD; "" = none is known."""
    return Worth(Decimal(usd), WorthSource.VENUE_HISTORY) if usd else NOT_PRICED


def flow(text: str, when: datetime, *, fee: str = "", txid: str = "", id_: str = "", **more: str) -> CashFlow:
    """`bybit deposit 2000 USDT = 2000`: account, kind, amount, asset and, behind `=`, the value; a fee `0.1 BTC`."""
    left, _, usd = text.partition("=")
    account, kind, amount, asset = left.split()
    cost = fee.split()
    return CashFlow(
        id=id_ or f"{account}-{kind}-{when:%m%d%H%M}-{amount}-{asset}",
        account=account,
        kind=FlowKind(kind),
        at=when,
        asset=asset,
        amount=Decimal(amount),
        usd=worth(usd.strip()),
        fee=Fee(cost[1], Decimal(cost[0])) if cost else None,
        txid=txid or None,
        detail=more.get("detail", ""),
        note=more.get("note", ""),
        wallets=more.get("wallets", ""),
    )


def november() -> list[CashFlow]:
    """Everything that can stand in a list of flows, newest first."""
    rows = [
        flow("bybit withdrawal -0.05 BTC = -3356.17", at(20, "12:45"), fee="0.0001 BTC"),
        flow("bybit funding -1.25 USDT = -1.25", at(20, "08:00")),
        flow("bybit funding 0.25 USDT = 0.25", at(20, "00:00")),
        flow("ibkr unclassified 12.5 EUR", at(19, "15:00"), detail="Commission Adjustment"),
        flow("bybit transfer -100 USDT = -100", at(19, "11:00"), txid="t1", wallets="spot → usd-m futures"),
        flow("bybit transfer 100 USDT = 100", at(19, "11:00"), txid="t1", wallets="spot → usd-m futures"),
        flow("okx deposit 0.5 ETH = 1552.60", at(18, "13:31"), txid="0xabc"),
        flow("kraken withdrawal -0.5 ETH = -1552.60", at(18, "13:02"), txid="0xABC", fee="0.004 ETH"),
        flow("okx conversion 310.2 USDT = 310.1", at(17, "10:00"), txid="c1"),
        flow("okx conversion -0.1 ETH = -310.4", at(17, "10:00"), txid="c1"),
        flow("kraken withdrawal -0.01 BTC = -671.2", at(16, "09:30"), id_="W-1"),
        flow("okx deposit 1000000 SHIB", at(15, "09:00")),
        flow("bybit deposit 2000 USDT = 1999.4", at(12), note="salary"),
        flow("okx income 0.01 ETH = 31.05", at(12), detail="staking"),
        flow("kraken deposit 500 EUR = 540.6", at(30, month=12, year=2025)),
    ]
    return sorted(rows, key=lambda row: row.instant(PARIS), reverse=True)


def nothing(sync: SyncView) -> FlowsView:
    """No flow at all."""
    return FlowsView([], Matching((), (), ()), NAMES, sync)


def matched(flows: Sequence[CashFlow], verdicts: Verdicts | None = None) -> Matching:
    """What matching makes of them."""
    return match(flows, at=NOW, calendar=PARIS, verdicts=verdicts)


def flows_view(flows: Sequence[CashFlow] | None = None, *, sync: SyncView | None = None, **asked: object) -> FlowsView:
    """All of November, or these of its flows."""
    every = november()
    return FlowsView(every if flows is None else flows, matched(every), NAMES, sync or read(), Asked(**asked))  # type: ignore[arg-type]


def trades() -> list[Trade | ContractTrade]:
    """Trades on a spot market and of a contract, newest first."""
    return [
        Trade(
            "t4", "bybit", at(20, "12:05"), Side.BUY, "BTC", "USDT", Decimal("0.015"), Decimal("1006.85175"),
            worth("1006.65"), (Fee("USDT", Decimal("1.00685175")),),
        ),
        ContractTrade(
            "t3", "okx", at(20, "09:10"), Side.SELL, "BTC-USDT-SWAP", "USDT", Decimal(3), Decimal("67200.1"),
            (Fee("USDT", Decimal("0.12")),), Decimal("12.5"),
        ),
        ContractTrade("t2", "okx", at(19, "9:10"), Side.BUY, "ETH-USDT-SWAP", "USDT", Decimal(1), detail="liquidation"),
        Trade(
            "t1", "kraken", at(3, "10:00"), Side.SELL, "XRP", "EUR", Decimal(300), Decimal(660), NOT_PRICED,
            (Fee("EUR", Decimal("0.5")), Fee("KFEE", Decimal(2))), price=Decimal("2.2"),
        ),
    ]  # fmt: skip


def trades_view(rows: Sequence[Trade | ContractTrade] | None = None, *, sync: SyncView | None = None) -> TradesView:
    """All of these trades."""
    return TradesView(trades() if rows is None else rows, NAMES, sync or read())


def stream(title: str, since: datetime | None, keeps: timedelta | None = None, **more: object) -> StreamView:
    """A stream that is read up to now."""
    name = title.replace(" ", "-")
    state = SyncState.DONE if since else SyncState.WAITING
    made = StreamView(name, title, since, NOW if since else None, keeps, state)
    return replace(made, **more)  # type: ignore[arg-type]


def account_read(id_: str, *streams: StreamView, **more: object) -> AccountSyncView:
    """An account whose streams are read."""
    made = AccountSyncView(id_, TITLES[id_], SyncState.DONE, 7, 120, 0, 0, 0, Decimal(1), streams)
    return replace(made, **more)  # type: ignore[arg-type]


TWO_YEARS = timedelta(days=730)


def read() -> SyncView:
    """Everything that the venues still tell is read; one of them has a hole."""
    bybit = account_read(
        "bybit",
        stream("deposits", at(21, year=2024), TWO_YEARS),
        stream("withdrawals", at(21, year=2024), TWO_YEARS),
        stream("spot trades", at(21, year=2024), TWO_YEARS, gaps=((at(3, month=2), at(5, month=2)),)),
    )
    okx = account_read(
        "okx",
        stream("deposits", at(1, month=3, year=2021)),
        stream("fills", at(22, month=8), timedelta(days=90)),
        unclassified=1,
        unpriced=2,
    )
    return SyncView(accounts=(bybit, okx), finished_at=NOW)


def being_read() -> SyncView:
    """The first run, somewhere in the middle; one account is refused, another has no past."""
    refused = replace(
        stream("ledger", None), state=SyncState.FAILED, failure=Failure(FailureKind.MISSING_RIGHT, "Query ledger")
    )
    return SyncView(
        running=True,
        accounts=(
            account_read("bybit", stream("deposits", at(21, year=2024), TWO_YEARS), flows=812, new=812, trades=4031),
            account_read(
                "okx", stream("deposits", None), state=SyncState.RUNNING, fraction=Decimal("0.427"), flows=12, new=12,
                trades=0,
            ),
            account_read("kraken", refused, state=SyncState.FAILED, flows=0, trades=0),
            account_read("tbank", state=SyncState.WAITING, flows=0, trades=0),
            account_read("ibkr", state=SyncState.NONE, flows=0, trades=0),
        ),
    )  # fmt: skip


def read_in_part() -> SyncView:
    """The same run at its end."""
    made = being_read()
    okx = account_read("okx", stream("deposits", at(1, month=3, year=2021)), flows=340, new=340, trades=87)
    tbank = account_read("tbank", stream("operations", at(2, month=6, year=2019)), flows=61, new=61, trades=9)
    accounts = (made.accounts[0], okx, made.accounts[2], tbank, made.accounts[4])
    return replace(made, running=False, accounts=accounts, finished_at=NOW)


def unread() -> SyncView:
    """Nothing was ever asked for."""
    return SyncView(accounts=(account_read("bybit", stream("deposits", None), state=SyncState.WAITING, flows=0),))


def documents(me: Reader) -> dict[str, Document]:
    """Every screen of the past by name."""
    link = matched(november()).transfers[0]
    lost = next(flow for flow in november() if flow.id == "W-1")
    return {
        "flows": compose.flows(flows_view(), me),
        "flows all": compose.flows(flows_view(every=True), me),
        "flows of kraken": compose.flows(
            flows_view([row for row in november() if row.account == "kraken"], account="kraken"), me
        ),
        "flows empty": compose.flows(nothing(unread()), me),
        "flows being read": compose.flows(nothing(being_read()), me),
        "own transfer": compose.transfer(link, NAMES, me),
        "parted": compose.parted(link.withdrawal, link.deposit, NAMES, me),
        "joined": compose.joined(link.withdrawal, link.deposit, NAMES, me),
        "lost": compose.flow(lost, Alone.NO_DEPOSIT, NAMES, me, candidates=[link.deposit]),
        "lost for good": compose.flow(lost, Alone.NO_DEPOSIT, NAMES, me),
        "external": compose.made_external(lost, NAMES, me),
        "forgotten": compose.forgotten(lost, NAMES, me),
        "trades": compose.trades(trades_view(), me),
        "trades empty": compose.trades(trades_view([], sync=unread()), me),
        "reading": compose.reading(being_read(), me),
        "sync": compose.sync(read_in_part(), me),
        "past read": compose.history_read(read_in_part(), me),
    }
