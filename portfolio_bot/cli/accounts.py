"""The accounts, and the owner's word about them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from portfolio_bot.cli import outcome, stored
from portfolio_bot.cli.here import Csv, Demo, Here, HereParameter, Json

Id = Annotated[str, Parameter(name="ID", help="The account's id or its name, in whatever case.")]
What = Annotated[
    str, Parameter(name="WALLET", help="Only this wallet, or this account inside a broker's; all if left out.")
]

accounts = App(
    name="accounts",
    help=(
        "Accounts and how they are: state, age, coverage, warnings about keys.\n\n"
        "confirm, gone, leave and back say what only you can know about one, and that stays."
    ),
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
)


@accounts.default
def listing(*, json: Json = False, csv: Csv = False, demo: Demo = False, here: HereParameter) -> int:
    """Accounts and how they are: state, age, coverage, warnings about keys."""
    return stored.accounts(json=json, csv=csv, demo=demo, here=here)


@accounts.command
def confirm(id_: Id, /, *, json: Json = False, here: HereParameter) -> int:
    """A key opens another account than before, and that is right: its history begins now."""
    return _said(here, "confirm", id_, json=json)


@accounts.command
def gone(id_: Id, what: What = "", /, *, json: Json = False, here: HereParameter) -> int:
    """An account or a wallet is no more: it leaves the total as an outflow, not as a loss."""
    return _said(here, "gone", id_, what, json=json)


@accounts.command
def leave(id_: Id, /, *, json: Json = False, here: HereParameter) -> int:
    """Leave an account out of the total until it answers again."""
    return _said(here, "leave", id_, json=json)


@accounts.command
def back(id_: Id, /, *, json: Json = False, here: HereParameter) -> int:
    """Take back that an account is gone or left out."""
    return _said(here, "back", id_, json=json)


def _said(here: Here, action: str, account: str, what: str = "", *, json: bool) -> int:
    answer = here.carry_out(here.settings(), "owner", {"action": action, "account": account, "what": what})
    if json:
        here.show_json({name: answer.get(name) for name in ("account", "name", "what")})
    else:
        here.show_text(answer.get("text"))
    return outcome.GOOD
