"""Lots under random histories: an oracle agrees, costs add up to the last digit, and the identity always holds."""

from __future__ import annotations

import decimal
import random
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portfolio_bot.analytics.lot_events import Booked, LotEvent, place
from portfolio_bot.analytics.lot_report import Disposal, Profit
from portfolio_bot.analytics.lots import Ledger, LotScope, UnknownBasis
from portfolio_bot.model.flow import SIGNS, FlowKind
from portfolio_bot.model.trade import Fee, Market, Side, Trade, Worth, WorthSource
from tests.analytics.lot_builders import day, exchanged, flow, moved, usd
from tests.analytics.lot_oracle import rulers

PRICES = {"BTC": Decimal("61234.56"), "ETH": Decimal("2345.6"), "BNB": Decimal("612.3"), "USDT": Decimal("0.9993")}
COINS = ("BTC", "ETH", "BNB")
CLOSE = Fraction(1, 10**24)


def amount(dice: random.Random, largest: int = 1000) -> Decimal:
    """Up to 18 decimals, often few."""
    return Decimal(dice.randrange(1, largest * 10 ** (digits := dice.choice((0, 2, 8, 18))))).scaleb(-digits)


def fees(dice: random.Random, trade: Trade, available: dict[str, Decimal]) -> tuple[Fee, ...]:
    """None, one in base or quote, or one in a third coin of which there is some."""
    choice = dice.randrange(5)
    if choice == 0:
        return (Fee(trade.base, trade.amount / 1024),)
    if choice == 1:
        return (Fee(trade.quote, trade.cost / 512),)
    if choice == 2 and "BNB" not in (trade.base, trade.quote) and available["BNB"] > 1:
        return (Fee("BNB", Decimal("0.015625"), Worth(amount(dice), WorthSource.STATED)),)
    return ()


def trades(seed: int, count: int) -> list[Trade]:
    """A history of one account that never sells what it does not have; several trades may share an instant."""
    dice, made = random.Random(seed), list[Trade]()
    available = dict.fromkeys((*COINS, "USDT"), Decimal(0)) | {"USDT": Decimal(10**12)}
    at = day(0)
    for number in range(count):
        at += timedelta(seconds=dice.choice((0, 0, 1, 3600)))
        base, quote = dice.choice((("BTC", "USDT"), ("ETH", "USDT"), ("BNB", "USDT"), ("ETH", "BTC")))
        side = dice.choice((Side.BUY, Side.SELL))
        size, cost = amount(dice, 50), amount(dice)
        given, have = (base, size) if side is Side.SELL else (quote, cost)
        if available[given] < have * 2:
            side = Side.BUY if side is Side.SELL else Side.SELL
            given, have = (base, size) if side is Side.SELL else (quote, cost)
            if available[given] < have * 2:
                continue
        bare = Trade(str(number), "a", at, side, base, quote, size, cost)
        worth = cost if quote == "USDT" else amount(dice, 10**6)
        whole = bare._replace(usd=Worth(worth, WorthSource.STATED), fees=fees(dice, bare, available))
        for asset, change in moves(whole):
            available[asset] += change
        made.append(whole)
    return made


def moves(trade: Trade) -> Iterator[tuple[str, Decimal]]:
    sign = 1 if trade.side is Side.BUY else -1
    yield trade.base, sign * trade.amount
    yield trade.quote, -sign * trade.cost
    for fee in trade.fees:
        yield fee.asset, -fee.amount


def ledger(
    events: Sequence[LotEvent], scope: str = "global", unknown: str = "exclude"
) -> tuple[Ledger, list[Disposal]]:
    told: list[Disposal] = []
    made = Ledger(scope=LotScope(scope), unknown=UnknownBasis(unknown), sink=told.append)
    made.feed_all(events)
    return made, told


def valued(events: Sequence[LotEvent], scope: str = "global", unknown: str = "exclude") -> Profit:
    return ledger(events, scope, unknown)[0].profit(PRICES)


def near(one: Decimal, other: Fraction) -> bool:
    return abs(Fraction(one) - other) <= CLOSE


