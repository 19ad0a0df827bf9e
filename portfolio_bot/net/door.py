"""The only way out of the process.

One aiohttp session for everybody, ccxt included. Each source gets a `Door` of its own, which knows the hosts that
its key may travel to. A door refuses every other host and every redirect, reads a body only up to a cap (counted
after decompression), ends every request by a deadline and keeps what ccxt hides: status, `Retry-After`, `Date`.

Errors leave here as `SourceError` without URL, header or body: the texts of aiohttp's own errors hold the IBKR token
and the T-Bank bearer.
"""

from __future__ import annotations

import asyncio
import email.utils
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import aiohttp
import yarl

from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.timing import Timing, deadline, in_transaction

__all__ = [
    "MAX_BODY",
    "MAX_XML_BODY",
    "Answer",
    "Door",
    "NotSent",
    "Timing",
    "deadline",
    "hosts_of",
    "in_transaction",
    "once_more",
    "open_session",
]

MAX_BODY = 8 * 1024 * 1024
MAX_XML_BODY = 32 * 1024 * 1024
USER_AGENT = "portfolio-bot"
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_BAN = timedelta(days=7)

T = TypeVar("T")


class NotSent(SourceError):
    """The request surely never left: there was no connection to send it over. Repeating it repeats nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, within its cap.

    Attributes:
        status: HTTP status, never a redirect.
        body: decompressed.
        headers: as sent, names in lower case.
        retry_at: from `Retry-After` (seconds or a date), clamped to 1 s … 15 min from now (418, an address that is
            banned: to a week); None without one.
        skew: our clock minus the server's `Date`, in seconds; None without that header. Exact to about a second.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    retry_at: datetime | None
    skew: float | None

    @property
    def content_type(self) -> str:
        """Lower case, without parameters; "" if there is none."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(slots=True)
class Door:
    """One source's way out.

    Attributes:
        hosts: what may be asked: `host:port`, or `host` for https on its own port. A redirect is refused wherever it
            leads.
        last_skew: the clock difference seen last, in seconds (ours minus theirs).
    """

    session: aiohttp.ClientSession
    hosts: frozenset[str]
    clock: Clock
    timing: Timing = field(default_factory=Timing)
    proxy: str | None = None
    last_skew: float | None = None
    requests: int = 0

    async def request(
        self,
        method: str,
        url: str | yarl.URL,
        *,
        headers: Mapping[str, str] | None = None,
        data: bytes | str | None = None,
        tls: ssl.SSLContext | None = None,
        max_body: int = MAX_BODY,
    ) -> Answer:
        """Ask once. Every status but a redirect is an answer; what it means is the caller's to say.

        Raises:
            SourceError: `unreachable`, `timeout`, `tls`; `bad_answer` for a redirect, an unknown host, a body over
                the cap or one that cannot be decompressed. `NotSent` where no connection came about.
        """
        if in_transaction.get():
            raise RuntimeError("network inside a database transaction")
        target = yarl.URL(url, encoded=True) if isinstance(url, str) else url
        if not self.allows(target):
            raise SourceError.of(FailureKind.BAD_ANSWER, "refused to go to a host that is not on the source's list")
        self.requests += 1
        sent, started = self.clock(), time.monotonic()
        with _in_our_words():
            async with (
                asyncio.timeout(self.timing.total),
                self.session.request(
                    method,
                    target,
                    headers={"User-Agent": USER_AGENT, **(headers or {})},
                    data=data,
                    ssl=tls if tls is not None else True,
                    proxy=self.proxy,
                    allow_redirects=False,
                    timeout=aiohttp.ClientTimeout(total=self.timing.total, sock_connect=self.timing.connect),
                ) as response,
            ):
                arrived = sent + timedelta(seconds=time.monotonic() - started)
                if 300 <= response.status < 400:
                    raise SourceError.of(FailureKind.BAD_ANSWER, f"redirect refused (HTTP {response.status})")
                body = await _read(response, max_body)
        seen = {name.lower(): value for name, value in response.headers.items()}
        skew = _skew(seen, sent, arrived)
        if skew is not None:
            self.last_skew = skew
        longest = LONGEST_BAN if response.status == 418 else LONGEST_WAIT
        return Answer(response.status, body, seen, _retry_at(seen.get("retry-after"), self.clock(), longest), skew)

    def allows(self, url: yarl.URL) -> bool:
        """Whether this door leads there."""
        host = (url.host or "").lower()
        ordinary = url.scheme == "https" and url.is_default_port()
        return f"{host}:{url.port}" in self.hosts or (ordinary and host in self.hosts)


