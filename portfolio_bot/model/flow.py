"""Cash flows: what came into an account or left it otherwise than by a trade, and the links between own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from portfolio_bot.model.days import Calendar, utc
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import NOT_PRICED, Fee, Origin, Worth

FlowKey: TypeAlias = tuple[AccountId, str]
"""Account and id: what makes a flow the same flow when it is read again."""


class FlowKind(StrEnum):
    """What a movement was (public names)."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"  # one side of a movement between own accounts that says so itself
    INCOME = "income"  # interest, staking, dividend, coupon, airdrop, cashback: a return, no flow
    FEE = "fee"  # taxes, interest paid, subscriptions: a cost, no flow
    FUNDING = "funding"  # paid or received for holding a perpetual position
    FUTURES_PNL = "futures_pnl"  # settled result of derivatives
    OPENING = "opening"  # what was there when records begin: a lot at that value, no flow
    CONVERSION = "conversion"  # one side of an exchange of an asset for another without a market
    UNCLASSIFIED = "unclassified"  # a row that we cannot read yet: kept and told, never guessed


SIGNS: Mapping[FlowKind, int] = {
    FlowKind.DEPOSIT: 1,
    FlowKind.WITHDRAWAL: -1,
    FlowKind.INCOME: 1,
    FlowKind.FEE: -1,
}
"""The sign of the amount, for kinds that have only one. The others come with either."""

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CashFlow:
    """A movement of one asset on one account, seen from its balance: what is not credited or debited yet is none.

    Attributes:
        id: unique within its account.
        account: whose.
        kind: what it was.
        at: the instant at which the account shows it, aware UTC; a plain `date` (the owner's day) where only that
            is known.
        asset: canonical name.
        amount: + in, - out: what the other side gave or got, so without `fee`; never zero.
        usd: its value at that moment, of the same sign; Unknown while there is no price.
        fee: a cost on top of the amount; None for none.
        txid: id of the transaction on its chain, as the venue prints it; the two sides of a transfer or a conversion
            that say of themselves that they belong together share it.
        detail: the venue's own word for it (`staking`, `coupon`).
        note: the owner's.
        origin: who recorded it.
        cost: USD, what the owner says that a deposit or opening once cost; None: what it is worth when it comes.
        settled: False for a withdrawal that has left the balance and that the venue has not finished: it is on its way,
            however long that takes, and no flow yet. It may still come back, and then the record is gone.
        wallets: of the account, from which and to which, for a movement inside it or to a sub-account; "" for none. An
            end that is no wallet of it is called an account (`main → sub-account 10002`): only that leaves its value.

    Raises:
        ValueError: the time is naive, the amount zero or of the wrong sign for its kind, or the value of another sign
            than the amount.
    """

    id: str
    account: AccountId
    kind: FlowKind
    at: datetime | date
    asset: Asset
    amount: Decimal
    usd: Worth | Unknown = NOT_PRICED
    fee: Fee | None = None
    txid: str | None = None
    detail: str = ""
    note: str = ""
    origin: Origin = Origin.VENUE
    cost: Decimal | None = None
    settled: bool = True
    wallets: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.at, datetime):
            utc(self.at)
        if not self.amount:
            raise ValueError("a flow of nothing is no flow")
        if self.amount * SIGNS.get(self.kind, self.amount) < 0:
            raise ValueError(f"a {self.kind} of {self.amount} has the wrong sign")
        if isinstance(self.usd, Worth) and self.usd.usd * self.amount < 0:
            raise ValueError(f"{self.amount} {self.asset} cannot be worth {self.usd.usd} USD")

    @property
    def key(self) -> FlowKey:
        """Account and id."""
        return self.account, self.id

    @property
    def day_only(self) -> bool:
        """Whether only the owner's day of it is known."""
        return not isinstance(self.at, datetime)

    def span(self, calendar: Calendar) -> tuple[datetime, datetime]:
        """The earliest and the latest instant at which it can have happened; the same one twice if that is known."""
        if isinstance(self.at, datetime):
            return self.at, self.at
        return calendar.start(self.at), calendar.end(self.at) - _INSTANT

    def instant(self, calendar: Calendar) -> datetime:
        """Its place among other events: an inflow without a time at the start of its day, an outflow at the end."""
        first, last = self.span(calendar)
        return first if self.amount > 0 else last


class MatchedBy(StrEnum):
    """Why two records are one transfer."""

    OWNER = "owner"  # the owner said so
    STATED = "stated"  # both say of themselves that they are sides of one transfer
    TXID = "txid"
    AMOUNT_TIME = "amount_time"


class Confidence(StrEnum):
    """How far a link can be relied on."""

    CERTAIN = "certain"  # said so, or one transaction and the amount it should be
    LIKELY = "likely"  # nothing else comes into question, or one transaction with another amount
    POSSIBLE = "possible"  # others would have done as well, or the time is only known to the day


@dataclass(frozen=True, slots=True)
class Transfer:
    """A movement between own accounts, or inside one, recorded on both sides. Never a flow; only its fee is lost.

    Attributes:
        withdrawal: the record of the account that sent.
        deposit: the record of the account that received.
        debited: what left the sender in the transfer's own asset, fee included; > 0.
        received: what reached the receiver; > 0.
        by: what linked the two.
        confidence: how far that can be relied on.
        difference: between what was received and what should have been; >= 0.
        delay: from withdrawal to deposit; may be a little negative, since clocks differ.
        rivals: other records that either of the two could have been linked with.
        fee_inside: the sender's venue had printed the amount with the fee in it.
    """

    withdrawal: CashFlow
    deposit: CashFlow
    debited: Decimal
    received: Decimal
    by: MatchedBy
    confidence: Confidence
    difference: Decimal
    delay: timedelta
    rivals: int = 0
    fee_inside: bool = False

    @property
    def network_fee(self) -> Decimal:
        """What was lost under way, in the transfer's asset; a cost. Minus a rounding at most where it is negative."""
        return self.debited - self.received

    @property
    def inside(self) -> bool:
        """Whether it never left its account: a movement between wallets of it."""
        return self.withdrawal.account == self.deposit.account
