"""Inner accounts: what may be shown of them, what stands for them, and which of them must not vanish."""

from __future__ import annotations

import pytest

from portfolio_bot.model.failure import FailureKind, SourceError
from portfolio_bot.platforms.sub_accounts import identities, masked, shown
from tests.platforms.brokers import KeptMemory


@pytest.mark.parametrize(
    ("number", "seen"), [("U1234567", "U***4567"), ("2000000001", "2***0001"), ("12345", "***45"), ("", "***")]
)
def test_a_number_is_shown_masked(number: str, seen: str) -> None:
    assert masked(number) == seen


def test_a_name_from_outside_is_shown_without_control_characters_and_cut() -> None:
    assert shown("a\x00b\u202ec\n" + "x" * 100) == "a b c " + "x" * 58


async def test_the_key_is_made_once_and_tells_accounts_apart() -> None:
    memory = KeptMemory()
    first, second = await identities(memory), await identities(memory)
    assert first.key("U1") == second.key("U1") != first.key("U2")


async def test_an_account_must_not_vanish_unless_it_was_closed() -> None:
    who = await identities(KeptMemory())
    await who.keep(read={"a", "b", "c"})
    await who.keep(read={"a"}, closed={"c"})
    who.refuse_vanished({"a", "b"})
    with pytest.raises(SourceError) as caught:
        who.refuse_vanished({"a"})
    assert caught.value.failure.kind is FailureKind.SUSPECT
