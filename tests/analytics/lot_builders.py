"""Builders for tests of lots: `buy("1 BTC", "20000 USDT", day=3, fee="20 USDT")` says what it means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.lot_events import Arrival, Booked, Conversion, Departure, LotEvent
from portfolio_bot.analytics.lot_report import AssetProfit, Disposal, Profit
from portfolio_bot.analytics.lots import Ledger, LotScope, UnknownBasis
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import NOT_PRICED, Fee, Market, Side, Trade, Worth, WorthSource

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """An instant so many days after the first one."""
    return START + timedelta(days=number)


def usd(amount: str | None) -> Worth | Unknown:
    """A value that somebody stated, or none."""
    return NOT_PRICED if amount is None else Worth(Decimal(amount), WorthSource.STATED)


def fee_of(text: str | None) -> tuple[Fee, ...]:
    """`0.02 BNB = 13.8`: amount, asset and, behind `=`, what it is worth."""
    if text is None:
        return ()
    left, _, worth = text.partition("=")
    amount, asset = left.split()
    return (Fee(asset, Decimal(amount), usd(worth.strip() or None)),)


def trade(
    side: str,
    base: str,
    quote: str,
    at: float,
    *,
    fee: str | None = None,
    worth: str | None = "",
    account: str = "ex",
    market: str = "spot",
    id: str = "",  # noqa: A002 - it is the trade's
) -> Trade:
    """One fill; its value is the cost itself unless `worth` says otherwise (None: no price)."""
    amount, base_asset = base.split()
    cost, quote_asset = quote.split()
    return Trade(
        id or f"{side}{at}",
        account,
        day(at),
        Side(side),
        base_asset,
        quote_asset,
        Decimal(amount),
        Decimal(cost),
        usd(cost if worth == "" else worth),
        fee_of(fee),
        Market(market),
    )


def flow(
    kind: str,
    what: str,
    at: float,
    worth: str | None = None,
    *,
    fee: str | None = None,
    account: str = "ex",
    id: str = "",  # noqa: A002 - it is the flow's
    txid: str | None = None,
    detail: str = "",
    cost: str | None = None,
) -> CashFlow:
    """`flow("deposit", "2 ETH", 3, "6000")`."""
    amount, asset = what.split()
    return CashFlow(
        id or f"{kind}{at}{asset}",
        account,
        FlowKind(kind),
        day(at),
        asset,
        Decimal(amount),
        usd(worth),
        next(iter(fee_of(fee)), None),
        txid,
        detail,
        cost=None if cost is None else Decimal(cost),
    )


def booked(
    kind: str,
    what: str,
    at: float,
    worth: str | None = None,
    *,
    fee: str | None = None,
    account: str = "ex",
    id: str = "",  # noqa: A002
) -> Booked:
    """The same as an event."""
    return Booked(day(at), flow(kind, what, at, worth, fee=fee, account=account, id=id))


def moved(
    what: str,
    at: float,
    *,
    origin: str = "a",
    destination: str = "b",
    arrives: str = "",
    lost: str = "0",
    worth: str = "0",
) -> tuple[Departure, Arrival]:
    """A transfer between own accounts: `lost` is the network's, on top of `what`."""
    amount, asset = what.split()
    received = Decimal(arrives or amount)
    left = flow("withdrawal", f"-{amount} {asset}", at, f"-{worth}", account=origin)
    came = flow("deposit", f"{received} {asset}", at, worth, account=destination)
    return (
        Departure(day(at), left, Decimal(amount), Decimal(lost)),
        Arrival(day(at), came, left.key, received),
    )


def exchanged(given: tuple[CashFlow, ...], got: tuple[CashFlow, ...], at: float) -> Conversion:
    """A conversion."""
    return Conversion(day(at), given, got)


def fed(*events: LotEvent, scope: str = "global", unknown: str = "exclude") -> tuple[Ledger, list[Disposal]]:
    told: list[Disposal] = []
    ledger = Ledger(scope=LotScope(scope), unknown=UnknownBasis(unknown), sink=told.append)
    ledger.feed_all(events)
    return ledger, told


def profit(*events: LotEvent, scope: str = "global", unknown: str = "exclude", **prices: str) -> Profit:
    dollars = {"USDT": Decimal(1), "USDC": Decimal(1)}
    made = fed(*events, scope=scope, unknown=unknown)[0].profit(dollars | {k: Decimal(v) for k, v in prices.items()})
    assert made.residual == 0
    return made


def of(made: Profit, asset: str) -> AssetProfit:
    return next(one for one in made.assets if one.asset == asset)
