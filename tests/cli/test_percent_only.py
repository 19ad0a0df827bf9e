"""`PERCENT_ONLY` holds on the command line too; JSON is for scripts and has everything."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.portfolio import KnownAccount, Priced
from portfolio_bot.report.numbers import HIDDEN
from tests.cli.conftest import Command
from tests.cli.test_stored import NOW, portfolio, store


def whole_dollars() -> set[str]:
    """How the amounts of the stored report begin, as people write them."""
    stored = portfolio()
    known = [one.total.amount for one in stored.accounts if isinstance(one, KnownAccount)]
    values = [row.value for one in stored.accounts if isinstance(one, KnownAccount) for row in priced(one)]
    sums = (*known, sum(known, Decimal(0)), *values)
    return {text for total in sums if total >= 1000 for text in (f"{total:,.2f}", f"{total:,.0f}")}


def priced(account: KnownAccount) -> list[Priced]:
    return [row for row in account.holdings if isinstance(row, Priced)]


@pytest.mark.parametrize("name", ["balance", "history", "accounts", "returns", "flows", "trades"])
def test_no_amount_is_printed(name: str, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    store(portfolio(NOW - timedelta(hours=30)), portfolio())
    amounts = whole_dollars()
    assert amounts
    usual = command(name).out
    monkeypatch.setenv("PERCENT_ONLY", "true")
    hidden = command(name).out
    assert not [amount for amount in amounts if amount in hidden]
    assert name != "balance" or any(amount in usual for amount in amounts)
    assert HIDDEN not in usual


def test_json_has_everything(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    store(portfolio())
    usual = command("balance", "--json").json
    monkeypatch.setenv("PERCENT_ONLY", "true")
    assert command("balance", "--json").json == usual
