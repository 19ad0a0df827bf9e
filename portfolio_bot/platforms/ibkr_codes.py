"""What IBKR's Flex service says when it gives no statement: a code in the body, always with HTTP 200."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from xml.etree.ElementTree import Element

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.platforms.sub_accounts import shown


class Then(Enum):
    """What follows from a code."""

    POLL = auto()  # ask for the same reference again
    ANEW = auto()  # the reference is no good: ask for another, once
    SLOW = auto()  # too many requests: a long wait, then once more
    MINUTES = auto()  # give up for now, try again in minutes
    HOUR = auto()  # give up for now, try again in an hour
    NEVER = auto()  # no further request until a setting changes


CODES: Mapping[int, tuple[FailureKind, Then]] = {
    1001: (FailureKind.UNAVAILABLE, Then.MINUTES),
    1003: (FailureKind.UNAVAILABLE, Then.HOUR),  # template, period or too early; not the token
    1004: (FailureKind.IN_PROGRESS, Then.MINUTES),
    1005: (FailureKind.IN_PROGRESS, Then.MINUTES),
    1006: (FailureKind.IN_PROGRESS, Then.MINUTES),
    1007: (FailureKind.IN_PROGRESS, Then.MINUTES),
    1008: (FailureKind.IN_PROGRESS, Then.MINUTES),
    1009: (FailureKind.UNAVAILABLE, Then.MINUTES),
    1010: (FailureKind.BAD_QUERY, Then.NEVER),
    1011: (FailureKind.MISSING_RIGHT, Then.NEVER),
    1012: (FailureKind.KEY_EXPIRED, Then.NEVER),
    1013: (FailureKind.IP_NOT_ALLOWED, Then.NEVER),
    1014: (FailureKind.BAD_QUERY, Then.NEVER),
    1015: (FailureKind.BAD_KEY, Then.NEVER),
    1016: (FailureKind.NO_ACCOUNT, Then.NEVER),
    1017: (FailureKind.UNAVAILABLE, Then.ANEW),
    1018: (FailureKind.RATE_LIMITED, Then.SLOW),
    1019: (FailureKind.IN_PROGRESS, Then.POLL),
    1020: (FailureKind.BAD_QUERY, Then.ANEW),  # also the word for a stale reference, so one new request first
    1021: (FailureKind.UNAVAILABLE, Then.MINUTES),
}
"""The published list; 1002 does not exist."""

_FINAL_WHEN_REPEATED = {1020}


class FlexError(SourceError):
    """IBKR's own refusal, and what follows from it."""

    def __init__(self, failure: Failure, then: Then) -> None:
        super().__init__(failure)
        self.then = then


@dataclass(frozen=True, slots=True)
class Told:
    """A `FlexStatementResponse`. `Status` says nothing that can be relied on: 1019 comes with three different ones.

    Attributes:
        code: 0 where the request was accepted.
        text: IBKR's own words, cut.
        reference: what the statement can be asked for with, if there is one.
    """

    code: int
    text: str
    reference: str | None

    @property
    def then(self) -> Then:
        """What to do; an unknown code is tried again next hour."""
        return CODES.get(self.code, (FailureKind.BAD_ANSWER, Then.HOUR))[1]

    def error(self, retry_at: datetime | None = None) -> FlexError:
        """The failure that this code means once nothing more is tried."""
        kind, then = CODES.get(self.code, (FailureKind.BAD_ANSWER, Then.HOUR))
        detail = f"code {self.code}" if self.code in CODES else f"code {self.code}: {self.text}"
        final = then is Then.NEVER or self.code in _FINAL_WHEN_REPEATED
        return FlexError(Failure(kind, detail, retry_at, final), then)


def told(root: Element) -> Told:
    """Read a response that is no statement.

    Raises:
        SourceError: `bad_answer`: neither a code nor a reference.
    """
    code = (root.findtext("ErrorCode") or "").strip()
    reference = shown(root.findtext("ReferenceCode") or "")
    if root.tag != "FlexStatementResponse" or not (code or reference):
        raise SourceError.of(FailureKind.BAD_ANSWER, f"neither a statement nor a code, but <{shown(root.tag, 30)}>")
    if code and not (code.isascii() and code.isdigit() and len(code) < 8):
        raise SourceError.of(FailureKind.BAD_ANSWER, "ErrorCode is no number")
    return Told(int(code or 0), shown(root.findtext("ErrorMessage") or "", 80), reference or None)
