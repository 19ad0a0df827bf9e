"""Whoever may see percentages only sees no amount, on no screen: of money, of coins, whatever they are."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache

import pytest

from portfolio_bot.model.portfolio import KnownAccount, Portfolio
from portfolio_bot.platforms.demo import DemoWorld
from portfolio_bot.platforms.demo_market import Scenario
from portfolio_bot.report import compose, telegram_html, terminal
from portfolio_bot.report.document import Cell, Column, Document, Row, Table
from portfolio_bot.report.numbers import HIDDEN, MINUS, Numbers
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import AccountBack, AccountDown
from portfolio_bot.report.voice import CATALOGUES
from tests.report import figures, gallery, ledgers
from tests.report.gallery import NOW, account, portfolio, stale

AMOUNTS = ("headline", "money", "bare", "bare_headline", "change", "bare_change", "amount", "amount_change")
FIGURE = re.compile(r"\d[\d,.\u00a0\u202f]*\d|\d")
OF_NUMBERS = frozenset({"id", "set-up", "words of errors"})
"""Screens with numbers that are nobody's amount: ids, and what examples have."""

LANGUAGES = pytest.mark.parametrize("language", CATALOGUES)


def shown(document: Document) -> str:
    """Every form in which people see it."""
    return "\n".join((*telegram_html.plain_pages(document), terminal.text(document, 100), terminal.text(document, 30)))


