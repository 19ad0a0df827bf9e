"""The moves that events are made of: a quantity is brought, removed or carried over, and money finds its bucket.

Each move keeps one equation, of which the identity of the report is made:
open costs - proceeds of open shorts + book value of cash
    = flows + opened + crossed + income + cash buckets + realised + withdrawn gains.
`crossed` is what goes between the part of the book whose cost is known and the part whose cost is not.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from portfolio_bot.analytics.lot_book import Book, Cash, Flag, LotSource, OpenLot, Tally
from portfolio_bot.analytics.lot_report import Disposal, DisposalKind, Lot
from portfolio_bot.analytics.shares import share
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import FlowKey, FlowKind
from portfolio_bot.model.instrument import CRYPTO_DOLLARS, FIAT, Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId

CASH_LIKE = FIAT | set(CRYPTO_DOLLARS)
"""What has no lots: its price moves are revaluation. Any other stablecoin is an ordinary asset."""

Place: TypeAlias = Book | Cash
"""Where an asset lies: lots, or cash."""

_TRADE = DisposalKind.TRADE  # looked up once, not a million times

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class LotScope(StrEnum):
    """Which lots a sale may use (public setting `LOT_SCOPE`)."""

    GLOBAL = "global"  # the oldest of the asset, wherever they lie
    ACCOUNT = "account"  # the oldest on the account that sells


class UnknownBasis(StrEnum):
    """What a disposal without a known cost is (public setting `UNKNOWN_BASIS`).

    `OPENING` handles what its opening lots do not cover like `EXCLUDE`.
    """

    EXCLUDE = "exclude"  # no gain; its proceeds are told apart
    ZERO = "zero"  # all gain
    OPENING = "opening"  # covered by opening lots, worked out from the balances


class _Taken(NamedTuple):
    """What was taken from a book: the quantity, the part of it with a known cost, that cost, and the lots if told."""

    quantity: Decimal
    known: Decimal
    cost: Decimal
    lots: list[OpenLot] | None


class Moves:
    """Books, cash and buckets. Every method needs an exact context; money in USD, None where it is not known.

    Attributes:
        at, cause: instant and id of the event in hand.
        disposals: those made since somebody emptied the list; None to make none.
    """

    def __init__(self, scope: LotScope, unknown: UnknownBasis, cash_like: AbstractSet[Asset], *, tell: bool) -> None:
        self._everywhere = scope is LotScope.GLOBAL
        self._free = unknown is UnknownBasis.ZERO
        self._cash_like = cash_like
        self._number = 0
        self._places: dict[Asset | tuple[Asset, AccountId], Place] = {}
        self.at = BEGINNING
        self.cause = ""
        self.books: list[Book] = []
        self.under_way: dict[FlowKey, tuple[Decimal, Book]] = {}
        self.tallies: dict[Asset, Tally] = {}
        self.cash: dict[Asset, Cash] = {}
        self.buckets: dict[FlowKind, Decimal] = {}
        self.by_kind: dict[DisposalKind, Decimal] = {}
        self.flows = self.opened = self.crossed = self.income = ZERO
        self.disposals: list[Disposal] | None = [] if tell else None

    def place(self, asset: Asset, account: AccountId) -> Place:
        """Where an asset of an account lies."""
        key = asset if self._everywhere or asset in self._cash_like else (asset, account)
        return self._places.get(key) or self._new_place(key, asset)

    def bucket(self, kind: FlowKind, usd: Decimal) -> None:
        """Add to a bucket, signed."""
        self.buckets[kind] = self.buckets.get(kind, ZERO) + usd

    @property
    def fees(self) -> Decimal:
        """All of them, for the report alone: they are contained in costs and proceeds already."""
        return sum((tally.fees for tally in self.tallies.values()), ZERO)

    def bring(
        self, place: Place, account: AccountId, quantity: Decimal, cost: Decimal | None, source: LotSource
    ) -> None:
        """A quantity comes and its cost is known or not: it covers shorts, oldest first; the rest becomes a lot."""
        if isinstance(place, Cash):
            place.settle(quantity, cost)
        elif quantity > 0:
            place.tally.held += quantity
            if cost is None:
                place.tally.flags.add(Flag.UNPRICED)
            self._add(self._lot(account, quantity, cost, source), place)
        elif quantity or cost:  # fees ate all of it, or more
            self.remove(place, account, -quantity, None if cost is None else -cost, DisposalKind.FEE)

    def remove(
        self,
        place: Place,
        account: AccountId,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: DisposalKind,
        *,
        may_short: bool = False,
    ) -> None:
        """A quantity goes for `proceeds`: the oldest lots leave; what is not there is sold short or has no basis.

        Where an asset was ever traded on margin, whatever goes beyond its lots is short: with lots in common the
        margin account's sale may have used those of another account, which now sells what it still has.
        """
        if isinstance(place, Cash):
            place.settle(-quantity, None if proceeds is None else -proceeds)
            return
        if quantity < 0:
            self.bring(place, account, -quantity, None if proceeds is None else -proceeds, LotSource.REBATE)
            return
        if may_short:
            place.may_short = True
        place.tally.held -= quantity
        self._let_go(place, account, quantity, proceeds, kind, self._take(place, quantity))

    def buy(self, book: Book, account: AccountId, quantity: Decimal, cost: Decimal) -> None:
        """The short way of `bring` for a quantity > 0 that was bought: every other trade is this."""
        book.tally.held += quantity
        lot = self._lot(account, quantity, cost, LotSource.BUY)
        if book.short:
            self._add(lot, book)
        else:
            book.lots.append(lot)  # no other is younger

    def sell(self, book: Book, account: AccountId, quantity: Decimal, proceeds: Decimal) -> None:
        """The short way of `remove` for a quantity >= 0 that was sold."""
        if book.short or self.disposals is not None:
            self.remove(book, account, quantity, proceeds, _TRADE)
            return
        tally = book.tally
        tally.held -= quantity
        taken, known, cost = book.take(quantity)
        if known != quantity:
            self._let_go(book, account, quantity, proceeds, _TRADE, _Taken(taken, known, cost, None))
            return
        gain = proceeds - cost
        tally.realised += gain
        self.by_kind[_TRADE] = self.by_kind.get(_TRADE, ZERO) + gain

    def _let_go(
        self,
        place: Book,
        account: AccountId,
        quantity: Decimal,
        proceeds: Decimal | None,
        kind: DisposalKind,
        taken: _Taken,
    ) -> None:
        rest = quantity - taken.quantity
        if rest and place.may_short:
            part = proceeds
            if taken.quantity and proceeds is not None:
                part = share(proceeds, rest, quantity)
                proceeds -= part
            place.short = True
            place.put(self._lot(account, rest, part, LotSource.SHORT))
            quantity = taken.quantity
            if not quantity:
                return
        elif rest:
            place.tally.missing += rest
        self._realise(place.tally, account, kind, quantity, proceeds, taken)

    def remove_at_cost(self, book: Book, account: AccountId, quantity: Decimal, kind: DisposalKind) -> Decimal:
        """A coin goes and nobody knows its value: it stands at what it cost, which is returned; nothing is gained."""
        tally, taken = book.tally, self._take(book, quantity)
        tally.held -= quantity
        tally.missing += quantity - taken.quantity
        tally.flags.add(Flag.FEE_PRICE_MISSING)
        if taken.known != quantity:
            tally.flags.add(Flag.UNKNOWN_BASIS)
        self._tell(tally, account, kind, quantity, taken.cost, taken, ZERO, ZERO)
        return taken.cost

    def carry_out(self, key: FlowKey, asset: Asset, account: AccountId, quantity: Decimal) -> None:
        """Own money leaves an account: its oldest lots wait under `key`. What is not there waits without a cost."""
        place = self.place(asset, account)
        away = Book(place.tally)
        self.under_way[key] = (quantity, away)
        if self._everywhere or isinstance(place, Cash):
            return
        parts: list[OpenLot] = []
        rest = quantity - (ZERO if place.short else place.take(quantity, parts)[0])
        away.lots.extend(parts)
        if rest:
            place.tally.missing += rest
            place.tally.flags.add(Flag.UNKNOWN_BASIS)
            away.put(self._lot(account, rest, None, LotSource.TRANSFER))

    def carry_in(self, key: FlowKey, asset: Asset, account: AccountId, quantity: Decimal) -> None:
        """What waits under `key` arrives with its dates and costs; a rounding more than was sent comes for nothing."""
        sent, away = self.under_way.pop(key, (ZERO, None))
        place = self.place(asset, account)
        if away is not None and isinstance(place, Book):
            for lot in away.lots:
                lot.account = account
                self._add(lot, place)
        if quantity > sent:
            self.bring(place, account, quantity - sent, ZERO, LotSource.TRANSFER)

    def _new_place(self, key: Asset | tuple[Asset, AccountId], asset: Asset) -> Place:
        tally = self.tallies.get(asset)
        if tally is None:
            tally = self.tallies[asset] = Tally(asset)
        made: Place
        if asset in self._cash_like:
            made = self.cash[asset] = Cash(tally)
        else:
            made = Book(tally)
            self.books.append(made)
        self._places[key] = made
        return made

    def _lot(self, account: AccountId, quantity: Decimal, cost: Decimal | None, source: LotSource) -> OpenLot:
        self._number += 1
        return OpenLot(account, self.at, self._number, quantity, cost, source)

    def _take(self, book: Book, quantity: Decimal) -> _Taken:
        lots: list[OpenLot] | None = None if self.disposals is None else []
        if book.short:
            return _Taken(ZERO, ZERO, ZERO, lots)
        return _Taken(*book.take(quantity, lots), lots)

    def _add(self, lot: OpenLot, book: Book) -> None:
        if book.short:
            self._cover(lot, book)
        if lot.quantity:
            book.put(lot)

    def _cover(self, lot: OpenLot, book: Book) -> None:
        """Spend a lot on open shorts; it keeps what is left, and its cost."""
        shorts: list[OpenLot] = []
        covered, known, sold_for = book.take(lot.quantity, shorts)
        book.short = bool(book.lots)
        spent = None
        if lot.cost is not None:
            spent = lot.cost if covered == lot.quantity else share(lot.cost, covered, lot.quantity)
            lot.cost -= spent
        lot.quantity -= covered
        tally, kind = book.tally, DisposalKind.SHORT_COVER
        if spent is None:
            self.crossed += sold_for
            self._tell(tally, lot.account, kind, covered, sold_for, _Taken(covered, known, ZERO, shorts), None, ZERO)
            return
        if known != covered:
            tally.flags.add(Flag.UNKNOWN_BASIS)
            blind = share(spent, covered - known, covered)
            self.crossed -= blind
            spent -= blind
        gain = sold_for - spent
        tally.realised += gain
        self.by_kind[kind] = self.by_kind.get(kind, ZERO) + gain
        self._tell(tally, lot.account, kind, covered, sold_for, _Taken(covered, known, spent, shorts), gain, ZERO)

    def _realise(
        self,
        tally: Tally,
        account: AccountId,
        kind: DisposalKind,
        quantity: Decimal,
        proceeds: Decimal | None,
        taken: _Taken,
    ) -> None:
        unknown, unmatched, gain = quantity - taken.known, ZERO, None
        if unknown:
            tally.flags.add(Flag.UNKNOWN_BASIS)
        if proceeds is None:
            self.crossed -= taken.cost
            if kind is not DisposalKind.UNCLASSIFIED:
                tally.flags.add(Flag.UNPRICED)
        else:
            if unknown and not self._free:
                unmatched = proceeds if unknown == quantity else share(proceeds, unknown, quantity)
                self.crossed += unmatched
                tally.unmatched += unknown
                tally.unmatched_proceeds += unmatched
            gain = proceeds - unmatched - taken.cost
            if kind is DisposalKind.WITHDRAWAL:
                tally.withdrawn += gain
            else:
                tally.realised += gain
                self.by_kind[kind] = self.by_kind.get(kind, ZERO) + gain
        if self.disposals is not None:
            self._tell(tally, account, kind, quantity, proceeds, taken, gain, unmatched)

    def _tell(
        self,
        tally: Tally,
        account: AccountId,
        kind: DisposalKind,
        quantity: Decimal,
        proceeds: Decimal | None,
        taken: _Taken,
        gain: Decimal | None,
        unmatched: Decimal,
    ) -> None:
        if self.disposals is None:
            return
        no_price = Unknown("unpriced", tally.asset)
        self.disposals.append(
            Disposal(
                at=self.at,
                asset=tally.asset,
                account=account,
                kind=kind,
                cause=self.cause,
                quantity=quantity,
                proceeds=no_price if proceeds is None else proceeds,
                cost=taken.cost,
                gain=no_price if gain is None else gain,
                unmatched=quantity - taken.known,
                unmatched_proceeds=unmatched,
                lots=tuple(shown(lot, tally.asset) for lot in taken.lots or ()),
            )
        )


def shown(lot: OpenLot, asset: Asset) -> Lot:
    """An open lot as the world sees it."""
    cost = Unknown("unknown_basis", asset) if lot.cost is None else lot.cost
    return Lot(asset, lot.account, lot.acquired_at, lot.quantity, cost, lot.source)