@given(st.integers(0, 10**9), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_a_naive_engine_finds_the_same_gains_and_lots(seed: int, count: int) -> None:
    history = trades(seed, count)
    expected = rulers(history)
    for asset in valued(history).assets:
        ruler = expected[asset.asset]
        assert near(asset.realised, ruler.realised())
        assert len(asset.lots) == len(ruler.left())
        for lot, (quantity, cost) in zip(asset.lots, ruler.left(), strict=True):
            assert isinstance(lot.cost, Decimal)
            assert Fraction(lot.quantity) == quantity
            assert near(lot.cost, cost)


@given(st.integers(0, 10**9), st.integers(1, 60))
@settings(max_examples=150, deadline=None)
def test_costs_that_came_in_went_out_or_are_still_there_to_the_last_digit(seed: int, count: int) -> None:
    history = [trade for trade in trades(seed, count) if trade.quote == "USDT" and not trade.fees]
    made, told = ledger(history)
    bought = sum((Fraction(trade.cost) for trade in history if trade.side is Side.BUY), Fraction(0))
    gone = sum((Fraction(disposal.cost) for disposal in told), Fraction(0))
    assert (
        gone + sum((Fraction(lot.cost) for lot in made.open_lots() if isinstance(lot.cost, Decimal)), Fraction(0))
        == bought
    )


@given(st.integers(0, 10**9), st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_what_was_bought_was_sold_or_is_still_there(seed: int, count: int) -> None:
    history = trades(seed, count)
    made, told = ledger(history)
    for coin in COINS:
        came = sum(
            (Fraction(change) for trade in history for asset, change in moves(trade) if asset == coin), Fraction(0)
        )
        assert came == sum((Fraction(lot.quantity) for lot in made.open_lots() if lot.asset == coin), Fraction(0))
    assert all(disposal.quantity == sum(lot.quantity for lot in disposal.lots) for disposal in told)


@given(st.integers(0, 10**9), st.integers(1, 40), st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_pages_repeats_and_disorder_change_nothing(seed: int, count: int, page: int) -> None:
    history = trades(seed, count)
    history.sort(key=place)
    plain, told = ledger(history)
    twice = history * 2
    random.Random(seed).shuffle(twice)
    again: list[Disposal] = []
    paged = Ledger(sink=again.append)
    in_order = sorted(twice, key=place)
    for begin in range(0, len(in_order), page):
        paged.feed_all(in_order[begin : begin + page])
    assert paged.open_lots() == plain.open_lots()
    assert again == told
    assert paged.profit(PRICES) == plain.profit(PRICES)


def spread(seed: int, count: int) -> list[LotEvent]:
    """Two accounts trade, each with its own; coins of a go to b and back in between, with a network fee or without."""
    dice, events, held = random.Random(seed), list[LotEvent](), dict.fromkeys(COINS, Decimal(0))
    for number, trade in enumerate(trades(seed + 1, count)):
        events.append(trade._replace(at=day(number), account="b"))
    for number, trade in enumerate(trades(seed, count)):
        events.append(trade._replace(at=day(number)))
        for asset, change in moves(trade):
            held[asset] = held.get(asset, Decimal(0)) + change
        coin = dice.choice(COINS)
        if held[coin] > 8:
            part = amount(dice, 2)
            events += moved(
                f"{part} {coin}", number + 0.25, origin="a", destination="b", lost=dice.choice(("0", "0.25"))
            )
            events += moved(f"{part} {coin}", number + 0.5, origin="b", destination="a")
            held[coin] -= 8  # the history does not know of the fees: leave it enough
    return sorted(events, key=place)


@given(st.integers(0, 10**9), st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_either_scope_gives_the_same_sum_of_realised_and_open_gains(seed: int, count: int) -> None:
    events = spread(seed, count)
    together, apart = valued(events), valued(events, "account")
    assume(not together.flags and not apart.flags)  # where a basis is missing, what is excluded differs
    assert together.realised + together.unrealised == apart.realised + apart.unrealised
    assert together.nav_pnl == apart.nav_pnl


def anything(seed: int, count: int) -> list[LotEvent]:
    """Every kind of event, on two accounts, spot and margin, priced or not, whether it makes sense or not."""
    dice, events = random.Random(seed), list[LotEvent]()
    for number in range(count):
        asset, worth = dice.choice((*COINS, "USDT", "EUR")), dice.choice((str(amount(dice)), None))
        account, name = dice.choice("ab"), str(number)
        match dice.randrange(4):
            case 0:
                base, quote = dice.sample((*COINS, "USDT"), 2)
                fee = (Fee(dice.choice((*COINS, "EUR")), amount(dice, 2) * dice.choice((1, 1, -1)), usd(None)),)
                if worth is not None:
                    fee = (fee[0]._replace(usd=Worth(fee[0].amount * 3, WorthSource.STATED)),)
                events.append(
                    Trade(
                        name,
                        account,
                        day(number),
                        dice.choice(tuple(Side)),
                        base,
                        quote,
                        amount(dice),
                        amount(dice),
                        usd(worth),
                        dice.choice(((), fee)),
                        dice.choice(tuple(Market)),
                    )
                )
            case 1:
                events += moved(f"{amount(dice)} {asset}", number, lost=str(amount(dice)), worth=worth or "0")
            case 2:
                other = dice.choice((worth, None, str(amount(dice))))
                given = tuple(
                    flow("conversion", f"-{amount(dice)} {a}", number, worth and f"-{worth}") for a in ("BTC", "ETH")
                )
                got = tuple(
                    flow("conversion", f"{amount(dice)} {a}", number, other)
                    for a in dice.sample(("BNB", "USDT"), dice.randrange(1, 3))
                )
                events.append(exchanged(given, got, number))
            case _:
                kind = dice.choice(tuple(FlowKind))
                sign = "-" if (SIGNS.get(kind) or dice.choice((1, -1))) < 0 else ""
                fee_text = dice.choice((None, f"{amount(dice, 2)} {dice.choice(COINS)}"))
                made = flow(
                    kind, f"{sign}{amount(dice)} {asset}", number, worth and sign + worth, fee=fee_text, account=account
                )
                events.append(Booked(day(number), made))
    return events


@given(st.integers(0, 10**9), st.integers(1, 40), st.sampled_from(LotScope), st.sampled_from(UnknownBasis))
@settings(max_examples=300, deadline=None)
def test_gains_always_add_up_to_the_change_of_value(seed: int, count: int, scope: str, unknown: str) -> None:
    events = anything(seed, count)
    made = valued(events, scope, unknown)
    assert made.residual == 0
    assert sum(made.realised_by_kind.values()) == made.realised


@pytest.mark.parametrize("digits", [9, 28, 50])
def test_the_callers_decimal_context_does_not_matter(digits: int) -> None:
    events = anything(7, 60)
    expected, disposals = valued(events), ledger(events)[1]
    with decimal.localcontext(prec=digits):
        assert valued(events) == expected
        assert ledger(events)[1] == disposals


def steady(count: int) -> Iterator[Trade]:
    """Buys and sells in turn, so that little stays open."""
    for number in range(count):
        at, size = day(0) + timedelta(seconds=number), Decimal(number % 97 + 1).scaleb(-3)
        cost = size * (50000 + number % 1013)
        side = Side.SELL if number % 2 else Side.BUY
        fee = Fee("USDT", cost.scaleb(-3))
        yield Trade(str(number), "a", at, side, "BTC", "USDT", size, cost, Worth(cost, WorthSource.DOLLARS), (fee,))


def test_memory_is_that_of_the_open_lots() -> None:
    made = Ledger()
    made.feed_all(steady(500))
    tracemalloc.start()
    made.feed_all(trade._replace(at=trade.at + timedelta(days=1)) for trade in steady(8_000))
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert grown < 1_000_000  # all of them would be five times that


def test_a_hundred_thousand_trades_take_two_seconds_at_most() -> None:
    history = list(steady(100_000))
    made, begin = Ledger(), time.process_time()
    made.feed_all(history)
    assert time.process_time() - begin < 4  # half a second where nothing else runs
