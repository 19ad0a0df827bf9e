"""Deposits and withdrawals by hand: the operation behind the command line."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from portfolio_bot.model.exact import exact
from portfolio_bot.model.figure import Unknown
from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.model.trade import WorthSource
from portfolio_bot.report import compose, ledger_json
from portfolio_bot.report.compose.hand import Altered, Recorded, alike
from portfolio_bot.report.document import Document, plain
from portfolio_bot.report.movements import Sides
from portfolio_bot.report.numbers import money_text
from portfolio_bot.report.numbers import plain as number_text
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.file_lines import MomentError, moment
from portfolio_bot.service.naming import asset_named
from portfolio_bot.service.records import NO_ACCOUNT, Correction, Draft
from portfolio_bot.storage import ledger

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core

Body = Mapping[str, object]

KINDS: Final = {"deposit": FlowKind.DEPOSIT, "withdrawal": FlowKind.WITHDRAWAL}

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_ASSET = re.compile(r"[A-Z0-9][A-Z0-9.$_/:@() -]{0,63}", re.ASCII)


class Recording:
    """The operation `record`.

    Args:
        text: a document as the asker's terminal shows it.
    """

    def __init__(self, core: Core, text: Callable[[Document, Body], str]) -> None:
        self._core, self._text = core, text

    async def record(self, body: Body) -> object:
        """Enter, correct or take back a record.

        Raises:
            UserError: it cannot be so; there is no such record; or one like it is there.
        """
        match body.get("action"):
            case "add":
                return await self._add(body)
            case "edit":
                return await self._edit(body)
            case "remove":
                return await self._remove(body)
            case other:
                raise UserError(str(other or ""), "no_record_action")

    async def _add(self, body: Body) -> object:
        core = self._core
        kind = KINDS.get(str(body.get("kind") or ""))
        if kind is None:
            raise UserError(str(body.get("kind") or ""), "no_record_kind")
        amount = _number(body, "amount")
        if amount is None:
            raise UserError("", "amount_missing")
        account, is_new = await self._account(body.get("account"), anyway=body.get("anyway") is True)
        draft = Draft(
            kind,
            amount,
            _asset(body.get("asset")),
            account or NO_ACCOUNT,
            self._time(body.get("time")),
            _number(body, "usd"),
            _number(body, "cost"),
            _word(body, "txid") or "",
            _word(body, "note") or "",
        )
        flow = core.records.drafted(draft)
        like = await core.records.like(flow)
        if like and body.get("anyway") is not True:
            told = plain(alike(Voice.of(core.reader()), like[0], core.ledger.views.names)).rstrip(".")
            raise UserError("", "record_alike", like=told, id=like[0].id)
        flow = await core.records.add(flow)
        return await self._told("added", flow, body, back=f"portfolio-bot flows remove {flow.id}", new_account=is_new)

    async def _edit(self, body: Body) -> object:
        core = self._core
        before = await self._found(body)
        kind = None if body.get("kind") is None else _kind(body["kind"])
        account, is_new = await self._account(body.get("to_account"), anyway=body.get("anyway") is True)
        change = Correction(
            kind,
            _number(body, "amount"),
            None if body.get("asset") is None else _asset(body["asset"]),
            account,
            self._time(body.get("time")),
            _number(body, "usd"),
            _number(body, "cost"),
            _word(body, "txid"),
            _word(body, "note"),
        )
        if change == Correction():
            raise UserError("", "nothing_to_change")
        after = await core.records.edit(before, change)
        altered = tuple(_altered(before, after))
        options = _options(before, {one.field for one in altered})
        back = f"portfolio-bot flows edit {after.id} {options}" if options else ""
        return await self._told("changed", after, body, back=back, altered=altered, new_account=is_new, before=before)

    async def _remove(self, body: Body) -> object:
        flow = await self._core.records.remove(await self._found(body))
        return await self._told("removed", flow, body, back=f"portfolio-bot {_added_by(flow)}")

    async def _found(self, body: Body) -> CashFlow:
        account, _ = await self._account(body.get("account"), anyway=True)
        return await self._core.records.find(str(body.get("id") or ""), account)

    async def _told(
        self,
        action: str,
        flow: CashFlow,
        body: Body,
        *,
        back: str,
        altered: tuple[Altered, ...] = (),
        new_account: bool = False,
        before: CashFlow | None = None,
    ) -> object:
        core = self._core
        matching = await core.transfers.matching()
        link = Sides.of(matching).links.get(flow.key) if action != "removed" else None
        other = None if link is None else link.deposit if link.withdrawal.key == flow.key else link.withdrawal
        what = Recorded(action, flow, altered, other, new_account, back, core.ledger.views.names)
        rows = ledger_json.flows([flow] if before is None else [flow, before], matching)
        return {
            "action": action,
            "flow": rows[0],
            "before": None if before is None else rows[1],
            "changed": [one._asdict() for one in altered],
            "undo": back,
            "text": self._text(compose.recorded(what, core.reader()), body),
        }

    async def _account(self, named: object, *, anyway: bool) -> tuple[AccountId | None, bool]:
        """The account of an id or a shown name, and whether it is a new one.

        Raises:
            UserError: it cannot be one, or was mistyped by all appearance.
        """
        if not named:
            return None, False
        wanted = str(named).strip().casefold()
        async with self._core.store.read() as tx:
            there = set(await ledger.counts(tx))
        names = {**{one: one for one in there}, **self._core.ledger.views.names}
        found = next((id_ for id_, name in names.items() if wanted in {id_.casefold(), name.casefold()}), None)
        if found is not None or wanted == NO_ACCOUNT:
            return found or NO_ACCOUNT, False
        near = difflib.get_close_matches(wanted, [*names, *names.values()], n=1, cutoff=0.75)
        if near and not anyway:
            raise UserError(str(named), "maybe_no_account", near=near[0])
        if not _ACCOUNT.fullmatch(wanted):
            raise UserError(str(named), "no_account_name")
        return wanted, True

    def _time(self, text: object) -> date | datetime | None:
        if not text:
            return None
        try:
            return moment(str(text), self._core.clock() + _AHEAD)
        except MomentError as error:
            raise UserError(str(text), error.name) from None


_AHEAD = timedelta(minutes=5)


def _number(body: Body, name: str) -> Decimal | None:
    text = body.get(name)
    if text is None:
        return None
    try:
        return exact(str(text))
    except ValueError:
        if "," in str(text):
            raise UserError(str(text), "number_with_comma", field=name) from None
        raise UserError(str(text), "no_number", field=name) from None


def _asset(text: object) -> Asset:
    asset = asset_named(str(text or "").strip())
    if asset is None or not _ASSET.fullmatch(asset.upper()):
        raise UserError(str(text or ""), "no_asset_name")
    return asset


def _kind(text: object) -> FlowKind:
    try:
        return FlowKind(str(text).lower())
    except ValueError:
        kinds = ", ".join(kind for kind in FlowKind if kind is not FlowKind.UNCLASSIFIED)
        raise UserError(str(text), "no_flow_kind", kinds=kinds) from None


def _word(body: Body, name: str) -> str | None:
    if body.get(name) is None:
        return None
    text = str(body[name]).strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise UserError(text, "text_too_long", field=name, most=_LONGEST)
    return text


_LONGEST = 256


def _altered(before: CashFlow, after: CashFlow) -> Iterator[Altered]:
    for name in ("kind", "amount", "asset", "account", "at", "usd", "cost", "txid", "note"):
        old, new = getattr(before, name), getattr(after, name)
        follows = name == "usd" and not (_stated(before) or _stated(after))
        if old != new and not follows:
            yield Altered("time" if name == "at" else name, _cell(old), _cell(new))


def _cell(value: object) -> str:
    match value:
        case None | Unknown():
            return ""
        case Decimal():
            return number_text(value.copy_abs())
        case datetime() | date():
            return ledger_json.when(value)
        case _ if hasattr(value, "usd"):
            return money_text(abs(value.usd))
        case _:
            return str(value)


def _options(flow: CashFlow, fields: set[str]) -> str:
    """What `flows edit` needs to hear to make it this record again."""
    told = {
        "kind": flow.kind.value,
        "amount": number_text(flow.amount.copy_abs()),
        "asset": flow.asset,
        "to-account": flow.account if "account" in fields else "",
        "time": ledger_json.when(flow.at),
        "usd": _stated(flow) if "usd" in fields else "",
        "cost": "" if flow.cost is None else number_text(flow.cost),
        "txid": flow.txid or "",
        "note": flow.note,
    }
    wanted = {name: text for name, text in told.items() if name.replace("to-account", "account") in fields}
    empty = {"txid", "note"}
    return " ".join(f"--{name} {shlex.quote(text)}" for name, text in wanted.items() if text or name in empty)


def _stated(flow: CashFlow) -> str:
    if isinstance(flow.usd, Unknown) or flow.usd.source is not WorthSource.STATED:
        return ""
    return number_text(flow.usd.usd.copy_abs())


def _added_by(flow: CashFlow) -> str:
    """The command that enters a record again."""
    if flow.kind not in KINDS.values():
        return f"import flows FILE, with the row of {flow.id}"
    fields = {"time", "txid", "note", "cost", "usd"}
    options = _options(flow, fields | ({"account"} if flow.account != NO_ACCOUNT else set()))
    words = ["flows add", flow.kind.value, number_text(flow.amount.copy_abs()), shlex.quote(flow.asset)]
    options = re.sub(r"--(txid|note) ''( |$)", "", options).replace("--to-account", "--account").strip()
    return " ".join([*words, options]).strip()
