"""What is wrong with something that somebody typed, and what would be right, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

_INTERVAL = "Minutes (45), or 45m, 2h, 1d; from 5 minutes to 7 days."
_WINDOW = "Two full hours from 0 to 24 (8-20, or 22-6 over midnight), or always."
_WHOLE = "A whole number from {low} to {high}, for instance {default}."
_POINT = "The decimal mark is a point, and thousands have none."
_PERIODS = "{periods}, or days: 45."
_ANEW = "/{command} begins anew."
_FLOWS = "/flows lists them."
_IDS = "The list of flows has the id of each."
_DAY = "Write it like 18 Nov or 2026-11-18."

_ACCOUNTS: Final = {
    "no_account": ErrorWords("is no account", "Yours: {yours}."),
    "no_account_like_it": ErrorWords("is no account", "Did you mean {near}? Yours: {yours}."),
    "no_account_yet": ErrorWords("is no account", "There is none yet."),
    "simulated_account": ErrorWords("is a simulated account", "Only your own can be left out or removed."),
    "maybe_no_account": ErrorWords("is no account", "Did you mean {near}? If it is a new one, say so: --anyway."),
    "no_account_name": ErrorWords("is no name for an account", "Letters, digits and hyphens, like ledger-wallet."),
    "no_word_about_account": ErrorWords("is nothing to say about an account", "What is: confirm, gone, leave, back."),
    "waits_for_no_answer": ErrorWords("waits for no answer: its key opens the account that it always opened"),
    "never_held": ErrorWords("is nothing that {account} ever held", "Known: {known}."),
    "held_nothing": ErrorWords("is nothing that {account} ever held"),
}

_TIMES: Final = {
    "no_interval": ErrorWords("is no interval", _INTERVAL),
    "interval_too_short": ErrorWords("is too short", _INTERVAL),
    "interval_too_long": ErrorWords("is too long", _INTERVAL),
    "no_window": ErrorWords("is no window", _WINDOW),
    "window_beyond_clock": ErrorWords("goes beyond the clock", _WINDOW),
    "no_period": ErrorWords("is no period", _PERIODS),
    "second_period": ErrorWords("is a second period", _PERIODS),
    "no_date": ErrorWords("is no date", "Write it like 2024-01-31."),
    "no_day": ErrorWords("is no day", "Write it like 18 Nov, 2026-11-18, yesterday or 2026-11-18T08:00Z."),
    "no_moment": ErrorWords("is no time", "Write a day (2026-11-18) or an instant (2026-11-18T08:00Z)."),
    "no_calendar_day": ErrorWords("is no day of the calendar", _DAY),
    "no_calendar_minute": ErrorWords("is no minute of the calendar", "Write it like 2026-11-18T08:00Z."),
    "time_without_zone": ErrorWords("is a time without a zone", "End it with Z for UTC, or with +01:00."),
    "before_1970": ErrorWords("is before 1970", _DAY),
    "in_future": ErrorWords("is in the future", "Record it when it has happened."),
}

_NUMBERS: Final = {
    "no_whole_number": ErrorWords("is no whole number", _WHOLE),
    "out_of_range": ErrorWords("is out of range", _WHOLE),
    "no_number": ErrorWords("is no number for {field}", "Write it like 0.5."),
    "number_with_comma": ErrorWords("is no number for {field}", _POINT),
    "no_amount": ErrorWords("is no amount", "Write it like 0.5."),
    "amount_with_comma": ErrorWords("is no amount", f"Thousands or a fraction? {_POINT}"),
    "amount_not_above_zero": ErrorWords("is no amount", "Give one above 0: the kind says whether it came or went."),
    "amount_missing": ErrorWords("the amount is missing", "Give one above 0."),
    "no_usd_value": ErrorWords("is no value in USD", "Give one above 0, or leave it out to have it looked up."),
    "no_cost": ErrorWords("is no cost", "Give 0 or more."),
    "no_asset_name": ErrorWords("is no name of an asset", "Letters and digits, like BTC or USD."),
    "text_too_long": ErrorWords("is no {field}", "At most {most} printable characters."),
}

_FLOWS_AND_RECORDS: Final = {
    "no_record_action": ErrorWords("is nothing that can be done with a record", "There are add, edit and remove."),
    "no_record_kind": ErrorWords("is no kind of record", "There are deposit and withdrawal."),
    "record_alike": ErrorWords("{like} ({id})", "If this is another one, say so: --anyway."),
    "nothing_to_change": ErrorWords(
        "nothing is said that should change", "Say at least one of --amount, --time, --note, …."
    ),
    "no_recording_here": ErrorWords("nothing can be recorded here", "Use the command line: `portfolio-bot flows add`."),
    "no_form_step": ErrorWords("is no step of this question", _ANEW),
    "nothing_asked_yet": ErrorWords("nothing was asked yet", _ANEW),
    "told_and_kept": ErrorWords(
        "was told by {account}, and would be told again as it was",
        "Of such a record you can change --usd, --cost and --note.",
    ),
    "told_and_not_removed": ErrorWords(
        "was told by {account}, and would be told again", "If it is no transfer of yours, say so: flows external."
    ),
    "no_flow_kind": ErrorWords("is no kind of flow", "There are {kinds}."),
    "id_of_no_flow": ErrorWords("is the id of no flow", "flows lists them with their ids."),
    "id_of_several_flows": ErrorWords("belongs to several flows", "Name one of them by its own id: {id}."),
    "id_on_several_accounts": ErrorWords("is an id on several accounts ({accounts})", "Say which: {first}."),
    "flow_not_said": ErrorWords("which flow is not said", _FLOWS),
    "no_flow_listed": ErrorWords("is no flow that is known", _FLOWS),
    "no_known_flow": ErrorWords("is no deposit, withdrawal or transfer that is known", _IDS),
    "no_flow_on_account": ErrorWords("is no deposit, withdrawal or transfer of {account} that is known", _IDS),
    "no_transfer_any_more": ErrorWords("this is no transfer any more", _FLOWS),
    "no_verdict": ErrorWords("is nothing that can be said of a flow", "There are {actions}."),
    "never_spoken_about": ErrorWords("was never spoken about", "The rules decide about it already."),
    "nothing_to_take_back": ErrorWords("nothing was said since the start that could be taken back", _IDS),
    "linked_with_none": ErrorWords("is linked with no other flow", "There is nothing to part."),
    "goes_the_same_way": ErrorWords(
        "goes the same way as {other}", "A transfer has a withdrawal on one side, a deposit on the other."
    ),
    "of_another_asset": ErrorWords(
        "is {asset}, not the same as {other}", "The two sides of a transfer are of one asset."
    ),
}

_WISHES: Final = {
    "nobody_to_send_to": ErrorWords(
        "there is nobody to send it to", "Set `TELEGRAM_BOT_TOKEN` and `TELEGRAM_CHAT_ID` in .env."
    ),
    "file_not_whole": ErrorWords("the file did not arrive whole", "Try it again."),
    "file_too_large": ErrorWords(
        "the file has {size} MB: more than Telegram takes",
        "The newest {rows} rows fit: put a number behind the command.",
    ),
    "no_import": ErrorWords("is nothing that can be imported", "There are {tables}."),
    "no_export_here": ErrorWords("nothing can be taken out here", "Use the command line: `portfolio-bot export`."),
    "no_report_word": ErrorWords(
        "is nothing that the report has", "/status, /status `detail`, `rub`, `30d` or `chart`."
    ),
    "no_explained_figure": ErrorWords("is no figure that can be explained", "There are {figures}."),
    "total_takes_nothing": ErrorWords("says nothing here", "The total is that of the newest snapshot: /explain total."),
    "which_setting": ErrorWords("needs the name of a setting behind it", "It can be {names}."),
    "no_settings_word": ErrorWords(
        "is nothing that /settings does", "/settings, or /settings reset and a setting's name."
    ),
    "not_a_live_setting": ErrorWords("cannot be changed here", "What can: {names}. The rest stands in .env."),
}

ERRORS: Final = {**_ACCOUNTS, **_TIMES, **_NUMBERS, **_FLOWS_AND_RECORDS, **_WISHES}
