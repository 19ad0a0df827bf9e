"""The words about schedules, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "schedule_line": "{name}: {rhythm}",
    "schedule_is": "{name}: {rhythm}.",
    "schedule_is_made": "{name} is made: {rhythm}.",
    "schedule_changed": "{name} from now on: {rhythm}.",
    "schedule_undone": "{name} is back: {rhythm}.",
    "schedule_not_made": "{name} is no more.",
    "schedule_removed": "{name} is removed: {rhythm}.",
    "schedule_what": "{content}, {places}{silent}{paused}",
    "schedule_silent": ", silent",
    "schedule_paused": ", paused",
    "schedule_default_paused": "Paused: none comes before `/schedules default resume`.",
    "schedule_hours": "Only {start}–{end} {place}.",
    "schedule_any_hour": "At any hour, {place} time.",
    "schedule_before": "Before: {moments}.",
    "schedule_never_before": "not at all",
    "schedule_or_type": "Or type {line}",
    "schedule_every": "every {interval}",
    "schedule_daily": "every day at {times}",
    "schedule_weekly": "{days} at {times}",
    "schedule_month_end": "last day of the month at {times}",
    "schedule_monthly": "day {day} of the month at {times}",
    "schedule_cron": "by cron {expression}",
    "schedule_day_mon": "Mon",
    "schedule_day_tue": "Tue",
    "schedule_day_wed": "Wed",
    "schedule_day_thu": "Thu",
    "schedule_day_fri": "Fri",
    "schedule_day_sat": "Sat",
    "schedule_day_sun": "Sun",
    "schedule_to_here": "here",
    "schedule_to_main": "in the main chat",
    "schedule_to_slack": "in Slack",
    "schedule_to_chat": "in chat {chat}",
    "schedule_content_report": "report",
    "schedule_content_details": "report with details",
    "schedule_content_chart": "chart",
    "schedule_content_performance": "change of 7 days",
    "schedule_content_allocation": "allocation",
    "schedule_ask_kind": "How often is something to come?",
    "schedule_ask_interval": "Every how long?",
    "schedule_ask_weekday": "On which days?",
    "schedule_ask_day": "On which day of the month? A shorter month takes its last one.",
    "schedule_ask_time": "At what time?",
    "schedule_ask_content": "What is to come?",
    "schedule_ask_place": "Where to?",
    "schedule_ask_no_place": "Nowhere else yet: Slack needs `SLACK_WEBHOOK_URL`, another chat asks for itself.",
    "schedule_ask_hours": "In which hours may it come?",
    "schedule_ask_rhythm": "When is it to come?",
    "schedule_ask_make": "Make this schedule: {rhythm}?",
    "schedule_ask_remove": "Remove {name}: {rhythm}?",
}

COUNTS: Final = {"schedules": ("{n} schedule.", "{n} schedules.")}

CHAT: Final = {
    "schedule_new": "New",
    "schedule_all": "‹ All",
    "schedule_when": "When",
    "schedule_content": "What",
    "schedule_place": "Where",
    "schedule_window": "Hours",
    "schedule_mute": "Silent",
    "schedule_sound": "With sound",
    "schedule_pause": "Pause",
    "schedule_resume": "Resume",
    "schedule_remove": "Remove",
    "schedule_keep": "Keep",
    "schedule_make": "Make it",
    "schedule_kind_every": "Every so often",
    "schedule_kind_daily": "Every day",
    "schedule_kind_weekly": "Every week",
    "schedule_kind_month_end": "Month end",
    "schedule_kind_monthly": "Day of the month",
    "schedule_here": "Here",
    "schedule_main": "Main chat",
    "schedule_slack": "Slack",
    "schedule_both": "{one} and {other}",
    "schedule_stays": "{schedule} stays as it is: {rhythm}.",
}

HELPS: Final = {"schedules": "what comes by itself, and when"}

_ADD = "For instance: `/schedules add morning daily 08:30 report`."
_RHYTHM = (
    '`every 2h`, `daily 08:30`, `weekly fri 18:00`, `month-end 21:00`, `monthly 15 21:00` or `cron "0 9 * * mon"`.'
)
_TIME = "Hours and minutes: `08:30`, several with commas: `08:30,20:00`."
_WEEKDAY = "`mon`, `mon,thu` or `mon-fri`, then the time."
_DAY = "1 to 31, then the time: `monthly 15 21:00`."
_CRON = 'Minute, hour, day, month, day of the week: `cron "0 9-18/3 * * mon-fri"`.'
_INTERVAL = "`every 45m`, `every 2h`, `every 1d`; from 5 minutes to 7 days."
_WINDOW = "Two full hours: `window 9-18`, or `window always`."
_ADDRESS = "`to here`, `to main` or `to slack`; for another chat type the command there."

ERRORS: Final = {
    "schedule_no_name": ErrorWords("is no name", f"Letters, digits and hyphens. {_ADD}"),
    "schedule_long_name": ErrorWords("is too long for a name", "Up to 20 letters; up to 12 of other alphabets."),
    "schedule_reserved": ErrorWords("is a word of this command", f"Choose another name. {_ADD}"),
    "schedule_exists": ErrorWords("is there already", "Choose another name, or change it: `/schedules {name}`."),
    "schedule_unread": ErrorWords("is a schedule of a newer version", "Choose another name: nothing of it is lost."),
    "schedule_unknown": ErrorWords("is no schedule", "There are: {names}."),
    "schedule_stays": ErrorWords("cannot be removed", "It can be paused: `/schedules default pause`."),
    "schedule_by_settings": ErrorWords(
        "is changed by two other commands", "`/frequency` says how often it comes, `/window` in which hours."
    ),
    "schedule_too_many": ErrorWords("is one too many", "There are {most} already. Remove one first."),
    "schedule_never": ErrorWords("would never come", "Other times, other days or other hours are needed."),
    "schedule_no_change": ErrorWords("is no change that can be undone", "`/schedules` shows how it stands."),
    "schedule_no_rhythm": ErrorWords("does not say when", _RHYTHM),
    "schedule_no_time": ErrorWords("is no time of day", _TIME),
    "schedule_many_times": ErrorWords("are too many times", "Up to {most} a day."),
    "schedule_too_often": ErrorWords("is too often", "At least 5 minutes lie between two."),
    "schedule_no_weekday": ErrorWords("is no day of the week", _WEEKDAY),
    "schedule_no_day_of_month": ErrorWords("is no day of the month", _DAY),
    "schedule_no_cron": ErrorWords("is no cron expression", _CRON),
    "schedule_no_times_of_its_own": ErrorWords(
        "does not fit: it comes by `{rhythm}`", "Name the whole rhythm: `daily 09:00`."
    ),
    "schedule_no_word": ErrorWords(
        "means nothing here", "{contents}; `window 9-18`; `silent`, `loud`; `to here`, `to main`, `to slack`."
    ),
    "schedule_no_word_of_one": ErrorWords(
        "means nothing here",
        "`pause`, `resume`, `remove`; `at 19:00`, `daily 08:30`, `every 2h`; {contents}; `window 9-18`; `silent`, "
        "`loud`; `to here`, `to main`, `to slack`.",
    ),
    "schedule_no_slack": ErrorWords(
        "is not set up", "Put the address of a webhook into `SLACK_WEBHOOK_URL` and restart."
    ),
    "schedule_no_address": ErrorWords("is no address", _ADDRESS),
    "schedule_rhythm_missing": ErrorWords("it is not said when", _RHYTHM),
    "schedule_time_missing": ErrorWords("the time of day is missing", _TIME),
    "schedule_weekday_missing": ErrorWords("the day of the week is missing", _WEEKDAY),
    "schedule_day_missing": ErrorWords("the day of the month is missing", _DAY),
    "schedule_cron_missing": ErrorWords("the expression is missing", _CRON),
    "schedule_interval_missing": ErrorWords("the interval is missing", _INTERVAL),
    "schedule_window_missing": ErrorWords("the hours are missing", _WINDOW),
    "schedule_address_missing": ErrorWords("the address is missing", _ADDRESS),
    "schedule_name_missing": ErrorWords("a name is missing", f"Letters, digits and hyphens. {_ADD}"),
}
