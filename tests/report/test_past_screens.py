"""What can stand on the screens of the past: flows, own transfers, trades, and how far it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portfolio_bot.analytics.transfers import Alone, Verdicts
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.trade import Fee, Side, Trade
from portfolio_bot.report import compose, telegram_html, terminal
from portfolio_bot.report.compose.flows import listed
from portfolio_bot.report.compose.sync import account_progress, length
from portfolio_bot.report.document import Document
from portfolio_bot.report.movements import HANDLE_LENGTH, Sides, handle
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import Asked, FlowsView, SyncState, SyncView
from portfolio_bot.report.voice import Voice
from tests.report import ledgers
from tests.report.gallery import NOW, PARIS, reader
from tests.report.ledgers import NAMES, at, flow, matched, november
from tests.report.shown import text

ME = reader()
TYPING = replace(ME, pull="portfolio-bot pull")


def view(*rows: CashFlow, sync: SyncView | None = None, verdicts: Verdicts | None = None, **asked: object) -> FlowsView:
    """These flows alone."""
    newest = sorted(rows, key=lambda row: row.instant(PARIS), reverse=True)
    return FlowsView(newest, matched(newest, verdicts), NAMES, sync, Asked(**asked))  # type: ignore[arg-type]


def shown(made: FlowsView, who: Reader = ME) -> str:
    return text(compose.flows(made, who))


def on_terminal(document: Document, width: int = 80) -> str:
    return terminal.text(document, width).replace("\u00a0", " ")


def test_the_first_line_sums_up_what_crossed_the_border_and_nothing_else() -> None:
    rows = [
        flow("bybit deposit 100 USDT = 100", at(10)),
        flow("bybit withdrawal -30 USDT = -30", at(11)),
        flow("bybit income 5 USDT = 5", at(12)),
        flow("bybit deposit 999 USDT = 999", at(1, month=9)),
    ]
    assert shown(view(*rows)).startswith("$100.00 in · $30.00 out · last 30 days\n")


def test_an_own_transfer_is_neither_in_nor_out() -> None:
    rows = [
        flow("bybit withdrawal -1 ETH = -3000", at(10), txid="x"),
        flow("okx deposit 1 ETH = 3000", at(10, "12:10"), txid="x"),
    ]
    assert shown(view(*rows)).startswith("Nothing came in or went out · last 30 days\n")


def test_values_that_nobody_knows_are_counted_and_not_taken_for_nothing() -> None:
    assert shown(view(flow("okx deposit 5 XYZ", at(10)))).startswith("1 flow of unknown value · last 30 days")
    rows = flow("okx deposit 5 XYZ", at(10)), flow("okx deposit 5 USDT = 5", at(10))
    assert shown(view(*rows)).startswith("$5.00 in · $0.00 out · last 30 days, without 1 of unknown value")


@pytest.mark.parametrize(
    ("asked", "period"),
    [
        ({"since": at(1, "00:00")}, "since 1 Nov"),
        ({"until": at(1, "00:00")}, "until 1 Nov"),
        ({"since": at(1, "00:00"), "until": at(11, "23:00")}, "1–11 Nov"),
    ],
)
def test_a_period_that_was_asked_for_is_named(asked: dict[str, object], period: str) -> None:
    assert f"· {period}\n" in shown(view(flow("okx deposit 5 USDT = 5", at(10)), sync=None, verdicts=None, **asked))


def test_nothing_in_the_part_that_was_asked_for_is_no_empty_database() -> None:
    made = replace(view(flow("okx deposit 5 USDT = 5", at(10))), flows=())
    assert shown(made).startswith("No flow is recorded there.")


def test_a_day_of_small_change_is_one_line_and_details_take_it_apart() -> None:
    rows = [flow(f"bybit funding -0.{n} USDT = -0.{n}", at(10, f"0{n}:00")) for n in range(1, 4)]
    assert "  −0.6 USDT\n  Bybit, 3 times in all" in shown(view(*rows))
    assert shown(view(*rows, every=True)).count("funding") == 3


def test_small_change_of_which_one_value_is_unknown_has_none() -> None:
    rows = flow("bybit funding -1 USDT = -1", at(10)), flow("bybit funding -2 USDT", at(10, "13:00"))
    assert "funding  value unknown\n  −3 USDT" in shown(view(*rows))


def test_deposits_are_never_gathered() -> None:
    rows = flow("bybit deposit 1 USDT = 1", at(10)), flow("bybit deposit 2 USDT = 2", at(10, "13:00"))
    assert shown(view(*rows)).count("deposit ") == 2


def test_a_conversion_of_several_coins_into_one_is_told_row_by_row() -> None:
    rows = [
        flow("bybit conversion -1 ADA = -1", at(10), txid="d"),
        flow("bybit conversion -2 DOT = -2", at(10), txid="d"),
        flow("bybit conversion 0.005 BNB = 3", at(10), txid="d"),
    ]
    assert shown(view(*rows)).count("conversion") == 3


def test_a_transfer_out_of_what_we_see_is_no_lost_withdrawal() -> None:
    rows = [flow("bybit transfer -5 USDT = -5", at(10), wallets="main → sub-account 10002")]
    told = shown(view(*rows))
    assert "main → sub-account\n  10002" in told
    assert "none of your accounts" not in told


def test_many_lost_withdrawals_are_counted_and_few_are_named() -> None:
    rows = [flow(f"kraken withdrawal -{n} ETH = -{n}", at(n)) for n in range(1, 4)]
    assert "⚠ 3 withdrawals reached none of your accounts." in shown(view(*rows))
    told = "⚠ Reached none of your accounts: 2 ETH from Kraken on 2 Nov, 1 ETH from Kraken on 1 Nov."
    assert told in shown(view(*rows[:2]))


def test_ordinary_money_that_was_paid_out_is_nothing_to_look_for() -> None:
    rows = [flow("kraken withdrawal -500 EUR = -540", at(10)), flow("tbank withdrawal -1000 RUB = -12", at(11))]
    told = shown(view(*rows))
    assert told.count("to a bank") == 2
    assert "⚠" not in told
    assert "none of your accounts" not in told


def test_what_the_owner_called_external_is_flagged_no_more() -> None:
    lost = flow("kraken withdrawal -1 ETH = -3000", at(10))
    assert "⚠" in shown(view(lost))
    said = view(lost, verdicts=Verdicts(external=frozenset({lost.key})))
    assert "⚠" not in shown(said)
    assert "you said it left" in shown(said)


def test_a_platforms_word_is_written_as_people_do_and_a_market_keeps_its_name() -> None:
    told = shown(
        view(
            flow("tbank fee -5 RUB = -0.07", at(10), detail="broker_fee"),
            flow("mexc funding -1 USDT = -1", at(9), detail="BTC_USDT"),
        )
    )
    assert "broker fee" in told
    assert "BTC_USDT" in told


def test_what_the_owner_called_external_can_be_named_to_take_it_back() -> None:
    came = flow("okx deposit 1 ETH = 3000", at(10))
    told = on_terminal(compose.flows(view(came, verdicts=Verdicts(external=frozenset({came.key}))), TYPING))
    assert f"you said it came from outside, {handle(came.key)}" in " ".join(told.split())


def test_the_command_line_names_what_commands_take_and_has_no_pages() -> None:
    rows = [flow(f"bybit deposit {n} USDT = {n}", at(n)) for n in range(1, 20)]
    lost = flow("kraken withdrawal -1 ETH = -3000", at(10))
    made = view(*rows, lost)
    told = on_terminal(compose.flows(made, TYPING))
    assert f"portfolio-bot flows join {handle(lost.key)} OTHER" in told
    assert len(listed(made, TYPING)) == 1
    assert len(listed(made, ME)) == 2
    assert f", {handle(rows[0].key)}" in " ".join(told.split()), "what it may be joined with has a name too"
    assert handle(lost.key) not in shown(made)


def test_a_page_holds_its_own_entries_and_one_too_many_is_the_last() -> None:
    rows = [flow(f"bybit deposit {n} USDT = {n}", at(n)) for n in range(1, 20)]
    pages = [text(compose.flows(view(*rows), ME, page=page)) for page in (1, 2, 7)]
    assert [page.count("deposit ") for page in pages] == [12, 7, 7]
    assert pages[0].splitlines()[0].endswith(" · 1/2")
    assert pages[1] == pages[2]


def test_how_far_back_it_is_read_stands_on_the_first_page() -> None:
    rows = [flow(f"bybit deposit {n} USDT = {n}", at(n)) for n in range(1, 20)]
    first, second = (text(compose.flows(view(*rows, sync=ledgers.read()), ME, page=page)) for page in (1, 2))
    assert "How far back it is read" in first
    assert "How far back it is read" not in second


def test_a_short_name_is_never_cut_off_however_long_the_rest() -> None:
    lost = flow(
        "kraken withdrawal -1.23456789 ETH = -3000", at(10), fee="0.00012345 ETH", note="n" * 90, detail="d" * 90
    )
    made = replace(view(lost), names={"kraken": "Kraken family savings account of 2019"})
    told = on_terminal(compose.flows(made, TYPING))
    assert f"{handle(lost.key)}\n" in told
    assert "n" * 65 not in told


def test_older_ones_that_were_left_out_are_mentioned() -> None:
    made = replace(view(flow("okx deposit 5 USDT = 5", at(10))), more=True)
    assert "Older ones: on the command line." in shown(made)
    assert "--limit" in on_terminal(compose.flows(made, TYPING))


def test_short_names_are_short_and_different() -> None:
    names = {handle(row.key) for row in november()}
    assert len(names) == len({row.key for row in november()})
    assert {len(name) for name in names} == {HANDLE_LENGTH}


def test_a_stranger_s_word_brings_no_markup_along() -> None:
    evil = flow("okx deposit 5 <b>X</b>", at(10), detail="<a href=x>click</a>", note="\u202eevil")
    page = telegram_html.pages(compose.flows(view(evil), ME))[0]
    assert "<a href" not in page
    assert "<b>X" not in page
    assert "\u202e" not in page


def test_a_coin_named_like_a_site_becomes_no_link() -> None:
    lost, way = flow("okx withdrawal -5 PRIZE.EXAMPLE", at(10)), flow("okx withdrawal -6 GIFT.EXAMPLE", at(20))
    page = telegram_html.pages(compose.flows(view(lost, way), ME))[0]
    assert "<code>PRIZE.EXAMPLE</code> from OKX" in page
    assert "<code>GIFT.EXAMPLE</code>, on its way" in page
    opened = telegram_html.pages(compose.flow(lost, Alone.NO_DEPOSIT, NAMES, ME))[0]
    assert "<code>PRIZE.EXAMPLE</code>" in opened
    bought = Trade("t", "okx", at(10), Side.BUY, "PRIZE.EXAMPLE", "USDT", Decimal(5), Decimal(1))
    assert "<code>PRIZE.EXAMPLE</code>" in telegram_html.pages(compose.trades(ledgers.trades_view([bought]), ME))[0]


def test_many_on_their_way_are_counted() -> None:
    rows = [flow(f"okx withdrawal -{n} ETH = -{n}", at(20, f"0{n}:00")) for n in range(1, 9)]
    told = shown(view(*rows))
    assert told.count("on its way from OKX") == 5
    assert "↻ 3 more on their way." in told


def test_a_possible_match_says_what_else_would_do() -> None:
    rows = [
        flow("kraken withdrawal -1 ETH = -3000", at(10)),
        flow("okx deposit 1 ETH = 3000", at(10, "12:30")),
        flow("bybit deposit 1 ETH = 3000", at(10, "12:40")),
    ]
    link = matched(rows).transfers[0]
    told = text(compose.transfer(link, NAMES, ME))
    assert "Possible: amount and time agree, 1 other would fit too." in told


def test_a_flow_from_outside_and_one_on_its_way_say_so() -> None:
    came = flow("okx deposit 1 ETH = 3000", at(10))
    assert "It came from outside." in text(compose.flow(came, Alone.NO_WITHDRAWAL, NAMES, ME))
    left = flow("okx withdrawal -1 ETH", at(20))
    told = text(compose.flow(left, None, NAMES, ME, moving=True))
    assert "value unknown" in told
    assert "it stays in the total" in told
    said = text(compose.flow(came, Alone.OWNER, NAMES, ME))
    assert "You said that it is no transfer between your accounts." in said


def test_a_deposit_called_external_came_from_outside() -> None:
    came = flow("okx deposit 1 ETH = 3000", at(10))
    assert text(compose.made_external(came, NAMES, ME)).startswith("Came from outside: 1 ETH to OKX.")


def test_trades_sum_up_fees_by_coin() -> None:
    first = ledgers.trades()[0]._replace(
        fees=(Fee("USDT", Decimal(1)), Fee("USDT", Decimal(2)), Fee("BNB", Decimal(0)))
    )
    assert "fee 3 USDT" in text(compose.trades(ledgers.trades_view([first]), ME))


def test_long_lists_of_trades_come_in_pages_only_in_a_chat() -> None:
    rows = [ledgers.trades()[0]._replace(id=str(n), at=NOW - timedelta(hours=n)) for n in range(30)]
    made = ledgers.trades_view(rows)
    pages = [text(compose.trades(made, ME, page=page)) for page in (1, 2, 3, 9)]
    assert [page.splitlines()[0].rpartition(" · ")[2] for page in pages] == ["1/3", "2/3", "3/3", "3/3"]
    assert sum(page.count("buy 0.015 BTC") for page in pages[:3]) == 30
    assert on_terminal(compose.trades(replace(made, more=True), TYPING)).count("buy 0.015 BTC") == 30


@pytest.mark.parametrize(
    ("days", "words"), [(730, "2 years"), (731, "2 years"), (365, "1 year"), (180, "180 days"), (90, "90 days")]
)
def test_what_a_venue_keeps_is_told_in_years_or_days(days: int, words: str) -> None:
    assert length(Voice.of(ME), timedelta(days=days)) == words


def test_the_same_cause_is_told_once_per_account() -> None:
    broken = Failure(FailureKind.TIMEOUT)
    streams = [replace(ledgers.stream(name, None), failure=broken, state=SyncState.FAILED) for name in "abc"]
    made = SyncView(accounts=(ledgers.account_read("bybit", *streams, state=SyncState.FAILED),))
    assert text(compose.sync(made, ME)).count("no answer in time") == 1


def test_after_a_mend_the_past_is_read_again_and_not_the_balances() -> None:
    assert "then /flows read." in text(compose.sync(ledgers.read_in_part(), ME))
    assert "then portfolio-bot sync." in on_terminal(compose.sync(ledgers.read_in_part(), TYPING), 300)


def test_many_streams_of_one_horizon_are_named_by_the_first() -> None:
    markets = [ledgers.stream(f"spot trades X{n}USDT", at(22, month=8), timedelta(days=90)) for n in range(40)]
    made = SyncView(accounts=(ledgers.account_read("bybit", ledgers.stream("deposits", at(1)), *markets),))
    told = text(compose.sync(made, ME))
    assert "spot trades X0USDT, spot trades X1USDT and 38 more since 22 Aug (90 days kept)." in told


def test_many_gaps_are_counted_rather_than_listed() -> None:
    gaps = tuple((at(day, month=3), at(day + 1, month=3)) for day in range(1, 20, 2))
    made = SyncView(accounts=(ledgers.account_read("bybit", ledgers.stream("deposits", at(1, month=2), gaps=gaps)),))
    told = text(compose.sync(made, ME))
    assert told.count("not to be had: deposits of") == 3
    assert "7 more stretches are not to be had." in told


def test_only_the_account_that_was_asked_for_is_told_about() -> None:
    told = shown(view(flow("okx deposit 5 USDT = 5", at(10)), sync=ledgers.read(), account="okx"))
    assert "OKX: read since" in told
    assert "Bybit" not in told


def test_the_command_line_says_how_to_begin_where_nothing_is_known_at_all() -> None:
    told = on_terminal(compose.flows(view(sync=SyncView()), TYPING))
    assert "The past was not read yet: portfolio-bot sync reads it." in told


def test_while_the_first_reading_has_not_come_to_the_present_no_sum_claims_to_be_whole() -> None:
    far = ledgers.stream("deposits", at(1, year=2024), until=at(1, month=3), state=SyncState.WAITING)
    behind = ledgers.account_read("bybit", far, state=SyncState.RUNNING, fraction=Decimal("0.6"))
    okx = ledgers.account_read("okx", ledgers.stream("deposits", at(1, month=2)))
    rows = [flow("okx deposit 5 USDT = 5", at(10)), flow("bybit income 1 USDT = 1", at(2, month=2))]
    told = shown(view(*rows, sync=SyncView(running=True, accounts=(behind, okx))))
    assert told.startswith("$5.00 in · $0.00 out · last 30 days, as far as read\n")
    assert "Bybit: read since" not in told
    assert "OKX: read since" in told
    left = view(flow("okx withdrawal -1 ETH = -3000", at(10)), sync=SyncView(running=True, accounts=(behind, okx)))
    assert "none of your accounts" not in shown(left), "what received it may be read next"
    again = replace(behind, streams=(replace(far, until=at(20)),))
    told = shown(view(*rows, sync=SyncView(running=True, accounts=(again, okx))))
    assert "as far as read" not in told, "it is looked at again for what came today"


def test_what_a_key_may_not_read_is_not_called_read() -> None:
    read, refused = ledgers.stream("spot trades", at(1, month=2)), ledgers.stream("funding account", None)
    made = SyncView(accounts=(ledgers.account_read("okx", refused, read, state=SyncState.FAILED),))
    assert "OKX: read since 1 Feb; not read yet: funding account." in text(compose.sync(made, ME))


def test_accounts_of_which_there_is_nothing_special_to_say_share_a_line() -> None:
    names = ("bybit", "okx", "kraken")
    accounts = [ledgers.account_read(name, ledgers.stream("deposits", at(1, month=2))) for name in names]
    other = ledgers.account_read("ibkr", ledgers.stream("deposits", at(1, month=3)))
    told = text(compose.sync(SyncView(accounts=(*accounts, other)), ME))
    assert told.endswith("Bybit, OKX and Kraken: read since 1 Feb.\nIBKR: read since 1 Mar.")


def test_the_start_that_the_owner_chose_is_named() -> None:
    made = replace(ledgers.read(), since=at(1, month=1, year=2024).date())
    assert "Nothing before 1 Jan 2024 is read: HISTORICAL_START_DATE." in text(compose.sync(made, ME))


def test_an_account_s_progress_is_a_word() -> None:
    told = [account_progress(one, ME).replace("\u00a0", " ") for one in ledgers.being_read().accounts]
    assert told == ["Bybit ✓", "OKX 43%", "Kraken ✗", "T-Bank …", "IBKR …"]


def test_every_screen_of_the_demo_says_so() -> None:
    demo = reader(demo=True)
    link = matched(november()).transfers[0]
    for document in (
        compose.flows(ledgers.flows_view(), demo), compose.trades(ledgers.trades_view(), demo),
        compose.sync(ledgers.read(), demo), compose.history_read(ledgers.read(), demo),
        compose.reading(ledgers.being_read(), demo), compose.transfer(link, NAMES, demo),
        compose.forgotten(link.deposit, NAMES, demo),
    ):  # fmt: skip
        assert text(document).endswith("Demo: simulated accounts")


def test_sides_know_every_flow_that_matching_saw() -> None:
    sides = Sides.of(matched(november()))
    assert {row.account for row in november() if sides.lost(row)} == {"kraken"}
    assert sum(sides.inside(row) for row in november()) == 2


def test_a_pay_out_on_its_own_screen_says_where_it_went() -> None:
    paid = flow("kraken withdrawal -500 EUR = -540", at(10))
    told = text(compose.flow(paid, Alone.NO_DEPOSIT, NAMES, ME))
    assert "to a bank" in told
    assert "none of your accounts" not in told


def test_where_amounts_are_hidden_no_transaction_leads_to_one() -> None:
    came = flow("okx deposit 0.5 ETH = 1552.60", at(18, "13:31"), txid="0xabc")
    for hidden in (False, True):
        told = text(compose.flow(came, Alone.NO_WITHDRAWAL, NAMES, replace(ME, percent_only=hidden)))
        assert ("0xabc" in told) is not hidden