@asynccontextmanager
async def open_session(*, trust_env: bool = False, socks: str | None = None) -> AsyncIterator[aiohttp.ClientSession]:
    """The one session of the process; closed with its connections at the end."""
    connector: aiohttp.BaseConnector
    if socks:
        from aiohttp_socks import ProxyConnector  # the optional extra `socks`

        connector = ProxyConnector.from_url(socks)
    else:
        connector = aiohttp.TCPConnector(limit=100, limit_per_host=20, ttl_dns_cache=300)
    async with aiohttp.ClientSession(
        connector=connector, trust_env=trust_env, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        # aiohttp silently sends a GET again when its connection breaks: signed once, used twice, and counted by nobody
        session._retry_connection = False  # noqa: SLF001 - no public switch; a test counts the requests
        yield session


def hosts_of(urls: Collection[str]) -> frozenset[str]:
    """The `host:port` and, where that is https on its own port, the plain host of each address."""
    found = set()
    for text in urls:
        url = yarl.URL(text)
        host = (url.host or "").lower()
        found.add(f"{host}:{url.port}")
        if url.scheme == "https" and url.is_default_port():
            found.add(host)
    return frozenset(found)


async def once_more(call: Callable[[], Awaitable[T]], *, needs: float = 1.0, pause: float = 0.3) -> T:
    """One careful retry: only for a connection, a timeout or a 5xx, and only if the deadline leaves `needs` seconds.

    The whole call is made again, so that whatever signs it signs afresh (a nonce must not be used twice).
    """
    try:
        return await call()
    except SourceError as error:
        if error.failure.kind not in RETRIED or error.failure.retry_at is not None:
            raise
        ends = deadline.get()
        if ends is not None and ends - asyncio.get_running_loop().time() < needs + pause:
            raise
    await asyncio.sleep(pause)
    return await call()


RETRIED = frozenset({FailureKind.UNREACHABLE, FailureKind.TIMEOUT, FailureKind.UNAVAILABLE})


async def _read(response: aiohttp.ClientResponse, cap: int) -> bytes:
    chunks, size = [], 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > cap:
            response.close()
            raise SourceError.of(FailureKind.BAD_ANSWER, f"answer of more than {cap // 1024 // 1024} MB")
        chunks.append(chunk)
    return b"".join(chunks)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turns every error of the HTTP client into a `SourceError`: their texts hold URLs, and so tokens."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError:
        raise NotSent.of(FailureKind.TIMEOUT, "no connection in time") from None
    except TimeoutError:
        raise SourceError.of(FailureKind.TIMEOUT) from None
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
        raise NotSent.of(*_cause(error)) from None
    except aiohttp.ClientError as error:
        raise SourceError.of(*_cause(error)) from None
    except OSError:
        raise SourceError.of(FailureKind.UNREACHABLE, "connection lost") from None
    except ValueError:
        raise SourceError.of(FailureKind.BAD_ANSWER, "no HTTP answer") from None


def _cause(error: aiohttp.ClientError) -> tuple[FailureKind, str]:
    """The first row that fits; the narrower class stands first."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return FailureKind.TLS, str(getattr(error.certificate_error, "verify_message", ""))[:80]
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), (FailureKind.UNREACHABLE, ""))


_CAUSES: tuple[tuple[type[aiohttp.ClientError], tuple[FailureKind, str]], ...] = (
    (aiohttp.ClientSSLError, (FailureKind.TLS, "no encrypted connection")),
    (aiohttp.ServerFingerprintMismatch, (FailureKind.TLS, "another certificate than expected")),
    (aiohttp.ClientConnectorDNSError, (FailureKind.UNREACHABLE, "name not found")),
    (aiohttp.ClientProxyConnectionError, (FailureKind.UNREACHABLE, "no connection to the proxy")),
    (aiohttp.ClientHttpProxyError, (FailureKind.UNREACHABLE, "refused by the proxy")),
    (aiohttp.ClientConnectorError, (FailureKind.UNREACHABLE, "no connection")),
    (aiohttp.ServerDisconnectedError, (FailureKind.UNREACHABLE, "connection closed before the answer")),
    (aiohttp.ClientOSError, (FailureKind.UNREACHABLE, "connection lost")),
    (aiohttp.ClientPayloadError, (FailureKind.BAD_ANSWER, "answer cut off")),
    (aiohttp.ClientResponseError, (FailureKind.BAD_ANSWER, "no HTTP answer")),
    (aiohttp.InvalidURL, (FailureKind.BAD_ANSWER, "no HTTP answer")),
)


def _retry_at(value: str | None, now: datetime, longest: timedelta) -> datetime | None:
    """When to come back: `Retry-After` in seconds or as a date, at least a second and at most `longest` from now."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=int(text[:9]))
    else:
        date = _date(text)
        if date is None:
            return None
        wait = date - now
    return now + min(max(wait, timedelta(seconds=1)), longest)


def _skew(headers: Mapping[str, str], sent: datetime, arrived: datetime) -> float | None:
    """Our clock minus theirs, in seconds; 0 where their `Date` fits between asking and answer.

    A slow answer or one from a cache (`Age`) says little about clocks: the first can only be less wrong than it looks,
    the second is not used.
    """
    theirs = _date(headers.get("date", ""))
    if theirs is None or headers.get("age", "0") != "0":
        return None
    theirs += timedelta(seconds=0.5)  # whole seconds: the true moment lies half a second later on average
    if sent > theirs:
        return (sent - theirs).total_seconds()
    return min((arrived - theirs).total_seconds(), 0.0)


def _date(text: str) -> datetime | None:
    """An HTTP date; one without a zone is UTC, as HTTP wants it."""
    try:
        found = email.utils.parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
