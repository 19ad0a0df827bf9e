"""Portfolios as they occur, and every screen of them: `python -m tests.report.gallery [ru]`.

`account("bybit", "BTC unified 0.15 @ 67123.45")` means just that; totals follow from what it holds.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from types import MappingProxyType

from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.history import DayClose, NavPoint, Origin
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, PriceSource
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import (
    AccountValue,
    Complete,
    Coverage,
    Incomplete,
    InTransit,
    KnownAccount,
    Portfolio,
    Priced,
    Provisional,
    ReadingState,
    Total,
    UnknownAccount,
    Unpriced,
    Valued,
)
from portfolio_bot.model.statement import Notice, SubAccount, UnreadableWallet, Wallet, WarningKind
from portfolio_bot.report import compose, telegram_html, terminal
from portfolio_bot.report.compose.backup import BackupView
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Guide, Reader
from portfolio_bot.report.views import (
    AccountBack,
    AccountDown,
    CheckView,
    HelpView,
    LateNote,
    News,
    Refusal,
    ScheduleView,
    SettingOrigin,
    SettingView,
)

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
PARIS = Calendar.of("Europe/Paris")
TITLES = {"bybit": "Bybit", "okx": "OKX", "kraken": "Kraken", "tbank": "T-Bank", "ibkr": "IBKR", "gateio": "Gate.io"}
BROKERS = frozenset({"tbank", "ibkr"})
GUIDES = {
    "kraken": Guide("KRAKEN", key_help='Kraken → Settings → API: "Query funds" only.'),
    "tbank": Guide("TBANK", ("API_TOKEN",), takes=("CA_FILE",)),
    "okx": Guide("OKX", ("API_KEY", "API_SECRET", "API_PASSPHRASE"), regions=("global", "eea", "us")),
}


BACKUPS = (
    BackupView(NOW, 48_213_000, "/srv/data/backups/portfolio-20261120T130500Z.db", 128_431),
    BackupView(NOW - timedelta(hours=10), 912_384, "/srv/data/backups/portfolio-20261120T030500Z.db", 1),
)


def reader(*, now: datetime = NOW, currency: str = "USD", demo: bool = False, language: str = "en") -> Reader:
    """Somebody in Paris."""
    return Reader(PARIS, "Europe/Paris", now, language, currency=currency, demo=demo, guides=GUIDES)


def holdings(text: str, as_of: datetime = NOW) -> tuple[Valued, ...]:
    """`BTC spot 0.5 @ 60000, XYZ spot 120`: asset, wallet, amount and, behind `@`, the price; without one unpriced."""
    found: list[Valued] = []
    for row in filter(None, (piece.strip() for piece in text.split(","))):
        left, _, right = row.partition("@")
        asset, wallet, amount = left.split()
        if not right:
            found.append(Unpriced(asset, Wallet(wallet), Decimal(amount)))
            continue
        price = Decimal(right.strip())
        worth = Decimal(amount) * price
        found.append(Priced(asset, Wallet(wallet), Decimal(amount), price, worth, PriceSource.VENUE_TICKER, as_of))
    return tuple(found)


def account(
    id_: str,
    held: str,
    *,
    name: str = "",
    state: ReadingState = ReadingState.LIVE,
    as_of: datetime = NOW,
    failure: Failure | None = None,
    since: datetime | None = None,
) -> KnownAccount:
    """An account that holds this."""
    rows = holdings(held, as_of)
    source = id_.partition("-")[0]
    total = sum((row.value for row in rows if isinstance(row, Priced)), Decimal(0))
    return KnownAccount(
        id=id_,
        name=name or TITLES.get(id_, id_),
        source=source,
        state=state,
        is_exchange=source not in BROKERS,
        as_of=as_of,
        holdings=rows,
        total=Money(total, "USD"),
        native_total=None,
        native_currency="USD",
        failure=failure,
        since=since,
    )


def stale(
    known: KnownAccount, kind: FailureKind = FailureKind.BAD_KEY, detail: str = "", **changes: int
) -> KnownAccount:
    """The same, failed 85 minutes ago; its value is two minutes older."""
    return replace(
        known,
        state=ReadingState.STALE,
        as_of=NOW - timedelta(minutes=87),
        failure=Failure(kind, detail),
        since=NOW - timedelta(minutes=85),
    )


def failed(id_: str, kind: FailureKind = FailureKind.BAD_KEY, *, name: str = "") -> UnknownAccount:
    """An account that never answered."""
    source = id_.partition("-")[0]
    title = name or TITLES.get(id_, id_)
    return UnknownAccount(id_, title, source, source not in BROKERS, Failure(kind), NOW - timedelta(minutes=85))


def usd_rub(
    rate: str = "78.6", *, day: date = date(2026, 11, 20), state: FxState = FxState.LIVE
) -> Mapping[str, FxRate | Unknown]:
    """Rates with roubles."""
    return {"RUB": FxRate("USD", "RUB", Decimal(rate), FxProvider.CBR, day, state)}


def portfolio(
    *accounts: AccountValue,
    at: datetime = NOW,
    rates: Mapping[str, FxRate | Unknown] | None = None,
    in_transit: tuple[InTransit, ...] = (),
    notices: tuple[Notice, ...] = (),
    demo: bool = False,
) -> Portfolio:
    """These accounts; the totals follow."""
    rates = usd_rub() if rates is None else rates
    known = [a for a in accounts if isinstance(a, KnownAccount)]
    missing = tuple(a.id for a in accounts if isinstance(a, UnknownAccount))
    values = [row.value for row in in_transit if isinstance(row.value, Decimal)]
    amount = sum((*(a.total.amount for a in known), *values), Decimal(0))
    old = tuple(a.id for a in known if a.state is ReadingState.STALE)
    prices = tuple((a.id, asset) for a in known for asset in a.provisional_prices)

    def total(money: Money) -> Total:
        if missing:
            return Incomplete(money, missing)
        return Provisional(money, old, prices) if old or prices else Complete(money)

    rouble = rates["RUB"]
    roubles = Unknown("no_rate", "RUB") if isinstance(rouble, Unknown) else total(Money(amount * rouble.rate, "RUB"))
    if isinstance(rouble, FxRate) and rouble.state is FxState.STALE and isinstance(roubles, Complete):
        roubles = Provisional(roubles.value, ())
    dark = [a.id for a in accounts if isinstance(a, UnknownAccount) and a.is_exchange]
    crypto = Money(sum((a.total.amount for a in known if a.is_exchange), Decimal(0)), "USD")
    return Portfolio(
        at=at,
        demo=demo,
        accounts=accounts,
        total_usd=total(Money(amount, "USD")),
        total_rub=roubles,
        crypto=Unknown("incomplete", ", ".join(dark)) if dark else crypto,
        rates=rates,
        in_transit=in_transit,
        notices=notices,
    )


BYBIT = account("bybit", "BTC unified 0.1503 @ 67123.45, ETH earn 0.62 @ 3105.2, USDT funding 331.90 @ 0.9998")
OKX = account("okx", "BTC unified 0.1 @ 67110, ETH unified 1.0178 @ 3104")
KRAKEN = account("kraken", "BTC spot 0.11 @ 67100, XRP spot 300 @ 2.41")
TBANK = replace(
    account("tbank", "SBER security 520 @ 3.9, RUB cash 468150.15 @ 0.012722646310432569"),
    native_total=Decimal(627600),
    native_currency="RUB",
)
IBKR = account("ibkr", "CSPX security 10 @ 640, USD cash 600 @ 1", as_of=datetime(2026, 11, 20, 5, tzinfo=UTC))
DUST = "ADA spot 0.5 @ 0.71, DOT spot 0.02 @ 5.1, TON spot 0.01 @ 5, DOGE spot 1 @ 0.2"


def complete() -> Portfolio:
    """All accounts answered."""
    return portfolio(BYBIT, OKX, KRAKEN, TBANK, IBKR)


def provisional() -> Portfolio:
    """Kraken's key is refused; its last value stands in."""
    return portfolio(BYBIT, OKX, stale(KRAKEN, detail="EAPI:Invalid key"), TBANK, IBKR)


