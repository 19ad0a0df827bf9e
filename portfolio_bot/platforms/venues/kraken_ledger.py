"""Kraken's past. Its ledger is complete and goes back to the beginning: every change of every balance, once.

Deposits and withdrawals stand in the ledger and, with the transaction's id and what became of it, in two lists of
recent ones; both are read together, and one movement (`refid`) is one record whichever of them tells of it. Legs of
trades are left to the history of trades. A position on margin changes no holding of its pair: its fills are trades of
contracts, and what it earned or lost, and its rollover, are rows of the ledger. What moves between a balance and its
staked or earning part stays in the account and is left out.

Horizon: none. Answers are 50 rows, counted, newest first; spans that hold very many are asked for in shorter ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Trade
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Ledger, Record, Span, Stream, StreamReader
from portfolio_bot.platforms.paging import SECOND, by_cursor, moment, seconds
from portfolio_bot.platforms.records import came_or_went, earned_or_paid, fee_of, fees_of, side_of
from portfolio_bot.platforms.strict import Row, amount, rows, stated, table, text
from portfolio_bot.platforms.venue import Api, Refused
from portfolio_bot.platforms.venues.kraken import FEE_CREDITS
from portfolio_bot.platforms.venues.kraken_names import alternative, canonical, split_market

PAGE = 50
MOST_ROWS = 1000
"""Of one span: 20 calls, each of which counts double against the key's limit."""

STATUSES = 25
"""So many recent movements come at least without a cursor; with fewer than that there is no further page."""

LOOK_BACK = timedelta(days=7)
"""A movement is listed when it begins, and stands in the ledger when it is booked."""

_TRADED = frozenset({"trade", "equity_trade", "equity-trade"})
_EXCHANGED = frozenset({"spend", "receive", "conversion", "settled", "sale"})
_EARNED = frozenset({"staking", "dividend", "reward", "airdrop", "invite bonus", "invite_bonus", "nft_rebate"})
_SPENT = frozenset({"rollover", "nft_creator_fee"})
_WITH_FUTURES = frozenset({"spotfromfutures", "spottofutures"})
_INSIDE = frozenset(
    {"spottostaking", "stakingfromspot", "stakingtospot", "spotfromstaking"}
    | {"allocation", "deallocation", "autoallocation", "autodeallocation", "migration"}
)

