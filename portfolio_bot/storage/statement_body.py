"""A statement as bytes, to stand in after a restart while its source is silent."""

from __future__ import annotations

import json
from decimal import Decimal

from portfolio_bot.model.money import Money
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, Wallet
from portfolio_bot.storage import bodies
from portfolio_bot.storage.bodies import Plain, UnreadableBody, number, padded, trimmed
from portfolio_bot.storage.columns import instant_of, micros


def pack_statement(statement: Statement) -> bytes:
    """The whole statement; `unpack_statement` gives back an equal one."""
    return bodies.pack(
        bodies.to_json(
            {
                "account": statement.account,
                "as_of": micros(statement.as_of),
                "holdings": [_holding(row) for row in statement.holdings],
                "prices": [[*pair, number(price)] for pair, price in statement.prices.items()],
                "stated": [_stated(total) for total in statement.stated],
                "venue_total": None if statement.venue_total is None else _stated(statement.venue_total),
                "sub_accounts": bodies.sub_accounts(statement.sub_accounts),
                "unreadable": bodies.unreadable(statement.unreadable),
                "notices": bodies.notices(statement.notices),
                "native_currency": statement.native_currency,
                "wallets_read": list(statement.wallets_read),
            }
        )
    )


def unpack_statement(packed: bytes) -> Statement:
    """What `pack_statement` packed.

    Raises:
        UnreadableBody: it is damaged.
    """
    try:
        plain: Plain = json.loads(bodies.unpack(packed))
        return Statement(
            account=plain["account"],
            as_of=instant_of(plain["as_of"]),
            holdings=tuple(_holding_of(row) for row in plain["holdings"]),
            prices={(asset, quote): Decimal(price) for asset, quote, price in plain["prices"]},
            stated=tuple(_stated_of(total) for total in plain["stated"]),
            venue_total=None if plain["venue_total"] is None else _stated_of(plain["venue_total"]),
            sub_accounts=bodies.sub_accounts_of(plain["sub_accounts"]),
            unreadable=bodies.unreadable_of(plain["unreadable"]),
            notices=bodies.notices_of(plain["notices"]),
            native_currency=plain["native_currency"],
            wallets_read=tuple(plain["wallets_read"]),
        )
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise UnreadableBody(type(error).__name__) from error


def _holding(row: Holding) -> Plain:
    value = None if row.value is None else [number(row.value.amount), row.value.currency]
    return trimmed([row.asset, row.wallet, number(row.amount), value, row.part or None, row.read_from or None])


def _holding_of(plain: Plain) -> Holding:
    asset, wallet, amount, value, part, read_from = padded(plain, 6)
    worth = None if value is None else Money(Decimal(value[0]), value[1])
    return Holding(asset, Wallet(wallet), Decimal(amount), worth, part or "", read_from or "")


def _stated(total: StatedTotal) -> Plain:
    return [number(total.amount), total.currency, total.part, *([total.read_from] if total.read_from else [])]


def _stated_of(plain: Plain) -> StatedTotal:
    amount, currency, part, read_from = padded(plain, 4)
    return StatedTotal(Decimal(amount), currency, part, read_from or "")
