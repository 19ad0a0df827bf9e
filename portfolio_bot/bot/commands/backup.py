"""`/backup`: a checked copy of the database, now; the list of those that there are, and any of them as a file."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Final

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import LARGEST_FILE, File, Key
from portfolio_bot.report import compose
from portfolio_bot.report.compose.backup import BackupView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.backups import Backups
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.storage.backup import Backup

_LIST, _SEND = "list", "send"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_OFFERED: Final = 4
"""Backups of the list with a button of their own."""


async def backup(house: House, request: Request) -> Answer:
    """Without an argument: make one."""
    if house.backups is None:
        raise UserError("", "backup_of_no_file")
    word, _, rest = request.argument.partition(" ")
    match word.lower():
        case "":
            return await _made(house.backups, request)
        case "list" if not rest:
            return await _listed(house.backups, request.reader)
        case "send" if rest:
            return await _sent(house.backups, rest, request.reader)
    raise UserError(request.argument, "no_backup_word")


async def _made(backups: Backups, request: Request) -> Answer:
    reader = request.reader
    try:
        made = await backups.make(along=once(request.update))
    except AlreadyDone:
        return await _listed(backups, reader)
    view = _view(made.backup, made.rows)
    row = [buttons.named(reader, "backup_all", "backup", _LIST)]
    if made.backup.size < LARGEST_FILE and not reader.percent_only:
        row.insert(0, buttons.named(reader, "backup_send", "backup", _SEND, _stamp(made.backup)))
    return Answer(compose.backed_up(view, made.previous, reader), (tuple(row),))


async def _listed(backups: Backups, reader: Reader) -> Answer:
    found = await backups.listed()
    keys = [buttons.named(reader, "backup_now", "backup")]
    if not reader.percent_only:
        small = [one for one in found if one.size < LARGEST_FILE][:_OFFERED]
        keys += [_of(one, reader) for one in small]
    return Answer(compose.backups([_view(one) for one in found], reader), buttons.in_rows(keys, 1))


async def _sent(backups: Backups, stamp: str, reader: Reader) -> Answer:
    if reader.percent_only:
        raise UserError("", "backup_shows_amounts")
    at = None
    with contextlib.suppress(ValueError):
        at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    found, content = await backups.content(at, LARGEST_FILE)
    return Answer(compose.backup_sent(_view(found), reader), file=File(found.path.name, content))


def _of(one: Backup, reader: Reader) -> Key:
    when = Voice.of(reader).numbers.moment(one.at)
    return buttons.named(reader, "backup_send_one", "backup", _SEND, _stamp(one), when=when)


def _stamp(one: Backup) -> str:
    return one.at.strftime(_STAMP)


def _view(one: Backup, rows: int | None = None) -> BackupView:
    return BackupView(one.at, one.size, str(one.path), rows)


COMMANDS = (Command("backup", backup, "[list]", changes=True),)
