"""The report and its failures, accounts, schedules and small talk, in English.

One idea a line; the thing, then the mend; no apologies and no internal names.
"""

from __future__ import annotations

from typing import Final

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.statement import Wallet, WarningKind
from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.report.words import FailureWords, WarningWords

_NEW_KEY = "Put a new read-only key into `{key}` and restart."

FAILURES: Final = {
    FailureKind.BAD_KEY: FailureWords(
        short="key refused",
        sentence="{account}: the key is refused{detail}.",
        mend="Check the key, its address list and its rights; a new one goes into `{key}`, then restart.",
        wants_key=True,
    ),
    FailureKind.KEY_EXPIRED: FailureWords(
        short="key expired",
        sentence="{account}: the key has expired{detail}.",
        mend=_NEW_KEY,
        wants_key=True,
    ),
    FailureKind.IP_NOT_ALLOWED: FailureWords(
        short="address not on the key's list",
        sentence="{account}: the key does not list this server's address{detail}.",
        mend="Add the address to the key's list, then {pull}.",
    ),
    FailureKind.MISSING_RIGHT: FailureWords(
        short="right missing",
        sentence="{account}: the key lacks a right to read{detail}.",
        mend="Tick it on the key, then {pull}.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.CLOCK_SKEW: FailureWords(
        short="clock wrong",
        sentence="{account}: this server's clock is wrong{detail}.",
        mend="Let it set its clock: `timedatectl set-ntp true`",
    ),
    FailureKind.RATE_LIMITED: FailureWords(
        short="rate limited{until}",
        sentence="{account}: too many requests, no more{until}{detail}.",
        mend="It is asked again by itself; if this lasts, it may be refusing this server's country.",
    ),
    FailureKind.GEO_BLOCKED: FailureWords(
        short="country refused",
        sentence="{account}: this server's country or address is refused{detail}.",
        mend="Run from another country, or set `PROXY_URL` and restart.",
        mend_with={
            "REGION": "If the account lives on a regional host, set `{region}` ({regions}) and restart; "
            "else run from another country."
        },
    ),
    FailureKind.MAINTENANCE: FailureWords("maintenance", "{account}: down for maintenance{detail}."),
    FailureKind.UNAVAILABLE: FailureWords("unavailable", "{account}: it answers with an error of its own{detail}."),
    FailureKind.UNREACHABLE: FailureWords("unreachable", "{account}: no connection{detail}."),
    FailureKind.TIMEOUT: FailureWords("too slow", "{account}: no answer in time{detail}."),
    FailureKind.TLS: FailureWords(
        short="certificate not trusted",
        sentence="{account}: its certificate is not trusted, so nothing was sent{detail}.",
        mend="See whether a proxy or a virus scanner stands in between.",
        mend_with={
            "CA_FILE": "Its certificate is issued by the Russian state CA: unset `{ca_file}` for the bundled root, "
            "or let it name a file that holds it."
        },
    ),
    FailureKind.BAD_ANSWER: FailureWords(
        short="answer not understood",
        sentence="{account}: the answer was not understood{detail}.",
        mend="If this lasts, look for an update.",
    ),
    FailureKind.SUSPECT: FailureWords(
        short="unconfirmed",
        sentence="{account}: its answer is hard to believe and not counted until it is confirmed{detail}.",
    ),
    FailureKind.BUG: FailureWords(
        short="our fault",
        sentence="{account}: reading it failed by a fault of ours; the log has it.",
        mend="Look for an update, or report it with the log.",
    ),
    FailureKind.ACCOUNT_FROZEN: FailureWords(
        short="account frozen",
        sentence="{account}: the account is frozen{detail}.",
        mend="Only its support can tell why; afterwards {pull}.",
    ),
    FailureKind.WRONG_REGION: FailureWords(
        short="wrong region",
        sentence="{account}: the key is good, but lives on another host{detail}.",
        mend="Set `{region}` and restart.",
        mend_with={"REGION": "Set `{region}` ({regions}) and restart."},
    ),
    FailureKind.IN_PROGRESS: FailureWords("statement being made", "{account}: its statement is being made{detail}."),
    FailureKind.BAD_QUERY: FailureWords(
        short="query refused",
        sentence="{account}: the query is refused or incomplete{detail}.",
        mend="Correct the query, or its number in `{query}`, and restart.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.NO_ACCOUNT: FailureWords(
        short="no account visible",
        sentence="{account}: the key sees no open account{detail}.",
        mend="Make one that may read all accounts, put it into `{key}` and restart.",
        wants_key=True,
    ),
    FailureKind.NO_RATE: FailureWords(
        short="no current exchange rate",
        sentence="{account}: no current exchange rate for its currency{detail}.",
        names_detail=True,
    ),
}

