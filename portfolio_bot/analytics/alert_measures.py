"""What the rules of alerts measure, from portfolios and their past. Everything in percent; prices and values in USD.

Prices that stand in for missing ones measure nothing, nor does a price of one venue beside that of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from portfolio_bot.analytics.alert_states import AlertRule, Measure, Part, Subject, Told
from portfolio_bot.analytics.digits import at_fifty_digits
from portfolio_bot.analytics.returns import twr
from portfolio_bot.analytics.series import Flow, Valuation
from portfolio_bot.model.figure import Known, Note
from portfolio_bot.model.instrument import FIAT, Asset, FxRate, FxState, PriceSource
from portfolio_bot.model.money import ZERO
from portfolio_bot.model.portfolio import Complete, KnownAccount, Portfolio, Priced, ReadingState
from portfolio_bot.model.statement import AccountId, Wallet

_STABLE = "USDT USDC DAI FDUSD TUSD USDE PYUSD USDD GUSD USDP BUSD USD1 USDS RLUSD LUSD FRAX USDG"
STABLE: Final = frozenset(_STABLE.split())
"""Coins that promise a dollar."""

LEAST_SHARE: Final = Decimal("0.10")
"""An asset below this share of the whole moves without a word, unless its limit was set for it alone."""

DUST: Final = Decimal("0.001")
"""Below this share a stablecoin is too little to lose sleep over."""

COVERED: Final = Decimal(1)
"""Percent of a venue's own total that may be missing, or too much."""

REARMED: Final = Decimal(1)
"""Percent below the highest close that a value must have been before a new high is news again."""

CREDITED: Final = timedelta(hours=6)
"""So long before its money is there a deposit may be dated."""

DEFAULTS: Final[Mapping[AlertRule, Decimal | None]] = {
    AlertRule.TOTAL: Decimal(5),
    AlertRule.DRAWDOWN: Decimal(15),
    AlertRule.ASSET: Decimal(10),
    AlertRule.SHARE: None,
    AlertRule.DEPEG: Decimal(2),
    AlertRule.FX: Decimal(3),
    AlertRule.HIGH: REARMED,
    AlertRule.SOURCE: ZERO,
    AlertRule.COVERAGE: COVERED,
    AlertRule.KEY: ZERO,
    AlertRule.OUTFLOW: ZERO,
}
"""Limits in percent; None is off. A zero stands for a rule that has no limit to choose."""

_Rows: TypeAlias = dict[tuple[AccountId, Asset], tuple[Decimal, Decimal]]
_STANDS_IN = frozenset({PriceSource.KNOWN_BEFORE, PriceSource.ASSUMED_PAR})
_SPLIT = Decimal("0.02")
_HUNDRED = Decimal(100)
_MOST_PARTS = 2
_WORTH_NAMING = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is an alert.

    Attributes:
        rules: by rule, in percent; None for one that is off.
        single: set for one asset alone; None there is off too.
    """

    rules: Mapping[AlertRule, Decimal | None] = field(default_factory=lambda: dict(DEFAULTS))
    single: Mapping[Subject, Decimal | None] = field(default_factory=dict)

    def of(self, subject: Subject) -> Decimal | None:
        """The limit of a subject; None where nobody wants to hear of it."""
        return self.single[subject] if subject in self.single else self.rules[subject.rule]

    @property
    def off(self) -> frozenset[AlertRule]:
        """Rules that watch nothing."""
        watched = {subject.rule for subject, limit in self.single.items() if limit is not None}
        return frozenset(rule for rule, limit in self.rules.items() if limit is None and rule not in watched)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Valuations from an earlier instant to now, and what crossed the border meanwhile."""

    series: Sequence[Valuation]
    flows: Sequence[Flow]

    def since(self, instant: datetime) -> Stretch:
        """The part that begins there."""
        return Stretch([one for one in self.series if one.at >= instant], self.flows)

    @at_fifty_digits
    def percent(self) -> Decimal | None:
        """The time-weighted return in percent; None where there is none to rely on."""
        figure = twr(self.series, self.flows).figure if len(self.series) > 1 else None
        if not isinstance(figure, Known) or Note.SUSPECTED_MISALIGNMENT in figure.notes:
            return None
        return figure.value * _HUNDRED

    def growth_since(self, instant: datetime) -> tuple[Decimal, ...] | None:
        """In percent; and once more from before money that is dated shortly before the instant, if there is such.

        Its record may be older than its arrival: then only both together tell that it was no gain. None where there is
        none to rely on.
        """
        dated = [flow.at for flow in self.flows if instant - CREDITED <= flow.at < instant]
        starts = [instant]
        if dated and self.series:
            starts.append(max((one.at for one in self.series if one.at <= min(dated)), default=self.series[0].at))
        found = [self.since(start).percent() for start in starts]
        known = tuple(one for one in found if one is not None)
        return known if len(known) == len(starts) else None

    def net_flows(self) -> Decimal:
        """What came in less what went out."""
        first, last = self.series[0].at, self.series[-1].at
        return sum((flow.amount for flow in self.flows if first <= flow.at < last), ZERO)


