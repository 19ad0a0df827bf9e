"""What was stored comes back equal to the last digit, whatever it was, and stays small."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio_bot.analytics.valuation import AccountInfo, value
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import FxProvider, FxRate, FxState, PriceSource, Quote
from portfolio_bot.model.money import Money
from portfolio_bot.model.portfolio import (
    Compartment,
    Complete,
    Coverage,
    Incomplete,
    InTransit,
    KnownAccount,
    Portfolio,
    Priced,
    Provisional,
    ReadingState,
    UnknownAccount,
    Unpriced,
)
from portfolio_bot.model.reading import Live
from portfolio_bot.model.statement import (
    Holding,
    Notice,
    StatedTotal,
    Statement,
    SubAccount,
    UnreadableWallet,
    Wallet,
    WarningKind,
)
from portfolio_bot.storage.bodies import UnreadableBody, pack, unpack
from portfolio_bot.storage.portfolio_body import decode, encode
from portfolio_bot.storage.statement_body import pack_statement, unpack_statement
from tests.storage.builders import NOON, RATES, complete, incomplete, provisional, valued, without_rub

words = st.text(max_size=6)
names = st.sampled_from(["BTC", "ETH", "USD", "RUB", "EUR", "SBER", "токен"])
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
figures = st.decimals(min_value=Decimal(-(10**12)), max_value=Decimal(10**12), allow_nan=False)
prices = st.decimals(min_value=Decimal("1e-12"), max_value=Decimal(10**9), allow_nan=False)
currencies = st.sampled_from(["USD", "RUB", "EUR"])


def some(of: st.SearchStrategy[object], most: int = 3) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=most).map(tuple)


failures = st.builds(Failure, st.sampled_from(FailureKind), words, st.none() | moments, st.booleans())
notices = st.builds(Notice, st.sampled_from(WarningKind), words)
unread = st.builds(UnreadableWallet, words, words)
subs = st.builds(SubAccount, words, words, words, st.none() | figures, currencies, moments)
unpriced = st.builds(Unpriced, names, st.sampled_from(Wallet), figures)
wallets = st.sampled_from(Wallet)
sources = st.sampled_from(PriceSource)
priced = st.builds(Priced, names, wallets, figures, prices, figures, sources, moments, st.booleans())
multiplied = priced.map(
    lambda row: Priced(row.asset, row.wallet, row.amount, row.price, row.amount * row.price, row.source, row.as_of)
)
coverages = st.builds(Coverage, figures, st.none() | figures, figures, some(words))
in_usd = figures.map(lambda amount: Money(amount, "USD"))
known = st.builds(
    KnownAccount,
    id=names,
    name=words,
    source=words,
    state=st.sampled_from([ReadingState.LIVE, ReadingState.CACHED, ReadingState.STALE]),
    is_exchange=st.booleans(),
    as_of=moments,
    holdings=some(unpriced | priced | multiplied),
    total=in_usd,
    native_total=st.none() | figures,
    native_currency=st.none() | currencies,
    coverage=st.none() | coverages,
    sub_accounts=some(subs),
    unreadable=some(unread),
    notices=some(notices),
    failure=st.none() | failures,
    since=st.none() | moments,
    provisional_prices=some(names),
    compartments=some(st.builds(Compartment, words, figures) | st.builds(Compartment, words, figures, names, words)),
)
unknown = st.builds(
    UnknownAccount, names, words, words, st.booleans(), failures, st.none() | moments, st.none() | currencies
)
reasons = st.builds(Unknown, words, words)


def totals(currency: str) -> st.SearchStrategy[object]:
    money = figures.map(lambda amount: Money(amount, currency))
    pairs = st.tuples(names, names)
    return (
        st.builds(Complete, money)
        | st.builds(Provisional, money, some(names), some(pairs))
        | st.builds(Incomplete, money, some(names))
    )


def rates(currency: str) -> st.SearchStrategy[object]:
    pair = ("USD", currency) if currency == "RUB" else (currency, "USD")
    dated = st.dates(min_value=date(2000, 1, 1))
    published = st.sampled_from(FxProvider)
    states = st.sampled_from(FxState)
    return reasons | st.builds(
        FxRate, st.just(pair[0]), st.just(pair[1]), prices, published, dated, states, st.booleans()
    )


portfolios = st.builds(
    Portfolio,
    at=moments,
    demo=st.booleans(),
    accounts=some(known | unknown),
    total_usd=totals("USD"),
    total_rub=totals("RUB") | reasons,
    crypto=in_usd | reasons,
    rates=st.fixed_dictionaries({}, optional={"RUB": rates("RUB"), "EUR": rates("EUR")}),
    in_transit=some(
        st.builds(
            InTransit,
            names,
            figures,
            figures | reasons,
            names,
            st.none() | names,
            moments,
            st.none() | words,
            st.none() | st.builds(Quote, names, prices, st.sampled_from(PriceSource), moments),
        )
    ),
    notices=some(notices),
)
statements = st.builds(
    Statement,
    account=names,
    as_of=moments,
    holdings=some(
        st.builds(Holding, names, wallets, figures, st.none() | st.builds(Money, figures, currencies), words, words)
    ),
    prices=st.dictionaries(st.tuples(names, names), prices, max_size=3),
    stated=some(st.builds(StatedTotal, figures, names, st.none() | words, words)),
    venue_total=st.none() | st.builds(StatedTotal, figures, names, st.none() | words),
    sub_accounts=some(subs),
    unreadable=some(unread),
    notices=some(notices),
    native_currency=st.none() | currencies,
    wallets_read=some(words),
)


@given(portfolios, st.sampled_from([28, 50]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_portfolio_comes_back_equal(portfolio: Portfolio, precision: int) -> None:
    with localcontext(prec=precision):  # whatever the context of the caller is
        plain = encode(portfolio)
    assert decode(plain, portfolio.at) == portfolio


@given(statements)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_statement_comes_back_equal(statement: Statement) -> None:
    found = unpack_statement(pack_statement(statement))
    assert found == statement
    assert [row.read_from for row in found.holdings] == [row.read_from for row in statement.holdings]
    assert [total.read_from for total in found.stated] == [total.read_from for total in statement.stated]


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_packing_against_any_key_is_undone_by_it(plain: bytes, key: bytes) -> None:
    assert unpack(pack(plain, key), key) == plain
    assert unpack(pack(plain)) == plain


@pytest.mark.parametrize("portfolio", [complete(), provisional(), incomplete(), without_rub()])
def test_each_kind_of_total_comes_back_equal(portfolio: Portfolio) -> None:
    assert decode(encode(portfolio), portfolio.at) == portfolio


def broker(at: datetime, securities: int) -> Portfolio:
    """An account kept in roubles, valued in USD: each value is a quotient of fifty digits."""
    rows = tuple(
        Holding(f"SHARE{n}", Wallet.SECURITY, Decimal(7 * n + 3), Money(Decimal(1000 * n + 517) / 100, "RUB"))
        for n in range(securities)
    )
    statement = Statement("tbank", at, rows, native_currency="RUB")
    info = AccountInfo("tbank", "T-Bank", "tbank", is_exchange=False)
    return value([Live("tbank", statement)], {"tbank": info}, RATES, at=at)


def test_values_in_roubles_are_kept_in_roubles_and_come_back_exact() -> None:
    with localcontext(prec=50):
        portfolio = broker(NOON, 40)
        plain = encode(portfolio)
    assert decode(plain, NOON) == portfolio
    (account,) = portfolio.accounts
    assert isinstance(account, KnownAccount)
    assert len(str(account.total.amount)) > 45
    figures = json.loads(plain)["accounts"][0][8]
    assert figures.split()[:2] == ["=RUB:5.17", "=RUB:15.17"]


def test_a_body_against_its_day_takes_few_bytes() -> None:
    with localcontext(prec=50):
        first, later = encode(broker(NOON, 40)), encode(broker(NOON + timedelta(hours=1), 40))
    assert len(pack(later, first)) < len(pack(later)) / 4


def test_what_wallets_are_worth_takes_hardly_any_room() -> None:
    rows = [
        Holding(f"C{number}", kind, Decimal(number) / 7, Money(Decimal(number) / 3, "USD"), read_from=kind.title())
        for number in range(1, 31)
        for kind in [list(Wallet)[number % 5]]
    ]
    wallets_read = tuple(dict.fromkeys(row.read_from for row in rows))
    told = valued(NOON, [Live("bybit", Statement("bybit", NOON, tuple(rows), wallets_read=wallets_read))])
    assert decode(encode(told), NOON) == told
    assert isinstance(told.accounts[0], KnownAccount)
    silent = replace(told, accounts=(replace(told.accounts[0], compartments=()),))
    assert len(encode(told)) - len(encode(silent)) < 150


def test_a_body_that_is_damaged_or_of_another_key_says_so() -> None:
    plain = encode(complete())
    packed = pack(plain, b"key" * 20)
    for bad in (b"", b"\x02" + packed[1:], packed[:-4]):
        with pytest.raises(UnreadableBody):
            unpack(bad, b"key" * 20)
    for damaged in (b"{}", b"[", plain.replace(b"crypto", b"cipher"), plain.replace(b'"live"', b'"lively"')):
        with pytest.raises(UnreadableBody):
            decode(damaged, NOON)
