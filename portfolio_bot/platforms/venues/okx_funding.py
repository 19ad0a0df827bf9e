"""OKX: the funding account. Deposits, withdrawals and bills are read together, since a bill tells them again.

A bill of a deposit or a withdrawal counts only where their own lists don't have it (fiat; older than what they keep).
Left out, since money only moves between own wallets or debt and balance change alike: what goes into an earn or
structured product and comes back, collateral and loans.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import Fee
from portfolio_bot.platforms.ledger import Ask, Batch, Span
from portfolio_bot.platforms.paging import moment
from portfolio_bot.platforms.records import earned_or_paid, words
from portfolio_bot.platforms.strict import Row, amount, stated, text
from portfolio_bot.platforms.venue import upper
from portfolio_bot.platforms.venues.okx_pages import by_time

UNDER_WAY = timedelta(days=7)
"""From the record of a deposit to its bill; from a withdrawal to the bill that takes it back."""
EARLY = timedelta(hours=1)
RECENT_BILLS = timedelta(days=28)
"""The list without a delay goes back a month; the one of all times is asked as well for what is older."""

_CREDITED = frozenset({"1", "2"})
_DONE = "2"
_CAME_BACK = frozenset({"-1", "-2"})


_DEPOSIT, _WITHDRAWAL, _CANCELLED, _NETWORK_FEE, _FEE_REFUND = "1", "2", "13", "221", "222"
_BORDER = words("1 2 13 72 73 74 116 117 118 134 195 196 197 313 314 315")
"""Deposits and withdrawals, tokens and gifts from and to others, fiat and P2P; the sign says which way."""
_OWN = {"130": "trading → funding", "131": "funding → trading"}
_WITH_SUB_ACCOUNT = {"20": "funding → sub-account", "21": "sub-account → funding"}
"""Both sides too, unless a sub-account has a credential of its own: a bill does not say which one it was."""
_ONE_SIDED = {
    "22": "funding → main account",
    "23": "main account → funding",
    "361": "closed sub-account → funding",
    "284": "custody → outside it",
    "285": "outside custody → it",
    "286": "custody funding → outside it",
    "287": "outside custody funding → it",
    "288": "funding → custody",
    "289": "custody → funding",
    "372": "funding → segregated",
    "373": "segregated → funding",
    "476": "funding → cloud exchange",
    "477": "cloud exchange → funding",
    "187": "broker convert",
    "270": "broker dual currency",
    "303": "snowball market maker",
}
_GAINS_OR_COSTS = words(
    """
    28 48 49 68 77 83 84 89 139 146 150 151 152 162 172 173 181 185 189 204 209 221 222 223 227 229 232 233 242 251 263
    265 266 271 299 300 328 333 343 344 346 347 350 354 400 408
    """
)
"""Airdrops, rewards, rebates, commissions, yields of earn and structured products, interest, fees and profit shares."""
_EXCHANGES = words("135 137 138 200 272 273 329 330 331 332")
"""Coins for coins: bought or sold at a quoted price, staked ETH and SOL for their tokens."""
_LEFT_OUT = words(
    """
    75 76 78 80 82 124 160 161 163 174 202 203 205 207 208 210 225 226 228 240 241 243 249 250 252 304 305 306 311 339
    340 341 342 348 349 175 176 177 178 179 180 212 215 217 218 345 351
    """
)
_WORDS = {
    "13": "cancelled withdrawal", "28": "airdrop", "48": "event reward", "49": "event giveaway", "68": "fee rebate",
    "72": "token received", "73": "token given away", "74": "token refunded", "77": "jumpstart", "83": "staking yield",
    "84": "violation fee", "89": "deposit yield", "116": "fiat order", "117": "fiat", "118": "fiat order cancelled",
    "139": "ETH staking", "150": "affiliate commission", "151": "referral reward", "162": "dual investment profit",
    "173": "fee rebate", "221": "network fee", "222": "withdrawal fee refund", "229": "airdrop", "263": "profit share",
    "272": "convert", "273": "convert", "313": "gift sent", "314": "gift received", "315": "gift refunded",
    "343": "fixed earn", "350": "BTC staking", "400": "auto lend interest", "408": "auto earn",
}  # fmt: skip


@dataclass(slots=True)
class _Expected:
    """A bill that repeats what another list told."""

    types: frozenset[str]
    asset: Asset
    amounts: frozenset[Decimal]
    at: datetime

    def is_told_by(self, kind: str, asset: Asset, changed: Decimal, at: datetime) -> bool:
        near = -EARLY <= at - self.at <= UNDER_WAY
        return near and kind in self.types and asset == self.asset and changed in self.amounts


async def funding(ask: Ask) -> Batch:
    """Everything that crosses the border of the account, and what else happens in its funding account."""
    wide = Span(ask.span.start - UNDER_WAY, ask.span.end + EARLY)
    came = await by_time(ask.api, "private_get_asset_deposit_history", wide, lambda row: text(row, "depId"))
    left = await by_time(ask.api, "private_get_asset_withdrawal_history", wide, lambda row: text(row, "wdId"))
    expected: list[_Expected] = []
    flows: list[CashFlow] = []
    void: list[str] = []
    for row in came:
        identity, asset, got, at = f"deposit:{text(row, 'depId')}", _asset(row), amount(row, "amt"), moment(row, "ts")
        if text(row, "state") in _CREDITED and got:
            expected.append(_Expected(frozenset({_DEPOSIT}), asset, frozenset({got}), at))
            detail = "from an OKX account" if row.get("fromWdId") else str(row.get("chain") or "")
            kind = FlowKind.DEPOSIT
            flows.append(CashFlow(identity, ask.account, kind, at, asset, got, txid=_txid(row), detail=detail))
    for row in left:
        if not amount(row, "amt"):
            continue
        flow, bills = _withdrawn(row, ask.account)
        expected += bills
        if text(row, "state") in _CAME_BACK:
            void.append(flow.id)
        else:
            flows.append(flow)
    moves = _OWN if ask.apart("") else {**_OWN, **_WITH_SUB_ACCOUNT}
    told = list(_billed(await _bills(ask), expected, ask.account, moves))
    void += _other_names(told)
    return Batch((*flows, *told), tuple(void))


def _other_names(flows: Iterable[CashFlow]) -> Iterable[str]:
    """Under which a transfer with a sub-account may have been stored while it was told from more or fewer sides."""
    sub_account = frozenset(_WITH_SUB_ACCOUNT.values())
    moved = [flow for flow in flows if flow.wallets in sub_account]
    for flow in moved:
        bill, _, side = flow.id.removeprefix("funding:").partition(":")
        yield from (f"funding:{bill}",) if side else (f"funding:{bill}:out", f"funding:{bill}:in")


def _withdrawn(row: Row, account: AccountId) -> tuple[CashFlow, list[_Expected]]:
    """The record, and the bills that it may have: what left, its fee apart, and either of them back again."""
    asset, sent, paid, at = _asset(row), amount(row, "amt"), stated(row, "fee"), moment(row, "ts")
    done, txid = text(row, "state") == _DONE, _txid(row)
    flow = CashFlow(
        f"withdrawal:{text(row, 'wdId')}",
        account,
        FlowKind.WITHDRAWAL,
        at,
        asset,
        -sent,
        fee=Fee(asset, paid) if paid else None,
        txid=txid,
        detail="to an OKX account" if done and txid is None else str(row.get("chain") or ""),
        settled=done,
    )
    back = frozenset({_CANCELLED, _FEE_REFUND})
    return flow, [
        _Expected(frozenset({_WITHDRAWAL}), asset, frozenset({-sent, -sent - paid}), at),
        _Expected(frozenset({_NETWORK_FEE}), asset, frozenset({-paid}), at),
        _Expected(back, asset, frozenset({sent, sent + paid}), at),
        _Expected(back, asset, frozenset({paid}), at),
    ]


async def _bills(ask: Ask) -> Sequence[Row]:
    methods = ["private_get_asset_bills"]
    if ask.span.start < datetime.now(UTC) - RECENT_BILLS:
        methods.append("private_get_asset_bills_history")
    found = {
        text(row, "billId"): row
        for method in methods
        for row in await by_time(ask.api, method, ask.span, lambda row: text(row, "billId"))
    }
    return sorted(found.values(), key=lambda row: moment(row, "ts"))


def _billed(
    bills: Iterable[Row], expected: Iterable[_Expected], account: AccountId, moves: Mapping[str, str]
) -> Iterable[CashFlow]:
    """What the bills tell and nothing else does.

    Args:
        moves: types that are told from both sides.
    """
    rest = list(expected)
    for row in bills:
        kind, asset, changed, at = text(row, "type"), _asset(row), amount(row, "balChg"), moment(row, "ts")
        told = next((bill for bill in rest if bill.is_told_by(kind, asset, changed, at)), None)
        if told is not None:
            rest.remove(told)
        elif changed and kind not in _LEFT_OUT:
            yield from _of_bill(row, account, kind, changed, moves)


def _of_bill(row: Row, account: AccountId, kind: str, changed: Decimal, moves: Mapping[str, str]) -> Iterable[CashFlow]:
    asset, at = _asset(row), moment(row, "ts")
    identity, word = f"funding:{text(row, 'billId')}", _WORDS.get(kind, f"funding bill {kind}")
    if kind in moves:
        for side, sign in (("out", -1), ("in", 1)):
            name, moved = f"{identity}:{side}", sign * abs(changed)
            yield CashFlow(name, account, FlowKind.TRANSFER, at, asset, moved, txid=identity, wallets=moves[kind])
    elif kind in _ONE_SIDED or kind in _WITH_SUB_ACCOUNT:
        wallets = (_ONE_SIDED | _WITH_SUB_ACCOUNT)[kind]
        yield CashFlow(identity, account, FlowKind.TRANSFER, at, asset, changed, wallets=wallets)
    elif kind in _EXCHANGES:
        # both coins of one exchange are booked at one instant, and nothing else links them
        txid = f"funding:{text(row, 'ts')}"
        yield CashFlow(identity, account, FlowKind.CONVERSION, at, asset, changed, txid=txid, detail=word)
    else:
        sort = FlowKind.UNCLASSIFIED
        if kind in _BORDER:
            word = "" if kind in {_DEPOSIT, _WITHDRAWAL} else word
            sort = FlowKind.DEPOSIT if changed > 0 else FlowKind.WITHDRAWAL
        elif kind in _GAINS_OR_COSTS:
            sort = earned_or_paid(changed)
        yield CashFlow(identity, account, sort, at, asset, changed, detail=word)


def _asset(row: Row) -> Asset:
    return upper(text(row, "ccy"))


def _txid(row: Row) -> str | None:
    return str(row.get("txId") or "")[:128] or None
