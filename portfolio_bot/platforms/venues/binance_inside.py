"""What happens inside a Binance account: moves between its wallets, conversions, dust, income, interest on debt.

How far back it goes: moves between wallets 6 months, dust to December 2020, the rest to the beginning. Borrowing and
repaying change debt and balance alike and are left out, and so are subscriptions to Earn and redemptions of them:
both wallets are counted.

A payment may stand both in the list of distributions and in that of Simple Earn rewards: equal coin and amount within
a day are one payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Span, Stream, StreamReader
from portfolio_bot.platforms.paging import PAGE, between, by_count, each_once, moment, unless_full
from portfolio_bot.platforms.records import digest, earned_or_paid, exchanged, flow, moved_inside
from portfolio_bot.platforms.strict import Row, amount, rows, said, stated, table, text
from portfolio_bot.platforms.venue import upper

CONVERT_LIMIT = 1000
DUST_LIMIT = 100
DIVIDEND_LIMIT = 500
BNB = "BNB"

_FAILED = frozenset({"FAIL", "FAILED", "EXPIRED", "CANCELED", "CANCELLED"})
_SAME_PAYMENT = timedelta(days=1)
_MONTH = timedelta(days=30)
_NEARLY_THREE_MONTHS = timedelta(days=85)
_HALF_A_YEAR = timedelta(days=180)

_WALLETS = {
    "MAIN": "spot",
    "FUNDING": "funding",
    "UMFUTURE": "usd-m futures",
    "CMFUTURE": "coin-m futures",
    "MARGIN": "cross margin",
    "ISOLATED_MARGIN": "isolated margin",
    "OPTION": "options",
    "PORTFOLIO_MARGIN": "portfolio margin",
}
"""Binance's word for a wallet in the type of a transfer, and ours."""

_ALWAYS = (("MAIN", "FUNDING"),)
_FUTURES = (("MAIN", "UMFUTURE"), ("FUNDING", "UMFUTURE"), ("MAIN", "CMFUTURE"), ("FUNDING", "CMFUTURE"))
_MARGIN = (("MAIN", "MARGIN"), ("FUNDING", "MARGIN"), ("MAIN", "ISOLATED_MARGIN"))
_MARGIN_AND_FUTURES = (("MARGIN", "UMFUTURE"), ("MARGIN", "CMFUTURE"))
_OPTIONS = (("MAIN", "OPTION"), ("FUNDING", "OPTION"), ("UMFUTURE", "OPTION"))
_PORTFOLIO_MARGIN = (("MAIN", "PORTFOLIO_MARGIN"),)


def directions(*, margin: bool, futures: bool, options: bool, portfolio: bool) -> tuple[tuple[str, str], ...]:
    """From which wallet to which an account with these products can move money: one question each."""
    pairs = [
        *_ALWAYS,
        *(_FUTURES if futures else ()),
        *(_MARGIN if margin else ()),
        *(_MARGIN_AND_FUTURES if margin and futures else ()),
        *(_OPTIONS if options else ()),
        *(_PORTFOLIO_MARGIN if portfolio else ()),
    ]
    return tuple(way for one, other in pairs for way in ((one, other), (other, one)))


def own_transfers(ways: Iterable[tuple[str, str]]) -> StreamReader:
    """Moves between the account's own wallets."""
    known = tuple(ways)

    async def read(ask: Ask) -> Batch:
        records: list[CashFlow] = []
        for source, target in known:
            params = {**between(ask.span), "type": f"{source}_{target}", "size": PAGE}
            for row in await by_count(ask.api, "sapi_get_asset_transfer", params):
                if text(row, "status") != "CONFIRMED":
                    continue
                move, at, asset = text(row, "tranId"), moment(row, "timestamp"), upper(text(row, "asset"))
                wallets = f"{_WALLETS[source]} → {_WALLETS[target]}"
                records += moved_inside(ask, move, at, asset, amount(row, "amount"), wallets, text(row, "type"))
        return Batch(tuple(records))

    return StreamReader(Stream("transfers", "moves between wallets", window=_MONTH, keeps=_HALF_A_YEAR), read)


async def conversions(ask: Ask) -> Batch:
    """Convert: one coin for another at a quoted price."""
    answer = table(await ask.api.call("sapi_get_convert_tradeflow", {**between(ask.span), "limit": CONVERT_LIMIT}))
    if answer.get("moreData") is True:
        raise CutShort
    records: list[CashFlow] = []
    void: list[str] = []
    for row in unless_full(rows(answer, "list"), CONVERT_LIMIT):
        given, got = upper(text(row, "fromAsset")), upper(text(row, "toAsset"))
        deal, at, status = text(row, "orderId"), moment(row, "createTime"), text(row, "orderStatus")
        if status == "SUCCESS":
            paid, received = amount(row, "fromAmount"), amount(row, "toAmount")
            records += exchanged(ask, deal, at, (given, paid, ZERO), (got, received, ZERO), "convert")
        elif status in _FAILED:
            void += [f"{deal}:{given}:out", f"{deal}:{got}:in"]
    return Batch(tuple(records), tuple(void))


