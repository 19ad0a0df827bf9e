"""History, returns, flows, trades and accounts as CSV: for spreadsheets, and to be read in again with nothing changed.

UTF-8, a header, a decimal point, one row a line. A spreadsheet takes a text that begins with =, +, -, @ or a tab for a
formula, and strangers write texts (a coin's name, a transaction's note): such a text gets an apostrophe in front,
which spreadsheets hide and the import takes away. So does one that begins with an apostrophe. Numbers are ours and
stay what they are, also those below zero.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from portfolio_bot.analytics.returns import DayReturn
from portfolio_bot.model.figure import Figure, Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.history import PastTotal
from portfolio_bot.model.trade import ContractTrade, Fee, Trade
from portfolio_bot.report import figures_json
from portfolio_bot.report.as_json import Json, instant
from portfolio_bot.report.layout import clean
from portfolio_bot.report.ledger_json import FUTURES, single_fee, when
from portfolio_bot.report.numbers import CONTEXT, money_text, plain, rounded

FLOWS: Final = (
    "time", "account", "kind", "asset", "amount", "usd_value", "fee_asset", "fee_amount", "txid", "id", "note",
)  # fmt: skip
TRADES: Final = (
    "time", "account", "id", "side", "base", "quote", "amount", "price", "cost", "fee_asset", "fee_amount", "market",
)  # fmt: skip
HISTORY: Final = ("time", "total_usd", "total_rub")
RETURNS: Final = ("date", "from", "span_days", "usd", "percent", "flows_usd")
INDEX: Final = ("time", "usd_index", "rub_index")
PERCENTS: Final = ("date", "from", "span_days", "percent")
HIDING_PLACES: Final = 4
"""Decimal places of an index and of a percentage where amounts are hidden: more of them would give amounts away, as
the only whole cents that have exactly this ratio."""

ACCOUNTS: Final = (
    "id", "name", "source", "state", "as_of", "total_usd", "venue_total_usd", "coverage_percent", "error",
)  # fmt: skip

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "'")


def flows(rows: Iterable[CashFlow]) -> str:
    """Cash flows, in the order given."""
    return _table(FLOWS, map(_flow, rows))


def trades(rows: Iterable[Trade | ContractTrade]) -> str:
    """Trades, in the order given; of a contract base is its name, quote the coin that settles it."""
    return _table(TRADES, map(_trade, rows))


def history(rows: Iterable[PastTotal]) -> str:
    """Totals of the past, in the order given; an unknown one is empty."""
    return _table(HISTORY, ((when(row.when), *map(_or_empty, (row.usd, row.rub))) for row in rows))


def index(rows: Sequence[PastTotal]) -> str:
    """The same without amounts: the oldest known total of each currency counts as 100.

    Args:
        rows: newest first.
    """
    usd, rub = (_base(row.usd for row in rows), _base(row.rub for row in rows))
    return _table(INDEX, ((when(row.when), _indexed(row.usd, usd), _indexed(row.rub, rub)) for row in rows))


def percents(rows: Iterable[DayReturn]) -> str:
    """Returns without amounts."""
    found = ((row.day.isoformat(), row.since.isoformat(), str(row.span_days), _percent(row.percent)) for row in rows)
    return _table(PERCENTS, found)


def returns(rows: Iterable[DayReturn]) -> str:
    """Returns from close to close, in the order given; one that cannot be counted is empty."""
    return _table(RETURNS, (_cells(figures_json.day_return(row)) for row in rows))


def accounts(rows: Iterable[Mapping[str, Json]]) -> str:
    """Accounts.

    Args:
        rows: as `as_json.accounts` gives them.
    """
    return _table(ACCOUNTS, ([_account_cell(row, name) for name in ACCOUNTS] for row in rows))


def text(word: str) -> str:
    """A stranger's text as a cell that no spreadsheet carries out."""
    tidy = clean(word)
    return f"'{tidy}" if tidy.startswith(_FORMULA) else tidy


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _cells(row: Mapping[str, Json]) -> list[str]:
    return ["" if row[name] is None else str(row[name]) for name in RETURNS]


def _flow(row: CashFlow) -> Sequence[str]:
    usd = "" if isinstance(row.usd, Unknown) else money_text(row.usd.usd)
    texts = (text(row.txid or ""), text(row.id), text(row.note))
    amount = plain(row.amount)
    return (when(row.at), text(row.account), row.kind.value, text(row.asset), amount, usd, *_fee(row.fee), *texts)


def _trade(row: Trade | ContractTrade) -> Sequence[str]:
    fee, _ = single_fee(row.fees)
    match row:
        case Trade():
            pair = (text(row.base), text(row.quote))
            # a price that follows from the cost would come back rounded
            figures = (plain(row.amount), _or_empty(row.price), plain(row.cost))
            market = row.market.value
        case ContractTrade():
            pair = (text(row.contract), text(row.settle))
            figures = (plain(row.size), _or_empty(row.price), "")
            market = FUTURES
    return (
        instant(row.at), text(row.account), text(row.id), row.side.value, *pair, *figures, *_fee(fee), market,
    )  # fmt: skip


def _or_empty(figure: Decimal | None) -> str:
    return "" if figure is None else plain(figure)


def _base(figures: Iterable[Decimal | None]) -> Decimal | None:
    known = [figure for figure in figures if figure is not None and figure > 0]
    return known[-1] if known else None


def _indexed(figure: Decimal | None, base: Decimal | None) -> str:
    if figure is None or base is None:
        return ""
    return plain(rounded(CONTEXT.multiply(CONTEXT.divide(figure, base), Decimal(100)), HIDING_PLACES))


def _percent(figure: Figure) -> str:
    if isinstance(figure, Unknown):
        return ""
    return plain(rounded(CONTEXT.multiply(figure.value, Decimal(100)), HIDING_PLACES))


def _fee(fee: Fee | None) -> tuple[str, str]:
    return ("", "") if fee is None else (text(fee.asset), plain(fee.amount))


def _account_cell(row: Mapping[str, Json], name: str) -> str:
    """Of an error its kind; unknown is empty."""
    value = row[name]
    if isinstance(value, dict):
        value = value["kind"]
    if value is None:
        return ""
    return text(str(value)) if name in {"id", "name", "source"} else str(value)
