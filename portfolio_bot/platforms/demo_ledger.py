"""The books of the demo's accounts, and how its story is written into them: each trade at the price of its moment."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId, Wallet
from portfolio_bot.model.trade import ContractTrade, Fee, Side, Trade
from portfolio_bot.platforms.demo_market import MARKET, DemoMarket

Place: TypeAlias = tuple[Asset, Wallet]
Balances: TypeAlias = Mapping[Place, Decimal]

HOMES: Mapping[AccountId, Wallet] = {
    "bybit": Wallet.UNIFIED,
    "okx": Wallet.UNIFIED,
    "kraken": Wallet.SPOT,
    "binance": Wallet.SPOT,
    "tbank": Wallet.SECURITY,
    "ibkr": Wallet.SECURITY,
}
"""The wallet that each account trades from; of a broker where its securities lie."""

_CURRENCIES = frozenset({"USD", "EUR", "RUB"})
_TAKER = Decimal("0.001")
IBKR_FEE = Decimal(1)
BY_BANK = "bank transfer"
_TITLES = {Wallet.EARN: "earn", Wallet.FUTURES: "futures", Wallet.UNIFIED: "unified", Wallet.SPOT: "spot"}


class Entry(NamedTuple):
    """A record, and by how much it changes which balance."""

    at: datetime
    record: CashFlow | Trade | ContractTrade
    changes: tuple[tuple[Place, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The past of one account, oldest first, and what it held after each step."""

    entries: tuple[Entry, ...]
    moments: tuple[datetime, ...]
    balances: tuple[Balances, ...]

    def held(self, at: datetime) -> Balances:
        """What was there at that instant; nothing before the first deposit. No zero rows."""
        step = bisect_right(self.moments, at)
        return self.balances[step - 1] if step else {}


