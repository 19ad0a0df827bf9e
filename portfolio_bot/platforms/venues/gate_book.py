"""What the words of Gate.io's account books stand for; None for what is told elsewhere or changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from portfolio_bot.model.flow import FlowKind
from portfolio_bot.platforms.records import came_or_went, earned_or_paid, words

IN_CONTRACTS: Mapping[str, FlowKind | None] = {
    "dnw": FlowKind.TRANSFER,
    "pnl": FlowKind.FUTURES_PNL,
    "fund": FlowKind.FUNDING,
    "refr": FlowKind.INCOME,
    "fee": FlowKind.FEE,
    "prem": FlowKind.FUTURES_PNL,
    "set": FlowKind.FUTURES_PNL,
    "point_dnw": None,
    "point_fee": None,
    "point_refr": None,
}
"""Words of futures, delivery and options."""

_ELSEWHERE = words(
    # orders
    "new_order cancel_order order_fill order_rej order_fee system_fee",
    # deposits and withdrawals, with what was rejected
    "withdraw deposit deposit_rej withdraw_rej cancel_withdraw withdraw_gatecode withdraw_fireblock withdraw_copper",
    "deposit_gatecode deposit_fireblock deposit_copper",
    # lists of their own
    "push_dctd push_rcvd_dctd push_canceled push_rej push_sent push_rcvd subaccount_trf sub_account_transfer",
    "dust_swap_dctd dust_swap_gt_add dust_swap_fee",
    # debt and balance change alike
    "borrow repay margin_borrow margin_repay cl_borrow cl_repay cross_borrow cross_repay",
    # vouchers
    "points_expiration points_trf points_trf_rej point_dnw point_fee point_refr",
)
_TRANSFERS = words(
    "margin_in margin_out margin_funding_in margin_funding_out cross_in cross_out cross_margin_in cross_margin_out",
    "spot_settle_in spot_settle_out lending_in lending_out perp_in perp_out perp_settle_in perp_settle_out",
    "futures_in futures_out delivery_in delivery_out ai_in ai_out e_options_in e_options_out options_in options_out",
    "cbbc_in cbbc_out warrant_in warrant_out quant_in quant_out quant_return pay_in pay_out fct_in fct_out fct_refund",
    "copy_trading_in copy_trading_out lend redeem lending_lent collected dual_purchased dual_settled liq_add liq_rm",
    "liq_rebalanced cl_dctd cl_rtd",
)
_EITHER = words(
    "referral_rebate sec_rebate_in ab_rebate eb_rebate u_rebate ads_rebate au_rebate pis_rebate pds_rebate pu_rebate",
    "referral_fee deposit_bonus trading_rewards purchase_bonus airdrop award mining_rewards interest_in hodl_int",
    "slot_int_in str_int_in interest profit lending_fee margin_interest_out interest_out c2c_fee subs_deduct subs_in",
    "subs_refund subs_in_rcvd fct_rcvd fct_fee fct_fee_refund quant_cmn_in quant_cmn_out quant_cmn_rtd",
    "points_purchase",
)
_WITH_OTHERS = words(
    "startup_withdraw buy_cl buy_cc deposit_finmo donation rp_sent rp_rcvd rp_rej ls_offered ls_rcvd pt_offered",
    "pt_rcvd",
)
_EXCHANGED = words("eth_swap cv_buy cv_sell flash_swap_buy flash_swap_sell")

_PLACES = {
    "margin": "margin", "cross": "margin", "cross_margin": "margin", "perp": "futures", "futures": "futures",
    "delivery": "delivery", "options": "options", "quant": "bots", "quant_return": "bots", "fct": "copy trading",
    "fct_refund": "copy trading", "copy_trading": "copy trading", "lend": "earn", "redeem": "earn",
    "dual_purchased": "earn", "dual_settled": "earn", "lending": "earn", "lending_lent": "earn", "collected": "earn",
}  # fmt: skip


def kind_of(word: str, change: Decimal) -> FlowKind | None:
    """Of an entry in the spot account book."""
    if word in _ELSEWHERE:
        return None
    if word in _TRANSFERS:
        return FlowKind.TRANSFER
    if word in _EITHER:
        return earned_or_paid(change)
    if word in _WITH_OTHERS:
        return came_or_went(change)
    return FlowKind.CONVERSION if word in _EXCHANGED else FlowKind.UNCLASSIFIED


def way_of(word: str, change: Decimal) -> str:
    """From which wallet to which a transfer of the spot account book went."""
    other = _PLACES.get(word.removesuffix("_in").removesuffix("_out"), "another wallet")
    return f"{other} → spot" if change > 0 else f"spot → {other}"
