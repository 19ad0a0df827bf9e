"""The report and its failures, accounts, schedules and small talk, in Russian.

What is filled in is never declined, so every
sentence is built around it: a name follows a preposition that leaves it alone, a number takes its form from `COUNTS`.
"""

from __future__ import annotations

from typing import Final

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.statement import Wallet, WarningKind
from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.report.words import FailureWords, WarningWords

_NEW_KEY = "Запишите новый ключ только для чтения в `{key}` и перезапустите бота."
_READ_ONLY = "Достаточно ключа только для чтения."

FAILURES: Final = {
    FailureKind.BAD_KEY: FailureWords(
        short="ключ отклонён",
        sentence="{account}: ключ отклонён{detail}.",
        mend="Проверьте ключ, его список адресов и права; новый запишите в `{key}` и перезапустите бота.",
        wants_key=True,
    ),
    FailureKind.KEY_EXPIRED: FailureWords(
        short="срок ключа истёк",
        sentence="{account}: срок ключа истёк{detail}.",
        mend=_NEW_KEY,
        wants_key=True,
    ),
    FailureKind.IP_NOT_ALLOWED: FailureWords(
        short="адреса нет в списке ключа",
        sentence="{account}: адреса этого сервера нет в списке ключа{detail}.",
        mend="Добавьте адрес в список ключа, затем {pull}.",
    ),
    FailureKind.MISSING_RIGHT: FailureWords(
        short="не хватает права",
        sentence="{account}: ключу не хватает права на чтение{detail}.",
        mend="Отметьте его у ключа, затем {pull}.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.CLOCK_SKEW: FailureWords(
        short="часы сбиты",
        sentence="{account}: часы этого сервера идут неверно{detail}.",
        mend="Включите синхронизацию часов: `timedatectl set-ntp true`",
    ),
    FailureKind.RATE_LIMITED: FailureWords(
        short="лимит запросов{until}",
        sentence="{account}: слишком много запросов, пауза{until}{detail}.",
        mend="Запрос повторится сам; если это не проходит, возможно, не принимают страну этого сервера.",
    ),
    FailureKind.GEO_BLOCKED: FailureWords(
        short="страна отклонена",
        sentence="{account}: страна или адрес этого сервера отклонены{detail}.",
        mend="Запустите бота из другой страны или задайте `PROXY_URL` и перезапустите.",
        mend_with={
            "REGION": "Если счёт на региональной площадке, задайте `{region}` ({regions}) и перезапустите бота; "
            "иначе запустите его из другой страны."
        },
    ),
    FailureKind.MAINTENANCE: FailureWords("техработы", "{account}: идут техработы{detail}."),
    FailureKind.UNAVAILABLE: FailureWords("недоступен", "{account}: отвечает собственной ошибкой{detail}."),
    FailureKind.UNREACHABLE: FailureWords("нет соединения", "{account}: нет соединения{detail}."),
    FailureKind.TIMEOUT: FailureWords("слишком долго", "{account}: нет ответа в срок{detail}."),
    FailureKind.TLS: FailureWords(
        short="нет доверия сертификату",
        sentence="{account}: нет доверия сертификату, ничего не отправлено{detail}.",
        mend="Проверьте, не стоит ли на пути прокси или антивирус.",
        mend_with={
            "CA_FILE": "Сертификат выдан российским государственным центром: уберите `{ca_file}`, чтобы действовал "
            "встроенный корень, или укажите в нём файл с этим корнем."
        },
    ),
    FailureKind.BAD_ANSWER: FailureWords(
        short="ответ не понят",
        sentence="{account}: ответ не понят{detail}.",
        mend="Если это не проходит, поищите обновление.",
    ),
    FailureKind.SUSPECT: FailureWords(
        short="не подтверждено",
        sentence="{account}: ответ неправдоподобен и не учтён, пока не подтвердится{detail}.",
    ),
    FailureKind.BUG: FailureWords(
        short="наша ошибка",
        sentence="{account}: не прочитан по нашей ошибке; подробности в журнале.",
        mend="Поищите обновление или сообщите об ошибке, приложив журнал.",
    ),
    FailureKind.ACCOUNT_FROZEN: FailureWords(
        short="счёт заморожен",
        sentence="{account}: счёт заморожен{detail}.",
        mend="Причину знает только его поддержка; потом {pull}.",
    ),
    FailureKind.WRONG_REGION: FailureWords(
        short="не тот регион",
        sentence="{account}: ключ верный, но от другой площадки{detail}.",
        mend="Задайте `{region}` и перезапустите бота.",
        mend_with={"REGION": "Задайте `{region}` ({regions}) и перезапустите бота."},
    ),
    FailureKind.IN_PROGRESS: FailureWords("отчёт готовится", "{account}: отчёт брокера готовится{detail}."),
    FailureKind.BAD_QUERY: FailureWords(
        short="запрос отклонён",
        sentence="{account}: запрос отклонён или неполон{detail}.",
        mend="Исправьте запрос или его номер в `{query}` и перезапустите бота.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.NO_ACCOUNT: FailureWords(
        short="счетов не видно",
        sentence="{account}: ключ не видит открытых счетов{detail}.",
        mend="Создайте ключ с доступом ко всем счетам, запишите в `{key}` и перезапустите бота.",
        wants_key=True,
    ),
    FailureKind.NO_RATE: FailureWords(
        short="нет текущего курса",
        sentence="{account}: нет текущего курса валюты счёта{detail}.",
        names_detail=True,
    ),
}

