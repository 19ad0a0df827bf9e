"""One key at one host of one venue: ccxt names, weighs and signs, the request goes through our own gate and door.

Of ccxt only the raw ("implicit") calls are used. Its own transport follows redirects with the key in hand, reads
bodies without a limit and turns a broken answer into an empty balance; so `fetch` is ours, and ccxt never opens a
session, which is why there is nothing to close. Its own throttler knows one instance only; so `throttle` is ours, and
counts together what the venue counts together.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple
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
from portfolio_bot.platforms.limits import CAREFUL, LIMITS, Gate, Limit
from portfolio_bot.platforms.shared import Shared
from portfolio_bot.platforms.venue import NO_PARAMS, STATUS_ONLY, Refused, Venue

_CREDENTIALS = {"API_KEY": "apiKey", "API_SECRET": "secret", "API_PASSPHRASE": "password"}


_NO_API = frozenset({"zendesk"})
"""Addresses that ccxt has beside the venue's API: help pages, at somebody else's."""


class _Passed(NamedTuple):
    """A gate on a call's way."""

    gate: Gate
    single: bool = False


@dataclass(slots=True)
class _Call:
    """The call in hand, as ccxt's hooks find it.

    Attributes:
        gates: where it is counted; where `single`, as one, whatever ccxt says that it costs.
        turn: what it waits for after that, where the venue wants one call at a time.
        holds: it has its turn.
    """

    gates: Sequence[_Passed]
    turn: asyncio.Lock | None
    holds: bool = False


_in_hand: ContextVar[_Call] = ContextVar("call")


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
        self._turn = asyncio.Lock() if venue.serial else None
        self._exchange = _exchange(venue, config, base_url)
        self.hosts = hosts_of(_addresses(self._exchange.urls["api"]))
        self._gates = _Gates(venue, config, around, self.hosts)
        self._last_nonce = 0
        self._door = Door(around.session, self.hosts, around.clock, around.timing, around.proxy)
        self._sign: Callable[..., dict[str, Any]] = self._exchange.sign
        self._exchange.sign = self._signed
        self._exchange.fetch = self._fetch
        self._exchange.throttle = self._let_in
        if venue.serial:
            self._nonce: Callable[[], float] = self._exchange.nonce
            self._exchange.nonce = self._rising_nonce
        self._exchange.set_last_request = _forget_request

    async def call(self, method: str, params: Mapping[str, object] = NO_PARAMS) -> object:
        """See `venue.Api`."""
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

    async def _ask(self, method: str, params: Mapping[str, object]) -> object:
        public = "public" in method.partition("_get_")[0]
        call = _Call(self._gates.of(method, public=public), None if public else self._turn)
        token = _in_hand.set(call)
        try:
            answer: object = await getattr(self._exchange, method)(dict(params))
        except Refused as error:
            if error.failure.kind is FailureKind.RATE_LIMITED and error.failure.retry_at is not None:
                for passed in call.gates:
                    passed.gate.hold(error.failure.retry_at, self._clock)
            raise
        except error_class("BaseError") as error:
            # ccxt's own checks before the request; its text can hold anything, so only the class is told
            raise SourceError.of(kind_of(error), type(error).__name__) from None
        finally:
            _in_hand.reset(token)
            if call.holds and call.turn is not None:
                call.turn.release()
        return answer

    async def _let_in(self, cost: float | None = None) -> None:
        """In place of ccxt's throttler, right before it signs: room at the gate, then the key's turn.

        In this order, so that background work that waits for room does not keep a report from its turn.
        """
        call = _in_hand.get()
        for gate, single in call.gates:
            await gate.enter(1.0 if cost is None or single else float(cost), self._clock)
        if call.turn is not None and not call.holds:
            await call.turn.acquire()
            call.holds = True

    def _rising_nonce(self) -> float:
        """Greater than the one before, whatever the clock does."""
        self._last_nonce = max(int(self._nonce()), self._last_nonce + 1)
        return self._last_nonce

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


class _Gates:
    """Where the calls of a key are counted."""

    def __init__(self, venue: Venue, config: AccountConfig, around: Surroundings, hosts: frozenset[str]) -> None:
        self._limits = LIMITS.get(venue.source, CAREFUL)
        self._venue, self._config, self._around, self._hosts = venue, config, around, hosts
        self._private = self._gate("private", self._limits.private)
        public = self._limits.public
        self._public = self._private if public is None else self._gate("public", public)

    def of(self, method: str, *, public: bool) -> Sequence[_Passed]:
        """The gates of a call, the narrowest first."""
        limits = self._limits
        if public:
            return (_Passed(self._public),)
        if method in limits.apart:
            return (_Passed(self._gate(method, limits.apart[method]), single=True),)
        if limits.each is not None and method.startswith(limits.each_of or "private"):
            return (_Passed(self._gate(method, limits.each)), _Passed(self._private, single=True))
        return (_Passed(self._private),)

    def _gate(self, what: str, limit: Limit) -> Gate:
        counted = (self._around.proxy,) if limit.by_address else (self._config.secrets.get("API_KEY"),)
        key = (self._venue.source, what, self._hosts, *counted)
        return self._around.gates.gate(key, limit, self._config.account)


def _exchange(venue: Venue, config: AccountConfig, base_url: str | None) -> Any:
    """The ccxt instance; Any, because ccxt is untyped."""
    keys = {_CREDENTIALS[name]: secret.reveal() for name, secret in config.secrets.items() if name in _CREDENTIALS}
    exchange = exchange_class(venue.ccxt_id)({"enableRateLimit": True, **venue.settings, **keys})
    if config.testnet:
        exchange.set_sandbox_mode(True)
    addresses = {name: part for name, part in exchange.urls["api"].items() if name not in _NO_API}
    exchange.urls["api"] = _moved(addresses, exchange.hostname, base_url)
    for name, (path, weight) in venue.endpoints.items():
        setattr(exchange, name, partial(exchange.request, path, ["private"], "GET", config={"cost": weight}))
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