_DONE = frozenset({"success"})
_FAILED = frozenset({"failure"})
_CAME_BACK = frozenset({"return", "returned", "canceled", "cancelled"})
_ON_HOLD = frozenset({"onhold", "on-hold"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of the ledger with its id."""

    id: str
    row: Row

    @property
    def at(self) -> datetime:
        return moment(self.row, "time", SECOND)

    @property
    def kind(self) -> str:
        return text(self.row, "type").lower()

    @property
    def subtype(self) -> str:
        return str(self.row.get("subtype") or "").lower()

    @property
    def refid(self) -> str:
        return text(self.row, "refid")

    @property
    def asset(self) -> Asset:
        return canonical(text(self.row, "asset"))

    @property
    def amount(self) -> Decimal:
        return amount(self.row, "amount")

    @property
    def fee(self) -> Decimal:
        return stated(self.row, "fee")


async def flows(ask: Ask) -> Batch:
    """The ledger of a span, with what became of deposits and withdrawals of that time."""
    entries = [
        _Entry(name, row)
        for name, row in (await _all(ask.api, "private_post_ledgers", "ledger", ask.span)).items()
        if text(row, "asset") not in FEE_CREDITS
    ]
    border = [entry for entry in entries if _crosses(entry)]
    statuses = await _statuses(ask, Span(ask.span.start - LOOK_BACK, ask.span.end))
    records, void = _border(ask, border, statuses)
    others = (_flow(ask.account, entry) for entry in entries if not _crosses(entry))
    return Batch((*records, *(record for record in others if record is not None)), void)


def _crosses(entry: _Entry) -> bool:
    """Whether it crosses the border: the other side is no account at Kraken Futures and no part of this one."""
    return entry.kind in {"deposit", "withdrawal"} and entry.subtype not in _WITH_FUTURES | _INSIDE


def _flow(account: AccountId, entry: _Entry) -> CashFlow | None:
    """What a row is that is no deposit and no withdrawal; None for what is told elsewhere or changes nothing."""
    if entry.kind in _TRADED or (entry.subtype in _INSIDE and entry.kind != "trade"):
        return None
    booked, cost = entry.amount, entry.fee
    kind = _kind(entry)
    if entry.kind == "margin":
        cost = ZERO  # comes with the fill
    elif not booked:
        booked, cost, kind = -cost, ZERO, earned_or_paid(-cost)
    if not booked:
        return None
    linked = kind in {FlowKind.CONVERSION, FlowKind.TRANSFER}
    word = " ".join(part for part in (entry.kind, entry.subtype) if part)
    return CashFlow(
        entry.id,
        account,
        kind,
        entry.at,
        entry.asset,
        booked,
        fee=fee_of(entry.asset, cost),
        txid=entry.refid if linked else None,
        detail=word,
    )


def _kind(entry: _Entry) -> FlowKind:
    kind = entry.kind
    if entry.subtype in _WITH_FUTURES:
        return FlowKind.TRANSFER
    if kind in _EXCHANGED:
        return FlowKind.CONVERSION
    if kind == "margin":
        return FlowKind.FUTURES_PNL
    if kind in _EARNED | _SPENT or (kind == "earn" and entry.subtype in {"reward", "bonus"}):
        return earned_or_paid(entry.amount)
    return FlowKind.UNCLASSIFIED


def _border(ask: Ask, entries: Iterable[_Entry], statuses: Mapping[str, Row]) -> tuple[list[CashFlow], tuple[str, ...]]:
    """One record per movement, and those that never happened or were undone."""
    booked: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        booked[entry.refid].append(entry)
    records: list[CashFlow] = []
    void: set[str] = set()
    for refid, legs in booked.items():
        listed = statuses.get(refid)
        flow = _booked(ask.account, refid, legs)
        if flow is None or (listed is not None and _undone(listed)):
            void.add(refid)
        else:
            records.append(flow if listed is None else _with_status(flow, listed))
    for refid, listed in statuses.items():
        at = moment(listed, "time", SECOND)
        if refid in booked:
            continue
        if _undone(listed):
            void.add(refid)
        elif ask.span.start <= at < ask.span.end and (found := _listed(ask.account, refid, listed, at)) is not None:
            records.append(found)
    return records, tuple(sorted(void))


def _booked(account: AccountId, refid: str, legs: list[_Entry]) -> CashFlow | None:
    """The movement of these rows of the ledger; None if they undo a movement, all of it or the one told before."""
    first = min(legs, key=lambda leg: (leg.at, leg.id))
    total, cost = sum(leg.amount for leg in legs), sum((leg.fee for leg in legs), ZERO)
    goes_out = first.kind == "withdrawal"
    if not total or (total < 0) != goes_out:
        return None
    return CashFlow(
        refid,
        account,
        came_or_went(total),
        first.at,
        first.asset,
        total,
        fee=fee_of(first.asset, cost),
        detail=first.subtype,
    )


def _with_status(flow: CashFlow, listed: Row) -> CashFlow:
    settled = flow.kind is FlowKind.DEPOSIT or _status(listed) not in {"initial", "pending"}
    return replace(flow, txid=_txid(listed), settled=settled)


def _listed(account: AccountId, refid: str, listed: Row, at: datetime) -> CashFlow | None:
    """A movement that the ledger of this span does not hold; None while it changed nothing."""
    goes_out = bool(listed["_out"])
    done = _status(listed) in _DONE and _property(listed) not in _ON_HOLD
    size = abs(amount(listed, "amount"))
    if not size or not (goes_out or done):
        return None
    asset = canonical(text(listed, "asset"))
    return CashFlow(
        refid,
        account,
        FlowKind.WITHDRAWAL if goes_out else FlowKind.DEPOSIT,
        at,
        asset,
        -size if goes_out else size,
        fee=fee_of(asset, amount(listed, "fee", blank=ZERO)),
        txid=_txid(listed),
        settled=not goes_out or _status(listed) not in {"initial", "pending"},
    )


def _undone(listed: Row) -> bool:
    return _status(listed) in _FAILED or _property(listed) in _CAME_BACK


def _status(listed: Row) -> str:
    return text(listed, "status").lower()


def _property(listed: Row) -> str:
    return str(listed.get("status-prop") or "").lower()


def _txid(listed: Row) -> str | None:
    return text(listed, "txid", longest=200) if listed.get("txid") else None


async def _statuses(ask: Ask, span: Span) -> Mapping[str, Row]:
    """Deposits and withdrawals by `refid`; a key that may not read them still has the ledger."""
    found: dict[str, Row] = {}
    for method, goes_out in (("private_post_depositstatus", False), ("private_post_withdrawstatus", True)):
        try:
            listed = await _listed_pages(ask.api, method, span)
        except Refused as error:
            if error.failure.kind is not FailureKind.MISSING_RIGHT:
                raise
            continue
        found |= {text(row, "refid"): {**row, "_out": goes_out} for row in listed}
    return found


async def _listed_pages(api: Api, method: str, span: Span) -> list[Row]:
    params = {"start": str(seconds(span.start)), "end": str(seconds(span.end) + 1)}
    listed, _ = _page(await api.call(method, params))
    if len(listed) < STATUSES:
        return listed

    async def page(cursor: str) -> tuple[list[Row], str]:
        return _page(await api.call(method, {**params, "cursor": cursor or "true"}))

    return [*listed, *await by_cursor(page)]


def _page(answer: object) -> tuple[list[Row], str]:
    """A bare list, or one with the cursor of the next page; nothing at all is an empty one."""
    result = table(answer).get("result")
    if isinstance(result, list):
        return list(rows(answer, "result")), ""
    found = table(answer, "result")
    listed = [row for name in found if isinstance(found[name], list) for row in rows(found, name)]
    following = found.get("next_cursor")
    return listed, str(following) if following else ""


async def trades(ask: Ask) -> Batch:
    """Fills of spot markets, and of positions on margin, which hold nothing but a result."""
    found = await _all(ask.api, "private_post_tradeshistory", "trades", ask.span)
    return Batch(tuple([await _fill(ask, name, row) for name, row in found.items()]))


async def _fill(ask: Ask, name: str, row: Row) -> Record:
    market = text(row, "pair")
    base, quote = split_market(market) or await _looked_up(ask.api, market)
    at, side = moment(row, "time", SECOND), side_of(row, "type")
    size, price = amount(row, "vol"), amount(row, "price")
    fees = fees_of((quote, stated(row, "fee")))
    if amount(row, "margin", blank=ZERO):
        return ContractTrade(name, ask.account, at, side, market, quote, size, price, fees, detail="margin")
    return Trade(name, ask.account, at, side, base, quote, size, amount(row, "cost"), fees=fees, price=price)


async def _looked_up(api: Api, market: str) -> tuple[Asset, Asset]:
    """Base and quote of a market whose name does not tell, by the venue's list."""
    listed = table(await api.once("public_get_assetpairs"), "result")
    for name in listed:
        pair = table(listed, name)
        if market in {name, pair.get("altname"), pair.get("wsname")}:
            return canonical(text(pair, "base")), canonical(text(pair, "quote"))
    raise SourceError.of(FailureKind.BAD_ANSWER, f"the market {market} is not known")


async def _all(api: Api, method: str, field: str, span: Span) -> dict[str, Row]:
    """Every row of a span by its id: pages of 50 until as many have come as were announced.

    Raises:
        CutShort: more than `MOST_ROWS`.
        SourceError: fewer came than were announced.
    """
    # the start is meant exclusively
    params = {"start": str(seconds(span.start) - 1), "end": str(seconds(span.end) + 1)}
    found: dict[str, Row] = {}
    came = offset = announced = 0
    while offset <= MOST_ROWS:
        result = table(await api.call(method, {**params, "ofs": offset} if offset else params), "result")
        page = table(result, field) if result else {}
        announced = max(announced, int(amount(result, "count")) if result else 0)
        if announced > MOST_ROWS:
            raise CutShort
        found |= {text({"id": name}, "id"): table(page, name) for name in page}
        came, offset = came + len(page), offset + PAGE
        if len(page) < PAGE and (offset >= announced or not page):
            if came < announced:
                raise SourceError.of(FailureKind.BAD_ANSWER, f"{came} of {announced} rows came")
            return found
    raise CutShort


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The first trade within a day of an instant, however long ago."""
    micros = (at - datetime.fromtimestamp(0, at.tzinfo)) // timedelta(microseconds=1)
    params = {"pair": alternative(base) + alternative(quote), "since": str(micros * 1000), "count": 1}
    result = table(await api.call("public_get_trades", params), "result")
    for market in result:
        if market == "last":
            continue
        listed = result[market]
        first = listed[0] if isinstance(listed, list) and listed else None
        if isinstance(first, list) and len(first) > 2:
            row: Row = {"price": first[0], "time": first[2]}
            near = abs(moment(row, "time", SECOND) - at) <= timedelta(days=1)
            return amount(row, "price") if near else None
    return None


LEDGER = Ledger(
    opened=date(2011, 7, 28),
    streams=(
        StreamReader(Stream("ledger", "deposits, withdrawals and income", border=True), flows),
        StreamReader(Stream("trades", "trades"), trades),
    ),
    price=price,
    bridges=("USD", "EUR", "USDT", "BTC", "ETH"),
)
