"""Binance's trades: how markets are found and where they go on, what a row of income was, old prices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.trade import ContractTrade, Fee, Market, Side, Trade
from portfolio_bot.platforms.ledger import Hints, KeepsLedger, Span
from tests.peers import faults
from tests.platforms.contract.errors import no_right
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import AROUND_NOON, NOON, changes, millis, past, price, venue

pytestmark = pytest.mark.usefixtures("unthrottled")

INCOME = "GET /fapi/v1/income"
USD_TRADES = "GET /fapi/v1/userTrades"
PRICES = "GET /api/v3/ticker/price"
TRADES = "GET /api/v3/myTrades"
ACCOUNT = "GET /sapi/v1/account/info"
KLINES = "GET /api/v3/klines"
PRODUCTS = ("isMarginEnabled", "isFutureEnabled", "isOptionsEnabled", "isPortfolioMarginRetailEnabled")
INFO: dict[str, object] = dict.fromkeys(PRODUCTS, False)


def income(word: str, amount: str, symbol: str = "BTCUSDT", transaction: int = 1) -> dict[str, object]:
    return {
        "symbol": symbol,
        "incomeType": word,
        "income": amount,
        "asset": "USDT",
        "time": int(millis()),
        "tranId": transaction,
    }


@pytest.mark.parametrize(
    ("word", "amount", "kind"),
    [
        ("REALIZED_PNL", "-3", FlowKind.FUTURES_PNL),
        ("FUNDING_FEE", "0.2", FlowKind.FUNDING),
        ("INSURANCE_CLEAR", "-1", FlowKind.FEE),
        ("REFERRAL_KICKBACK", "1", FlowKind.INCOME),
        ("COIN_SWAP_DEPOSIT", "1", FlowKind.CONVERSION),
        ("A_WORD_OF_TOMORROW", "-4", FlowKind.UNCLASSIFIED),
        ("COMMISSION", "-1", None),
        ("TRANSFER", "100", None),
        ("INTERNAL_TRANSFER", "100", None),
        ("STRATEGY_UMFUTURES_TRANSFER", "-100", FlowKind.TRANSFER),
    ],
)
async def test_what_a_row_of_futures_income_was(word: str, amount: str, kind: FlowKind | None) -> None:
    batch = await past("binance", {INCOME: [income(word, amount)]}, "um")
    assert changes(batch) == ([] if kind is None else [(kind, "USDT", Decimal(amount))])
    assert all(word in record.detail for record in batch.records)  # type: ignore[union-attr]


async def test_rows_of_one_transaction_are_told_apart_by_what_they_were() -> None:
    rows = [income("REALIZED_PNL", "-3"), income("FUNDING_FEE", "1"), income("FUNDING_FEE", "1", "ETHUSDT")]
    batch = await past("binance", {INCOME: rows}, "um")
    assert len({record.id for record in batch.records}) == 3


def fill(symbol: str, number: int, **fields: object) -> dict[str, object]:
    usual = {
        "symbol": symbol,
        "id": number,
        "price": "60000",
        "qty": "0.002",
        "commission": "0.04",
        "time": int(millis()),
    }
    return {**usual, "commissionAsset": "BNB", "side": "SELL", "realizedPnl": "-0.9", **fields}


async def test_futures_are_asked_for_the_symbols_that_income_names() -> None:
    served = {
        INCOME: [income("COMMISSION", "-0.04", "SOLUSDT")],
        f"{USD_TRADES}?symbol=SOLUSDT": [fill("SOLUSDT", 7)],
        f"{USD_TRADES}?symbol=XRPUSDT": [fill("XRPUSDT", 8)],
    }
    batch = await past("binance", served, "um")
    [trade] = batch.records
    assert isinstance(trade, ContractTrade)
    assert (trade.id, trade.contract, trade.settle, trade.side) == ("SOLUSDT:7", "SOLUSDT", "USDT", Side.SELL)
    assert (trade.fees, trade.realised) == ((Fee("BNB", Decimal("0.04")),), Decimal("-0.9"))


async def test_of_a_time_before_income_is_kept_the_perpetuals_of_known_coins_are_asked_for() -> None:
    served = {f"{USD_TRADES}?symbol=BTCUSDT": [fill("BTCUSDT", 7)]}
    assert [row.id for row in (await past("binance", served, "um", assets={"BTC"})).records] == ["BTCUSDT:7"]
    recent = Span(datetime.now(UTC) - timedelta(days=2), datetime.now(UTC))
    assert (await past("binance", served, "um", span=recent, assets={"BTC"})).records == ()


async def test_a_coin_margined_contract_settles_in_its_coin() -> None:
    row = {**fill("BTCUSD_PERP", 6, qty="1"), "pair": "BTCUSD"}
    served = {"GET /dapi/v1/income": [income("COMMISSION", "-1", "BTCUSD_PERP")], "GET /dapi/v1/userTrades": [row]}
    [trade] = (await past("binance", served, "cm")).records
    assert isinstance(trade, ContractTrade)
    assert trade.settle == "BTC"


async def test_a_portfolio_margin_account_is_asked_where_its_past_lies() -> None:
    account = {**INFO, "isMarginEnabled": True, "isFutureEnabled": True, "isPortfolioMarginRetailEnabled": True}
    served = {ACCOUNT: account, "GET /papi/v1/um/income": [income("FUNDING_FEE", "1")]}
    async with venue("binance", served) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(frozenset({"BTC", "USDT"})))}
        batch = await made.past(streams["um"], AROUND_NOON)
        await made.past(streams["margin BTCUSDT"], AROUND_NOON)
        paths = {seen.path for seen in peer.requests}
    assert changes(batch) == [("funding", "USDT", 1)]
    assert "/papi/v1/margin/myTrades" in paths
    assert not {path for path in paths if path.startswith("/fapi/v1/income")}


def trade(number: int, **fields: object) -> dict[str, object]:
    usual = {"id": number, "price": "60000", "qty": "0.1", "quoteQty": "6000", "commission": "0", "isBuyer": True}
    return {"symbol": "BTCUSDT", **usual, "commissionAsset": "BNB", "time": int(millis()), **fields}


async def test_a_market_goes_on_at_the_first_trade_that_was_not_read() -> None:
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        full = [trade(number) for number in range(1, 1001)]
        peer.serve(f"{TRADES}?symbol=BTCUSDT&fromId=0", {"body": full})
        peer.serve(f"{TRADES}?symbol=BTCUSDT&fromId=1001", {"body": [trade(1001), trade(1005)]})
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(frozenset({"BTC"})))}
        first = await made.past(streams["spot BTCUSDT"], AROUND_NOON)
        second = await made.past(streams["spot BTCUSDT"], AROUND_NOON, first.token)
        third = await made.past(streams["spot BTCUSDT"], AROUND_NOON, second.token)
    assert (len(first.records), first.token, first.more) == (1000, "1001", True)
    assert (len(second.records), second.token, second.more) == (2, "1006", False)
    assert (third.records, third.token, third.more) == ((), "1006", False)


async def test_a_market_that_shows_its_first_page_for_ever_is_refused() -> None:
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        usual = peer.answer
        page = faults.Reply.of([trade(number) for number in range(1, 1001)])
        peer.answer = lambda seen: page if seen.path == "/api/v3/myTrades" else usual(seen)
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(frozenset({"BTC"})))}
        with pytest.raises(SourceError, match="came again"):
            await made.past(streams["spot BTCUSDT"], AROUND_NOON, "1001")


async def test_margin_trades_are_of_another_market_than_spot_trades_with_the_same_number() -> None:
    sides = {"baseAsset": {"asset": "BTC", "netAsset": "0"}, "quoteAsset": {"asset": "USDT", "netAsset": "0"}}
    row = {key: value for key, value in trade(7, isBuyer=False).items() if key != "quoteQty"}
    served = {
        TRADES: [trade(7)],
        "GET /sapi/v1/margin/myTrades": [row],
        "GET /sapi/v1/margin/myTrades?isIsolated=TRUE": [row],
        "GET /sapi/v1/margin/isolated/account": {"assets": [sides]},
    }
    found: dict[str, Trade] = {}
    for place in ("spot", "margin", "isolated"):
        [record] = (await past("binance", served, f"{place} BTCUSDT", assets={"BTC"})).records
        assert isinstance(record, Trade)
        found[record.id] = record
    assert list(found) == ["BTCUSDT:7", "margin:BTCUSDT:7", "isolated:BTCUSDT:7"]
    assert [record.market for record in found.values()] == [Market.SPOT, Market.MARGIN, Market.MARGIN]
    assert {record.cost for record in found.values()} == {Decimal(6000)}


@pytest.mark.parametrize("field", ["isBuyer", "commission", "price"])
async def test_a_trade_that_cannot_be_read_is_no_trade(field: str) -> None:
    with pytest.raises(SourceError) as caught:
        await past("binance", {TRADES: [trade(7, **{field: "perhaps"})]}, "spot BTCUSDT", assets={"BTC"})
    assert caught.value.failure.kind is FailureKind.BAD_ANSWER


async def markets(hints: Hints, served: Mapping[str, object]) -> tuple[list[str], int]:
    """Names of the spot streams, and how many questions it took to find them."""
    async with venue("binance", served) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        names = [stream.name for stream in await made.streams(hints)]
        asked = [seen.path for seen in peer.requests if seen.path != "/api/v3/account"]  # whose account it is
        return [name.removeprefix("spot ") for name in names if name.startswith("spot ")], len(asked)


def symbols(*names: str) -> list[dict[str, str]]:
    return [{"symbol": name, "price": "1"} for name in names]


async def test_markets_are_found_among_thousands_in_a_few_questions() -> None:
    thousands = [f"COIN{number}USDT" for number in range(3000)]
    held = {PRICES: symbols("BTCUSDT", "ETHBTC", "BTCEUR", "ADATRY", *thousands)}
    found, asked = await markets(Hints(frozenset({"BTC", "ETH", "ADA", "COIN7", "EUR"})), held)
    assert set(found) == {"BTCUSDT", "ETHBTC", "BTCEUR", "COIN7USDT"}
    assert asked <= 5


async def test_an_open_order_names_a_market_of_a_coin_that_is_not_held() -> None:
    served = {PRICES: symbols("SOLUSDT", "BTCUSDT"), "GET /api/v3/openOrders": [{"symbol": "SOLUSDT"}]}
    found, _ = await markets(Hints(frozenset({"USDT"})), served)
    assert found == ["SOLUSDT"]


async def test_tracked_assets_narrow_the_markets() -> None:
    served = {PRICES: symbols("SOLUSDT", "BTCUSDT", "ETHBTC", "SOLBTC")}
    found, _ = await markets(Hints(frozenset({"BTC", "ETH"}), frozenset({"SOL"})), served)
    assert set(found) == {"SOLUSDT", "SOLBTC"}


async def test_products_that_were_never_opened_are_not_read() -> None:
    async with venue("binance", {ACCOUNT: INFO}) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        streams = {stream.name: stream for stream in await made.streams(Hints(frozenset({"BTC"})))}
        assert not {"um", "cm", "margin interest", "margin BTCUSDT"} & streams.keys()
        await made.past(streams["transfers"], AROUND_NOON)
        ways = {seen.fields["type"] for seen in peer.asked("/sapi/v1/asset/transfer")}
    assert ways == {"MAIN_FUNDING", "FUNDING_MAIN"}


async def test_each_horizon_is_told() -> None:
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        kept = {stream.name: stream.keeps for stream in await made.streams(Hints(frozenset({"BTC"})))}
    limited = {name: keeps.days for name, keeps in kept.items() if keeps is not None}
    assert limited == {"pay": 540, "transfers": 180, "um": 180, "cm": 180, "options": 90}
    assert {"deposits", "withdrawals", "convert", "income", "spot BTCUSDT"} <= kept.keys()


async def test_bank_orders_are_read_often_only_where_a_currency_is_held() -> None:
    async with venue("binance", {}) as peer, opened("binance", peer.url) as made:
        assert isinstance(made, KeepsLedger)
        for assets, often in (({"BTC"}, False), ({"BTC", "EUR"}, True)):
            streams = {stream.name: stream for stream in await made.streams(Hints(frozenset(assets)))}
            assert streams["fiat orders"].border is often


async def test_an_account_that_does_not_say_what_it_has_opened_is_asked_for_all() -> None:
    async with venue("binance", {}) as peer:
        peer.fail(faults.instead(no_right("binance")), ACCOUNT)
        async with opened("binance", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            names = {stream.name for stream in await made.streams(Hints(frozenset({"BTC"})))}
    assert {"um", "cm", "margin interest"} <= names


def candle(at: datetime, close: str) -> list[object]:
    return [int(millis(at)), close, "99999", "0.5", close, "10", int(millis(at)) + 59_999]


async def test_an_old_price_is_the_minutes_else_the_hours() -> None:
    minute = {f"{KLINES}?symbol=BTCUSDT&interval=1m": [candle(NOON, "60100.5")]}
    found = await price("binance", minute, "BTC")
    assert found is not None
    assert (found.amount, found.quote) == (Decimal("60100.5"), "USDT")
    hour = {f"{KLINES}?symbol=BTCUSDT&interval=1m": [], f"{KLINES}?symbol=BTCUSDT&interval=1h": [candle(NOON, "60000")]}
    found = await price("binance", hour, "BTC", NOON + timedelta(minutes=30))
    assert found is not None
    assert found.amount == 60000


async def test_a_coin_without_a_market_has_no_old_price() -> None:
    async with venue("binance", {}) as peer:
        peer.fail(faults.status(400, {"code": -1121, "msg": "Invalid symbol."}), KLINES)
        async with opened("binance", peer.url) as made:
            assert isinstance(made, KeepsLedger)
            assert await made.price_at("ETHW", NOON) is None


async def test_the_test_network_is_asked_for_spot_trades_only() -> None:
    async with venue("binance", {TRADES: [trade(7)]}) as peer, opened("binance", peer.url, testnet=True) as made:
        assert isinstance(made, KeepsLedger)
        streams = await made.streams(Hints(frozenset({"BTC"})))
        assert [stream.name for stream in streams] == ["spot BTCUSDT"]
        assert len((await made.past(streams[0], AROUND_NOON)).records) == 1
        assert not [seen.path for seen in peer.requests if "sapi" in seen.path]
