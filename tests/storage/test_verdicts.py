"""What the owner said about transfers, and what they said instead later."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from portfolio_bot.analytics.transfers import Verdicts
from portfolio_bot.model.flow import FlowKey
from portfolio_bot.storage import ledger
from portfolio_bot.storage.ledger import VerdictKind
from portfolio_bot.storage.store import Store
from tests.storage.builders import NOON

OUT, IN, OTHER = ("bybit", "w"), ("okx", "d"), ("kraken", "d")
Said = tuple[VerdictKind, FlowKey, FlowKey | None]


async def after(store: Store, *said: Said) -> Verdicts:
    for kind, one, other in said:
        await store.write(
            lambda tx, kind=kind, one=one, other=other: ledger.put_verdict(  # type: ignore[misc]
                tx, kind, one, other, at=NOON, by="chat"
            )
        )
    async with store.read() as tx:
        return await ledger.verdicts(tx)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ([("joined", OUT, IN)], Verdicts(joined={(OUT, IN)})),
        ([("joined", OUT, IN), ("parted", OUT, IN)], Verdicts(parted={(OUT, IN)})),
        ([("parted", OUT, IN), ("joined", OUT, IN)], Verdicts(joined={(OUT, IN)})),
        ([("joined", OUT, IN), ("joined", OUT, OTHER)], Verdicts(joined={(OUT, OTHER)})),
        ([("joined", OUT, IN), ("external", IN, None)], Verdicts(external={IN})),
        ([("external", OUT, None), ("joined", OUT, IN)], Verdicts(joined={(OUT, IN)})),
        ([("parted", OUT, IN), ("joined", OUT, OTHER)], Verdicts(joined={(OUT, OTHER)}, parted={(OUT, IN)})),
    ],
)
async def test_the_last_word_counts(store: Store, said: Sequence[Said], stands: Verdicts) -> None:
    assert await after(store, *said) == stands


async def test_a_word_can_be_taken_back(store: Store) -> None:
    await after(store, ("parted", OUT, IN), ("parted", OUT, OTHER), ("external", OTHER, None))
    assert await store.write(lambda tx: ledger.drop_verdict(tx, OUT, IN))
    assert await after(store) == Verdicts(parted={(OUT, OTHER)}, external={OTHER})
    assert await store.write(lambda tx: ledger.drop_verdict(tx, OTHER))
    assert await after(store) == Verdicts()
    assert not await store.write(lambda tx: ledger.drop_verdict(tx, OTHER))
