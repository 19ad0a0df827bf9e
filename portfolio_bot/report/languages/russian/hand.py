"""The words about records by hand and files that are taken out, in Russian."""

from __future__ import annotations

from typing import Final

COUNTS: Final = {
    "rows": ("{n} строка", "{n} строки", "{n} строк"),
}

PHRASES: Final = {
    "hand_ask": "Записать {kind} {amount}, {day}{place}?",
    "hand_effect": "TWR изменится, итог – нет.",
    "hand_effect_joined": "Это один перевод с {other} на {name}: ни TWR, ни итог не изменятся.",
    "hand_effect_inner": "Это говорит, откуда взялся актив: ни TWR, ни итог не изменятся.",
    "hand_added": "Записано: {kind} {amount}, {day}{place}",
    "hand_changed": "Исправлено: {kind} {amount}, {day}{place}",
    "hand_removed": "Убрано: {kind} {amount}, {day}{place}",
    "hand_to": ", на {name}",
    "hand_from": ", с {name}",
    "hand_on": "{day}",
    "hand_today": "сегодня {clock}",
    "hand_worth": "Стоимость {worth}.",
    "hand_worth_par": "Стоимость {worth}, как если бы ровно доллар: цена того времени не известна.",
    "hand_worth_unknown": "Стоимость в USD ещё не известна; без неё TWR не посчитать. Её задаёт --usd.",
    "hand_worth_unknown_chat": "Стоимость в USD ещё не известна; без неё TWR не посчитать.",
    "hand_note": "Заметка: {note}",
    "hand_cell": "{field}: {before} → {after}",
    "hand_nothing": "пусто",
    "hand_like": "Похожее уже есть: {kind} {amount}, {when}{place}.",
    "hand_id": "Его id `{id}`.",
    "hand_back": "Отменить: `{command}`",
    "hand_new_account": "{name} – новый счёт: других записей по нему нет.",
    "hand_what_deposit": "Что пришло?",
    "hand_what_withdrawal": "Что ушло?",
    "hand_what_line": "Нажмите на кнопку или введите название. Одной строкой: {example}",
    "hand_where_deposit": "{asset}: куда пришло?",
    "hand_where_withdrawal": "{asset}: с какого счёта ушло?",
    "hand_how_much": "Сколько {asset}{place}?",
    "hand_how_much_line": "Введите сумму, например 0,5. Любая команда отменит запись.",
    "hand_when": "{amount}{place}: когда?",
    "hand_which_day": "В какой день?",
    "hand_which_day_line": "Введите, например, 18 ноя или 2026-11-18. Любая команда отменит запись.",
    "hand_given_up": "Ничего не записано.",
    "hand_stale": "Вопрос устарел: на него уже ответили, или бот перезапускался.",
    "hand_stale_line": "{command} – начать заново.",
    "hand_gone": "Этого уже нет: отменять нечего.",
    "file_headline": "{name}: {count}",
    "file_empty": "Выгружать пока нечего.",
    "file_back": "Загрузить обратно: portfolio-bot import {what} FILE.",
    "file_saved": "Сохранено: {path}",
}

CHAT: Final = {
    "record": "Записать",
    "record_anyway": "Всё равно записать",
    "cancel": "Отмена",
    "now": "Сейчас",
    "today": "Сегодня",
    "yesterday": "Вчера",
    "other_day": "Другой день",
    "no_account": "Ни один из них",
    "which_account": "Счёт",
}

HELPS: Final = {
    "deposit": "записать пополнение",
    "withdraw": "записать вывод",
    "export": "стоимость по дням файлом",
    "export_returns": "доходность по дням файлом",
    "export_trades": "сделки файлом",
}
