"""The guarded way out, against servers that answer badly, slowly or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from datetime import timedelta

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.net.door import MAX_BODY, Door, NotSent, Timing, deadline, hosts_of, in_transaction, once_more
from tests.net.conftest import NOW, OpenDoor
from tests.peers import faults
from tests.peers.faults import Fault, Peer, Reply, serve
from tests.peers.measure import memory_growth

GOOD = Reply.of({"total": "1.5"})


async def refusal(door: Door, url: str, method: str = "GET") -> SourceError:
    with pytest.raises(SourceError) as caught:
        await door.request(method, url)
    return caught.value


async def refused_by(door: OpenDoor, fault: Fault, total: float = 0.5) -> SourceError:
    """What the door says of a peer that fails so; it never takes longer than its deadline."""
    async with serve(lambda _: GOOD) as peer:
        peer.fail(fault)
        started = time.monotonic()
        error = await refusal(door(peer.url, total=total), f"{peer.url}/secret-path?token=secret-token")
        assert time.monotonic() - started < total + 0.5
    assert "secret" not in str(error)
    assert error.__cause__ is None
    return error


async def test_a_good_answer_comes_whole_with_status_and_headers(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer:
        answer = await door(peer.url).request("POST", f"{peer.url}/a?b=c", headers={"X-Key": "k"}, data="d=e")
    assert (answer.status, answer.body, answer.content_type) == (200, GOOD.body, "application/json")
    assert (peer.requests[0].fields, peer.requests[0].headers["X-Key"]) == ({"b": "c"}, "k")


@pytest.mark.parametrize("code", [400, 401, 403, 404, 418, 429, 451, 500, 502, 520])
async def test_every_status_but_a_redirect_is_an_answer(door: OpenDoor, code: int) -> None:
    async with serve(lambda _: Reply(b"page", code)) as peer:
        answer = await door(peer.url).request("GET", peer.url)
    assert (answer.status, answer.body) == (code, b"page")


@pytest.mark.parametrize("fault", [faults.hang(), faults.header_drip(), faults.body_drip(0.05)])
async def test_silence_and_drips_end_by_the_deadline(door: OpenDoor, fault: Fault) -> None:
    error = await refused_by(door, fault, total=0.1)
    assert error.failure.kind is FailureKind.TIMEOUT
    assert not isinstance(error, NotSent)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.reset(), FailureKind.UNREACHABLE),
        (faults.close(), FailureKind.UNREACHABLE),
        (faults.half(), FailureKind.BAD_ANSWER),
        (faults.no_http(), FailureKind.BAD_ANSWER),
        (faults.long_header(), FailureKind.BAD_ANSWER),
        (faults.WRONG_BODIES["no gzip at all"], FailureKind.BAD_ANSWER),
    ],
)
async def test_a_broken_connection_or_answer_has_its_own_name(door: OpenDoor, fault: Fault, kind: FailureKind) -> None:
    error = await refused_by(door, fault)
    assert error.failure.kind is kind
    assert error.failure.detail
    assert not isinstance(error, NotSent)


@pytest.mark.parametrize("fault", [faults.flood(100), faults.gzip_bomb(200), faults.huge_headers(5)])
async def test_too_much_is_refused_and_costs_little_memory(door: OpenDoor, fault: Fault) -> None:
    with memory_growth() as growth:
        error = await refused_by(door, fault, total=10)
    assert error.failure.kind is FailureKind.BAD_ANSWER
    assert growth.megabytes <= 20


async def test_the_cap_counts_after_decompression(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(faults.gzip_bomb(2))
        opened = door(peer.url)
        with pytest.raises(SourceError, match="more than 1 MB"):
            await opened.request("GET", peer.url, max_body=1024 * 1024)


async def test_a_body_of_exactly_the_cap_passes(door: OpenDoor) -> None:
    async with serve(lambda _: Reply(b" " * MAX_BODY)) as peer:
        assert len((await door(peer.url, total=10).request("GET", peer.url)).body) == MAX_BODY


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_the_key_never_reaches_the_other_host(door: OpenDoor, code: int) -> None:
    async with serve(lambda _: GOOD) as other, serve(lambda _: GOOD) as peer:
        peer.fail(faults.redirect(f"{other.url}/take", code))
        opened = door(peer.url, other.url)
        with pytest.raises(SourceError, match=f"HTTP {code}"):
            await opened.request("POST", peer.url, headers={"X-API-KEY": "canary"}, data="signature=canary")
    assert other.requests == []


async def test_a_redirect_to_itself_is_refused_too(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(faults.redirect(f"{peer.url}/again"))
        assert (await refusal(door(peer.url), peer.url)).failure.kind is FailureKind.BAD_ANSWER
        assert len(peer.requests) == 1


async def test_a_host_that_is_not_on_the_list_is_never_asked(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer, serve(lambda _: GOOD) as other:
        await refusal(door(peer.url), other.url)
        await refusal(door(peer.url), peer.url.replace("127.0.0.1", "localhost"))
    assert peer.requests == other.requests == []


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.venue.test/x", True),
        ("https://API.venue.test:443/x", True),
        ("http://api.venue.test/x", False),
        ("https://api.venue.test:8443/x", False),
        ("https://venue.test/x", False),
        ("https://api.venue.test.evil.test/x", False),
        ("https://api.venue.test@evil.test/x", False),
    ],
)
async def test_only_the_very_host_and_port_are_allowed(door: OpenDoor, url: str, allowed: bool) -> None:
    opened = door("https://api.venue.test")
    assert opened.allows(URL(url)) is allowed
    assert opened.hosts == hosts_of(["https://api.venue.test:443/"])


async def test_a_refused_connection_surely_never_left(door: OpenDoor) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/secret"
        error = await refusal(door(url), url)
    assert isinstance(error, NotSent)
    assert (error.failure.kind, error.failure.detail) == (FailureKind.UNREACHABLE, "no connection")


class _NoNames(AbstractResolver):
    """A resolver that fails, or takes for ever."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        await asyncio.sleep(self._seconds)
        raise OSError(None, f"no address for {host}")

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    ("seconds", "kind", "detail"),
    [(0, FailureKind.UNREACHABLE, "name not found"), (60, FailureKind.TIMEOUT, "")],
)
async def test_a_name_that_cannot_be_found_is_unreachable(seconds: float, kind: FailureKind, detail: str) -> None:
    url = "https://no.such.host.test/secret"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=_NoNames(seconds))) as session:
        error = await refusal(Door(session, hosts_of([url]), lambda: NOW, Timing(total=0.1)), url)
    assert (error.failure.kind, error.failure.detail) == (kind, detail)


