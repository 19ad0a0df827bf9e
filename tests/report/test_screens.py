"""The screens beside the report: assets, history, accounts, notices, rules, and what the bot says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.history import DayClose, NavPoint
from portfolio_bot.model.portfolio import Priced
from portfolio_bot.model.statement import Notice, WarningKind
from portfolio_bot.report import compose, telegram_html
from portfolio_bot.report.document import Document
from portfolio_bot.report.views import (
    AccountBack,
    AccountDown,
    CheckView,
    Refusal,
    ScheduleView,
    SettingOrigin,
    SettingView,
)
from tests.report import gallery
from tests.report.gallery import BYBIT, KRAKEN, NOW, OKX, PARIS, account, failed, portfolio, reader, stale
from tests.report.shown import expected, phone, text

ME = reader()
SCREENS = gallery.documents()
SNAPSHOTS = {
    "balance": """
        $23,814* in 10 assets

        BTC           10,068.52 42.3%
          0.15 × 67,123.45
        CSPX           6,400.00 26.9%
          10 × 640.00
        SHIB           2,888.89 12.1%
          123,456,789 × 0.0000234
        USD              600.00  2.5%
        USDT             500.00  2.1%
          500 × 1.00
        4 more under $1: $0.71
        PRIZE.EXAMPLE  no price
          1,000

        in transit  $3,356.17

        BTC  3,356.17  14.1%
          0.05 × 67,123.40

        * Gate.io: last known values.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """,
    "balance tbank": """
        $7,984.11 · T-Bank · 17.6%
        ₽627,600 as the platform keeps it

        securities  $2,028.00

        SBER  2,028.00  25.4%
          520 × 3.90

        cash  $5,956.11

        RUB  5,956.11  74.6%
          468,150.15 × 0.012723

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """,
    "balance kraken": """
        unknown · Kraken

        Kraken: key refused since 12:40, no value known.
        Check the key, its address list and its rights; a new one goes into KRAKEN_API_KEY, then restart.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """,
    "backup": """
        Backed up: 128,431 rows, 48 MB.
        portfolio-20261120T130500Z.db in /srv/data/backups.
        The one before was made 10 h ago.
        portfolio-bot restore FILE brings it back.
        """,
    "backups": """
        Backups: 2

        14:05   48 MB
        04:05  913 kB

        Of each of the last 7 days and 4 weeks the newest is kept.
        portfolio-bot restore FILE brings it back.
        """,
    "balance nobody": '"krakn" is no account. Yours: bybit, okx, kraken, tbank and ibkr.',
    "history": """
        $44,798 at the last close, 19 Nov

                    $               ₽
        today  45,310 +1.1% 3,561,375
        19 Nov 44,798 −0.3% 3,521,123
        18 Nov 44,918 +0.2% 3,530,555
        16–17 Nov: no complete close
        15 Nov 44,828 +1.6% 3,523,481
        14 Nov 44,100 +2.6% 3,466,299
        10–13 Nov: no complete close
        9 Nov  43,000       3,379,800

        Today is not over, its figure is of 14:05.
        Up to 9 Nov: imported.
        """,
    "history empty": "No complete close yet. The first one comes with the first report that all accounts answer.",
    "accounts refused": """
        4 of 5 accounts live · 1 needs you

        Bybit   live    14:05
        OKX     live    14:05
        Kraken  stale   12:38
        T-Bank  live    14:05
        IBKR    live   19 Nov

        ⚠ Kraken: key refused since 12:40, value of 12:38. Check the key, its address list and its rights; \