WARNINGS: Final = {
    WarningKind.KEY_MAY_TRADE: WarningWords(
        "{account}: этот ключ может торговать.", "{accounts}: эти ключи могут торговать.", _READ_ONLY
    ),
    WarningKind.KEY_MAY_TRANSFER: WarningWords(
        "{account}: этот ключ может переводить деньги.", "{accounts}: эти ключи могут переводить деньги.", _READ_ONLY
    ),
    WarningKind.KEY_MAY_WITHDRAW: WarningWords(
        "{account}: этот ключ может выводить деньги.",
        "{accounts}: эти ключи могут выводить деньги.",
        "Замените на ключ только для чтения.",
    ),
    WarningKind.KEY_EXPIRES: WarningWords(
        "{account}: срок ключа истекает {detail}.", mend="Создайте следующий заранее."
    ),
    WarningKind.CLOCK_SKEW: WarningWords(
        "{account}: часы этого сервера сбиты на {detail}.",
        mend="Включите синхронизацию часов: `timedatectl set-ntp true`",
    ),
    WarningKind.COVERAGE: WarningWords("{account}: прочитанным не объяснить: {detail}."),
    WarningKind.UNREADABLE_WALLET: WarningWords("{account}: не вошло в итог: {detail}."),
    WarningKind.ASSUMED_PAR: WarningWords(
        "{account}: цены {detail} нет нигде, считается по 1 USD.",
        "{accounts}: цены стейблкоина нет нигде, считается по 1 USD.",
    ),
    WarningKind.MARKED_AT_PAR: WarningWords("{account}: площадка считает {detail} по номиналу."),
    WarningKind.DEPEG: WarningWords("{account}: {detail} отошёл от доллара."),
    WarningKind.RECONSTRUCTED: WarningWords("{account}: стоимость по деньгам и позициям, без начислений."),
    WarningKind.FX_DEVIATION: WarningWords("Курс рубля: официальный и Т-Банка расходятся ({detail})."),
    WarningKind.STALE_PRICE: WarningWords("{account}: {detail}"),
    WarningKind.COUNTED_ONCE: WarningWords("{account}: учтено один раз, вместе с другим счётом: {detail}."),
}

UNKNOWNS: Final = {
    "no_rate": "неизвестно: нет курса {detail}",
    "incomplete": "неизвестно без {detail}",
    "too_few_closes": "неизвестно: меньше двух полных закрытий",
    "no_close": "неизвестно: нет полного закрытия",
    "not_priced": "неизвестно: цены на тот момент ещё нет",
    "unpriced": "неизвестно: у события {detail} ещё нет цены",
    "nothing_held": "неизвестно: {detail} нет на счетах",
    "no_price": "неизвестно: нет цены {detail}",
    "no_benchmark": "неизвестно: сравнить не с чем",
    "benchmark_empty": "неизвестно: в бенчмарке ничего не осталось",
    "unknown_basis": "неизвестно: сколько стоило {detail}, не записано",
    "no_cost": "неизвестно: {detail} ничего не стоило",
}

UNREADABLE: Final = {
    "missing_right": "{account}, не вошло в итог: {wallets} (ключу не хватает права).",
    "not_built": "{account}, не вошло в итог: {wallets} (пока не читается).",
    "not_valued": "{account}, не вошло в итог: {wallets} (площадка не оценивает).",
}

