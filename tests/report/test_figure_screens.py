"""The screens of performance, profit and benchmark, to the letter; and that what they show adds up."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.analytics.attribution import Cause, Entry, Position, explain
from portfolio_bot.model.figure import Unknown
from portfolio_bot.report import compose, terminal
from portfolio_bot.report.document import Document
from portfolio_bot.report.figures_views import GainView
from portfolio_bot.report.layout import width
from tests.report import figures, gallery
from tests.report.shown import expected, text

ME = gallery.reader()
SCREENS = figures.documents(ME)
SNAPSHOTS = {
    "returns": """
        +$800.00 (+1.81%) on 19 Nov
        +$2,000.00 (+4.64%) over 10 days

                   $       %  flows
        19 Nov  +800  +1.81%
        18 Nov  −700  −1.56%
        17 Nov  +900  +2.05%
        16 Nov  −200  −0.45%
        15 Nov  +600  +1.38%
        14 Nov  +500  +1.16%
        13 Nov  −500  −1.15%   −300
        12 Nov  +400  +0.92%
        11 Nov  +500  +1.16%
        10 Nov  −300  −0.69%
        """,
    "returns in roubles": """
        +₽800 (+1.81%) on 19 Nov
        +₽100 (+0.22%) over 2 days

        19 Nov  +800  +1.81%
        18 Nov  −700  −1.56%
        """,
    "returns with holes": """
        +$1.50 (+3.00%) on 19 Nov
        −$93.50 (−100.00%) over 5 days

                    $         %  flows
        19 Nov     +2    +3.00%
        18 Nov*    +5   +16.67%    +45
        16–17 Nov: no complete close
        15 Nov*  −100  −100.00%

        * approximate, no total is known of the moment when money moved.
        * everything was lost on the way.
        """,
    "twr": """
        +8.77%* in 19 days
        $40,000.00 → $45,310.12, of it +$3,610.12 profit and $1,700.00 paid in
        1 Nov 12:00 – 20 Nov 14:24 Paris

        time-weighted*        +8.77%
        money-weighted        +8.79%
        of what was invested  +8.66%
        deepest fall          −3.22%
        volatility*            27.1%
        Sharpe*                 5.91
        Sortino*               10.11
        benchmark             +5.12%
        ahead of it           +3.10%

        * time-weighted, volatility, Sharpe, Sortino: approximate, no total is known of the moment when money moved.
        * volatility, Sharpe, Sortino: from fewer than 30 days.

        It fell from 2 Nov to 4 Nov and was back on 6 Nov.
        Longest below a peak: 3 days.

        Counted with flows weighted by time (Modified Dietz) and flows at the value before them.
        """,
    "twr of a day": """
        +0.23% in 24 h
        $44,000.00 → $44,100.00, of it +$100.00 profit
        19 Nov 12:00 – 20 Nov 12:00 Paris

        time-weighted         +0.23%
        money-weighted        +0.23%
        of what was invested  +0.23%
        deepest fall           0.00%
        benchmark             +5.12%
        ahead of it           +3.10%

        Volatility, Sharpe and Sortino unknown: it takes two days with a return.
        """,
    "twr of a loss": """
        −100.00%* in 4 days
        $100.00 → $60.00, of it −$90.00 profit and $50.00 paid in
        1 Nov 12:00 – 5 Nov 12:00 Paris

        time-weighted*        −100.00%
        money-weighted         −71.31%
        of what was invested   −60.00%
        deepest fall*         −100.00%
        now below its peak    −100.00%
        volatility*           1,228.3%
        Sharpe*                  −7.92
        Sortino*                 −8.82
        benchmark               +5.12%
        ahead of it             +3.10%

        * time-weighted, volatility, Sharpe, Sortino: everything was lost on the way.
        * deepest fall, volatility, Sharpe, Sortino: without days that have no return.
        * volatility, Sharpe, Sortino: from fewer than 30 days.

        It fell from 1 Nov to 2 Nov and is not back yet.
        Longest below a peak: 4 days.
        Since money came back: +20.00%.

        Counted with flows weighted by time (Modified Dietz).
        """,
    "pnl": """
        +$3,610.12 (+8.66%) in 19 days
        1 Nov 12:00 – 20 Nov 14:24 Paris

        start   40,000.00
        market  +3,416.80
        FX        +188.98
        flows   +1,700.00
        income     +12.34
        fees        −8.00
        end     45,310.12

        time-weighted +8.77%*

        * time-weighted: approximate, no total is known of the moment when money moved.

        Bought and sold, first in first out, in USD

        asset       open   realised
        BTC    +4,062.52  +1,095.00
        XRP    +1,510.00       0.00
        ADA*           –       0.00
        ETH*           –       0.00
        all    +5,572.52  +1,095.00

        funding          −1.56
        fees, in these  −11.00

        * ADA: a movement has no value in USD yet; the figures change when it gets one.
        * ETH: more left than is known to have come, or its cost is not known: that part is in no gain.

        Without a price: ADA.
        """,
    "pnl details": """
        +$3,610.12 (+8.66%) in 19 days · 1/3
        1 Nov 12:00 – 20 Nov 14:24 Paris

        start   40,000.00
        market  +3,416.80
        FX        +188.98
        flows   +1,700.00
        income     +12.34
        fees        −8.00
        end     45,310.12

        time-weighted +8.77%*

        * time-weighted: approximate, no total is known of the moment when money moved.
        =====
        +$3,610.12 (+8.66%) in 19 days · 2/3

        By account

                     gain        end
        Bybit   +2,100.12  24,100.12
          fees −8.00, flows +2,000.00
        T-Bank  +1,100.00  13,100.00
          FX +188.98
        Kraken    +410.00   8,110.00
          income +12.34, flows −300.00
        =====
        +$3,610.12 (+8.66%) in 19 days · 3/3

        By asset

                   gain        end
        BTC   +2,100.12  24,100.12
          fees −8.00, flows +2,000.00
        SBER  +1,100.00  13,100.00
          FX +188.98
        XRP     +410.00   8,110.00
          income +12.34, flows −300.00

        Bought and sold, first in first out, in USD

        asset       open   realised
        BTC    +4,062.52  +1,095.00
          0.15 at 40,040.00, now
          67,123.45
        XRP    +1,510.00       0.00
          1,000 at 0.90, now 2.41
        ADA*           –       0.00
          10 at 0.00
        ETH*           –       0.00
        all    +5,572.52  +1,095.00

        funding          −1.56
        fees, in these  −11.00

        * ADA: a movement has no value in USD yet; the figures change when it gets one.
        * ETH: more left than is known to have come, or its cost is not known: that part is in no gain.

        Without a price: ADA.
        """,
    "pnl imported": """
        +$3,610.12 (+8.66%) in 19 days
        1 Nov 12:00 – 20 Nov 14:24 Paris

        start   40,000.00
        market  +3,605.78
        flows   +1,700.00
        income     +12.34
        fees        −8.00
        end     45,310.12

        time-weighted +8.77%*

        * time-weighted: approximate, no total is known of the moment when money moved.

        No exchange rate for RUB at both ends: what that did is in the market.
        By account and by asset it cannot be told: of 1 Nov 12:00 only the total is known.

        Bought and sold, first in first out, in USD

        asset       open   realised
        BTC    +4,062.52  +1,095.00
          0.15 at 40,040.00, now
          67,123.45
        XRP    +1,510.00       0.00
          1,000 at 0.90, now 2.41
        all    +5,572.52  +1,095.00

        funding          −1.56
        fees, in these  −11.00
        """,
    "pnl of BTC": """
        BTC: +$4,062.52 open, +$1,095.00 realised
        0.15 at 40,040.00, now 67,123.45
        $11.00 of fees, 2 trades

        Open lots

        2 Jan bought, ex 0.15 6,006.00
        """,
    "benchmark": """
        8.01% ahead of BTC 50%, ETH 50%
        1 Nov 12:00 – 20 Nov 14:24 Paris

        portfolio*  45,310.12  +8.77%
        benchmark   41,988.06  +0.70%
        left alone  41,988.15  +0.70%

        * portfolio: approximate, no total is known of the moment when money moved.

        In value +7.91%, in return +8.01%.

        The basket holds 0.34676629 BTC and 6.9631156 ETH.
        Next rebalance 23 Nov 13:00, rebalanced 3 times in this period.
        """,
    "benchmark without prices": """
        +8.77%* in 19 days
        The prices of BTC 50%, ETH 50% are not known for this period yet; they are noted from now on.
        1 Nov 12:00 – 20 Nov 14:24 Paris

        * portfolio: approximate, no total is known of the moment when money moved.
        """,
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_screens_look_like_this(name: str) -> None:
    assert text(SCREENS[name]) == expected(SNAPSHOTS[name])


@pytest.mark.parametrize("name", SCREENS)
def test_the_first_line_stands_alone_and_has_the_figure_first(name: str) -> None:
    first = text(SCREENS[name]).splitlines()[0]
    assert re.match(r"[+−$₽\d]|No |There |Return of |Gain of |BTC: |\"", first), first


@pytest.mark.parametrize("name", SCREENS)
def test_every_mark_has_its_footnote(name: str) -> None:
    told = text(SCREENS[name])
    assert ("*" in re.sub(r"^\* ", "", told, flags=re.MULTILINE)) == bool(re.search(r"^\* ", told, re.MULTILINE))


def shown(document: Document) -> dict[str, Decimal]:
    """Names and amounts of a table, from a terminal so wide that nothing breaks."""
    rows = re.findall(
        r"^(start|market|FX|flows|income|fees|accounts|end) +([+−\d.,]+)$", terminal.text(document, 100), re.MULTILINE
    )
    return {name: Decimal(amount.replace(",", "").replace("−", "-")) for name, amount in rows}


MONEY = st.decimals(-10000, 10000, places=5)


@given(st.lists(MONEY, min_size=5, max_size=5))
def test_the_parts_that_are_shown_add_up_to_the_cent(amounts: list[Decimal]) -> None:
    """However much each of them is rounded."""
    rest = amounts[-1]
    view = figures.performance()
    period = view.figures.period
    assert not isinstance(period, Unknown)
    entries = [
        Entry("bybit", "BTC", cause, amount, "USD")
        for cause, amount in zip((Cause.FLOWS, Cause.INCOME, Cause.FEES, Cause.ACCOUNTS), amounts, strict=False)
    ]
    start = [Position("bybit", "BTC", period.start.value, "USD")]
    end = [Position("bybit", "BTC", period.end.value + rest, "USD")]
    one = {"USD": Decimal(1)}
    later = replace(period, valuations=(*period.valuations[:-1], replace(period.end, value=period.end.value + rest)))
    measured = replace(view.figures, period=later)
    why = explain(start, end, entries, one, one)
    found = shown(compose.pnl(GainView(replace(view, figures=measured, why=why), figures.lots()), {}, ME))
    assert found["end"] == found["start"] + sum(v for name, v in found.items() if name not in {"start", "end"})


@pytest.mark.parametrize("columns", [40, 80, 100])
def test_a_terminal_shows_the_same_within_its_width(columns: int) -> None:
    for document in SCREENS.values():
        lines = terminal.text(document, columns).splitlines()
        assert max(map(width, lines)) <= columns


def test_a_wide_terminal_shows_what_each_coin_cost() -> None:
    wide = terminal.text(SCREENS["pnl"], 80)
    assert re.search(r"asset +amount +cost each +worth +open +realised", wide)
    assert "40,040.00" in wide
    assert "40,040.00" not in text(SCREENS["pnl"])


def test_many_assets_come_in_pages_and_each_says_what_its_columns_are() -> None:
    pages = text(SCREENS["pnl of many"]).split("\n=====\n")
    assert len(pages) > 2
    assert all(re.search(r"asset +open +realised", page) for page in pages)


def test_per_year_is_told_only_where_it_may_be_shown() -> None:
    assert "a year" not in text(SCREENS["twr"])
    long = figures.track("1 40000, 40 44000")
    told = text(compose.performance(figures.performance(long), replace(ME, now=figures.at(45))))
    assert "a year" in told
    assert "extrapolated" in told


def test_without_the_value_of_a_flow_nothing_is_told_but_where_to_look() -> None:
    told = text(SCREENS["twr without a value"])
    assert told.startswith("Return of 8 days unknown: something came or went whose value is not known yet")
    assert "/flows shows what has no value yet." in told
    assert "profit" not in told
    assert "%" not in told
