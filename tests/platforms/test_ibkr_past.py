"""The past in Flex statements: every row in its class, once, and what a query that lacks a section says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.trade import NOT_PRICED, ContractTrade, Fee, Market, Side, Trade, Worth, WorthSource
from portfolio_bot.platforms.ibkr_cash import TYPES
from portfolio_bot.platforms.ibkr_ledger import dump, joined, load
from portfolio_bot.platforms.ibkr_past import Section, Told, told
from portfolio_bot.platforms.ibkr_xml import document, number
from portfolio_bot.platforms.ledger import Record
from portfolio_bot.platforms.sub_accounts import Identities
from tests.clock import moment
from tests.peers.ibkr import statement
from tests.platforms.brokers import KEY, KeptMemory

FIXTURES = (
    "nav-usd.xml", "cash-report-chf.xml", "same-account-three-statements.xml", "two-accounts.xml",
    "cash-transactions-last365.xml", "nav-multi-base.xml", "nav-with-flows.xml", "nav-with-futures.xml",
    "nav-with-transfers.xml",
)  # fmt: skip


def read(body: bytes | str) -> Told:
    root = document(body.encode() if isinstance(body, str) else body)
    return told(root, "ibkr", Identities(KEY, KeptMemory()))


def flex(inside: str, *, days: str = 'fromDate="20261101" toDate="20261118"', currency: str = "USD") -> str:
    return (
        f'<FlexQueryResponse><FlexStatements><FlexStatement accountId="U1000001" {days}>'
        f'<AccountInformation accountId="U1000001" currency="{currency}" name="Jane Doe"/>{inside}'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    )


def cash(kind: str, amount: str, **more: str) -> str:
    row = {"currency": "USD", "fxRateToBase": "1", "dateTime": "20261116", "transactionID": "1", **more}
    fields = " ".join(f'{name}="{text}"' for name, text in row.items())
    return f'<CashTransactions><CashTransaction type="{kind}" amount="{amount}" {fields}/></CashTransactions>'


def flows(records: Sequence[Record]) -> list[CashFlow]:
    return [record for record in records if isinstance(record, CashFlow)]


def own_id(record: Record) -> str:
    """IBKR's part of an id: what stands in front tells the account."""
    return record.id.partition(":")[2]


def the_flow(body: str, section: Section = Section.CASH) -> CashFlow:
    (flow,) = flows(read(body).records[section])
    return flow


def test_flows_with_their_summary_rows_count_once() -> None:
    found = flows(read(statement("nav-with-flows.xml")).records[Section.CASH])
    assert [(flow.kind, flow.asset, str(flow.amount), flow.detail) for flow in found] == [
        (FlowKind.DEPOSIT, "USD", "1000", "Deposits/Withdrawals"),
        (FlowKind.WITHDRAWAL, "EUR", "-200", "Deposits/Withdrawals"),
        (FlowKind.INCOME, "USD", "3", "Dividends"),
        (FlowKind.FEE, "USD", "-0.45", "Withholding Tax"),
    ]
    assert found[0].at == moment("2026-11-16 09:30")  # 04:30 in New York
    assert [own_id(flow) for flow in found] == ["30000000001", "30000000002", "30000000003", "30000000004"]
    assert len({flow.id for flow in found}) == 4
    assert found[1].usd == Worth(Decimal("-237.5000"), WorthSource.VENUE_VALUE)


def in_base(root: Element, name: str) -> Decimal:
    """A figure of the change in NAV, of all accounts."""
    return sum((number(row, name) or Decimal(0) for row in root.iter("ChangeInNAV")), Decimal(0))


@pytest.mark.parametrize("name", ["nav-with-flows.xml", "nav-with-transfers.xml", "nav-usd.xml", "nav-multi-base.xml"])
def test_what_crosses_the_border_is_what_the_change_in_nav_says(name: str) -> None:
    root, found = document(statement(name)), read(statement(name))
    crossed = [
        flow.usd.usd if isinstance(flow.usd, Worth) else flow.amount
        for section in (Section.CASH, Section.TRANSFERS)
        for flow in flows(found.records.get(section, ()))
        if flow.kind in {FlowKind.DEPOSIT, FlowKind.WITHDRAWAL}
    ]
    stated = ("depositsWithdrawals", "assetTransfers", "internalCashTransfers", "debitCardActivity", "billPay")
    assert sum(crossed) == sum(in_base(root, figure) for figure in stated)


