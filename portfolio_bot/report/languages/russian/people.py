"""The words about who may do what, and how a chat is spoken to, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "people_headline": "Доступ к боту: {people}",
    "people_how": "Впишите номер человека в `ALLOWED_USER_IDS` и перезапустите бота; свой номер каждому скажет /id.",
    "people_nobody": "Пока никто сюда не допущен",
    "person": "`{user}` {role} · {language}{you}",
    "person_you": " · вы",
    "person_owner_by_settings": "владелец, по настройкам",
    "person_owner": "владелец",
    "person_viewer": "читатель",
    "people_rules": "Владелец может менять всё, читатель – только смотреть. "
    "Кто указан в `ALLOWED_USER_IDS`, сначала читатель.",
    "role_changed": "`{user}` теперь {role}",
    "role_owner_may": "Теперь может менять всё.",
    "role_viewer_may": "Теперь может только смотреть.",
    "language_en": "английский",
    "language_ru": "русский",
    "changes_headline": "В журнале {changes}",
    "changes_none": "Пока никто ничего не менял",
    "change_line": "{when} · {who} · {what}: {before} → {after}",
    "change_made": "{when} · {who} · {what}: {after}",
    "change_undone": "{when} · {who} · {what}, отменено: {before}",
    "change_you": "вы",
    "change_by_terminal": "терминал",
    "change_by_command": "командная строка",
    "change_setting": "`{name}`",
    "change_role": "роль {user}",
    "change_language": "язык {user}",
    "change_in_chat": "{what} в чате {chat}",
    "change_in_terminal": "{what} в терминале",
    "change_of_schedule": "расписание {name}",
    "change_of_alert": "тревога {name}",
    "change_of_account": "счёт {name}",
    "change_of_flow": "движение на {name}",
    "change_of_record": "запись вручную",
    "change_not_set": "как в настройках",
    "value_yes": "включено",
    "value_no": "выключено",
    "value_owner": "владелец",
    "value_viewer": "читатель",
    "value_auto": "авто",
    "value_rich": "расширенное",
    "value_classic": "обычное",
    "value_dark": "тёмные",
    "value_light": "светлые",
    "value_parted": "не перевод",
    "value_joined": "свой перевод",
    "value_external": "ушло со счетов",
    "value_forgotten": "отметка снята",
    "value_confirm": "новый счёт верен",
    "value_gone": "закрыт",
    "value_leave": "не учитывается",
    "value_back": "снова учитывается",
    "look_headline": "Вид сообщений в этом чате",
    "look_headline_of": "Вид сообщений в чате {chat}",
    "look_row": "{what}: {value} ({origin})",
    "look_percent": "только проценты",
    "look_living": "живое сообщение",
    "look_form": "оформление",
    "look_theme": "графики",
    "look_percent_means": "Сумм денег и монет не видно нигде: ни в сообщениях, ни на графиках, ни в файлах.",
    "look_living_means": "Одно закреплённое сообщение всегда показывает последний отчёт; остальные – как раньше.",
    "living_updated": "обновлено {when}",
    "living_over": "Это сообщение больше не обновляется. Отчёт покажет /status.",
    "asset_open_only": "{asset}: открыто {open}",
    "export_hidden": "Без сумм: в этом чате видны только проценты.",
}

COUNTS: Final = {
    "people": ("{n} человек", "{n} человека", "{n} человек"),
    "changes": ("{n} изменение", "{n} изменения", "{n} изменений"),
}

CHAT: Final = {
    "make_owner": "{user}: владелец",
    "make_viewer": "{user}: читатель",
    "look_of": "{user}: вид",
    "look_percent_on": "Только проценты",
    "look_percent_off": "Показать суммы",
    "look_living_on": "Живое сообщение",
    "look_living_off": "Без живого сообщения",
    "look_form_auto": "Оформление: авто",
    "look_form_rich": "Оформление: расширенное",
    "look_form_classic": "Оформление: обычное",
    "look_theme_dark": "Тёмные графики",
    "look_theme_light": "Светлые графики",
    "look_reset": "Всё как в настройках",
}

HELPS: Final = {
    "people": "кто пользуется ботом",
    "changes": "кто, что и когда изменил",
    "look": "проценты, живое сообщение, оформление",
}

ERRORS: Final = {
    "only_an_owner": ErrorWords("это может менять только владелец", "Попросите владельца бота."),
    "no_person": ErrorWords(
        "у этого номера нет доступа к боту", "Доступ даёт ALLOWED_USER_IDS; свой номер каждый узнает через /id."
    ),
    "no_role": ErrorWords("такой роли нет", "Есть owner и viewer: /people 123456 owner."),
    "owner_by_settings": ErrorWords(
        "владелец по настройкам и им останется", "Другого задают TELEGRAM_CHAT_ID или ALLOWED_USER_IDS."
    ),
    "no_changes_word": ErrorWords("команда /changes такого не умеет", "/changes перечисляет изменения, новые сверху."),
    "no_people": ErrorWords("здесь людей нет", "Они есть там, где у бота есть чат."),
    "look_no_choice": ErrorWords(
        "здесь не выбирается", "Выбираются percent, living, form, theme. Например: /look percent on."
    ),
    "look_no_value_said": ErrorWords("без значения", "Одно из этих: {values}."),
    "look_of_telegram": ErrorWords("только для чатов в Telegram", "Здесь выбираются percent, theme."),
    "look_no_value": ErrorWords("не подходит", "Одно из этих: {values}."),
    "look_no_chat": ErrorWords("такого чата у бота нет", "Нужен номер из /people; без номера – этот чат."),
    "asked_somebody_else": ErrorWords("вопрос был не к вам", "Отправьте команду сами."),
    "asked_too_long_ago": ErrorWords("вопросу больше двух минут", "Отправьте команду снова."),
    "amounts_are_hidden": ErrorWords(
        "в этом чате видны только проценты, а в этом файле одни суммы",
        "Владелец может это изменить: /look percent off.",
    ),
}
