"""The words that explain a figure, in Russian."""

from __future__ import annotations

from typing import Final

COUNTS: Final = {
    "values_between": ("{n} значение внутри", "{n} значения внутри", "{n} значений внутри"),
}

HELPS: Final = {
    "explain": "откуда взялось число, шаг за шагом",
}

CHAT: Final = {
    "explain_total": "Итог",
    "explain_twr": "TWR",
    "explain_xirr": "XIRR",
    "explain_pnl": "Прибыль",
    "explain_asset": "{asset}",
}

PHRASES: Final = {
    "explain_what": "Какое число?",
    "explain_choices": "Итог, доходность по времени или по деньгам, прибыль: `{command} total`, "
    "`{command} twr 30`, `{command} xirr all`, `{command} pnl BTC`.",
    "explain_nothing": "Объяснять ещё нечего.",
    "explain_json": "Каждый шаг со всеми знаками: `portfolio-bot explain {figure} --json`.",
    # the total
    "total_explained": "{figure}, сумма всего, что ниже",
    "imported_total": "{figure}, импорт, на {when}",
    "imported_total_alone": "Из импортированной истории известна только сумма. Строки покажет первый снимок.",
    "account_explained": "{name}: {value}",
    "by_venue_value": "оценка площадки",
    "by_venue_ticker": "последняя сделка",
    "by_fx": "курс валюты",
    "by_known_before": "последняя известная",
    "by_assumed_par": "считается за 1",
    "by_imported": "импорт",
    "by_live": "записано",
    "price_of": "{source}, {when}",
    "on_the_way": "В пути между своими счетами",
    "way_of": "с {origin} с {when}",
    "without_price": "Без цены, не вошло ни в одну сумму: {assets}",
    "sum_in_roubles": "{usd} × {rate} = {rub}",
    "rate_explained": "{pair} {rate}, {provider}, {day}",
    "rate_not_known": "{pair} неизвестно",
    # time-weighted
    "twr_rule": "Каждый промежуток: прибыль ÷ капитал. Вместе: (1 + доходность) × (1 + доходность) × … − 1.",
    "twr_product": "Вместе: {product} − 1 = {figure}",
    "joined_by_day": "Где движений нет, день – одна строка: {count}, итог от них не меняется.",
    "joined_between": "Где движений нет, всё в одной строке: {count}, итог от них не меняется.",
    "stretch_of": "{start} → {end}",
    "capital_of": "капитал {capital}",
    "no_return": "нет доходности",
    "flow_counted": "учтено {part}",
    "flow_whole": "учтено целиком",
    "flow_not": "не учтено",
    "joined_account": "{name}: добавлен",
    "left_account": "{name}: убран",
    "border_readable": "{part} на {name}: теперь читается",
    "border_gone": "{part} на {name}: больше не читается",
    "border_opened": "{part} на {name}: новое",
    "border_closed": "{part} на {name}: закрыто",
    "border_priced": "{part} на {name}: теперь есть цена",
    "border_unpriced": "{part} на {name}: без цены",
    "border_moved": "{name}: виден через другой ключ",
    "flow_of_account": "{kind}, {name}",
    # money-weighted
    "xirr_rule": "Сколько каждый платёж стоит на дату первого: сумма ÷ (1 + ставка) ^ (дни ÷ 365). Ставка верна, "
    "когда все вместе дают ноль.",
    "xirr_rate": "{figure} годовых, {period} за {length}",
    "value_at_start": "стоимость в начале",
    "value_at_end": "стоимость в конце",
    "after_days": "день {days}",
    "sum_present": "всё вместе",
    "several_roots": "Подходят и другие ставки: {rates}.",
    # profit
    "pnl_explained": "{figure} по лотам в сумме",
    "pnl_asset_explained": "реализовано {realised}, не реализовано {unrealised} · {asset}",
    "pnl_parts_add_up": "В сумме это то, что дают стоимость и движения, до последнего знака.",
    "pnl_parts_differ": "С тем, что дают стоимость и движения, расходится на {residual}: поищите обновление.",
    "gain_realised": "реализовано",
    "gain_open": "открытые лоты",
    "gain_income": "доход",
    "gain_futures": "фьючерсы",
    "gain_funding": "фандинг",
    "gain_fees": "комиссии отдельно",
    "gain_withdrawn": "в выведенном",
    "gain_cash": "курс денег",
    "gain_all": "всё вместе",
    "left_sold": "продано",
    "left_covered": "шорт закрыт",
    "left_as_fee": "комиссией",
    "left_on_the_way": "потеряно в пути",
    "left_converted": "обменяно",
    "left_withdrawn": "выведено",
    "left_as_funding": "фандингом",
    "left_futures": "убыток фьючерсов",
    "left_unknown": "неизвестно",
    "of_assets": "По активам",
    "realised_and_open": "реализовано {realised}, открыто {unrealised}",
    "price_explained": "Цена {price}: {source}",
    "open_lots": "Открытые лоты, первым уходит старейший",
    "lot_cost": "затраты {cost}",
    "lot_bought": "{amount} от {day}",
    "what_left": "Что ушло, сначала новое",
    "left_for": "за {proceeds}, затраты {cost}",
    "left_amount": "{amount} {kind}",
    "events_counted": "За период: {trades}, {flows}.",
    "older_events": "Более старые не показаны: {count}.",
    "lot_rules": "FIFO: первым пришло, первым ушло; {scope}; без известной цены: {unknown}.",
    "scope_global": "одна очередь на все счета",
    "scope_account": "своя очередь у каждого счёта",
    "unknown_exclude": "не входит в прибыль",
    "unknown_zero": "целиком прибыль",
    "unknown_opening": "покрыто тем, что, судя по остаткам, было раньше",
    "nothing_of_asset": "Записей по {asset} нет.",
}