def test_income_and_costs_are_what_the_change_in_nav_says() -> None:
    root, found = document(statement("nav-with-flows.xml")), read(statement("nav-with-flows.xml"))
    earned = [
        flow.amount for flow in flows(found.records[Section.CASH]) if flow.kind in {FlowKind.INCOME, FlowKind.FEE}
    ]
    assert sum(earned) == in_base(root, "dividends") + in_base(root, "withholdingTax")


def test_money_between_two_accounts_of_the_statement_is_one_transfer_and_shares_from_elsewhere_are_a_flow() -> None:
    into, shares, out = flows(read(statement("nav-with-transfers.xml")).records[Section.TRANSFERS])
    assert [(side.kind, str(side.amount), side.asset) for side in (into, out)] == [
        (FlowKind.TRANSFER, "500", "USD"),
        (FlowKind.TRANSFER, "-500", "USD"),
    ]
    assert into.txid == out.txid is not None
    assert into.wallets == out.wallets == "U***0006 → U***0005"
    assert (shares.kind, shares.asset, str(shares.amount)) == (FlowKind.DEPOSIT, "VT", "10")
    assert shares.usd == Worth(Decimal(1250), WorthSource.VENUE_VALUE)
    assert shares.at == date(2026, 11, 16)


def test_the_other_account_outside_of_the_statement_makes_it_a_flow() -> None:
    body = statement("nav-with-transfers.xml").replace(b'company="U2000006"', b'company="U9999999"')
    into = flows(read(body).records[Section.TRANSFERS])[0]
    assert (into.kind, into.wallets) == (FlowKind.DEPOSIT, "")


def test_a_year_of_a_live_account_is_one_deposit_and_its_interest() -> None:
    found = read(statement("cash-transactions-last365.xml"))
    deposit, *interest = flows(found.records[Section.CASH])
    assert (found.first, found.last) == (date(2025, 4, 9), date(2026, 4, 8))
    assert (deposit.kind, str(deposit.amount)) == (FlowKind.DEPOSIT, "1000000")
    assert deposit.at == moment("2026-02-01 05:58:50")
    assert sum(flow.amount for flow in interest) == Decimal("5013.90")
    assert {flow.kind for flow in interest} == {FlowKind.INCOME}
    assert set(found.records) == {Section.CASH}


def test_several_statements_of_one_account_are_one_past_and_pence_are_pounds() -> None:
    found = flows(read(statement("same-account-three-statements.xml")).records[Section.CASH])
    assert [(flow.asset, str(flow.amount)) for flow in found] == [
        ("USD", "18.15"), ("USD", "1.36"), ("USD", "1.27"), ("GBP", "1.3800"), ("KRW", "3100"),
    ]  # fmt: skip
    assert len({flow.id for flow in found}) == 5  # the query has no ids: the rows make them


def test_the_same_row_in_another_statement_is_the_same_record() -> None:
    body = statement("same-account-three-statements.xml")
    again = body.replace(b"20250310;120000", b"20250311;120000").replace(b'toDate="20250331"', b'toDate="20250401"')
    assert {flow.id for flow in flows(read(body).records[Section.CASH])} == {
        flow.id for flow in flows(read(again).records[Section.CASH])
    }


def test_flows_of_a_franc_account_are_left_to_the_rates() -> None:
    found = flows(read(statement("cash-report-chf.xml")).records[Section.CASH])
    assert [(flow.asset, str(flow.amount), flow.at, flow.usd) for flow in found] == [
        ("CHF", "1500", date(2023, 2, 6), NOT_PRICED),
        ("CHF", "1500", date(2023, 2, 27), NOT_PRICED),
    ]


def test_two_accounts_of_one_query_are_told_together() -> None:
    found = read(statement("two-accounts.xml"))
    assert [(flow.kind, flow.asset, str(flow.amount)) for flow in flows(found.records[Section.CASH])] == [
        (FlowKind.DEPOSIT, "CHF", "500.00"),
        (FlowKind.INCOME, "USD", "2.50"),
    ]
    assert [
        (trade.side, trade.base, trade.quote, str(trade.cost), trade.fees)
        for trade in found.records[Section.TRADES]
        if isinstance(trade, Trade)
    ] == [
        (Side.BUY, "AAPL", "USD", "280.00", (Fee("USD", Decimal("1.25")),)),
        (Side.SELL, "AAPL", "USD", "155.00", (Fee("USD", Decimal("1.10")),)),
    ]


@pytest.mark.parametrize("word", TYPES)
def test_the_sign_tells_what_a_type_was(word: str) -> None:
    came, went = (
        the_flow(flex(cash(word.upper().replace("&", "&amp;"), "5"))),
        the_flow(flex(cash(word.replace("&", "&amp;"), "-5"))),
    )
    crosses = TYPES[word] is FlowKind.DEPOSIT
    assert came.kind is (FlowKind.DEPOSIT if crosses else FlowKind.INCOME)
    assert went.kind is (FlowKind.WITHDRAWAL if crosses else FlowKind.FEE)


