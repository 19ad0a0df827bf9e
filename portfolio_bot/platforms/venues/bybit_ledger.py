"""Bybit's past. API: v5.

What it keeps: two years of everything; asked for in windows of seven days (executions, the unified account's log, own
transfers, earnings, the funding wallet) or thirty (deposits, withdrawals). Conversions are listed from the newest on,
without a window. What was traded before an account became a unified one is not in these answers.

Only a master key may read withdrawals and transfers to sub-accounts. Fees: `withdrawFee` comes on top of the amount.
A deposit counts when it is credited (`successAt`), a withdrawal from the moment it is asked for, which is when it
leaves the balance.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee
from portfolio_bot.platforms.ledger import Ask, Batch, Hints, Ledger, Stream, StreamReader
from portfolio_bot.platforms.paging import moment
from portfolio_bot.platforms.strict import Row, amount, table, text
from portfolio_bot.platforms.venue import Api, upper
from portfolio_bot.platforms.venues.bybit_candles import price
from portfolio_bot.platforms.venues.bybit_conversions import converted, small_balances
from portfolio_bot.platforms.venues.bybit_fills import CATEGORIES, fills
from portfolio_bot.platforms.venues.bybit_log import funding_wallet, transaction_log
from portfolio_bot.platforms.venues.bybit_pages import SECOND, paged

KEPT = timedelta(days=730)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
ZERO = Decimal(0)

_CREDITED = frozenset({"3", "10012"})
_ROLLED_BACK = "7"
"""First digit of the states of a deposit that was taken back."""
_LEFT = frozenset({"success", "BlockchainConfirmed"})
_CAME_BACK = frozenset({"CancelByUser", "Reject", "Fail"})
_WALLETS = {"FUND": "funding", "UNIFIED": "unified", "CONTRACT": "derivatives", "INVESTMENT": "earn"}


async def deposits(ask: Ask) -> Batch:
    """On-chain ones."""
    found = await paged(ask, "private_get_v5_asset_deposit_query_record", {}, full=50, lists=("rows",))
    flows: list[CashFlow] = []
    void: list[str] = []
    for row in found:
        state = text(row, "status")
        identity = "deposit:" + (str(row.get("id") or "") or f"{row.get('txID')}:{row.get('txIndex')}")
        if state in _CREDITED:
            flows += _came(row, identity, ask.account, moment(row, "successAt"), str(row.get("chain") or ""))
        elif state == "4" or (state.startswith(_ROLLED_BACK) and len(state) > 1):
            void.append(identity)
    return Batch(tuple(flows), tuple(void))


async def internal_deposits(ask: Ask) -> Batch:
    """From other users of the venue; their times are in seconds and their states others than on-chain ones."""
    found = await paged(ask, "private_get_v5_asset_deposit_query_internal_record", {}, full=50, lists=("rows",))
    flows: list[CashFlow] = []
    void: list[str] = []
    for row in found:
        state, identity = text(row, "status"), f"internal:{text(row, 'id')}"
        if state == "2":
            flows += _came(row, identity, ask.account, moment(row, "createdTime", SECOND), "from a Bybit user")
        elif state == "3":
            void.append(identity)
    return Batch(tuple(flows), tuple(void))


def _came(row: Row, identity: str, account: AccountId, at: datetime, detail: str) -> Iterable[CashFlow]:
    """`amount` is what was credited."""
    got, asset = amount(row, "amount"), upper(text(row, "coin"))
    if got:
        yield CashFlow(identity, account, FlowKind.DEPOSIT, at, asset, got, txid=_txid(row), detail=detail)


async def withdrawals(ask: Ask) -> Batch:
    """On-chain ones and those to other users (`withdrawType` 2 = both)."""
    found = await paged(
        ask, "private_get_v5_asset_withdraw_query_record", {"withdrawType": 2}, full=50, lists=("rows",)
    )
    flows: list[CashFlow] = []
    void: list[str] = []
    for row in found:
        state, identity = text(row, "status"), f"withdrawal:{text(row, 'withdrawId')}"
        sent, paid, asset = amount(row, "amount"), amount(row, "withdrawFee", blank=ZERO), upper(text(row, "coin"))
        if state in _CAME_BACK:
            void.append(identity)
        elif sent:
            flows.append(
                CashFlow(
                    identity,
                    ask.account,
                    FlowKind.WITHDRAWAL,
                    moment(row, "createTime"),
                    asset,
                    -sent,
                    fee=Fee(asset, paid) if paid else None,
                    txid=_txid(row),
                    detail="to a Bybit user" if str(row.get("withdrawType")) == "1" else str(row.get("chain") or ""),
                    settled=state in _LEFT,
                )
            )
    return Batch(tuple(flows), tuple(void))


async def own_transfers(ask: Ask) -> Batch:
    """Between wallets of this account: one side each."""
    found = await paged(ask, "private_get_v5_asset_transfer_query_inter_transfer_list", {}, full=50)
    flows: list[CashFlow] = []
    void: list[str] = []
    for row in found:
        identity = text(row, "transferId")
        state = text(row, "status")
        if state == "SUCCESS":
            flows += _both_sides(row, identity, ask.account)
        elif state == "FAILED":
            void += [f"{identity}:out", f"{identity}:in"]
    return Batch(tuple(flows), tuple(void))


def _both_sides(row: Row, identity: str, account: AccountId) -> Iterable[CashFlow]:
    moved, asset, at = amount(row, "amount"), upper(text(row, "coin")), moment(row, "timestamp")
    wallets = f"{_wallet(row, 'fromAccountType')} → {_wallet(row, 'toAccountType')}"
    for side, signed in (("out", -moved), ("in", moved)):
        if moved:
            name = f"{identity}:{side}"
            yield CashFlow(name, account, FlowKind.TRANSFER, at, asset, signed, txid=identity, wallets=wallets)


def sub_account_transfers(uid: str) -> Callable[[Ask], Awaitable[Batch]]:
    """The reader of transfers between this account and its sub-accounts.

    Args:
        uid: the account's own number.
    """

    async def read(ask: Ask) -> Batch:
        found = await paged(ask, "private_get_v5_asset_transfer_query_universal_transfer_list", {}, full=50)
        flows = [flow for row in found if text(row, "status") == "SUCCESS" for flow in _crossed(row, uid, ask.account)]
        void = tuple(text(row, "transferId") for row in found if text(row, "status") == "FAILED")
        return Batch(tuple(flows), void)

    return read


def _crossed(row: Row, uid: str, account: AccountId) -> Iterable[CashFlow]:
    sender, receiver, identity = text(row, "fromMemberId"), text(row, "toMemberId"), text(row, "transferId")
    if sender == receiver == uid:
        yield from _both_sides(row, identity, account)
        return
    moved, asset, at = amount(row, "amount"), upper(text(row, "coin")), moment(row, "timestamp")
    if not moved or uid not in {sender, receiver}:
        return  # from one sub-account to another
    gave = sender == uid
    wallets = f"main → {_masked(receiver)}" if gave else f"{_masked(sender)} → main"
    signed = -moved if gave else moved
    yield CashFlow(identity, account, FlowKind.TRANSFER, at, asset, signed, txid=identity, wallets=wallets)


def earnings(category: str, word: str) -> Callable[[Ask], Awaitable[Batch]]:
    """The reader of what one kind of earn product paid."""

    async def read(ask: Ask) -> Batch:
        method = "private_get_v5_earn_yield"
        found = await paged(ask, method, {"category": category}, full=100, lists=("list", "yield"))
        flows: list[CashFlow] = []
        void: list[str] = []
        for row in found:
            state, identity = text(row, "status"), f"{category}:{text(row, 'id')}"
            got = amount(row, "amount")
            if state == "Fail":
                void.append(identity)
            elif state == "Success" and got:
                sort = FlowKind.INCOME if got > 0 else FlowKind.FEE
                at, asset = moment(row, "createdAt"), upper(text(row, "coin"))
                flows.append(CashFlow(identity, ask.account, sort, at, asset, got, detail=word))
        return Batch(tuple(flows), tuple(void))

    return read


async def found(api: Api, _hints: Hints) -> Sequence[StreamReader]:
    """What only the key of a master account may ask."""
    key = table(await api.call("private_get_v5_user_query_api"), "result")
    if key.get("isMaster") is False:
        return ()
    return (
        StreamReader(Stream("withdrawals", "withdrawals", MONTH, KEPT, border=True), withdrawals),
        StreamReader(
            Stream("sub_transfers", "transfers to sub-accounts", WEEK, KEPT),
            sub_account_transfers(str(key.get("userID") or "")),
        ),
    )


def _txid(row: Row) -> str | None:
    return str(row.get("txID") or "")[:128] or None


def _wallet(row: Row, field: str) -> str:
    name = text(row, field)
    return _WALLETS.get(name, name.lower())


def _masked(uid: str) -> str:
    return f"sub-account …{uid[-4:]}"


_EVERYBODY = (
    StreamReader(Stream("deposits", "deposits", MONTH, KEPT, border=True), deposits),
    StreamReader(Stream("internal_deposits", "deposits from Bybit users", MONTH, KEPT, border=True), internal_deposits),
    StreamReader(Stream("funding_wallet", "funding wallet", WEEK, KEPT, border=True), funding_wallet),
    StreamReader(Stream("own_transfers", "transfers between own wallets", WEEK, KEPT), own_transfers),
    StreamReader(Stream("log", "unified account", WEEK, KEPT), transaction_log),
    StreamReader(Stream("conversions", "conversions", None, KEPT), converted),
    StreamReader(Stream("small_balances", "small balances converted", None, KEPT), small_balances),
    StreamReader(
        Stream("savings", "interest of flexible savings", WEEK, KEPT), earnings("FlexibleSaving", "flexible savings")
    ),
    StreamReader(Stream("onchain_earn", "rewards of on-chain earn", WEEK, KEPT), earnings("OnChain", "on-chain earn")),
    *(
        StreamReader(Stream(f"trades_{category}", f"{category} trades", WEEK, KEPT), fills(category))
        for category in CATEGORIES
    ),
)

LEDGER = Ledger(
    opened=date(2018, 11, 1),
    streams=_EVERYBODY,
    found=found,
    price=price,
    bridges=("USDT", "USDC", "EUR", "BTC", "ETH"),
)
