"""The words about performance, profit and benchmark, in Russian."""

from __future__ import annotations

from typing import Final

from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.model.figure import Note, Reason

UNKNOWNS: Final = {
    str(Reason.TOO_FEW_SNAPSHOTS): "неизвестно: нужны два полных итога",
    str(Reason.TOO_FEW_RETURNS): "неизвестно: нужны два дня с доходностью",
    str(Reason.TOO_SHORT): "неизвестно: меньше дня в годовые не пересчитать",
    str(Reason.ZERO_DURATION): "неизвестно: всё произошло одновременно",
    str(Reason.NOTHING_INVESTED): "неизвестно: ничего не вложено",
    str(Reason.BASE_NOT_POSITIVE): "неизвестно: не осталось того, от чего считать процент",
    str(Reason.DELTA_WITHOUT_CAPITAL): "неизвестно: стоимость появилась на пустом месте, без пополнения",
    str(Reason.NEGATIVE_NAV): "неизвестно: долги превысили активы",
    str(Reason.OVERFLOW): "неизвестно: число слишком большое",
    str(Reason.NO_SIGN_CHANGE): "неизвестно: деньги шли только в одну сторону",
    str(Reason.TOTAL_LOSS): "неизвестно: всё внесённое потеряно",
    str(Reason.NO_ROOT): "неизвестно: ни одна ставка не подходит к этим движениям",
    str(Reason.INCOMPLETE_FLOWS): "неизвестно: стоимость внесённого или выведенного ещё не известна",
    str(Reason.ZERO_DEVIATION): "неизвестно: доходность не менялась или ни разу не была ниже нуля",
}

NOTES: Final = {
    Note.APPROXIMATE: "приблизительно, на момент пополнения или вывода итога нет.",
    Note.APPROX_LARGE_OUTFLOW: "может быть занижено: между двумя замерами ушла большая часть денег.",
    Note.DELTA_WITHOUT_CAPITAL: "без промежутка, где стоимость появилась на пустом месте.",
    Note.NEGATIVE_NAV: "без промежутка, где долги превысили активы.",
    Note.TOTAL_LOSS: "по пути всё было потеряно.",
    Note.SUSPECTED_MISALIGNMENT: "проверьте время движений: одно, похоже, записано мимо скачка, который вызвало.",
    Note.GAP: "одно число за несколько дней, полного закрытия между ними нет.",
    Note.TRUNCATED: "данные начинаются позже начала периода.",
    Note.STALE_START: "первый итог намного старше начала периода.",
    Note.STALE_END: "последний итог намного старше конца периода.",
    Note.BASE_NEAR_ZERO: "большая часть денег ушла, процент не показателен; смотрите взвешенную по времени.",
    Note.EXTRAPOLATED: "пересчитано, как если бы остаток года прошёл так же.",
    Note.NOT_SHOWN: "слишком коротко или слишком резко, чтобы пересчитывать в годовые.",
    Note.MULTIPLE_ROOTS: "к этим движениям подходят несколько ставок, взята ближайшая к нулю.",
    Note.SHORT_SAMPLE: "данных меньше чем за 30 дней.",
    Note.GAPS_LEFT_OUT: "без промежутков длиннее дня.",
    Note.UNDEFINED_LEFT_OUT: "без дней, за которые нет доходности.",
}

RULES: Final = {
    Rule.SIMPLE: "без движений внутри",
    Rule.START: "движения по стоимости до них",
    Rule.DIETZ: "движения, взвешенные по времени (Modified Dietz)",
    Rule.PP: "пополнения в начале, выводы в конце",
}

FLAGS: Final = {
    Flag.UNKNOWN_BASIS: "ушло больше, чем пришло по записям, или нет цены покупки: эта часть не входит в прибыль.",
    Flag.FEE_PRICE_MISSING: "у комиссии не было цены, она взята по цене покупки монеты.",
    Flag.UNPRICED: "у одного движения ещё нет оценки в USD; с ней числа изменятся.",
    Flag.UNCLASSIFIED: "среди движений есть одно ещё не известного типа.",
    Flag.ESTIMATED: "что было до начала записей, рассчитано по остатку и цене того времени.",
}

LOTS: Final = {
    LotSource.BUY: "куплено",
    LotSource.SHORT: "шорт",
    LotSource.DEPOSIT: "пополнение",
    LotSource.INCOME: "доход",
    LotSource.OPENING: "нач. остаток",
    LotSource.CONVERSION: "обмен",
    LotSource.SETTLEMENT: "итог фьючерсов",
    LotSource.REBATE: "возврат комиссии",
    LotSource.TRANSFER: "перевод",
    LotSource.UNCLASSIFIED: "без типа",
}

COUNTS: Final = {
    "rebalances": ("за период {n} ребалансировка", "за период {n} ребалансировки", "за период {n} ребалансировок"),
}

HELPS: Final = {
    "returns": "прибыль по дням, в деньгах и процентах",
    "pnl": "причины изменения и прибыль по активам",
    "twr": "доходность за период и её колебания",
    "benchmark": "сравнение с корзиной монет",
}

