"""T-Invest's REST gateway: one POST per call, its own trust root, causes from the code in the body.

The host's certificate is issued by the Russian state CA, which no default store holds. That root may sign any name,
so it is trusted for this source's requests alone: a TLS context per request, never the process' default store.

The HTTP status says little: a bad token was seen to come as 401, 400 and 500. The code stands in `description`, a
whole number by the schema and a text in practice; `code` is the gRPC status.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.net.door import Answer, Door, deadline, hosts_of, once_more
from portfolio_bot.net.strict import strict_json
from portfolio_bot.platforms.base import AccountConfig, Surroundings
from portfolio_bot.platforms.limits import TBANK
from portfolio_bot.platforms.strict import Row

OFFICIAL = "https://invest-public-api.tbank.ru"
BUNDLED_ROOT = Path(__file__).with_name("russian_trusted_root_ca.pem")

_PREFIX = "/rest/tinkoff.public.invest.api.contract.v1."

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
"""The period of every limit: the wait where the answer names none."""

CLOSED = 30081
"""The code for an account that has been closed."""

BAD_TOKEN = 40003
"""The code for a token that is wrong, revoked, expired or of the other contour: no use before it is changed."""

CAUSES: Mapping[int, FailureKind] = {
    30058: FailureKind.UNAVAILABLE,  # task not completed
    30082: FailureKind.ACCOUNT_FROZEN,
    40002: FailureKind.MISSING_RIGHT,
    BAD_TOKEN: FailureKind.BAD_KEY,
    70001: FailureKind.UNAVAILABLE,
    70002: FailureKind.UNAVAILABLE,
    70003: FailureKind.UNAVAILABLE,
    80002: FailureKind.RATE_LIMITED,
}
"""By T-Bank's own code. All others (a method that is gone, an argument, an account not found) are a bad answer."""

GRPC: Mapping[int, FailureKind] = {
    4: FailureKind.UNAVAILABLE,
    7: FailureKind.MISSING_RIGHT,
    8: FailureKind.RATE_LIMITED,
    13: FailureKind.UNAVAILABLE,
    14: FailureKind.UNAVAILABLE,
    16: FailureKind.BAD_KEY,
}
"""By gRPC status, where the body has no code of T-Bank's."""

HTTP: Mapping[int, FailureKind] = {
    401: FailureKind.BAD_KEY,
    403: FailureKind.GEO_BLOCKED,
    408: FailureKind.TIMEOUT,
    418: FailureKind.RATE_LIMITED,
    429: FailureKind.RATE_LIMITED,
    451: FailureKind.GEO_BLOCKED,
}
"""By HTTP status, where the body says nothing (the front end answers in HTML); 5xx is unavailable."""


class RefusedError(SourceError):
    """T-Bank's own refusal, with its code (0: none) and the HTTP status it came with."""

    def __init__(self, failure: Failure, code: int, status: int) -> None:
        super().__init__(failure)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class Pauses:
    """Bounds in seconds for the wait that the per-minute limit asks for."""

    least: float = 1.0
    most: float = 65.0