async def dust(ask: Ask) -> Batch:
    """Small balances made into one coin. What is printed as received has the charge already taken off."""
    records: list[CashFlow] = []
    for place in ("SPOT", "MARGIN"):
        answer = await ask.api.call("sapi_get_asset_dribblet", {**between(ask.span), "accountType": place})
        for group in unless_full(rows(answer, "userAssetDribblets"), DUST_LIMIT):
            for row in rows(group, "userAssetDribbletDetails"):
                coin = upper(text(row, "fromAsset"))
                into = upper(text(row, "targetAsset")) if row.get("targetAsset") else BNB
                deal = f"dust:{text(group, 'transId')}:{text(row, 'transId')}:{coin}"
                charge = stated(row, "serviceChargeAmount")
                got = (into, amount(row, "transferedAmount") + charge, charge)
                given = (coin, amount(row, "amount"), ZERO)
                records += exchanged(ask, deal, moment(row, "operateTime"), given, got, "dust")
    return Batch(tuple(records))


async def income(ask: Ask) -> Batch:
    """Distributions of all kinds (airdrops, staking, Launchpool), and what Simple Earn pays.

    Distributions are asked for with a day at both ends, so that a payment near an end is not taken for two.
    """
    wide = Span(ask.span.start - _SAME_PAYMENT, ask.span.end + _SAME_PAYMENT)
    answer = await ask.api.call("sapi_get_asset_assetdividend", {**between(wide), "limit": DIVIDEND_LIMIT})
    dividends = each_once(unless_full(rows(answer, "rows"), DIVIDEND_LIMIT), lambda row: text(row, "id"))
    records: list[CashFlow] = []
    paid: list[tuple[Asset, Decimal, datetime]] = []
    for row in dividends:
        asset, at = upper(text(row, "asset")), moment(row, "divTime")
        moved = amount(row, "amount") * (-1 if amount(row, "direction", blank=ZERO) < 0 else 1)
        kind = earned_or_paid(moved)
        detail = said(row, "enInfo")
        records += flow(ask, kind, f"dividend:{text(row, 'id')}", at, asset, moved, detail=detail)
        paid.append((asset, moved, at))
    for row in await _rewards(ask):
        asset, at, moved = upper(text(row, "asset")), moment(row, "time"), _reward(row)
        if not _taken(paid, asset, moved, at):
            word = said(row, "type") or "LOCKED"
            name = digest(asset, moved, at, word, row.get("projectId"), row.get("positionId"))
            kind = earned_or_paid(moved)
            records += flow(ask, kind, name, at, asset, moved, detail=f"Simple Earn {word}")
    return Batch(tuple(records))


def margin_interest(isolated: Sequence[str], *, portfolio: bool) -> StreamReader:
    """Interest on what was borrowed: of cross margin, and of each isolated pair."""
    cross = "papi_get_margin_margininteresthistory" if portfolio else "sapi_get_margin_interesthistory"

    async def read(ask: Ask) -> Batch:
        params = {**between(ask.span), "size": PAGE}
        found = await by_count(ask.api, cross, params)
        for symbol in isolated:
            found += await by_count(ask.api, "sapi_get_margin_interesthistory", {**params, "isolatedSymbol": symbol})
        records: list[CashFlow] = []
        for row in found:
            at, asset = moment(row, "interestAccuredTime"), upper(text(row, "asset"))
            name = f"interest:{text(row, 'txId')}"
            detail = " ".join(text(row, field) for field in ("type", "isolatedSymbol") if row.get(field))
            records += flow(ask, FlowKind.FEE, name, at, asset, -amount(row, "interest"), detail=detail)
        return Batch(tuple(records))

    return StreamReader(Stream("margin interest", "interest on margin", window=_MONTH), read)


async def _rewards(ask: Ask) -> list[Row]:
    """Simple Earn, flexible (of all kinds) and locked."""
    params = {**between(ask.span), "size": PAGE}
    flexible = "sapi_get_simple_earn_flexible_history_rewardsrecord"
    return [
        *await by_count(ask.api, flexible, {**params, "type": "ALL"}),
        *await by_count(ask.api, "sapi_get_simple_earn_locked_history_rewardsrecord", params),
    ]


def _reward(row: Row) -> Decimal:
    """Flexible prints it as `rewards`, locked as `amount`."""
    return amount(row, "rewards") if "rewards" in row else amount(row, "amount")


def _taken(paid: list[tuple[Asset, Decimal, datetime]], asset: Asset, moved: Decimal, at: datetime) -> bool:
    """Whether a distribution is this payment; each of them is only one."""
    for position, (coin, part, moment_of_it) in enumerate(paid):
        if coin == asset and part == moved and abs(at - moment_of_it) <= _SAME_PAYMENT:
            del paid[position]
            return True
    return False


INSIDE = (
    StreamReader(Stream("convert", "conversions", window=_MONTH), conversions),
    StreamReader(Stream("dust", "dust conversions", window=_MONTH), dust),
    StreamReader(Stream("income", "distributions and Earn rewards", window=_NEARLY_THREE_MONTHS), income),
)
"""Read for every account."""
