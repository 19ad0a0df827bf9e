"""Deposits and withdrawals by hand: entered, corrected, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, Flag, Here, HereParameter, Json
from portfolio_bot.cli.ledger import Id, Whose

Time = Annotated[
    str | None,
    Parameter(name="--time", help="When: a day (2026-11-18) or an instant (2026-11-18T08:00Z); now if left out."),
]
Usd = Annotated[str | None, Parameter(name="--usd", help="What it was worth then, in USD; looked up if left out.")]
Cost = Annotated[str | None, Parameter(name="--cost", help="What it once cost, in USD, where that is another figure.")]
Txid = Annotated[str | None, Parameter(name="--txid", help="The id of its transaction.")]
Note = Annotated[str | None, Parameter(name="--note", help="What you want to remember of it.")]
Anyway = Annotated[Flag, Parameter(name="--anyway", help="Although one like it is there, or the account is new.")]


def add(
    kind: Annotated[str, Parameter(name="KIND", help="deposit or withdrawal.")],
    amount: Annotated[
        str, Parameter(name="AMOUNT", help="Above 0: the kind says which way.", allow_leading_hyphen=True)
    ],
    asset: Annotated[str, Parameter(name="ASSET", help="BTC, USD, ….")],
    /,
    *,
    account: Annotated[str | None, Parameter(name="--account", help="Where it arrived, or what it left.")] = None,
    time: Time = None,
    usd: Usd = None,
    cost: Cost = None,
    txid: Txid = None,
    note: Note = None,
    anyway: Anyway = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Record a deposit or a withdrawal that no account tells."""
    body = {
        "kind": kind.lower(), "amount": amount, "asset": asset, "account": account, "time": time, "usd": usd,
        "cost": cost, "txid": txid, "note": note, "anyway": anyway,
    }  # fmt: skip
    return _said(here, "add", body, json=json, demo=demo)


def edit(
    id_: Id,
    /,
    *,
    kind: Annotated[str | None, Parameter(name="--kind", help="Another kind.")] = None,
    amount: Annotated[str | None, Parameter(name="--amount", help="Above 0: the kind says which way.")] = None,
    asset: Annotated[str | None, Parameter(name="--asset", help="BTC, USD, ….")] = None,
    account: Whose = None,
    to_account: Annotated[str | None, Parameter(name="--to-account", help="Another account.")] = None,
    time: Annotated[str | None, Parameter(name="--time", help="A day or an instant.")] = None,
    usd: Usd = None,
    cost: Cost = None,
    txid: Txid = None,
    note: Note = None,
    anyway: Annotated[Flag, Parameter(name="--anyway", help="Although the account is new.")] = False,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Correct a flow; of one that an account told only its value, cost and note."""
    body = {
        "id": id_, "kind": kind, "amount": amount, "asset": asset, "account": account, "to_account": to_account,
        "time": time, "usd": usd, "cost": cost, "txid": txid, "note": note, "anyway": anyway,
    }  # fmt: skip
    return _said(here, "edit", body, json=json, demo=demo)


def remove(id_: Id, /, *, account: Whose = None, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Take back a flow that was typed or imported."""
    return _said(here, "remove", {"id": id_, "account": account}, json=json, demo=demo)


def _said(here: Here, action: str, body: Mapping[str, object], *, json: bool, demo: bool) -> int:
    settings = here.settings(demo=demo)
    told = {name: value for name, value in body.items() if value is not None}
    answer = here.carry_out(settings, "record", {"action": action, **told})
    if json:
        here.show_json({name: value for name, value in answer.items() if name != "text"})
    else:
        here.show_text(answer.get("text"))
    return outcome.GOOD
