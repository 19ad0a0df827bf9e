"""One key at one host of one venue: ccxt names, signs and throttles, the request goes through our own door.

Of ccxt only the raw ("implicit") calls are used. Its own transport follows redirects with the key in hand, reads
bodies without a limit and turns a broken answer into an empty balance; so `fetch` is ours, and ccxt never opens a
session, which is why there is nothing to close.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.net.door import Answer, Door, hosts_of, once_more
from portfolio_bot.net.strict import strict_json
from portfolio_bot.platforms.base import AccountConfig, Surroundings
from portfolio_bot.platforms.ccxt_causes import (
    asked_again_at,
    kind_of,
    kind_of_status,
    speaks_of_maintenance,
)
from portfolio_bot.platforms.lean_ccxt import error_class, exchange_class
from portfolio_bot.platforms.shared import Shared
from portfolio_bot.platforms.venue import NO_PARAMS, STATUS_ONLY, Refused, Venue

_CREDENTIALS = {"API_KEY": "apiKey", "API_SECRET": "secret", "API_PASSPHRASE": "password"}


class CcxtClient:
    """Single calls.

    Args:
        base_url: replaces scheme, host and port of every address of the venue; None = ccxt's own addresses.

    Attributes:
        hosts: where its requests may go.
    """

    def __init__(self, venue: Venue, config: AccountConfig, around: Surroundings, base_url: str | None) -> None:
        self._venue = venue
        self._clock = around.clock
        self._turn: AbstractAsyncContextManager[object] | None = asyncio.Lock() if venue.serial else None
        self._exchange = _exchange(venue, config, base_url)
        self.hosts = hosts_of(_addresses(self._exchange.urls["api"]))
        self._door = Door(around.session, self.hosts, around.clock, around.timing, around.proxy)
        self._sign: Callable[..., dict[str, Any]] = self._exchange.sign
        self._exchange.sign = self._signed
        self._exchange.fetch = self._fetch
        self._exchange.set_last_request = _forget_request

    async def call(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        """See `venue.Api`."""
        private = method.startswith("private")
        async with self._turn if self._turn is not None and private else nullcontext():
            try:
                return await once_more(lambda: self._ask(method, params))
            except SourceError as error:
                if error.failure.kind is not FailureKind.CLOCK_SKEW or not self._set_clock():
                    raise
            return await self._ask(method, params)

    @property
    def skew(self) -> float | None:
        """Our clock minus the venue's, in seconds, as the last answer told it; None until one did."""
        return self._door.last_skew

    def wind(self) -> None:
        """Before a reading: a throttler that waits for a future that was (the clock jumped back) starts anew."""
        now = time.time() * 1000  # ccxt's throttler counts in this clock
        if any(stamp["timestamp"] > now + 1000 for stamp in self._exchange.throttler.timestamps):
            self._exchange.init_throttler()

    async def _ask(self, method: str, params: Mapping[str, object]) -> object:
        try:
            answer: object = await getattr(self._exchange, method)(dict(params))
        except error_class("BaseError") as error:
            # ccxt's own checks before the request; its text can hold anything, so only the class is told
            raise SourceError.of(kind_of(error), type(error).__name__) from None
        return answer

    def _signed(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A secret that cannot sign (no base64, no PEM) and a key that no header can carry are bad keys, not bugs."""
        try:
            request = self._sign(*args, **kwargs)
        except ValueError:
            raise SourceError.of(
                FailureKind.BAD_KEY, "the secret does not have the form that the venue gives"
            ) from None
        if not all(str(value).isprintable() for value in (request.get("headers") or {}).values()):
            raise SourceError.of(FailureKind.BAD_KEY, "the key holds a character that no key has")
        return request

    async def _fetch(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> object:
        sent = {**self._exchange.headers, **(headers or {})}
        answer = await self._door.request(method, url, headers=sent, data=body)
        return self._judged(answer, url, method, sent, body)

    def _judged(self, answer: Answer, url: str, method: str, sent: Mapping[str, str], body: str | None) -> object:
        """The parsed answer if it is the venue's success; else its cause."""
        parsed: object = None
        code: str | None = None
        broken: SourceError | None = None
        try:
            parsed = strict_json(answer.body)
            code = self._venue.code(answer.status, parsed)
        except SourceError as error:
            broken = error
        if code is not None:
            kind = self._venue.causes.get(code) or self._kind_by_ccxt(answer, parsed, (url, method, sent, body))
            if kind is FailureKind.UNAVAILABLE and speaks_of_maintenance(answer):
                kind = FailureKind.MAINTENANCE
            raise self._refused(FailureKind.RATE_LIMITED if answer.status in {418, 429} else kind, code, answer)
        if answer.status >= 400:
            raise self._refused(kind_of_status(answer, self._venue.page_403), f"{STATUS_ONLY}{answer.status}", answer)
        if broken is not None:
            raise broken
        return parsed

    def _kind_by_ccxt(self, answer: Answer, parsed: object, request: tuple[object, ...]) -> FailureKind:
        """ccxt's own table of codes, where the venue file does not know one; then the status; then its words."""
        if answer.status >= 500:
            return kind_of_status(answer, self._venue.page_403)
        url, method, sent, body = request
        text = answer.body.decode("utf-8", "replace")
        kind = FailureKind.BAD_ANSWER
        try:
            self._exchange.handle_errors(answer.status, "", url, method, dict(answer.headers), text, parsed, sent, body)
        except error_class("BaseError") as error:
            kind = kind_of(error)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            pass  # it stumbled over an answer of an unknown shape, which is what BAD_ANSWER says
        if kind is FailureKind.BAD_ANSWER and answer.status >= 400:
            kind = kind_of_status(answer, self._venue.page_403)
        if kind is FailureKind.BAD_ANSWER and speaks_of_maintenance(answer):
            return FailureKind.MAINTENANCE
        return kind

    def _refused(self, kind: FailureKind, code: str, answer: Answer) -> Refused:
        limited = kind is FailureKind.RATE_LIMITED
        retry_at = asked_again_at(answer, self._clock()) if limited else answer.retry_at
        detail = code if code.startswith(STATUS_ONLY) else f"code {code}"
        if kind is FailureKind.CLOCK_SKEW and answer.skew is not None and abs(answer.skew) >= 1:
            detail = f"{answer.skew:+.0f} s, {detail}"
        return Refused(Failure(kind, detail[:120], retry_at), code)

    def _set_clock(self) -> bool:
        """Let the nonce follow the venue's clock; False if its answers carried no date.

        A serial venue's nonce must never fall: there the nonce is moved forward only.
        """
        skew = self.skew
        if skew is None:
            return False
        behind = min(skew, 0.0) if self._venue.serial else skew
        self._exchange.options["timeDifference"] = round(behind * 1000)
        return True


class OneReading:
    """Implements `venue.Api` for one reading of one account."""

    def __init__(self, client: CcxtClient, absent: frozenset[str]) -> None:
        self._client = client
        self._absent = absent
        self._asked = Shared(fresh=math.inf)

    async def call(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        """See `venue.Api`."""
        return await self._client.call(method, params)

    async def look(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """See `venue.Api`."""
        try:
            return await self._client.call(method, params)
        except Refused as error:
            if error.code in self._absent:
                return None
            raise

    async def once(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object | None:
        """See `venue.Api`."""
        return await self._asked.get((method, *sorted(params.items())), lambda: self.look(method, params))


def _exchange(venue: Venue, config: AccountConfig, base_url: str | None) -> Any:
    """The ccxt instance; Any, because ccxt is untyped."""
    keys = {_CREDENTIALS[name]: secret.reveal() for name, secret in config.secrets.items() if name in _CREDENTIALS}
    settings = {"enableRateLimit": True, "rateLimiterAlgorithm": "rollingWindow", **venue.settings}
    exchange = exchange_class(venue.ccxt_id)({**settings, **keys})
    if config.testnet:
        exchange.set_sandbox_mode(True)
    exchange.urls["api"] = _moved(exchange.urls["api"], exchange.hostname, base_url)
    return exchange


def _moved(addresses: object, hostname: str | None, base_url: str | None) -> object:
    """The same tree of addresses with another scheme, host and port; the path stays, behind that of `base_url`."""
    if isinstance(addresses, dict):
        return {name: _moved(part, hostname, base_url) for name, part in addresses.items()}
    address = str(addresses).replace("{hostname}", hostname or "")
    return address if base_url is None else base_url.rstrip("/") + urlsplit(address).path


def _addresses(tree: object) -> list[str]:
    if isinstance(tree, dict):
        return [address for part in tree.values() for address in _addresses(part)]
    return [str(tree)]


def _forget_request(_request: object) -> None:
    """ccxt would keep the last request, key and signature, for as long as it lives."""
