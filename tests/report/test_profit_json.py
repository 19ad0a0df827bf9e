"""The year's disposals as a table, lot by lot."""

from __future__ import annotations

import csv
import io

from portfolio_bot.analytics.lot_events import LotEvent
from portfolio_bot.report import profit_json
from tests.analytics.lot_builders import fed, trade


def told(*events: LotEvent) -> list[tuple[str, ...]]:
    """Quantity, proceeds, cost and gain of each row."""
    rows = csv.DictReader(io.StringIO(profit_json.disposals(fed(*events)[1])))
    return [tuple(row[name] for name in ("quantity", "proceeds_usd", "cost_usd", "gain_usd")) for row in rows]


def test_a_sale_is_split_over_the_lots_that_it_used() -> None:
    bought = [trade("buy", "1 BTC", "100 USDT", 1), trade("buy", "2 BTC", "260 USDT", 2)]
    assert told(*bought, trade("sell", "3 BTC", "600 USDT", 3)) == [
        ("1", "200", "100", "100"),
        ("2", "400", "260", "140"),
    ]


def test_covering_shorts_costs_what_was_paid_and_brought_what_they_were_sold_for() -> None:
    sold = [
        trade("sell", "1 BTC", "100 USDT", 1, market="margin"),
        trade("sell", "2 BTC", "260 USDT", 2, market="margin"),
    ]
    assert told(*sold, trade("buy", "3 BTC", "270 USDT", 3, market="margin")) == [
        ("1", "100", "90", "10"),
        ("2", "260", "180", "80"),
    ]


def test_covering_at_an_unknown_price_has_neither_cost_nor_gain() -> None:
    sold = trade("sell", "1 BTC", "100 USDT", 1, market="margin")
    assert told(sold, trade("buy", "1 BTC", "5 XYZ", 2, worth=None, market="margin")) == [("1", "100", "", "")]
