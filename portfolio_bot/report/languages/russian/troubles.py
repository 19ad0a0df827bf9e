"""What can go wrong with an account or a figure, in Russian: what happened, and what mends it."""

from __future__ import annotations

from typing import Final

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.statement import WarningKind
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
        mend="Добавьте его ключу, затем {pull}.",
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
        mend="Запрос повторится сам; если это не проходит, возможно, площадка не принимает страну этого сервера.",
    ),
    FailureKind.GEO_BLOCKED: FailureWords(
        short="доступ из страны закрыт",
        sentence="{account}: из страны или с адреса этого сервера доступ закрыт{detail}.",
        mend="Запустите бота из другой страны или задайте `PROXY_URL` и перезапустите.",
        mend_with={
            "REGION": "Если счёт на региональной площадке, задайте `{region}` ({regions}) и перезапустите бота; "
            "иначе запустите его из другой страны."
        },
    ),
    FailureKind.MAINTENANCE: FailureWords("техработы", "{account}: идут техработы{detail}."),
    FailureKind.UNAVAILABLE: FailureWords("недоступен", "{account}: ошибка на стороне площадки{detail}."),
    FailureKind.UNREACHABLE: FailureWords("нет соединения", "{account}: нет соединения{detail}."),
    FailureKind.TIMEOUT: FailureWords("долго отвечает", "{account}: ответ не пришёл вовремя{detail}."),
    FailureKind.TLS: FailureWords(
        short="нет доверия сертификату",
        sentence="{account}: сертификат не вызывает доверия, ничего не отправлено{detail}.",
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
        sentence="{account}: не прочитан из-за нашей ошибки; подробности в журнале.",
        mend="Поищите обновление или сообщите об ошибке, приложив журнал.",
    ),
    FailureKind.ACCOUNT_FROZEN: FailureWords(
        short="счёт заморожен",
        sentence="{account}: счёт заморожен{detail}.",
        mend="Причину знает только поддержка площадки; потом {pull}.",
    ),
    FailureKind.WRONG_REGION: FailureWords(
        short="не тот регион",
        sentence="{account}: ключ верный, но от другого региона{detail}.",
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
    WarningKind.COVERAGE: WarningWords("{account}: прочитанное этого не объясняет: {detail}."),
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
    "unknown_basis": "неизвестно: нет цены покупки {detail}",
    "no_cost": "неизвестно: за {detail} ничего не заплачено",
}

UNREADABLE: Final = {
    "missing_right": "{account}, не вошло в итог: {wallets} (ключу не хватает права).",
    "not_built": "{account}, не вошло в итог: {wallets} (пока не читается).",
    "not_valued": "{account}, не вошло в итог: {wallets} (площадка не оценивает).",
}
