"""The words that explain a figure, in English."""

from __future__ import annotations

from typing import Final

COUNTS: Final = {
    "values_between": ("{n} value between", "{n} values between"),
}

HELPS: Final = {
    "explain": "where a figure comes from, step by step",
}

CHAT: Final = {
    "explain_total": "Total",
    "explain_twr": "TWR",
    "explain_xirr": "XIRR",
    "explain_pnl": "Profit",
    "explain_asset": "{asset}",
}

PHRASES: Final = {
    "explain_what": "Which figure?",
    "explain_choices": "The total, a time-weighted or money-weighted return, or a profit: `{command} total`, "
    "`{command} twr 30`, `{command} xirr all`, `{command} pnl BTC`.",
    "explain_nothing": "There is nothing to explain yet.",
    "explain_json": "Every step with all its digits: `portfolio-bot explain {figure} --json`.",
    # the total
    "total_explained": "{figure}, the sum of what follows",
    "imported_total": "{figure}, imported, of {when}",
    "imported_total_alone": "Of an imported history only the sum is known. The first snapshot shows each row.",
    "account_explained": "{name}: {value}",
    "by_venue_value": "its own value",
    "by_venue_ticker": "its last trade",
    "by_fx": "exchange rate",
    "by_known_before": "last known",
    "by_assumed_par": "counted at 1",
    "by_imported": "imported",
    "by_live": "noted",
    "price_of": "{source}, {when}",
    "on_the_way": "On the way between own accounts",
    "way_of": "from {origin} since {when}",
    "without_price": "Without a price, in no sum: {assets}",
    "sum_in_roubles": "{usd} × {rate} = {rub}",
    "rate_explained": "{pair} {rate}, {provider}, {day}",
    "rate_not_known": "{pair} unknown",
    # time-weighted
    "twr_rule": "Each stretch: profit ÷ capital. Chained: (1 + return) × (1 + return) × … − 1.",
    "twr_product": "Chained: {product} − 1 = {figure}",
    "joined_by_day": "Where nothing came or went, a day is one row: {count} would change nothing.",
    "joined_between": "Where nothing came or went, it is one row: {count} would change nothing.",
    "stretch_of": "{start} → {end}",
    "capital_of": "capital {capital}",
    "no_return": "no return",
    "flow_counted": "counted {part}",
    "flow_whole": "counted wholly",
    "flow_not": "not counted",
    "joined_account": "{name} joined",
    "left_account": "{name} left",
    "border_readable": "{part} on {name}, readable now",
    "border_gone": "{part} on {name}, read no more",
    "border_opened": "{part} in {name}, new",
    "border_closed": "{part} in {name}, gone",
    "border_priced": "{part} on {name}, priced now",
    "border_unpriced": "{part} on {name}, without a price",
    "border_moved": "{name}, seen by another key",
    "flow_of_account": "{kind}, {name}",
    # money-weighted
    "xirr_rule": "What each payment is worth at the first one: amount ÷ (1 + rate) ^ (days ÷ 365). The rate is right "
    "where all of them together are worth nothing.",
    "xirr_rate": "{figure} a year, {period} in {length}",
    "value_at_start": "value at the start",
    "value_at_end": "value at the end",
    "after_days": "day {days}",
    "sum_present": "all together",
    "several_roots": "Other rates fit too: {rates}.",
    # profit
    "pnl_explained": "{figure} by lots in all",
    "pnl_asset_explained": "{realised} realised, {unrealised} unrealised · {asset}",
    "pnl_parts_add_up": "These add up to what value and flows say, to the last digit.",
    "pnl_parts_differ": "What value and flows say differs by {residual}: look for an update.",
    "gain_realised": "realised",
    "gain_open": "open lots",
    "gain_income": "income",
    "gain_futures": "futures",
    "gain_funding": "funding",
    "gain_fees": "fees apart",
    "gain_withdrawn": "in what was withdrawn",
    "gain_cash": "price of cash",
    "gain_all": "all together",
    "left_sold": "sold",
    "left_covered": "short closed",
    "left_as_fee": "as a fee",
    "left_on_the_way": "lost on the way",
    "left_converted": "converted",
    "left_withdrawn": "withdrawn",
    "left_as_funding": "as funding",
    "left_futures": "futures loss",
    "left_unknown": "unknown",
    "of_assets": "By asset",
    "realised_and_open": "realised {realised}, open {unrealised}",
    "price_explained": "Price {price}: {source}",
    "open_lots": "Open lots, the oldest leaves first",
    "lot_cost": "cost {cost}",
    "lot_bought": "{amount} of {day}",
    "what_left": "What left, newest first",
    "left_for": "for {proceeds}, cost {cost}",
    "left_amount": "{amount} {kind}",
    "events_counted": "From {trades} and {flows} of the period.",
    "older_events": "Older ones are not shown: {count}.",
    "lot_rules": "First in, first out; {scope}; what has no known cost: {unknown}.",
    "scope_global": "one queue for all accounts",
    "scope_account": "one queue for each account",
    "unknown_exclude": "in no gain",
    "unknown_zero": "all gain",
    "unknown_opening": "covered by what the balances say was there before",
    "nothing_of_asset": "Nothing of {asset} is recorded.",
}