WARNINGS: Final = {
    WarningKind.KEY_MAY_TRADE: WarningWords(
        "{account}: this key may trade.", "{accounts}: these keys may trade.", "A read-only key is enough."
    ),
    WarningKind.KEY_MAY_TRANSFER: WarningWords(
        "{account}: this key may move money.", "{accounts}: these keys may move money.", "A read-only key is enough."
    ),
    WarningKind.KEY_MAY_WITHDRAW: WarningWords(
        "{account}: this key may withdraw.", "{accounts}: these keys may withdraw.", "Make a read-only one instead."
    ),
    WarningKind.KEY_EXPIRES: WarningWords("{account}: the key ends on {detail}.", mend="Make the next one in time."),
    WarningKind.CLOCK_SKEW: WarningWords(
        "{account}: this server's clock is off by {detail}.",
        mend="Let it set its clock: `timedatectl set-ntp true`",
    ),
    WarningKind.COVERAGE: WarningWords("{account}: not explained by what was read: {detail}."),
    WarningKind.UNREADABLE_WALLET: WarningWords("{account}: {detail} is not in the total."),
    WarningKind.ASSUMED_PAR: WarningWords(
        "{account}: no price for {detail} anywhere, counted at 1 USD.",
        "{accounts}: no price for a stablecoin anywhere, counted at 1 USD.",
    ),
    WarningKind.MARKED_AT_PAR: WarningWords("{account}: the platform counts {detail} at par."),
    WarningKind.DEPEG: WarningWords("{account}: {detail} is off its dollar."),
    WarningKind.RECONSTRUCTED: WarningWords("{account}: value from cash and positions, without accruals."),
    WarningKind.FX_DEVIATION: WarningWords("Rouble rate: official and T-Bank's differ ({detail})."),
    WarningKind.STALE_PRICE: WarningWords("{account}: {detail}"),
    WarningKind.COUNTED_ONCE: WarningWords("{account}: counted once, with another account: {detail}."),
}

UNKNOWNS: Final = {
    "no_rate": "unknown: no rate for {detail}",
    "incomplete": "unknown without {detail}",
    "too_few_closes": "unknown: fewer than two complete closes",
    "no_close": "unknown: no complete close",
    "not_priced": "unknown: no price at that time yet",
    "unpriced": "unknown: an event of {detail} has no price yet",
    "nothing_held": "unknown: no {detail} is held",
    "no_price": "unknown: no price of {detail}",
    "no_benchmark": "unknown: there is nothing to compare with",
    "benchmark_empty": "unknown: nothing is left in the benchmark",
    "unknown_basis": "unknown: what {detail} cost is not known",
    "no_cost": "unknown: {detail} cost nothing",
}

UNREADABLE: Final = {
    "missing_right": "{account}, not in the total: {wallets} (the key may not read it).",
    "not_built": "{account}, not in the total: {wallets} (not read yet).",
    "not_valued": "{account}, not in the total: {wallets} (the platform does not value it).",
}

PROVIDERS: Final = {
    FxProvider.ECB: "ECB",
    FxProvider.CBR: "Bank of Russia",
    FxProvider.CBR_MIRROR: "Bank of Russia, by its mirror",
    FxProvider.FRANKFURTER: "Frankfurter",
    FxProvider.TBANK: "implied by T-Bank",
    FxProvider.USDT: "USDT market",
}

WALLETS: Final = {wallet: wallet.value for wallet in Wallet} | {
    Wallet.SECURITY: "securities",
    Wallet.BOT: "bots",
}

COUNTS: Final = {
    "assets": ("{n} asset", "{n} assets"),
    "accounts": ("{n} account", "{n} accounts"),
    "times": ("once", "{n} times"),
    "more": ("{n} more", "{n} more"),
    "all_well": ("It works.", "All {n} work."),
    "need_you": ("{n} needs you", "{n} need you"),
    "of_them_need_you": ("{n} of {all} needs you.", "{n} of {all} need you."),
    "wallets": ("{n} wallet", "{n} wallets"),
}

HELPS: Final = {
    "start": "what this bot does",
    "help": "all commands",
    "status": "the report, now",
    "balance": "assets, of all accounts or of one",
    "history": "day closes, newest first",
    "flows": "deposits, withdrawals, own transfers",
    "trades": "what was bought and sold",
    "frequency": "how often the report comes",
    "window": "the hours in which it may come",
    "pull": "ask every account anew",
    "accounts": "health, age and warnings of each account",
    "settings": "every setting, and where it comes from",
    "id": "your ids",
}

ORIGINS: Final = {
    SettingOrigin.CHAT: "set in the chat",
    SettingOrigin.ENVIRONMENT: "environment",
    SettingOrigin.COMMAND: "command line",
    SettingOrigin.ENV_FILE: ".env",
    SettingOrigin.FILE: "file",
    SettingOrigin.DEFAULT: "default",
}