@pytest.mark.parametrize("word", ["Price Adjustments", "Something New", "Other Income"])
def test_an_unknown_type_is_kept_with_its_word(word: str) -> None:
    flow = the_flow(flex(cash(word, "-5")))
    assert (flow.kind, flow.detail, str(flow.amount)) == (FlowKind.UNCLASSIFIED, word, "-5")


def test_a_row_of_nothing_is_no_flow() -> None:
    assert read(flex(cash("Dividends", "0"))).records[Section.CASH] == ()


@pytest.mark.parametrize(
    "inside",
    [
        cash("Dividends", ""),
        cash("", "5"),
        cash("Dividends", "5", currency=""),
        cash("Dividends", "5", dateTime="", reportDate="--"),
        cash("Dividends", "five"),
        '<Transfers><Transfer date="20261116" quantity="1" symbol="VT" direction="SIDEWAYS"/></Transfers>',
        '<Transfers><Transfer date="20261116" quantity="1" assetCategory="STK" direction="IN"/></Transfers>',
        '<Trades><Trade tradeDate="20261116" quantity="1" symbol="VT" currency="USD" buySell="BUY"/></Trades>',
        '<Trades><Trade tradeDate="20261116" quantity="1" symbol="VT" currency="USD" tradePrice="1"/></Trades>',
    ],
)
def test_a_row_that_is_not_understood_spoils_its_section_and_no_other(inside: str) -> None:
    found = read(flex(f"{inside}<CorporateActions/>"))
    assert [failure.kind for failure in found.failures.values()] == [FailureKind.BAD_ANSWER]
    assert set(found.records) == {Section.ACTIONS}


def test_a_statement_without_its_days_is_refused() -> None:
    with pytest.raises(SourceError):
        read(flex(cash("Dividends", "5"), days='fromDate="20261101"'))


FUNDS = """<StmtFunds>
<StatementOfFundsLine activityCode="" date="20261101" amount="0" balance="7" currency="USD" levelOfDetail="Currency"/>
<StatementOfFundsLine activityCode="DEP" date="20261102" amount="900" currency="EUR" levelOfDetail="Currency"
  transactionID="7" fxRateToBase="1.1"/>
<StatementOfFundsLine activityCode="BUY" date="20261103" amount="-800" currency="EUR" levelOfDetail="Currency"/>
<StatementOfFundsLine activityCode="FRTAX" date="20261104" amount="-3" currency="EUR" levelOfDetail="Currency"/>
<StatementOfFundsLine activityCode="ADJ" date="20261105" amount="2" currency="EUR" levelOfDetail="Currency"/>
<StatementOfFundsLine activityCode="DEP" date="20261102" amount="990" currency="USD" levelOfDetail="BaseCurrency"
  transactionID="7"/>
</StmtFunds>"""


def test_a_statement_of_funds_stands_in_where_a_query_has_only_that() -> None:
    found = flows(read(flex(FUNDS)).records[Section.CASH])
    assert [(flow.kind, flow.asset, str(flow.amount), flow.detail) for flow in found] == [
        (FlowKind.DEPOSIT, "EUR", "900", "DEP"),
        (FlowKind.FEE, "EUR", "-3", "FRTAX"),
        (FlowKind.UNCLASSIFIED, "EUR", "2", "ADJ"),
    ]
    assert found[0].usd == Worth(Decimal("990.0"), WorthSource.VENUE_VALUE)


def test_lines_in_base_currency_serve_where_there_are_no_others() -> None:
    body = FUNDS.replace('levelOfDetail="Currency"', 'levelOfDetail="BaseCurrency"')
    assert len(flows(read(flex(body)).records[Section.CASH])) == 4


def test_cash_transactions_count_where_a_query_has_both() -> None:
    found = flows(read(flex(FUNDS + cash("Dividends", "5"))).records[Section.CASH])
    assert [flow.detail for flow in found] == ["Dividends"]


def trade(**fields: str) -> Trade | ContractTrade:
    row = {
        "assetCategory": "STK", "symbol": "VT", "quantity": "2", "tradePrice": "100", "currency": "USD",
        "buySell": "BUY", "dateTime": "20261116;100000", "tradeID": "5", **fields,
    }  # fmt: skip
    inside = " ".join(f'{name}="{text}"' for name, text in row.items())
    (found,) = read(flex(f"<Trades><Trade {inside}/></Trades>")).records[Section.TRADES]
    assert isinstance(found, Trade | ContractTrade)
    return found


