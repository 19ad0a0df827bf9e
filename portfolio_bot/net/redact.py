"""Redaction: the last step of every log line, message, report, export and error.

By value first (every known secret, in the forms in which it can reappear), then by pattern (what we never knew).
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable

MASK = "***"
LOG_LENGTH = 6
MESSAGE_LENGTH = 12
"""In messages only secrets of 12 characters or more, so that a short passphrase cannot rewrite a figure."""

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"bot\d+:[\w-]{30,}",
        r"\d{8,10}:AA[\w-]{30,}",
        r"hooks\.slack\.com/services/\S+",
        r"(?P<name>signature|sign|passphrase|secret|token|api[_-]?key|authorization|cookie|x-[\w-]{0,40}(?:key|sign|token))"
        r"[\"']?\s*[=:]\s*(?!\*\*\*)(?:Bearer\s+)?[\"']?[^\s\"',;&]+",
        r"Bearer \S+",
        r"[?&]t=[^&\s]+",
        r"\bt\.[\w-]{60,}",
    )
)


class Redactor:
    """Knows the secrets of this process. It never prints them, not even in its own repr."""

    __slots__ = ("_log", "_message")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = set(secrets)
        self._log = _any_of(form for secret in known for form in _forms(secret, LOG_LENGTH))
        self._message = _any_of(form for secret in known for form in _forms(secret, MESSAGE_LENGTH))

    def __repr__(self) -> str:
        return "Redactor(***)"

    def log(self, text: str) -> str:
        """For logs, tracebacks and errors: secrets of 6 characters or more, then whatever looks like one."""
        text = self._log.sub(MASK, text) if self._log else text
        for pattern in _PATTERNS:
            text = pattern.sub(_masked, text)
        return text

    def message(self, text: str) -> str:
        """For messages, reports and exports: by value only, so that no pattern rewrites what a person should read."""
        return self._message.sub(MASK, text) if self._message else text


def _masked(match: re.Match[str]) -> str:
    name = match.groupdict().get("name")
    return f"{name}={MASK}" if name else MASK


def _forms(secret: str, shortest: int) -> Iterable[str]:
    """The secret as it can reappear: plain, quoted for a URL, base64, JSON-escaped, repr, hex, a bot token's tail.

    None for one shorter than `shortest`: its hex or base64 is longer, but could be part of a figure just as well.
    """
    if len(secret) < shortest:
        return
    raw = secret.encode()
    yield secret
    yield urllib.parse.quote(secret, safe="")
    yield urllib.parse.quote_plus(secret)
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield raw.hex()
    head, colon, tail = secret.partition(":")
    if colon and head.isdigit() and len(tail) >= shortest:
        yield tail


def _any_of(forms: Iterable[str]) -> re.Pattern[str] | None:
    longest_first = sorted(set(forms), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
