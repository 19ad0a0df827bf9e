"""What screens about people show: who may do what, who changed what, how a chat looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from portfolio_bot.report.views import SettingOrigin


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who may use the bot.

    Attributes:
        user: their id.
        owner: they may change things.
        fixed: the settings make them the owner: nobody can lower them.
        language: they are spoken to in.
    """

    user: int
    owner: bool
    fixed: bool
    language: str


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Something that somebody changed; texts as they are stored.

    Attributes:
        who: `telegram:123456`, `terminal`, `command line`.
        what: `POLL_INTERVAL_MINUTES`, `chat:-100 percent_only`, `user:123 role`, `schedule:morning`, `record:deposit`.
        before, after: None for nothing.
    """

    at: datetime
    who: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ChangesView:
    """A page of changes.

    Attributes:
        changes: newest first.
        count: how many there are on all pages.
        asker: whose own changes are "you".
    """

    changes: Sequence[ChangeView]
    count: int
    asker: str = ""


@dataclass(frozen=True, slots=True)
class LookRow:
    """One choice about how a chat is written to.

    Attributes:
        name: `percent`, `living`, `form`, `theme`.
        value: `on`, `off`, or a word of that choice.
        origin: who chose it.
    """

    name: str
    value: str
    origin: SettingOrigin


@dataclass(frozen=True, slots=True)
class LookView:
    """How a chat is written to.

    Attributes:
        chat: its id; "" for the asker's own.
    """

    rows: Sequence[LookRow]
    chat: str = ""


class SpokenBy(Enum):
    """Who says in which language somebody is spoken to."""

    CHOICE = "choice"
    SETTINGS = "settings"
    CLIENT = "client"  # their Telegram
    NOBODY = "nobody"
