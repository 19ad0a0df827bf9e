"""What is held: assets of one account or of all, dust folded, what has no price last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import KnownAccount, Portfolio, Priced, UnknownAccount, Unpriced, Valued
from portfolio_bot.model.statement import AccountId, SubAccount, Wallet
from portfolio_bot.report.compose.lens import STALE, Lens, feet
from portfolio_bot.report.compose.remarks import account_alerts
from portfolio_bot.report.compose.talk import user_error
from portfolio_bot.report.document import (
    FIGURE,
    NAME,
    Block,
    Cell,
    Column,
    Document,
    Folded,
    Foot,
    Foreign,
    Gap,
    Heading,
    Headline,
    Line,
    PageBreak,
    Row,
    Table,
    Text,
    Tone,
)
from portfolio_bot.report.numbers import CONTEXT
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.words import joined

DUST: Final = {"RUB": Decimal(100), "JPY": Decimal(100)}
SMALLEST: Final = Decimal(1)
"""Below this, in the lens's currency, assets are dust: told together."""

ROWS_PER_PAGE: Final = 15
WIDE_FROM: Final = 50
"""On a phone amount and price always stand below the name, so that every row reads alike."""

_BELOW: Final = Column(right=True, below=True)
COLUMNS: Final = (NAME, _BELOW, _BELOW, FIGURE, FIGURE)


@dataclass(slots=True)
class Held:
    """An asset added up over wallets or accounts."""

    asset: Asset
    covered: bool = True
    amount: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    prices: set[Decimal] = field(default_factory=set)

    def add(self, row: Priced) -> None:
        self.amount = CONTEXT.add(self.amount, row.amount)
        self.value = CONTEXT.add(self.value, row.value)
        self.prices.add(row.price)

    @property
    def price(self) -> Decimal | None:
        """The one price, else the average; None where it says nothing."""
        if not self.amount or not self.covered:
            return None
        if len(self.prices) == 1:
            return next(iter(self.prices))
        average = CONTEXT.divide(self.value, self.amount)
        return average if average > 0 else None


def balance(portfolio: Portfolio, reader: Reader, *, account: AccountId | None = None) -> Document:
    """All assets over all accounts, or one account by its wallets.

    Args:
        account: an id or a shown name, in whatever case; an unknown one gives a document that says which there are.
    """
    lens = Lens.of(portfolio, reader)
    if account is None:
        return _everything(lens)
    wanted = account.casefold()
    for candidate in portfolio.accounts:
        if wanted in {candidate.id.casefold(), candidate.name.casefold()}:
            return _one(lens, candidate) if isinstance(candidate, KnownAccount) else _unknown(lens, candidate)
    ids = lens.voice.all_of([candidate.id for candidate in portfolio.accounts])
    return user_error(lens.voice.say("no_such_account", given=Foreign(account), ids=ids), reader)


def folds(lens: Lens) -> list[Block]:
    """Each account's assets, folded."""
    found: list[Block] = []
    for account in lens.sorted_known():
        share = "" if lens.failed() else lens.numbers.share(lens.value(account.total.amount), lens.total)
        money = "" if lens.numbers.percent_only else lens.money(account.total.amount)
        figures = " · ".join(part for part in (money, share) if part)
        blocks: list[Block] = [*_wallet_totals(lens, account), *_subs(lens, account)]
        table = _table(lens, account.holdings, account.total.amount)
        if table.rows:
            blocks.append(table)
        if blocks:
            found.append(Folded(f"{account.name}{lens.mark(account)}  {figures}", tuple(blocks)))
    return found


def _everything(lens: Lens) -> Document:
    known = lens.sorted_known()
    holdings = [row for account in known for row in account.holdings]
    assets = len({(row.asset) for row in holdings})
    at_least = bool(lens.failed())
    figure = lens.numbers.headline(lens.total, lens.currency) + ("" if lens.complete or at_least else STALE)
    phrase = "assets_at_least" if at_least else "assets_headline"
    count = lens.voice.count("assets", assets)
    told = count if lens.numbers.percent_only else lens.voice.say(phrase, figure=figure, assets=count)
    blocks: list[Block] = [Headline(told)]
    if at_least:
        names = lens.voice.listed([account.name for account in lens.failed()])
        blocks.append(Line(lens.voice.say("unknown_accounts", names=names)))
    table = _table(lens, holdings, Decimal(0) if at_least else lens.portfolio_total)
    blocks += [*_paged(table), *_moving(lens, Decimal(0) if at_least else lens.portfolio_total)]
    stale = [account.name for account in known if lens.mark(account) == STALE]
    if stale:
        blocks.append(Foot(STALE, lens.voice.say("values_stand_in", names=lens.voice.listed(stale))))
    return Document((*blocks, Gap(), lens.closing()), lens.watermark)