async def test_a_certificate_that_nobody_signed_is_named_as_such(door: OpenDoor, self_signed: ssl.SSLContext) -> None:
    async with serve(lambda _: GOOD, tls=self_signed) as peer:
        error = await refusal(door(peer.url), peer.url)
    assert error.failure.kind is FailureKind.TLS
    assert "self" in error.failure.detail
    assert peer.requests == []


async def test_something_else_than_tls_is_named_as_such(door: OpenDoor) -> None:
    async with faults.raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        error = await refusal(door(f"https://127.0.0.1:{port}"), f"https://127.0.0.1:{port}/")
    assert error.failure.kind is FailureKind.TLS


async def test_a_proxy_that_refuses_is_unreachable_and_named(door: OpenDoor) -> None:
    async with serve(lambda _: Reply(b"", 407)) as proxy:
        error = await refusal(door("https://venue.test", proxy=proxy.url), "https://venue.test/x")
    assert isinstance(error, NotSent)
    assert (error.failure.kind, error.failure.detail) == (FailureKind.UNREACHABLE, "refused by the proxy")


async def test_a_proxy_that_is_down_is_unreachable_and_named(door: OpenDoor) -> None:
    error = await refusal(door("https://venue.test", proxy="http://127.0.0.1:9"), "https://venue.test/x")
    assert (error.failure.kind, error.failure.detail) == (FailureKind.UNREACHABLE, "no connection to the proxy")


@pytest.mark.parametrize(
    ("code", "value", "seconds"),
    [
        (429, "7", 7),
        (429, " 7 ", 7),
        (429, "0", 1),
        (429, "86400", 900),
        (429, "9" * 400, 900),
        (418, "86400", 86400),
        (418, "9" * 400, 7 * 86400),
        (429, "Fri, 20 Nov 2026 08:01:00 GMT", 60),
        (429, "Fri, 20 Nov 2026 08:01:00 -0000", 60),
        (429, "Fri, 20 Nov 2026 07:00:00 GMT", 1),
        (429, "Fri, 20 Nov 2099 08:00:00 GMT", 900),
        (503, "30", 30),
    ],
)
async def test_retry_after_is_kept_within_reason(door: OpenDoor, code: int, value: str, seconds: int) -> None:
    async with serve(lambda _: Reply(b"", code, {"Retry-After": value})) as peer:
        answer = await door(peer.url).request("GET", peer.url)
    assert answer.retry_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "Fri, 99 Nov 2026 08:00:00 GMT"])
