"""Inner accounts: what may be shown of them, what stands for them, and which of them must not vanish."""

from __future__ import annotations

import json

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.sub_accounts import Identities, masked, shown
from tests.platforms.brokers import KEY, KeptMemory


@pytest.mark.parametrize(
    ("number", "seen"), [("U1234567", "U***4567"), ("2000000001", "2***0001"), ("12345", "***45"), ("", "***")]
)
def test_a_number_is_shown_masked(number: str, seen: str) -> None:
    assert masked(number) == seen


def test_a_name_from_outside_is_shown_without_control_characters_and_cut() -> None:
    assert shown("a\x00b\u202ec\n" + "x" * 100) == "a b c " + "x" * 58


def test_two_credentials_of_one_database_name_an_account_alike_and_another_database_does_not() -> None:
    first, second = Identities(KEY, KeptMemory()), Identities(KEY, KeptMemory())
    assert first.key("U1") == second.key("U1") != first.key("U2")
    assert Identities(b"another", KeptMemory()).key("U1") != first.key("U1")


async def test_an_account_must_not_vanish_unless_it_was_closed() -> None:
    who = Identities(KEY, KeptMemory())
    await who.keep(read={"a", "b", "c"})
    await who.keep(read={"a"}, closed={"c"})
    who.refuse_vanished({"a", "b"})
    with pytest.raises(SourceError) as caught:
        who.refuse_vanished({"a"})
    assert caught.value.failure.kind is FailureKind.SUSPECT


async def test_a_credential_that_sees_none_of_the_accounts_of_before_is_another_ones() -> None:
    who = Identities(KEY, KeptMemory())
    who.refuse_another({"x"})
    await who.keep(read={"a", "b"})
    who.refuse_another({"b", "c"})
    with pytest.raises(SourceError, match="another account than before"):
        who.refuse_another({"c"})


FORMER = b"a key that one credential made for itself"


def remembered(*numbers: str) -> KeptMemory:
    """What an earlier version kept: hashes with a key of the credential's own."""
    keys = [Identities(FORMER, KeptMemory()).key(number) for number in numbers]
    return KeptMemory({"sub_account_key": FORMER.hex(), "sub_accounts_seen": json.dumps(keys)})


async def test_accounts_that_were_known_by_a_former_key_are_not_new() -> None:
    memory = remembered("U1", "U2")
    who = Identities(KEY, memory)
    await who.renew(["U1", "U2", "U3"])
    assert who.seen() == {who.key("U1"), who.key("U2")}
    assert "sub_account_key" not in memory.rows


async def test_one_that_is_missing_while_keys_are_translated_is_still_missed() -> None:
    who = Identities(KEY, remembered("U1", "U2"))
    await who.renew(["U1"])
    with pytest.raises(SourceError):
        who.refuse_vanished({who.key("U1")})
    await who.renew(["U1", "U2"])
    who.refuse_vanished({who.key("U1"), who.key("U2")})
