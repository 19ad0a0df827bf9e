"""The stream of trades gives the very records that a list of them gives, oldest first, whatever is in them."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.trade import (
    NOT_PRICED,
    ContractTrade,
    Fee,
    Market,
    Origin,
    Side,
    Trade,
    Worth,
    WorthSource,
)
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger_rows import AnyTrade
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.trade_stream import every_trade
from tests.storage.builders import NOON

NUMBERS = [Decimal(text) for text in ("0.1", "1E-18", "12345678.123456789012345678", "3", "0", "-0.02")]
NAMES = ["BNB", 'A"B', "back\\slash", "ЁЖ", "comma,here", "[x]", ""]


def any_trade(chance: random.Random, number: int) -> AnyTrade:
    at = NOON + timedelta(microseconds=chance.choice([0, 0, 1, 999_999, 3_600_000_001]) * number)
    fees = tuple(any_fee(chance) for _ in range(chance.choice([0, 1, 1, 1, 2])))
    side, origin = chance.choice(list(Side)), chance.choice(list(Origin))
    price = chance.choice([None, Decimal("0.1000")])
    if chance.random() < 0.3:
        result = chance.choice([None, Decimal("-1.50")])
        return ContractTrade(
            str(number), "okx", at, side, "BTC-PERP", "USDT", Decimal(3), price, fees, result, "adl", origin
        )
    usd = any_worth(chance, at=chance.choice([None, at, at - timedelta(hours=1)]))
    market = chance.choice(list(Market))
    return Trade(
        str(number), chance.choice(["bybit", "kraken"]), at, side, "BTC", "USDT", NUMBERS[0], NUMBERS[2], usd, fees,
        market, price, origin,
    )  # fmt: skip


def any_worth(chance: random.Random, at: object = None) -> Worth | Unknown:
    if chance.random() < 0.3:
        return NOT_PRICED
    return Worth(chance.choice(NUMBERS[:5]), chance.choice(list(WorthSource)), at)  # type: ignore[arg-type]


def any_fee(chance: random.Random) -> Fee:
    return Fee(chance.choice(NAMES), chance.choice(NUMBERS), any_worth(chance))


async def test_every_record_comes_as_it_is_and_oldest_first(store: Store) -> None:
    chance = random.Random(7)
    made = [any_trade(chance, number) for number in range(900)]
    for account in ("okx", "bybit", "kraken"):
        mine = [one for one in made if one.account == account]
        await store.write(lambda tx, a=account, m=mine: ledger.store(tx, a, "", m))  # type: ignore[misc]
    async with store.read() as tx:
        pages = [page async for page in every_trade(tx)]
        listed = await ledger.trades(tx)
        some = [
            one
            async for page in every_trade(tx, NOON + timedelta(hours=3), since=NOON + timedelta(seconds=1))
            for one in page
        ]
    streamed = [one for page in pages for one in page]
    assert len(pages) > 2
    assert sorted(streamed, key=repr) == sorted(listed, key=repr)
    assert [type(one) for one in sorted(streamed, key=repr)] == [type(one) for one in sorted(listed, key=repr)]
    assert [(one.at, one.account, len(one.id), one.id) for one in streamed] == sorted(
        (one.at, one.account, len(one.id), one.id) for one in made
    )
    assert some == [one for one in streamed if timedelta(seconds=1) <= one.at - NOON < timedelta(hours=3)]
