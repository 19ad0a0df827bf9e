"""T-Bank's source against a gateway on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from portfolio_bot.model.failure import Failure, FailureKind, SourceError
from portfolio_bot.model.statement import Statement, UnreadableWallet, Wallet
from portfolio_bot.net.door import Door, hosts_of
from portfolio_bot.platforms.base import AccountConfig, ImpliesDollar, Secret
from portfolio_bot.platforms.tbank import TBank, open_source
from portfolio_bot.platforms.tbank_api import BUNDLED_ROOT, Pauses
from tests.clock import HeldClock, moment
from tests.peers.certificate import self_signed_context
from tests.peers.faults import Reply, hang, instead, late, reset
from tests.peers.tbank import ACCOUNTS, PORTFOLIO, TOKEN, TBankPeer, error, fixture, tbank_server
from tests.platforms.brokers import KEY, KeptMemory, surroundings

NOW = moment("2026-11-20 09:00")


@asynccontextmanager
async def source(
    url: str, memory: KeptMemory | None = None, pauses: Pauses | None = None, key: bytes = KEY, **config: Any
) -> AsyncIterator[TBank]:
    async with surroundings(HeldClock(NOW), identity_key=key) as around:
        made = AccountConfig("tbank", "tbank", "T-Bank", {"API_TOKEN": Secret(TOKEN)}, base_url=url, **config)
        yield TBank(made, around, memory or KeptMemory(), pauses)


async def read(peer: TBankPeer, memory: KeptMemory | None = None) -> Statement:
    async with source(peer.url, memory) as tbank:
        return await tbank.read()


async def failed(peer: TBankPeer, memory: KeptMemory | None = None) -> Failure:
    with pytest.raises(SourceError) as caught:
        await read(peer, memory)
    return caught.value.failure


def only(peer: TBankPeer, portfolio: str, number: str = "2000000001") -> None:
    """Leaves one account with this portfolio."""
    peer.accounts["accounts"] = [row for row in peer.accounts["accounts"] if row["id"] == number]
    peer.portfolios = {number: {"RUB": fixture(portfolio)}}


def amounts(statement: Statement, wallet: Wallet) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for row in statement.holdings:
        if row.wallet is wallet:
            found[row.asset] = found.get(row.asset, Decimal(0)) + row.amount
    return found


async def test_two_accounts_are_worth_what_the_broker_states() -> None:
    async with tbank_server() as peer:
        statement = await read(peer)
    assert sorted(total.amount for total in statement.stated) == [Decimal("82034.59"), Decimal("201534.2")]
    assert sum(total.amount for total in statement.stated) == Decimal("283568.79")
    assert {total.currency for total in statement.stated} == {"RUB"} == {statement.native_currency}
    assert statement.notices == ()


async def test_closed_and_forbidden_accounts_are_not_asked_for() -> None:
    async with tbank_server() as peer:
        await read(peer)
        asked = {seen.fields["accountId"] for seen in peer.asked(PORTFOLIO)}
    assert asked == {"2000000001", "2000000002", "2000000003"}


async def test_an_invest_box_is_named_as_not_valued() -> None:
    async with tbank_server() as peer:
        statement = await read(peer)
    assert statement.unreadable == (UnreadableWallet("Инвесткопилка", "not_valued"),)
    box = next(sub for sub in statement.sub_accounts if sub.name == "Инвесткопилка")
    assert box.total is None


async def test_account_numbers_are_masked_and_stand_nowhere() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        statement = await read(peer, memory)
    assert [sub.id for sub in statement.sub_accounts] == ["2***0001", "2***0002", "2***0003"]
    assert "2000000001" not in f"{statement} {memory.rows}"


async def test_a_sub_account_keeps_its_identity_over_restarts() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        first = await read(peer, memory)
        again = await read(peer, KeptMemory(dict(memory.rows)))
        async with source(peer.url, key=b"of another database") as other:
            elsewhere = await other.read()
    assert [sub.key for sub in first.sub_accounts] == [sub.key for sub in again.sub_accounts]
    assert not {sub.key for sub in first.sub_accounts} & {sub.key for sub in elsewhere.sub_accounts}


async def test_two_tokens_that_see_one_account_say_so() -> None:
    async with tbank_server() as peer:
        whole = await read(peer, KeptMemory())
        only(peer, "portfolio-mixed-rub.json")
        part = await read(peer, KeptMemory())
    (shared,) = {sub.key for sub in whole.sub_accounts} & {sub.key for sub in part.sub_accounts}
    assert {row.part for row in part.holdings} == {shared} == {total.part for total in part.stated}


async def test_an_account_that_vanishes_never_lowers_the_total_in_silence() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        await read(peer, memory)
        peer.accounts["accounts"] = peer.accounts["accounts"][:1]
        failure = await failed(peer, memory)
    assert failure.kind is FailureKind.SUSPECT


async def test_an_account_that_the_broker_calls_closed_may_go() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        await read(peer, memory)
        peer.accounts["accounts"][1]["status"] = "ACCOUNT_STATUS_CLOSED"
        statement = await read(peer, memory)
        del peer.accounts["accounts"][1]
        await read(peer, memory)
    assert [total.amount for total in statement.stated] == [Decimal("82034.59")]


async def test_access_that_is_taken_away_is_a_failure_not_a_smaller_total() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        await read(peer, memory)
        peer.accounts["accounts"][1]["accessLevel"] = "ACCOUNT_ACCESS_LEVEL_NO_ACCESS"
        failure = await failed(peer, memory)
    assert failure.kind is FailureKind.MISSING_RIGHT


async def test_an_account_that_was_never_readable_is_named_beside_the_others() -> None:
    async with tbank_server() as peer:
        peer.fail(instead(error("no permission")), f"POST {PORTFOLIO}?accountId=2000000002")
        statement = await read(peer)
    assert UnreadableWallet("ИИС", "missing_right") in statement.unreadable
    assert [total.amount for total in statement.stated] == [Decimal("82034.59")]


async def test_an_account_that_was_readable_and_refuses_now_fails_the_reading() -> None:
    memory = KeptMemory()
    async with tbank_server() as peer:
        await read(peer, memory)
        peer.fail(instead(error("no permission")), f"POST {PORTFOLIO}?accountId=2000000002")
        failure = await failed(peer, memory)
    assert failure.kind is FailureKind.MISSING_RIGHT


async def test_if_every_account_refuses_it_is_about_the_token() -> None:
    async with tbank_server() as peer:
        peer.fail(instead(error("no permission")), f"POST {PORTFOLIO}")
        failure = await failed(peer)
    assert failure.kind is FailureKind.MISSING_RIGHT


@pytest.mark.parametrize("body", [fixture("accounts-empty-null.json"), {"accounts": []}])
async def test_no_visible_account_is_a_failure_never_a_zero(body: Any) -> None:
    async with tbank_server() as peer:
        peer.accounts = body
        failure = await failed(peer)
    assert failure.kind is FailureKind.NO_ACCOUNT


def _without_total(body: dict[str, Any]) -> None:
    del body["totalAmountPortfolio"]


def _in_dollars(body: dict[str, Any]) -> None:
    body["totalAmountPortfolio"]["currency"] = "usd"


def _without_currency(body: dict[str, Any]) -> None:
    body["totalAmountPortfolio"]["currency"] = ""


def _of_somebody_else(body: dict[str, Any]) -> None:
    body["accountId"] = "2000000099"


def _without_quantity(body: dict[str, Any]) -> None:
    del body["positions"][2]["quantity"]


@pytest.mark.parametrize(
    "spoil", [_without_total, _in_dollars, _without_currency, _of_somebody_else, _without_quantity]
)
async def test_a_portfolio_without_a_total_that_can_be_trusted_is_a_bad_answer(
    spoil: Callable[[dict[str, Any]], None],
) -> None:
    async with tbank_server() as peer:
        spoil(peer.portfolios["2000000001"]["RUB"])
        failure = await failed(peer)
    assert failure.kind is FailureKind.BAD_ANSWER


REFUSALS = {
    "invalid token, HTTP 401, string code": FailureKind.BAD_KEY,
    "invalid token, HTTP 400, string code": FailureKind.BAD_KEY,
    "invalid token, integer code": FailureKind.BAD_KEY,
    "no permission": FailureKind.MISSING_RIGHT,
    "account not found": FailureKind.BAD_ANSWER,
    "bad argument": FailureKind.BAD_ANSWER,
    "rate limit": FailureKind.RATE_LIMITED,
    "internal": FailureKind.UNAVAILABLE,
    "method unknown (path without the package prefix)": FailureKind.BAD_ANSWER,
    "bad gateway page": FailureKind.UNAVAILABLE,
}


def test_every_recorded_refusal_has_a_cause() -> None:
    assert {row["name"] for row in fixture("errors.json")} == set(REFUSALS)


@pytest.mark.parametrize("name", REFUSALS)
async def test_the_code_in_the_body_decides_not_the_status(name: str) -> None:
    async with tbank_server() as peer:
        peer.fail(instead(error(name)))
        failure = await failed(peer)
    assert failure.kind is REFUSALS[name]
    assert failure.final == (failure.kind is FailureKind.BAD_KEY)


async def test_a_frozen_account_is_named_as_such() -> None:
    async with tbank_server() as peer:
        peer.fail(
            instead(Reply.of({"code": 3, "message": "x", "description": "30082"}, 400)),
            f"POST {PORTFOLIO}?accountId=2000000001",
        )
        failure = await failed(peer)
    assert failure.kind is FailureKind.ACCOUNT_FROZEN


async def test_a_refusal_with_status_200_is_still_one() -> None:
    async with tbank_server() as peer:
        peer.fail(instead(Reply.of({"code": 16, "message": "x", "description": "40003"})))
        failure = await failed(peer)
    assert failure.kind is FailureKind.BAD_KEY


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>Maintenance until 6</html>", 503, {}, "text/html"),
        Reply.of({"code": 14, "message": "scheduled maintenance", "description": None}, 503),
        Reply.of({"code": 13, "message": "Maintenance", "description": "70002"}, 500),
    ],
)
async def test_an_outage_that_speaks_of_maintenance_is_maintenance(reply: Reply) -> None:
    async with tbank_server() as peer:
        peer.fail(instead(reply))
        failure = await failed(peer)
    assert failure.kind is FailureKind.MAINTENANCE


async def test_the_minute_limit_is_waited_for_once_when_there_is_time() -> None:
    async with tbank_server() as peer:
        limited = Reply.of({"code": 8, "message": "x", "description": "80002"}, 429)
        peer.fail(instead(Reply(limited.body, 429, {"x-ratelimit-reset": "0"})), f"POST {ACCOUNTS}", times=1)
        async with source(peer.url, pauses=Pauses(least=0.01)) as tbank:
            statement = await tbank.read()
        assert len(peer.asked(ACCOUNTS)) == 2
    assert len(statement.stated) == 2


@pytest.mark.parametrize(("header", "seconds"), [("17", 17), ("99999999", 65), ("-3", 60), ("soon", 60)])
async def test_a_limit_too_long_to_wait_for_says_until_when(header: str, seconds: int) -> None:
    async with tbank_server() as peer:
        limited = Reply.of({"code": 8, "message": "x", "description": "80002"}, 429)
        peer.fail(instead(Reply(limited.body, 429, {"x-ratelimit-reset": header})))
        failure = await failed(peer)
        assert len(peer.requests) == 1
    assert failure.retry_at is not None
    assert (failure.retry_at - NOW).total_seconds() == seconds


async def test_a_server_fault_is_tried_once_more() -> None:
    async with tbank_server() as peer:
        peer.fail(instead(error("internal")), f"POST {ACCOUNTS}", times=1)
        assert len((await read(peer)).stated) == 2


async def test_a_refused_token_is_asked_once_only() -> None:
    async with tbank_server() as peer:
        peer.token = "t.another"
        await failed(peer)
        assert len(peer.requests) == 1


async def test_the_token_travels_in_the_header_alone_and_no_error_holds_it() -> None:
    async with tbank_server() as peer:
        peer.fail(instead(error("invalid token, integer code")))
        failure = await failed(peer)
        assert all(TOKEN not in seen.path and TOKEN.encode() not in seen.body for seen in peer.requests)
    assert TOKEN not in repr(failure)


async def test_never_more_than_two_portfolios_are_asked_for_at_once() -> None:
    async with tbank_server() as peer:
        peer.fail(late(0.05), f"POST {PORTFOLIO}")
        async with source(peer.url) as tbank:
            reading = asyncio.create_task(tbank.read())
            await asyncio.sleep(0.04)
            running = len(peer.asked(PORTFOLIO))
            await reading
    assert running == 2


async def test_one_account_that_hangs_fails_the_whole_reading() -> None:
    async with tbank_server() as peer:
        peer.fail(hang(), f"POST {PORTFOLIO}?accountId=2000000002")
        async with surroundings(HeldClock(NOW), total=0.1) as around:
            config = AccountConfig("tbank", "tbank", "", {"API_TOKEN": Secret(TOKEN)}, peer.url)
            with pytest.raises(SourceError) as caught:
                await (await open_source(config, around, KeptMemory())).read()
    assert caught.value.failure.kind is FailureKind.TIMEOUT


async def test_a_path_in_the_base_url_stands_in_front() -> None:
    async with tbank_server() as peer:
        async with source(f"{peer.url}/broker/") as tbank:
            with pytest.raises(SourceError):
                await tbank.read()
        assert peer.requests[0].path == f"/broker{ACCOUNTS}"


async def test_rights_are_read_from_the_access_level() -> None:
    async with tbank_server() as peer, source(peer.url) as tbank:
        assert (await tbank.rights()).read_only is True
        peer.accounts["accounts"][1]["accessLevel"] = "ACCOUNT_ACCESS_LEVEL_FULL_ACCESS"
        rights = await tbank.rights()
    assert (rights.read_only, rights.can_trade, rights.can_transfer) == (False, True, True)


async def test_the_books_imply_a_rate_only_when_asked_for_it() -> None:
    async with tbank_server() as peer, source(peer.url) as tbank:
        await tbank.read()
        assert not [seen for seen in peer.requests if seen.fields.get("currency") == "USD"]
        assert isinstance(tbank, ImpliesDollar)
        rate = await tbank.implied_usd_rub()
    assert rate is not None
    assert rate.quantize(Decimal("0.00001")) == Decimal("79.80096")


async def test_without_a_rate_in_the_books_there_is_none() -> None:
    async with tbank_server() as peer, source(peer.url) as tbank:
        assert await tbank.implied_usd_rub() is None  # nothing was read yet
        await tbank.read()
        peer.fail(reset())
        assert await tbank.implied_usd_rub() is None


def test_the_bundled_root_is_the_russian_trusted_root_ca() -> None:
    der = ssl.PEM_cert_to_DER_cert(BUNDLED_ROOT.read_text())
    assert hashlib.sha256(der).hexdigest() == "d26d2d0231b7c39f92cc738512ba54103519e4405d68b5bd703e9788ca8ecf31"


async def test_a_certificate_under_another_root_is_refused_with_the_reason(tmp_path: Path) -> None:
    async with tbank_server(self_signed_context(tmp_path)) as peer:
        failure = await failed(peer)
    assert failure.kind is FailureKind.TLS
    assert "Russian state CA" in failure.detail


async def test_the_extra_root_opens_this_source_and_nothing_else_on_the_session(tmp_path: Path) -> None:
    async with tbank_server(self_signed_context(tmp_path)) as peer, surroundings(HeldClock(NOW)) as around:
        config = AccountConfig(
            "tbank", "tbank", "", {"API_TOKEN": Secret(TOKEN)}, peer.url, ca_file=str(tmp_path / "certificate.pem")
        )
        assert (await TBank(config, around, KeptMemory()).read()).stated
        with pytest.raises(SourceError) as caught:
            await Door(around.session, hosts_of([peer.url]), HeldClock(NOW)).request("GET", peer.url)
    assert caught.value.failure.kind is FailureKind.TLS


async def test_a_root_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_text("no certificate")
    async with source("https://127.0.0.1:1", ca_file=str(tmp_path / "roots.pem")) as tbank:
        with pytest.raises(SourceError) as caught:
            await tbank.read()
    assert (caught.value.failure.kind, "roots.pem" in caught.value.failure.detail) == (FailureKind.TLS, True)
