"""The words about performance, profit and benchmark, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.model.figure import Note, Reason

UNKNOWNS: Final = {
    str(Reason.TOO_FEW_SNAPSHOTS): "unknown: it takes two complete values",
    str(Reason.TOO_FEW_RETURNS): "unknown: it takes two days with a return",
    str(Reason.TOO_SHORT): "unknown: under a day nothing is told per year",
    str(Reason.ZERO_DURATION): "unknown: everything happened at one instant",
    str(Reason.NOTHING_INVESTED): "unknown: nothing was invested",
    str(Reason.BASE_NOT_POSITIVE): "unknown: nothing is left that it could be a part of",
    str(Reason.DELTA_WITHOUT_CAPITAL): "unknown: value appeared where nothing was, and no deposit explains it",
    str(Reason.NEGATIVE_NAV): "unknown: debt exceeded what was there",
    str(Reason.OVERFLOW): "unknown: larger than any number worth printing",
    str(Reason.NO_SIGN_CHANGE): "unknown: money went only one way",
    str(Reason.TOTAL_LOSS): "unknown: all that was paid in is gone",
    str(Reason.NO_ROOT): "unknown: no rate of return fits these flows",
    str(Reason.INCOMPLETE_FLOWS): "unknown: something came or went whose value is not known yet",
    str(Reason.ZERO_DEVIATION): "unknown: returns never differed, or never fell short",
}

NOTES: Final = {
    Note.APPROXIMATE: "approximate, no total is known of the moment when money moved.",
    Note.APPROX_LARGE_OUTFLOW: "may be too low: much of the money left between two values.",
    Note.DELTA_WITHOUT_CAPITAL: "without a stretch in which value appeared where nothing was.",
    Note.NEGATIVE_NAV: "without a stretch in which debt exceeded what was there.",
    Note.TOTAL_LOSS: "everything was lost on the way.",
    Note.SUSPECTED_MISALIGNMENT: "look at the times of your flows: one seems to be dated beside the jump that it made.",
    Note.GAP: "one figure over several days, there is no complete close between.",
    Note.TRUNCATED: "what is known begins later than this period.",
    Note.STALE_START: "the first value is much older than the period.",
    Note.STALE_END: "the last value is much older than the period's end.",
    Note.BASE_NEAR_ZERO: "most of the money left, so this percentage is no measure; the time-weighted one is.",
    Note.EXTRAPOLATED: "extrapolated, as if the rest of the year went on like this.",
    Note.NOT_SHOWN: "too short or too wild to be told per year.",
    Note.MULTIPLE_ROOTS: "several rates fit these flows, this is the one nearest to zero.",
    Note.SHORT_SAMPLE: "from fewer than 30 days.",
    Note.GAPS_LEFT_OUT: "without returns over several days.",
    Note.UNDEFINED_LEFT_OUT: "without days that have no return.",
}

RULES: Final = {
    Rule.SIMPLE: "no flow between",
    Rule.START: "flows at the value before them",
    Rule.DIETZ: "flows weighted by time (Modified Dietz)",
    Rule.PP: "inflows at the start, outflows at the end",
}

FLAGS: Final = {
    Flag.UNKNOWN_BASIS: "more left than is known to have come, or its cost is not known: that part is in no gain.",
    Flag.FEE_PRICE_MISSING: "a fee had no price and stands at what its coin once cost.",
    Flag.UNPRICED: "a movement has no value in USD yet; the figures change when it gets one.",
    Flag.UNCLASSIFIED: "a movement of a type not known yet is among it.",
    Flag.ESTIMATED: "what was there before records begin is worked out from the balance, at a price of then.",
}

LOTS: Final = {source: str(source) for source in LotSource} | {
    LotSource.BUY: "bought",
    LotSource.SHORT: "sold short",
    LotSource.SETTLEMENT: "futures result",
    LotSource.UNCLASSIFIED: "unknown",
}

COUNTS: Final = {
    "rebalances": ("rebalanced once", "rebalanced {n} times"),
}

HELPS: Final = {
    "returns": "gain of each day, in money and percent",
    "pnl": "why it changed, and the profit of each asset",
    "twr": "return of a period, and how rough the way was",
    "benchmark": "beside the same money in a basket of coins",
}

PHRASES: Final = {
    "in_period": "{figure} in {length}",
    "period": "{start} – {end}",
    "return_of": "Return of {length} {why}",
    "look_for_unvalued": "{command} shows what has no value yet.",
    "from_value": "{start} → {end}",
    "from_value_to": "{start} → {end}, of it {profit} profit",
    "from_value_flows": "{start} → {end}, of it {profit} profit and {flows} paid in",
    "from_value_outflows": "{start} → {end}, of it {profit} profit and {flows} taken out",
    "names_unknown": "{names} {why}.",
    "counted_with": "Counted with {rules}.",
    # returns
    "day_headline": "{figure} on {day}",
    "day_unknown": "Gain of {day} {why}",
    "days_headline": "{figure} over {days}",
    "no_returns": "No daily return yet. It takes two days with a complete close.",
    "no_returns_there": "No daily return lies there.",
    "share_title": "%",
    # performance
    "time_weighted": "time-weighted",
    "money_weighted": "money-weighted",
    "on_invested": "of what was invested",
    "a_year": "a year",
    "year_of": "{figure} a year",
    "deepest_fall": "deepest fall",
    "below_peak": "now below its peak",
    "volatility": "volatility",
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "basket": "benchmark",
    "against": "ahead of it",
    "fell_back": "It fell from {peak} to {trough} and was back on {recovery}.",
    "fell_still": "It fell from {peak} to {trough} and is not back yet.",
    "longest_below": "Longest below a peak: {days}.",
    "since_funding": "Since money came back: {figure}.",
    "no_period": "There is nothing to compare yet: it takes two complete values.",
    "values_come": "Each complete report is one; `portfolio-bot import history` brings earlier ones.",
    "no_period_in": "There are no two complete values in {currency} in this period.",
    "no_period_there": "There are no two complete values in this period.",
    # profit
    "part_start": "start",
    "part_market": "market",
    "part_fx": "FX",
    "part_flows": "flows",
    "part_income": "income",
    "part_fees": "fees",
    "part_accounts": "accounts",
    "part_end": "end",
    "part_moved": "moved",
    "of_unnamed": "not itemised",
    "no_rate_of": "No exchange rate for {currencies} at both ends: what that did is in the market.",
    "apart_unknown": "By account and by asset it cannot be told: of {when} only the total is known.",
    "apart_gain": "gain",
    "by_account": "By account",
    "by_asset": "By asset",
    "lots_heading": "Bought and sold, first in first out, in USD",
    "lots_when": "Open since it was bought, realised in this period.",
    "lots_none": "No trade or other record of coins yet.",
    "lots_asset": "asset",
    "lots_amount": "amount",
    "lots_average": "cost each",
    "lots_value": "worth",
    "lots_open": "open",
    "lots_realised": "realised",
    "lots_all": "all",
    "lots_each": "{amount} at {average}, now {price}",
    "lots_short": "{amount} sold short at {average}, now {price}",
    "lots_each_unpriced": "{amount} at {average}",
    "lots_without_basis": "{amount} without a known cost",
    "lots_income": "income",
    "lots_fees": "fees, in these",
    "lots_withdrawn": "gain withdrawn",
    "lots_funding": "funding",
    "lots_futures": "futures",
    "lots_paid": "fees paid apart",
    "lots_cash": "cash revalued",
    "lots_unpriced": "Without a price: {assets}.",
    "lots_missing": "Records brought more than is there now, so an outflow is missing: {amounts}.",
    "why_it_changed": "why it changed is",
    "asset_headline": "{asset}: {open} open, {realised} realised",
    "asset_fees": "{fees} of fees, {trades}",
    "lot_heading": "Open lots",
    "lot_row": "{when} {how}",
    "no_lots_of": '"{asset}" has no lots.',
    # benchmark
    "ahead": "{figure} ahead of {basket}",
    "behind": "{figure} behind {basket}",
    "portfolio": "portfolio",
    "basket_held": "left alone",
    "ahead_in_value": "In value {figure}, in return {twr}.",
    "basket_holds": "The basket holds {units}.",
    "basket_next": "Next rebalance {when}, {times} in this period.",
    "basket_next_never": "Next rebalance {when}, none in this period.",
    "basket_since": "Both are compared since {when}, from when on the basket's prices are known.",
    "basket_clamped": "A withdrawal was larger than the basket; it began anew with the next deposit.",
    "basket_no_price": "The prices of {basket} are not known for this period yet; they are noted from now on.",
}

CHAT: Final = {
    "hours_24": "24 h",
    "this_year": "This year",
}
