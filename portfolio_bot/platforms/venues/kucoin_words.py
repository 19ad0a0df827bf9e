"""What the words of KuCoin's ledgers stand for.

The main account writes `Airdrop/Fork`, the trading accounts `RETURNED_FEES`: all are brought into the second form.
"""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.model.flow import FlowKind
from portfolio_bot.platforms.records import came_or_went, earned_or_paid, spoken, words

TRADED = words("TRADE_EXCHANGE EXCHANGE TRADE SPOT SPOT_EXCHANGE MARGIN_TRADE MARGIN_EXCHANGE ISOLATED_EXCHANGE")
"""Legs of trades: they name the market."""

_ELSEWHERE = TRADED | words(
    # lists of their own
    "DEPOSIT WITHDRAWAL WITHDRAW CONVERT CONVERT_ORDER",
    # debt and balance change alike
    "BORROWINGS BORROW DEBT_REPAYMENT REPAY REPAYMENT AUTO_BORROW AUTO_REPAY MARGIN_LOAN",
)
_TRANSFERS = words(
    "TRANSFER SUB_TRANSFER SUB_ACCOUNT_TRANSFER SUB_TO_SUB_TRANSFER BROKER_TRANSFER CROSS_MARGIN ISOLATED_MARGIN",
    "ASSETS_TRANSFERRED_IN_AFTER_UPGRADING STAKING REDEMPTION LENDINGS LOANS LOANS_REPAID VOTING VOTE_FOR_COIN",
    "REDEMPTION_OF_VOTING POOL_TRANSACTIONS",
)
_EITHER = words(
    "KUCOIN_BONUS REFERRAL_BONUS REWARDS DISTRIBUTION AIRDROP_FORK OTHER_REWARDS FEE_REBATE REBATE STAKING_PROFITS",
    "SOFT_STAKING_PROFITS VOTING_EARNINGS LOCKDROP_VESTING KUCOIN_EARN_PROFITS HOLD_TO_EARN_EARNINGS MINING_INCOME",
    "BONUS_RECEIVED KUCOIN_EVENT REFUNDED_FEES RETURNED_FEES KCS_RETURNED_FEES FEE_REFUNDS_USING_KCS",
    "KCS_PAY_FEES KCS_FEE_DEDUCTION DEDUCTION_FEES KCS_DEDUCTION_FEES LIQUIDATION_FEES LIABILITY_INTEREST",
    "SPOT_EXCHANGE_REBATE",
)
_WITH_OTHERS = words(
    "FIAT_DEPOSIT FIAT_WITHDRAWAL BUY_CRYPTO SELL_CRYPTO BANK_CARD_DEAL SEND_RED_ENVELOPE OPEN_RED_ENVELOPE"
)
_EXCHANGED = words("INSTANT_EXCHANGE CONVERT_TO_KCS")


def kind_of(word: str, moved: Decimal) -> FlowKind | None:
    """Of an entry; None for what is told elsewhere or changes debt and balance alike."""
    name = spoken(word)
    if name in _ELSEWHERE:
        return None
    if name in _TRANSFERS:
        return FlowKind.TRANSFER
    if name in _EITHER:
        return earned_or_paid(moved)
    if name in _WITH_OTHERS:
        return came_or_went(moved)
    return FlowKind.CONVERSION if name in _EXCHANGED else FlowKind.UNCLASSIFIED


def is_trade(word: str) -> bool:
    """Whether it is a leg of a trade."""
    return spoken(word) in TRADED


def other_end(word: str) -> str:
    """Where a transfer went to or came from, as far as its word tells."""
    name = spoken(word)
    if name.startswith("SUB"):
        return "sub-account"
    if "MARGIN" in name:
        return "margin"
    if name in {"LENDINGS", "LOANS", "LOANS_REPAID", "STAKING", "REDEMPTION", "POOL_TRANSACTIONS"}:
        return "earn"
    return "another wallet"
