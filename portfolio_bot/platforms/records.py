"""From rows of an answer to records of a ledger: what the words, signs and fees of a venue stand for."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.trade import Fee, Side
from portfolio_bot.platforms.ledger import Ask
from portfolio_bot.platforms.strict import Row, text

T = TypeVar("T")


def words(*lines: str) -> frozenset[str]:
    """The words of these lines."""
    return frozenset(word for line in lines for word in line.split())


def yes(row: Row, field: str) -> bool:
    """A flag.

    Raises:
        SourceError: bad_answer: it is neither true nor false.
    """
    found = row.get(field)
    if not isinstance(found, bool):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is not true or false")
    return found


def one_of(known: Mapping[str, T], row: Row, field: str) -> T:
    """What the venue's word stands for.

    Raises:
        SourceError: bad_answer: a word that is not among them.
    """
    found = known.get(text(row, field))
    if found is None:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is none of {', '.join(known)}")
    return found


def fee_of(asset: Asset, cost: Decimal) -> Fee | None:
    """A cost > 0 or a rebate < 0; None for nothing."""
    return Fee(asset, cost) if cost else None


def fees_of(*paid: tuple[Asset, Decimal]) -> tuple[Fee, ...]:
    """Costs and rebates in several coins; what is 0 is none."""
    return tuple(Fee(asset, cost) for asset, cost in paid if cost)


def earned_or_paid(amount: Decimal) -> FlowKind:
    """For interest, rebates and corrections, which come with either sign."""
    return FlowKind.INCOME if amount > 0 else FlowKind.FEE


def came_or_went(amount: Decimal) -> FlowKind:
    """For what crosses the account's border."""
    return FlowKind.DEPOSIT if amount > 0 else FlowKind.WITHDRAWAL


def side_of(row: Row, field: str = "side") -> Side:
    """Buy or sell, in letters of any case.

    Raises:
        SourceError: bad_answer: it is neither.
    """
    word = text(row, field).lower()
    if word not in {"buy", "sell"}:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{field} is neither buy nor sell")
    return Side(word)


def spoken(word: str) -> str:
    """The venue's word for an entry in one form, however it is written: `Airdrop/Fork` → `AIRDROP_FORK`."""
    return "_".join(part for part in "".join(c if c.isalnum() else " " for c in word).split()).upper()


def digest(*parts: object) -> str:
    """An id for a row that has none: 16 hexadecimal digits of what makes it that row."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:16]


def flow(
    ask: Ask,
    kind: FlowKind,
    flow_id: str,
    at: datetime,
    asset: Asset,
    moved: Decimal,
    *,
    fee: Decimal = ZERO,
    txid: str | None = None,
    detail: str = "",
    wallets: str = "",
    settled: bool = True,
) -> list[CashFlow]:
    """One record, or none where nothing moved; the fee is in the same coin."""
    if not moved:
        return []
    return [
        CashFlow(
            id=flow_id,
            account=ask.account,
            kind=kind,
            at=at,
            asset=asset,
            amount=moved,
            fee=fee_of(asset, fee),
            txid=txid,
            detail=detail,
            wallets=wallets,
            settled=settled,
        )
    ]


def exchanged(
    ask: Ask,
    deal: str,
    at: datetime,
    given: tuple[Asset, Decimal, Decimal],
    got: tuple[Asset, Decimal, Decimal],
    detail: str,
) -> list[CashFlow]:
    """Both sides of a conversion; each is a coin, an amount > 0 and the fee on top of it."""
    out, spent, out_fee = given
    into, received, in_fee = got
    kind = FlowKind.CONVERSION
    return [
        *flow(ask, kind, f"{deal}:{out}:out", at, out, -spent, fee=out_fee, txid=deal, detail=detail),
        *flow(ask, kind, f"{deal}:{into}:in", at, into, received, fee=in_fee, txid=deal, detail=detail),
    ]


def moved_inside(
    ask: Ask, move: str, at: datetime, asset: Asset, moved: Decimal, wallets: str, detail: str
) -> list[CashFlow]:
    """Both sides of a transfer between wallets of the account; `moved` > 0."""
    kind = FlowKind.TRANSFER
    return [
        *flow(ask, kind, f"transfer:{move}:out", at, asset, -moved, txid=move, detail=detail, wallets=wallets),
        *flow(ask, kind, f"transfer:{move}:in", at, asset, moved, txid=move, detail=detail, wallets=wallets),
    ]
