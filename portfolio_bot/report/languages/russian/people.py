"""The words about who may do what, and how a chat is spoken to, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "people_headline": "Ботом пользуются: {people}",
    "people_nobody": "Пока никто сюда не допущен",
    "person": "`{user}` {role} · {language}{you}",
    "person_you": " · вы",
    "person_owner_by_settings": "владелец, по настройкам",
    "person_owner": "владелец",
    "person_viewer": "читатель",
    "people_rules": "Владельцы меняют, читатели читают. Кто стоит в `ALLOWED_USER_IDS`, начинает читателем.",
    "role_changed": "`{user}` теперь {role}",
    "role_owner_may": "Отныне может менять всё.",
    "role_viewer_may": "Отныне читает и ничего не меняет.",
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
    "change_of_schedule": "расписание {name}",
    "change_in_terminal": "{what} в терминале",
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
    "value_rich": "богатая",
    "value_classic": "классическая",
    "value_dark": "тёмные",
    "value_light": "светлые",
    "value_parted": "не перевод",
    "value_joined": "свой перевод",
    "value_external": "ушло со счетов",
    "value_forgotten": "сказанное забыто",
    "value_confirm": "новый счёт верен",
    "value_gone": "закрыт",
    "value_leave": "не учитывается",
    "value_back": "снова учитывается",
    "look_headline": "Вид сообщений в этом чате",
    "look_headline_of": "Вид сообщений в чате {chat}",
    "look_row": "{what}: {value} ({origin})",
    "look_percent": "только проценты",
    "look_living": "живое сообщение",
    "look_form": "форма сообщений",
    "look_theme": "картинки",
    "look_percent_means": "Сумм денег и монет не видно нигде: ни в сообщениях, ни на картинках, ни в файлах.",
    "look_living_means": "Одно закреплённое сообщение всегда показывает новейший отчёт; остальные приходят как прежде.",
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
    "look_form_auto": "Форма: авто",
    "look_form_rich": "Форма: богатая",
    "look_form_classic": "Форма: классическая",
    "look_theme_dark": "Тёмные картинки",
    "look_theme_light": "Светлые картинки",
    "look_reset": "Всё как в настройках",
}

HELPS: Final = {
    "people": "кто пользуется ботом",
    "changes": "кто, что и когда изменил",
    "look": "только проценты, живое сообщение, форма",
}

ERRORS: Final = {
    "only_an_owner": ErrorWords("это может менять только владелец", "Попросите владельца бота."),
    "no_person": ErrorWords(
        "не из тех, кто пользуется ботом", "Они стоят в ALLOWED_USER_IDS; свой номер каждому скажет /id."
    ),
    "no_role": ErrorWords("не роль", "Есть owner и viewer: /people 123456 owner."),
    "owner_by_settings": ErrorWords(
        "владелец по настройкам и им останется", "Другого называют TELEGRAM_CHAT_ID или ALLOWED_USER_IDS."
    ),
    "no_changes_word": ErrorWords("команда /changes такого не умеет", "/changes перечисляет изменения, новые сверху."),
    "no_people": ErrorWords("здесь некого назвать", "Люди есть там, где у бота есть чат."),
    "look_no_choice": ErrorWords(
        "здесь не выбирается", "Выбираются percent, living, form, theme. Например: /look percent on."
    ),
    "look_no_value": ErrorWords("не подходит", "Одно из этих: {values}."),
    "look_no_value_said": ErrorWords("без значения", "Одно из этих: {values}."),
    "look_of_telegram": ErrorWords("только для чатов в Telegram", "Здесь выбираются percent, theme."),
    "look_no_chat": ErrorWords("не чат этого бота", "Номер человека из /people или ничего для этого чата."),
    "asked_somebody_else": ErrorWords("об этом спросили другого", "Пошлите команду сами."),
    "asked_too_long_ago": ErrorWords("вопросу больше двух минут", "Пошлите команду снова."),
    "amounts_are_hidden": ErrorWords(
        "в этом чате видны только проценты, а в этом файле одни суммы",
        "Владелец может это изменить: /look percent off.",
    ),
}
