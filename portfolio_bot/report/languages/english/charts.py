"""The words in and around pictures, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "chart_thousands": "{n}k",
    "chart_millions": "{n}M",
    "chart_billions": "{n}B",
    "chart_benchmark": "benchmark",
    "chart_index": "Start = 100",
    "chart_index_now": "100 → {now}",
    "chart_flows": "▲ in {inflows} · ▼ out {outflows}",
    "chart_came_in": "▲ in {inflows}",
    "chart_went_out": "▼ out {outflows}",
    "chart_marks": "▲ something came in, ▼ something went out.",
    "chart_dashed": "Dashed: no complete close on {days}.",
    "chart_dashed_many": "Dashed: {count} without a complete close, the last {days}.",
    "chart_beside_worth": "Grey: the same money in {coins}.",
    "chart_beside_twr": "Grey: {coins}, {figure}.",
    "chart_beside_later": "Its line begins on {day}: there are no prices before.",
    "chart_no_beside": "The benchmark is counted in dollars only.",
    "chart_one_value": "One complete value so far: the second one makes a line.",
    "chart_fall": "{deepest} at worst in {length}",
    "chart_fall_now": "{deepest} at worst in {length}, {now} now",
    "chart_no_fall": "Never below its peak in {length}",
    "chart_fall_means": "How far it was below its peak; what came in or went out is no rise or fall.",
    "chart_fall_ends": "From the peak of {peak} to {trough}.",
    "chart_months": "{figure} in {month}",
    "chart_months_ends": "Best {best} in {best_month}, worst {worst} in {worst_month}",
    "chart_month_one": "One month so far",
    "chart_months_years": "{count} of returns, without what came in or went out",
    "chart_month_partly": "* Not the whole month.",
    "chart_months_none": "No monthly return yet: it takes two day closes.",
    "chart_year": "Year",
    "chart_largest": "{name} {share} of {total}",
    "chart_at_least": "at least {total}",
    "chart_shares_of_assets": "Shares are of what is owned: debts are larger.",
    "chart_with_debts": "Debts are below zero; all shares together are 100%.",
    "chart_unpriced": "No price: {names}.",
    "chart_unknown_account": "Unknown: {names}.",
    "chart_in_transit": "on its way",
    "chart_nothing_held": "Nothing to draw: no account has a value.",
    "chart_all_zero": "Nothing to draw: everything is worth 0.",
    "chart_no_picture": "The picture could not be drawn. Try again in a minute.",
}

COUNTS: Final = {
    "chart_more": ("{n} more", "{n} more"),
    "chart_days": ("{n} day", "{n} days"),
    "chart_months": ("{n} month", "{n} months"),
}

CHAT: Final = {
    "chart_worth": "Net worth",
    "chart_twr": "TWR",
    "chart_drawdown": "Drawdown",
    "chart_months": "Months",
    "chart_assets": "By asset",
    "chart_accounts": "By account",
    "chart_light": "Light",
    "chart_dark": "Dark",
}

HELPS: Final = {
    "chart": "your money as a picture",
    "allocation": "what it is in, as a picture",
}

ERRORS: Final = {
    "chart_unknown_word": ErrorWords(
        "is neither a period nor a picture", "7d, 30d, 90d, ytd, all, or days: 45; and {kinds}."
    ),
    "chart_two_words": ErrorWords("is one too many", "One period and one picture: /chart 30d twr."),
    "chart_allocation_word": ErrorWords("is no way to split it", "/allocation assets or /allocation accounts."),
    "chart_not_drawn": ErrorWords("the picture could not be drawn", "Try again in a minute."),
    "chart_nothing_here": ErrorWords("there are no pictures here"),
}