class Api:
    """Calls one method at a time for one token."""

    def __init__(self, config: AccountConfig, around: Surroundings, pauses: Pauses) -> None:
        self._token = config.secrets["API_TOKEN"]
        self._base = (config.base_url or OFFICIAL).rstrip("/")
        self._root = Path(config.ca_file) if config.ca_file else BUNDLED_ROOT
        self._clock = around.clock
        self._patience = around.patience
        self._pauses = pauses
        self._tls: ssl.SSLContext | None = None
        self._gates = {
            service: around.gates.gate(("tbank", service, self._base, self._token), limit, config.account)
            for service, limit in TBANK.items()
        }
        self.door = Door(around.session, hosts_of([self._base]), around.clock, around.timing, around.proxy)

    async def call(self, method: str, **arguments: object) -> Row:
        """One method of the contract, for instance `UsersService/GetAccounts`.

        Args:
            arguments: the fields of its request, as JSON knows them.

        Raises:
            RefusedError: T-Bank said no; `code` tells why.
            SourceError: the road failed, or the answer is none.
        """
        started = asyncio.get_running_loop().time()
        try:
            return await once_more(lambda: self._ask(method, arguments))
        except RefusedError as error:
            wait = self._wait_for(error.failure.retry_at)
            if error.failure.kind is not FailureKind.RATE_LIMITED or wait is None:
                raise
            ends = deadline.get() or started + self._patience
            if asyncio.get_running_loop().time() + wait + 1 > ends:
                raise
        await asyncio.sleep(wait)
        return await self._ask(method, arguments)

    async def _ask(self, method: str, arguments: Mapping[str, object]) -> Row:
        service, _, name = method.partition("/")
        gate = self._gates[service]
        await gate.enter(1, self._clock)
        try:
            return await self._answered(method, name, arguments)
        except RefusedError as error:
            if error.failure.kind is FailureKind.RATE_LIMITED and error.failure.retry_at is not None:
                gate.hold(error.failure.retry_at, self._clock)
            raise

    async def _answered(self, method: str, name: str, arguments: Mapping[str, object]) -> Row:
        answer = await self._post(method, arguments)
        try:
            data = strict_json(answer.body)
        except SourceError:
            if answer.status == 200:
                raise
            data = None  # an error page: the status is all there is
        body: Row = data if isinstance(data, dict) else {}
        if answer.status != 200 or ("message" in body and _code(body.get("code"))):
            log.debug("T-Bank refused %s, tracking id %s", name, answer.headers.get("x-tracking-id", "")[:40])
            raise self._refusal(answer, body, name)
        if body is not data:
            raise SourceError.of(FailureKind.BAD_ANSWER, f"{name}: no object")
        return body

    async def _post(self, method: str, arguments: Mapping[str, object]) -> Answer:
        try:
            return await self.door.request(
                "POST",
                f"{self._base}{_PREFIX}{method}",
                headers={
                    "Authorization": f"Bearer {self._token.reveal()}",
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                },
                data=json.dumps(arguments),
                tls=await self._trust(),
            )
        except SourceError as error:
            if error.failure.kind is not FailureKind.TLS:
                raise
            why = f"issued by the Russian state CA, not proved by {self._root.name[:40]}: {error.failure.detail}"
            raise SourceError.of(FailureKind.TLS, why) from None

    def _refusal(self, answer: Answer, body: Row, name: str) -> RefusedError:
        code, grpc = _code(body.get("description")), _code(body.get("code"))
        if code:
            kind = CAUSES.get(code, FailureKind.BAD_ANSWER)
        elif grpc:
            kind = GRPC.get(grpc, FailureKind.BAD_ANSWER)
        else:
            kind = _by_status(answer)
        if kind is FailureKind.UNAVAILABLE and b"maintenance" in answer.body[:20_000].lower():
            kind = FailureKind.MAINTENANCE
        retry_at = answer.retry_at
        if kind is FailureKind.RATE_LIMITED:
            retry_at = self._reset(answer) or retry_at or self._clock() + MINUTE
        detail = f"{name}: {code or f'HTTP {answer.status}'}"
        return RefusedError(Failure(kind, detail, retry_at, code == BAD_TOKEN), code, answer.status)

    def _reset(self, answer: Answer) -> datetime | None:
        """The end of the minute, from `x-ratelimit-reset`: seconds, if it is a clean whole number."""
        seconds = answer.headers.get("x-ratelimit-reset", "").strip()
        if not (seconds.isascii() and seconds.isdigit()):
            return None
        wait = min(max(float(seconds[:6]), self._pauses.least), self._pauses.most)
        return self._clock() + timedelta(seconds=wait)

    def _wait_for(self, retry_at: datetime | None) -> float | None:
        return None if retry_at is None else max((retry_at - self._clock()).total_seconds(), 0.0)

    async def _trust(self) -> ssl.SSLContext | None:
        """The context of this source's requests; None for plain HTTP, which only a loopback address may use."""
        if self._base.startswith("http://"):
            return None
        if self._tls is None:
            try:
                # reading the system's store takes some 20 ms: not in the loop
                self._tls = await asyncio.to_thread(trusting, self._root)
            except (OSError, ValueError):  # ssl.SSLError is an OSError
                raise SourceError.of(FailureKind.TLS, f"no certificate to be read in {self._root.name}") from None
        return self._tls


def trusting(root: Path) -> ssl.SSLContext:
    """The system's trust roots and one more."""
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=root)
    return context


def _code(value: object) -> int:
    """A code as a number or as text; 0 for none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else 0


def _by_status(answer: Answer) -> FailureKind:
    if answer.status >= 500:
        return FailureKind.UNAVAILABLE
    return HTTP.get(answer.status, FailureKind.BAD_ANSWER)
