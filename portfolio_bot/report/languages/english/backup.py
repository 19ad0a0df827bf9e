"""The words about backups, in English."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "backup_made": "Backed up: {rows}, {size}.",
    "backup_where": "{name} in {folder}.",
    "backup_previous": "The one before was made {age}.",
    "backup_first": "It is the first one.",
    "backup_kept": "Of each of the last 7 days and 4 weeks the newest is kept.",
    "backup_back": "`portfolio-bot restore FILE` brings it back.",
    "backup_list": "Backups: {count}",
    "backup_none": "There is no backup yet.",
    "backup_kb": "{n} kB",
    "backup_mb": "{n} MB",
    "backup_sent": "Backup of {when}, {size}.",
    "backup_private": "It holds no key, but everything you own: keep it to yourself.",
    "backup_failed": "The nightly backup failed: {why}",
    "rescued": "The database was damaged. The backup of {when} is in its place: what was stored after it is missing. "
    "The damaged one lies in {kept}.",
    "little_room": "Only {left} MB are free where {place} lies: make room before the disk is full.",
}

CHAT: Final = {
    "backup_send": "Send it here",
    "backup_send_one": "Send {when}",
    "backup_all": "List",
    "backup_now": "Back up now",
}

COUNTS: Final = {"backup_rows": ("{n} row", "{n} rows")}

HELPS: Final = {"backup": "a checked copy of the database, as a file too"}

ERRORS: Final = {
    "backup_of_no_file": ErrorWords(
        "this database is no file of ours", "Of PostgreSQL `pg_dump` makes a backup, `pg_restore` brings it back."
    ),
    "backup_gone": ErrorWords("this backup is not there any more", "/backup list shows those that are."),
    "backup_too_large": ErrorWords(
        "the backup has {size} MB: more than Telegram takes", "It lies in {path}: copy it from there."
    ),
    "backup_shows_amounts": ErrorWords(
        "a backup holds every amount, and this chat shows none", "Ask for it in another chat."
    ),
    "no_backup_word": ErrorWords("is nothing that /backup does", "/backup, or /backup list."),
}
