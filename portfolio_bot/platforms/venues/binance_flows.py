"""What crosses the border of a Binance account: the chain, the bank, the card, other people.

How far back it goes: deposits, withdrawals, bank and card to the beginning; P2P to June 2020; Pay 18 months.

A withdrawal that is not finished stands in the wallet's column `withdrawing`, and there it is counted as owned; it is
under way only once that column no longer holds it. A withdrawal that Binance has not confirmed yet is never a flow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.flow import SIGNS, CashFlow, FlowKind
from portfolio_bot.model.money import ZERO
from portfolio_bot.platforms.ledger import Ask, Batch, CutShort, Span, Stream, StreamReader
from portfolio_bot.platforms.paging import between, by_count, by_number, each_once, iso_moment, moment, unless_full
from portfolio_bot.platforms.records import exchanged, flow, one_of
from portfolio_bot.platforms.strict import Row, amount, maybe, rows, said, stated, text
from portfolio_bot.platforms.venue import Api, Refused, upper

LIMIT = 1000
PAY_LIMIT = 100
FIAT_PAGE = 500
P2P_BEGAN = datetime(2020, 6, 10, tzinfo=UTC)
"""Binance refuses to be asked for P2P trades before that day."""

CREDITED, NO_DEPOSIT = frozenset({"1", "6"}), frozenset({"2", "7"})
SENT, NOT_SENT = frozenset({"6"}), frozenset({"1", "3", "5"})
BOOKED = frozenset({"successful", "finished", "completed", "order partial credit stopped"})
UNDECIDED = frozenset({"processing", "pending"})
OWN_MONEY = "cash balance"
"""How a purchase was paid that took its currency from the account and not from a card."""

_STATUS_CHANGES = timedelta(days=60)
"""How long a transfer may be held up; so much fits into one question anyway."""

_SURELY_TAKEN = timedelta(days=60)
_P2P = {"BUY": FlowKind.DEPOSIT, "SELL": FlowKind.WITHDRAWAL}
_FUNDING, _SPOT = "1", "0"


async def deposits(ask: Ask) -> Batch:
    """From the chain, and from other users of Binance. Credited counts, even where it cannot be withdrawn yet."""
    found = await _by_offset(ask, "sapi_get_capital_deposit_hisrec")
    records: list[CashFlow] = []
    for row in found:
        if text(row, "status") in CREDITED:
            at = moment(row, "completeTime") if maybe(row, "completeTime") else moment(row, "insertTime")
            asset, txid = upper(text(row, "coin")), _txid(row)
            records += flow(ask, FlowKind.DEPOSIT, text(row, "id"), at, asset, amount(row, "amount"), txid=txid)
    return Batch(tuple(records), _ids(found, NO_DEPOSIT))


async def withdrawals(ask: Ask) -> Batch:
    """To the chain, and to other users of Binance; the fee is on top of the amount."""
    found = await _by_offset(ask, "sapi_get_capital_withdraw_history")
    done = [row for row in found if text(row, "status") in SENT]
    pending = [row for row in found if text(row, "status") not in SENT | NOT_SENT]
    records = [record for row in done for record in _withdrawal(ask, row, settled=True)]
    for row in await _gone(ask.api, pending):
        records += _withdrawal(ask, row, settled=False)
    return Batch(tuple(records), _ids(found, NOT_SENT))


async def fiat_orders(ask: Ask) -> Batch:
    """To and from a bank. Binance allows four questions a minute."""
    records: list[CashFlow] = []
    void: list[str] = []
    for direction in ("0", "1"):
        for row in await _fiat(ask, "sapi_get_fiat_orders", direction):
            if not _booked(row):
                void += [text(row, "orderNo")] if _never(row) else []
                continue
            gross, net, fee = amount(row, "indicatedAmount"), amount(row, "amount"), stated(row, "totalFee")
            order, at, asset = text(row, "orderNo"), moment(row, "createTime"), upper(text(row, "fiatCurrency"))
            detail = said(row, "method")
            if direction == "0":
                records += flow(ask, FlowKind.DEPOSIT, order, at, asset, min(net, gross - fee), detail=detail)
            else:
                debited = max(net, gross)
                kind = FlowKind.WITHDRAWAL
                records += flow(ask, kind, order, at, asset, fee - debited, fee=fee, detail=detail)
    return Batch(tuple(records), tuple(void))


async def fiat_payments(ask: Ask) -> Batch:
    """Coins bought and sold against a currency.

    A purchase by card is money that came from outside and was exchanged at once: a deposit of what the card paid, and
    a conversion of it. One that was paid from the account's own currency is the conversion alone, and so is a sale:
    what becomes of its currency, a bank order tells.
    """
    records: list[CashFlow] = []
    void: list[str] = []
    for direction in ("0", "1"):
        for row in await _fiat(ask, "sapi_get_fiat_payments", direction):
            if not _booked(row):
                void += _sides(row) if _never(row) else []
                continue
            records += _purchase(ask, row) if direction == "0" else _sale(ask, row)
    return Batch(tuple(records), tuple(void))


async def pay(ask: Ask) -> Batch:
    """Binance Pay and gifts: to and from other users, + received, - spent, of one or several coins."""
    answer = await ask.api.call("sapi_get_pay_transactions", {**between(ask.span), "limit": PAY_LIMIT})
    records: list[CashFlow] = []
    for row in unless_full(rows(answer, "data"), PAY_LIMIT):
        total, deal, at = amount(row, "amount"), text(row, "transactionId"), moment(row, "transactionTime")
        detail = said(row, "orderType")
        spent = _spent(row) if total < 0 else {}
        coins = {coin: -part for coin, part in spent.items()} or {upper(text(row, "currency")): total}
        kind = FlowKind.WITHDRAWAL if total < 0 else FlowKind.DEPOSIT
        for coin, part in coins.items():
            name = deal if len(coins) == 1 else f"{deal}:{coin}"
            records += flow(ask, kind, name, at, coin, part, txid=deal, detail=detail)
    return Batch(tuple(records))


async def p2p(ask: Ask) -> Batch:
    """Coins bought from and sold to other people, whose currency never touches the account."""
    if ask.span.end <= P2P_BEGAN:
        return Batch()
    span = Span(max(ask.span.start, P2P_BEGAN), ask.span.end)
    method = "sapi_get_c2c_ordermatch_listuserorderhistory"
    found = await by_count(ask.api, method, between(span), page="page", path="data")
    records: list[CashFlow] = []
    for row in each_once(found, lambda row: text(row, "orderNumber")):
        if text(row, "orderStatus") != "COMPLETED":
            continue
        kind = one_of(_P2P, row, "tradeType")
        moved = amount(row, "amount") * SIGNS[kind]
        at, fee, asset = moment(row, "createTime"), stated(row, "commission"), upper(text(row, "asset"))
        order = text(row, "orderNumber")
        records += flow(ask, kind, order, at, asset, moved, fee=fee, detail=f"P2P {text(row, 'tradeType')}")
    return Batch(tuple(records))


def _withdrawal(ask: Ask, row: Row, *, settled: bool) -> list[CashFlow]:
    return flow(
        ask,
        FlowKind.WITHDRAWAL,
        text(row, "id"),
        iso_moment(row, "applyTime"),
        upper(text(row, "coin")),
        -amount(row, "amount"),
        fee=stated(row, "transactionFee"),
        txid=_txid(row),
        settled=settled,
    )


async def _gone(api: Api, pending: Sequence[Row]) -> list[Row]:
    """Those that no wallet shows as on its way out any more."""
    columns: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    wallets = {_wallet(row) for row in pending}
    for wallet, method in ((_SPOT, "sapiv3_post_asset_getuserasset"), (_FUNDING, "sapi_post_asset_get_funding_asset")):
        for row in rows(await api.call(method)) if wallet in wallets else ():
            columns[wallet, text(row, "asset")] += amount(row, "withdrawing", blank=ZERO)
    gone: list[Row] = []
    for row in sorted(pending, key=lambda row: text(row, "applyTime")):
        place = _wallet(row), text(row, "coin")
        if columns[place] >= amount(row, "amount"):
            columns[place] -= amount(row, "amount")
        else:
            gone.append(row)
    return gone


def _wallet(row: Row) -> str:
    return _FUNDING if row.get("walletType") in {1, _FUNDING} else _SPOT


def _purchase(ask: Ask, row: Row) -> list[CashFlow]:
    order, at = text(row, "orderNo"), moment(row, "createTime")
    currency, coin = upper(text(row, "fiatCurrency")), upper(text(row, "cryptoCurrency"))
    paid, fee, method = amount(row, "sourceAmount"), stated(row, "totalFee"), _method(row)
    bought = exchanged(ask, order, at, (currency, paid - fee, fee), (coin, amount(row, "obtainAmount"), ZERO), method)
    if method.casefold() == OWN_MONEY:
        return bought
    return [*flow(ask, FlowKind.DEPOSIT, f"{order}:paid", at, currency, paid, txid=order, detail=method), *bought]


def _sale(ask: Ask, row: Row) -> list[CashFlow]:
    """Binance documents what it prints for purchases only: the price tells which of the two amounts is the coin's."""
    order, at = text(row, "orderNo"), moment(row, "createTime")
    currency, coin = upper(text(row, "fiatCurrency")), upper(text(row, "cryptoCurrency"))
    one, other, price = amount(row, "sourceAmount"), amount(row, "obtainAmount"), amount(row, "price")
    fee = stated(row, "totalFee")
    sold, received = (one, other) if abs(one * price - other) < abs(other * price - one) else (other, one)
    return exchanged(ask, order, at, (coin, sold, ZERO), (currency, received + fee, fee), _method(row))


