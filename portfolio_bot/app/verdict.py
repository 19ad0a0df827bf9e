"""The owner's word about own transfers, from the command line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.statement import AccountId
from portfolio_bot.report import compose, ledger_json
from portfolio_bot.report.document import Document
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.naming import account_named
from portfolio_bot.storage import ledger

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core

WHO = "command line"
TYPED_PULL = "portfolio-bot pull"
ACTIONS = ("part", "join", "external", "reset")


class Verdict:
    """The operation `verdict`.

    Args:
        text: a document as the asker's terminal shows it.
    """

    def __init__(self, core: Core, text: Callable[[Document, Mapping[str, object]], str]) -> None:
        self._core, self._text = core, text

    async def say(self, body: Mapping[str, object]) -> object:
        """Write it down; what was said before and contradicts it goes.

        Raises:
            UserError: there is no such flow, more than one, or it cannot be so.
        """
        action, one = str(body.get("action") or ""), str(body.get("id") or "")
        other = str(body["other"]) if body.get("other") else None
        account = await self._account(body.get("account"))
        transfers, names = self._core.transfers, self._core.ledger.views.names
        reader = self._core.reader(pull=TYPED_PULL)
        flows: tuple[CashFlow, ...]
        match action:
            case "part":
                flows = withdrawal, deposit = await transfers.part(one, other, account=account, by=WHO)
                document = compose.parted(withdrawal, deposit, names, reader)
            case "join" if other is not None:
                flows = withdrawal, deposit = await transfers.join(one, other, account=account, by=WHO)
                document = compose.joined(withdrawal, deposit, names, reader)
            case "external":
                flows = (await transfers.external(one, account=account, by=WHO),)
                document = compose.made_external(flows[0], names, reader)
            case "reset":
                flows = (await transfers.reset(one, account=account, by=WHO),)
                document = compose.forgotten(flows[0], names, reader)
            case _:
                raise UserError(action, "no_verdict", actions=", ".join(ACTIONS))
        rows = ledger_json.flows(flows, await transfers.matching())
        return {"action": action, "flows": rows, "text": self._text(document, body)}

    async def _account(self, named: object) -> AccountId | None:
        """One that is configured, or that was and left flows behind."""
        if not named:
            return None
        async with self._core.store.read() as tx:
            there = await ledger.counts(tx)
        names = {**{account: account for account in sorted(there)}, **self._core.ledger.views.names}
        return account_named(str(named), names)
