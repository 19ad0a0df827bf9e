"""Bybit's past. API: v5.

What it keeps: two years of everything; asked for in windows of seven days (executions, the unified account's log, own
transfers, earnings, the funding wallet) or thirty (deposits, withdrawals). Conversions are listed from the newest on,
without a window. What was traded before an account became a unified one is not in these answers.

Only a main account's key may read withdrawals. A transfer with a sub-account is told from both sides where the main key
sees the sub-account too, and from one where that has a credential of its own, which tells the other side. What a key
may not see (conversions, earnings) is not asked for; conversions of the unified account stand in its log too.

Fees: `withdrawFee` comes on top of the amount. A deposit counts when it is credited (`successAt`), a withdrawal from
the moment it is asked for, which is when it leaves the balance.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee
from portfolio_bot.platforms.ledger import Ask, Batch, Hints, Ledger, Stream, StreamReader
from portfolio_bot.platforms.paging import SECOND, moment
from portfolio_bot.platforms.records import earned_or_paid
from portfolio_bot.platforms.strict import Row, amount, stated, table, text
from portfolio_bot.platforms.venue import Api, upper
from portfolio_bot.platforms.venues.bybit import ABOUT_KEY
from portfolio_bot.platforms.venues.bybit_candles import price
from portfolio_bot.platforms.venues.bybit_conversions import converted, small_balances
from portfolio_bot.platforms.venues.bybit_fills import CATEGORIES, fills
from portfolio_bot.platforms.venues.bybit_log import funding_wallet, transaction_log
from portfolio_bot.platforms.venues.bybit_pages import paged

KEPT = timedelta(days=730)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)

_CREDITED = frozenset({"3", "10012"})
_ROLLED_BACK = "7"
"""First digit of the states of a deposit that was taken back."""
_LEFT = frozenset({"success", "BlockchainConfirmed"})
_CAME_BACK = frozenset({"CancelByUser", "Reject", "Fail"})
_TRANSFERS = frozenset({"SubMemberTransfer", "SubMemberTransferList"})
"""Rights, of a main account and of a sub-account, to see transfers between the two."""
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
        sent, paid, asset = amount(row, "amount"), stated(row, "withdrawFee"), upper(text(row, "coin"))
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


def sub_account_transfers(uid: str, *, main: bool) -> Callable[[Ask], Awaitable[Batch]]:
    """The reader of transfers between a main account and its sub-accounts.

    Args:
        uid: the key's own account, by its number.
        main: it is the main account.
    """

    async def read(ask: Ask) -> Batch:
        found = await paged(ask, "private_get_v5_asset_transfer_query_universal_transfer_list", {}, full=50)
        flows: list[CashFlow] = []
        void: list[str] = []
        for row in found:
            identity, state = text(row, "transferId"), text(row, "status")
            made = list(_crossed(row, uid, main, ask)) if state == "SUCCESS" else []
            flows += made
            if made or state == "FAILED":
                names = {identity, f"{identity}:out", f"{identity}:in"}
                void += sorted(names - {flow.id for flow in made})
        return Batch(tuple(flows), tuple(void))

    return read


def _crossed(row: Row, uid: str, main: bool, ask: Ask) -> Iterable[CashFlow]:
    """Both sides where a sub-account is seen through this key alone; else this one, and its own key tells the other."""
    sender, receiver, identity = text(row, "fromMemberId"), text(row, "toMemberId"), text(row, "transferId")
    if uid not in {sender, receiver}:
        return  # from one sub-account to another
    gave = sender == uid
    other = receiver if gave else sender
    here, there = ("main", _masked(other)) if main else ("sub-account", "main")
    wallets = f"{here} → {there}" if gave else f"{there} → {here}"
    if sender == receiver:
        yield from _both_sides(row, identity, ask.account)
    elif main and not ask.apart(other):
        yield from (replace(flow, wallets=wallets) for flow in _both_sides(row, identity, ask.account))
    else:
        moved, asset, at = amount(row, "amount"), upper(text(row, "coin")), moment(row, "timestamp")
        signed = -moved if gave else moved
        if moved:
            yield CashFlow(identity, ask.account, FlowKind.TRANSFER, at, asset, signed, txid=identity, wallets=wallets)


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
                sort = earned_or_paid(got)
                at, asset = moment(row, "createdAt"), upper(text(row, "coin"))
                flows.append(CashFlow(identity, ask.account, sort, at, asset, got, detail=word))
        return Batch(tuple(flows), tuple(void))

    return read


async def found(api: Api, _hints: Hints) -> Sequence[StreamReader]:
    """What not every key may ask: withdrawals only a main account's, the rest only one with the right to see it."""
    key = await _about_key(api)
    main = key.get("isMaster") is not False
    granted = key.get("permissions")
    rights: Row = granted if isinstance(granted, dict) else {}
    readers = []
    if main:
        readers.append(StreamReader(Stream("withdrawals", "withdrawals", MONTH, KEPT, border=True), withdrawals))
    if _granted(rights, "Wallet", _TRANSFERS):
        stream = Stream("sub_transfers", "transfers with sub-accounts", WEEK, KEPT)
        readers.append(StreamReader(stream, sub_account_transfers(str(key.get("userID") or ""), main=main)))
    if _granted(rights, "Exchange"):
        readers += _CONVERSIONS
    if _granted(rights, "Earn"):
        readers += _EARNINGS
    return readers


