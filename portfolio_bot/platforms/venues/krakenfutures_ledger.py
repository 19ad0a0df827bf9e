"""Kraken Futures' past: the account log, which tells every change of every balance, and fills.

Money comes only from Kraken's spot account and goes back there: transfers, never deposits. An entry of a trade changes
a balance by the result of what was closed, by funding that fell due with it, and by the fee; the fee comes with the
fill. The log speaks of positions as well (their "asset" is the contract): no money. Moves between the accounts of one
currency stay inside and are left out.

Horizon: none for the log. Fills come by hundreds, newest first; the venue does not say how far back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import ContractTrade
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Ledger, Stream, StreamReader
from portfolio_bot.platforms.paging import MOST_PAGES, iso_moment, last_millis, millis, moment, seconds
from portfolio_bot.platforms.records import earned_or_paid, fees_of, side_of
from portfolio_bot.platforms.strict import Row, amount, rows, stated, text
from portfolio_bot.platforms.venue import Api
from portfolio_bot.platforms.venues.kraken_names import alternative, canonical, split_market

LOG_PAGE = 500
FILLS_PAGE = 100
LATELY = timedelta(minutes=10)
"""A span that ends less long ago ends with the newest fill."""
NOISE = Decimal("0.00000001")
"""Balances are printed from binary fractions: so far two figures may differ that say the same."""

_CONTRACT_KINDS = ("pi_", "fi_", "pv_", "fv_", "pf_", "ff_", "in_", "rr_")
_TRADED = frozenset(
    {
        "futures trade", "futures liquidation", "futures assignor", "futures assignee",
        "futures unwind counterparty", "futures unwind bankrupt", "covered liquidation", "settlement",
    }
)  # fmt: skip
_INSIDE = frozenset({"transfer"})
_CREDITS = frozenset({"kfee applied"})
_KINDS: Mapping[str, FlowKind] = {
    "cross-exchange transfer": FlowKind.TRANSFER,
    "subaccount transfer": FlowKind.TRANSFER,
    "funding rate change": FlowKind.FUNDING,
    "conversion": FlowKind.CONVERSION,
}
_EITHER = frozenset({"interest payment", "tax withheld", "tax refund"})


async def log(ask: Ask) -> Batch:
    """All entries of a span, back from its end."""
    found: dict[str, Row] = {}
    params: dict[str, object] = {
        "version": "v3",
        "since": millis(ask.span.start),
        "before": last_millis(ask.span) + 1,
        "sort": "desc",
        "count": LOG_PAGE,
    }
    for _ in range(MOST_PAGES):
        page = rows(await ask.api.call("history_get_account_log", params), "logs")
        fresh = {text(row, "id"): row for row in page if text(row, "id") not in found}
        found |= fresh
        if len(page) < LOG_PAGE:
            return Batch(tuple(flow for row in found.values() for flow in _flows(ask.account, row)))
        if not fresh:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page of the log came twice")
        params["to"] = min(int(name) for name in fresh)
    raise CutShort


def _flows(account: AccountId, row: Row) -> list[CashFlow]:
    """What an entry did to a balance: nothing, one thing, or the result of a trade and its funding."""
    change = amount(row, "new_balance") - amount(row, "old_balance")
    info, name = text(row, "info").lower(), text(row, "asset")
    if not change or _is_position(name) or info in _INSIDE | _CREDITS:
        return []
    asset = canonical(name.upper())
    parts: tuple[tuple[FlowKind, str, Decimal], ...]
    if info in _TRADED:
        funding = amount(row, "realized_funding", blank=ZERO)
        result = _result(row, change - funding)
        parts = ((FlowKind.FUTURES_PNL, "", result), (FlowKind.FUNDING, ":funding", funding))
    elif info in _EITHER:
        parts = ((earned_or_paid(change), "", change),)
    else:
        parts = ((_KINDS.get(info, FlowKind.UNCLASSIFIED), "", change),)
    booking = text(row, "booking_uid") if info == "conversion" else None
    at, number = iso_moment(row, "date"), text(row, "id")
    detail = f"{info} {row['contract']}" if row.get("contract") else info
    way = "" if info != "subaccount transfer" else "sub-account → main" if change > 0 else "main → sub-account"
    return [
        CashFlow(f"{number}{part}", account, kind, at, asset, moved, txid=booking, detail=detail, wallets=way)
        for kind, part, moved in parts
        if moved
    ]


def _result(row: Row, change: Decimal) -> Decimal:
    """What closing a position brought: the change without the fee, which some entries print with a minus."""
    result = amount(row, "realized_pnl", blank=ZERO)
    fee = abs(stated(row, "fee")) + abs(amount(row, "liquidation_fee", blank=ZERO))
    rest = change - result
    return result if abs(abs(rest) - fee) <= NOISE else result + rest + fee


def _is_position(name: str) -> bool:
    return name.lower().startswith(_CONTRACT_KINDS)


async def fills(ask: Ask) -> Batch:
    """Fills back from the end of a span to its start."""
    found: dict[str, Row] = {}
    until = ask.span.end
    # without a time the newest come
    params = {} if until > datetime.now(UTC) - LATELY else {"lastFillTime": _iso(until)}
    for _ in range(MOST_PAGES):
        answer = await ask.api.call("private_get_fills", params)
        page = rows(answer, "fills")
        found |= {text(row, "fill_id"): row for row in page}
        oldest = min((iso_moment(row, "fillTime") for row in page), default=until)
        if len(page) < FILLS_PAGE or oldest < ask.span.start:
            within = [row for row in found.values() if iso_moment(row, "fillTime") >= ask.span.start]
            paid = await _fees_of(ask, within)
            return Batch(tuple(_fill(ask.account, row, paid) for row in within))
        # others of the same moment may come on the next page
        following = oldest + timedelta(milliseconds=1)
        if following >= until:
            raise SourceError.of(FailureKind.BAD_ANSWER, "the same page of fills came twice")
        until = following
        params = {"lastFillTime": _iso(until)}
    raise CutShort


async def _fees_of(ask: Ask, found: list[Row]) -> Mapping[str, Decimal]:
    """Fees by fill, from the log, where the fills do not print them."""
    if all(row.get("fee_paid") is not None for row in found):
        return {}
    paid: dict[str, Decimal] = {}
    first, last = (pick(iso_moment(row, "fillTime") for row in found) for pick in (min, max))
    params: dict[str, object] = {
        "version": "v3",
        "since": millis(first) - 1000,
        "before": millis(last) + 1000,
        "sort": "asc",
        "info": "futures trade",
        "count": 2 * LOG_PAGE,
    }
    page = rows(await ask.api.call("history_get_account_log", params), "logs")
    if len(page) >= 2 * LOG_PAGE:
        raise CutShort
    for row in page:
        execution = row.get("execution")
        if execution and not _is_position(text(row, "asset")):
            paid[str(execution)] = abs(stated(row, "fee"))
    return paid


def _fill(account: AccountId, row: Row, paid: Mapping[str, Decimal]) -> ContractTrade:
    name, contract = text(row, "fill_id"), text(row, "symbol").upper()
    settle = _settled_in(contract)
    fee = amount(row, "fee_paid", blank=paid.get(name, ZERO))
    fee_coin = canonical(text(row, "fee_currency").upper()) if row.get("fee_currency") else settle
    kind = str(row.get("fillType") or "").lower()
    return ContractTrade(
        name,
        account,
        iso_moment(row, "fillTime"),
        side_of(row),
        contract,
        settle,
        amount(row, "size"),
        amount(row, "price"),
        fees_of((fee_coin, fee)),
        detail="" if kind in {"maker", "taker"} else kind,
    )


def _settled_in(contract: str) -> Asset:
    """`PI_XBTUSD` in the coin itself, `PF_ETHUSD` in dollars, `PV_XRPXBT` in bitcoin.

    Raises:
        SourceError: bad_answer: the name of the contract does not tell.
    """
    kind, _, rest = contract.partition("_")
    pair = split_market(rest.partition("_")[0])
    if pair is None or kind not in {"PI", "FI", "PV", "FV", "PF", "FF"}:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"the contract {contract} is of an unknown kind")
    base, quote = pair
    return base if kind in {"PI", "FI"} else quote


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


SIZES = (("1m", timedelta(minutes=1)), ("1h", timedelta(hours=1)), ("1d", timedelta(days=1)))


async def price(api: Api, base: Asset, quote: Asset, at: datetime) -> Decimal | None:
    """The index behind a perpetual: the close of the minute, hour or day."""
    for name, length in SIZES:
        contract = f"PF_{alternative(base)}{alternative(quote)}"
        params = {"price_type": "spot", "symbol": contract, "interval": name}
        window = {"from": seconds(at - 2 * length), "to": seconds(at)}
        answer = await api.call("charts_get_price_type_symbol_interval", {**params, **window})
        candles = [(moment(row, "time"), amount(row, "close")) for row in rows(answer, "candles")]
        known = {began: close for began, close in candles if at - 3 * length < began <= at and close > 0}
        if known:
            return known[max(known)]
    return None


LEDGER = Ledger(
    opened=date(2018, 9, 1),
    streams=(
        StreamReader(Stream("log", "transfers, results and funding", border=True), log),
        StreamReader(Stream("fills", "futures trades"), fills),
    ),
    price=price,
    bridges=("USD", "USDT"),
)
