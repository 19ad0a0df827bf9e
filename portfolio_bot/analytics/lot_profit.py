"""The ledger's figures at today's prices: by asset, by cash, in all, with the identity worked out beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from portfolio_bot.analytics.lot_book import Cash, Flag, LotSource, OpenLot, Tally
from portfolio_bot.analytics.lot_moves import Moves, shown
from portfolio_bot.analytics.lot_report import AssetProfit, CashPosition, Lot, Profit
from portfolio_bot.analytics.shares import quotient
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.money import ZERO

_NO_PRICE = "no_price"


def open_lots(moves: Moves) -> tuple[Lot, ...]:
    """All open lots, shorts and those between two accounts, by asset, oldest first."""
    by_asset = _by_asset(moves)
    return tuple(shown(lot, asset) for asset in sorted(by_asset) for lot in by_asset[asset])


def profit(moves: Moves, prices: Mapping[Asset, Decimal]) -> Profit:
    """Needs an exact context. Every asset that ever had lots is told, and all cash."""
    by_asset = _by_asset(moves)
    assets = tuple(
        _asset_profit(moves.tallies[asset], by_asset[asset], _price(asset, prices)) for asset in sorted(by_asset)
    )
    cash = tuple(_cash(moves.cash[asset], _price(asset, prices)) for asset in sorted(moves.cash))
    realised = _total(asset.realised for asset in assets)
    unrealised = _total(_known(asset.unrealised) for asset in assets)
    withdrawn = _total(asset.withdrawn_gain for asset in assets)
    revaluation = _total(_known(position.revaluation) for position in cash)
    buckets = {kind.value: usd for kind, usd in sorted(moves.buckets.items())}
    nav_pnl = _worth(moves, assets, cash) - moves.flows - moves.opened - moves.crossed
    flags = frozenset[Flag]().union(*(asset.flags for asset in assets), *(position.flags for position in cash))
    told = realised + unrealised + moves.income + _total(buckets.values()) + withdrawn + revaluation
    return Profit(
        assets=assets,
        cash=cash,
        realised=realised,
        realised_by_kind=dict(sorted(moves.by_kind.items())),
        unrealised=unrealised,
        income=moves.income,
        cash_pnl=buckets,
        withdrawn_gain=withdrawn,
        revaluation=revaluation,
        fees=moves.fees,
        unmatched_proceeds=_total(asset.unmatched_proceeds for asset in assets),
        flows=moves.flows,
        opened=moves.opened,
        nav_pnl=nav_pnl,
        unpriced=tuple(_unpriced(assets, cash)),
        flags=tuple(flag for flag in Flag if flag in flags),
        residual=nav_pnl - told,
    )


def _asset_profit(tally: Tally, lots: list[OpenLot], price: Decimal | Unknown) -> AssetProfit:
    asset, quantity, cost, short, sold_for, without = tally.asset, ZERO, ZERO, ZERO, ZERO, ZERO
    for lot in lots:
        if lot.cost is None:
            without += -lot.quantity if lot.source is LotSource.SHORT else lot.quantity
        elif lot.source is LotSource.SHORT:
            short, sold_for = short + lot.quantity, sold_for + lot.cost
        else:
            quantity, cost = quantity + lot.quantity, cost + lot.cost
    value: Decimal | Unknown = price if isinstance(price, Unknown) else (quantity - short) * price
    unrealised = value if isinstance(value, Unknown) else value - cost + sold_for
    return AssetProfit(
        asset=asset,
        quantity=quantity,
        short=short,
        without_basis=without,
        cost=cost,
        short_proceeds=sold_for,
        average_cost=_average(asset, quantity, cost, short, sold_for),
        price=price,
        value=value,
        unrealised=unrealised,
        unrealised_fraction=_fraction(asset, unrealised, cost + sold_for),
        realised=tally.realised,
        withdrawn_gain=tally.withdrawn,
        income=tally.income,
        fees=tally.fees,
        volume=tally.volume,
        trades=tally.trades,
        unmatched=tally.unmatched,
        unmatched_proceeds=tally.unmatched_proceeds,
        lots=tuple(shown(lot, asset) for lot in lots),
        flags=tuple(flag for flag in Flag if flag in tally.flags),
    )


def _average(asset: Asset, quantity: Decimal, cost: Decimal, short: Decimal, sold_for: Decimal) -> Decimal | Unknown:
    if quantity:
        return quotient(cost, quantity)
    return quotient(sold_for, short) if short else Unknown("nothing_held", asset)


def _fraction(asset: Asset, unrealised: Decimal | Unknown, cost: Decimal) -> Decimal | Unknown:
    if isinstance(unrealised, Unknown):
        return unrealised
    return quotient(unrealised, cost) if cost else Unknown("no_cost", asset)


def _cash(cash: Cash, price: Decimal | Unknown) -> CashPosition:
    tally = cash.tally
    gain = price if isinstance(price, Unknown) else (tally.held - cash.unpriced) * price - cash.book
    return CashPosition(
        asset=tally.asset,
        quantity=tally.held,
        book=cash.book,
        price=price,
        revaluation=gain,
        flags=tuple(flag for flag in Flag if flag in tally.flags),
    )


def _worth(moves: Moves, assets: Iterable[AssetProfit], cash: Iterable[CashPosition]) -> Decimal:
    """What is held with a known cost, counted from the records' quantities and not from the lots."""
    total = ZERO
    for asset in assets:
        tally = moves.tallies[asset.asset]
        if isinstance(asset.price, Unknown):
            total += asset.cost - asset.short_proceeds
        else:
            total += (tally.held + tally.missing - asset.without_basis) * asset.price
    for position in cash:
        if isinstance(position.price, Unknown):
            total += position.book
        else:
            total += (position.quantity - moves.cash[position.asset].unpriced) * position.price
    return total


def _by_asset(moves: Moves) -> dict[Asset, list[OpenLot]]:
    found: dict[Asset, list[OpenLot]] = {}
    for book in (*moves.books, *(away for _, away in moves.under_way.values() if away.lots)):
        found.setdefault(book.tally.asset, []).extend(book.lots)
    for lots in found.values():
        lots.sort(key=lambda lot: lot.number)
    return found


def _unpriced(assets: Iterable[AssetProfit], cash: Iterable[CashPosition]) -> Iterator[Asset]:
    for asset in assets:
        if isinstance(asset.price, Unknown) and asset.lots:
            yield asset.asset
    for position in cash:
        if isinstance(position.price, Unknown) and (position.quantity or position.book):
            yield position.asset


def _price(asset: Asset, prices: Mapping[Asset, Decimal]) -> Decimal | Unknown:
    price = prices.get(asset)
    if price is None:
        return Decimal(1) if asset == "USD" else Unknown(_NO_PRICE, asset)
    return price


def _known(figure: Decimal | Unknown) -> Decimal:
    """Its part of a total of what is known; what is not is named beside the total."""
    return ZERO if isinstance(figure, Unknown) else figure


def _total(parts: Iterable[Decimal]) -> Decimal:
    return sum(parts, ZERO)
