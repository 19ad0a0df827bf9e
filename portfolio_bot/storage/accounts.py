"""What is remembered of each account: its last good statement, the last price of each asset, how it fared lately."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Row, delete, select

from portfolio_bot.model.account import AccountState, Suspicion
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.instrument import Asset, PriceSource, Quote
from portfolio_bot.model.statement import AccountId, Statement
from portfolio_bot.storage.statement_body import pack_statement, unpack_statement
from portfolio_bot.storage.tables import account_state, known_quote
from portfolio_bot.storage.tables import last_good as last_good_table
from portfolio_bot.storage.tx import Tx, put


async def remember(
    tx: Tx,
    statements: Mapping[AccountId, Statement],
    quotes: Mapping[tuple[AccountId, Asset], Quote],
    states: Mapping[AccountId, AccountState],
) -> None:
    """Store what is given; what is not given stays as it was."""
    good = [
        {"account": account, "as_of": statement.as_of, "body": pack_statement(statement)}
        for account, statement in statements.items()
    ]
    prices = [
        {"account": account, "asset": asset, "price": quote.price, "source": quote.source, "as_of": quote.as_of}
        for (account, asset), quote in quotes.items()
    ]
    await put(tx, last_good_table, good)
    await put(tx, known_quote, prices)
    await put(tx, account_state, [_state_row(account, state) for account, state in states.items()])


async def last_good(tx: Tx) -> Mapping[AccountId, Statement]:
    """The last good statement of every account that ever had one."""
    rows = await tx.execute(select(last_good_table.c.account, last_good_table.c.body))
    return {account: unpack_statement(body) for account, body in rows}


async def known_quotes(tx: Tx) -> Mapping[tuple[AccountId, Asset], Quote]:
    """The last price of every asset in every account where it ever had one."""
    rows = await tx.execute(select(known_quote))
    return {(r.account, r.asset): Quote(r.asset, r.price, PriceSource(r.source), r.as_of) for r in rows}


async def states(tx: Tx) -> Mapping[AccountId, AccountState]:
    """How every account fared, as `remember` was told last."""
    rows = await tx.execute(select(account_state))
    return {row.account: _state(row) for row in rows}


async def forget(tx: Tx, account: AccountId) -> None:
    """Nothing of a removed account stands in any more; its snapshots stay."""
    for table in (last_good_table, known_quote, account_state):
        await tx.execute(delete(table).where(table.c.account == account))


def _state_row(account: AccountId, state: AccountState) -> Mapping[str, object]:
    failure, suspicion = state.failure, state.suspicion
    return {
        "account": account,
        "failure": None if failure is None else failure.kind,
        "detail": "" if failure is None else failure.detail,
        "retry_at": None if failure is None else failure.retry_at,
        "final": failure is not None and failure.final,
        "since": state.since,
        "failures_in_row": state.failures_in_row,
        "paused_until": state.paused_until,
        "suspicion": None if suspicion is None else suspicion.reason,
        "suspected_at": None if suspicion is None else suspicion.at,
        "suspect": None if suspicion is None else pack_statement(suspicion.statement),
    }


def _state(row: Row[tuple[object, ...]]) -> AccountState:
    failure = None
    if row.failure is not None:
        failure = Failure(FailureKind(row.failure), row.detail, row.retry_at, row.final)
    suspicion = None
    if row.suspicion is not None:
        suspicion = Suspicion(row.suspicion, row.suspected_at, unpack_statement(row.suspect))
    return AccountState(failure, row.since, row.failures_in_row, row.paused_until, suspicion)
