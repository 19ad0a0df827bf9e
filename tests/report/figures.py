"""Performance, profit and benchmark as they occur: `track("1 40000, 8 41000")` is NAV by the day of November."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.analytics.attribution import Cause, Entry, Explained, Position, explain
from portfolio_bot.analytics.benchmark import Flow as BasketFlow
from portfolio_bot.analytics.benchmark import Plan, Tick, follow, outperformance, outperformance_twr
from portfolio_bot.analytics.lot_events import LotEvent
from portfolio_bot.analytics.lot_report import Profit
from portfolio_bot.analytics.lots import Ledger, LotScope, UnknownBasis
from portfolio_bot.analytics.performance import Track, measure
from portfolio_bot.analytics.positions import UNNAMED
from portfolio_bot.analytics.returns import daily_returns
from portfolio_bot.analytics.series import Closing, Flow, Valuation
from portfolio_bot.model.figure import Known, Unknown
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.figures_views import BenchmarkFigures, BenchmarkView, GainView, PerformanceView
from portfolio_bot.report.profit_view import ProfitView
from portfolio_bot.report.reader import Reader
from tests.analytics.lot_builders import booked, trade
from tests.report.gallery import NOW, PARIS, TITLES

PLAN = Plan({"BTC": Decimal(50), "ETH": Decimal(50)})
ROUBLES = Decimal("78.6")


def at(day: float, month: int = 11) -> datetime:
    """A moment of the month: noon in Paris, or a part of a day later."""
    return datetime(2026, month, 1, 11, tzinfo=UTC) + timedelta(days=day - 1)


def track(text: str, moved: str = "", unpriced: float | None = None) -> Track:
    """`1 40000, 8 41000` and flows `5.5 2000, 9 -300`, all by the day of November; every value closes its day."""
    values = tuple(Valuation(at(float(day)), Decimal(nav)) for day, nav in _pairs(text))
    flows = tuple(Flow(at(float(day)), Decimal(amount)) for day, amount in _pairs(moved))
    closings = tuple(Closing(PARIS.day(one.at), one) for one in values if PARIS.end(PARIS.day(one.at)) <= NOW)
    return Track(values, closings, flows, (), () if unpriced is None else ((at(unpriced), ("bybit", "1")),))


def _pairs(text: str) -> list[list[str]]:
    return [piece.split() for piece in text.split(",") if piece.strip()]


NAVS = (
    "1 40000, 2 40400, 3 40200, 4 39100, 5 39500, 6 40600, 7 41200, 8 41000, 9 43300, 10 43000, 11 43500, 12 43900, "
    "13 43100, 14 43600, 15 44200, 16 44000, 17 44900, 18 44200, 19 45000, 20.1 45310.12"
)
MOVED = "8.5 2000, 12 -300"


def why(detail: bool = True) -> Explained:
    """Why 40,000 became 45,310.12: the parts of `NAVS` and `MOVED`."""
    start = [
        Position("bybit", "BTC", Decimal(20000), "USD"),
        Position("kraken", "XRP", Decimal(8000), "USD"),
        Position("tbank", "SBER", Decimal(12000), "RUB"),
    ]
    end = [
        Position("bybit", "BTC", Decimal("24100.12"), "USD"),
        Position("kraken", "XRP", Decimal("8110.004"), "USD"),
        Position("tbank", "SBER", Decimal("13099.996"), "RUB"),
    ]
    if not detail:
        start = [Position("", UNNAMED, Decimal(40000), "USD")]
    entries = [
        Entry("bybit", "BTC", Cause.FLOWS, Decimal(2000), "USD"),
        Entry("kraken", "XRP", Cause.FLOWS, Decimal(-300), "USD"),
        Entry("kraken", "XRP", Cause.INCOME, Decimal("12.345"), "USD"),
        Entry("bybit", "BTC", Cause.FEES, Decimal("-8.005"), "USD"),
    ]
    rates = {"USD": Decimal(1), "RUB": Decimal("0.0127")}
    return explain(start, end, entries, rates if detail else {"USD": Decimal(1)}, {**rates, "RUB": Decimal("0.0129")})


def performance(
    found: Track | None = None, *, since: datetime | None = None, window: str = "all", currency: str = "USD"
) -> PerformanceView:
    """The figures of a track; why only of the whole November."""
    given = found or track(NAVS, MOVED)
    if currency == "RUB":
        given = _in_roubles(given)
    figures = measure(given, PARIS, since=since)
    explained = why() if found is None and since is None and currency == "USD" else None
    return PerformanceView(window, currency, figures, explained, None if isinstance(figures.twr, Unknown) else AHEAD)


AHEAD = BenchmarkFigures(
    Decimal(44000), Known(Decimal("0.0512")), Known(Decimal("0.05")), Known(Decimal("0.0298")), Known(Decimal("0.031"))
)


def _in_roubles(found: Track) -> Track:
    values = tuple(Valuation(one.at, one.value * ROUBLES) for one in found.valuations)
    flows = tuple(Flow(one.at, one.amount * ROUBLES) for one in found.flows)
    return replace(found, valuations=values, closings=(), flows=flows)


def profit(*, odd: bool = True, many: int = 0) -> Profit:
    """Lots of a few coins, with everything that has to be said beside them."""
    ledger = Ledger(scope=LotScope.GLOBAL, unknown=UnknownBasis.EXCLUDE)
    events: list[LotEvent] = [
        trade("buy", "0.2 BTC", "8000 USD", 1, fee="8 USD = 8"),
        trade("sell", "0.05 BTC", "3100 USD", 40, fee="3 USD = 3"),
        trade("buy", "1000 XRP", "900 USD", 2),
        booked("funding", "-1.56 USD", 33, "-1.56"),
    ]
    if odd:
        events += [trade("sell", "2 ETH", "6200 USD", 50), booked("income", "10 ADA", 30, None)]
    events += [trade("buy", f"{n} COIN{n}", f"{100 * n} USD", 60 + n / 100) for n in range(1, many)]
    ledger.feed_all(sorted(events, key=lambda event: event.at))
    prices = {"BTC": Decimal("67123.45"), "XRP": Decimal("2.41"), "USD": Decimal(1)}
    return ledger.profit(prices | {f"COIN{number}": Decimal(101) for number in range(1, many)})


def lots(**more: bool | int) -> ProfitView:
    """Everything from the first record on."""
    return ProfitView("all", None, NOW, profit(**more))  # type: ignore[arg-type]


def basket(*, ahead: bool = True, priced: bool = True) -> tuple[PerformanceView, BenchmarkView]:
    """The benchmark of November."""
    found = performance()
    period = found.figures.period
    assert not isinstance(period, Unknown)
    grown = Decimal("1.0005" if ahead else "1.02")
    ticks = [
        Tick(one.at, one.value, _prices(grown, place) if priced else {}) for place, one in enumerate(period.valuations)
    ]
    flows = [BasketFlow(str(flow.at), flow.at, flow.amount) for flow in period.flows]
    states = tuple(follow(PLAN, ticks, flows))
    missing = Unknown("no_price", "BTC, ETH")
    if not states:
        return found, BenchmarkView(
            PLAN, period.end.value, found.figures.twr, BenchmarkFigures(None, missing, missing, missing, missing), ()
        )
    newest, held = states[-1].basket, states[-1].held
    assert isinstance(found.figures.twr, Known)
    assert isinstance(newest.twr, Decimal)
    assert isinstance(held.twr, Decimal)
    figures = BenchmarkFigures(
        newest.value if isinstance(newest.value, Decimal) else None,
        Known(newest.twr),
        Known(held.twr),
        outperformance(period.end.value, newest.value),
        outperformance_twr(found.figures.twr.value, newest.twr),
    )
    return found, BenchmarkView(PLAN, period.end.value, found.figures.twr, figures, states)


def _prices(grown: Decimal, place: int) -> Mapping[str, Decimal]:
    return {"BTC": 60000 * grown**place, "ETH": 3000 * grown ** (place // 2)}


def documents(me: Reader) -> dict[str, Document]:
    """Every screen of performance, profit and benchmark."""
    rouble = replace(me, currency="RUB")
    short, gap = track("19 44000, 20 44100"), track("14 100, 15 0, 18 50, 19 51.5", "15 0, 16 45")
    days = daily_returns(track(NAVS, MOVED).closings, track(NAVS).valuations, track(NAVS, MOVED).flows)[::-1]
    holes = daily_returns(gap.closings, gap.valuations, gap.flows)[::-1]
    blind = [days[0], days[1]._replace(percent=Unknown("incomplete_flows")), days[2]]
    whole = GainView(performance(), lots())
    imported = GainView(replace(performance(), why=why(detail=False)), lots(odd=False))
    empty = Ledger(scope=LotScope.GLOBAL, unknown=UnknownBasis.EXCLUDE).profit({})
    nothing = GainView(performance(track("")), ProfitView("all", None, NOW, empty))
    return {
        "returns": compose.returns(days[:10], me),
        "returns in roubles": compose.returns(days[:2], rouble, currency="RUB"),
        "returns with holes": compose.returns(holes, me),
        "returns without a value": compose.returns(blind, me),
        "returns unknown": compose.returns(blind[1:], me),
        "returns empty": compose.returns([], me),
        "twr": compose.performance(performance(), me),
        "twr in roubles": compose.performance(performance(currency="RUB"), rouble),
        "twr of a day": compose.performance(performance(short, window="24h"), me),
        "twr of a loss": compose.performance(performance(track("1 100, 2 0, 3 0, 4 50, 5 60", "3.5 50")), me),
        "twr without a value": compose.performance(performance(track("1 100, 9 110", unpriced=5)), me),
        "twr empty": compose.performance(performance(track("")), me),
        "pnl": compose.pnl(whole, TITLES, me),
        "pnl details": compose.pnl(whole, TITLES, me, detail=True),
        "pnl imported": compose.pnl(imported, TITLES, me, detail=True),
        "pnl of many": compose.pnl(GainView(performance(), lots(many=45)), TITLES, me),
        "pnl empty": compose.pnl(nothing, TITLES, me),
        "pnl of BTC": compose.pnl(whole, TITLES, me, asset="BTC"),
        "pnl of nothing": compose.pnl(whole, TITLES, me, asset="PRIZE.EXAMPLE"),
        "benchmark": compose.benchmark(basket()[1], basket()[0], me),
        "benchmark behind": compose.benchmark(basket(ahead=False)[1], basket()[0], me),
        "benchmark without prices": compose.benchmark(basket(priced=False)[1], basket()[0], me),
        "benchmark empty": compose.benchmark(None, performance(track("")), me),
    }
