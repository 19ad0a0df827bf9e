"""Flows and trades: what is stored of them, and the owner's word about own transfers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Csv, Demo, Flag, Here, HereParameter, Json, now
from portfolio_bot.cli.moments import between
from portfolio_bot.cli.outcome import Mistyped
from portfolio_bot.cli.stored import From, Limit, To, newest_instant, one_form, shown_names, with_store

if TYPE_CHECKING:
    from portfolio_bot.model.flow import FlowKind
    from portfolio_bot.model.instrument import Asset
    from portfolio_bot.model.statement import AccountId
    from portfolio_bot.report.views import Asked, FlowsView, TradesView
    from portfolio_bot.service.ledger_views import LedgerViews
    from portfolio_bot.settings import Settings
    from portfolio_bot.storage.store import Store
    from portfolio_bot.storage.tx import Tx

Account = Annotated[str | None, Parameter(help="Only this one: its id or its name, in whatever case.")]
AssetName = Annotated[str | None, Parameter(name="--asset", help="Only this coin, currency or security.")]
Days = Annotated[
    int | None,
    Parameter(validator=validators.Number(gte=1, lte=36_500), help="So many times 24 h back from the newest snapshot."),
]
Id = Annotated[
    str, Parameter(name="ID", help="A flow: its id, ACCOUNT:ID, its transaction, or the short name of the list.")
]
Other = Annotated[str, Parameter(name="OTHER", help="Its other side, named like ID.")]
OtherOrNone = Annotated[str | None, Parameter(name="OTHER", help="Its other side; the present one if left out.")]
Whose = Annotated[str | None, Parameter(name="--account", help="Whose flow ID is, where several have that id.")]

flows = App(
    name="flows",
    help=(
        "Deposits, withdrawals, own transfers and whatever else moved; newest first.\n\n"
        "A transfer between own accounts is found by amount, time and transaction; part, join, external and reset say "
        "what it really was, and that stays."
    ),
    help_format="plaintext",
    default_parameter=Parameter(negative=()),
)


@flows.default
def listing(
    *,
    limit: Limit = 100,
    account: Account = None,
    asset: AssetName = None,
    kind: list[str] | None = None,
    since: From = None,
    until: To = None,
    days: Days = None,
    every: Annotated[Flag, Parameter(name="--all")] = False,
    json: Json = False,
    csv: Csv = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Deposits, withdrawals, own transfers and whatever else moved; newest first.

    Parameters
    ----------
    limit
        How many at most.
    kind
        Only these: deposit, withdrawal, transfer, income, fee, funding, futures_pnl, opening, conversion, unclassified.
    every
        With what moved inside an account, and each flow on its own line.
    """
    from portfolio_bot.report import as_csv, compose, ledger_json

    one_form(json=json, csv=csv)
    kinds = _kinds(kind or [])
    settings = here.settings(demo=demo)
    chosen = _Chosen(account, asset, since, until, days, every)

    async def look(store: Store) -> FlowsView:
        views, asked = await chosen.on(store, settings)
        return await views.flows(asked, limit=limit, kinds=kinds or None)

    view = here.run(with_store(settings, look))
    if json:
        here.show_json(ledger_json.flows(view.flows, view.matching))
    elif csv:
        here.show_csv(as_csv.flows(view.flows))
    else:
        here.show(compose.flows(view, here.reader(settings)))
    return outcome.GOOD