async def test_a_retry_after_that_says_nothing_is_none(door: OpenDoor, value: str) -> None:
    async with serve(lambda _: Reply(b"", 429, {"Retry-After": value})) as peer:
        assert (await door(peer.url).request("GET", peer.url)).retry_at is None


@pytest.mark.parametrize(
    ("headers", "skew"),
    [
        ({"Date": "Fri, 20 Nov 2026 08:00:00 GMT"}, 0),
        ({"Date": "Fri, 20 Nov 2026 07:58:29 GMT"}, 90.5),
        ({"Date": "Fri, 20 Nov 2026 08:01:30 GMT"}, -90.5),
        ({"Date": "Fri, 20 Nov 2026 07:00:00 GMT", "Age": "3600"}, None),
        ({"Date": "yesterday"}, None),
    ],
)
async def test_the_clock_is_compared_with_the_answers_date(
    door: OpenDoor, headers: dict[str, str], skew: float | None
) -> None:
    async with serve(lambda _: Reply(b"", 200, headers)) as peer:
        opened = door(peer.url)
        answer = await opened.request("GET", peer.url)
    assert answer.skew == opened.last_skew
    assert answer.skew == (skew if skew is None else pytest.approx(skew, abs=0.6))


async def test_a_slow_answer_is_no_wrong_clock(door: OpenDoor) -> None:
    """The peer stamps its answer at the end of a long think: our question is then older than its date."""
    async with serve(lambda _: Reply(b"", 200, {"Date": "Fri, 20 Nov 2026 08:00:00 GMT"})) as peer:
        peer.fail(faults.late(0.3))
        answer = await door(peer.url, total=2).request("GET", peer.url)
    assert answer.skew == pytest.approx(0, abs=0.5)


async def test_nobody_waits_for_the_network_inside_a_transaction(door: OpenDoor) -> None:
    token = in_transaction.set(True)
    try:
        with pytest.raises(RuntimeError, match="transaction"):
            await door("http://127.0.0.1:1").request("GET", "http://127.0.0.1:1")
    finally:
        in_transaction.reset(token)


@pytest.mark.parametrize("fault", [faults.close(), faults.reset()])
async def test_one_request_is_sent_once(door: OpenDoor, fault: Fault) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(fault)
        await refusal(door(peer.url), peer.url)
        assert len(peer.requests) == 1


async def asked_once_more(door: Door, peer: Peer) -> int:
    """How often the peer is asked by a call that may be repeated."""

    async def call() -> bytes:
        answer = await door.request("GET", peer.url)
        if answer.status >= 500:
            raise SourceError.of(FailureKind.UNAVAILABLE)
        if answer.status == 429:
            raise SourceError.of(FailureKind.RATE_LIMITED, retry_at=answer.retry_at)
        return answer.body

    with contextlib.suppress(SourceError):
        await once_more(call, needs=0.05, pause=0.01)
    return len(peer.requests)


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (faults.status(503), 2),
        (faults.close(), 2),
        (faults.status(429), 1),
        (faults.half(), 1),
    ],
)
async def test_only_connections_timeouts_and_5xx_are_tried_once_more(door: OpenDoor, fault: Fault, times: int) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(fault)
        assert await asked_once_more(door(peer.url), peer) == times


async def test_no_second_try_when_the_deadline_leaves_no_time_for_it(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(faults.status(503))
        token = deadline.set(asyncio.get_running_loop().time() + 0.02)
        assert await asked_once_more(door(peer.url), peer) == 1
        deadline.reset(token)


async def test_the_second_try_is_believed(door: OpenDoor) -> None:
    async with serve(lambda _: GOOD) as peer:
        peer.fail(faults.reset(), times=1)
        opened = door(peer.url)
        answer = await once_more(lambda: opened.request("POST", peer.url), needs=0.05, pause=0.01)
    assert answer.body == GOOD.body


async def test_a_key_in_a_header_never_reaches_an_error(door: OpenDoor) -> None:
    opened = door("http://127.0.0.1:9")
    with pytest.raises(SourceError) as caught:
        await opened.request("GET", "http://127.0.0.1:9/?t=canary-in-url", headers={"Authorization": "Bearer canary"})
    assert "canary" not in repr(caught.value) + str(caught.value.args) + str(caught.value.failure)