@at_fifty_digits
def without_news(now: Portfolio, lately: Portfolio, stretch: Stretch) -> Decimal | None:
    """What part of the whole would be there without the money that came or went lately and has no record yet.

    A venue shows money before it lists the deposit. Prices explain one part of what the whole gained, records another;
    the rest may still get a record, be it that trades, interest or futures are behind it.

    Args:
        lately: the newest snapshot of which everything is on record that ever will be.
        stretch: from `lately` or earlier to `now`.

    Returns:
        A factor for `now`; None where that cannot be told.
    """
    whole, earlier, meanwhile = _whole(now), _whole(lately), stretch.since(lately.at)
    same = {one.id for one in now.accounts} == {one.id for one in lately.accounts}
    if whole <= 0 or earlier <= 0 or not same or not meanwhile.series:
        return None
    then, by_prices = _rows(lately), ZERO
    for key, (_, price) in _rows(now).items():
        if key in then:
            amount, price_then = then[key]
            by_prices += amount * (price - price_then)
    news = whole - earlier - by_prices - meanwhile.net_flows()
    return (whole - news) / whole


def total(
    now: Portfolio,
    before: Portfolio,
    stretch: Stretch,
    limit: Decimal,
    against: datetime | None = None,
    known: Decimal | None = None,
) -> Measure | None:
    """The whole against a day ago.

    Args:
        stretch: from `CREDITED` before `before`, or earlier, to `now`.
        against: what an alert of earlier was compared with; None for no such.
        known: as `without_news` gives it.
    """
    day, growth = stretch.since(before.at), stretch.growth_since(before.at)
    if growth is None:
        return None
    value, *others = growth
    told = Told(
        now=day.series[-1].value,
        before=day.series[0].value,
        flows=day.net_flows(),
        parts=parts(now, before),
        when=before.at,
    )
    whole_way = None if against is None else stretch.since(against).percent()
    others += [] if known is None else [_settled(value, known)]
    return Measure(Subject(AlertRule.TOTAL), value, limit, told, before.at, whole_way, settled=tuple(others))


@at_fifty_digits
def _settled(percent: Decimal, known: Decimal) -> Decimal:
    """A growth without what has no record yet."""
    return ((1 + percent / _HUNDRED) * known - 1) * _HUNDRED


@at_fifty_digits
def parts(now: Portfolio, before: Portfolio) -> tuple[Part, ...]:
    """Which assets did most of a change by their prices alone, as far as they were held all the time."""
    found: dict[Asset, Decimal] = {}
    then = _rows(before)
    for (account, asset), (amount, price) in _rows(now).items():
        if (account, asset) in then:
            held, earlier = then[account, asset]
            least = min(held, amount, key=abs)
            found[asset] = found.get(asset, ZERO) + least * (price - earlier)
    most = sorted(found.items(), key=lambda one: (-abs(one[1]), one[0]))[:_MOST_PARTS]
    return tuple(Part(asset, value) for asset, value in most if abs(value) >= _WORTH_NAMING * abs(most[0][1]) and value)


