"""The words about who may do what, and how a chat is spoken to, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "people_headline": "{people} may use this bot",
    "people_how": "Put somebody's number into `ALLOWED_USER_IDS` and restart; /id tells them theirs.",
    "people_nobody": "Nobody is allowed here yet",
    "person": "`{user}` {role} · {language}{you}",
    "person_you": " · you",
    "person_owner_by_settings": "owner, by the settings",
    "person_owner": "owner",
    "person_viewer": "viewer",
    "people_rules": "Owners change, viewers read. Whoever stands in `ALLOWED_USER_IDS` begins as a viewer.",
    "role_changed": "`{user}` is {role} now",
    "role_owner_may": "They may change everything from now on.",
    "role_viewer_may": "They read from now on and change nothing.",
    "language_en": "English",
    "language_ru": "Russian",
    "changes_headline": "{changes} on record",
    "changes_none": "Nobody changed anything yet",
    "change_line": "{when} · {who} · {what}: {before} → {after}",
    "change_made": "{when} · {who} · {what}: {after}",
    "change_undone": "{when} · {who} · {what} taken back: {before}",
    "change_you": "you",
    "change_by_terminal": "the terminal",
    "change_by_command": "the command line",
    "change_setting": "`{name}`",
    "change_role": "role of {user}",
    "change_language": "language of {user}",
    "change_in_chat": "{what} in chat {chat}",
    "change_in_terminal": "{what} in the terminal",
    "change_of_schedule": "schedule {name}",
    "change_of_alert": "alert {name}",
    "change_of_account": "account {name}",
    "change_of_flow": "flow of {name}",
    "change_of_record": "record by hand",
    "change_not_set": "as in the settings",
    "value_yes": "on",
    "value_no": "off",
    "value_owner": "owner",
    "value_viewer": "viewer",
    "value_auto": "automatic",
    "value_rich": "rich",
    "value_classic": "classic",
    "value_dark": "dark",
    "value_light": "light",
    "value_parted": "no transfer",
    "value_joined": "own transfer",
    "value_external": "left the accounts",
    "value_forgotten": "what was said is forgotten",
    "value_confirm": "the new account is right",
    "value_gone": "gone",
    "value_leave": "left out",
    "value_back": "counted again",
    "look_headline": "How this chat is written to",
    "look_headline_of": "How chat {chat} is written to",
    "look_row": "{what}: {value} ({origin})",
    "look_percent": "percentages only",
    "look_living": "living message",
    "look_form": "form of messages",
    "look_theme": "pictures",
    "look_percent_means": "No amount of money or of a coin is shown, in no message, picture or file.",
    "look_living_means": "One pinned message always shows the newest report; pushes come as before.",
    "living_updated": "updated {when}",
    "living_over": "This message is not kept up to date any more. /status shows the report.",
    "asset_open_only": "{asset}: {open} open",
    "export_hidden": "Amounts are left out: only percentages are shown in this chat.",
}

COUNTS: Final = {
    "people": ("{n} person", "{n} people"),
    "changes": ("{n} change", "{n} changes"),
}

CHAT: Final = {
    "make_owner": "{user}: owner",
    "make_viewer": "{user}: viewer",
    "look_of": "{user}: look",
    "look_percent_on": "Percentages only",
    "look_percent_off": "Show amounts",
    "look_living_on": "Living message on",
    "look_living_off": "Living message off",
    "look_form_auto": "Automatic form",
    "look_form_rich": "Rich form",
    "look_form_classic": "Classic form",
    "look_theme_dark": "Dark pictures",
    "look_theme_light": "Light pictures",
    "look_reset": "All as in the settings",
}

HELPS: Final = {
    "people": "who may use this bot",
    "changes": "who changed what, and when",
    "look": "percentages only, living message, form",
}

ERRORS: Final = {
    "only_an_owner": ErrorWords("only an owner may change this", "Ask the owner of this bot."),
    "no_person": ErrorWords(
        "is nobody who may use this bot", "Whoever may stands in ALLOWED_USER_IDS; /id tells somebody their number."
    ),
    "no_role": ErrorWords("is no role", "There are owner and viewer: /people 123456 owner."),
    "owner_by_settings": ErrorWords(
        "is the owner by the settings and stays one", "Another one comes from TELEGRAM_CHAT_ID or ALLOWED_USER_IDS."
    ),
    "no_changes_word": ErrorWords("is nothing that /changes does", "/changes lists them, newest first."),
    "no_people": ErrorWords("there are no people to name here", "They are named where the bot has a chat."),
    "look_no_choice": ErrorWords(
        "is nothing to choose here", "What is: percent, living, form, theme. For instance /look percent on."
    ),
    "look_no_value_said": ErrorWords("needs a value behind it", "One of these: {values}."),
    "look_of_telegram": ErrorWords("is for chats in Telegram", "What can be chosen here: percent, theme."),
    "look_no_value": ErrorWords("is no value for it", "One of these: {values}."),
    "look_no_chat": ErrorWords("is no chat of this bot", "Somebody's number from /people, or nothing for this chat."),
    "asked_somebody_else": ErrorWords("somebody else was asked this", "Send the command yourself."),
    "asked_too_long_ago": ErrorWords("the question is older than two minutes", "Send the command again."),
    "amounts_are_hidden": ErrorWords(
        "only percentages are shown in this chat, and this file is all amounts",
        "An owner can change that: /look percent off.",
    ),
}