def incomplete() -> Portfolio:
    """Kraken never answered."""
    return portfolio(BYBIT, OKX, failed("kraken"), TBANK, IBKR)


def yesterday() -> Portfolio:
    """The close before `complete`."""
    at = NOW - timedelta(hours=15)
    accounts = [
        replace(a, total=Money(a.total.amount * Decimal("0.988"), "USD")) for a in (BYBIT, OKX, KRAKEN, TBANK, IBKR)
    ]
    return portfolio(*accounts, at=at, rates=usd_rub("78.1", day=date(2026, 11, 19)))


def ten() -> Portfolio:
    """Ten accounts, large and small, with long names; several stopped answering at once."""
    rows = [
        ("bybit", "Bybit", "BTC unified 148.99 @ 67121.11"),
        ("okx", "OKX", "ETH unified 1212.5 @ 3105"),
        ("kraken-account1", "Kraken family savings account", "BTC spot 1.5 @ 67100"),
        ("kraken-account2", "Kraken second", "BTC spot 0.01 @ 67100"),
        ("binance", "Binance", "BNB spot 13.6 @ 640"),
        ("kucoin", "KuCoin", "KCS spot 100 @ 11.2"),
        ("gateio", "Gate.io", "GT spot 12 @ 9.1"),
        ("mexc", "MEXC", "MX spot 5 @ 2.2"),
        ("tbank", "Т-Банк, основной", "SBER security 520 @ 3.9"),
        ("ibkr", "IBKR", "CSPX security 10 @ 640"),
    ]
    accounts = [account(id_, held, name=name) for id_, name, held in rows]
    for place in (3, 5, 6):
        accounts[place] = stale(accounts[place], FailureKind.UNREACHABLE)
    return portfolio(*accounts)