@flows.command
def part(
    id_: Id,
    other: OtherOrNone = None,
    /,
    *,
    account: Whose = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Two flows are not one transfer, whatever they look like."""
    return _said(here, "part", id_, other, account=account, json=json, demo=demo)


@flows.command
def join(
    id_: Id,
    other: Other,
    /,
    *,
    account: Whose = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Two flows are the two sides of one transfer."""
    return _said(here, "join", id_, other, account=account, json=json, demo=demo)


@flows.command
def external(id_: Id, /, *, account: Whose = None, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """A flow left your accounts, or came from outside: it has no other side."""
    return _said(here, "external", id_, None, account=account, json=json, demo=demo)


@flows.command
def reset(id_: Id, /, *, account: Whose = None, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Forget what was said about a flow: amount, time and transaction decide again."""
    return _said(here, "reset", id_, None, account=account, json=json, demo=demo)


_BY_HAND = "portfolio_bot.cli.recording"
flows.command(f"{_BY_HAND}:add", help="Record a deposit or a withdrawal that no account tells.")
flows.command(f"{_BY_HAND}:edit", help="Correct a flow; of one that an account told its value, cost and note.")
flows.command(f"{_BY_HAND}:remove", help="Take back a flow that was typed or imported.")


def trades(
    *,
    limit: Limit = 20,
    account: Account = None,
    asset: AssetName = None,
    since: From = None,
    until: To = None,
    days: Days = None,
    json: Json = False,
    csv: Csv = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """What was bought and sold, newest first.

    Parameters
    ----------
    limit
        How many at most.
    """
    from portfolio_bot.report import as_csv, compose, ledger_json

    one_form(json=json, csv=csv)
    settings = here.settings(demo=demo)
    chosen = _Chosen(account, asset, since, until, days)

    async def look(store: Store) -> TradesView:
        views, asked = await chosen.on(store, settings)
        return await views.trades(asked, limit=limit)

    view = here.run(with_store(settings, look))
    if json:
        here.show_json(ledger_json.trades(view.trades))
    elif csv:
        here.show_csv(as_csv.trades(view.trades))
    else:
        here.show(compose.trades(view, here.reader(settings)))
    return outcome.GOOD


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which part of the past was asked for, as it was typed."""

    account: str | None
    asset: str | None
    since: str | None
    until: str | None
    days: int | None
    every: bool = False

    async def on(self, store: Store, settings: Settings) -> tuple[LedgerViews, Asked]:
        """What that means in this database.

        Raises:
            Mistyped: a bound or an account that is none.
        """
        from portfolio_bot.model.days import Calendar
        from portfolio_bot.report.views import Asked
        from portfolio_bot.service.ledger_views import LedgerViews
        from portfolio_bot.service.transfers import Transfers
        from portfolio_bot.storage import ledger, snapshots

        calendar = Calendar.of(settings.timezone)
        async with store.read() as tx:
            newest, last = await snapshots.newest(tx), await newest_instant(tx, calendar)
            there = {*await ledger.counts(tx), *await ledger.progress(tx)}
            asset = None if self.asset is None else await _asset(tx, self.asset, there)
        names = shown_names(settings, newest)
        names |= {one: one for one in sorted(there - set(names))}
        first, end = between(self.since, self.until, self.days, calendar=calendar, newest=last)
        account = None if self.account is None else named(self.account, names)
        views = LedgerViews(store, Transfers(store, calendar, now), calendar, names)
        return views, Asked(account, asset, first, end, self.every)


async def _asset(tx: Tx, typed: str, accounts: Iterable[AccountId]) -> Asset:
    """The recorded asset of that name in whatever case; most names are in capitals."""
    from portfolio_bot.storage import ledger

    for account in accounts:
        for asset in await ledger.assets_of(tx, account):
            if asset.casefold() == typed.casefold():
                return asset
    return typed.upper()


def named(typed: str, names: Mapping[AccountId, str]) -> AccountId:
    """The account of an id or a shown name.

    Raises:
        Mistyped: there is none; the text names those that are.
    """
    from portfolio_bot.service.errors import UserError
    from portfolio_bot.service.naming import account_named

    try:
        return account_named(typed, names)
    except UserError as error:
        raise Mistyped.of(error) from None


def _kinds(typed: Sequence[str]) -> frozenset[FlowKind]:
    from portfolio_bot.model.flow import FlowKind

    known = [kind.value for kind in FlowKind]
    for word in typed:
        if word.lower() not in known:
            near = difflib.get_close_matches(word.lower(), known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise Mistyped(f'"{word[:40]}" is no kind of flow. {hint}')
    return frozenset(FlowKind(word.lower()) for word in typed)


def _said(here: Here, action: str, id_: str, other: str | None, *, account: str | None, json: bool, demo: bool) -> int:
    """Have the owner's word about an own transfer written down."""
    settings = here.settings(demo=demo)
    body = {"action": action, "id": id_, "other": other, "account": account}
    answer = here.carry_out(settings, "verdict", {name: value for name, value in body.items() if value is not None})
    if json:
        here.show_json({name: value for name, value in answer.items() if name != "text"})
    else:
        here.show_text(answer.get("text"))
    return outcome.GOOD
