"""The words about schedules, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "schedule_line": "{name}: {rhythm}",
    "schedule_is": "{name}: {rhythm}.",
    "schedule_is_made": "Расписание {name} создано: {rhythm}.",
    "schedule_changed": "{name}: теперь {rhythm}.",
    "schedule_undone": "{name}: снова {rhythm}.",
    "schedule_not_made": "Расписания {name} больше нет.",
    "schedule_removed": "Расписание {name} удалено: {rhythm}.",
    "schedule_what": "{content}, {places}{silent}{paused}",
    "schedule_silent": ", без звука",
    "schedule_paused": ", на паузе",
    "schedule_default_paused": "На паузе: без `/schedules default resume` ничего не придёт.",
    "schedule_hours": "Только {start}–{end} {place}.",
    "schedule_any_hour": "В любое время суток, часовой пояс {place}.",
    "schedule_before": "Было: {moments}.",
    "schedule_never_before": "без отправки",
    "schedule_or_type": "Или строкой {line}",
    "schedule_every": "раз в {interval}",
    "schedule_daily": "каждый день в {times}",
    "schedule_weekly": "{days} в {times}",
    "schedule_month_end": "последний день месяца в {times}",
    "schedule_monthly": "{day}-го числа в {times}",
    "schedule_cron": "по cron {expression}",
    "schedule_day_mon": "пн",
    "schedule_day_tue": "вт",
    "schedule_day_wed": "ср",
    "schedule_day_thu": "чт",
    "schedule_day_fri": "пт",
    "schedule_day_sat": "сб",
    "schedule_day_sun": "вс",
    "schedule_to_here": "сюда",
    "schedule_to_main": "в основной чат",
    "schedule_to_slack": "в Slack",
    "schedule_to_chat": "в чат {chat}",
    "schedule_content_report": "отчёт",
    "schedule_content_details": "подробный отчёт",
    "schedule_content_chart": "график",
    "schedule_content_performance": "изменение за 7 дней",
    "schedule_content_allocation": "состав портфеля",
    "schedule_ask_kind": "Как часто присылать?",
    "schedule_ask_interval": "С каким интервалом?",
    "schedule_ask_weekday": "По каким дням?",
    "schedule_ask_day": "Какого числа? В коротком месяце – в последний день.",
    "schedule_ask_time": "Во сколько?",
    "schedule_ask_content": "Что присылать?",
    "schedule_ask_place": "Куда?",
    "schedule_ask_no_place": "Больше пока некуда: в другом чате попросите там, для Slack нужен `SLACK_WEBHOOK_URL`.",
    "schedule_ask_hours": "В какие часы можно присылать?",
    "schedule_ask_rhythm": "Когда присылать?",
    "schedule_ask_make": "Создать расписание: {rhythm}?",
    "schedule_ask_remove": "Удалить {name}: {rhythm}?",
}

COUNTS: Final = {"schedules": ("{n} расписание.", "{n} расписания.", "{n} расписаний.")}

CHAT: Final = {
    "schedule_new": "Новое",
    "schedule_all": "‹ Все",
    "schedule_when": "Когда",
    "schedule_content": "Что",
    "schedule_place": "Куда",
    "schedule_window": "Часы",
    "schedule_mute": "Без звука",
    "schedule_sound": "Со звуком",
    "schedule_pause": "Пауза",
    "schedule_resume": "Продолжить",
    "schedule_remove": "Удалить",
    "schedule_keep": "Оставить",
    "schedule_make": "Создать",
    "schedule_kind_every": "С интервалом",
    "schedule_kind_daily": "Каждый день",
    "schedule_kind_weekly": "Каждую неделю",
    "schedule_kind_month_end": "Конец месяца",
    "schedule_kind_monthly": "Число месяца",
    "schedule_here": "Сюда",
    "schedule_main": "Основной чат",
    "schedule_slack": "Slack",
    "schedule_both": "{one} и {other}",
    "schedule_stays": "{schedule} без изменений: {rhythm}.",
}

HELPS: Final = {"schedules": "что и когда приходит само"}

_ADD = "Например: `/schedules add morning daily 08:30 report`."
_RHYTHM = (
    '`every 2h`, `daily 08:30`, `weekly fri 18:00`, `month-end 21:00`, `monthly 15 21:00` или `cron "0 9 * * mon"`.'
)
_TIME = "Часы и минуты: `08:30`, несколько через запятую: `08:30,20:00`."
_WEEKDAY = "`mon`, `mon,thu` или `mon-fri`, потом время."
_DAY = "От 1 до 31, потом время: `monthly 15 21:00`."
_CRON = 'Минута, час, число, месяц, день недели: `cron "0 9-18/3 * * mon-fri"`.'
_INTERVAL = "`every 45m`, `every 2h`, `every 1d`; от 5 минут до 7 дней."
_WINDOW = "Два целых часа: `window 9-18`, или `window always`."
_ADDRESS = "`to here`, `to main` или `to slack`; для другого чата наберите команду там."

ERRORS: Final = {
    "schedule_no_name": ErrorWords("такое имя не подойдёт", f"Буквы, цифры и дефисы. {_ADD}"),
    "schedule_long_name": ErrorWords("слишком длинное имя", "До 20 латинских букв; до 12 других."),
    "schedule_reserved": ErrorWords("это слово самой команды", f"Выберите другое имя. {_ADD}"),
    "schedule_exists": ErrorWords("уже есть", "Выберите другое имя или измените его: `/schedules {name}`."),
    "schedule_unread": ErrorWords(
        "это расписание из более новой версии", "Выберите другое имя: то расписание останется."
    ),
    "schedule_unknown": ErrorWords("нет такого расписания", "Есть: {names}."),
    "schedule_stays": ErrorWords("удалить нельзя", "Можно поставить на паузу: `/schedules default pause`."),
    "schedule_by_settings": ErrorWords(
        "его меняют две другие команды", "`/frequency` задаёт интервал, `/window` – часы."
    ),
    "schedule_too_many": ErrorWords("больше расписаний нельзя", "Их уже {most}. Сначала удалите одно."),
    "schedule_never": ErrorWords("никогда не придёт", "Нужны другие время, дни или часы."),
    "schedule_no_change": ErrorWords("отменить нельзя", "`/schedules` покажет, что сейчас."),
    "schedule_no_rhythm": ErrorWords("непонятно, когда", _RHYTHM),
    "schedule_no_time": ErrorWords("это не время суток", _TIME),
    "schedule_many_times": ErrorWords("слишком много отправок", "До {most} в день."),
    "schedule_too_often": ErrorWords("слишком часто", "Между двумя отправками не меньше 5 минут."),
    "schedule_no_weekday": ErrorWords("это не день недели", _WEEKDAY),
    "schedule_no_day_of_month": ErrorWords("это не число месяца", _DAY),
    "schedule_no_cron": ErrorWords("это не выражение cron", _CRON),
    "schedule_no_times_of_its_own": ErrorWords("не подходит: сейчас `{rhythm}`", "Укажите целиком: `daily 09:00`."),
    "schedule_no_word": ErrorWords(
        "непонятное слово", "{contents}; `window 9-18`; `silent`, `loud`; `to here`, `to main`, `to slack`."
    ),
    "schedule_no_word_of_one": ErrorWords(
        "непонятное слово",
        "`pause`, `resume`, `remove`; `at 19:00`, `daily 08:30`, `every 2h`; {contents}; `window 9-18`; `silent`, "
        "`loud`; `to here`, `to main`, `to slack`.",
    ),
    "schedule_no_slack": ErrorWords("не настроен", "Впишите адрес webhook в `SLACK_WEBHOOK_URL` и перезапустите бота."),
    "schedule_no_address": ErrorWords("это не адрес", _ADDRESS),
    "schedule_rhythm_missing": ErrorWords("не указано, когда", _RHYTHM),
    "schedule_time_missing": ErrorWords("не указано время", _TIME),
    "schedule_weekday_missing": ErrorWords("не указан день недели", _WEEKDAY),
    "schedule_day_missing": ErrorWords("не указано число месяца", _DAY),
    "schedule_cron_missing": ErrorWords("нет выражения cron", _CRON),
    "schedule_interval_missing": ErrorWords("не указан интервал", _INTERVAL),
    "schedule_window_missing": ErrorWords("не указаны часы", _WINDOW),
    "schedule_address_missing": ErrorWords("не указано, куда", _ADDRESS),
    "schedule_name_missing": ErrorWords("не указано имя", f"Буквы, цифры и дефисы. {_ADD}"),
}
