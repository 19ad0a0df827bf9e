"""Sub-accounts of a Binance main account: what lies in them, and what moves between them and the main account.

A main account sees all of them; a sub-account sees only its own moves. Whoever has none asks one question for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import Holding, Wallet
from portfolio_bot.platforms.hollow import hollow
from portfolio_bot.platforms.ledger import Ask, Batch, Stream, StreamReader
from portfolio_bot.platforms.paging import between, by_count, by_number, moment, unless_full
from portfolio_bot.platforms.records import flow
from portfolio_bot.platforms.strict import Row, amount, rows, text
from portfolio_bot.platforms.venue import Api, Inside, Refused, WalletAnswer, upper

PAGE = 200
MOVES_PAGE = 500

_WINDOW = timedelta(days=6)
"""Binance wants less than 7 days."""

_OWN_WINDOW = timedelta(days=30)
_BEFORE_ALL = datetime(2017, 7, 14, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sub:
    """One sub-account.

    Attributes:
        uid: its number.
        email: what Binance calls it by; never shown.
        since: when it was made.
    """

    uid: str
    email: str
    since: datetime

    @property
    def name(self) -> str:
        """As it is shown."""
        return f"sub-account …{self.uid[-4:]}"


async def listed(api: Api) -> tuple[Sub, ...] | None:
    """The sub-accounts of a main account, an ordinary account has none; None: this is no main account."""

    async def page(number: int) -> Sequence[Row]:
        answer = await api.once("sapi_get_sub_account_list", {"page": number, "limit": PAGE})
        return () if hollow(answer) else rows(answer, "subAccounts")

    try:
        found = await by_number(page, full=PAGE)
    except Refused as error:
        if error.failure.kind is FailureKind.BAD_ANSWER:
            return None
        raise
    return tuple(
        Sub(
            text(row, "subUserId"),
            text(row, "email", longest=200),
            moment(row, "createTime") if row.get("createTime") else _BEFORE_ALL,
        )
        for row in found
    )


async def sub_accounts(api: Api) -> WalletAnswer:
    """What lies in each of them: spot, margin, and both futures."""
    subs = await listed(api)
    if not subs:
        return WalletAnswer()
    states = {
        text(row, "email", longest=200): row for row in rows(await api.call("sapi_get_sub_account_status"))
    }  # one answer for all
    inside = await asyncio.gather(*(_inside(api, sub, states.get(sub.email, {})) for sub in subs))
    return WalletAnswer(inside=tuple(sub for sub in inside if any(row.amount for row in sub.holdings)))


async def _inside(api: Api, sub: Sub, state: Row) -> Inside:
    whose = {"email": sub.email}
    held: list[Holding] = []
    for row in rows(await api.call("sapiv4_get_sub_account_assets", whose), "balances"):
        owned = sum((amount(row, field, blank=ZERO) for field in ("free", "locked", "freeze", "withdrawing")), ZERO)
        held.append(Holding(upper(text(row, "asset")), Wallet.SPOT, owned))
    if state.get("isMarginEnabled") is True:
        answer = await api.call("sapi_get_sub_account_margin_account", whose)
        held += _rows(rows(answer, "marginUserAssetVoList"), "netAsset", Wallet.MARGIN)
    if state.get("isFutureEnabled") is True:
        for kind, part in (("1", "futureAccountResp"), ("2", "deliveryAccountResp")):
            answer = await api.call("sapiv2_get_sub_account_futures_account", {**whose, "futuresType": kind})
            held += _rows(rows(answer, part, "assets"), "marginBalance", Wallet.FUTURES)
    return Inside(sub.uid, sub.name, None, tuple(held))


def _rows(found: Sequence[Row], field: str, wallet: Wallet) -> list[Holding]:
    return [Holding(upper(text(row, "asset")), wallet, amount(row, field)) for row in found]


def moves(subs: Sequence[Sub]) -> StreamReader:
    """Between a main account and its sub-accounts, as the main account sees it."""
    names = {sub.email: sub.name for sub in subs}
    first = min(sub.since for sub in subs)

    async def read(ask: Ask) -> Batch:
        if ask.span.end <= first:
            return Batch()
        records: list[CashFlow] = []
        for whose in ({}, *({"fromEmail": email} for email in names)):
            params = {**between(ask.span), **whose, "limit": MOVES_PAGE}
            method = "sapi_get_sub_account_universaltransfer"
            found = await by_count(
                ask.api, method, params, page="page", path="result", full=MOVES_PAGE, count="totalCount"
            )
            for row in found:
                records += _seen_from_main(ask, row, names)
        return Batch(tuple(records))

    return StreamReader(Stream("sub-accounts", "transfers to sub-accounts", window=_WINDOW, border=True), read)


def _seen_from_main(ask: Ask, row: Row, names: dict[str, str]) -> list[CashFlow]:
    """Who is not among the sub-accounts is the main account; what goes from one of them to another is not ours."""
    giver, taker = (names.get(text(row, field, longest=200)) for field in ("fromEmail", "toEmail"))
    if text(row, "status") != "SUCCESS" or (giver is None) == (taker is None):
        return []
    moved = amount(row, "amount") * (-1 if giver is None else 1)
    way = f"main → {taker}" if giver is None else f"{giver} → main"
    return _move(ask, row, moved, way, moment(row, "createTimeStamp"))


def own_moves() -> StreamReader:
    """To and from a sub-account, as it sees it; another kind of account is refused and has none."""

    async def read(ask: Ask) -> Batch:
        records: list[CashFlow] = []
        for direction in ("1", "2"):
            params = {**between(ask.span), "type": direction, "limit": MOVES_PAGE}
            try:
                answer = await ask.api.call("sapi_get_sub_account_transfer_subuserhistory", params)
            except Refused as error:
                if error.failure.kind is FailureKind.BAD_ANSWER:
                    return Batch()
                raise
            for row in unless_full(rows(answer), MOVES_PAGE):
                if text(row, "status") == "SUCCESS":
                    came, other = direction == "1", text(row, "counterParty")
                    moved = amount(row, "qty") * (1 if came else -1)
                    way = f"{other} → this sub-account" if came else f"this sub-account → {other}"
                    records += _move(ask, row, moved, way, moment(row, "time"))
        return Batch(tuple(records))

    stream = Stream("sub-account", "transfers with the main account", window=_OWN_WINDOW, border=True)
    return StreamReader(stream, read)


def _move(ask: Ask, row: Row, moved: Decimal, way: str, at: datetime) -> list[CashFlow]:
    move, asset = text(row, "tranId"), upper(text(row, "asset"))
    return flow(ask, FlowKind.TRANSFER, f"sub:{move}", at, asset, moved, txid=move, wallets=way)
