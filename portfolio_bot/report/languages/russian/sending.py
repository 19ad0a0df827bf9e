"""The words about delivery, in Russian."""

from __future__ import annotations

PHRASES = {
    "sending_topic_gone": "Темы этого сообщения больше нет, поэтому оно здесь.",
}