def test_a_fill_of_which_only_the_day_is_told_stands_at_the_close() -> None:
    assert trade(dateTime="", tradeDate="20261116").at == moment("2026-11-16 21:00")
    assert trade(dateTime="", tradeDate="20261116", tradeTime="09:31:05").at == moment("2026-11-16 14:31:05")


@pytest.mark.parametrize(
    ("side", "indicator", "market"),
    [("BUY", "O", Market.SPOT), ("SELL", "C", Market.SPOT), ("SELL", "O", Market.MARGIN), ("BUY", "C", Market.MARGIN),
     ("SELL", "", Market.SPOT)],
)  # fmt: skip
def test_only_what_opens_or_closes_a_short_position_is_of_a_margin_account(
    side: str, indicator: str, market: Market
) -> None:
    found = trade(buySell=side, openCloseIndicator=indicator)
    assert isinstance(found, Trade)
    assert found.market is market


def test_an_option_changes_hands_for_its_premium() -> None:
    found = trade(assetCategory="OPT", symbol="SPY   261218C00600000", quantity="-1", tradePrice="4.2",
                  buySell="SELL", multiplier="100")  # fmt: skip
    assert isinstance(found, Trade)
    assert (found.base, str(found.amount), str(found.cost)) == ("SPY 261218C00600000", "1", "420.0")


def test_a_future_moves_its_fee_alone() -> None:
    found = trade(assetCategory="FUT", symbol="ESZ6", quantity="-1", tradePrice="5400", buySell="SELL",
                  ibCommission="-2.1", ibCommissionCurrency="USD", fifoPnlRealized="312.5")  # fmt: skip
    assert isinstance(found, ContractTrade)
    assert (found.contract, found.settle, str(found.size), str(found.realised)) == ("ESZ6", "USD", "1", "312.5")
    assert found.fees == (Fee("USD", Decimal("2.1")),)


def test_a_currency_is_bought_for_another_one() -> None:
    found = trade(assetCategory="CASH", symbol="EUR.USD", quantity="1000", tradePrice="1.15", proceeds="-1150")
    assert isinstance(found, Trade)
    assert (found.base, found.quote, str(found.amount), str(found.cost)) == ("EUR", "USD", "1000", "1150")


def test_shares_in_pence_are_paid_in_pounds() -> None:
    found = trade(currency="GBX", tradePrice="250", proceeds="-500", taxes="-3", ibCommission="-100",
                  ibCommissionCurrency="GBP")  # fmt: skip
    assert isinstance(found, Trade)
    assert (found.quote, str(found.cost), str(found.price)) == ("GBP", "5.00", "2.50")
    assert found.fees == (Fee("GBP", Decimal(100)), Fee("GBP", Decimal("0.03")))


def test_a_cancelled_fill_never_happened_and_orders_repeat_fills() -> None:
    row = (
        '<Trade symbol="VT" quantity="2" tradePrice="1" currency="USD" dateTime="20261116" tradeID="{}" buySell="{}"'
        ' levelOfDetail="{}"/>'
    )
    body = "".join(
        row.format(*cells)
        for cells in (("1", "BUY", "EXECUTION"), ("1", "BUY (Ca.)", "EXECUTION"), ("2", "BUY", "EXECUTION"),
                      ("3", "BUY", "ORDER"))
    )  # fmt: skip
    assert [own_id(record) for record in read(flex(f"<Trades>{body}</Trades>")).records[Section.TRADES]] == ["2"]


def test_orders_serve_where_a_query_has_no_executions() -> None:
    order = (
        '<Order symbol="VT" quantity="2" tradePrice="100" currency="USD" dateTime="20261116;100000" ibOrderID="77"'
        ' buySell="BUY" levelOfDetail="ORDER"/>'
    )
    fill = order.replace("Order ", "Trade ", 1).replace('"ORDER"', '"EXECUTION"').replace("77", "78")
    alone = read(flex(f"<Trades>{order}</Trades>")).records[Section.TRADES]
    both = read(flex(f"<Trades>{order}{fill}</Trades>")).records[Section.TRADES]
    assert [own_id(record) for record in (*alone, *both)] == ["77", "78"]


def test_what_a_corporate_action_moved_is_kept_unclassified() -> None:
    inside = (
        '<CorporateActions><CorporateAction type="TC" symbol="OLD" quantity="-10" proceeds="120" currency="USD"'
        ' dateTime="20261116;202500" transactionID="9"/></CorporateActions>'
    )
    pieces, paid = flows(read(flex(inside)).records[Section.ACTIONS])
    assert [(own_id(flow), flow.kind, flow.asset, str(flow.amount), flow.detail) for flow in (pieces, paid)] == [
        ("9", FlowKind.UNCLASSIFIED, "OLD", "-10", "TC"),
        ("9:cash", FlowKind.UNCLASSIFIED, "USD", "120", "TC"),
    ]