PHRASES: Final = {
    "unknown": "unknown",
    "and": "{first} and {last}",
    "and_more": "{names} and {count} more",
    "until": " until {when}",
    "since": " since {when}",
    "pull_again": "pull again",
    "demo": "Demo: simulated accounts",
    # the report
    "at_least": "at least {figure} · {names} unknown",
    "at_least_other": "at least {figure}",
    "nothing_known": "unknown · {names}: no answer yet",
    "rub_unknown": "₽ unknown",
    "total_unknown": "{currency} {why}.",
    "all_dark": "No account answered. These are the last values known.",
    "since_yesterday": "since yesterday's close",
    "since_close": "since the close of {day}",
    "report_since_yesterday": "since yesterday",
    "report_parts_since": "{since}: {parts}",
    "report_net_in": "{money} more came in than went out",
    "report_net_out": "{money} more went out than came in",
    "report_moved": "Money came in or went out since.",
    "report_added": "{name} is new since",
    "report_return": "time-weighted {figure}",
    "report_no_chart": "There is no picture of it now.",
    "report_title": "Portfolio: {figure}",
    "report_24h": "P&L 24 h",
    "report_7d": "P&L 7 d",
    "report_all": "P&L total",
    "report_some": "{known} of {accounts} · {names} unknown",
    "without": "without {names} {figure}",
    "paid_in": "{money} paid in since",
    "paid_out": "{money} taken out since",
    "change_unknown": "No change told: the value of what came or went since is not known yet.",
    "added_since": "{name} is new since: {value}",
    "removed_since": "gone since: {names}",
    "in_transit": "in transit",
    "crypto": "crypto",
    "of_accounts": "{names}: {text}",
    "stands_in": "{cause}{since}, value of {when}.",
    "never_valued": "{cause}{since}, no value known.",
    "price_stands_in": "no price for {asset} now, the one of {when} stands in.",
    "rate_stands_in": "no current exchange rate for {asset}, the last one stands in.",
    "price_assumed": "no price for {asset} anywhere, counted at 1 USD.",
    "statement_of": "statement of {when}, newest there is.",
    "value_of": "value of {when}.",
    "roubles": "₽",
    "old_rate": "no newer rate could be had.",
    "stale_rate": "stale",
    "next_report": "next {when}",
    "late": "{slot} report, sent {sent}",
    "late_offline": "{slot} report, sent {sent} (was offline)",
    "also_due": "also due {slots}",
    "no_price": "No price, not in the total: {assets}.",
    "wallets_unread": "Not in the total: {wallets} of {names}, see {accounts}.",
    # assets
    "assets_headline": "{figure} in {assets}",
    "assets_at_least": "at least {figure} in {assets}",
    "unknown_accounts": "{names} unknown",
    "values_stand_in": "{names}: last known values.",
    "account_unknown": "unknown · {name}",
    "kept_in": "{figure} as the platform keeps it",
    "holds_nothing": "Holds nothing.",
    "dust": "{more} under {limit}: {total}",
    "no_price_short": "no price",
    "not_itemised": "other",
    "not_valued": "not valued",
    # history
    "closes_headline": "{figure} at the last close, {day}",
    "open_headline": "{figure} today, no close yet",
    "no_closes": "No complete close yet. The first one comes with the first report that all accounts answer.",
    "no_close": "{days}: no complete close",
    "today": "today",
    "unknown_short": "–",
    "imported_until": "Up to {day}: imported.",
    "open_day": "Today is not over, its figure is of {when}.",
    # accounts
    "accounts_live": "{live} of {accounts} live",
    "no_accounts": "No account yet.",
    "again_at": "It is asked again at {when}.",
    "down": "{name}: {cause}, {times}{since}.",
    "twice": "twice",
    "down_once": "{name}: {cause}{since}.",
    "down_still": "{name}, still: {cause}{since}.",
    "uses_value": "Your total uses the value of {when} ({value}).",
    "not_in_total": "It is not in your total, which says “at least” until it answers.",
    "back": "{name} is back after {span}: {value}{change}.",
    "believed": "{name}: two answers agree on {value}, it was {before}.",
    "key_moved": "{name}: its key opens another account than before. Nothing of it is counted yet.",
    "key_moved_mend": "Is it the new account? Then its history begins now: `portfolio-bot accounts confirm {account}`. "
    "If not, put the right key into `{key}` and restart.",
    "because": "Why: {why}.",
    "inner_missing_mend": "If it is closed for good: `portfolio-bot accounts gone {account} NAME`.",
    "said_confirm": "{name} is the new account from now on. What was stored of the one before stays, apart from it.",
    "said_gone": "{name} is taken as gone: what it was worth leaves the total as an outflow.",
    "said_gone_part": "{name} is read without {wallet} from now on. What it was worth leaves the total as an outflow.",
    "said_leave": "{name} is left out of the total until it answers again.",
    "said_back": "{name} counts again.",
    "said_wait": "{name}: nothing changes; it is asked again by itself.",
    "no_close_days": "No complete close for {days}: no answer from {names}.",
    "no_close_what": "Returns and alerts wait for one. You may wait, leave an account out until it answers, "
    "or say that it is gone.",
    "state_live": "live",
    "state_cached": "cached",
    "state_stale": "stale",
    "state_failed": "failed",
    "rights_read": "read only",
    "rights_trade": "may trade",
    "rights_transfer": "may move money",
    "rights_withdraw": "may withdraw",
    "rights_unknown": "rights unknown",
    "no_expiry": "no expiry",
    "expires": "ends {day}",
    "ip_bound": "address-bound",
    "ip_free": "any address",
    "clock": "clock {skew}",
    "statement": "statement of {day}",
    "region": "region {region}",
    "check_ok": "ok",
    "check_failed": "failed",
    "check_refused": "refused",
    # rules
    "every": "Every {interval}, {window}.",
    "every_now": "Every {interval} from now on, {window}.",
    "every_again": "Back to every {interval}, {window}.",
    "reports": "Reports come {window}, every {interval}.",
    "reports_now": "From now on reports come {window}, every {interval}.",
    "reports_again": "Back: reports come {window}, every {interval}.",
    "hours": "{start}–{end} {place}",
    "any_hour": "at any hour",
    "next": "Next: {moments}.",
    "settings_own": "{own} of {all} settings are yours",
    "settings_default": "{number} at their default",
    "setting": "`{name}` {value} · {origin}",
    "setting_default": "`{name}` {value}",
    "setting_since": "({when})",
    "setting_live": "can be changed here",
    "setting_below": "otherwise {below}",
    "setting_reset": "`{name}` is {value} again ({origin}).",
    "empty_value": "not set",
    # talk
    "progress": "↻ {states}",
    "waiting": "…",
    "ok": "✓",
    "failed": "✗",
    "start_pushes": "Reports every {interval}, {window}.",
    "start_commands": "/status is the report now, /help lists everything.",
    "command": "/{command} {argument} – {help}",
    "command_bare": "/{command} – {help}",
    "help_headline": "What you can ask",
    "ids": "Your id: `{user}`",
    "chat_id": "This chat: `{chat}`",
    "setup": "This is your bot.",
    "setup_mend": "Put `TELEGRAM_CHAT_ID={chat}` into .env and restart; then send /status.",
    "setup_users": "`ALLOWED_USER_IDS={user}` beside it lets you use commands here.",
    "error": '"{value}" {reason}.',
    "error_bare": "{reason}.",
    "unknown_command": "/{name} is no command.",
    "did_you_mean": "Did you mean /{nearest}? /help lists all.",
    "help_lists": "/help lists all.",
    "broken": "/{name} failed by a fault of ours; the log has it.",
    "broken_mend": "Try again; if it stays, look for an update.",
    "repeated": "Repeated: whether the first try arrived is unknown.",
    "too_old": "Sent while the bot was away and not carried out: {commands}. Send it again if it still holds.",
    "no_such_account": '"{given}" is no account. Yours: {ids}.',
    "coverage_short": "{account}: {percent} of its own total read, {gap} missing.",
    "coverage_over": "{account}: its wallets add up to {gap} more than its own total ({percent}).",
    "coverage_of_nothing": "{account}: its wallets hold {gap}, its own total says {total}.",
    "coverage_suspects": "Perhaps in {wallets}.",
}

CHAT: Final = {
    # buttons
    "refresh": "↻ Refresh",
    "details": "Details",
    "report_chart": "Chart",
    "report_text": "Text only",
    "report_period": "Period",
    "report_choose": "{period} ▾",
    "report_chosen": "{period} ✓",
    "report_since_close": "Last close",
    "summary": "Summary",
    "report": "Report",
    "all": "All",
    "days": "{days} d",
    "undo": "Undo",
    "new_account": "It is the new account",
    "wait": "Wait",
    "gone": "{account} is gone",
    "leave": "Leave out {account}",
    "always": "Always",
    "reset": "Reset {setting}",
    # remarks
    "busy": "Still working on it.",
    "no_command": "Commands begin with a slash: /status is the report, /help lists all.",
    "no_ids": "No ids here: this chat is your terminal.",
    "still_every": "Still every {interval}.",
    "still_window": "Still {window}.",
    "typed_next": "Type /status or another command, or the number of a button; Ctrl-D ends.",
    "no_button": "There is no button {number} under the last message.",
}
