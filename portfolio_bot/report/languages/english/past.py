"""The words about the past, in English: flows, own transfers, trades, and how far they are read."""

from __future__ import annotations

from typing import Final

from portfolio_bot.model.flow import Confidence, FlowKind, MatchedBy

FLOWS: Final = {kind: kind.value for kind in FlowKind} | {FlowKind.FUTURES_PNL: "futures result"}

MATCHED: Final = {
    MatchedBy.OWNER: "you said so",
    MatchedBy.STATED: "both accounts say so",
    MatchedBy.TXID: "one transaction id",
    MatchedBy.AMOUNT_TIME: "amount and time agree",
}

CONFIDENCE: Final = {
    Confidence.CERTAIN: "Certain",
    Confidence.LIKELY: "Likely",
    Confidence.POSSIBLE: "Possible",
}

COUNTS: Final = {
    "flows": ("{n} flow", "{n} flows"),
    "trades": ("{n} trade", "{n} trades"),
    "days": ("{n} day", "{n} days"),
    "years": ("{n} year", "{n} years"),
    "lost": ("{n} withdrawal reached none of your accounts.", "{n} withdrawals reached none of your accounts."),
    "unclassified": ("{n} row of a type not known yet.", "{n} rows of types not known yet."),
    "unvalued": ("{n} without a value in USD yet.", "{n} without a value in USD yet."),
    "more_gaps": ("{n} more stretch is not to be had.", "{n} more stretches are not to be had."),
    "moving": ("↻ {n} more on its way.", "↻ {n} more on their way."),
    "rivals": ("{n} other would fit too", "{n} others would fit too"),
}

PHRASES: Final = {
    # flows
    "in_and_out": "{arrived} in · {left} out · {period}",
    "in_and_out_but": "{arrived} in · {left} out · {period}, without {count} of unknown value",
    "moved_unknown": "{flows} of unknown value · {period}",
    "nothing_moved": "Nothing came in or went out · {period}",
    "last_days": "last {days}",
    "as_far_as_read": "{period}, as far as read",
    "since_day": "since {day}",
    "until_day": "until {day}",
    "no_flows": "No flow is recorded yet.",
    "no_flows_there": "No flow is recorded there.",
    "on_its_way": "↻ {amount}{worth}, on its way from {name} since {when}.",
    "from_to": "{origin} → {destination}",
    "own_transfer_row": "own transfer",
    "moved_row": "moved inside",
    "given_got": "{given} → {got}",
    "fee": "fee {amount}",
    "lost_as_fee": "{amount} lost on the way",
    "times_in_all": "{times} in all",
    "still_moving": "on its way",
    "to_a_bank": "to a bank",
    "said_left": "you said it left",
    "said_came": "you said it came from outside",
    "value_unknown": "value unknown",
    "lost_one": "{amount} from {name} on {day}",
    "lost_named": "Reached none of your accounts: {flows}.",
    "lost_foot": "reached none of your accounts.",
    "lost_mend_chat": "Its button says where it may have gone.",
    "lost_mend": "If one of them did get it: `{command} join {example} OTHER`; if not: `{command} external {example}`.",
    "unclassified_foot": "a type not known yet: kept as it came, in no sum.",
    "older_left_out": "Older ones: {command} with a higher --limit, or --from and --to.",
    "page_of": " · {page}/{pages}",
    "older_left_out_chat": "Older ones: on the command line.",
    # one flow
    "own_transfer": "{amount} from {origin} to {destination}",
    "left_then": "Left {name} {when}: {amount}{worth}.",
    "arrived_then": "Arrived on {name} {when}: {amount}.",
    "arrived_after": "Arrived on {name} {when}, {span} later: {amount}.",
    "lost_between": "Lost on the way: {amount}.",
    "why_linked": "{confidence}: {why}.",
    "why_linked_but": "{confidence}: {why}, {rivals}.",
    "transaction": "Transaction `{txid}`",
    "flow_headline": "{amount} · {kind} · {name}",
    "flow_when": "{when} · {worth}",
    "flow_lost": "It reached none of your accounts. Did one of these?",
    "flow_lost_alone": "It reached none of your accounts, and no deposit of yours resembles it.",
    "flow_to_bank": "It was paid out, to a bank as far as anybody can tell.",
    "flow_external": "You said that it is no transfer between your accounts.",
    "flow_outside": "It came from outside.",
    "flow_moving": "On its way; until it arrives, or is given up after a day, it stays in the total.",
    "parted": "No transfer any more: the two count as a withdrawal from {origin} and a deposit on {destination}.",
    "joined": "One transfer now: from {origin} to {destination}.",
    "made_external": "Left your accounts: {amount} from {name}.",
    "came_external": "Came from outside: {amount} to {name}.",
    "verdict_reset": "What you had said about it is forgotten: {amount}, {name}.",
    "verdict_effect": "Returns change with it; today's total only where it was on its way.",
    # trades
    "bought": "buy {amount}",
    "sold": "sell {amount}",
    "at_price": "at {price}",
    "trade_headline_buy": "Bought {amount}{price}, {when}",
    "trade_headline_sell": "Sold {amount}{price}, {when}",
    "trade_at": " at {price}",
    "trade_place": "{name} {when}",
    "contract_foot": "a contract: no coin changes hands; beside it what closing it gave.",
    "no_trades": "No trade is recorded yet.",
    "no_trades_there": "No trade is recorded there.",
    # reading the past
    "reading_history": "↻ Reading history: {states}",
    "history_never": "The past was not read yet.",
    "history_begin": "The past was not read yet: `{command}` reads it.",
    "history_done": "History read: {flows}, {trades}",
    "history_partly": "History read in part: {flows}, {trades}",
    "history_new": "{count} new",
    "history_reach": "How far back it is read",
    "reach_all": "{name}: read since {day}",
    "reach_kept": "{name}: read since {day}; {name} keeps {length}",
    "reach_more": "{titles} since {day}",
    "reach_more_kept": "{titles} since {day} ({length} kept)",
    "reach_not_of": "not read yet: {titles}",
    "reach_none": "{name}: not read yet",
    "reach_never": "{name} tells nothing of its past.",
    "reach_gap": "{name}, not to be had: {titles} of {days}.",
    "wanted_since": "Nothing before {day} is read: HISTORICAL_START_DATE.",
    "sync_done": "done",
    "sync_waiting": "waiting",
    "sync_failed": "failed",
    "sync_none": "–",
    "read_once": "Your history is read: {flows}, {trades}",
    "read_once_partly": "Your history is read in part: {flows}, {trades}",
    "flows_title": "flows",
    "trades_title": "trades",
}

CHAT: Final = {
    "read_history": "Read history now",
    "flows": "Flows",
    "own": "⇄ {day} {amount}",
    "lost": "⚠ {day} {amount}",
    "moving": "↻ {day} {amount}",
    "told_external": "{day} {amount}",
    "not_a_transfer": "Not a transfer",
    "was_external": "It left my accounts",
    "look_again": "Look for its other side again",
    "arrived_as": "{day} {account} {amount}",
    "back": "Back",
}
