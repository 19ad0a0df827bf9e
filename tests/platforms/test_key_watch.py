"""What a key may do comes with the readings, and never costs one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.platforms.base import KeyRights
from portfolio_bot.platforms.key_watch import KeyWatch
from portfolio_bot.platforms.venue import Api
from tests.peers.faults import hang, status
from tests.peers.venue import case, venue_server
from tests.platforms.contract.peers import opened
from tests.platforms.venues.reading import rows

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RIGHTS = "POST /0/private/GetApiKeyInfo"


async def test_a_reading_names_what_the_key_may_do() -> None:
    served = case("kraken", "key rights: everything")
    async with venue_server("kraken", served) as peer, opened("kraken", peer.url) as made:
        first, second = await made.read(), await made.read()
    expected = {WarningKind.KEY_MAY_TRADE, WarningKind.KEY_MAY_WITHDRAW}
    assert {notice.kind for notice in first.notices} == {notice.kind for notice in second.notices} == expected
    assert [seen.path for seen in peer.requests].count(RIGHTS.split()[1]) == 1


@pytest.mark.parametrize("fault", [status(500), status(403), hang()])
async def test_rights_that_cannot_be_had_cost_no_reading(fault) -> None:  # type: ignore[no-untyped-def]
    async with venue_server("kraken") as peer:
        peer.serve("POST /0/private/Balance", {"body": {"error": [], "result": {"XXBT": "1"}}})
        held = {"XXBT": {"balance": "1", "hold_trade": "0"}}
        peer.serve("POST /0/private/BalanceEx", {"body": {"error": [], "result": held}})
        peer.fail(fault, RIGHTS)
        async with opened("kraken", peer.url, total=0.3) as made:
            statement = await made.read()
    assert list(rows(statement)) == ["spot BTC"]
    assert statement.notices == ()


class _Rights:
    """Answers what the script says, and counts."""

    def __init__(self, *script: KeyRights | Exception) -> None:
        self.script, self.asked = script, 0

    async def __call__(self, _: Api) -> KeyRights:
        answer = self.script[min(self.asked, len(self.script) - 1)]
        self.asked += 1
        if isinstance(answer, Exception):
            raise answer
        return answer


class _NoApi:
    async def call(self, *_: object) -> object: ...
    async def look(self, *_: object) -> object: ...
    async def once(self, *_: object) -> object: ...


async def test_rights_are_asked_again_after_an_hour_and_the_warning_goes_with_the_right() -> None:
    now = NOON
    rights = _Rights(KeyRights(can_trade=True), KeyRights(can_trade=False))
    watch = KeyWatch(rights, lambda: now, 1.0)
    kinds = []
    for minutes in (0, 59, 1):
        now += timedelta(minutes=minutes)
        task = watch.begin(_NoApi())
        if task is not None:
            await task
        kinds.append([notice.kind for notice in watch.notices()])
    assert kinds == [[WarningKind.KEY_MAY_TRADE], [WarningKind.KEY_MAY_TRADE], []]
    assert rights.asked == 2


async def test_what_was_known_stays_while_the_venue_does_not_say_and_a_bug_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = NOON
    rights = _Rights(
        KeyRights(expires=date(2026, 11, 25)), SourceError.of(FailureKind.UNAVAILABLE), ZeroDivisionError("oops")
    )
    watch = KeyWatch(rights, lambda: now, 1.0)
    for _ in range(3):
        task = watch.begin(_NoApi())
        assert task is not None
        await task
        assert [notice.kind for notice in watch.notices()] == [WarningKind.KEY_EXPIRES]
        now += timedelta(hours=1)
    assert "ZeroDivisionError" in caplog.text