def _spent(row: Row) -> dict[str, Decimal]:
    """The coins that a payment took; empty where it names none."""
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for part in rows(row, "fundsDetail") if row.get("fundsDetail") else ():
        found[upper(text(part, "currency"))] += abs(amount(part, "amount"))
    return {coin: part for coin, part in found.items() if part}


def _booked(row: Row) -> bool:
    return text(row, "status").casefold() in BOOKED


def _never(row: Row) -> bool:
    """Whether it certainly never happened."""
    return text(row, "status").casefold() not in BOOKED | UNDECIDED


def _sides(row: Row) -> list[str]:
    """The ids of everything that a purchase or a sale would have been recorded as."""
    order, currency, coin = text(row, "orderNo"), upper(text(row, "fiatCurrency")), upper(text(row, "cryptoCurrency"))
    return [f"{order}:paid", *(f"{order}:{asset}:{side}" for asset in (currency, coin) for side in ("in", "out"))]


async def _by_offset(ask: Ask, method: str) -> list[Row]:
    async def page(offset: int) -> Sequence[Row]:
        return rows(await ask.api.call(method, {**between(ask.span), "offset": offset, "limit": LIMIT}))

    return each_once(await by_number(page, full=LIMIT, first=0, step=LIMIT), lambda row: text(row, "id"))


