"""Kraken Futures: a venue of its own, with keys of its own. API: derivatives v3.

One answer holds every wallet: `cash`, one margin account per inverse contract (`fi_xbtusd`), and `flex`, the account
with several collaterals. What a key may do cannot be asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import Holding, StatedTotal, UnreadableWallet, Wallet
from portfolio_bot.platforms.strict import Row, amount, rows, table, text
from portfolio_bot.platforms.tickers import by_symbol, price_of
from portfolio_bot.platforms.venue import Api, Venue, WalletAnswer, WalletReader, in_dollars
from portfolio_bot.platforms.venues.kraken_names import canonical, market_ids

FLEX = "flex"


async def accounts(api: Api) -> WalletAnswer:
    """All accounts by their type; one of an unknown type is named, not guessed."""
    found = table(await api.call("private_get_accounts"), "accounts")
    holdings: list[Holding] = []
    stated: StatedTotal | None = None
    unknown: list[UnreadableWallet] = []
    for name in found:
        account = table(found, name)
        match text(account, "type"):
            case "cashAccount":
                balances = table(account, "balances")
                holdings += [Holding(_coin(coin), Wallet.FUTURES, amount(balances, coin)) for coin in balances]
            case "marginAccount":
                # `balances` says the same money again, and holds counts of contracts beside it
                value = amount(table(account, "auxiliary"), "pv")
                holdings.append(Holding(_coin(text(account, "currency")), Wallet.FUTURES, value))
            case "multiCollateralMarginAccount":
                stated = StatedTotal(amount(account, "portfolioValue"), "USD", FLEX)
                holdings += _collateral(table(account, "currencies"))
            case _:
                unknown.append(UnreadableWallet(text({"": name}, ""), "not_built"))
    return WalletAnswer(tuple(holdings), stated, unreadable=tuple(unknown))


def _collateral(currencies: Row) -> list[Holding]:
    """`value` is what a coin is worth in USD; `collateral` is less, by a haircut."""
    found = []
    for coin in currencies:
        row = table(currencies, coin)
        value = in_dollars(row, "value")
        found.append(Holding(_coin(coin), Wallet.FUTURES, amount(row, "quantity"), value, FLEX))
    return found


@dataclass(frozen=True, slots=True)
class IndexPrices:
    """The index behind a perpetual is the price of the coin; its own last trade is that of a contract."""

    contracts: Mapping[str, Row]

    def price(self, base: Asset, quote: Asset) -> Decimal | None:
        """See `tickers.Tickers`."""
        for market in market_ids(base, quote):
            for kind in ("PF_", "PI_"):
                row = self.contracts.get(kind + market)
                found = row and (price_of(row.get("indexPrice")) or price_of(row.get("last")))
                if found:
                    return found
        return None


async def tickers(api: Api) -> IndexPrices:
    """Every contract at once."""
    listed = by_symbol(rows(await api.call("public_get_tickers"), "tickers"), "symbol")
    return IndexPrices({symbol.upper(): row for symbol, row in listed.items()})


def code(_status: int, answer: object) -> str | None:
    """`result` is success or error; the code stands in `error`, or in the first of `errors`.

    History and charts print no `result` where they succeed.
    """
    row = table(answer)
    if "result" not in row and isinstance(row.get("logs", row.get("candles")), list):
        return None
    if "result" not in row and "error" in row:
        return text(row, "error")
    if text(row, "result") == "success":
        return None
    errors = row.get("errors")
    if isinstance(errors, list) and errors and "error" not in row:
        first = errors[0]
        return text(first, "message") if isinstance(first, dict) else text({"": first}, "")
    return text(row, "error")


def _coin(name: str) -> Asset:
    return canonical(text({"": name}, "").upper())


VENUE = Venue(
    source="krakenfutures",
    ccxt_id="krakenfutures",
    wallets=(WalletReader("Futures", accounts),),
    tickers=tickers,
    ledger="krakenfutures_ledger",
    code=code,
    causes={
        "authenticationError": FailureKind.BAD_KEY,
        "insufficientPrivilege": FailureKind.MISSING_RIGHT,
        "nonceBelowThreshold": FailureKind.CLOCK_SKEW,
        "nonceDuplicate": FailureKind.CLOCK_SKEW,
        "apiLimitExceeded": FailureKind.RATE_LIMITED,
        "Unavailable": FailureKind.UNAVAILABLE,
        "unavailable": FailureKind.UNAVAILABLE,
        "Server Error": FailureKind.UNAVAILABLE,
        "accountInactive": FailureKind.ACCOUNT_FROZEN,
    },
)