PHRASES: Final = {
    "in_period": "{figure} за {length}",
    "period": "{start} – {end}",
    "return_of": "Доходность за {length} – {why}",
    "look_for_unvalued": "Что ещё без оценки, покажет {command}.",
    "from_value": "{start} → {end}",
    "from_value_to": "{start} → {end}: прибыль {profit}",
    "from_value_flows": "{start} → {end}: прибыль {profit}, внесено {flows}",
    "from_value_outflows": "{start} → {end}: прибыль {profit}, выведено {flows}",
    "names_unknown": "{names} – {why}.",
    "counted_with": "Способ расчёта: {rules}.",
    # returns
    "day_headline": "{figure} за {day}",
    "day_unknown": "Прибыль за {day} – {why}",
    "days_headline": "{figure} за {days}",
    "no_returns": "Дневной доходности ещё нет. Нужны два дня с полным закрытием.",
    "no_returns_there": "За эти дни доходности нет.",
    "share_title": "%",
    # performance
    "time_weighted": "взвеш. по времени",
    "money_weighted": "взвеш. по деньгам",
    "on_invested": "на вложенное",
    "a_year": "годовых",
    "year_of": "{figure} годовых",
    "deepest_fall": "макс. просадка",
    "below_peak": "сейчас ниже пика",
    "volatility": "волатильность",
    "sharpe": "Шарп",
    "sortino": "Сортино",
    "basket": "бенчмарк",
    "against": "к бенчмарку",
    "fell_back": "Просадка с {peak} по {trough}, восстановление {recovery}.",
    "fell_still": "Просадка с {peak} по {trough}, восстановления ещё нет.",
    "longest_below": "Дольше всего ниже пика: {days}.",
    "since_funding": "С нового пополнения: {figure}.",
    "no_period": "Сравнивать пока нечего: нужны два полных итога.",
    "values_come": "Его даёт каждый отчёт, в котором ответили все счета; более ранние загружает "
    "`portfolio-bot import history`.",
    "no_period_in": "В этом периоде нет двух полных итогов в {currency}.",
    "no_period_there": "В этом периоде нет двух полных итогов.",
    # profit
    "part_start": "начало",
    "part_market": "рынок",
    "part_fx": "курс",
    "part_flows": "движения",
    "part_income": "доход",
    "part_fees": "комиссии",
    "part_accounts": "счета",
    "part_end": "конец",
    "part_moved": "перемещено",
    "of_unnamed": "прочее",
    "no_rate_of": "Нет курса {currencies} на начало и на конец: его влияние вошло в рынок.",
    "apart_unknown": "По счетам и активам не разложить: на {when} известен только итог.",
    "apart_gain": "прибыль",
    "by_account": "По счетам",
    "by_asset": "По активам",
    "lots_heading": "Результат по сделкам (FIFO), в USD",
    "lots_when": "Нереализованный – с покупки, реализованный – за этот период.",
    "lots_none": "Сделок и других записей о монетах ещё нет.",
    "lots_asset": "актив",
    "lots_amount": "кол-во",
    "lots_average": "средняя",
    "lots_value": "стоимость",
    "lots_open": "нереализ.",
    "lots_realised": "реализовано",
    "lots_all": "всего",
    "lots_each": "{amount} по {average}, сейчас {price}",
    "lots_short": "{amount} в шорте по {average}, сейчас {price}",
    "lots_each_unpriced": "{amount} по {average}",
    "lots_without_basis": "{amount} без известной цены покупки",
    "lots_income": "доход",
    "lots_fees": "в том числе комиссии",
    "lots_withdrawn": "прибыль в выводах",
    "lots_funding": "фандинг",
    "lots_futures": "фьючерсы",
    "lots_paid": "комиссии отдельно",
    "lots_cash": "переоценка денег",
    "lots_unpriced": "Без цены: {assets}.",
    "lots_missing": "По записям пришло больше, чем есть сейчас; не хватает вывода: {amounts}.",
    "why_it_changed": "причины изменения",
    "asset_headline": "{asset}: нереализованный результат {open}, реализованный {realised}",
    "asset_fees": "комиссии {fees}, {trades}",
    "lot_heading": "Открытые лоты",
    "lot_row": "{when} {how}",
    "no_lots_of": "Лотов «{asset}» нет.",
    # benchmark
    "ahead": "на {figure} лучше, чем {basket}",
    "behind": "на {figure} хуже, чем {basket}",
    "portfolio": "портфель",
    "basket_held": "не трогая",
    "ahead_in_value": "По стоимости {figure}, по доходности {twr}.",
    "basket_holds": "В корзине {units}.",
    "basket_next": "Следующая ребалансировка {when}, {times}.",
    "basket_next_never": "Следующая ребалансировка {when}, за период ни одной.",
    "basket_since": "Сравнение с {when}: с этого времени известны цены корзины.",
    "basket_clamped": "Вывод был больше корзины; она началась заново со следующего пополнения.",
    "basket_no_price": "Цены {basket} за этот период ещё не известны; с этого момента они записываются.",
}

CHAT: Final = {
    "hours_24": "24 ч",
    "this_year": "Этот год",
}
