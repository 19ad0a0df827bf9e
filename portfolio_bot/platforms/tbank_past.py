"""T-Bank's past: `GetOperationsByCursor` of every account that counts, the closed ones too, and old prices of shares.

The bank re-books at times, and ids change with it, so a week is read again each time and replaces what was there. One
id may stand in two accounts, therefore records carry a short form of the account's key in front.

Moves between the owner's accounts do not say where they come from. Where the other side is found on another account
of the token, by the same id, else by the same amount within days, both are sides of one transfer; else the move
crossed the border.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import FIAT, Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.claims import Claims
from portfolio_bot.platforms.ledger import Batch, Price, Span, Stream
from portfolio_bot.platforms.paging import by_cursor, iso_moment
from portfolio_bot.platforms.strict import Row
from portfolio_bot.platforms.sub_accounts import SHORT, Identities
from portfolio_bot.platforms.tbank_accounts import Inner
from portfolio_bot.platforms.tbank_api import CLOSED, Api, RefusedError
from portfolio_bot.platforms.tbank_money import bad, quotation, rows, text
from portfolio_bot.platforms.tbank_operations import EXECUTED, MAY_BE_OWN, Operation, OtherSide, operation, records
from portfolio_bot.platforms.tbank_portfolio import asset_of

OPENED = date(2016, 1, 1)
"""The year in which the bank began to keep brokerage accounts."""

SOURCE = "tbank"

_DAY = timedelta(days=1)

A_YEAR = timedelta(days=365)
REBOOKED = timedelta(days=7)
UNDER_WAY = timedelta(days=3)
"""The longest that a move between own accounts was seen to take."""

_PAGE = 500
"""Of 1000 at most: longer answers were seen to break off."""

_PRICED = frozenset({"share", "etf"})
"""A bond's price is in percent of a principal that changes; futures are points."""

_HOME = frozenset({"TQBR", "TQTF"})
"""Moscow's main boards for shares and funds: a ticker may be listed on others too, hardly traded there."""

List = Callable[[], Awaitable[Sequence[Inner]]]


@dataclass(frozen=True, slots=True)
class Move:
    """One side of a possible move between own accounts."""

    inner: Inner
    done: Operation
    asset: Asset
    amount: Decimal


