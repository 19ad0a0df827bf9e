"""Kraken, spot: everything that is not on Kraken Futures stands in one balance, staked and rewarded amounts too.

Earn allocations repeat money of that balance and are not asked for. The nonce is a clock in milliseconds: private
calls go one after the other, or two that start together arrive in the wrong order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, Wallet
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.strict import Row, amount, table, text
from portfolio_bot.platforms.tickers import price_of
from portfolio_bot.platforms.venue import Api, Refused, Role, Venue, WalletAnswer, WalletReader
from portfolio_bot.platforms.venues.kraken_names import canonical, market_ids

FEE_CREDITS = frozenset({"KFEE", "FEE"})
"""They pay fees and nothing else: not money."""

WIDE_NONCE_WINDOW = 10_000
_ACTS = frozenset({"withdraw-funds", "modify-trades", "close-trades", "earn-funds"})

CAUSES = {
    "EAPI:Invalid key": FailureKind.BAD_KEY,
    "EAPI:Invalid signature": FailureKind.BAD_KEY,
    "EGeneral:Permission denied": FailureKind.MISSING_RIGHT,
    "EAPI:Invalid nonce": FailureKind.CLOCK_SKEW,
    "EAPI:Rate limit exceeded": FailureKind.RATE_LIMITED,
    "EGeneral:Temporary lockout": FailureKind.RATE_LIMITED,
    "EGeneral:Too many requests": FailureKind.RATE_LIMITED,
    "EService:Throttled": FailureKind.RATE_LIMITED,
    "EService:Unavailable": FailureKind.UNAVAILABLE,
    "EService:Busy": FailureKind.UNAVAILABLE,
    "EService:Timeout": FailureKind.UNAVAILABLE,
    "EService:Deadline elapsed": FailureKind.UNAVAILABLE,
    "EGeneral:Internal error": FailureKind.UNAVAILABLE,
    "EDatabase:Internal error": FailureKind.UNAVAILABLE,
    "EService:Market in cancel_only mode": FailureKind.MAINTENANCE,
    "EAuth:Account temporary disabled": FailureKind.ACCOUNT_FROZEN,
    "EAuth:Account unconfirmed": FailureKind.ACCOUNT_FROZEN,
}


async def balance(api: Api) -> WalletAnswer:
    """All assets. `balance` contains `hold_trade`; rows of one asset are added up later."""
    try:
        found = table(await api.call("private_post_balanceex"), "result")
        amounts = {name: amount(table(found, name), "balance") for name in found}
    except Refused as error:
        if error.failure.kind not in {FailureKind.MISSING_RIGHT, FailureKind.BAD_ANSWER}:
            raise
        found = table(await api.call("private_post_balance"), "result")
        amounts = {name: amount(found, name) for name in found}
    return WalletAnswer(
        tuple(
            Holding(canonical(text({"": name}, "")), Wallet.SPOT, held)
            for name, held in amounts.items()
            if name not in FEE_CREDITS
        )
    )


async def margin(api: Api) -> WalletAnswer:
    """The result of open margin positions, `n`, which no balance contains, and the venue's own total `eb` + `n`.

    `n` is the sum over `OpenPositions` in USD and needs the same right; `e` is margin equity only, no total.
    """
    result = table(await api.call("private_post_tradebalance", {"asset": "ZUSD"}), "result")
    unrealised = amount(result, "n")
    return WalletAnswer(
        (Holding("USD", Wallet.OTHER, unrealised, Money(unrealised, "USD")),),
        venue_total=StatedTotal(amount(result, "eb") + unrealised, "USD"),
    )


@dataclass(frozen=True, slots=True)
class KrakenTickers:
    """All pairs by Kraken's ids; `c`, `b`, `a` are last trade, bid and ask, each price first."""

    pairs: Row

    def price(self, base: Asset, quote: Asset) -> Decimal | None:
        """See `tickers.Tickers`."""
        for name in market_ids(base, quote):
            if name in self.pairs:
                pair = table(self.pairs, name)
                return price_of(_first(pair, "c"), _first(pair, "b"), _first(pair, "a"))
        return None


async def tickers(api: Api) -> KrakenTickers:
    """Every pair at once: one unknown name in a list of names fails the whole call."""
    return KrakenTickers(table(await api.call("public_get_ticker"), "result"))


async def rights(api: Api) -> KeyRights:
    """Any key may ask about itself."""
    result = table(await api.call("private_post_getapikeyinfo"), "result")
    granted = _texts(result, "permissions")
    until = amount(result, "valid_until", blank=Decimal(0))
    window = amount(result, "nonce_window", blank=Decimal(WIDE_NONCE_WINDOW))
    narrow = f"nonce window {window:f}: {WIDE_NONCE_WINDOW} spares refused calls when two arrive in the wrong order"
    return KeyRights(
        read_only=not granted & _ACTS,
        can_trade=bool(granted & {"modify-trades", "close-trades"}),
        can_withdraw="withdraw-funds" in granted,
        ip_bound=bool(_texts(result, "ip_allowlist") - {""}),
        expires=datetime.fromtimestamp(int(until), UTC).date() if until else None,
        notes=(narrow,) if window < WIDE_NONCE_WINDOW else (),
    )


def code(_status: int, answer: object) -> str | None:
    """No entry in `error` that begins with E, and a `result`, is success; entries with W are warnings."""
    found = table(answer).get("error")
    if not isinstance(found, list):
        raise SourceError.of(FailureKind.BAD_ANSWER, "error is not a list")
    for entry in found:
        error = text({"error": entry}, "error")
        if not error.startswith("W"):
            # some carry a moment or a field behind a further colon
            return next((known for known in CAUSES if error.startswith(known)), error)
    if not isinstance(table(answer).get("result"), list):
        table(answer, "result")
    return None


def _first(pair: Mapping[str, object], field: str) -> object:
    found = pair.get(field)
    return found[0] if isinstance(found, list) and found else None


def _texts(row: Row, field: str) -> frozenset[str]:
    found = row.get(field)
    return frozenset(str(entry) for entry in found) if isinstance(found, list) else frozenset()


VENUE = Venue(
    source="kraken",
    ccxt_id="kraken",
    wallets=(WalletReader("Spot", balance), WalletReader("Margin positions", margin, Role.FIGURE)),
    tickers=tickers,
    rights=rights,
    code=code,
    causes=CAUSES,
    serial=True,
    ledger="kraken_ledger",
)
