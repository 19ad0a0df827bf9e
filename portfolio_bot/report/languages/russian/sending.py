"""The words about delivery, in Russian."""

from __future__ import annotations

PHRASES = {
    "sending_also_many": "заодно ещё {count}, начиная с {first}",
    "sending_topic_gone": "Темы этого сообщения больше нет, поэтому оно здесь.",
}
