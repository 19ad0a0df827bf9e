"""Bybit: what happened inside the unified account and the funding wallet besides trades, and what it was.

Of the unified account's log: `change = cashFlow + funding - fee`. A row of a derivative is taken apart: funding, and
the result; its fee stands with the execution. Legs of spot trades and own transfers are read elsewhere. Left out, since
debt and balance change alike or money only moves between own wallets: borrowing and repaying, pledges, custody locks,
principal put into an earn product and taken out again.

Of the funding wallet's list (which nothing but the venue's own words describes) only what no other endpoint tells:
fiat and P2P, Bybit Pay, the card, airdrops and rewards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.ledger import Ask, Batch
from portfolio_bot.platforms.paging import SECOND, moment
from portfolio_bot.platforms.records import digest, earned_or_paid, words
from portfolio_bot.platforms.strict import Row, amount, stated, text
from portfolio_bot.platforms.venue import Refused, upper
from portfolio_bot.platforms.venues.bybit_conversions import conversions
from portfolio_bot.platforms.venues.bybit_pages import paged

NEARBY = timedelta(minutes=5)


_RESULTS = words(
    """
    TRADE SETTLEMENT DELIVERY LIQUIDATION PART_LIQUIDATION ADL CLOSEPNL POSITION_TAKE_OVER PERP_SYMBOL_SETTLE
    """
)
_DERIVATIVES = frozenset({"linear", "inverse", "option"})

_GAINS_OR_COSTS = words(
    """
    AIRDROP AIRDROP_OUT AIRDROP_EFTD AIRDROP_OUT_EFTD AIRDROP_FIAT AIRDROP_OUT_FIAT TWAP_BUDGET_AIRDROP
    TWAP_BUDGET_RECALL BONUS BONUS_RECOLLECT BONUS_TRANSFER_IN BONUS_TRANSFER_OUT FEE_REFUND INTEREST FIXED_INTEREST
    FIXED_INTEREST_REFUND INTEREST_REPAYMENT_INS_LOAN AUTO_INTEREST_REPAYMENT_INS_LOAN INSTITUTION_PAYBACK_INTEREST_OUT
    INSTITUTION_LIQ_INTEREST_OUT CUSTODY_NETWORK_FEE CUSTODY_SETTLE_FEE SPREAD_FEE_OUT BROKER_ABACCOUNT_FEE
    PEF_PROFIT_SHARE ALPHA_SMALL_TOKEN_REFUND INSURANCE_FUND PREMARKET_ROLLBACK_PLEDGE_PENALTY_TO_BUYER
    PREMARKET_DELIVERY_PLEDGE_PAY_SELLER
    """
)

_EXCHANGES = words(
    """
    CURRENCY_BUY CURRENCY_SELL CURRENCY_BUY_MANUEL CURRENCY_SELL_MANUEL OTC_TRADE CONVERT SPOT_REPAYMENT_SELL
    SPOT_REPAYMENT_BUY AUTO_SOLD_COLLATERAL_INS_LOAN AUTO_BUY_LIABILITY_INS_LOAN INSTITUTION_EXCHANGE_SELL
    INSTITUTION_EXCHANGE_BUY EARNING_REDEMPTION_SELL EARNING_REDEMPTION_BUY IDN_CONVERT_IN IDN_CONVERT_OUT
    TOKENS_SUBSCRIPTION TOKENS_REDEMPTION PREMARKET_DELIVERY_SELL_NEW_COIN PREMARKET_DELIVERY_BUY_NEW_COIN
    """
)

_LEFT_OUT = words(
    """
    TRANSFER_IN TRANSFER_OUT TRANSFER_IN_INS_LOAN TRANSFER_OUT_INS_LOAN BORROW REPAY MANUAL_LOANS_BORROW
    MANUAL_LOANS_REPAY AUTO_LOANS_BORROW AUTO_LOANS_REPAY LOANS_BORROW_FUNDS LOANS_REPAY_FUNDS LOANS_PLEDGE_ASSET
    LOANS_ASSET_REDEMPTION FLOATING_TO_FIXED_BORROW FLOATING_TO_FIXED_REPAY BORROWED_AMOUNT_INS_LOAN
    PRINCIPLE_REPAYMENT_INS_LOAN AUTO_PRINCIPLE_REPAYMENT_INS_LOAN INSTITUTION_LOAN_IN INSTITUTION_PAYBACK_PRINCIPAL_OUT
    INSTITUTION_LIQ_PRINCIPAL_OUT INSTITUTION_LOAN_TRANSFER_IN INSTITUTION_LOAN_TRANSFER_OUT
    INSTITUTION_LOAN_WITHOUT_WITHDRAW INSTITUTION_LOAN_RESERVE_IN INSTITUTION_LOAN_RESERVE_OUT CUSTODY_LOCK
    CUSTODY_UNLOCK CUSTODY_UNLOCK_REFUND CUSTODY_CASH_RECOVER_TR DBS_CASH_OUT DBS_CASH_IN DBS_CASH_OUT_TR
    DBS_CASH_IN_TR PEF_TRANSFER_IN PEF_TRANSFER_OUT PLATFORM_TOKEN_MNT_LIQRECALLEDMMNT
    PLATFORM_TOKEN_MNT_LIQRETURNEDMNT PREMARKET_TRANSFER_OUT PREMARKET_DELIVERY_PLEDGE_BACK
    PREMARKET_ROLLBACK_PLEDGE_BACK FLEXIBLE_STAKING_SUBSCRIPTION FLEXIBLE_STAKING_REDEMPTION FLEXIBLE_STAKING_REFUND
    FIXED_STAKING_SUBSCRIPTION FIXED_STAKING_REFUND ONCHAINEARN_SUBSCRIPTION ONCHAINEARN_REDEMPTION ONCHAINEARN_REFUND
    STRUCTURE_PRODUCT_SUBSCRIPTION STRUCTURE_PRODUCT_REFUND CLASSIC_WEALTH_MANAGEMENT_SUBSCRIPTION
    PREMIMUM_WEALTH_MANAGEMENT_SUBSCRIPTION PREMIMUM_WEALTH_MANAGEMENT_REFUND LIQUIDITY_MINING_SUBSCRIPTION
    LIQUIDITY_MINING_REFUND PWM_SUBSCRIPTION PWM_REFUND DEFI_INVESTMENT_SUBSCRIPTION DEFI_INVESTMENT_REFUND
    DEFI_INVESTMENT_REDEMPTION
    """
)


async def transaction_log(ask: Ask) -> Batch:
    """The unified account."""
    method, params = "private_get_v5_account_transaction_log", {"accountType": "UNIFIED"}
    found = await paged(ask, method, params, full=50)
    flows = [flow for row in found for flow in _logged(row, ask.account)]
    if any(flow.kind is FlowKind.CONVERSION for flow in flows):
        flows = _not_told_by(await _conversions(ask), flows)
    return Batch(tuple(flows))


async def _conversions(ask: Ask) -> list[CashFlow]:
    """What their own lists tell; nothing, if the key may not see them."""
    try:
        return await conversions(ask.api, ask.account, ask.span.start - NEARBY)
    except Refused as error:
        if error.failure.kind is not FailureKind.MISSING_RIGHT:
            raise
        return []


def _logged(row: Row, account: AccountId) -> Iterable[CashFlow]:
    kind = text(row, "type")
    if kind in _LEFT_OUT or (kind == "TRADE" and row.get("category") not in _DERIVATIVES):
        return
    at, asset = moment(row, "transactionTime"), upper(text(row, "currency"))
    # the venue's id comes again for other events of the same position: the trade's tells them apart, else kind and time
    identity = f"{text(row, 'id')}:{row.get('tradeId') or kind + text(row, 'transactionTime')}"
    if kind in _RESULTS:
        paid, result = stated(row, "funding"), stated(row, "cashFlow")
        if paid:
            yield CashFlow(identity, account, FlowKind.FUNDING, at, asset, paid, detail=_about(row, kind))
        if result:
            name = f"{identity}:result"
            yield CashFlow(name, account, FlowKind.FUTURES_PNL, at, asset, result, detail=_about(row, kind))
        return
    changed = amount(row, "change")
    if not changed:
        return
    name, txid = f"{identity}:{asset}", None
    if kind in _GAINS_OR_COSTS:
        sort = earned_or_paid(changed)
    elif kind in _EXCHANGES:
        sort, txid = FlowKind.CONVERSION, str(row.get("orderId") or "") or f"{kind}:{text(row, 'transactionTime')}"
    else:
        sort = FlowKind.UNCLASSIFIED
    yield CashFlow(name, account, sort, at, asset, changed, txid=txid, detail=_plain(kind))


def _about(row: Row, kind: str) -> str:
    return " ".join(part for part in (_plain(kind), str(row.get("symbol") or "")) if part)


def _plain(kind: str) -> str:
    return kind.lower().replace("_", " ")


def _not_told_by(told: Iterable[CashFlow], flows: Iterable[CashFlow]) -> list[CashFlow]:
    """Without the legs that the list of conversions tells as well, at nearly the same time."""
    rest = list(told)

    def same(leg: CashFlow, flow: CashFlow) -> bool:
        alike = (leg.asset, leg.amount) == (flow.asset, flow.amount)
        return alike and abs(leg.at - flow.at) <= NEARBY  # type: ignore[operator]  # both are instants

    kept: list[CashFlow] = []
    for flow in flows:
        leg = next((leg for leg in rest if flow.kind is FlowKind.CONVERSION and same(leg, flow)), None)
        if leg is None:
            kept.append(flow)
        else:
            rest.remove(leg)
    return kept


_BORDER = re.compile(r"fiat|p2p|bybit pay|bybit card|red packet|gift", re.IGNORECASE)
_TOLD_ELSEWHERE = re.compile(
    r"deposit|withdraw|transfer|\btrf\b|earn|saving|staking|convert|exchange|loan|borrow|repay|launchpool|trading bot"
    r"|copy trading|unified|derivatives|spot",
    re.IGNORECASE,
)
_POOLS = re.compile(r"launchpool|launchpad|token splash", re.IGNORECASE)
"""Their principal moves inside the account; what they pay is told here alone."""
_GIFTS = re.compile(r"airdrop|reward|referral|bonus|rebate|commission|cashback|interest|refund|fee", re.IGNORECASE)
_SORTS: Mapping[tuple[str, bool], FlowKind] = {
    ("border", True): FlowKind.DEPOSIT,
    ("border", False): FlowKind.WITHDRAWAL,
    ("gift", True): FlowKind.INCOME,
    ("gift", False): FlowKind.FEE,
}


async def funding_wallet(ask: Ask) -> Batch:
    """What came into the funding wallet or left it otherwise than by what other streams tell."""
    method, between = "private_get_v5_asset_fundinghistory", ("createTimeFrom", "createTimeTo")
    found = await paged(ask, method, {}, full=100, between=between, unit=SECOND)
    made = (_booked(row, ask.account) for row in found)
    return Batch(tuple(flow for flow in made if flow is not None))


def _booked(row: Row, account: AccountId) -> CashFlow | None:
    business = str(row.get("showBusiTypeEn") or row.get("showBusiType") or "")
    about = str(row.get("descriptionEn") or row.get("description") or "")
    moved = amount(row, "txnAmt")
    came = text(row, "ioDirection") == "I"
    if not moved:
        return None
    if _BORDER.search(business):
        sort = _SORTS["border", came]
    elif _POOLS.search(business) and _GIFTS.search(about):
        sort = _SORTS["gift", came]
    elif _TOLD_ELSEWHERE.search(business):
        return None
    else:
        sort = _SORTS["gift", came] if _GIFTS.search(business) else FlowKind.UNCLASSIFIED
    at = moment(row, "createTime", SECOND)
    asset = upper(text(row, "currency"))
    # the balance after it makes a row unlike any other
    marks = (row.get(name) for name in ("currency", "ioDirection", "txnAmt", "afterAmt", "createTime"))
    identity = f"funding:{digest(*marks, business, about)}"
    signed = moved if came else -moved
    return CashFlow(identity, account, sort, at, asset, signed, detail=(about or business)[:64])
