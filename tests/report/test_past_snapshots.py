"""The screens of the past, to the letter: flows, own transfers, trades, and how far it is read."""

from __future__ import annotations

import pytest

from tests.report import gallery
from tests.report.shown import expected, text

SCREENS = gallery.documents()
SNAPSHOTS = {
    "flows": """
        $1,999.40 in · $671.20 out · last 30 days, without 1 of unknown value
        ↻ 0.05 BTC ($3,356.17), on its way from Bybit since 13:45.
        ⚠ Reached none of your accounts: 0.01 BTC from Kraken on 16 Nov.

        20 Nov
        withdrawal        −$3,356.17
          −0.05 BTC
          Bybit, on its way, fee
          0.0001 BTC
        funding               −$1.00
          −1 USDT
          Bybit, 2 times in all
        19 Nov
        unclassified†  value unknown
          +12.5 EUR
          IBKR, Commission Adjustment
        18 Nov
        own transfer       $1,552.60
          0.5 ETH
          Kraken → OKX, 0.004 ETH lost
          on the way
        17 Nov
        conversion           $310.40
          0.1 ETH → 310.2 USDT, OKX
        16 Nov
        withdrawal*         −$671.20
          −0.01 BTC, Kraken
        15 Nov
        deposit        value unknown
          +1,000,000 SHIB, OKX
        12 Nov
        deposit           +$1,999.40
          +2,000 USDT, Bybit, salary
        income               +$31.05
          +0.01 ETH, OKX, staking
        30 Dec 2025
        deposit             +$540.60
          +500 EUR, Kraken

        * reached none of your accounts.
        Its button says where it may have gone.
        † a type not known yet: kept as it came, in no sum.

        How far back it is read
        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        Bybit, not to be had: spot trades of 3–5 Feb.
        OKX: read since 1 Mar 2021; fills since 22 Aug (90 days kept).
        1 row of a type not known yet.
        2 without a value in USD yet.
        """,
    "flows all": """
        $1,999.40 in · $671.20 out · last 30 days, without 1 of unknown value
        ↻ 0.05 BTC ($3,356.17), on its way from Bybit since 13:45.
        ⚠ Reached none of your accounts: 0.01 BTC from Kraken on 16 Nov.

        20 Nov
        withdrawal        −$3,356.17
          −0.05 BTC
          Bybit, on its way, fee
          0.0001 BTC
        funding               −$1.25
          −1.25 USDT, Bybit
        funding               +$0.25
          +0.25 USDT, Bybit
        19 Nov
        unclassified†  value unknown
          +12.5 EUR
          IBKR, Commission Adjustment
        moved inside         $100.00
          100 USDT
          Bybit spot → usd-m futures
        18 Nov
        own transfer       $1,552.60
          0.5 ETH
          Kraken → OKX, 0.004 ETH lost
          on the way
        17 Nov
        conversion           $310.40
          0.1 ETH → 310.2 USDT, OKX
        16 Nov
        withdrawal*         −$671.20
          −0.01 BTC, Kraken
        15 Nov
        deposit        value unknown
          +1,000,000 SHIB, OKX
        12 Nov
        deposit           +$1,999.40
          +2,000 USDT, Bybit, salary
        income               +$31.05
          +0.01 ETH, OKX, staking
        30 Dec 2025
        deposit             +$540.60
          +500 EUR, Kraken

        * reached none of your accounts.
        Its button says where it may have gone.
        † a type not known yet: kept as it came, in no sum.

        How far back it is read
        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        Bybit, not to be had: spot trades of 3–5 Feb.
        OKX: read since 1 Mar 2021; fills since 22 Aug (90 days kept).
        1 row of a type not known yet.
        2 without a value in USD yet.
        """,
    "flows of kraken": """
        $0.00 in · $671.20 out · last 30 days
        ⚠ Reached none of your accounts: 0.01 BTC from Kraken on 16 Nov.

        18 Nov
        own transfer  $1,552.60
          0.5 ETH
          Kraken → OKX, 0.004 ETH lost
          on the way
        16 Nov
        withdrawal*    −$671.20
          −0.01 BTC, Kraken
        30 Dec 2025
        deposit        +$540.60
          +500 EUR, Kraken

        * reached none of your accounts.
        Its button says where it may have gone.
        """,
    "flows empty": """
        No flow is recorded yet.

        The past was not read yet.
        """,
    "flows being read": """
        No flow is recorded yet.

        ↻ Reading history: Bybit ✓ OKX 43% Kraken ✗ T-Bank …
        ⚠ Kraken: the key lacks a right to read (Query ledger). Tick it on the key, then /flows read. Kraken → \
Settings → API: "Query funds" only.

        How far back it is read
        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        OKX: not read yet.
        Kraken: not read yet.
        T-Bank: not read yet.
        IBKR tells nothing of its past.
        """,
    "own transfer": """
        0.5 ETH from Kraken to OKX
        Left Kraken 18 Nov 14:02: 0.504 ETH ($1,552.60).
        Arrived on OKX 18 Nov 14:31, 29 min later: 0.5 ETH.
        Lost on the way: 0.004 ETH.

        Certain: one transaction id.
        Transaction 0xABC
        """,
    "parted": """
        No transfer any more: the two count as a withdrawal from Kraken and a deposit on OKX.
        Returns change with it; today's total only where it was on its way.
        """,
    "joined": """
        One transfer now: from Kraken to OKX.
        Returns change with it; today's total only where it was on its way.
        """,
    "lost": """
        −0.01 BTC · withdrawal · Kraken
        16 Nov 10:30 · −$671.20

        ⚠ It reached none of your accounts. Did one of these?
        """,
    "lost for good": """
        −0.01 BTC · withdrawal · Kraken
        16 Nov 10:30 · −$671.20

        ⚠ It reached none of your accounts, and no deposit of yours resembles it.
        """,
    "external": """
        Left your accounts: 0.01 BTC from Kraken.
        Returns change with it; today's total only where it was on its way.
        """,
    "forgotten": """
        What you had said about it is forgotten: 0.01 BTC, Kraken.
        Returns change with it; today's total only where it was on its way.
        """,
    "trades": """
        Bought 0.015 BTC at 67,123.45 USDT, 13:05

        20 Nov
        buy 0.015 BTC        $1,006.65
          at 67,123.45 USDT
          Bybit 13:05
          fee 1.0068518 USDT
        sell 3 BTC-USD…†    +12.5 USDT
          at 67,200.10 USDT
          OKX 10:10
          fee 0.12 USDT
        19 Nov
        buy 1 ETH-USDT…†   liquidation
          OKX 10:10
        3 Nov
        sell 300 XRP     value unknown
          at 2.20 EUR
          Kraken 11:00
          fee 0.5 EUR, 2 KFEE

        † a contract: no coin changes hands; beside it what closing it gave.

        How far back it is read
        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        Bybit, not to be had: spot trades of 3–5 Feb.
        OKX: read since 1 Mar 2021; fills since 22 Aug (90 days kept).
        1 row of a type not known yet.
        2 without a value in USD yet.
        """,
    "trades empty": """
        No trade is recorded yet.

        The past was not read yet.
        """,
    "reading": "↻ Reading history: Bybit ✓ OKX 43% Kraken ✗ T-Bank …",
    "sync": """
        History read in part: 1,213 flows, 4,127 trades · 1,213 new

                        flows  trades
        Bybit   done      812   4,031
        OKX     done      340      87
        Kraken  failed      0       0
        T-Bank  done       61       9
        IBKR    –

        ⚠ Kraken: the key lacks a right to read (Query ledger). Tick it on the key, then /flows read. Kraken → \
Settings → API: "Query funds" only.

        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        OKX: read since 1 Mar 2021.
        Kraken: not read yet.
        T-Bank: read since 2 Jun 2019.
        IBKR tells nothing of its past.
        """,
    "past read": """
        Your history is read in part: 1,213 flows, 4,127 trades
        Bybit: read since 21 Nov 2024; Bybit keeps 2 years.
        OKX: read since 1 Mar 2021.
        Kraken: not read yet.
        T-Bank: read since 2 Jun 2019.
        IBKR tells nothing of its past.
        ⚠ Kraken: the key lacks a right to read (Query ledger). Tick it on the key, then /flows read. Kraken → \
Settings → API: "Query funds" only.
        """,
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_screen_reads_like_this(name: str) -> None:
    assert text(SCREENS[name]) == expected(SNAPSHOTS[name])