def remarkable() -> Portfolio:
    """Everything that needs a remark: no price, unread wallets, a gap, keys that may too much, dust, a coin at par."""
    bybit = replace(
        account("bybit", f"BTC unified 0.15 @ 67123.45, PRIZE.EXAMPLE spot 1000, {DUST}"),
        coverage=Coverage(Decimal(10800), Decimal("93.2"), Decimal("733.93"), ("Copy Trading", "Bots")),
        unreadable=(UnreadableWallet("USD-M futures"),),
        notices=(Notice(WarningKind.KEY_MAY_WITHDRAW),),
    )
    gate = replace(
        account("gateio", "USDT spot 500 @ 1, SHIB spot 123456789 @ 0.0000234"),
        provisional_prices=("USDT",),
        notices=(Notice(WarningKind.KEY_MAY_WITHDRAW), Notice(WarningKind.ASSUMED_PAR, "USDT")),
    )
    ibkr = replace(
        IBKR,
        sub_accounts=(
            SubAccount("U***4567", "k1", "Pension", Decimal(5000), "EUR", IBKR.as_of),
            SubAccount("U***9876", "k2", "Trading", Decimal(2000), "USD", IBKR.as_of),
        ),
        notices=(Notice(WarningKind.KEY_EXPIRES, "2026-12-01"),),
    )
    moving = InTransit(
        "BTC", Decimal("0.05"), Decimal("3356.17"), "bybit", "gateio", NOW - timedelta(minutes=20), "ab12"
    )
    return portfolio(bybit, gate, ibkr, in_transit=(moving,))


def dark() -> Portfolio:
    """Nobody answers; last values stand in."""
    return portfolio(*(stale(a, FailureKind.UNREACHABLE) for a in (BYBIT, OKX, TBANK)))


def never() -> Portfolio:
    """The first start without a network."""
    return portfolio(failed("bybit", FailureKind.UNREACHABLE), failed("okx", FailureKind.UNREACHABLE))


def no_roubles() -> Portfolio:
    """No rate for the rouble."""
    return portfolio(BYBIT, OKX, rates={"RUB": Unknown("no_rate", "RUB")})


