"""Every case of every expected.json, through the real client by its base URL alone."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest

from portfolio_bot.analytics.valuation import AccountInfo, pin_dollars, value
from portfolio_bot.model.portfolio import KnownAccount, Priced, Unpriced
from portfolio_bot.model.reading import Live
from portfolio_bot.model.statement import Statement, Wallet, WarningKind
from tests.builders import rates
from tests.peers.venue import Case, cases, venue_server
from tests.platforms.contract.peers import now, opened, reference_dollars

FOLDERS = {"gateio": "gate"}
VENUES = ("bybit", "okx", "binance", "kraken", "krakenfutures", "kucoin", "gateio", "mexc")
MONEY = frozenset({"balance", "whole_account", "reconciliation"})
CENT = Decimal("0.01")


def every(*kinds: str) -> list[Any]:
    """The cases of these kinds, of every venue."""
    return [
        pytest.param(source, found, id=str(found))
        for source in VENUES
        for found in cases(FOLDERS.get(source, source))
        if found.kind in kinds
    ]


async def account_of(source: str, served: Case) -> tuple[KnownAccount, Statement]:
    """Read it, value it as the service does."""
    async with venue_server(FOLDERS.get(source, source), served) as peer, opened(source, peer.url) as made:
        statement = pin_dollars(await made.read(), reference_dollars())
        assert peer.unknown == []
    infos = {source: AccountInfo(source, source, source, is_exchange=True)}
    [found] = value([Live(source, statement)], infos, rates(EUR="1.08"), at=now()).accounts
    assert isinstance(found, KnownAccount)
    return found, statement


def amounts(rows: Any) -> dict[str, Decimal]:
    return {asset: Decimal(amount) for asset, amount in rows.items()}


@pytest.mark.parametrize(("source", "served"), every(*MONEY))
async def test_a_case_comes_out_to_the_cent(source: str, served: Case) -> None:
    found, _ = await account_of(source, served)
    row = served.row
    assert abs(found.total.amount - Decimal(str(row["expected_total_usd"]))) < CENT
    wrong_answers: Any = row.get("wrong_answers", {})
    for what, wrong in wrong_answers.items():
        if abs(Decimal(wrong) - Decimal(str(row["expected_total_usd"]))) >= CENT:
            assert abs(found.total.amount - Decimal(wrong)) >= CENT, what


@pytest.mark.parametrize(("source", "served"), every(*MONEY))
async def test_a_case_lists_every_asset_in_its_wallet(source: str, served: Case) -> None:
    found, _ = await account_of(source, served)
    wallets: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for row in found.holdings:
        if row.wallet is not Wallet.OTHER:
            assert row.asset not in wallets[row.wallet], "one row per asset and wallet"
            wallets[row.wallet][row.asset] = row.amount
    expected: Any = served.row["wallets"]
    assert wallets == {wallet: amounts(rows) for wallet, rows in expected.items()}
    unpriced = {row.asset for row in found.holdings if isinstance(row, Unpriced)}
    assert unpriced == set(served.row["unpriced"])  # type: ignore[call-overload]


@pytest.mark.parametrize(("source", "served"), every(*MONEY))
async def test_what_the_venue_values_beyond_the_rows_is_one_other_holding(source: str, served: Case) -> None:
    found, _ = await account_of(source, served)
    others = [row for row in found.holdings if row.wallet is Wallet.OTHER and isinstance(row, Priced)]
    expected: Any = served.row.get("other")
    if expected is None:
        assert others == []
    else:
        assert [row.asset for row in others] == [expected["asset"]]
        assert abs(others[0].value - Decimal(expected["value_usd"])) < CENT


@pytest.mark.parametrize(("source", "served"), every(*MONEY))
async def test_the_venues_own_total_stands_beside_it(source: str, served: Case) -> None:
    found, _ = await account_of(source, served)
    expected = served.row.get("venue_total_usd")
    if expected is None:
        assert found.coverage is None
        return
    assert found.coverage is not None
    assert abs(found.coverage.venue_total - Decimal(str(expected))) < CENT
    percent = found.coverage.percent
    shown = None if percent is None else percent.quantize(CENT, ROUND_HALF_EVEN)
    assert shown == (None if "coverage_percent" not in served.row else Decimal(str(served.row["coverage_percent"])))
    if "name USD-M Futures" in str(served.row.get("must")):
        assert "USD-M Futures" in found.coverage.suspects


@pytest.mark.parametrize(("source", "served"), every("key_rights"))
async def test_what_a_key_may_do_is_told(source: str, served: Case) -> None:
    async with venue_server(FOLDERS.get(source, source), served) as peer, opened(source, peer.url) as made:
        rights = await made.rights()
        told = {notice.kind for notice in (await made.read()).notices}
    expected: Any = served.row["rights"]
    assert rights.read_only is expected["read_only"]
    assert rights.can_trade is expected["can_trade"]
    assert rights.can_withdraw is expected["can_withdraw"]
    assert rights.ip_bound is expected["ip_bound"]
    assert rights.expires is None
    if "can_transfer" in expected:
        assert rights.can_transfer is expected["can_transfer"]
    kinds = {notice.kind for notice in rights.notices(now().date())} - {WarningKind.KEY_MAY_TRANSFER}
    assert kinds == set(served.row["warning_kinds"])  # type: ignore[call-overload]
    assert told - {WarningKind.KEY_MAY_TRANSFER, WarningKind.CLOCK_SKEW} == kinds