class TBankPast:
    """Implements the methods of `ledger.KeepsLedger` for one token.

    Args:
        listed: asks which accounts there are.
    """

    def __init__(self, account: AccountId, api: Api, who: Identities, claims: Claims, listed: List) -> None:
        self._account, self._api, self._who, self._claims, self._listed = account, api, who, claims, listed
        claims.join(SOURCE, account, who.told())
        self._inside: Sequence[Inner] = ()
        self._tickers: dict[str, str] = {}
        self._uids: dict[Asset, str] = {}

    async def streams(self) -> Sequence[Stream]:
        """One for each account whose value counts, or counted as long as it was open.

        An Invest box that was never valued is left out with its past: what goes there leaves. So is an account whose
        past another token tells.
        """
        seen, listed = self._who.seen(), await self._listed()
        self._who.refuse_another({inner.key for inner in listed})
        visible = [
            inner
            for inner in listed
            if (inner.tried or inner.closed) and not inner.hidden and (not inner.is_box or inner.key in seen)
        ]
        mine = await self._claims.mine(SOURCE, self._account, [inner.key for inner in visible])
        await self._who.keep_told(mine)
        self._inside = [inner for inner in visible if inner.key in mine]
        return [
            Stream(
                name=f"operations {_short(inner)}",
                title=f"operations, {inner.name}",
                window=A_YEAR,
                again=REBOOKED,
                border=not inner.closed,
                replaces=not inner.closed,  # a closed account may stop telling what it told before
            )
            for inner in self._inside
        ]

    async def past(self, stream: Stream, span: Span) -> Batch:
        """See `ledger.KeepsLedger`."""
        if not self._inside:
            await self.streams()
        inner = next((inner for inner in self._inside if stream.name.endswith(_short(inner))), None)
        if inner is None:
            raise bad("an account that the token does not list any more")
        done = await self._operations(inner, span)
        others = await self._other_sides(inner, done, span)
        return Batch(
            tuple(record for one in done for record in records(one, self._account, _short(inner), others.get(one.id)))
        )

    async def price_at(self, asset: Asset, at: datetime) -> Price | None:
        """The close of that day, or of the last one traded before, on the instrument's own market."""
        if asset in FIAT:
            return None
        instrument = await self._instrument(asset)
        if instrument is None or text(instrument, "instrumentType", "").lower() not in _PRICED:
            return None
        answer = await self._api.call(
            "MarketDataService/GetCandles",
            instrumentId=text(instrument, "uid"),
            interval="CANDLE_INTERVAL_DAY",
            **{"from": _stamp(at - timedelta(days=14)), "to": _stamp(at)},
        )
        days = [(iso_moment(row, "time"), quotation(row, "close")) for row in rows(answer, "candles")]
        before = [(day, price) for day, price in days if day <= at and price > 0]
        if not before:
            return None
        day, price = max(before)
        return Price(price, text(instrument, "currency").upper(), min(day + _DAY, at))

    async def _operations(self, inner: Inner, span: Span, types: Sequence[str] = ()) -> list[Operation]:
        """All pages of a span, each operation once, those that were executed."""
        if inner.opened is not None and span.end < inner.opened - _DAY:
            return []

        async def page(cursor: str) -> tuple[Sequence[Row], str]:
            answer = await self._api.call(
                "OperationsService/GetOperationsByCursor",
                accountId=inner.number,
                cursor=cursor,
                limit=_PAGE,
                state=EXECUTED,
                operationTypes=list(types),
                withoutTrades=True,
                withoutCommissions=False,
                withoutOvernights=False,
                **{"from": _stamp(span.start), "to": _stamp(span.end)},
            )
            more, following = answer.get("hasNext", False), text(answer, "nextCursor", "")
            if not isinstance(more, bool):
                raise bad("hasNext is neither true nor false")
            if more and not following:
                raise bad("there is another page, and no cursor for it")
            return rows(answer, "items"), following if more else ""

        try:
            found = await by_cursor(page)
        except RefusedError as error:
            if error.code == CLOSED and inner.closed:
                return []
            raise
        read = [operation(await self._named(row), inner.number) for row in found]
        return list({one.id: one for one in read if one is not None}.values())

    async def _named(self, row: Row) -> Row:
        """The row with the ticker of its instrument: rows of older days may tell only the instrument's id."""
        uid = text(row, "instrumentUid", "")
        ticker = text(row, "ticker", "")
        if not uid:
            return row
        if not ticker:
            if uid not in self._tickers:
                found = await self._by_uid(uid)
                self._tickers[uid] = text(found, "ticker", "") if found else ""
            row = {**row, "ticker": self._tickers[uid]}
        asset = asset_of(row, text(row, "instrumentType", "").lower())
        self._uids[asset] = uid
        return row

    async def _other_sides(self, inner: Inner, done: Iterable[Operation], span: Span) -> Mapping[str, OtherSide]:
        """By operation id: the other account of the token to which a move belongs."""
        here = _moves(inner, done)
        if not here or len(self._inside) == 1:
            return {}
        around = Span(span.start - UNDER_WAY, span.end + UNDER_WAY)
        there = [
            move
            for other in self._inside
            if other.key != inner.key
            for move in _moves(other, await self._operations(other, around, MAY_BE_OWN))
        ]
        return {
            side.done.id: OtherSide(out.done.id, f"{out.inner.name} → {into.inner.name}")
            for out, into in paired([*here, *there])
            for side in (out, into)
            if side.inner.key == inner.key
        }

    async def _instrument(self, asset: Asset) -> Row | None:
        uid = self._uids.get(asset)
        if uid is None:
            answer = await self._api.call("InstrumentsService/FindInstrument", query=asset)
            found = [row for row in rows(answer, "instruments") if text(row, "ticker", "").upper() == asset]
            if not found:
                return None
            home = min(found, key=lambda row: text(row, "classCode", "") not in _HOME)
            uid = self._uids[asset] = text(home, "uid")
        return await self._by_uid(uid)

    async def _by_uid(self, uid: str) -> Row | None:
        try:
            answer = await self._api.call("InstrumentsService/GetInstrumentBy", idType="INSTRUMENT_ID_TYPE_UID", id=uid)
        except RefusedError as error:
            if error.failure.kind is FailureKind.BAD_ANSWER:
                return None  # an instrument that the bank knows no more
            raise
        found = answer.get("instrument")
        return found if isinstance(found, dict) else None


def paired(moves: Iterable[Move]) -> list[tuple[Move, Move]]:
    """Which move out of an account is which move into another: each in one pair at most, the same in any order.

    The same id comes first, then the shortest time between them.
    """
    ordered = sorted(moves, key=lambda move: (move.done.at, move.inner.key, move.done.id))
    outs, ins = ([m for m in ordered if m.amount < 0], [m for m in ordered if m.amount > 0])
    fitting = [
        (out.done.id != into.done.id, abs(into.done.at - out.done.at), place, out, into)
        for place, (out, into) in enumerate((out, into) for out in outs for into in ins)
        if out.inner.key != into.inner.key
        and (out.asset, out.amount) == (into.asset, -into.amount)
        and abs(into.done.at - out.done.at) <= UNDER_WAY
    ]
    taken: set[tuple[str, str]] = set()
    pairs = []
    for *_, out, into in sorted(fitting, key=lambda row: row[:3]):
        sides = {(side.inner.key, side.done.id) for side in (out, into)}
        if not taken & sides:
            taken |= sides
            pairs.append((out, into))
    return pairs


def _moves(inner: Inner, done: Iterable[Operation]) -> list[Move]:
    return [Move(inner, one, one.moved.currency, one.moved.amount) for one in done if one.moved]


def _short(inner: Inner) -> str:
    return inner.key[:SHORT]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
