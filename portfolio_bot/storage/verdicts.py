"""What the owner said about own transfers: it stands above all rules, for as long as they do not take it back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, delete, select, update

from portfolio_bot.analytics.transfers import Verdicts
from portfolio_bot.model.flow import FlowKey
from portfolio_bot.model.statement import AccountId
from portfolio_bot.storage.tables import verdict
from portfolio_bot.storage.tx import Tx, put

VerdictKind: TypeAlias = Literal["joined", "parted", "external"]

_NOBODY: FlowKey = ("", "")


async def verdicts(tx: Tx) -> Verdicts:
    """Everything that was said."""
    rows = (await tx.execute(select(verdict))).all()
    pairs = [(row.kind, (row.account, row.id), (row.other_account, row.other_id)) for row in rows]
    return Verdicts(
        joined={(one, other) for kind, one, other in pairs if kind == "joined"},
        parted={(one, other) for kind, one, other in pairs if kind == "parted"},
        external={one for kind, one, _ in pairs if kind == "external"},
    )


async def put_verdict(
    tx: Tx, kind: VerdictKind, withdrawal: FlowKey, deposit: FlowKey | None, *, at: datetime, by: str
) -> None:
    """Write what the owner said; what contradicts it was said before and goes.

    Args:
        withdrawal: of an external flow that flow, be it an inflow too.
        deposit: the other side; None for an external flow.
        at, by: when, and where.
    """
    if kind == "joined" and deposit is not None:
        contrary = verdict.c.kind != "parted"
        await tx.execute(delete(verdict).where(contrary, _about(withdrawal) | _about(deposit)))
    elif kind == "external":
        await tx.execute(delete(verdict).where(verdict.c.kind == "joined", _about(withdrawal)))
    account, one = withdrawal
    other_account, other = deposit or _NOBODY
    row = {"account": account, "id": one, "other_account": other_account, "other_id": other}
    await put(tx, verdict, [{**row, "kind": kind, "at": at, "by": by}])


async def drop_verdict(tx: Tx, flow: FlowKey, other: FlowKey | None = None) -> bool:
    """Take back everything said about a flow, or only what was said about it and another one; whether there was any."""
    which = _about(flow) if other is None else _about(flow) & _about(other)
    return (await tx.execute(delete(verdict).where(which))).rowcount > 0


async def renamed(tx: Tx, account: AccountId, old: str, new: str) -> None:
    """A flow has another id now: what was said about it holds for that."""
    one, other = _about((account, old), sides="one"), _about((account, old), sides="other")
    await tx.execute(update(verdict).where(one).values(id=new))
    await tx.execute(update(verdict).where(other).values(other_id=new))


def _about(flow: FlowKey, *, sides: Literal["one", "other", "both"] = "both") -> ColumnElement[bool]:
    account, which = flow
    one = (verdict.c.account == account) & (verdict.c.id == which)
    other = (verdict.c.other_account == account) & (verdict.c.other_id == which)
    return {"one": one, "other": other, "both": one | other}[sides]
