"""Values of records: whose price comes first, what is asked, what waits, and that it is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portfolio_bot.analytics.valuation import value
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import FxProvider, FxRate
from portfolio_bot.model.reading import Live
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Side, Trade, Worth, WorthSource
from portfolio_bot.net.door import Timing, open_session
from portfolio_bot.platforms.ledger import Batch, Hints, Price, Span, Stream
from portfolio_bot.rates.base import DollarPrice
from portfolio_bot.rates.past import PastRates
from portfolio_bot.rates.past_dollars import PastDollars
from portfolio_bot.service.worth import Appraiser, Round
from portfolio_bot.storage import ledger, prices, snapshots
from portfolio_bot.storage.ledger import Record
from portfolio_bot.storage.prices import AssetPrice
from portfolio_bot.storage.store import Store
from tests.builders import info, rates, statement
from tests.clock import HeldClock
from tests.peers.fx import CBR_SERIES, ECB_RECENT, fixture, fx_server
from tests.peers.venue import venue_server
from tests.platforms.contract.peers import opened
from tests.service.fakes import NOON, FakeSource, Hands

PARIS = Calendar.of("Europe/Paris")
THEN = NOON - timedelta(days=9)


class Venue(FakeSource):
    """Remembers prices; `fails` so many questions first."""

    opened = date(2018, 1, 1)

    def __init__(self, account: str, clock: Hands, *, fails: int = 0, **quotes: str) -> None:
        super().__init__(account, {}, clock=clock)
        self.quotes = {asset: text.split() for asset, text in quotes.items()}
        self.questions: list[tuple[str, datetime]] = []
        self.fails = fails

    async def streams(self, hints: Hints) -> Sequence[Stream]:
        return ()

    async def past(self, stream: Stream, span: Span, token: str = "") -> Batch:
        return Batch()

    async def price_at(self, asset: str, at: datetime) -> Price | None:
        self.questions.append((asset, at))
        if len(self.questions) <= self.fails:
            raise SourceError.of(FailureKind.UNAVAILABLE)
        found = self.quotes.get(asset)
        return None if found is None else Price(Decimal(found[0]), found[1], at)


class Rates:
    """A euro is 1.1 dollars, a dollar 80 roubles."""

    async def rate(self, currency: str, when: datetime | date) -> FxRate | None:
        day = when.date() if isinstance(when, datetime) else when
        table = {"EUR": ("EUR", "USD", "1.1"), "RUB": ("USD", "RUB", "80")}
        found = table.get(currency)
        return FxRate(found[0], found[1], Decimal(found[2]), FxProvider.ECB, day) if found else None


class Dollars:
    """Tether was worth 0.999; nobody remembers the other."""

    async def price(self, coin: str, at: datetime) -> DollarPrice | None:
        return DollarPrice(Decimal("0.999"), at) if coin == "USDT" else None


def flow(id_: str = "f", asset: str = "BTC", amount: str = "2", **more: Any) -> CashFlow:
    kind = FlowKind.DEPOSIT if Decimal(amount) > 0 else FlowKind.WITHDRAWAL
    made = CashFlow(id_, "bybit", kind, THEN, asset, Decimal(amount))
    return replace(made, **more)


def trade(id_: str = "t", base: str = "BTC", quote: str = "USDT", **more: Any) -> Trade:
    made = Trade(id_, "bybit", THEN, Side.BUY, base, quote, Decimal("0.5"), Decimal(30000))
    return made._replace(**more)


def appraiser(store: Store, clock: Hands, *venues: Venue, **more: Any) -> Appraiser:
    sources = {venue.account: venue for venue in venues}
    given = {"rates": Rates(), "dollars": Dollars(), **more}
    return Appraiser(store, sources, calendar=PARIS, clock=clock, **given)


async def put(store: Store, *records: Record) -> None:
    for record in records:
        await store.write(lambda tx, one=record: ledger.store(tx, one.account, "", [one]))  # type: ignore[misc]


async def kept(store: Store) -> dict[str, Record]:
    async with store.read() as tx:
        return {one.id: one for one in [*await ledger.flows(tx), *await ledger.trades(tx)]}


async def worth_of(store: Store, clock: Hands, record: Record, *venues: Venue, **more: Any) -> Any:
    """What it says of a record after one round."""
    await put(store, record)
    await appraiser(store, clock, *venues, **more).round()
    found = (await kept(store))[record.id]
    return NOT_PRICED if isinstance(found, ContractTrade) else found.usd


async def test_dollars_are_dollars(store: Store, clock: Hands) -> None:
    assert await worth_of(store, clock, flow(asset="USD", amount="-7")) == Worth(Decimal(-7), WorthSource.DOLLARS)


async def test_a_currency_goes_by_the_rate_of_its_day(store: Store, clock: Hands) -> None:
    found = await worth_of(store, clock, flow(asset="RUB", amount="-160"))
    midnight = THEN.replace(hour=0)
    assert found == Worth(Decimal(-2), WorthSource.FX, midnight)
    day_only = replace(flow("e", asset="EUR", amount="10"), at=date(2026, 11, 3))
    assert (await worth_of(store, clock, day_only)).priced_at == datetime.fromisoformat("2026-11-03T00:00Z")


async def test_a_coin_goes_by_the_venue_of_its_record_through_what_it_is_quoted_in(store: Store, clock: Hands) -> None:
    bybit, okx = Venue("bybit", clock, ABC="0.5 ETH", ETH="2000 USDT"), Venue("okx", clock, ABC="9 USD")
    found = await worth_of(store, clock, flow(asset="ABC"), okx, bybit)
    assert found == Worth(Decimal(2) * Decimal("0.5") * 2000 * Decimal("0.999"), WorthSource.VENUE_HISTORY, THEN)
    assert okx.questions == []


async def test_a_road_that_leads_round_in_a_circle_ends(store: Store, clock: Hands) -> None:
    assert await worth_of(store, clock, flow(asset="A"), Venue("bybit", clock, A="1 B", B="1 A")) == NOT_PRICED


async def test_a_share_that_is_quoted_in_a_currency_goes_by_that_and_its_rate(store: Store, clock: Hands) -> None:
    found = await worth_of(store, clock, flow(asset="SBER", amount="4"), Venue("bybit", clock, SBER="300 RUB"))
    assert found.usd == 15


async def test_a_crypto_dollar_goes_by_the_venues_own_market_else_by_the_reference_else_at_par(
    store: Store, clock: Hands
) -> None:
    own = await worth_of(store, clock, flow("1", asset="USDT"), Venue("bybit", clock, USDT="0.998 USD"))
    assert (own.usd, own.source) == (Decimal("1.996"), WorthSource.VENUE_HISTORY)
    reference = await worth_of(store, clock, flow("2", asset="USDT"), Venue("bybit", clock, USDT="1 USDC"))
    assert reference.usd == Decimal("1.998")
    par = await worth_of(store, clock, flow("3", asset="USDC"))
    assert par == Worth(Decimal(2), WorthSource.ASSUMED_PAR)


async def test_what_runs_over_a_dollar_at_par_is_assumed_too(store: Store, clock: Hands) -> None:
    found = await worth_of(store, clock, flow(asset="ABC"), Venue("bybit", clock, ABC="3 USDC"))
    assert (found.usd, found.source) == (6, WorthSource.ASSUMED_PAR)


async def snapshot(store: Store, at: datetime, **last: str) -> None:
    readings = [
        Live(account, statement(account, "ABC spot 1", f"ABC/USD {price}", at=at)) for account, price in last.items()
    ]
    made = value(readings, info(*last), rates(), at=at)
    await store.write(lambda tx: snapshots.add(tx, made, trigger="poll"))


async def test_without_the_venue_our_own_snapshot_beside_it_serves_the_accounts_own_price_first(
    store: Store, clock: Hands
) -> None:
    await snapshot(store, THEN - timedelta(hours=23), okx="1", bybit="2")
    await snapshot(store, THEN + timedelta(hours=1), okx="30", bybit="40")
    found = await worth_of(store, clock, flow(asset="ABC"), Venue("bybit", clock))
    assert found == Worth(Decimal(80), WorthSource.SNAPSHOT, THEN + timedelta(hours=1))


async def test_a_snapshot_of_another_day_and_a_list_that_is_too_old_price_nothing(store: Store, clock: Hands) -> None:
    await snapshot(store, THEN - timedelta(hours=25), bybit="2")
    await store.write(lambda tx: prices.add(tx, [AssetPrice("ABC", THEN - timedelta(days=4), Decimal(5))]))
    assert await worth_of(store, clock, flow(asset="ABC")) == NOT_PRICED


async def test_an_imported_price_serves_last(store: Store, clock: Hands) -> None:
    noted = AssetPrice("ABC", THEN - timedelta(hours=12), Decimal(5))
    await store.write(lambda tx: prices.add(tx, [noted]))
    assert await worth_of(store, clock, flow(asset="ABC")) == Worth(Decimal(10), WorthSource.PRICE_LIST, noted.at)


async def test_an_entry_of_no_venue_that_we_know_may_have_the_price_of_any(store: Store, clock: Hands) -> None:
    by_hand = replace(flow(), account="wallet")
    found = await worth_of(store, clock, by_hand, Venue("okx", clock), Venue("bybit", clock, BTC="60000 USD"))
    assert found.usd == 120000


async def test_a_trade_has_the_value_of_what_was_paid_and_its_fee_one_of_its_own(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, BNB="700 USD", BTC="1 USD")
    await put(store, trade(fees=(Fee("BNB", Decimal("0.1")), Fee("BTC", Decimal("0.001")))))
    done = await appraiser(store, clock, bybit).round()
    made = (await kept(store))["t"]
    assert done == Round(1, 1)
    assert isinstance(made, Trade)
    assert isinstance(made.usd, Worth)
    assert made.usd.usd == Decimal(29970)
    assert [fee.usd for fee in made.fees] == [Worth(Decimal(70), WorthSource.VENUE_HISTORY, THEN), NOT_PRICED]
    assert [asset for asset, _ in bybit.questions] == ["USDT", "BNB"]


async def test_what_was_bought_prices_a_trade_whose_payment_has_no_price(store: Store, clock: Hands) -> None:
    assert (await worth_of(store, clock, trade(quote="ABC"), Venue("bybit", clock, BTC="60000 USD"))).usd == 30000


async def test_a_payment_whose_price_cannot_be_asked_now_is_waited_for(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, fails=1, ABC="2 USD", BTC="60000 USD")
    made = appraiser(store, clock, bybit)
    await put(store, trade(quote="ABC"))
    assert (await made.round()).priced == 0
    clock.turn(minutes=2)
    assert (await made.round()).priced == 1
    assert (await kept(store))["t"].usd == Worth(Decimal(60000), WorthSource.VENUE_HISTORY, THEN)  # type: ignore[union-attr]


async def test_the_fee_of_a_contract_is_priced(store: Store, clock: Hands) -> None:
    fees = (Fee("USDT", Decimal(-1)),)
    await put(store, ContractTrade("c", "bybit", THEN, Side.SELL, "BTC-PERP", "USDT", Decimal(1), fees=fees))
    assert await appraiser(store, clock).settle(5) == 1
    made = (await kept(store))["c"]
    assert isinstance(made, ContractTrade)
    assert made.fees[0].usd == Worth(Decimal("-0.999"), WorthSource.VENUE_HISTORY, THEN)


async def test_records_of_one_minute_cost_one_question(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, BTC="60000 USD")
    at = THEN.replace(second=1)
    await put(store, *(flow(str(number), at=at + timedelta(seconds=number)) for number in range(50)))
    await put(store, flow("later", at=at + timedelta(minutes=1)))
    assert (await appraiser(store, clock, bybit).round()).priced == 51
    assert len(bybit.questions) == 2


async def test_a_round_asks_no_more_than_it_may_and_says_that_there_is_more(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, BTC="60000 USD")
    made = appraiser(store, clock, bybit, questions=3)
    await put(store, *(flow(str(number), at=THEN + timedelta(minutes=number)) for number in range(5)))
    assert await made.round() == Round(3, 3, more=True)
    assert await made.round() == Round(2, 2)


class Remembering(Dollars):
    """Makes a request for every tenth answer."""

    requests = 0
    answers = 0

    async def price(self, coin: str, at: datetime) -> DollarPrice | None:
        self.requests += self.answers % 10 == 0
        self.answers += 1
        return await super().price(coin, at)


async def test_an_answer_that_is_remembered_costs_no_question(store: Store, clock: Hands) -> None:
    made = appraiser(store, clock, dollars=Remembering(), questions=2)
    await put(store, *(flow(str(number), "USDT", at=THEN + timedelta(minutes=number)) for number in range(12)))
    assert await made.round() == Round(11, 11, more=True)


async def test_what_nobody_can_price_is_looked_for_again_less_and_less_often(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock)
    made = appraiser(store, clock, bybit)
    await put(store, flow(asset="SPAM"))
    asked = []
    for _ in range(16):
        await made.round()
        asked.append(len(bybit.questions))
        clock.turn(minutes=31)
    assert asked == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]


async def test_prices_that_are_imported_are_used_at_once(store: Store, clock: Hands) -> None:
    made = appraiser(store, clock)
    await put(store, flow(asset="ABC"))
    assert (await made.round()).priced == 0
    await store.write(lambda tx: prices.add(tx, [AssetPrice("ABC", THEN, Decimal(5))]))
    assert (await made.round()).priced == 0
    made.look_again()
    assert (await made.round()).priced == 1


async def test_a_venue_that_fails_for_half_an_hour_gives_way_to_a_snapshot(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, fails=99, ABC="9 USD")
    made = appraiser(store, clock, bybit)
    await snapshot(store, THEN, bybit="3")
    await put(store, flow(asset="ABC"))
    for _ in range(4):
        assert (await made.round()).priced == 0
        clock.turn(minutes=16)
    assert (await made.round()).priced == 1
    assert (await kept(store))["f"].usd == Worth(Decimal(6), WorthSource.SNAPSHOT, THEN)  # type: ignore[union-attr]


async def test_a_venue_that_fails_costs_the_records_of_others_nothing(store: Store, clock: Hands) -> None:
    bybit, okx = Venue("bybit", clock, fails=99), Venue("okx", clock, BTC="1 USD")
    await put(store, *(flow(str(number), at=THEN + timedelta(minutes=number)) for number in range(9)))
    await put(store, replace(flow("other"), account="okx"))
    assert (await appraiser(store, clock, bybit, okx).round()).priced == 1
    assert len(bybit.questions) == 1


async def test_a_value_that_is_known_is_never_looked_up_again(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, BTC="60000 USD")
    stated = Worth(Decimal(1), WorthSource.STATED)
    assert await worth_of(store, clock, flow(usd=stated), bybit) == stated
    assert bybit.questions == []


async def test_an_entry_of_today_without_a_time_is_priced_as_of_now(store: Store, clock: Hands) -> None:
    bybit = Venue("bybit", clock, BTC="60000 USD")
    await worth_of(store, clock, flow(amount="-1", at=NOON.date()), bybit)
    assert [at for _, at in bybit.questions] == [NOON]


async def test_the_part_of_the_service_works_when_it_is_nudged_and_ends_when_it_shall(
    store: Store, clock: Hands
) -> None:
    stop = asyncio.Event()
    made = appraiser(store, clock, Venue("bybit", clock, BTC="60000 USD"), between=0.0, idle=60.0)
    serving = asyncio.create_task(made.serve(stop))
    await asyncio.sleep(0.05)
    await put(store, flow())
    made.nudge()
    async with asyncio.timeout(5):
        while (await kept(store))["f"].usd == NOT_PRICED:  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
    stop.set()
    async with asyncio.timeout(10):
        await serving


@pytest.mark.parametrize("currency", ["EUR", "RUB"])
async def test_real_banks_and_a_real_venue_over_loopback(store: Store, currency: str) -> None:
    """A Sunday in August 2026: the ECB's file, the Bank of Russia's series, Kraken's candles, Bybit's."""
    at = datetime.fromisoformat("2026-08-23T10:00:00Z")
    clock = HeldClock(at + timedelta(days=20))
    kline = {"retCode": 0, "result": {"list": [[str(int(at.timestamp() * 1000)), "60000", "60000", "60000", "60000"]]}}
    async with (
        fx_server() as peer,
        venue_server("bybit") as bybit,
        opened("bybit", bybit.url) as source,
        open_session() as session,
    ):
        peer.ecb_recent = fixture("ecb-hist-90d-2019-first12.xml").replace(b'"2019-11-', b'"2026-08-')
        peer.candles["USDTZUSD", "60"] = [[int(at.timestamp()), "0.9990", "0.9990", "0.9990", "0.9990", "0", "0", 1]]
        bybit.serve("GET /v5/market/kline?symbol=BTCUSDT", {"body": kline})
        bybit.serve("GET /v5/market/kline", {"body": {"retCode": 0, "result": {"list": []}}})
        urls: Any = {"base_urls": peer.urls, "timing": Timing(2.0, 2.0)}
        made = Appraiser(
            store,
            {"bybit": source},
            calendar=PARIS,
            clock=clock,
            rates=PastRates(session, clock, provider="ECB", **urls),
            dollars=PastDollars(session, clock, pace=0, **urls),
        )
        await put(store, flow(at=at), flow("c", asset=currency, amount="100", at=at))
        await put(store, flow("d", asset=currency, amount="1", at=at + timedelta(minutes=9)))
        assert await made.settle(5) == 3
        asked = {seen.path for seen in peer.requests}
    found = {id_: one.usd for id_, one in (await kept(store)).items() if isinstance(one, CashFlow)}
    assert found["f"] == Worth(Decimal(119880), WorthSource.VENUE_HISTORY, at)
    assert {"EUR": ECB_RECENT, "RUB": CBR_SERIES}[currency] in asked
    money = found["c"]
    assert isinstance(money, Worth)
    assert money.source is WorthSource.FX
    expected = {"EUR": Decimal("110.58"), "RUB": Decimal(100) / Decimal("82.9211")}
    assert abs(money.usd - expected[currency]) < Decimal("1e-15")
    assert money.priced_at == datetime.fromisoformat("2026-08-22T00:00Z")
