"""What is asked and what is answered, whatever face asks: a chat in Telegram or one in a terminal.

A line is a command with its argument. A button holds such a line too, so that pressing it is typing it, nothing is
remembered between two presses, and a button of last week still works after a restart.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from portfolio_bot.bot.by_hand import ASKING
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import File, Key
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SyncView
from portfolio_bot.service.collect import Progress
from portfolio_bot.service.errors import UserError

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]{0,31})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)

TERMINAL = "terminal"
"""The address of a chat that belongs to no messenger."""

Rows = tuple[tuple[Key, ...], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A command line. `name` is in lower case; `argument` has no blanks at its ends and single ones inside."""

    name: str
    argument: str = ""

    @classmethod
    def typed(cls, text: str, *, own_name: str = "") -> Line | None:
        """What a message says; None if it is no command, or one for another bot (`/status@other_bot`)."""
        match = _COMMAND.fullmatch(text.strip())
        if match is None:
            return None
        name, addressee, argument = match.groups()
        if addressee and addressee.lower() != own_name.lower():
            return None
        return cls(name.lower(), " ".join((argument or "").split()))

    @classmethod
    def pressed(cls, action: str) -> Line:
        """What a button says."""
        name, _, argument = action.partition(" ")
        return cls(name, argument)


@dataclass(frozen=True, slots=True)
class Request:
    """One line, with what answering it takes.

    Attributes:
        argument: what stands behind the command.
        reader: whom the answer is for, and when.
        who: for the record of changes: `telegram:123456`, `terminal`.
        user, chat: the asker's own ids, for `/id`; None where there are none.
        owner: they may change things; else they only read.
        update: Telegram's number of the update, by which a change is made only once; None elsewhere.
        topic: the thread of a forum group in which they ask.
        progress: hears how a fetch goes.
        reading: hears how reading the past goes.
    """

    argument: str
    reader: Reader
    who: str
    user: int | None = None
    chat: int | None = None
    owner: bool = True
    update: int | None = None
    topic: int | None = None
    progress: Progress | None = None
    reading: Callable[[SyncView], None] | None = None

    @property
    def place(self) -> str:
        """The chat as choices and letters name it."""
        return TERMINAL if self.chat is None else str(self.chat)


@dataclass(frozen=True, slots=True)
class Answer:
    """What to show.

    Attributes:
        document: the message.
        rows: buttons below it.
        page: which of its pages, from 1, where a face shows one at a time.
        turn: the line that shows another page; `{page}` in it stands for its number. "" = only the first is reachable.
        file: comes with it.
        refused: it says why nothing was done; what stood there is as true as before.
    """

    document: Document
    rows: Rows = ()
    page: int = 1
    turn: str = ""
    file: File | None = None
    refused: bool = False


Handler = Callable[[House, Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: all that dispatch, menu and help need.

    Attributes:
        name: without the slash; its help is among the words of each language under the same name.
        handler: makes the answer.
        argument: as help prints it: `[days=30]`.
        listed: it stands in menu and help; what only buttons say does not.
        changes: it changes something for everybody; only an owner may use it so. A command that changes something
            only with an argument is judged by `Command.is_change`.
    """

    name: str
    handler: Handler
    argument: str = ""
    listed: bool = True
    changes: bool | Callable[[str], bool] = False

    def is_change(self, argument: str) -> bool:
        """Whether this line would change something."""
        return self.changes(argument) if callable(self.changes) else self.changes

    @property
    def for_owners(self) -> bool:
        """Whether a viewer can do nothing at all with it: then their menu leaves it out."""
        return self.changes is True


def with_argument(argument: str) -> bool:
    """What changes something as soon as anything stands behind it."""
    return bool(argument)


class Dialog:
    """Finds the command and turns whatever goes wrong into a sentence, once, behind all handlers."""

    def __init__(self, house: House, commands: Mapping[str, Command]) -> None:
        self.house = house
        self._commands = commands

    def reply(self, text: str, who: str) -> Line | None:
        """The line that a text without a slash means, where somebody has just been asked something; else None."""
        said = None if self.house.by_hand is None else self.house.by_hand.reply(text, who)
        return None if said is None else Line.pressed(said)

    def knows(self, line: Line) -> bool:
        """Whether there is such a command."""
        return line.name in self._commands

    def forbids(self, line: Line, *, owner: bool) -> bool:
        """Whether only an owner may say this, and somebody else does."""
        return not owner and self._is_change(line)

    async def answer(self, line: Line, request: Request) -> Answer:
        """The answer to a line; never raises, unless it is cancelled."""
        command = self._commands.get(line.name)
        if self.house.by_hand is not None and line.name not in ASKING:
            self.house.by_hand.given_up(request.who)
        if command is None:
            return Answer(compose.unknown_command(line.name, self._nearest(line.name), request.reader))
        try:
            if command.is_change(request.argument) and not request.owner:
                raise UserError("", "only_an_owner")
            answer = await command.handler(self.house, request)
        except UserError as error:
            return Answer(compose.error(error.refusal, request.reader), refused=True)
        except Exception:  # a bug in one command must not cost the person an answer, nor the bot its life
            log.exception("/%s failed", line.name)
            return Answer(compose.broken(line.name, request.reader), refused=True)
        return answer if request.owner else replace(answer, rows=self._for_viewers(answer.rows))

    def _for_viewers(self, rows: Rows) -> Rows:
        """The buttons that would not be refused."""
        kept = (tuple(key for key in row if not self._is_change(Line.pressed(key.action))) for row in rows)
        return tuple(row for row in kept if row)

    def _is_change(self, line: Line) -> bool:
        command = self._commands.get(line.name)
        return command is not None and command.is_change(line.argument)

    def _nearest(self, name: str) -> str | None:
        listed = [command.name for command in self._commands.values() if command.listed]
        return next(iter(difflib.get_close_matches(name, listed, n=1)), None)
