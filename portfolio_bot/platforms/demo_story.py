"""What happened on the demo's accounts in the year before it began, and what they hold since.

Whatever the story does not explain was brought in before the simulated year. So a balance at any instant is the sum
of what was recorded until then, and records and balances agree to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from portfolio_bot.model.flow import FlowKind
from portfolio_bot.model.statement import AccountId, Wallet
from portfolio_bot.model.trade import Side
from portfolio_bot.platforms.demo_ledger import BY_BANK, IBKR_FEE, Balances, Place, Story, Teller, made_up, up_to
from portfolio_bot.platforms.demo_market import DemoMarket

BEGAN = 400
"""Days before the demo's beginning at which the first money came."""

ON_ITS_WAY = timedelta(minutes=47)
"""How long before the demo's beginning a transfer left that has not arrived yet."""

ARRIVES = timedelta(hours=2, minutes=20)
"""How long after the demo's beginning it does."""


def _places(text: str) -> Balances:
    """Lines of `asset wallet amount`."""
    rows = (line.split() for line in text.strip().splitlines())
    return {(asset, Wallet(wallet)): Decimal(amount) for asset, wallet, amount in rows}


HELD: Mapping[AccountId, Balances] = {
    "bybit": _places("""
        BTC unified 0.1053
        ETH unified 0.74
        USDT unified 1240.55
        TON earn 310
        USDC funding 150.2
    """),
    "okx": _places("""
        ETH unified 1.62
        SOL unified 12.5
        USDT unified 812.4
        LINK earn 64
    """),
    "kraken": _places("""
        BTC spot 0.0614
        XRP spot 820
        DOT earn 96.5
        EUR spot 404.18
        ADA spot 640
    """),
    "binance": _places("""
        BNB spot 1.36
        SOL earn 8.2
        USDT spot 96.02
        BTC futures 0.0042
    """),
    "tbank": _places("""
        SBER security 520
        LQDT security 148000
        RUB cash 21480.35
    """),
    "ibkr": _places("""
        CSPX security 6
        VWCE security 14
        USD cash 905.4
    """),
}
"""What each account holds when the demo begins."""


@lru_cache(maxsize=4)
def story(market: DemoMarket) -> Story:
    """What happened in a world."""
    teller = Teller(market)
    for part in (_bybit, _okx, _kraken, _binance, _tbank, _ibkr, _between):
        part(teller)
    for account, places in HELD.items():
        _bring_in(teller, account, places)
    return teller.told()


def _bybit(tell: Teller) -> None:
    tell.bought("bybit", 262, "13:41", "ETH", "0.3", "USDT", step=100)
    tell.bought("bybit", 120, "09:14", "BTC", "0.0243", "USDT", step=100)
    tell.swing("bybit", 96, 41, "BTC", "0.05", Side.BUY)
    tell.bought("bybit", 61, "08:50", "TON", "308.4", "USDT", step=50)
    tell.move("bybit", tell.at(60, "12:00"), "TON", "308.4", Wallet.EARN)
    tell.income("bybit", range(56, 0, -7), "TON", "0.2", Wallet.EARN, "flexible savings")
    tell.swing("bybit", 33, 19, "ETH", "0.6", Side.SELL)
    at = tell.at(14, "10:05")
    tell.flow("bybit", at, FlowKind.DEPOSIT, "USDC", "150.2", Wallet.FUNDING, txid=made_up("bybit", at))


def _okx(tell: Teller) -> None:
    tell.bought("okx", 151, "19:22", "LINK", "63.4", "USDT", step=50)
    tell.move("okx", tell.at(150, "19:40"), "LINK", "63.4", Wallet.EARN)
    tell.income("okx", range(140, 19, -20), "LINK", "0.08", Wallet.EARN, "simple earn")
    tell.income("okx", [10], "LINK", "0.04", Wallet.EARN, "simple earn")
    tell.bought("okx", 90, "11:08", "SOL", "14.508", "USDT", step=100)
    tell.trade("okx", tell.at(41, "20:37"), Side.SELL, "SOL", "0.5", "USDT")


