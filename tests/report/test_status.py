"""The report as a phone shows it: what there is, whether it is right, what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import NavPoint, Origin
from portfolio_bot.model.instrument import FxProvider, FxRate, PriceSource
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import AccountValue, Coverage, Priced
from portfolio_bot.model.statement import Notice, UnreadableWallet, WarningKind
from portfolio_bot.report import compose
from portfolio_bot.report.document import Headline, plain
from portfolio_bot.report.views import LateNote
from tests.report import gallery
from tests.report.gallery import BYBIT, IBKR, KRAKEN, NOW, OKX, PARIS, TBANK, account, failed, portfolio, reader
from tests.report.shown import expected, first_line, phone, text

ME = reader()


def test_a_complete_report_says_figure_change_accounts_and_moment() -> None:
    assert phone(compose.status(gallery.complete(), ME, baseline=gallery.yesterday())) == expected("""
        <b>$45,304 · ₽3,560,900</b>
        +$543.65 (+1.21%)
        since yesterday: market +594.44, FX −50.79
        <pre>Bybit   12,345.71  27.3%
        OKX      9,870.25  21.8%
        Kraken   8,104.00  17.9%
        T-Bank   7,984.11  17.6%
        IBKR†    7,000.00  15.5%
        crypto  30,319.96  66.9%</pre>
        † IBKR: statement of 19 Nov, newest there is.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_a_value_that_stands_in_is_starred_dated_and_left_out_of_the_change() -> None:
    assert phone(compose.status(gallery.provisional(), ME, baseline=gallery.yesterday())) == expected("""
        <b>$45,304* · ₽3,560,900*</b>
        without Kraken +$446.40 (+1.21%)
        since yesterday: market +497.19, FX −50.79
        <pre>Bybit    12,345.71  27.3%
        OKX       9,870.25  21.8%
        Kraken*   8,104.00  17.9%
        T-Bank    7,984.11  17.6%
        IBKR†     7,000.00  15.5%
        crypto   30,319.96  66.9%</pre>
        * Kraken: key refused since 12:40, value of 12:38.
        Check the key, its address list and its rights; a new one goes into <code>KRAKEN_API_KEY</code>, then restart.
        † IBKR: statement of 19 Nov, newest there is.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_an_unknown_account_stands_beside_the_figure_and_nothing_is_compared() -> None:
    assert phone(compose.status(gallery.incomplete(), ME, baseline=gallery.yesterday())) == expected("""
        <b>at least $37,200 · Kraken unknown</b>
        at least ₽2,923,926
        <pre>Bybit   12,345.71
        OKX      9,870.25
        T-Bank   7,984.11
        IBKR†    7,000.00
        Kraken    unknown
        crypto    unknown</pre>
        † IBKR: statement of 19 Nov, newest there is.
        Kraken: key refused since 12:40, no value known.
        Check the key, its address list and its rights; a new one goes into <code>KRAKEN_API_KEY</code>, then restart.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_ten_accounts_with_long_names_fit_and_share_a_footnote() -> None:
    assert phone(compose.status(gallery.ten(), ME)) == expected("""
        <b>$13,884,880* · ₽1,091,351,558*</b>
        <pre>Bybit      10,000,374.18 72.0%
        OKX         3,764,812.50 27.1%
        Kraken fa…    100,650.00  0.7%
        Binance         8,704.00 &lt;0.1%
        IBKR            6,400.00 &lt;0.1%
        Т-Банк, о…      2,028.00 &lt;0.1%
        KuCoin*         1,120.00 &lt;0.1%
        Kraken s…*        671.00 &lt;0.1%
        Gate.io*          109.20 &lt;0.1%
        MEXC               11.00 &lt;0.1%
        crypto     13,876,451.88 99.9%</pre>
        * KuCoin, Kraken second, Gate.io: unreachable since 12:40, value of 12:38.

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_everything_that_needs_a_remark_gets_one_line() -> None:
    shown = text(compose.status(gallery.remarkable(), ME, baseline=gallery.remarkable_yesterday()))
    assert shown.partition("crypto")[2].partition("\n")[2].strip("\n") == expected("""
        † IBKR: statement of 19 Nov, newest there is.
        * Gate.io: no price for USDT anywhere, counted at 1 USD.

        ⚠ Bybit, Gate.io: these keys may withdraw. Make a read-only one instead.
        ⚠ Bybit: 93.2% of its own total read, $733.93 missing. Perhaps in Copy Trading, Bots.
        ⚠ IBKR: the key ends on 1 Dec. Make the next one in time.
        No price, not in the total: 1,000 PRIZE.EXAMPLE (Bybit).
        Bybit, not in the total: USD-M futures (the key may not read it).

        14:05 Paris · ₽78.60 (Bank of Russia, 20 Nov)
        """)


def test_when_nobody_answers_the_last_values_are_called_so() -> None:
    shown = text(compose.status(gallery.dark(), ME, baseline=gallery.yesterday()))
    assert shown.splitlines()[:2] == [
        "$30,200* · ₽2,373,726*",
        "⚠ No account answered. These are the last values known.",
    ]


def test_before_the_first_answer_no_figure_is_claimed() -> None:
    shown = text(compose.status(gallery.never(), ME))
    assert first_line(shown) == "unknown · Bybit, OKX: no answer yet"
    assert "$" not in shown


def test_roubles_without_a_rate_are_unknown_never_zero() -> None:
    shown = text(compose.status(gallery.no_roubles(), ME))
    assert shown.splitlines()[:2] == ["$22,216 · ₽ unknown", "₽ unknown: no rate for RUB."]


def test_an_old_rate_stars_the_roubles_alone_and_shows_its_date() -> None:
    shown = text(compose.status(gallery.old_roubles(), ME))
    assert first_line(shown) == "$22,216 · ₽1,746,175*"
    assert "* ₽: no newer rate could be had." in shown
    assert "₽78.60 (Bank of Russia, 6 Nov, stale)" in shown


def test_a_reader_of_roubles_gets_them_first_and_everywhere() -> None:
    shown = text(compose.status(gallery.provisional(), reader(currency="RUB"), baseline=gallery.yesterday()))
    assert shown.splitlines()[:2] == ["₽3,560,900* · $45,304*", "without Kraken +₽53,464 (+1.86%)"]
    assert "Bybit      970,373  27.3%" in shown


def test_another_currency_leads_dollars_and_roubles() -> None:
    rate = FxRate("EUR", "USD", Decimal("1.0812"), FxProvider.ECB, date(2026, 11, 19))
    made = replace(gallery.complete(), rates={**gallery.usd_rub(), "EUR": rate})
    shown = text(compose.status(made, reader(currency="EUR")))
    assert first_line(shown) == "€41,902 · $45,304 · ₽3,560,900"
    assert shown.endswith("14:05 Paris · EUR/USD 1.0812 (ECB, 19 Nov) · ₽78.60 (Bank of Russia, 20 Nov)")


def test_a_currency_without_a_rate_falls_back_to_dollars_and_says_why() -> None:
    shown = text(compose.status(gallery.complete(), reader(currency="EUR")))
    assert shown.splitlines()[:2] == ["$45,304 · ₽3,560,900", "€ unknown: no rate for EUR."]


def test_a_bare_close_serves_a_complete_total_only() -> None:
    point = NavPoint(NOW - timedelta(hours=15), Decimal(45000), Decimal(3500000))
    assert "+$304.07 (+0.68%) since yesterday's close" in text(compose.status(gallery.complete(), ME, baseline=point))
    assert "since" not in text(compose.status(gallery.provisional(), ME, baseline=point)).partition("Bybit")[0]


def test_a_close_without_dollars_is_no_baseline_for_dollars() -> None:
    point = NavPoint(NOW - timedelta(hours=15), None, Decimal(3500000), Origin.IMPORTED)
    assert "since" not in text(compose.status(gallery.complete(), ME, baseline=point)).partition("Bybit")[0]
    roubles = text(compose.status(gallery.complete(), reader(currency="RUB"), baseline=point))
    assert roubles.splitlines()[1] == "+₽60,900 (+1.74%) since yesterday's close"


def test_an_imported_close_belongs_to_the_day_it_ends() -> None:
    point = NavPoint(PARIS.start(date(2026, 11, 17)), Decimal(45000), None, Origin.IMPORTED)
    assert "since the close of 16 Nov" in text(compose.status(gallery.complete(), ME, baseline=point))


def test_an_account_that_came_or_went_is_no_gain_and_no_loss() -> None:
    now = portfolio(BYBIT, OKX, account("gateio", "GT spot 100 @ 20"))
    shown = text(compose.status(now, ME, baseline=portfolio(BYBIT, KRAKEN, OKX, at=NOW - timedelta(days=1))))
    assert shown.splitlines()[1:4] == [
        "$0.00 (0.00%) since yesterday's close",
        "Gate.io is new since: $2,000.00",
        "gone since: Kraken",
    ]


def test_what_was_on_its_way_yesterday_is_compared_with_what_arrived() -> None:
    moving = gallery.remarkable().in_transit[0]
    start = portfolio(account("bybit", "BTC spot 1 @ 60000"), OKX, in_transit=(moving,), at=NOW - timedelta(days=1))
    now = portfolio(account("bybit", "BTC spot 1 @ 60000"), OKX, in_transit=(moving,))
    assert "$0.00 (0.00%)" in text(compose.status(now, ME, baseline=start))


def test_an_incomplete_close_is_never_a_baseline() -> None:
    shown = text(compose.status(gallery.complete(), ME, baseline=gallery.provisional()))
    assert "yesterday" not in shown


def test_no_percentage_is_made_of_a_debt() -> None:
    before = portfolio(account("bybit", "USD spot -50 @ 1"), at=NOW - timedelta(days=1))
    after = portfolio(account("bybit", "USD spot 25 @ 1"))
    assert text(compose.status(after, ME, baseline=before)).splitlines()[1] == "+$75.00 since yesterday's close"


def test_no_percentage_is_made_of_nothing() -> None:
    before = portfolio(account("bybit", ""), at=NOW - timedelta(days=1))
    after = portfolio(account("bybit", "USD spot 25 @ 1"))
    assert text(compose.status(after, ME, baseline=before)).splitlines()[1] == "+$25.00 since yesterday's close"


def test_money_that_left_an_account_is_no_loss_while_another_only_stands_in() -> None:
    moving = gallery.remarkable().in_transit[0]
    full, sent = (account("bybit", f"USD spot {usd} @ 1") for usd in ("10000", "6643.83"))
    now = portfolio(sent, gallery.stale(OKX), in_transit=(moving,))
    shown = text(compose.status(now, ME, baseline=portfolio(full, OKX, at=NOW - timedelta(days=1))))
    assert shown.splitlines()[1] == "without OKX $0.00 (0.00%)"


def test_a_debt_is_shown_with_a_minus() -> None:
    shown = text(compose.status(portfolio(account("bybit", "USD margin -50 @ 1")), ME))
    assert first_line(shown) == "−$50.00 · −₽3,930"
    assert "Bybit  −50.00" in shown


def test_one_account_needs_no_subtotal_and_the_owner_can_switch_it_off() -> None:
    assert "crypto" not in text(compose.status(portfolio(BYBIT), ME))
    assert "crypto" not in text(compose.status(portfolio(TBANK, IBKR), ME))
    assert "crypto" in text(compose.status(portfolio(BYBIT, OKX), ME))
    assert "crypto" not in text(compose.status(portfolio(BYBIT, OKX), ME, breakdown=False))


def test_the_demo_says_so_on_its_last_line() -> None:
    shown = text(compose.status(replace(gallery.complete(), demo=True), ME))
    assert shown.splitlines()[-1] == "Demo: simulated accounts"


def test_a_late_report_tells_when_it_was_due_and_what_else_it_stands_for() -> None:
    late = LateNote(NOW, NOW + timedelta(minutes=75), also=(NOW - timedelta(hours=4), NOW - timedelta(hours=2)))
    lines = text(compose.status(gallery.complete(), ME, late=late)).splitlines()
    assert lines[-3:-1] == ["14:05 report, sent 15:20 (was offline)", "also due 10:05 and 12:05"]


def test_an_old_report_tells_its_age() -> None:
    later = reader(now=NOW + timedelta(hours=2, minutes=5))
    assert "14:05 Paris, 2 h ago · " in text(compose.status(gallery.complete(), later))


def test_the_next_report_is_told_where_it_is_known() -> None:
    shown = text(compose.status(gallery.complete(), ME, next_run=NOW + timedelta(hours=2)))
    assert shown.splitlines()[-1] == "next 16:05"


def test_a_price_that_stands_in_stars_its_account() -> None:
    held = tuple(
        replace(row, source=PriceSource.KNOWN_BEFORE, as_of=NOW - timedelta(hours=3)) if row.asset == "ETH" else row
        for row in BYBIT.holdings
        if isinstance(row, Priced)
    )
    known = replace(BYBIT, holdings=held, provisional_prices=("ETH",))
    shown = text(compose.status(portfolio(known, OKX), ME, baseline=portfolio(BYBIT, OKX, at=NOW - timedelta(days=1))))
    assert shown.splitlines()[:2] == ["$22,216* · ₽1,746,175*", "without Bybit $0.00 (0.00%)"]
    assert "* Bybit: no price for ETH now, the one of 11:05 stands in." in shown


def test_many_wallets_that_are_not_read_are_counted() -> None:
    wallets = tuple(UnreadableWallet(name, "not_built") for name in ("Bots", "Copy Trading", "Launchpool", "Loans"))
    shown = text(compose.status(portfolio(replace(BYBIT, unreadable=wallets)), ME))
    assert "Not in the total: 4 wallets of Bybit, see /accounts." in shown
    typing = replace(ME, pull="portfolio-bot pull")
    assert "see portfolio-bot accounts." in text(compose.status(portfolio(replace(BYBIT, unreadable=wallets)), typing))


def test_many_unpriced_assets_are_counted_after_the_first() -> None:
    held = ", ".join(f"AIR{n} spot {n}" for n in range(1, 8))
    shown = text(compose.status(portfolio(account("bybit", held)), ME))
    assert (
        "No price, not in the total: 1 AIR1 (Bybit), 2 AIR2 (Bybit), 3 AIR3 (Bybit), 4 AIR4 (Bybit), 3 more." in shown
    )


def test_a_key_that_may_trade_is_told_quietly() -> None:
    trading = tuple(replace(a, notices=(Notice(WarningKind.KEY_MAY_TRADE),)) for a in (BYBIT, OKX))
    assert "\nBybit, OKX: these keys may trade.\n" in text(compose.status(portfolio(*trading), ME))


def test_a_rate_limit_names_its_end_and_not_its_beginning_too() -> None:
    limited = replace(gallery.stale(BYBIT), failure=Failure(FailureKind.RATE_LIMITED, "", NOW + timedelta(minutes=9)))
    assert "* Bybit: rate limited until 14:14, value of 12:38." in text(compose.status(portfolio(limited), ME))


def test_a_gap_of_cents_is_no_alarm() -> None:
    small = replace(BYBIT, coverage=Coverage(Decimal("0.5"), Decimal(50), Decimal("0.25")))
    assert "⚠" not in text(compose.status(portfolio(small), ME))


def test_wallets_that_hold_more_than_the_venue_says_are_told_too() -> None:
    over = replace(BYBIT, coverage=Coverage(Decimal(10000), Decimal("123.4"), Decimal(-2340)))
    assert "⚠ Bybit: its wallets add up to $2,340.00 more than its own total (123.4%)." in text(
        compose.status(portfolio(over), ME)
    )


def test_a_transient_failure_asks_nothing_of_the_owner() -> None:
    shown = text(compose.status(portfolio(gallery.stale(BYBIT, FailureKind.TIMEOUT), OKX), ME))
    assert "* Bybit: too slow since 12:40, value of 12:38.\n\n14:05" in shown


def test_two_refused_keys_keep_their_own_mends() -> None:
    shown = text(compose.status(portfolio(gallery.stale(BYBIT), gallery.stale(OKX)), ME))
    assert "BYBIT_API_KEY" in shown
    assert "OKX_API_KEY" in shown


def test_names_of_accounts_cannot_bring_markup_along() -> None:
    shown = phone(compose.status(portfolio(replace(BYBIT, name="<b>&</b>\u202e\n")), ME))
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in shown
    assert "\u202e" not in shown


def test_the_first_block_is_always_a_headline_that_begins_with_what_is_known() -> None:
    for name, document in gallery.documents().items():
        if name.startswith(("status", "balance", "history")) and name not in {"balance nobody", "history empty"}:
            head = document.blocks[0]
            assert isinstance(head, Headline), name
            known = ("+1.21%", "4 of 5") if "percent" in name else ("$", "₽", "€", "at least", "unknown")
            assert plain(head.text).lstrip("−").startswith(known), name


def test_crypto_of_a_failed_broker_is_still_known() -> None:
    shown = text(compose.status(portfolio(BYBIT, failed("tbank", FailureKind.TLS)), ME))
    assert "crypto  12,345.71" in shown
    assert "Check" not in shown
    assert "TBANK_CA_FILE" in shown


def test_an_unpriced_or_odd_notice_never_breaks_the_report() -> None:
    odd = tuple(Notice(kind, "2026-13-45 <x>") for kind in WarningKind)
    made = replace(portfolio(replace(BYBIT, notices=odd)), notices=odd, total_rub=Unknown("no_such_reason", "?"))
    assert "₽ unknown" in phone(compose.status(made, ME))


def test_money_only_is_shown_where_crypto_is_money() -> None:
    made = replace(portfolio(BYBIT, OKX), crypto=Money(Decimal(-3), "USD"))
    assert "crypto      −3.00" in text(compose.status(made, ME))


def test_a_statement_s_day_is_new_york_s() -> None:
    late = replace(IBKR, as_of=datetime.fromisoformat("2026-07-18T04:00:00+00:00"))
    shown = text(compose.status(portfolio(late, at=datetime.fromisoformat("2026-07-18T12:00:00+00:00")), ME))
    assert "† IBKR: statement of 17 Jul, newest there is." in shown


def test_a_live_value_is_dated_only_once_it_is_hours_old() -> None:
    recent = replace(BYBIT, as_of=NOW - timedelta(minutes=30))
    assert "†" not in text(compose.status(portfolio(recent), ME))
    older = replace(BYBIT, as_of=NOW - timedelta(hours=3))
    assert "† Bybit: value of 11:05." in text(compose.status(portfolio(older), ME))


def test_guides_name_the_variables_of_labelled_accounts() -> None:
    assert "KRAKEN_FAMILY_API_KEY" in text(compose.status(portfolio(failed("kraken-family")), ME))


def test_accounts_that_stand_alone_are_in_the_nominative() -> None:
    def headline(*accounts: AccountValue) -> str:
        me = replace(reader(language="ru"), percent_only=True)
        return first_line(text(compose.status(portfolio(*accounts), me))).replace("\u00a0", " ")

    assert headline(BYBIT) == "1 счёт"
    assert headline(BYBIT, OKX, KRAKEN) == "3 счета"
    assert headline(BYBIT, OKX, failed("kraken")).startswith("2 из 3 счетов")