async def _about_key(api: Api) -> Row:
    """What the venue says of the key; nothing where it does not tell: then every list is asked for.

    Raises:
        SourceError: the key, the road or the venue's limits: no list would answer either.
    """
    try:
        return table(await api.once(ABOUT_KEY), "result")
    except SourceError as error:
        if error.failure.kind not in {FailureKind.MISSING_RIGHT, FailureKind.BAD_ANSWER}:
            raise
        return {}


def _granted(rights: Row, group: str, names: frozenset[str] = frozenset()) -> bool:
    """Whether the key has a right of a group, one of these if any are named; True if the venue does not say."""
    found = rights.get(group)
    return not isinstance(found, list) or bool(names & set(found) if names else found)


def _txid(row: Row) -> str | None:
    return str(row.get("txID") or "")[:128] or None


def _wallet(row: Row, field: str) -> str:
    name = text(row, field)
    return _WALLETS.get(name, name.lower())


def _masked(uid: str) -> str:
    return f"sub-account …{uid[-4:]}"


_CONVERSIONS = (
    StreamReader(Stream("conversions", "conversions", None, KEPT), converted),
    StreamReader(Stream("small_balances", "small balances converted", None, KEPT), small_balances),
)
_EARNINGS = (
    StreamReader(
        Stream("savings", "interest of flexible savings", WEEK, KEPT), earnings("FlexibleSaving", "flexible savings")
    ),
    StreamReader(Stream("onchain_earn", "rewards of on-chain earn", WEEK, KEPT), earnings("OnChain", "on-chain earn")),
)
_EVERYBODY = (
    StreamReader(Stream("deposits", "deposits", MONTH, KEPT, border=True), deposits),
    StreamReader(Stream("internal_deposits", "deposits from Bybit users", MONTH, KEPT, border=True), internal_deposits),
    StreamReader(Stream("funding_wallet", "funding wallet", WEEK, KEPT, border=True), funding_wallet),
    StreamReader(Stream("log", "unified account", WEEK, KEPT), transaction_log),
    *(
        StreamReader(Stream(f"trades_{category}", f"{category} trades", WEEK, KEPT), fills(category))
        for category in CATEGORIES
    ),
    # last: one call a second is all that Bybit allows, and nothing crosses the account's border here
    StreamReader(Stream("own_transfers", "transfers between own wallets", WEEK, KEPT), own_transfers),
)

LEDGER = Ledger(
    opened=date(2018, 11, 1),
    streams=_EVERYBODY,
    found=found,
    price=price,
    bridges=("USDT", "USDC", "EUR", "BTC", "ETH"),
)
