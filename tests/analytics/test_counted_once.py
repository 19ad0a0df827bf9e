"""No money twice, whatever the labels say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portfolio_bot.analytics.counted_once import counted_once
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.identity import Identity
from portfolio_bot.model.reading import Cached, Failed, Live, Reading, Stale
from portfolio_bot.model.statement import Holding, StatedTotal, Statement, SubAccount, Wallet, WarningKind

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
AWAY = Failure(FailureKind.TIMEOUT)


def broker(account: str, *keys: str) -> Statement:
    """A broker's answer: 100 RUB in each of these accounts."""
    hundred = Decimal(100)
    return Statement(
        account,
        NOON,
        tuple(Holding("RUB", Wallet.CASH, hundred, part=key) for key in keys),
        stated=tuple(StatedTotal(hundred, "RUB", key) for key in keys),
        sub_accounts=tuple(SubAccount(f"***{key}", key, f"Broker {key}", hundred, "RUB", NOON) for key in keys),
        venue_total=StatedTotal(hundred * len(keys), "RUB"),
    )


def exchange(account: str) -> Statement:
    return Statement(account, NOON, (Holding("BTC", Wallet.SPOT, Decimal(1)),))


def once(*readings: Reading, logins: Mapping[str, Identity] | None = None) -> tuple[Reading, ...]:
    return counted_once(readings, logins or {}, {"okx": "OKX Main", "tbank": "T-Bank"}, NOON)


def parts(reading: Reading) -> list[str]:
    if isinstance(reading, Failed):
        return []
    statement = reading.last_good if isinstance(reading, Stale) else reading.statement
    assert [total.part for total in statement.stated] == [row.part for row in statement.holdings]
    assert [sub.key for sub in statement.sub_accounts] == [row.part for row in statement.holdings]
    return [row.part for row in statement.holdings]


def test_the_same_login_under_two_labels_is_counted_under_the_first_and_the_second_says_whose_it_is() -> None:
    same = {"okx": Identity("1"), "okx-second": Identity("1")}
    first, second = once(Live("okx", exchange("okx")), Live("okx-second", exchange("okx-second")), logins=same)
    assert isinstance(first, Live)
    assert isinstance(second, Failed)
    assert second.failure.kind is FailureKind.BAD_KEY
    assert second.failure.final
    assert second.failure.detail == "it opens the same account as OKX Main, okx"


def test_a_last_good_value_of_the_same_login_does_not_stand_in_either() -> None:
    same = {"okx": Identity("1"), "okx-second": Identity("1")}
    stale = Stale("okx-second", exchange("okx-second"), AWAY, NOON)
    assert isinstance(once(Live("okx", exchange("okx")), stale, logins=same)[1], Failed)


def test_accounts_that_do_not_tell_whose_they_are_both_count() -> None:
    readings = (Live("kraken", exchange("kraken")), Live("kraken-b", exchange("kraken-b")))
    assert once(*readings) == readings


def test_a_main_and_its_sub_account_that_do_not_contain_each_other_both_count() -> None:
    logins = {"okx": Identity("1"), "okx-sub": Identity("2", main="1")}
    readings = (Live("okx", exchange("okx")), Live("okx-sub", exchange("okx-sub")))
    assert once(*readings, logins=logins) == readings


def test_a_main_account_that_contains_a_configured_sub_account_is_counted_without_it() -> None:
    logins = {"bybit": Identity("1"), "bybit-sub": Identity("2", main="1")}
    whole = Live("bybit", broker("bybit", "1", "2"))
    reduced, sub = once(whole, Live("bybit-sub", exchange("bybit-sub")), logins=logins)
    assert isinstance(reduced, Live)
    assert parts(reduced) == ["1"]
    assert reduced.statement.venue_total is None
    [notice] = reduced.statement.notices
    assert (notice.kind, notice.detail) == (WarningKind.COUNTED_ONCE, "Broker 2 ***2 – bybit-sub")
    assert sub == Live("bybit-sub", exchange("bybit-sub"))


def test_what_two_tokens_see_is_the_first_ones() -> None:
    first, second = once(Live("tbank", broker("tbank", "a", "b")), Cached("tbank-b", broker("tbank-b", "b", "c")))
    assert (parts(first), parts(second)) == (["a", "b"], ["c"])
    assert isinstance(second, Cached)
    assert [notice.detail for notice in second.statement.notices] == ["Broker b ***b – T-Bank"]


def test_a_second_token_that_sees_nothing_of_its_own_holds_nothing() -> None:
    _, second = once(Live("tbank", broker("tbank", "a")), Live("tbank-b", broker("tbank-b", "a")))
    assert isinstance(second, Live)
    assert second.statement.holdings == ()


def test_what_the_first_cannot_show_now_is_the_seconds() -> None:
    _, second = once(Failed("tbank", AWAY, NOON), Live("tbank-b", broker("tbank-b", "a")))
    assert parts(second) == ["a"]


def test_a_statement_that_shares_nothing_is_left_as_it_is() -> None:
    statement = broker("tbank", "a")
    assert once(Live("tbank", statement))[0] == Live("tbank", statement)
    assert replace(statement) == statement


KEYS = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@given(st.lists(st.tuples(KEYS, st.sampled_from(["live", "cached", "stale", "failed"])), max_size=5))
def test_every_part_counts_exactly_once_if_anybody_shows_it(accounts: list[tuple[list[str], str]]) -> None:
    readings: list[Reading] = []
    for number, (keys, kind) in enumerate(accounts):
        name = f"tbank-{number}"
        statement = broker(name, *keys)
        made: dict[str, Reading] = {
            "live": Live(name, statement),
            "cached": Cached(name, statement),
            "stale": Stale(name, statement, AWAY, NOON),
            "failed": Failed(name, AWAY, NOON),
        }
        readings.append(made[kind])
    shown = {key for keys, kind in accounts if kind != "failed" for key in keys}
    counted = [part for reading in once(*readings) for part in parts(reading)]
    assert sorted(counted) == sorted(shown)