def test_a_transfer_of_cash_and_shares_at_once_is_both() -> None:
    inside = (
        '<Transfers><Transfer type="ACATS" direction="OUT" assetCategory="STK" symbol="VT" quantity="-3" currency="USD"'
        ' positionAmount="-300" positionAmountInBase="-300" cashTransfer="-25" date="20261116" transactionID="8"/>'
        '<Transfer levelOfDetail="LOT" direction="OUT" symbol="VT" quantity="-3" date="20261116"/></Transfers>'
    )
    cash_, pieces = flows(read(flex(inside)).records[Section.TRANSFERS])
    assert [(own_id(flow), flow.kind, flow.asset, str(flow.amount)) for flow in (cash_, pieces)] == [
        ("8:cash", FlowKind.WITHDRAWAL, "USD", "-25"),
        ("8", FlowKind.WITHDRAWAL, "VT", "-3"),
    ]
    assert read(flex(inside)).prices == (("VT", date(2026, 11, 16), Decimal(100), "USD"),)


def test_empty_sections_are_ticked_and_missing_ones_are_not() -> None:
    assert set(read(flex("<CashTransactions/><Trades/>")).records) == {Section.CASH, Section.TRADES}


@pytest.mark.parametrize("name", FIXTURES)
def test_what_is_kept_is_what_was_told_and_names_nobody(name: str) -> None:
    found = read(statement(name))
    text = dump(joined({}, found), found.prices, found.keys)
    known, prices, keys = load(text, "ibkr")
    assert {section: tuple(one.records.values()) for section, one in known.items()} == found.records
    assert (prices, keys) == (found.prices, found.keys)
    for secret in ("U1234567", "U2000003", "U2000005", "CASH RECEIPTS", "Jane"):
        assert secret not in text


def test_contracts_and_actions_are_kept_too() -> None:
    fill = '<Trade assetCategory="FUT" symbol="ESZ6" quantity="1" tradePrice="5400" currency="USD" buySell="BUY"'
    body = flex(f'<Trades>{fill} dateTime="20261116;100000" ibCommission="-2" fifoPnlRealized="1"/></Trades>{FUNDS}')
    found = read(body)
    known, _, _ = load(dump(joined({}, found), (), ()), "ibkr")
    assert {section: tuple(one.records.values()) for section, one in known.items()} == found.records


def month(first: int, last: int, day: int) -> Told:
    row = cash("Dividends", "5", dateTime=f"202611{day:02}", transactionID=str(day))
    return read(flex(row, days=f'fromDate="202611{first:02}" toDate="202611{last:02}"'))


def test_statements_that_follow_each_other_are_one_past_over_a_weekend() -> None:
    known = joined(joined({}, month(2, 13, 12)), month(16, 16, 16))[Section.CASH]
    assert (known.first, known.last, {own_id(one) for one in known.records.values()}) == (
        date(2026, 11, 2),
        date(2026, 11, 16),
        {"12", "16"},
    )


def test_behind_a_hole_the_past_begins_anew_and_nothing_told_is_lost() -> None:
    known = joined(joined({}, month(2, 13, 12)), month(18, 18, 18))[Section.CASH]
    assert (known.first, known.last, {own_id(one) for one in known.records.values()}) == (
        date(2026, 11, 18),
        date(2026, 11, 18),
        {"12", "18"},
    )


def test_a_longer_statement_closes_the_hole() -> None:
    known = joined(joined({}, month(18, 18, 18)), month(1, 18, 5))[Section.CASH]
    assert (known.first, {own_id(one) for one in known.records.values()}) == (date(2026, 11, 1), {"5", "18"})


def test_an_older_statement_takes_nothing_back() -> None:
    known = joined(joined({}, month(10, 18, 18)), month(2, 4, 3))[Section.CASH]
    assert (known.first, known.last, {own_id(one) for one in known.records.values()}) == (
        date(2026, 11, 10),
        date(2026, 11, 18),
        {"3", "18"},
    )


def test_a_corrected_record_replaces_what_was_told_before() -> None:
    before = month(2, 13, 12)
    after = read(flex(cash("Dividends", "6", dateTime="20261112", transactionID="12")))
    (record,) = joined(joined({}, before), after)[Section.CASH].records.values()
    assert isinstance(record, CashFlow)
    assert record.amount == 6
