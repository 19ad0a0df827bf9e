"""The words about records by hand and files that are taken out, in English."""

from __future__ import annotations

from typing import Final

COUNTS: Final = {
    "rows": ("{n} row", "{n} rows"),
}

PHRASES: Final = {
    "hand_ask": "Record a {kind} of {amount} {day}{place}?",
    "hand_effect": "TWR changes, the total does not.",
    "hand_effect_joined": "It is one transfer with {other} on {name}: neither TWR nor the total changes.",
    "hand_effect_inner": "It tells where an asset came from: neither TWR nor the total changes.",
    "hand_added": "Recorded: {kind} of {amount} {day}{place}",
    "hand_changed": "Corrected: {kind} of {amount} {day}{place}",
    "hand_removed": "Taken back: {kind} of {amount} {day}{place}",
    "hand_to": ", to {name}",
    "hand_from": ", from {name}",
    "hand_on": "on {day}",
    "hand_today": "today {clock}",
    "hand_worth": "Worth {worth}.",
    "hand_worth_par": "Worth {worth}, as if it were exactly a dollar: no price of then is known.",
    "hand_worth_unknown": "Its value in USD is not known yet; without it TWR cannot be counted. --usd says it.",
    "hand_worth_unknown_chat": "Its value in USD is not known yet; without it TWR cannot be counted.",
    "hand_note": "Note: {note}",
    "hand_cell": "{field}: {before} → {after}",
    "hand_nothing": "nothing",
    "hand_like": "One like it is there: {kind} of {amount} {when}{place}.",
    "hand_id": "Its id is `{id}`.",
    "hand_back": "Undo: `{command}`",
    "hand_new_account": "{name} is a new account: no other record is of it.",
    "hand_what_deposit": "What came in?",
    "hand_what_withdrawal": "What went out?",
    "hand_what_line": "Press one or type its name. In one line: {example}",
    "hand_where_deposit": "{asset}: where did it arrive?",
    "hand_where_withdrawal": "{asset}: which account did it leave?",
    "hand_how_much": "How much {asset}{place}?",
    "hand_how_much_line": "Type the amount, like 0.5. Any command instead gives it up.",
    "hand_when": "{amount}{place}: when?",
    "hand_which_day": "Which day was it?",
    "hand_which_day_line": "Type it, like 18 Nov or 2026-11-18. Any command instead gives it up.",
    "hand_given_up": "Nothing was recorded.",
    "hand_stale": "This question is too old: it was answered, or the bot was restarted since.",
    "hand_stale_line": "{command} begins anew.",
    "hand_gone": "It is not there any more: nothing to take back.",
    "file_headline": "{name}: {count}",
    "file_empty": "Nothing is there to take out yet.",
    "file_back": "portfolio-bot import {what} FILE takes it in again.",
    "file_saved": "Saved: {path}",
}

CHAT: Final = {
    "record": "Record",
    "record_anyway": "Record it all the same",
    "cancel": "Cancel",
    "now": "Now",
    "today": "Today",
    "yesterday": "Yesterday",
    "other_day": "Another day",
    "no_account": "None of these",
    "which_account": "Account",
}

HELPS: Final = {
    "deposit": "record money that came in",
    "withdraw": "record money that went out",
    "export": "day closes as a file",
    "export_returns": "daily returns as a file",
    "export_trades": "trades as a file",
}
