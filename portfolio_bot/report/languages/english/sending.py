"""The words about delivery, in English."""

from __future__ import annotations

PHRASES = {
    "sending_also_many": "also due {count} since {first}",
    "sending_topic_gone": "The topic of this message is gone, so it stands here.",
}