@at_fifty_digits
def moves(
    now: Portfolio, before: Portfolio | None, limits: Limits, starts: Mapping[Subject, Portfolio] | None = None
) -> list[Measure]:
    """Prices and the rouble against a day ago; shares and stablecoins as they are.

    Args:
        now: complete.
        before: a day ago; None where nothing can be compared with.
        starts: for subjects that were raised: the portfolio they were compared with.
    """
    found = [*_shares(now, limits), *_pegs(now, limits)]
    if before is not None:
        found += [*_prices(now, before, limits, starts or {}), *_roubles(now, before, limits)]
    return found


def _prices(
    now: Portfolio, before: Portfolio, limits: Limits, starts: Mapping[Subject, Portfolio]
) -> Iterator[Measure]:
    """What is held, each by its price on the account that holds most of it."""
    whole, new, old = _whole(now), _rows(now), _rows(before)
    for asset, worth in sorted(_held(new).items()):
        subject = Subject(AlertRule.ASSET, asset)
        limit = limits.of(subject)
        large = subject in limits.single or (whole > 0 and worth >= LEAST_SHARE * whole)
        if limit is None or not large or asset in FIAT or asset in STABLE:
            continue
        move = _move(now, new, old, asset)
        if move is None:
            continue
        start = starts.get(subject)
        way = _move(now, new, _rows(start), asset) if start is not None else None
        value, price, earlier = move
        told = Told(asset, price, earlier, parts=(Part(asset, worth),), when=before.at)
        yield Measure(subject, value, limit, told, before.at, None if way is None else way[0])


def _shares(now: Portfolio, limits: Limits) -> Iterator[Measure]:
    """Each asset's share of the whole, where somebody set a limit for it."""
    whole = _whole(now)
    for asset, worth in sorted(_held(_rows(now)).items()):
        subject = Subject(AlertRule.SHARE, asset)
        limit = limits.of(subject)
        if limit is not None and whole > 0 and worth > 0:
            yield Measure(subject, worth / whole * _HUNDRED, limit, Told(asset, now=worth, before=whole))


def _pegs(now: Portfolio, limits: Limits) -> Iterator[Measure]:
    """Each stablecoin that is held, by its distance from a dollar."""
    whole = _whole(now)
    amounts: dict[Asset, tuple[Decimal, Decimal]] = {}
    for (_, asset), (amount, price) in _rows(now).items():
        if asset in STABLE and amount > 0:
            so_far, worth = amounts.get(asset, (ZERO, ZERO))
            amounts[asset] = so_far + amount, worth + amount * price
    for asset, (amount, worth) in sorted(amounts.items()):
        subject = Subject(AlertRule.DEPEG, asset)
        limit = limits.of(subject)
        if limit is None or whole <= 0 or worth < DUST * whole:
            continue
        price = worth / amount
        yield Measure(subject, (price - 1) * _HUNDRED, limit, Told(asset, now=price, amount=amount))


def _roubles(now: Portfolio, before: Portfolio, limits: Limits) -> Iterator[Measure]:
    """What a dollar costs in roubles, by the same publisher both times."""
    subject, new, old = Subject(AlertRule.FX, "RUB"), now.rates.get("RUB"), before.rates.get("RUB")
    limit = limits.of(subject)
    if limit is None or not isinstance(new, FxRate) or not isinstance(old, FxRate):
        return
    relied_on = new.state in {FxState.LIVE, FxState.CACHED} and new.provider == old.provider
    if relied_on:
        value = (new.rate / old.rate - 1) * _HUNDRED
        yield Measure(subject, value, limit, Told("RUB", new.rate, old.rate, when=before.at))


@at_fifty_digits
def coverages(now: Portfolio, limits: Limits) -> list[Measure]:
    """How far what was read of each account differs from the venue's own total."""
    return list(_coverages(now, limits))