def _kraken(tell: Teller) -> None:
    tell.bought("kraken", 300, "15:16", "ADA", "640", "EUR", step=20)
    tell.bought("kraken", 211, "18:09", "DOT", "91.56", "EUR", step=20)
    tell.move("kraken", tell.at(210, "18:30"), "DOT", "91.56", Wallet.EARN)
    tell.income("kraken", range(203, 2, -8), "DOT", "0.19", Wallet.EARN, "staking")
    tell.flow("kraken", tell.at(30, "08:00"), FlowKind.DEPOSIT, "EUR", "250", detail="SEPA", fee="0.35")
    # to an address that is on none of the accounts
    at = tell.at(12, "21:12")
    tell.flow("kraken", at, FlowKind.WITHDRAWAL, "XRP", "-120", fee="0.25", txid=made_up("kraken", at))


def _binance(tell: Teller) -> None:
    tell.bought("binance", 76, "10:55", "SOL", "8.14", "USDT", step=20)
    tell.move("binance", tell.at(75, "11:10"), "SOL", "8.14", Wallet.EARN)
    tell.income("binance", range(70, 9, -10), "SOL", "0.008", Wallet.EARN, "locked staking")
    tell.income("binance", [4], "SOL", "0.004", Wallet.EARN, "locked staking")
    at = tell.at(27, "22:01")
    for asset, amount in (("USDT", "-4.2"), ("BNB", "0.005")):
        tell.flow("binance", at, FlowKind.CONVERSION, asset, amount, txid=made_up("binance", at)[:16], detail="dust")


def _tbank(tell: Teller) -> None:
    for ago in range(346, 20, -30):
        tell.bought("tbank", ago, "10:43", "SBER", "20", "RUB", step=500)
    tell.bought("tbank", 180, "10:02", "LQDT", "148000", "RUB", step=5000)
    paid = tell.at(126, "11:30")
    tell.flow("tbank", paid, FlowKind.INCOME, "RUB", "13936", detail="dividend")
    tell.flow("tbank", paid, FlowKind.FEE, "RUB", "-1812", detail="dividend_tax")


def _ibkr(tell: Teller) -> None:
    """When a business day has just ended in New York: the next statement has it."""
    bought = tell.morning(100, 32)
    euros = 14 * tell.price("VWCE", "EUR", bought) + IBKR_FEE
    dollars = euros * tell.price("EUR", "USD", tell.morning(102, 31)) + IBKR_FEE
    tell.flow("ibkr", tell.morning(103, 30), FlowKind.DEPOSIT, "USD", up_to(dollars, 100), detail=BY_BANK)
    tell.trade("ibkr", tell.morning(102, 31), Side.BUY, "EUR", str(euros), "USD")
    tell.trade("ibkr", bought, Side.BUY, "VWCE", "14", "EUR")
    for ago in range(330, 5, -30):
        tell.flow("ibkr", tell.morning(ago, 33), FlowKind.INCOME, "USD", "1.84", detail="Broker Interest Received")
    tell.flow("ibkr", tell.morning(64, 34), FlowKind.FEE, "USD", "-4.5", detail="Other Fees")


def _between(tell: Teller) -> None:
    """Own money from one exchange to another; the last of it has not arrived when the demo begins."""
    left = tell.at(200, "15:30")
    tell.send("bybit", left, "ETH", "0.5", "0.0012", "okx", left + timedelta(minutes=11))
    left = tell.at(21, "13:02")
    tell.send("bybit", left, "BTC", "0.0042", "0.0001", "binance", left + timedelta(minutes=34))
    tell.move("binance", tell.at(20, "09:00"), "BTC", "0.0042", Wallet.FUTURES)
    began = tell.market.anchor
    tell.send("okx", began - ON_ITS_WAY, "SOL", "1.5", "0.008", "binance", began + ARRIVES)


def _bring_in(tell: Teller, account: AccountId, final: Balances) -> None:
    """What the story does not explain came before it. What arrives after the demo's beginning is beside `final`."""
    told: dict[Place, Decimal] = {}
    for entry in tell.entries[account]:
        if entry.at <= tell.market.anchor:
            for place, change in entry.changes:
                told[place] = told.get(place, Decimal(0)) + change
    for minute, place in enumerate(sorted(final.keys() | told.keys())):
        missing = final.get(place, Decimal(0)) - told.get(place, Decimal(0))
        if missing:
            at = tell.at(BEGAN, "09:00") + timedelta(minutes=minute)
            tell.flow(account, at, FlowKind.DEPOSIT, place[0], missing, place[1])
