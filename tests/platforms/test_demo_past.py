"""The simulated past: records that explain every balance, and the situations that a demo should show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.transfers import Matching, match
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.portfolio import Complete
from portfolio_bot.model.trade import ContractTrade, Side, Trade
from portfolio_bot.platforms.demo import ACCOUNTS, DemoRates, DemoSource, DemoWorld
from portfolio_bot.platforms.demo_ledger import Balances, Book
from portfolio_bot.platforms.demo_market import MARKET, Scenario
from portfolio_bot.platforms.demo_story import ARRIVES, BEGAN, HELD, ON_ITS_WAY
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Record, Span

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
LATER = NOW + timedelta(days=2)
EVER = Span(NOW - timedelta(days=BEGAN + 1), LATER)
SCENARIOS = pytest.mark.parametrize("scenario", Scenario)


def changes(record: Record) -> list[tuple[str, Decimal]]:
    """What a record moves by what it says, whatever the books say that it moved."""
    match record:
        case CashFlow():
            fees = [record.fee] if record.fee else []
            moved = [(record.asset, record.amount)]
        case Trade():
            sign = 1 if record.side is Side.BUY else -1
            moved, fees = [(record.base, sign * record.amount), (record.quote, -sign * record.cost)], [*record.fees]
        case ContractTrade():
            moved, fees = [], [*record.fees]
    return moved + [(fee.asset, -fee.amount) for fee in fees]


def by_asset(held: Balances) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for (asset, _), amount in held.items():
        found[asset] = found.get(asset, Decimal(0)) + amount
    return found


def books(scenario: Scenario) -> dict[str, Book]:
    return dict(DemoWorld(scenario, NOW).story.books)


async def told(world: DemoWorld, account: str, now: datetime = LATER, span: Span = EVER) -> list[Record]:
    source = DemoSource(world, account, lambda: now)
    assert isinstance(source, KeepsLedger)
    return [record for stream in await source.streams(Hints()) for record in (await source.past(stream, span)).records]


async def matched(world: DemoWorld, at: datetime) -> Matching:
    records = [record for account in world.accounts for record in await told(world, account, at)]
    flows = [record for record in records if isinstance(record, CashFlow)]
    return match(flows, at=at, calendar=Calendar(UTC))


@SCENARIOS
def test_what_was_recorded_explains_every_balance_at_every_moment(scenario: Scenario) -> None:
    for book in books(scenario).values():
        total: dict[str, Decimal] = {}
        for entry, following in zip(book.entries, [*book.entries[1:], None], strict=True):
            for asset, change in changes(entry.record):
                total[asset] = total.get(asset, Decimal(0)) + change
            if following is None or following.at > entry.at:
                assert by_asset(book.held(entry.at)) == {asset: amount for asset, amount in total.items() if amount}


@SCENARIOS
def test_nothing_is_ever_spent_before_it_is_there(scenario: Scenario) -> None:
    for account, book in books(scenario).items():
        for moment, balances in zip(book.moments, book.balances, strict=True):
            assert min(balances.values()) > 0, (account, moment)


@SCENARIOS
def test_the_demo_begins_with_what_it_is_known_for(scenario: Scenario) -> None:
    assert {account: book.held(NOW) for account, book in books(scenario).items()} == HELD
    assert set(HELD) == {account.info.id for account in ACCOUNTS}


def test_the_same_world_tells_the_same_past() -> None:
    assert books(Scenario.BULL) == books(Scenario.BULL)
    assert DemoWorld(Scenario.BULL, NOW).story != DemoWorld(Scenario.BULL, NOW, seed=1).story


async def test_every_kind_of_record_is_in_it_and_no_id_twice() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    records = [record for account in world.accounts for record in await told(world, account)]
    kinds = {record.kind for record in records if isinstance(record, CashFlow)}
    assert kinds == set(FlowKind) - {FlowKind.OPENING, FlowKind.UNCLASSIFIED}
    assert {type(record) for record in records} == {CashFlow, Trade, ContractTrade}
    for table in (CashFlow, (Trade, ContractTrade)):
        keys = [(record.account, record.id) for record in records if isinstance(record, table)]
        assert len(set(keys)) == len(keys) > 20


async def test_trades_happen_at_the_markets_price() -> None:
    world = DemoWorld(Scenario.CRASH, NOW)
    source = DemoSource(world, "bybit", lambda: NOW)
    trades = [record for record in await told(world, "bybit") if isinstance(record, Trade)]
    for trade in trades:
        price = await source.price_at(trade.base, trade.at)
        assert price is not None
        assert (price.amount, price.quote) == (trade.price, "USD")
        assert trade.cost == trade.amount * price.amount


async def test_a_rouble_and_an_unknown_coin_have_no_price_of_the_past() -> None:
    source = DemoSource(DemoWorld(Scenario.BULL, NOW), "tbank", lambda: NOW)
    assert await source.price_at("RUB", NOW) is None
    assert await source.price_at("WHATEVER", NOW) is None
    share = await source.price_at("SBER", NOW)
    assert share is not None
    assert share.quote == MARKET["SBER"].currency == "RUB"


async def test_currencies_have_the_rate_of_their_day() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    rates = DemoRates(world, lambda: NOW)
    ago = NOW - timedelta(days=100)
    rouble, euro = await rates.rate("RUB", ago), await rates.rate("EUR", ago.date())
    assert (rouble, euro) == (world.rates(ago).rates["RUB"], world.rates(ago).rates["EUR"])
    assert rouble is not None
    assert rouble.date == ago.date() - timedelta(days={6: 1, 0: 2}.get(ago.weekday(), 0))
    assert await rates.rate("CHF", ago) is None


async def test_own_transfers_are_found_one_is_on_its_way_and_one_outflow_is_unexplained() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    found = await matched(world, NOW)
    ways = [(link.withdrawal.account, link.deposit.account) for link in found.transfers if not link.inside]
    assert ways == [("bybit", "okx"), ("bybit", "binance")]
    assert [(flow.account, flow.asset) for flow in found.in_transit] == [("okx", "SOL")]
    assert [(flow.account, flow.asset) for flow in found.unexplained] == [("kraken", "XRP")]


async def test_what_is_on_its_way_stays_in_the_total_until_it_arrives() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    left, there = NOW - ON_ITS_WAY, NOW + ARRIVES

    def total(at: datetime) -> Decimal:
        found = world.portfolio(at).total_usd
        assert isinstance(found, Complete)
        return found.value.amount

    second = timedelta(seconds=1)
    assert [len(world.portfolio(at).in_transit) for at in (left - second, left, there - second, there)] == [0, 1, 1, 0]
    assert abs(total(left) - total(left - second)) < 5
    assert abs(total(there) - total(there - second)) < 5
    arrived = await matched(world, there)
    assert arrived.in_transit == ()


async def test_only_what_has_happened_within_the_span_is_told() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    whole = await told(world, "binance", NOW)
    day = Span(NOW - timedelta(days=21), NOW - timedelta(days=20))
    assert {record.at for record in await told(world, "binance", NOW, day)} == {
        entry.at for entry in world.story.books["binance"].entries if day.start <= entry.at < day.end
    }
    assert len(await told(world, "binance", LATER)) == len(whole) + 1


async def test_a_refused_key_tells_no_past() -> None:
    with pytest.raises(SourceError) as caught:
        await told(DemoWorld(Scenario.OUTAGE, NOW), "kraken", NOW)
    assert caught.value.failure.kind is FailureKind.BAD_KEY


async def test_nothing_is_older_than_the_day_it_says_it_opened() -> None:
    world = DemoWorld(Scenario.BULL, NOW)
    for account, book in world.story.books.items():
        assert DemoSource(world, account, lambda: NOW).opened <= book.moments[0].date()