def _coverages(now: Portfolio, limits: Limits) -> Iterator[Measure]:
    for account in now.accounts:
        if not isinstance(account, KnownAccount) or not _answered(account) or account.coverage is None:
            continue
        subject = Subject(AlertRule.COVERAGE, account.id)
        limit, percent = limits.of(subject), account.coverage.percent
        if limit is None:
            continue
        # nothing by the venue's own word, and yet something was read: as far off as can be
        off = percent - _HUNDRED if percent is not None else _HUNDRED if account.coverage.gap else ZERO
        told = Told(account.name, before=account.coverage.venue_total, now=account.coverage.gap, amount=percent)
        yield Measure(subject, off, limit, told)


@at_fifty_digits
def heights(
    levels: Sequence[Decimal],
    peak: Decimal,
    peak_at: datetime,
    nav: Decimal,
    limits: Limits,
    *,
    long_enough: bool = True,
) -> list[Measure]:
    """The growth of one unit of money now beside that at the highest close.

    Args:
        levels: growth by the time-weighted index; then what it may be instead, once every record is there.
        peak: by the same index.
        nav: USD.
        long_enough: there are closes enough to call anything a high.
    """
    if peak <= 0:
        return []
    value, *others = ((level / peak - 1) * _HUNDRED for level in levels)
    told = Told(now=nav, when=peak_at)
    found = []
    fall, rise = limits.of(Subject(AlertRule.DRAWDOWN)), limits.of(Subject(AlertRule.HIGH))
    if fall is not None:
        depths = tuple(min(one, ZERO) for one in others)
        found.append(Measure(Subject(AlertRule.DRAWDOWN), min(value, ZERO), fall, told, settled=depths))
    if rise is not None and long_enough:
        found.append(Measure(Subject(AlertRule.HIGH), value, rise, told, settled=tuple(others)))
    return found


def _whole(portfolio: Portfolio) -> Decimal:
    return portfolio.total_usd.value.amount if isinstance(portfolio.total_usd, Complete) else ZERO


def _answered(account: KnownAccount) -> bool:
    return account.state in {ReadingState.LIVE, ReadingState.CACHED}


def _held(rows: _Rows) -> dict[Asset, Decimal]:
    """USD by asset."""
    found: dict[Asset, Decimal] = {}
    for (_, asset), (amount, price) in rows.items():
        found[asset] = found.get(asset, ZERO) + amount * price
    return found


@at_fifty_digits
def _rows(portfolio: Portfolio) -> _Rows:
    """Amount and price of each asset on each account; without prices that stand in, and without gaps."""
    found: dict[tuple[AccountId, Asset], tuple[Decimal, Decimal]] = {}
    for account in portfolio.accounts:
        if not isinstance(account, KnownAccount):
            continue
        for row in account.holdings:
            if not isinstance(row, Priced) or not row.covered or row.source in _STANDS_IN or row.price <= 0:
                continue
            amount, price = found.get((account.id, row.asset), (ZERO, row.price))
            found[account.id, row.asset] = amount + row.amount, price
    return found


@at_fifty_digits
def _move(now: Portfolio, new: _Rows, old: _Rows, asset: Asset) -> tuple[Decimal, Decimal, Decimal] | None:
    """By how much percent a price moved, and the two prices; None where no account had it both times."""
    both = [key for key in new if key[1] == asset and key in old]
    if not both:
        return None
    key = max(both, key=lambda one: (new[one][0] * new[one][1], one))
    (amount, price), (held, earlier) = new[key], old[key]
    ratio = price / earlier
    is_split = held and abs(ratio * amount / held - 1) < _SPLIT < abs(ratio - 1)
    if is_split and _is_security(now, asset):
        return None  # a share that was split costs less, and there are more of it
    return (ratio - 1) * _HUNDRED, price, earlier


def _is_security(portfolio: Portfolio, asset: Asset) -> bool:
    accounts = (account for account in portfolio.accounts if isinstance(account, KnownAccount))
    return any(row.asset == asset and row.wallet is Wallet.SECURITY for account in accounts for row in account.holdings)
