"""What somebody may type in Russian where a command is read in English."""

from __future__ import annotations

from typing import Final

PHRASES_TYPED: Final = {
    "каждый день": "daily",
    "каждую неделю": "weekly",
    "каждый месяц": "monthly",
    "каждый час": "every 1h",
    "конец месяца": "month-end",
    "в конце месяца": "month-end",
    "по будням": "weekly mon-fri",
    "по выходным": "weekly sat,sun",
    "без звука": "silent",
    "со звуком": "loud",
    "на паузе": "paused",
    "подробный отчет": "details",
    "в основной чат": "to main",
    "в основной": "to main",
    "круглые сутки": "window always",
}
"""Words that only mean something together."""

WORDS_TYPED: Final = {
    "добавить": "add",
    "добавь": "add",
    "новое": "new",
    "каждые": "every",
    "каждый": "every",
    "ежедневно": "daily",
    "еженедельно": "weekly",
    "ежемесячно": "monthly",
    "по": "weekly",
    "понедельникам": "mon",
    "понедельник": "mon",
    "вторникам": "tue",
    "вторник": "tue",
    "средам": "wed",
    "среда": "wed",
    "четвергам": "thu",
    "четверг": "thu",
    "пятницам": "fri",
    "пятница": "fri",
    "субботам": "sat",
    "суббота": "sat",
    "воскресеньям": "sun",
    "воскресенье": "sun",
    "отчет": "report",
    "подробно": "details",
    "график": "chart",
    "доходность": "performance",
    "изменение": "performance",
    "состав": "allocation",
    "сюда": "to here",
    "часы": "window",
    "всегда": "always",
    "тихо": "silent",
    "пауза": "pause",
    "продолжить": "resume",
    "удалить": "remove",
}
"""Words that mean the same alone, in a line about a schedule."""

ALERTS_TYPED: Final = {
    "вкл": "on",
    "выкл": "off",
    "сброс": "reset",
    "итог": "total",
    "просадка": "drawdown",
    "цена": "asset",
    "доля": "share",
    "отвязка": "depeg",
    "максимум": "high",
    "сверка": "coverage",
    "ключи": "key",
}
"""Words in a line about alerts: the rules as the list names them, and what they can be set to."""
