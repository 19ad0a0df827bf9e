"""Records that people are about to enter in a chat: what was said so far, and what is waited for.

In memory only: a question that is older than this life of the program says so, and nothing else is lost.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from portfolio_bot.model.flow import CashFlow, FlowKind
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.statement import AccountId
from portfolio_bot.service.records import Records

COMMANDS: Final = {FlowKind.DEPOSIT: "deposit", FlowKind.WITHDRAWAL: "withdraw"}
ASKING: Final = frozenset(COMMANDS.values())
"""Commands that ask and wait for a text."""

MARK: Final = "#"
"""What the name of a form begins with, so that it is no amount."""

_KEPT = 100


@dataclass(slots=True)
class Form:
    """A record that is being asked for.

    Attributes:
        name: short, for buttons.
        who: is asked.
        amount, asset, account, at, note: what was said; None or "" where nothing was.
        waits: what the next text of theirs is: `asset`, `amount` or `day`; "" for nothing.
        flow: as it was shown, waiting for the yes.
        done: it was recorded.
    """

    name: str
    kind: FlowKind
    who: str
    amount: Decimal | None = None
    asset: Asset = ""
    account: AccountId | None = None
    at: date | datetime | None = None
    timed: bool = False
    note: str = ""
    waits: str = ""
    flow: CashFlow | None = None
    done: bool = False

    def line(self, *words: str) -> str:
        """What a button says to it."""
        return " ".join((COMMANDS[self.kind], self.name, *words))


class ByHand:
    """The forms of this life of the program."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._forms: OrderedDict[str, Form] = OrderedDict()

    def begin(self, kind: FlowKind, who: str) -> Form:
        """A new form; whatever the same person was asked before is not waited for any more."""
        self.given_up(who)
        form = Form(f"{MARK}{secrets.token_hex(4)}", kind, who)
        self._forms[form.name] = form
        if len(self._forms) > _KEPT:
            self._forms.popitem(last=False)
        return form

    def find(self, name: str) -> Form | None:
        """The form of a button; None if it is of an earlier life."""
        return self._forms.get(name)

    def drop(self, form: Form) -> None:
        """It is not wanted any more."""
        self._forms.pop(form.name, None)

    def reply(self, text: str, who: str) -> str | None:
        """The line that a text means as an answer; None if nothing is waited for."""
        waiting = (form for form in reversed(self._forms.values()) if form.who == who and form.waits)
        form = next(waiting, None)
        words = " ".join(text.split())
        return None if form is None or not words else form.line(form.waits, words)

    def given_up(self, who: str) -> None:
        """Somebody does something else: their next text is no answer."""
        for form in self._forms.values():
            if form.who == who:
                form.waits = ""
