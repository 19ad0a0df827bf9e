"""What of a T-Bank portfolio is counted: everything once, and nothing that is not there."""

from __future__ import annotations

from decimal import Decimal

from portfolio_bot.model.statement import StatedTotal, Wallet, WarningKind
from tests.peers.tbank import TBankPeer, fixture, tbank_server
from tests.platforms.test_tbank import amounts, only, read


async def test_rows_add_up_to_the_stated_total_without_the_notional_of_a_future() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        statement = await read(peer)
    values = {row.asset: row.value.amount for row in statement.holdings if row.value}
    assert sum(values.values()) == Decimal("82034.59")
    assert values["SU26238RMFS4"] == Decimal("9114.60")  # ten bonds with their coupon
    assert values["SIZ6"] == 0


async def test_cash_is_named_by_its_currency_and_securities_by_their_ticker() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        statement = await read(peer)
    assert amounts(statement, Wallet.CASH) == {"RUB": Decimal("15203.37"), "USD": Decimal(100)}
    assert amounts(statement, Wallet.SECURITY) == {
        "SBER": 100, "TMOS": 1000, "IE00BD3QHZ91": 3, "SU26238RMFS4": 10, "SIZ6": 1,
    }  # fmt: skip


def stated(peer: TBankPeer, part: str) -> Decimal:
    row = peer.portfolios["2000000001"]["RUB"][part]
    return int(row["units"]) + Decimal(row["nano"]).scaleb(-9)


async def test_every_class_of_assets_is_counted_once_and_roubles_among_the_currencies_alone() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        statement = await read(peer)
        worth = {row.asset: row.value.amount for row in statement.holdings if row.value}
        assert worth["RUB"] + worth["USD"] == stated(peer, "totalAmountCurrencies")
        assert worth["SBER"] == stated(peer, "totalAmountShares")
        assert worth["SU26238RMFS4"] == stated(peer, "totalAmountBonds")
        assert worth["TMOS"] + worth["IE00BD3QHZ91"] == stated(peer, "totalAmountEtf")
    assert [row.asset for row in statement.holdings].count("RUB") == 1


async def test_a_share_that_was_promised_and_is_not_owned_yet_is_not_counted() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        promised = peer.portfolios["2000000001"]["RUB"]["virtualPositions"]
        statement = await read(peer)
    assert len(promised) == 1
    assert len(statement.holdings) == 7


async def test_a_debt_in_roubles_lowers_the_total_once() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        body = peer.portfolios["2000000001"]["RUB"]
        row = next(row for row in body["positions"] if row["ticker"] == "RUB000UTSTOM")
        borrowed = int(row["quantity"]["units"]) * 2
        row["quantity"] = {"units": str(-int(row["quantity"]["units"])), "nano": -row["quantity"]["nano"]}
        for field in ("totalAmountCurrencies", "totalAmountPortfolio"):
            owned = Decimal(body[field]["units"]) + Decimal(body[field]["nano"]).scaleb(-9) - borrowed - Decimal("0.74")
            body[field] = {"currency": "rub", "units": str(int(owned)), "nano": int(owned % 1 * 10**9)}
        statement = await read(peer)
    assert amounts(statement, Wallet.CASH)["RUB"] == Decimal("-15203.37")
    assert sum(row.value.amount for row in statement.holdings if row.value) == statement.stated[0].amount
    assert statement.notices == ()


async def test_a_live_sandbox_answer_is_read_to_the_kopeck() -> None:
    async with tbank_server() as peer:
        peer.accounts = fixture("accounts-sandbox.json")
        number = peer.accounts["accounts"][0]["id"]
        peer.portfolios = {number: {"RUB": fixture("portfolio-sandbox.json")}}
        statement = await read(peer)
    assert statement.stated[0].amount == Decimal("199999.79")
    assert sum(row.value.amount for row in statement.holdings if row.value) == Decimal("199999.79")
    assert [notice.kind for notice in statement.notices] == [WarningKind.KEY_MAY_TRADE, WarningKind.KEY_MAY_TRANSFER]


async def test_an_empty_account_is_a_true_zero() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-empty.json")
        statement = await read(peer)
    assert statement.stated == (StatedTotal(Decimal(0), "RUB", statement.sub_accounts[0].key),)
    assert statement.holdings == ()


async def test_parts_that_do_not_add_up_are_shown_as_a_gap() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        peer.portfolios["2000000001"]["RUB"]["totalAmountPortfolio"]["units"] = "83034"
        statement = await read(peer)
    assert [(notice.kind, notice.detail) for notice in statement.notices] == [
        (WarningKind.COVERAGE, "Брокерский счёт: 1000 RUB")
    ]


async def test_a_total_that_contains_the_futures_adds_up_too() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        peer.portfolios["2000000001"]["RUB"]["totalAmountPortfolio"]["units"] = str(82034 + 80512)
        statement = await read(peer)
    assert statement.notices == ()


async def test_two_instruments_under_one_ticker_stay_apart() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        twin = dict(peer.portfolios["2000000001"]["RUB"]["positions"][2], instrumentUid="other", classCode="SPEQ")
        peer.portfolios["2000000001"]["RUB"]["positions"].append(twin)
        statement = await read(peer)
    assert {"SBER.TQBR", "SBER.SPEQ"} <= set(amounts(statement, Wallet.SECURITY))


async def test_a_position_in_foreign_currency_keeps_it() -> None:
    async with tbank_server() as peer:
        only(peer, "portfolio-mixed-rub.json")
        peer.portfolios["2000000001"]["RUB"]["positions"][2]["currentPrice"]["currency"] = "hkd"
        statement = await read(peer)
    assert next(row.value.currency for row in statement.holdings if row.asset == "SBER" and row.value) == "HKD"
