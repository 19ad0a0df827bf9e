"""A clock that the test holds, and instants from short texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class HeldClock:
    """Stands still until it is turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def moment(text: str) -> datetime:
    """`2026-11-19 12:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
