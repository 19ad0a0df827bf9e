"""Why a source gave no value: a closed list, decided at the border and turned into words in `report.words`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FailureKind(StrEnum):
    """Cause of a failed reading. The names are public: `report --json` prints them."""

    BAD_KEY = "bad_key"
    KEY_EXPIRED = "key_expired"
    IP_NOT_ALLOWED = "ip_not_allowed"
    MISSING_RIGHT = "missing_right"
    CLOCK_SKEW = "clock_skew"
    RATE_LIMITED = "rate_limited"
    GEO_BLOCKED = "geo_blocked"
    MAINTENANCE = "maintenance"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    BAD_ANSWER = "bad_answer"
    SUSPECT = "suspect"
    BUG = "bug"
    ACCOUNT_FROZEN = "account_frozen"
    WRONG_REGION = "wrong_region"
    IN_PROGRESS = "in_progress"
    BAD_QUERY = "bad_query"
    NO_ACCOUNT = "no_account"
    NO_RATE = "no_rate"


REFUSED = frozenset(
    {
        FailureKind.BAD_KEY,
        FailureKind.KEY_EXPIRED,
        FailureKind.IP_NOT_ALLOWED,
        FailureKind.MISSING_RIGHT,
        FailureKind.ACCOUNT_FROZEN,
        FailureKind.WRONG_REGION,
        FailureKind.GEO_BLOCKED,
        FailureKind.BAD_QUERY,
        FailureKind.NO_ACCOUNT,
    }
)
"""Failures that asking again soon cannot mend: the next automatic try is an hour away."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with one source, without any secret, address or text of a library.

    Attributes:
        kind: the cause.
        detail: what the venue or we can add in a few words (a wallet, a field, a code); untrusted, at most 120
            characters, escaped at the sink. Never a URL and never a whole answer.
        retry_at: the moment before which the venue must not be asked again, aware UTC; None if it named none.
        final: asking again is useless until a setting changes (T-Bank 40003, IBKR's final codes).
    """

    kind: FailureKind
    detail: str = ""
    retry_at: datetime | None = None
    final: bool = False


class SourceError(Exception):
    """A source, or the road to it, failed. It carries data only; prose is chosen where the language is known."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.kind}: {failure.detail}" if failure.detail else str(failure.kind))
        self.failure = failure

    @classmethod
    def of(
        cls, kind: FailureKind, detail: str = "", retry_at: datetime | None = None, *, final: bool = False
    ) -> SourceError:
        """Shorthand for an error of a fresh `Failure`; `detail` is cut to 120 characters."""
        return cls(Failure(kind, detail[:120], retry_at, final))