def digits(text: str) -> set[str]:
    """The figures in a text, without what groups them."""
    return {re.sub(r"[^\d]", "", found) for found in FIGURE.findall(text)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the gallery shows to somebody who sees amounts: the method of every figure, and the figure."""
    told: list[tuple[str, str]] = []

    def listening(name: str) -> Callable[..., str]:
        method: Callable[..., str] = getattr(Numbers, name)

        def listen(self: Numbers, *args: object, **options: object) -> str:
            result = method(self, *args, **options)
            told.append((name, result))
            return result

        return listen

    for name in vars(Numbers):
        if not name.startswith("_") and callable(getattr(Numbers, name)):
            monkeypatch.setattr(Numbers, name, listening(name))
    return told


def gallery_of(language: str, *, percent_only: bool) -> dict[str, Document]:
    """The whole gallery, made anew for another reader."""
    usual = gallery.reader

    def reader(**options: object) -> Reader:
        return replace(usual(**options), percent_only=percent_only, language=language)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        for module in (gallery, figures, ledgers):
            if hasattr(module, "reader"):
                patched.setattr(module, "reader", reader)
        return gallery.made()


@cache
def hidden(language: str) -> dict[str, Document]:
    """The gallery of somebody who sees no amounts, where nobody listens to how it is made."""
    return gallery_of(language, percent_only=True)


@LANGUAGES
def test_no_screen_shows_an_amount_that_the_same_screen_has_for_others(
    asked: list[tuple[str, str]], language: str
) -> None:
    gallery_of(language, percent_only=False)
    amounts = {found for name, text in asked if name in AMOUNTS for found in digits(text)}
    public = {found for name, text in asked if name not in AMOUNTS for found in digits(text)}
    secret = {found for found in amounts - public if len(found) > 2}
    assert len(secret) > 150  # the gallery has amounts, or this proves nothing
    asked.clear()
    for name, document in gallery_of(language, percent_only=True).items():
        if name in OF_NUMBERS:
            continue
        allowed = {found for _, text in asked for found in digits(text)}
        seen = digits("\n".join(telegram_html.plain_pages(document)))
        assert not (seen & secret) - allowed, name
    assert not {found for name, text in asked if name in AMOUNTS for found in digits(text)}


@LANGUAGES
@pytest.mark.parametrize("seed", range(8))
def test_no_digits_of_a_random_portfolio_are_on_any_screen_of_it(seed: int, language: str) -> None:
    rng = random.Random(seed)
    now, before = odd(rng), odd(rng)
    me = replace(gallery.reader(), percent_only=True, language=language)
    known = next(one for one in now.accounts if isinstance(one, KnownAccount))
    documents = [
        compose.status(now, me, baseline=replace(before, at=NOW - timedelta(hours=15))),
        compose.status(now, me, detail=True),
        compose.balance(now, me),
        *(compose.balance(now, me, account=one.id) for one in now.accounts),
        compose.accounts(now, me),
        compose.notice(AccountDown(stale(known), 2), me, now),
        compose.notice(AccountBack(known, NOW - timedelta(hours=3), before.accounts[0].total.amount), me, now),  # type: ignore[union-attr]
        compose.explain_total(now, me),
    ]
    secret = {digit for whole in (now, before) for digit in secrets_of(whole)}
    for document in documents:
        text = re.sub(r"[,.\u00a0\u202f ]", "", shown(document))
        assert not [found for found in secret if found in text], shown(document)


def odd(rng: random.Random) -> Portfolio:
    """Amounts that begin with digits which nothing else has."""

    def amount() -> str:
        return f"73519{rng.randint(10, 99)}.{rng.randint(10, 99)}"

    return portfolio(
        account("bybit", f"BTC unified {amount()} @ 1.5, ETH earn {amount()} @ 0.25, XYZ spot {amount()}"),
        account("okx", f"BTC unified {amount()} @ 1.5, USDT funding {amount()} @ 1"),
        stale(account("kraken", f"XRP spot {amount()} @ 2.5")),
        account("ibkr", f"USD cash {amount()} @ 1"),
    )


def secrets_of(whole: Portfolio) -> Iterator[str]:
    """The digits of every amount, and of their values in both currencies, whole units only."""
    values = [Decimal(0)]
    for one in whole.accounts:
        if isinstance(one, KnownAccount):
            values += [one.total.amount, *(row.amount for row in one.holdings)]
            values += [value for row in one.holdings if (value := getattr(row, "value", None)) is not None]
    values.append(sum((one.total.amount for one in whole.accounts if isinstance(one, KnownAccount)), Decimal(0)))
    for value in values:
        for figure in (value, value * Decimal("78.6")):
            if figure:
                yield str(int(figure))


def test_a_column_of_hidden_amounts_is_left_out() -> None:
    rows = (Row.of("BTC", f"+{HIDDEN}", "1.0%"), Row.over(f"all {HIDDEN}"), Row.of("ETH", f"{MINUS}{HIDDEN}", "2.0%"))
    table = Table((Column(), Column(title="$"), Column(title="%")), rows)
    assert [column.title for column in table.columns] == ["", "%"]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["BTC", "1.0%"],
        [f"all {HIDDEN}"],
        ["ETH", "2.0%"],
    ]


def test_a_column_in_which_something_else_stands_too_is_kept() -> None:
    table = Table((Column(), Column()), (Row.of("BTC", HIDDEN), Row((Cell("XYZ"), Cell("no price")))))
    assert len(table.columns) == 2
    assert table.rows[0].cells[1].text == HIDDEN


def test_percentages_prices_rates_and_counts_are_shown_as_ever() -> None:
    some, none = (Numbers(CATALOGUES["en"].style, gallery.PARIS, NOW, percent_only=hidden) for hidden in (False, True))
    part = Decimal("1234.5")
    for shows in (Numbers.price, Numbers.rate, Numbers.percent, Numbers.percent_change, Numbers.ratio):
        assert shows(some, part) == shows(none, part)
    assert some.share(part, part * 2) == none.share(part, part * 2)
    assert some.count(1234) == none.count(1234)
    assert (none.change(part, "USD"), none.change(-part, "RUB")) == (f"+{HIDDEN}", f"{MINUS}{HIDDEN}")
    assert {none.amount(part), none.money(part, "USD"), none.bare(part, "USD"), none.headline(part, "USD")} == {HIDDEN}


WITHOUT_A_MASK = ("accounts", "back", "believed", "status details", "status remarkable", "slack remarkable",
                  "explain imported", "explain total", "explain pnl", "explain pnl BTC",
                  "explain twr", "explain xirr")  # fmt: skip


@LANGUAGES
@pytest.mark.parametrize("name", WITHOUT_A_MASK)
def test_what_has_only_an_amount_to_tell_is_left_out(language: str, name: str) -> None:
    assert HIDDEN not in shown(hidden(language)[name])


@LANGUAGES
def test_beside_a_hidden_amount_there_is_no_hidden_worth(language: str) -> None:
    mine = hidden(language)
    for name in ("lost", "record added, typed", "record changed"):
        assert shown(mine[name]).splitlines()[1].count(HIDDEN) == 0, shown(mine[name])


def test_no_remark_is_about_a_column_that_is_not_there() -> None:
    mine = {name: shown(one) for name, one in hidden("en").items()}
    assert "† a contract: no coin changes hands." in mine["trades"]
    assert not [name for name, text in mine.items() if "beside it what closing" in text or "realised in this" in text]


@LANGUAGES
def test_a_demo_on_its_way_is_explained_without_an_amount(language: str) -> None:
    now = DemoWorld(Scenario.BULL, NOW).portfolio(NOW)
    assert now.in_transit
    told = shown(compose.explain_total(now, replace(gallery.reader(), percent_only=True, language=language)))
    assert HIDDEN not in told
    assert "OKX" in told
    assert "okx" not in told
