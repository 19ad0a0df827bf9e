"""Open lots of one asset, oldest first: the queue in "first in, first out"; and what is counted beside them."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from portfolio_bot.analytics.shares import share
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId


class LotSource(StrEnum):
    """How a lot came to be."""

    BUY = "buy"
    SHORT = "short"  # sold without being owned
    DEPOSIT = "deposit"
    INCOME = "income"
    OPENING = "opening"
    CONVERSION = "conversion"
    SETTLEMENT = "settlement"  # result of derivatives, paid in a coin
    REBATE = "rebate"
    TRANSFER = "transfer"  # moved here from an account that is not known to have had it
    UNCLASSIFIED = "unclassified"


class Flag(StrEnum):
    """What is doubtful about the figures of an asset (public names)."""

    UNKNOWN_BASIS = "unknown_basis"  # more left than is known to have come, or its cost is not known
    FEE_PRICE_MISSING = "fee_price_missing"  # a fee without a price stands at what its coin once cost
    UNPRICED = "unpriced"  # an event has no value in USD yet
    UNCLASSIFIED = "unclassified"  # a movement of a kind that we cannot read
    ESTIMATED = "estimated"  # an opening lot was worked out from the balance


class Tally:
    """What is counted for one asset. `held` is what records alone say, `missing` what left beyond that."""

    __slots__ = (
        "asset",
        "fees",
        "flags",
        "held",
        "income",
        "missing",
        "realised",
        "trades",
        "unmatched",
        "unmatched_proceeds",
        "volume",
        "withdrawn",
    )

    def __init__(self, asset: Asset) -> None:
        self.asset = asset
        self.held = self.missing = ZERO
        self.realised = self.withdrawn = self.income = self.fees = self.volume = ZERO
        self.unmatched = self.unmatched_proceeds = ZERO
        self.trades = 0
        self.flags: set[Flag] = set()


class Cash:
    """An asset without lots.

    Attributes:
        book: USD, the value that its movements had when they happened.
        unpriced: the part of what is held (`tally.held`) that has no book value.
    """

    __slots__ = ("book", "tally", "unpriced")

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.book = self.unpriced = ZERO

    def settle(self, quantity: Decimal, usd: Decimal | None) -> None:
        """Cash comes (+) or goes (-), with its value of the same sign; None if that is not known."""
        self.tally.held += quantity
        if usd is None:
            self.unpriced += quantity
            self.tally.flags.add(Flag.UNPRICED)
        else:
            self.book += usd


class OpenLot:
    """What is left of one acquisition, or of one short sale. Mutable, and never seen outside the ledger.

    Attributes:
        number: counts acquisitions in the order in which they came, so the older lot has the smaller one.
        cost: USD of all of `quantity`, fees included; the proceeds where it is a short; None if unknown.
    """

    __slots__ = ("account", "acquired_at", "cost", "number", "quantity", "source")

    def __init__(
        self,
        account: AccountId,
        acquired_at: datetime,
        number: int,
        quantity: Decimal,
        cost: Decimal | None,
        source: LotSource,
    ) -> None:
        self.account = account
        self.acquired_at = acquired_at
        self.number = number
        self.quantity = quantity
        self.cost = cost
        self.source = source

    def lessen(self, quantity: Decimal) -> Decimal | None:
        """Part with `quantity`, less than all; its share of the cost, None if that is unknown."""
        cost = None
        if self.cost is not None:
            cost = share(self.cost, quantity, self.quantity)
            self.cost -= cost
        self.quantity -= quantity
        return cost

    def part(self, quantity: Decimal, cost: Decimal | None) -> OpenLot:
        """A lot of the same origin."""
        return OpenLot(self.account, self.acquired_at, self.number, quantity, cost, self.source)


class Book:
    """The open lots of one asset within one scope: all long, or all short.

    The total cost of a lot is kept, not its price: a part takes its share and the rest keeps the remainder, so that
    the costs of all parts add up to what was paid, to the last digit.

    Attributes:
        tally: of the asset; shared by its books.
        short: the lots are short sales.
        may_short: the asset was traded on margin here.
    """

    __slots__ = ("lots", "may_short", "short", "tally")

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.lots: deque[OpenLot] = deque()
        self.short = False
        self.may_short = False

    def take(self, quantity: Decimal, parts: list[OpenLot] | None = None) -> tuple[Decimal, Decimal, Decimal]:
        """Remove `quantity` from the oldest lots; less if there is less. Needs an exact context.

        Args:
            parts: gets what was taken, lot by lot.

        Returns:
            The quantity taken, the part of it with a known cost, and that cost.
        """
        lots, wanted = self.lots, quantity
        known = cost = ZERO
        while quantity and lots:
            oldest = lots[0]
            taken = oldest.quantity
            if taken <= quantity:
                spent = oldest.cost
                if parts is not None:
                    parts.append(oldest)
                lots.popleft()
            else:
                taken, spent = quantity, oldest.lessen(quantity)
                if parts is not None:
                    parts.append(oldest.part(quantity, spent))
            quantity -= taken
            if spent is not None:
                known += taken
                cost += spent
        return wanted - quantity, known, cost

    def put(self, lot: OpenLot) -> None:
        """Add a lot at the place that its date gives it: nearly always the last."""
        lots, younger = self.lots, []
        while lots and lots[-1].number > lot.number:
            younger.append(lots.pop())
        lots.append(lot)
        lots.extend(reversed(younger))
