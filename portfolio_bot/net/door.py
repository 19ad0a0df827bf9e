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
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
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
        retry_at: from `Retry-After` (seconds or a date), clamped to 1 s … 15 min from now; None without one.
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
        hosts: `host` or `host:port` that may be asked; a redirect to elsewhere is refused like one to here.
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
        sent = self.clock()
        started = time.monotonic()
        try:
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
                if 300 <= response.status < 400:
                    raise SourceError.of(FailureKind.BAD_ANSWER, f"redirect refused (HTTP {response.status})")
                body = await _read(response, max_body)
                seen = {name.lower(): value for name, value in response.headers.items()}
        except SourceError:
            raise
        except aiohttp.ConnectionTimeoutError:
            raise NotSent.of(FailureKind.TIMEOUT, "no connection in time") from None
        except TimeoutError:
            raise SourceError.of(FailureKind.TIMEOUT) from None
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as error:
            raise NotSent.of(_kind(error), _detail(error)) from None
        except aiohttp.ClientError as error:
            raise SourceError.of(_kind(error), _detail(error)) from None
        except OSError as error:
            raise SourceError.of(FailureKind.UNREACHABLE, type(error).__name__) from None
        except ValueError:
            raise SourceError.of(FailureKind.BAD_ANSWER, "no HTTP answer") from None
        middle = sent + timedelta(seconds=(time.monotonic() - started) / 2)
        skew = _skew(seen.get("date"), middle)
        if skew is not None:
            self.last_skew = skew
        return Answer(response.status, body, seen, _retry_at(seen.get("retry-after"), self.clock()), skew)

    def allows(self, url: yarl.URL) -> bool:
        """Whether this door leads there."""
        host = (url.host or "").lower()
        return host in self.hosts or f"{host}:{url.port}" in self.hosts


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
        yield session


def hosts_of(urls: Collection[str]) -> frozenset[str]:
    """The `host:port` and, on its scheme's own port, the plain host of each address."""
    found = set()
    for text in urls:
        url = yarl.URL(text)
        host = (url.host or "").lower()
        found.add(f"{host}:{url.port}")
        if url.is_default_port():
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


def _kind(error: aiohttp.ClientError) -> FailureKind:
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch):
        return FailureKind.TLS
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ClientResponseError | aiohttp.InvalidURL):
        return FailureKind.BAD_ANSWER
    return FailureKind.UNREACHABLE


def _detail(error: aiohttp.ClientError) -> str:
    """A few words of ours: the text of these errors can hold a URL with a token in it."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "")
        return str(reason)[:80]
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "name not found"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "connection closed before the answer"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "answer cut off"
    return type(error).__name__


def _retry_at(value: str | None, now: datetime) -> datetime | None:
    if not value:
        return None
    if value.strip().isdigit():
        seconds = float(min(int(value.strip()[:9]), 900))
    else:
        try:
            seconds = (email.utils.parsedate_to_datetime(value).astimezone(UTC) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return now + timedelta(seconds=min(max(seconds, 1.0), 900.0))


def _skew(value: str | None, now: datetime) -> float | None:
    if not value:
        return None
    try:
        theirs = email.utils.parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, TypeError):
        return None
    # `Date` has whole seconds: the true moment lies half a second later on average
    return (now - theirs - timedelta(seconds=0.5)).total_seconds()