def _one(lens: Lens, account: KnownAccount) -> Document:
    share = "" if lens.failed() else lens.numbers.share(lens.value(account.total.amount), lens.total)
    figure = lens.numbers.headline(lens.value(account.total.amount), lens.currency) + lens.mark(account)
    named = f"{account.name}{lens.mark(account)}" if lens.numbers.percent_only else account.name
    if lens.numbers.percent_only:
        figure = ""
    blocks: list[Block] = [Headline(" · ".join(part for part in (figure, named, share) if part))]
    native = account.native_currency
    told = native is not None and native not in {"USD", lens.currency} and not lens.numbers.percent_only
    if told and account.native_total is not None and native is not None:
        blocks.append(Line(lens.voice.say("kept_in", figure=lens.numbers.money(account.native_total, native))))
    blocks += _subs(lens, account)
    wallets = _by_wallet(account.holdings)
    for wallet, rows in wallets.items():
        total = sum((row.value for row in rows if isinstance(row, Priced)), Decimal(0))
        if len(wallets) > 1:
            figure = lens.part(total, account.total.amount) if lens.numbers.percent_only else lens.money(total)
            blocks.append(Heading(f"{lens.voice.words.wallets[wallet]}  {figure}".rstrip()))
        blocks += _paged(_table(lens, rows, account.total.amount))
    if not wallets:
        blocks.append(Line(lens.voice.say("holds_nothing")))
    if account.failure is not None:
        blocks += feet(lens, [(STALE, account.name, *lens.failure_foot(account, account.failure))])
    blocks += [Gap(), *account_alerts(lens, account), *_unread(lens, account), Gap(), lens.closing()]
    return Document(tuple(blocks), lens.watermark)


def _unknown(lens: Lens, account: UnknownAccount) -> Document:
    blocks: list[Block] = [Headline(lens.voice.say("account_unknown", name=account.name))]
    blocks += feet(lens, [("", account.name, *lens.failure_foot(account, account.failure))])
    return Document((*blocks, Gap(), lens.closing()), lens.watermark)


def _table(lens: Lens, rows: Iterable[Valued], whole: Decimal) -> Table:
    """Assets by value, debts after them, dust together, what has no price last.

    Args:
        whole: USD that shares are of; 0 for no shares.
    """
    rows = list(rows)
    priced = sorted(added_up(rows), key=lambda held: -held.value)
    dust = [held for held in priced if abs(lens.value(held.value)) < smallest(lens)]
    if len(dust) < 2:
        dust = []
    told = [_priced(lens, held, whole) for held in priced if held not in dust]
    if dust:
        total = sum((held.value for held in dust), Decimal(0))
        limit = lens.numbers.limit(smallest(lens), lens.currency)
        more = lens.voice.count("more", len(dust))
        figure = lens.numbers.share(total, whole) if lens.numbers.percent_only else lens.money(total)
        told.append(Row.over(lens.voice.word("dust", more=more, limit=limit, total=figure)))
    told += [_no_price(lens, asset, amount) for asset, amount in _without_price(rows).items()]
    return Table(COLUMNS, tuple(told), wide_from=WIDE_FROM)


