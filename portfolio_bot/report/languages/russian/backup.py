"""The words about backups, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "backup_made": "Копия готова: {rows}, {size}.",
    "backup_where": "{name} в {folder}.",
    "backup_previous": "Предыдущая сделана {age}.",
    "backup_first": "Это первая копия.",
    "backup_kept": "Хранится последняя копия за каждый из 7 дней и каждую из 4 недель.",
    "backup_back": "Восстановить: `portfolio-bot restore FILE`.",
    "backup_list": "Копии: {count}",
    "backup_none": "Копий пока нет.",
    "backup_kb": "{n} кБ",
    "backup_mb": "{n} МБ",
    "backup_sent": "Копия от {when}, {size}.",
    "backup_private": "Ключей в ней нет, но есть всё, чем вы владеете: не показывайте её никому.",
    "backup_failed": "Ночная копия не удалась: {why}",
    "rescued": "База была повреждена. На её месте копия от {when}: сохранённого после неё нет. "
    "Повреждённая лежит в {kept}.",
    "little_room": "Там, где лежит {place}, свободно только {left} МБ: освободите место, пока диск не заполнен.",
}

CHAT: Final = {
    "backup_send": "Прислать сюда",
    "backup_send_one": "Прислать: {when}",
    "backup_all": "Список",
    "backup_now": "Сделать копию",
}

COUNTS: Final = {"backup_rows": ("{n} строка", "{n} строки", "{n} строк")}

HELPS: Final = {"backup": "проверенная копия базы, в том числе файлом"}

ERRORS: Final = {
    "backup_of_no_file": ErrorWords(
        "эта база – не файл", "Копию PostgreSQL делает `pg_dump`, возвращает `pg_restore`."
    ),
    "backup_gone": ErrorWords("этой копии больше нет", "Какие есть, покажет /backup list."),
    "backup_too_large": ErrorWords(
        "в копии {size} МБ: больше, чем принимает Telegram", "Она лежит в {path}: заберите её оттуда."
    ),
    "backup_shows_amounts": ErrorWords(
        "в копии есть все суммы, а этот чат их не показывает", "Запросите её в другом чате."
    ),
    "no_backup_word": ErrorWords("такого /backup не умеет", "/backup или /backup list."),
}
