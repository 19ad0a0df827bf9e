"""The words in and around pictures, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.report.words import ErrorWords

PHRASES: Final = {
    "chart_thousands": "{n} тыс.",
    "chart_millions": "{n} млн",
    "chart_billions": "{n} млрд",
    "chart_benchmark": "бенчмарк",
    "chart_index": "Начало = 100",
    "chart_index_now": "100 → {now}",
    "chart_flows": "▲ внесено {inflows} · ▼ выведено {outflows}",
    "chart_came_in": "▲ внесено {inflows}",
    "chart_went_out": "▼ выведено {outflows}",
    "chart_marks": "▲ пополнение, ▼ вывод.",
    "chart_dashed": "Пунктир: нет полного закрытия {days}.",
    "chart_dashed_many": "Пунктир: {count} без полного закрытия, последний раз {days}.",
    "chart_beside_worth": "Серая линия: те же деньги в {coins}.",
    "chart_beside_twr": "Серая линия: {coins}, {figure}.",
    "chart_beside_later": "Она начинается {day}: раньше нет цен.",
    "chart_no_beside": "Бенчмарк считается только в долларах.",
    "chart_one_value": "Пока один полный итог: линия начнётся со второго.",
    "chart_fall": "Просадка {deepest} за {length}",
    "chart_fall_now": "Просадка {deepest} за {length}, сейчас {now}",
    "chart_no_fall": "Ни разу не ниже пика за {length}",
    "chart_fall_means": "Насколько ниже пика; пополнения и выводы не считаются ростом или падением.",
    "chart_fall_ends": "С пика {peak} до {trough}.",
    "chart_months": "{figure} за {month}",
    "chart_months_ends": "Лучший месяц {best} ({best_month}), худший {worst} ({worst_month})",
    "chart_month_one": "Пока один месяц",
    "chart_months_years": "Доходность за {count}, без пополнений и выводов",
    "chart_month_partly": "* Месяц не целиком.",
    "chart_months_none": "Месячной доходности ещё нет: нужны два закрытия дня.",
    "chart_year": "Год",
    "chart_largest": "{total} · {name} {share}",
    "chart_at_least": "не меньше {total}",
    "chart_shares_of_assets": "Доли считаются от активов: долги больше их.",
    "chart_with_debts": "Долги – ниже нуля; все доли вместе дают 100 %.",
    "chart_unpriced": "Нет цены: {names}.",
    "chart_unknown_account": "Неизвестно: {names}.",
    "chart_in_transit": "в пути",
    "chart_nothing_held": "Показывать нечего: ни у одного счёта нет стоимости.",
    "chart_all_zero": "Показывать нечего: всё вместе стоит 0.",
    "chart_no_picture": "График нарисовать не удалось. Повторите через минуту.",
}

COUNTS: Final = {
    "chart_more": ("ещё {n}", "ещё {n}", "ещё {n}"),
    "chart_days": ("{n} день", "{n} дня", "{n} дней"),
    "chart_months": ("{n} месяц", "{n} месяца", "{n} месяцев"),
}

CHAT: Final = {
    "chart_worth": "Стоимость",
    "chart_twr": "TWR",
    "chart_drawdown": "Просадка",
    "chart_months": "Месяцы",
    "chart_assets": "По активам",
    "chart_accounts": "По счетам",
    "chart_light": "Светлый",
    "chart_dark": "Тёмный",
}

HELPS: Final = {
    "chart": "стоимость и доходность на графике",
    "allocation": "состав портфеля на диаграмме",
}

ERRORS: Final = {
    "chart_unknown_word": ErrorWords("не период и не график", "7d, 30d, 90d, ytd, all или число дней: 45; и {kinds}."),
    "chart_two_words": ErrorWords("уже лишнее", "Один период и один график: /chart 30d twr."),
    "chart_allocation_word": ErrorWords("так разделить нельзя", "/allocation assets или /allocation accounts."),
    "chart_not_drawn": ErrorWords("график нарисовать не удалось", "Повторите через минуту."),
    "chart_nothing_here": ErrorWords("графиков здесь нет"),
}