a new one goes into KRAKEN_API_KEY, then restart.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """,
    "down": """
        ⚠ Kraken: key refused, twice since 12:40.
        Your total uses the value of 12:38 ($8,104.00).
        Check the key, its address list and its rights; a new one goes into KRAKEN_API_KEY, then restart.
        Kraken → Settings → API: "Query funds" only.
        """,
    "down, still": """
        ⚠ Kraken, still: key refused since 12:40.
        Your total uses the value of 12:38 ($8,104.00).
        Check the key, its address list and its rights; a new one goes into KRAKEN_API_KEY, then restart.
        Kraken → Settings → API: "Query funds" only.
        """,
    "back": "Kraken is back after 3 h 10 min: $8,104.00 (+17.40).",
    "believed": "Kraken: two answers agree on $8,104.00, it was $18,086.60.",
    "frequency": """
        Every 2 h, 08:00–20:00 Paris.
        Next: 16:05.
        """,
    "frequency 45m": """
        Every 45 min from now on, 08:00–20:00 Paris.
        Next: 14:50, 15:35, 16:20.
        """,
    "window undone": """
        Back: reports come at any hour, every 12 h.
        Next: 21 Nov 02:05.
        """,
    "frequency ten": """
        "ten" is no interval.
        Minutes (45), or 45m, 2h, 1d; from 5 minutes to 7 days. Still every 2 h.
        """,
    "settings": """
        3 of 6 settings are yours
        POLL_INTERVAL_MINUTES 45 · set in the chat (14:05), otherwise 60
        WINDOW_START_HOUR 8 · default, can be changed here
        TIMEZONE Europe/Paris · .env
        TELEGRAM_BOT_TOKEN set · file

        2 at their default
        BASE_CURRENCY USD
        PROXY_URL not set
        """,
    "start": """
        Reports every 2 h, 08:00–20:00 Paris.
        Next: 16:05.
        /status is the report now, /help lists everything.
        """,
    "help": """
        What you can ask
        /status – the report, now
        /balance [account] – assets, of all accounts or of one
        /history [days=30] – day closes, newest first
        /id – your ids
        """,
    "set-up": """
        This is your bot.
        Put TELEGRAM_CHAT_ID=123456789 into .env and restart; then send /status.
        """,
    "progress": "↻ Bybit ✓ OKX ✓ Kraken ✗ IBKR …",
    "unknown command": """
        /statsu is no command.
        Did you mean /status? /help lists all.
        """,
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_screen_reads_like_this(name: str) -> None:
    assert text(SCREENS[name]) == expected(SNAPSHOTS[name])


def test_details_are_folded_by_account() -> None:
    shown = phone(compose.status(gallery.remarkable(), ME, detail=True))
    assert (
        expected("""
        <blockquote expandable><b>Bybit  $10,069.22 · 42.3%</b>
        unified 10,068.52 · spot 0.71
        BTC  10,068.52 · 100.0% · 0.15 × 67,123.45
        4 more under $1: $0.71
        <code>PRIZE.EXAMPLE</code>  no price · 1,000</blockquote>
        """)
        in shown
    )


def test_long_lists_come_in_pages_that_stand_alone() -> None:
    held = ", ".join(f"COIN{n} spot 1 @ {100 - n}" for n in range(40))
    pages = telegram_html.plain_pages(compose.balance(portfolio(account("bybit", held)), ME))
    assert [page.splitlines()[0] for page in pages] == [f"$3,220.00 in 40 assets · {n}/3" for n in (1, 2, 3)]


def test_one_asset_in_several_accounts_is_one_row_at_its_average_price() -> None:
    made = portfolio(account("bybit", "BTC spot 1 @ 60000"), account("okx", "BTC spot 3 @ 64000"))
    assert "BTC  252,000.00  100.0%\n  4 × 63,000.00" in text(compose.balance(made, ME))


def test_a_single_speck_of_dust_is_named() -> None:
    assert "ADA       0.36   <0.1%\n  0.5 × 0.71" in text(
        compose.balance(portfolio(account("bybit", "BTC spot 1 @ 60000, ADA spot 0.5 @ 0.71")), ME)
    )


def test_a_debt_comes_last_and_is_no_dust() -> None:
    shown = text(compose.balance(portfolio(account("bybit", "BTC spot 1 @ 60000, USDT margin -5000 @ 1")), ME))
    assert shown.index("BTC") < shown.index("USDT")
    assert "  −5,000 × 1.00" in shown
    debts = "USDT margin -5000 @ 1, USDC margin -7000 @ 1"
    assert "under $1" not in text(compose.balance(portfolio(account("bybit", debts)), ME))


def test_what_the_venue_holds_beyond_its_rows_has_no_amount() -> None:
    rest = gallery.holdings("USD other -12.5 @ 1")[0]
    assert isinstance(rest, Priced)
    known = replace(BYBIT, holdings=(*BYBIT.holdings, replace(rest, covered=False)))
    assert "other  −$12.50\n\nother  −12.50  −0.1%" in text(compose.balance(portfolio(known), ME, account="bybit"))


def test_an_account_that_holds_nothing_says_so() -> None:
    shown = text(compose.balance(portfolio(BYBIT, account("okx", "")), ME, account="OKX"))
    assert shown.startswith("$0.00 · OKX · 0.0%\nHolds nothing.")


def test_assets_of_an_incomplete_portfolio_are_at_least_those() -> None:
    assert text(compose.balance(gallery.incomplete(), ME)).splitlines()[:2] == [
        "at least $37,200 in 7 assets",
        "Kraken unknown",
    ]


def test_figures_in_roubles_follow_the_reader() -> None:
    shown = text(
        compose.balance(
            portfolio(account("bybit", "BTC spot 1 @ 60000, ADA spot 1 @ 0.7, DOT spot 1 @ 0.1")),
            reader(currency="RUB"),
        )
    )
    assert "BTC  4,716,000  100.0%\n  1 × 4,716,000.00\n2 more under ₽100: ₽63" in shown


def test_the_oldest_row_shows_its_change_where_one_more_close_is_given() -> None:
    shown = text(compose.history(gallery.closes(), ME, limit=2))
    assert "19 Nov 44,798 −0.3% 3,521,123" in shown
    assert "18 Nov" not in shown


def test_a_close_without_dollars_is_a_dash_and_no_change() -> None:
    days = [
        DayClose(date(2026, 11, 19), NavPoint(NOW - timedelta(days=1), Decimal(100), None)),
        DayClose(date(2026, 11, 18), NavPoint(NOW - timedelta(days=2), None, Decimal(7800))),
    ]
    rows = text(compose.history(days, ME)).splitlines()[3:5]
    assert [row.split() for row in rows] == [["19", "Nov", "100.00", "–"], ["18", "Nov", "–", "7,800"]]


def test_large_figures_of_history_put_roubles_below() -> None:
    days = [
        DayClose(date(2026, 11, 19) - timedelta(days=n), NavPoint(NOW, Decimal(9_999_999 - n), Decimal(785_999_000)))
        for n in range(2)
    ]
    assert "19 Nov  9,999,999  0.0%\n  ₽ 785,999,000" in text(compose.history(days, ME))


def test_a_single_day_without_a_close_is_named() -> None:
    days = [DayClose(date(2026, 11, day), NavPoint(NOW, Decimal(100), Decimal(7800))) for day in (19, 17)]
    assert "18 Nov: no complete close" in text(compose.history(days, ME))


def test_only_today_means_no_close_yet() -> None:
    assert text(compose.history(gallery.closes()[:1], ME)).startswith("$45,310 today, no close yet")


def test_accounts_name_every_warning_and_every_unread_wallet() -> None:
    shown = text(compose.accounts(gallery.remarkable(), ME))
    assert "Bybit    live   14:05  93.2%" in shown
    for part in (
        "this key may withdraw",
        "Copy Trading",
        "the key ends on 1 Dec",
        "USD-M futures",
        "1,000 PRIZE.EXAMPLE",
    ):
        assert part in shown


def test_an_account_that_waits_says_until_when_once() -> None:
    retry = NOW + timedelta(minutes=9)
    waits = replace(stale(KRAKEN, FailureKind.UNAVAILABLE), failure=Failure(FailureKind.UNAVAILABLE, "", retry))
    assert "It is asked again at 14:14." in text(compose.accounts(portfolio(waits), ME))
    limited = replace(waits, failure=Failure(FailureKind.RATE_LIMITED, "", retry))
    assert text(compose.accounts(portfolio(limited), ME)).count("14:14") == 1


def test_a_key_that_may_trade_is_told_but_nobody_is_called() -> None:
    shown = text(compose.accounts(portfolio(replace(BYBIT, notices=(Notice(WarningKind.KEY_MAY_TRADE),))), ME))
    assert shown.startswith("1 of 1 account live\n")
    assert "⚠ Bybit: this key may trade." in shown


def test_without_accounts_there_is_nothing_to_list() -> None:
    assert text(compose.accounts(portfolio(), ME)) == "No account yet."


def test_an_account_that_never_had_a_value_is_not_in_the_total() -> None:
    shown = text(compose.notice(AccountDown(failed("kraken")), ME, gallery.incomplete()))
    assert shown.splitlines()[:2] == [
        "⚠ Kraken: key refused since 12:40.",
        "It is not in your total, which says “at least” until it answers.",
    ]


def test_a_transient_outage_is_told_without_a_mend() -> None:
    down = AccountDown(stale(KRAKEN, FailureKind.UNREACHABLE), times=3)
    assert text(compose.notice(down, ME, portfolio(down.account))) == expected("""
        ⚠ Kraken: unreachable, 3 times since 12:40.
        Your total uses the value of 12:38 ($8,104.00).
        """)


def test_an_account_that_is_back_without_a_value_before_has_no_change() -> None:
    back = AccountBack(KRAKEN, NOW - timedelta(minutes=5))
    assert text(compose.notice(back, ME, portfolio(KRAKEN))) == "Kraken is back after 5 min: $8,104.00."


def test_all_keys_well_is_one_line() -> None:
    views = [CheckView("bybit", "Bybit", read_only=True, region="eu", notes=("IIS",)), CheckView("okx", "OKX")]
    shown = text(compose.check(views, ME))
    assert shown.endswith("All 2 work.")
    assert "read only · region eu · IIS" in shown
    assert "rights unknown" in shown
    assert text(compose.check(views[:1], ME)).endswith("It works.")


def test_settings_never_run_over_a_page_s_marks() -> None:
    views = [SettingView(f"NAME_{n}", str(n), SettingOrigin.ENVIRONMENT, "0") for n in range(150)]
    assert len(telegram_html.pages(compose.settings(views, ME))) == 2


def test_a_setting_taken_back_says_what_holds_now() -> None:
    view = SettingView("POLL_INTERVAL_MINUTES", "120", SettingOrigin.DEFAULT, "120")
    assert text(compose.setting_reset(view, ME)) == "POLL_INTERVAL_MINUTES is 120 again (default)."


def test_an_error_without_a_value_begins_with_its_reason() -> None:
    assert text(compose.error(Refusal("", "flow_not_said"), ME)) == ("Which flow is not said.\n/flows lists them.")


def test_ids_are_said_once_in_a_private_chat() -> None:
    assert text(compose.ids(ME, user=7, chat=7)) == "Your id: 7"


def test_a_schedule_that_knows_no_next_run_claims_none() -> None:
    assert "Next" not in text(compose.schedule(ScheduleView(timedelta(days=1), (8, 20)), ME))


def test_every_screen_of_the_demo_says_so() -> None:
    demo = reader(demo=True)
    documents: list[Document] = [
        compose.status(portfolio(BYBIT), demo), compose.balance(portfolio(BYBIT), demo), compose.history([], demo),
        compose.accounts(portfolio(OKX), demo), compose.start(demo), compose.help([], demo), compose.broken("x", demo),
        compose.settings([], demo), compose.progress({"Bybit": "ok"}, demo), compose.ids(demo, user=1, chat=1),
        compose.schedule(ScheduleView(timedelta(hours=2), (8, 20)), demo), compose.check([], demo),
        compose.notice(AccountBack(BYBIT, NOW), demo, portfolio(BYBIT)), compose.error(Refusal("a", "no_window"), demo),
    ]  # fmt: skip
    for document in documents:
        assert all(page.endswith("Demo: simulated accounts") for page in telegram_html.plain_pages(document))


def test_a_close_s_day_comes_from_history_not_from_its_instant() -> None:
    point = NavPoint(PARIS.end(date(2026, 11, 18)), Decimal(5), Decimal(390))
    assert "18 Nov" in text(compose.history([DayClose(date(2026, 11, 18), point)], ME))
