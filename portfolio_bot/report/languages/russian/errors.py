"""What is wrong with something that somebody typed, and what would be right, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

_INTERVAL = "Минуты (45) или 45м, 2ч, 1д; от 5 минут до 7 дней."
_WINDOW = "Два целых часа от 0 до 24 (8-20 или 22-6 через полночь) либо always."
_WHOLE = "Целое число от {low} до {high}, например {default}."
_POINT = "Дробная часть отделяется точкой, разряды не отделяются."
_PERIODS = "{periods} или число дней: 45."
_ANEW = "/{command} начнёт заново."
_FLOWS = "Что есть, покажет /flows."
_IDS = "Номер каждого движения есть в их списке."
_DAY = "Пишите так: 18 ноя или 2026-11-18."
_NO_ACCOUNT = "такого счёта нет"
_NO_AMOUNT = "это не сумма"

_ACCOUNTS: Final = {
    "no_account": ErrorWords(_NO_ACCOUNT, "Ваши: {yours}."),
    "no_account_like_it": ErrorWords(_NO_ACCOUNT, "Может быть, {near}? Ваши: {yours}."),
    "no_account_yet": ErrorWords(_NO_ACCOUNT, "Пока нет ни одного."),
    "simulated_account": ErrorWords("этот счёт вымышлен", "Не учитывать или убрать можно только свои."),
    "maybe_no_account": ErrorWords(_NO_ACCOUNT, "Может быть, {near}? Если счёт новый, добавьте --anyway."),
    "no_account_name": ErrorWords("так счёт назвать нельзя", "Латинские буквы, цифры и дефисы: ledger-wallet."),
    "no_word_about_account": ErrorWords("так о счёте сказать нельзя", "Можно: confirm, gone, leave, back."),
    "waits_for_no_answer": ErrorWords("вопросов нет: ключ открывает тот же счёт, что и всегда"),
    "never_held": ErrorWords("этого на счёте {account} никогда не было", "Известны: {known}."),
    "held_nothing": ErrorWords("этого на счёте {account} никогда не было"),
}

_TIMES: Final = {
    "no_interval": ErrorWords("это не интервал", _INTERVAL),
    "interval_too_short": ErrorWords("слишком часто", _INTERVAL),
    "interval_too_long": ErrorWords("слишком редко", _INTERVAL),
    "no_window": ErrorWords("это не часы отправки", _WINDOW),
    "window_beyond_clock": ErrorWords("таких часов не бывает", _WINDOW),
    "no_period": ErrorWords("это не период", _PERIODS),
    "second_period": ErrorWords("это уже второй период", _PERIODS),
    "no_date": ErrorWords("это не дата", "Пишите так: 2024-01-31."),
    "no_day": ErrorWords("это не день", "Пишите так: 18 ноя, 2026-11-18, вчера или 2026-11-18T08:00Z."),
    "no_moment": ErrorWords("это не время", "Укажите день (2026-11-18) или момент (2026-11-18T08:00Z)."),
    "no_calendar_day": ErrorWords("такого дня в календаре нет", _DAY),
    "no_calendar_minute": ErrorWords("такой минуты в календаре нет", "Пишите так: 2026-11-18T08:00Z."),
    "time_without_zone": ErrorWords("время без часового пояса", "Добавьте в конце Z (UTC) или +01:00."),
    "before_1970": ErrorWords("это раньше 1970 года", _DAY),
    "in_future": ErrorWords("это в будущем", "Запишите, когда это произойдёт."),
}

_NUMBERS: Final = {
    "no_whole_number": ErrorWords("это не целое число", _WHOLE),
    "out_of_range": ErrorWords("за пределами допустимого", _WHOLE),
    "no_number": ErrorWords("это не число для {field}", "Пишите так: 0.5."),
    "number_with_comma": ErrorWords("это не число для {field}", _POINT),
    "no_amount": ErrorWords(_NO_AMOUNT, "Пишите так: 0,5."),
    "amount_with_comma": ErrorWords(_NO_AMOUNT, f"Тысячи или дробь? {_POINT}"),
    "amount_not_above_zero": ErrorWords(_NO_AMOUNT, "Нужно больше 0: приход это или расход, видно по виду записи."),
    "amount_missing": ErrorWords("не указана сумма", "Укажите число больше 0."),
    "no_usd_value": ErrorWords("это не стоимость в USD", "Нужно больше 0; без неё стоимость найдётся сама."),
    "no_cost": ErrorWords("это не цена покупки", "Нужно 0 или больше."),
    "no_asset_name": ErrorWords("так актив не называется", "Латинские буквы и цифры: BTC или USD."),
    "text_too_long": ErrorWords("не подходит для {field}", "Не больше {most} печатных знаков."),
}

_FLOWS_AND_RECORDS: Final = {
    "no_record_action": ErrorWords("с записью этого сделать нельзя", "Можно: add, edit и remove."),
    "no_record_kind": ErrorWords("таких записей нет", "Есть deposit и withdrawal."),
    "record_alike": ErrorWords("{like} ({id})", "Если это другая запись, добавьте --anyway."),
    "nothing_to_change": ErrorWords("не сказано, что изменить", "Укажите хотя бы одно из --amount, --time, --note, …."),
    "no_recording_here": ErrorWords("здесь записывать нельзя", "Командой в терминале: `portfolio-bot flows add`."),
    "no_form_step": ErrorWords("такого шага в этом вопросе нет", _ANEW),
    "nothing_asked_yet": ErrorWords("пока ничего не спрошено", _ANEW),
    "told_and_kept": ErrorWords(
        "об этом сообщает {account} и сообщит снова",
        "В такой записи можно изменить --usd, --cost и --note.",
    ),
    "told_and_not_removed": ErrorWords(
        "об этом сообщает {account} и сообщит снова", "Если это не ваш перевод, скажите так: flows external."
    ),
    "no_flow_kind": ErrorWords("такого вида движений нет", "Есть {kinds}."),
    "id_of_no_flow": ErrorWords("движения с таким номером нет", "Номера показывает flows."),
    "id_of_several_flows": ErrorWords("так называются несколько движений", "Назовите одно по его номеру: {id}."),
    "id_on_several_accounts": ErrorWords("такой номер есть на нескольких счетах ({accounts})", "Уточните: {first}."),
    "flow_not_said": ErrorWords("не сказано, о каком движении речь", _FLOWS),
    "no_flow_listed": ErrorWords("такого движения нет", _FLOWS),
    "no_known_flow": ErrorWords("такого пополнения, вывода или перевода нет", _IDS),
    "no_flow_on_account": ErrorWords("такого пополнения, вывода или перевода на счёте {account} нет", _IDS),
    "no_transfer_any_more": ErrorWords("это уже не перевод", _FLOWS),
    "no_verdict": ErrorWords("так о движении сказать нельзя", "Можно: {actions}."),
    "never_spoken_about": ErrorWords("об этом вы ничего не отмечали", "Пока решает сам бот."),
    "nothing_to_take_back": ErrorWords("с запуска отметок не было, отменять нечего", _IDS),
    "linked_with_none": ErrorWords("ни с чем не связано", "Разделять нечего."),
    "goes_the_same_way": ErrorWords(
        "идёт в ту же сторону, что и {other}", "У перевода с одной стороны вывод, с другой пополнение."
    ),
    "of_another_asset": ErrorWords("это {asset}, у {other} другой актив", "У перевода с обеих сторон один актив."),
}

_WISHES: Final = {
    "nobody_to_send_to": ErrorWords("отправлять некому", "Укажите `TELEGRAM_BOT_TOKEN` и `TELEGRAM_CHAT_ID` в .env."),
    "file_not_whole": ErrorWords("файл пришёл не целиком", "Попробуйте ещё раз."),
    "file_too_large": ErrorWords(
        "в файле {size} МБ: больше, чем принимает Telegram",
        "Поместятся последние строки, {rows}: укажите число после команды.",
    ),
    "no_import": ErrorWords("такое импортировать нельзя", "Можно: {tables}."),
    "no_export_here": ErrorWords("здесь выгрузить нельзя", "Командой в терминале: `portfolio-bot export`."),
    "no_report_word": ErrorWords("такого в отчёте нет", "/status, /status `detail`, `rub`, `30d` или `chart`."),
    "no_explained_figure": ErrorWords("такой показатель объяснить нельзя", "Есть {figures}."),
    "total_takes_nothing": ErrorWords("здесь это лишнее", "Итог берётся из последнего снимка: /explain total."),
    "which_setting": ErrorWords("нужно имя настройки", "Подойдут {names}."),
    "no_settings_word": ErrorWords("такого /settings не умеет", "/settings или /settings reset и имя настройки."),
    "not_a_live_setting": ErrorWords("здесь это не меняется", "Меняются {names}. Остальное в .env."),
}

ERRORS: Final = {**_ACCOUNTS, **_TIMES, **_NUMBERS, **_FLOWS_AND_RECORDS, **_WISHES}