@dataclass(frozen=True, slots=True)
class Sent:
    """A transfer between two of the accounts."""

    withdrawal: CashFlow
    deposit: CashFlow


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that happened."""

    books: Mapping[AccountId, Book]
    sent: tuple[Sent, ...]

    def under_way(self, at: datetime) -> tuple[Sent, ...]:
        """What had left one account and not reached the other."""
        return tuple(one for one in self.sent if _instant(one.withdrawal) <= at < _instant(one.deposit))


class Teller:
    """Writes the story down. Days and times count back from the moment at which the demo began."""

    def __init__(self, market: DemoMarket) -> None:
        self.market = market
        self.entries: dict[AccountId, list[Entry]] = {account: [] for account in HOMES}
        self.sent: list[Sent] = []

    def at(self, days: float, clock: str) -> datetime:
        """So many days ago, at a time of the day in UTC."""
        hour, minute = map(int, clock.split(":"))
        return (self.market.anchor - timedelta(days=days)).replace(hour=hour, minute=minute, second=17, microsecond=0)

    def morning(self, days: int, minute: int) -> datetime:
        """Between four and five UTC, on Tuesday to Saturday."""
        at = self.at(days, f"04:{minute}")
        return at - timedelta(days={6: 1, 0: 2}.get(at.weekday(), 0))

    def flow(
        self,
        account: AccountId,
        at: datetime,
        kind: FlowKind,
        asset: Asset,
        amount: Decimal | str,
        wallet: Wallet | None = None,
        *,
        detail: str = "",
        fee: str = "0",
        txid: str | None = None,
        wallets: str = "",
    ) -> CashFlow:
        """A cash flow; `fee` is on top, in the same asset."""
        cost = Decimal(fee)
        record = CashFlow(
            made_up(account, at, f"{kind}{asset}{amount}{wallet}")[:16],
            account,
            kind,
            at,
            asset,
            Decimal(amount),
            fee=Fee(asset, cost) if cost else None,
            txid=txid,
            detail=detail,
            wallets=wallets,
        )
        place = (asset, wallet or _home(account, asset))
        self.entries[account].append(Entry(at, record, ((place, record.amount - cost),)))
        return record

    def trade(self, account: AccountId, at: datetime, side: Side, base: Asset, amount: str, quote: Asset) -> None:
        """A fill at the price of the moment; exchanges and IBKR take their fee with it, T-Bank as a row of its own."""
        price = self.price(base, quote, at)
        size = Decimal(amount)
        cost = size * price
        sign = 1 if side is Side.BUY else -1
        digits = Decimal("0.01") if quote in _CURRENCIES else Decimal("0.000001")
        fee = IBKR_FEE if account == "ibkr" else (cost * _TAKER).quantize(digits)
        apart = account == "tbank"
        fees = () if apart else (Fee(quote, fee),)
        record = Trade(
            made_up(account, at, base)[:16], account, at, side, base, quote, size, cost, fees=fees, price=price
        )
        paid = -sign * cost - (0 if apart else fee)
        legs = (((base, _home(account, base)), sign * size), ((quote, _home(account, quote)), paid))
        self.entries[account].append(Entry(at, record, legs))
        if apart:
            self.flow(account, at, FlowKind.FEE, quote, -fee, detail="broker_fee")

    def bought(
        self, account: AccountId, days: int, clock: str, base: Asset, amount: str, quote: Asset, *, step: int
    ) -> None:
        """Bought with money that was brought in the day before, rounded up to so many units."""
        at = self.at(days, clock)
        cost = Decimal(amount) * self.price(base, quote, at) * (1 + _TAKER)
        before = self.at(days + 1, clock) - timedelta(minutes=95)
        txid, word = (None, BY_BANK) if quote in _CURRENCIES else (made_up(account, before), "")
        self.flow(account, before, FlowKind.DEPOSIT, quote, up_to(cost, step), txid=txid, detail=word)
        self.trade(account, at, Side.BUY, base, amount, quote)

    def send(
        self, origin: AccountId, at: datetime, asset: Asset, amount: str, fee: str, to: AccountId, arrives: datetime
    ) -> None:
        """From one of the accounts to another, over a chain."""
        txid, size = made_up(origin, at, asset), Decimal(amount)
        left = self.flow(origin, at, FlowKind.WITHDRAWAL, asset, -size, fee=fee, txid=txid)
        came = self.flow(to, arrives, FlowKind.DEPOSIT, asset, size, txid=txid)
        self.sent.append(Sent(left, came))

    def move(self, account: AccountId, at: datetime, asset: Asset, amount: str, to: Wallet) -> None:
        """From the account's home wallet into another one."""
        size, home = Decimal(amount), HOMES[account]
        txid = made_up(account, at, f"{asset}{to}")[:16]
        wallets = f"{_TITLES[home]} → {_TITLES[to]}"
        self.flow(account, at, FlowKind.TRANSFER, asset, -size, home, txid=txid, wallets=wallets)
        self.flow(account, at, FlowKind.TRANSFER, asset, size, to, txid=txid, wallets=wallets)

    def income(
        self, account: AccountId, days: Iterable[int], asset: Asset, each: str, wallet: Wallet, why: str
    ) -> None:
        """The same amount again and again."""
        for ago in days:
            self.flow(account, self.at(ago, "06:30"), FlowKind.INCOME, asset, each, wallet, detail=why)

    def swing(self, account: AccountId, days: int, hours: int, coin: Asset, size: str, side: Side) -> None:
        """A perpetual position opened and closed again: two fills, funding every eight hours, and the result."""
        opened = self.at(days, "09:05")
        closed = opened + timedelta(hours=hours)
        amount, sign = Decimal(size), 1 if side is Side.BUY else -1
        other = Side.SELL if side is Side.BUY else Side.BUY
        first, last = (self.market.price(coin, at) for at in (opened, closed))
        result = (sign * amount * (last - first)).quantize(Decimal("0.000001"))
        for at, way, price, realised in ((opened, side, first, None), (closed, other, last, result)):
            fee = (amount * price * Decimal("0.00055")).quantize(Decimal("0.000001"))
            record = ContractTrade(
                made_up(account, at, f"{coin}{way}")[:16], account, at, way, f"{coin}USDT", "USDT", amount, price,
                (Fee("USDT", fee),), realised,
            )  # fmt: skip
            self.entries[account].append(Entry(at, record, ((("USDT", HOMES[account]), -fee),)))
        for paid in range(8, hours, 8):
            at = opened + timedelta(hours=paid)
            cost = (-sign * amount * self.market.price(coin, at) * Decimal("0.0001")).quantize(Decimal("0.000001"))
            self.flow(account, at, FlowKind.FUNDING, "USDT", cost, detail=f"{coin}USDT")
        if result:
            self.flow(account, closed, FlowKind.FUTURES_PNL, "USDT", result, detail=f"{coin}USDT")

    def told(self) -> Story:
        """Everything written so far, in order."""
        return Story({account: _book(entries) for account, entries in self.entries.items()}, tuple(self.sent))

    def price(self, base: Asset, quote: Asset, at: datetime) -> Decimal:
        """Of the simulated market; coins are quoted in crypto dollars as in dollars."""
        own = MARKET[base].currency
        price = self.market.price(base, at)
        if quote == own or quote not in _CURRENCIES:
            return price
        return (price / self.market.price(quote, at)).quantize(Decimal("0.0001"))


def _book(entries: Sequence[Entry]) -> Book:
    ordered = sorted(entries, key=attrgetter("at"))
    moments, balances, now = [], [], dict[Place, Decimal]()
    for at, group in groupby(ordered, key=attrgetter("at")):
        for entry in group:
            for place, change in entry.changes:
                now[place] = now.get(place, Decimal(0)) + change
        moments.append(at)
        balances.append({place: amount for place, amount in now.items() if amount})
    return Book(tuple(ordered), tuple(moments), tuple(balances))


def _home(account: AccountId, asset: Asset) -> Wallet:
    home = HOMES[account]
    return Wallet.CASH if home is Wallet.SECURITY and asset in _CURRENCIES else home


def _instant(flow: CashFlow) -> datetime:
    assert isinstance(flow.at, datetime)  # noqa: S101 - the story knows all its times, for the type checker
    return flow.at


def up_to(amount: Decimal, step: int) -> Decimal:
    """Rounded up to a multiple of `step`."""
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def made_up(account: AccountId, at: datetime, what: str = "") -> str:
    """An id of 64 digits, as of a transaction on a chain; the same each time."""
    return hashlib.sha256(f"{account}{at.isoformat()}{what}".encode()).hexdigest()