def closes() -> list[DayClose]:
    """A month's end with a hole, imported before the 10th, today still open."""
    days = [
        (date(2026, 11, 20), "45310.12", True),
        (date(2026, 11, 19), "44798", False),
        (date(2026, 11, 18), "44918", False),
        (date(2026, 11, 15), "44828", False),
        (date(2026, 11, 14), "44100.5", False),
        (date(2026, 11, 9), "43000", False),
    ]
    found = []
    for day, usd, is_open in days:
        origin = Origin.IMPORTED if day < date(2026, 11, 10) else Origin.LIVE
        at = NOW if is_open else PARIS.end(day) - timedelta(minutes=5)
        point = NavPoint(at, Decimal(usd), Decimal(usd) * Decimal("78.6"), origin)
        found.append(DayClose(day, point, is_open))
    return found


@cache
def documents(language: str = "en") -> Mapping[str, Document]:
    """Every screen by name, made once in a process: documents do not change."""
    return MappingProxyType(made(language))


def made(language: str = "en") -> dict[str, Document]:
    """Every screen made anew; `me` and `reader_of` are for its readers, so that each is shown in every language."""
    from tests.report import alarms, figures, ledgers, people, schedules, wording  # they stand on what is built here

    rule = ScheduleView(timedelta(hours=2), (8, 20), (NOW + timedelta(hours=2),))
    quick = ScheduleView(timedelta(minutes=45), (8, 20), tuple(NOW + timedelta(minutes=45 * n) for n in (1, 2, 3)))
    night = ScheduleView(timedelta(hours=12), (0, 0), (NOW + timedelta(hours=12),))
    settings = [
        SettingView("POLL_INTERVAL_MINUTES", "45", SettingOrigin.CHAT, "120", below="60", changed_at=NOW),
        SettingView("WINDOW_START_HOUR", "8", SettingOrigin.DEFAULT, "8", live=True),
        SettingView("TIMEZONE", "Europe/Paris", SettingOrigin.ENV_FILE, "Europe/Paris"),
        SettingView("TELEGRAM_BOT_TOKEN", "set", SettingOrigin.FILE),
        SettingView("BASE_CURRENCY", "USD", SettingOrigin.DEFAULT, "USD"),
        SettingView("PROXY_URL", "", SettingOrigin.DEFAULT),
    ]
    commands = [HelpView("status"), HelpView("balance", "[account]"), HelpView("history", "[days=30]"), HelpView("id")]
    keys = [
        CheckView(
            "bybit", "Bybit", read_only=True, ip_bound=True, never_expires=True, skew=Decimal("0.12"), seconds=0.31
        ),
        CheckView("kraken", "Kraken", Failure(FailureKind.BAD_KEY, "EAPI:Invalid key"), seconds=0.4),
        CheckView("ibkr", "IBKR", statement=date(2026, 11, 19), expires=date(2027, 3, 12), seconds=6.1),
        CheckView("gateio", "Gate.io", can_trade=True, can_withdraw=True, ip_bound=False, seconds=1.0),
    ]
    reader_of = partial(reader, language=language)
    me, euro = reader_of(), reader_of(currency="EUR")
    refused = stale(KRAKEN, detail="EAPI:Invalid key")
    late = LateNote(NOW, NOW + timedelta(minutes=75), also=(NOW - timedelta(hours=4), NOW - timedelta(hours=2)))
    eur = {**usd_rub(), "EUR": FxRate("EUR", "USD", Decimal("1.0812"), FxProvider.ECB, date(2026, 11, 19))}
    return {
        "status complete": compose.status(complete(), me, baseline=yesterday(), next_run=NOW + timedelta(hours=2)),
        "status provisional": compose.status(provisional(), me, baseline=yesterday()),
        "status incomplete": compose.status(incomplete(), me, baseline=yesterday()),
        "status in 30 days": compose.status(complete(), me, period=figures.performance()),
        "status in percent": compose.status(complete(), replace(me, percent_only=True), baseline=yesterday()),
        "status in percent, incomplete": compose.status(incomplete(), replace(me, percent_only=True)),
        "slack": compose.slack_report(complete(), me, [replace(figures.performance(), window="7d")]),
        "slack remarkable": compose.slack_report(remarkable(), me),
        "status ten": compose.status(ten(), me),
        "status remarkable": compose.status(remarkable(), me, baseline=remarkable_yesterday()),
        "status dark": compose.status(dark(), me, baseline=yesterday()),
        "status never": compose.status(never(), me),
        "status no roubles": compose.status(no_roubles(), me),
        "status old roubles": compose.status(old_roubles(), me),
        "status in roubles": compose.status(provisional(), reader_of(currency="RUB"), baseline=yesterday()),
        "status in euros": compose.status(
            replace(complete(), rates=eur), euro, baseline=replace(yesterday(), rates=eur)
        ),
        "status demo, late": compose.status(replace(complete(), demo=True), me, late=late),
        "status details": compose.status(remarkable(), me, detail=True),
        "balance": compose.balance(remarkable(), me),
        "balance bybit": compose.balance(remarkable(), me, account="Bybit"),
        "balance tbank": compose.balance(complete(), me, account="tbank"),
        "balance kraken": compose.balance(incomplete(), me, account="kraken"),
        "balance nobody": compose.balance(complete(), me, account="krakn"),
        "history": compose.history(closes(), me),
        "history in roubles": compose.history(closes(), reader_of(currency="RUB"), limit=3),
        "history empty": compose.history([], me),
        "accounts": compose.accounts(remarkable(), me),
        "accounts refused": compose.accounts(provisional(), me),
        **ledgers.documents(me),
        **alarms.documents(me),
        **figures.documents(me),
        "check": compose.check(keys, me),
        "down": compose.notice(AccountDown(refused, 2), me, provisional()),
        "down, never seen": compose.notice(AccountDown(failed("kraken")), me, incomplete()),
        "down, still": compose.notice(AccountDown(refused, 40, reminder=True), me, provisional()),
        "back": compose.notice(AccountBack(KRAKEN, NOW - timedelta(minutes=190), Decimal("8086.60")), me, complete()),
        "believed": compose.notice(AccountBack(KRAKEN, NOW, Decimal("18086.60"), believed=True), me, complete()),
        "frequency": compose.schedule(rule, me),
        "frequency 45m": compose.schedule(quick, me, news=News.CHANGED),
        "window": compose.window(rule, me),
        "window undone": compose.window(night, me, news=News.UNDONE),
        "settings": compose.settings(settings, me),
        "settings reset": compose.setting_reset(settings[2], me),
        "frequency ten": compose.error(Refusal("ten", "no_interval", more="Still every 2 h."), me),
        **schedules.documents(me),
        **people.documents(me),
        **wording.documents(me),
        "backup": compose.backed_up(BACKUPS[0], BACKUPS[1].at, me),
        "backup, the first": compose.backed_up(BACKUPS[1], None, me),
        "backups": compose.backups(BACKUPS, me),
        "backups none": compose.backups([], me),
        "backup sent": compose.backup_sent(BACKUPS[0], me),
        "start": compose.start(me, schedule=rule),
        "help": compose.help(commands, me),
        "id": compose.ids(me, user=123456789, chat=-100123),
        "set-up": compose.setup_mode(me, chat=123456789),
        "progress": compose.progress({"Bybit": "ok", "OKX": "cached", "Kraken": "failed", "IBKR": "waiting"}, me),
        "unknown command": compose.unknown_command("statsu", "status", me),
        "broken": compose.broken("history", me),
        "too old": compose.too_old(["pull", "pull"], me),
    }


def remarkable_yesterday() -> Portfolio:
    """The close before `remarkable`, without the coin in transit."""
    now = remarkable()
    at = NOW - timedelta(hours=15)
    return replace(
        portfolio(*(replace(a, provisional_prices=()) for a in now.accounts if isinstance(a, KnownAccount))), at=at
    )


def old_roubles() -> Portfolio:
    """The rouble's rate is two weeks old."""
    return portfolio(BYBIT, OKX, rates=usd_rub(day=date(2026, 11, 6), state=FxState.STALE))


def screens(language: str = "en") -> None:
    """Print them all, as a phone and as a terminal shows them."""
    for name, document in documents(language).items():
        print(f"\n{'=' * 12} {name}")
        for page in telegram_html.pages(document):
            print(page)
            print("-" * 30)
        print(terminal.text(document, 80))


if __name__ == "__main__":
    screens(*sys.argv[1:])
