"""`GetOperationsByCursor` of one inner account → records: one item, one row of the ledger, a few of them two.

What needs a decision:
- `payment` is what moved on the account, a bond's accrued coupon included. It is the cost of a trade, as holdings are
  valued with their coupon too; the coupon that comes later is income in full, and the sum is right.
- The broker's fee comes twice, in `commission` of the trade and as a row of its own. The row is what counts.
- Futures and options: no coin changes hands; their result comes as variation margin, day by day. One that expires
  settles by `payment`; where that is nothing, nothing is left to record.
- Principal of a bond is no income. With the last repayment the bonds are gone: they were sold for it. An earlier one
  leaves the number of bonds as it was: a conversion with one side, neither flow nor profit.
- A dividend paid straight to the card is income and a withdrawal; a purchase from the card is a deposit and a trade.
- Where a row contradicts the sign of its class (a tax that comes back) it takes the class of its sign and keeps its
  word. A type not known here stays as it is printed, unclassified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portfolio_bot.model.exact import exact
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO, Money
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade, Market, Side, Trade
from portfolio_bot.platforms.ledger import Record
from portfolio_bot.platforms.paging import iso_moment
from portfolio_bot.platforms.strict import Row
from portfolio_bot.platforms.tbank_money import bad, money, text
from portfolio_bot.platforms.tbank_portfolio import NOTIONAL, asset_of

EXECUTED = "OPERATION_STATE_EXECUTED"
PREFIX = "OPERATION_TYPE_"

_BY_SIGN: Mapping[FlowKind, tuple[FlowKind, FlowKind]] = {
    FlowKind.DEPOSIT: (FlowKind.DEPOSIT, FlowKind.WITHDRAWAL),
    FlowKind.INCOME: (FlowKind.INCOME, FlowKind.FEE),
}
"""Class of what comes and of what goes. Every other kind takes either sign."""

CASH: Mapping[str, FlowKind] = {
    **dict.fromkeys(
        ("INPUT", "INPUT_SWIFT", "INPUT_ACQUIRING", "OUTPUT", "OUTPUT_SWIFT", "OUTPUT_ACQUIRING"), FlowKind.DEPOSIT
    ),
    **dict.fromkeys(
        ("DIVIDEND", "COUPON", "OVERNIGHT", "OVER_INCOME", "DIV_EXT", "DIVIDEND_TRANSFER", "BROKER_FEE", "SERVICE_FEE",
         "MARGIN_FEE", "SUCCESS_FEE", "TRACK_MFEE", "TRACK_PFEE", "CASH_FEE", "OUT_FEE", "OUT_STAMP_DUTY",
         "OUTPUT_PENALTY", "ADVICE_FEE", "OVER_COM"),
        FlowKind.INCOME,
    ),
    **dict.fromkeys(
        ("ACCRUING_VARMARGIN", "WRITING_OFF_VARMARGIN", "OPTION_EXPIRATION", "FUTURE_EXPIRATION"), FlowKind.FUTURES_PNL
    ),
    "BOND_REPAYMENT": FlowKind.CONVERSION,
    "BOND_REPAYMENT_FULL": FlowKind.CONVERSION,
}  # fmt: skip
"""Operations that are about `payment` alone: income and fees tell themselves apart by their sign."""

TRADES: Mapping[str, tuple[Side, Market]] = {
    "BUY": (Side.BUY, Market.SPOT),
    "BUY_CARD": (Side.BUY, Market.SPOT),
    "BUY_MARGIN": (Side.BUY, Market.MARGIN),
    "DELIVERY_BUY": (Side.BUY, Market.SPOT),
    "SELL": (Side.SELL, Market.SPOT),
    "SELL_CARD": (Side.SELL, Market.SPOT),
    "SELL_MARGIN": (Side.SELL, Market.MARGIN),
    "DELIVERY_SELL": (Side.SELL, Market.SPOT),
    "BOND_REPAYMENT_FULL": (Side.SELL, Market.SPOT),
}

IN_KIND: Mapping[str, int] = {"INPUT_SECURITIES": 1, "OUTPUT_SECURITIES": -1}
"""Securities that come or go without a trade."""

OWN_CASH = frozenset({"TRANS_IIS_BS", "TRANS_BS_BS", "INP_MULTI", "OUT_MULTI"})
"""Between the owner's accounts."""

MAY_BE_OWN = tuple(f"{PREFIX}{kind}" for kind in sorted(OWN_CASH | IN_KIND.keys()))
"""Types whose other side may be on another account of the same owner."""