PROVIDERS: Final = {
    FxProvider.ECB: "ЕЦБ",
    FxProvider.CBR: "Банк России",
    FxProvider.CBR_MIRROR: "Банк России, зеркало",
    FxProvider.FRANKFURTER: "Frankfurter",
    FxProvider.TBANK: "по данным Т-Банка",
    FxProvider.USDT: "рынок USDT",
}

WALLETS: Final = {
    Wallet.SPOT: "спот",
    Wallet.UNIFIED: "единый счёт",
    Wallet.FUNDING: "финансирование",
    Wallet.EARN: "Earn",
    Wallet.MARGIN: "маржа",
    Wallet.FUTURES: "фьючерсы",
    Wallet.OPTIONS: "опционы",
    Wallet.BOT: "боты",
    Wallet.CASH: "деньги",
    Wallet.SECURITY: "ценные бумаги",
    Wallet.OTHER: "прочее",
}

COUNTS: Final = {
    "assets": ("{n} актив", "{n} актива", "{n} активов"),
    "accounts": ("{n} счёта", "{n} счетов", "{n} счетов"),
    "times": ("{n} раз", "{n} раза", "{n} раз"),
    "more": ("ещё {n}", "ещё {n}", "ещё {n}"),
    "all_well": ("Всё в порядке: {n}.", "Всё в порядке: {n}.", "Всё в порядке: {n}."),
    "need_you": ("{n} требует внимания", "{n} требуют внимания", "{n} требуют внимания"),
    "of_them_need_you": (
        "{n} из {all} требует внимания.",
        "{n} из {all} требуют внимания.",
        "{n} из {all} требуют внимания.",
    ),
    "wallets": ("{n} кошелёк", "{n} кошелька", "{n} кошельков"),
}

HELPS: Final = {
    "start": "что умеет этот бот",
    "help": "все команды",
    "status": "отчёт сейчас",
    "balance": "активы: все или одного счёта",
    "history": "закрытия дней, сначала новые",
    "flows": "пополнения, выводы, свои переводы",
    "trades": "что куплено и продано",
    "frequency": "как часто приходит отчёт",
    "window": "в какие часы он приходит",
    "pull": "опросить все счета заново",
    "accounts": "состояние и предупреждения счетов",
    "settings": "все настройки и откуда они",
    "id": "ваши id",
}

ORIGINS: Final = {
    SettingOrigin.CHAT: "задано в чате",
    SettingOrigin.ENVIRONMENT: "окружение",
    SettingOrigin.COMMAND: "командная строка",
    SettingOrigin.ENV_FILE: ".env",
    SettingOrigin.FILE: "файл",
    SettingOrigin.DEFAULT: "по умолчанию",
}