def _moving(lens: Lens, whole: Decimal) -> Iterator[Block]:
    """What is between accounts: a row for each."""
    moving = lens.portfolio.in_transit
    if not moving:
        return
    known = [one.value for one in moving if not isinstance(one.value, Unknown)]
    total = sum(known, Decimal(0))
    figure = lens.numbers.share(total, whole) if lens.numbers.percent_only else lens.money(total)
    yield Heading(f"{lens.voice.word('in_transit')}  {figure}".rstrip())
    rows = []
    for one in moving:
        if isinstance(one.value, Unknown):
            rows.append(_no_price(lens, one.asset, one.amount))
        else:
            price = CONTEXT.divide(one.value, one.amount)
            rows.append(_priced(lens, Held(one.asset, amount=one.amount, value=one.value, prices={price}), whole))
    yield from _paged(Table(COLUMNS, tuple(rows), wide_from=WIDE_FROM))


def _no_price(lens: Lens, asset: Asset, amount: Decimal) -> Row:
    figure = Cell(lens.voice.word("no_price_short"))
    return Row((Cell(asset, foreign=True), Cell(lens.numbers.amount(amount)), Cell(""), figure))


def _priced(lens: Lens, held: Held, whole: Decimal) -> Row:
    name = Cell(held.asset, foreign=True) if held.covered else Cell(lens.voice.word("not_itemised"))
    price = held.price
    plain = held.asset == lens.currency or price is None
    return Row(
        (
            name,
            Cell("" if plain else lens.numbers.amount(held.amount)),
            Cell("" if plain or price is None else lens.numbers.price(lens.value(price))),
            Cell("" if lens.numbers.percent_only else lens.bare(held.value)),
            Cell(lens.numbers.share(held.value, whole)),
        )
    )


def smallest(lens: Lens) -> Decimal:
    """Below this assets are dust, in the lens's currency."""
    return DUST.get(lens.currency, SMALLEST)


def added_up(rows: Iterable[Valued]) -> list[Held]:
    """By asset what has a price; what no row covers apart from it."""
    found: dict[tuple[Asset, bool], Held] = {}
    for row in rows:
        if isinstance(row, Priced):
            found.setdefault((row.asset, row.covered), Held(row.asset, row.covered)).add(row)
    return list(found.values())


def _without_price(rows: Iterable[Valued]) -> dict[Asset, Decimal]:
    found: dict[Asset, Decimal] = {}
    for row in rows:
        if isinstance(row, Unpriced):
            found[row.asset] = CONTEXT.add(found.get(row.asset, Decimal(0)), row.amount)
    return found


def _by_wallet(rows: Iterable[Valued]) -> dict[Wallet, list[Valued]]:
    found: dict[Wallet, list[Valued]] = {}
    for row in rows:
        found.setdefault(row.wallet, []).append(row)
    return found


def _wallet_totals(lens: Lens, account: KnownAccount) -> Iterator[Line]:
    wallets = _by_wallet(account.holdings)
    if len(wallets) < 2:
        return
    totals = {
        wallet: sum((row.value for row in rows if isinstance(row, Priced)), Decimal(0))
        for wallet, rows in wallets.items()
    }
    told = (
        f"{lens.voice.words.wallets[wallet]} {lens.part(total, account.total.amount)}".rstrip()
        for wallet, total in totals.items()
    )
    yield Line(" · ".join(told), Tone.QUIET)


def _subs(lens: Lens, account: KnownAccount) -> Iterator[Line]:
    """What lies inside a broker's credential, where it is more than one."""
    if len(account.sub_accounts) > 1:
        yield from (Line(_sub(lens, sub), Tone.QUIET) for sub in account.sub_accounts)


def _sub(lens: Lens, sub: SubAccount) -> Text:
    if lens.numbers.percent_only:
        return joined((Foreign(sub.name),), (Foreign(sub.id),))
    value = lens.voice.word("not_valued") if sub.total is None else lens.numbers.money(sub.total, sub.currency)
    return joined((Foreign(sub.name),), (Foreign(sub.id),), value)


def _unread(lens: Lens, account: KnownAccount) -> Iterator[Line]:
    yield from (Line(text, Tone.QUIET) for text in lens.voice.all_unreadable(account.name, account.unreadable))


def _paged(table: Table) -> Sequence[Block]:
    """The table in pages of so many rows."""
    blocks: list[Block] = []
    for start in range(0, len(table.rows), ROWS_PER_PAGE):
        if start:
            blocks.append(PageBreak())
        blocks.append(replace(table, rows=table.rows[start : start + ROWS_PER_PAGE]))
    return blocks