_BY_CARD = frozenset({"BUY_CARD", "SELL_CARD", "DIV_EXT"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One executed operation.

    Attributes:
        kind: T-Bank's own word without its prefix (`DIVIDEND_TAX`).
        asset: what it is about, named as among the holdings; "" for nothing.
        instrument: `share`, `bond`, `futures`, …; "" for none.
        payment: what moved on the account, signed; None for nothing.
        quantity: pieces that were done, >= 0.
    """

    id: str
    at: datetime
    kind: str
    asset: Asset
    instrument: str
    payment: Money | None
    price: Money | None
    quantity: Decimal

    @property
    def moved(self) -> Money | None:
        """What may have come from, or gone to, another account of the owner; signed; None if it is no such move."""
        if self.kind in IN_KIND:
            return Money(IN_KIND[self.kind] * self.quantity, self.asset) if self.quantity and self.asset else None
        return self.payment if self.kind in OWN_CASH else None


@dataclass(frozen=True, slots=True)
class OtherSide:
    """Where a move between own accounts came from or went to.

    Attributes:
        txid: what both sides carry.
        wallets: `from → to`, by the names of the accounts.
    """

    txid: str
    wallets: str


def operation(row: Row, number: str) -> Operation | None:
    """An item of the list; None if it was not executed.

    Raises:
        SourceError: `bad_answer`: it is of another account, or a field is missing or no number.
    """
    if text(row, "brokerAccountId", number) != number:
        raise bad("GetOperationsByCursor: of another account than asked for")
    if text(row, "state") != EXECUTED:
        return None
    instrument = text(row, "instrumentType", "").lower()
    payment = money(row, "payment")
    return Operation(
        id=text(row, "id"),
        at=iso_moment(row, "date"),
        kind=text(row, "type").removeprefix(PREFIX),
        asset=asset_of(row, instrument),
        instrument=instrument,
        payment=payment if payment and payment.amount else None,
        price=money(row, "price"),
        quantity=_pieces(row),
    )


def records(done: Operation, account: AccountId, short: str, other: OtherSide | None = None) -> tuple[Record, ...]:
    """The rows that an operation makes; none where nothing moved.

    Args:
        short: stands for the inner account in ids: T-Bank's are unique only within one.
        other: where the other side of a move between own accounts is recorded, too; None if it is not.
    """
    key = f"{short}:{done.id}"
    moved = done.moved
    if done.kind in OWN_CASH or done.kind in IN_KIND:
        if moved is None:
            return _unclassified(done, account, key)
        kind = FlowKind.TRANSFER if other else _signed(FlowKind.DEPOSIT, moved.amount)
        txid = other.txid if other else None  # its own id may be another one on the other side, if that is found later
        wallets = other.wallets if other else ""
        word = done.kind.lower()
        return (
            CashFlow(
                key, account, kind, done.at, moved.currency, moved.amount, txid=txid, detail=word, wallets=wallets
            ),
        )
    if done.kind in TRADES and done.quantity and done.asset:
        return _trade(done, account, key)
    kind_or_none = CASH.get(done.kind) or (FlowKind.INCOME if "TAX" in done.kind else None)
    if kind_or_none is None:
        return _unclassified(done, account, key)
    if done.payment is None:
        return ()
    flow = _flow(done, account, key, kind_or_none, done.payment)
    return (flow, *_by_card(done, account, key, -done.payment.amount))


def _trade(done: Operation, account: AccountId, key: str) -> tuple[Record, ...]:
    side, market = TRADES[done.kind]
    paid = done.payment or Money(ZERO, done.price.currency if done.price else "RUB")
    price = done.price.amount if done.price and done.price.amount > 0 else None
    if done.instrument in NOTIONAL:
        word = "" if done.kind in {"BUY", "SELL"} else done.kind.lower()
        return (
            ContractTrade(key, account, done.at, side, done.asset, paid.currency, done.quantity, price, detail=word),
        )
    trade = Trade(
        key,
        account,
        done.at,
        side,
        done.asset,
        paid.currency,
        done.quantity,
        abs(paid.amount),
        market=market,
        price=price,
    )
    return (trade, *_by_card(done, account, key, -paid.amount))


def _by_card(done: Operation, account: AccountId, key: str, amount: Decimal) -> tuple[CashFlow, ...]:
    """The card's part of what was paid straight from it or to it."""
    if done.kind not in _BY_CARD or done.payment is None:
        return ()
    return (_flow(done, account, f"{key}:card", FlowKind.DEPOSIT, Money(amount, done.payment.currency)),)


def _unclassified(done: Operation, account: AccountId, key: str) -> tuple[CashFlow, ...]:
    """As it is printed: the payment, else the pieces."""
    moved = done.payment
    if moved is None and done.quantity and done.asset:
        moved = Money(done.quantity, done.asset)
    return () if moved is None else (_flow(done, account, key, FlowKind.UNCLASSIFIED, moved),)


def _flow(done: Operation, account: AccountId, key: str, kind: FlowKind, moved: Money) -> CashFlow:
    kind = _signed(kind, moved.amount)
    return CashFlow(key, account, kind, done.at, moved.currency, moved.amount, detail=done.kind.lower())


def _signed(kind: FlowKind, amount: Decimal) -> FlowKind:
    came, went = _BY_SIGN.get(kind, (kind, kind))
    return came if amount > 0 else went


def _pieces(row: Row) -> Decimal:
    """What was done of an order; older rows tell only its size."""
    for field in ("quantityDone", "quantity"):
        found = row.get(field)
        if found in {None, "", "0", 0}:
            continue
        try:
            pieces = exact(found)
        except ValueError:
            raise bad(f"{field} is no number") from None
        if pieces < 0:
            raise bad(f"{field} is below zero")
        return pieces
    return ZERO