PHRASES: Final = {
    "unknown": "неизвестно",
    "and": "{first} и {last}",
    "and_more": "{names} и ещё {count}",
    "until": " до {when}",
    "since": " с {when}",
    "pull_again": "опросите снова",
    "demo": "Демо: счета вымышлены",
    # the report
    "at_least": "не меньше {figure} · нет данных: {names}",
    "at_least_other": "не меньше {figure}",
    "nothing_known": "неизвестно · ещё нет ответа: {names}",
    "rub_unknown": "₽ неизвестно",
    "total_unknown": "{currency} {why}.",
    "all_dark": "Ни один счёт не ответил. Это последние известные значения.",
    "since_yesterday": "со вчерашнего закрытия",
    "since_close": "с закрытия {day}",
    "report_since_yesterday": "со вчерашнего дня",
    "report_parts_since": "{since}: {parts}",
    "report_net_in": "внесено на {money} больше, чем выведено",
    "report_net_out": "выведено на {money} больше, чем внесено",
    "report_moved": "С тех пор были пополнения или выводы.",
    "report_added": "с тех пор добавлен {name}",
    "report_return": "взвеш. по времени {figure}",
    "report_no_chart": "Картинки сейчас нет.",
    "report_title": "Портфель: {figure}",
    "report_24h": "Результат 24 ч",
    "report_7d": "Результат 7 д",
    "report_all": "Результат всего",
    "report_some": "{known} из {accounts} · нет данных: {names}",
    "without": "без {names} {figure}",
    "paid_in": "с тех пор внесено {money}",
    "paid_out": "с тех пор выведено {money}",
    "change_unknown": "Изменение не указано: стоимость внесённого или выведенного ещё не известна.",
    "added_since": "с тех пор добавлен {name}: {value}",
    "removed_since": "с тех пор убрано: {names}",
    "in_transit": "в пути",
    "crypto": "крипто",
    "of_accounts": "{names}: {text}",
    "stands_in": "{cause}{since}, стоимость на {when}.",
    "never_valued": "{cause}{since}, стоимость неизвестна.",
    "price_stands_in": "цены {asset} сейчас нет, взята на {when}.",
    "rate_stands_in": "текущего курса {asset} нет, взят последний.",
    "price_assumed": "цены {asset} нет нигде, считается по 1 USD.",
    "statement_of": "отчёт за {when}, новее нет.",
    "value_of": "стоимость на {when}.",
    "roubles": "₽",
    "old_rate": "более нового курса нет.",
    "stale_rate": "устарел",
    "next_report": "следующий отчёт {when}",
    "late": "отчёт за {slot}, отправлен {sent}",
    "late_offline": "отчёт за {slot}, отправлен {sent} (бот был не в сети)",
    "also_due": "заодно за {slots}",
    "no_price": "Без цены, не вошло в итог: {assets}.",
    "wallets_unread": "Не вошло в итог: {wallets} ({names}), подробнее {accounts}.",
    # assets
    "assets_headline": "{figure} · {assets}",
    "assets_at_least": "не меньше {figure} · {assets}",
    "unknown_accounts": "нет данных: {names}",
    "values_stand_in": "{names}: последние известные значения.",
    "account_unknown": "неизвестно · {name}",
    "kept_in": "{figure} по данным площадки",
    "holds_nothing": "Здесь ничего нет.",
    "dust": "{more} меньше {limit}: {total}",
    "no_price_short": "без цены",
    "not_itemised": "прочее",
    "not_valued": "не оценено",
    # history
    "closes_headline": "{figure} на последнее закрытие, {day}",
    "open_headline": "{figure} сегодня, закрытия ещё нет",
    "no_closes": "Полного закрытия ещё нет. Первое даст отчёт, в котором ответят все счета.",
    "no_close": "{days}: нет закрытия",
    "today": "сейчас",
    "unknown_short": "–",
    "imported_until": "До {day}: импорт.",
    "open_day": "День не закончен, его значение на {when}.",
    # accounts
    "accounts_live": "на связи {live} из {accounts}",
    "no_accounts": "Счетов ещё нет.",
    "again_at": "Следующий запрос: {when}.",
    "down": "{name}: {cause}, {times}{since}.",
    "twice": "дважды",
    "down_once": "{name}: {cause}{since}.",
    "down_still": "{name}, по-прежнему: {cause}{since}.",
    "uses_value": "В итоге стоимость на {when} ({value}).",
    "not_in_total": "В итог не входит; пока нет ответа, итог пишется «не меньше».",
    "back": "{name} снова на связи, перерыв {span}: {value}{change}.",
    "believed": "{name}: два ответа сошлись на {value}, было {before}.",
    "key_moved": "{name}: ключ открывает другой счёт, чем раньше. Пока ничего с него не учтено.",
    "key_moved_mend": "Это новый счёт? Тогда его история начинается сейчас: "
    "`portfolio-bot accounts confirm {account}`. Если нет, запишите верный ключ в `{key}` и перезапустите бота.",
    "because": "Причина: {why}.",
    "inner_missing_mend": "Если закрыто насовсем: `portfolio-bot accounts gone {account} NAME`.",
    "said_confirm": "{name}: отныне это новый счёт. Записи прежнего сохранены отдельно.",
    "said_gone": "{name} считается закрытым: его стоимость уходит из итога как вывод.",
    "said_gone_part": "{name} отныне читается без {wallet}. Стоимость этой части уходит из итога как вывод.",
    "said_leave": "{name} не входит в итог, пока снова не ответит.",
    "said_back": "{name} снова входит в итог.",
    "said_wait": "{name}: ничего не меняется, запрос повторится сам.",
    "no_close_days": "Нет полного закрытия за {days}: нет ответа от {names}.",
    "no_close_what": "Без него нет доходности и тревог. Можно подождать, не учитывать счёт до ответа "
    "или указать, что он закрыт.",
    "state_live": "онлайн",
    "state_cached": "из кэша",
    "state_stale": "устарел",
    "state_failed": "сбой",
    "rights_read": "только чтение",
    "rights_trade": "может торговать",
    "rights_transfer": "может переводить",
    "rights_withdraw": "может выводить",
    "rights_unknown": "права неизвестны",
    "no_expiry": "бессрочный",
    "expires": "до {day}",
    "ip_bound": "привязан к адресу",
    "ip_free": "любой адрес",
    "clock": "часы {skew}",
    "statement": "отчёт за {day}",
    "region": "регион {region}",
    "check_ok": "ок",
    "check_failed": "сбой",
    "check_refused": "отказ",
    # rules
    "every": "Раз в {interval}, {window}.",
    "every_now": "Теперь раз в {interval}, {window}.",
    "every_again": "Снова раз в {interval}, {window}.",
    "reports": "Отчёты: {window}, раз в {interval}.",
    "reports_now": "Теперь отчёты: {window}, раз в {interval}.",
    "reports_again": "Снова отчёты: {window}, раз в {interval}.",
    "hours": "{start}–{end} {place}",
    "any_hour": "в любое время",
    "next": "Дальше: {moments}.",
    "settings_own": "задано настроек: {own} из {all}",
    "settings_default": "по умолчанию: {number}",
    "setting": "`{name}` {value} · {origin}",
    "setting_default": "`{name}` {value}",
    "setting_since": "({when})",
    "setting_live": "можно менять здесь",
    "setting_below": "иначе {below}",
    "setting_reset": "`{name}` снова {value} ({origin}).",
    "empty_value": "не задано",
    # talk
    "progress": "↻ {states}",
    "waiting": "…",
    "ok": "✓",
    "failed": "✗",
    "start_pushes": "Отчёты раз в {interval}, {window}.",
    "start_commands": "/status – отчёт сейчас, /help – все команды.",
    "command": "/{command} {argument} – {help}",
    "command_bare": "/{command} – {help}",
    "help_headline": "Что можно спросить",
    "ids": "Ваш id: `{user}`",
    "chat_id": "Этот чат: `{chat}`",
    "setup": "Это ваш бот.",
    "setup_mend": "Запишите `TELEGRAM_CHAT_ID={chat}` в .env и перезапустите бота; затем отправьте /status.",
    "setup_users": "`ALLOWED_USER_IDS={user}` рядом даст право на команды здесь.",
    "error": "«{value}»: {reason}.",
    "error_bare": "{reason}.",
    "unknown_command": "Команды /{name} нет.",
    "did_you_mean": "Возможно, /{nearest}? Все команды: /help.",
    "help_lists": "Все команды: /help.",
    "broken": "/{name} не удалась по нашей ошибке; подробности в журнале.",
    "broken_mend": "Попробуйте ещё раз; если не проходит, поищите обновление.",
    "repeated": "Повтор: дошло ли сообщение с первого раза, неизвестно.",
    "too_old": "Отправлено, пока бота не было, и не выполнено: {commands}. Если ещё нужно, отправьте снова.",
    "no_such_account": "Счёта «{given}» нет. Есть: {ids}.",
    "coverage_short": "{account}: прочитано {percent} итога площадки, не хватает {gap}.",
    "coverage_over": "{account}: сумма кошельков больше итога площадки на {gap} ({percent}).",
    "coverage_of_nothing": "{account}: в кошельках {gap}, а итог площадки {total}.",
    "coverage_suspects": "Возможно, в {wallets}.",
}

CHAT: Final = {
    # buttons
    "refresh": "↻ Обновить",
    "details": "Подробнее",
    "report_chart": "График",
    "report_text": "Только текст",
    "report_period": "Период",
    "report_choose": "{period} ▾",
    "report_chosen": "{period} ✓",
    "report_since_close": "Закрытие",
    "summary": "Кратко",
    "report": "Отчёт",
    "all": "Всё",
    "days": "{days} д",
    "undo": "Отменить",
    "new_account": "Это новый счёт",
    "wait": "Подождать",
    "gone": "Закрыт: {account}",
    "leave": "Не учитывать {account}",
    "always": "Всегда",
    "reset": "Сбросить {setting}",
    # remarks
    "busy": "Ещё выполняется.",
    "no_command": "Команды начинаются с косой черты: /status – отчёт, /help – все команды.",
    "no_ids": "Здесь нет id: этот чат – ваш терминал.",
    "still_every": "По-прежнему раз в {interval}.",
    "still_window": "По-прежнему {window}.",
    "typed_next": "Введите /status, другую команду или номер кнопки; Ctrl-D – выход.",
    "no_button": "Под последним сообщением нет кнопки {number}.",
}