async def _fiat(ask: Ask, method: str, direction: str) -> list[Row]:
    """Binance names no longest span for these; where it refuses one, a shorter one is tried."""
    params = {**between(ask.span, "beginTime"), "transactionType": direction, "rows": FIAT_PAGE}
    try:
        found = await by_count(ask.api, method, params, page="page", path="data", full=FIAT_PAGE)
    except Refused as error:
        if error.failure.kind is FailureKind.BAD_ANSWER and ask.span.end - ask.span.start > _SURELY_TAKEN:
            raise CutShort from None
        raise
    return each_once(found, lambda row: text(row, "orderNo"))


def _ids(found: Sequence[Row], statuses: frozenset[str]) -> tuple[str, ...]:
    return tuple(text(row, "id") for row in found if text(row, "status") in statuses)


def _txid(row: Row) -> str | None:
    return said(row, "txId", longest=128) or None


def _method(row: Row) -> str:
    return said(row, "paymentMethod")


BORDER = (
    StreamReader(
        Stream("deposits", "deposits", window=timedelta(days=90), again=_STATUS_CHANGES, border=True), deposits
    ),
    StreamReader(
        Stream("withdrawals", "withdrawals", window=timedelta(days=90), again=_STATUS_CHANGES, border=True), withdrawals
    ),
    StreamReader(
        Stream("fiat payments", "card purchases", window=timedelta(days=90), again=_STATUS_CHANGES, border=True),
        fiat_payments,
    ),
    StreamReader(Stream("pay", "Binance Pay", window=timedelta(days=90), keeps=timedelta(days=540), border=True), pay),
    StreamReader(Stream("p2p", "P2P trades", window=timedelta(days=30), border=True), p2p),
)
"""Read for every account; bank orders (`fiat_orders`) as often as the account has to do with a currency."""


def bank_orders(*, often: bool) -> StreamReader:
    """Deposits and withdrawals of currencies.

    Args:
        often: after every snapshot and not only daily: for accounts that hold a currency or have had one, since a
            question is so heavy.
    """
    stream = Stream("fiat orders", "bank transfers", again=_STATUS_CHANGES, border=often)
    return StreamReader(stream, fiat_orders)
