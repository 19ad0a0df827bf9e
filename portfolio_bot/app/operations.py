"""What can be asked of the program from outside a chat: by its command line, through a running service or without one.

Both ways give the same answers, so that a command need not know which one it went.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from portfolio_bot.app.reading import ReadingPast
from portfolio_bot.app.recording import Recording
from portfolio_bot.app.taking_in import TakingIn
from portfolio_bot.app.verdict import Verdict
from portfolio_bot.model.portfolio import Complete, Portfolio
from portfolio_bot.report import as_json, compose, terminal
from portfolio_bot.report.compose.backup import BackupView
from portfolio_bot.report.document import Document
from portfolio_bot.report.views import ScheduleView
from portfolio_bot.service import check as checking
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.snapshots import PULL, REPORT, Trigger
from portfolio_bot.storage.errors import StorageError

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core

Body: TypeAlias = Mapping[str, object]
Operation: TypeAlias = Callable[[Body], Awaitable[object]]

WHO = "command line"
TYPED_PULL = "portfolio-bot pull"


def operations(core: Core) -> Mapping[str, Operation]:
    """By name. Where an answer has a `text`, it is as wide and as colourful as `width` and `colour` of the body say.

    `report`, `pull`   body: `send` → `{report, text, complete}`
    `backup`           → `{backup, text}`, `backup` being `backup --json`
    `check`            → `{checks, text, ok}`
    `owner`            body: `action` (`confirm`, `gone`, `wait`, `leave`, `back`), `account`, `what`
                       → `{account, name, what, text}`
    `import`           body: `what` (`history`, `flows`, `trades`, `prices`), `content` (base64), `dry_run`, `separate`
                       → `{plan, changes, was_separate, unpriced, unpriced_assets, residual}`,
                       `plan` being `import --json`
    `preferences`      body: `interval`, `window`, `reset` or none → `{interval_minutes, window, next_runs, text}`
    `record`           body: `action` (`add`, `edit`, `remove`), `kind`, `amount`, `asset`, `account`, `to_account`,
                       `time`, `usd`, `cost`, `txid`, `note`, `anyway`, `id`
                       → `{action, flow, before, changed: [{field, before, after}], undo, text}`
    `verdict`          body: `action` (`part`, `join`, `external`, `reset`), `id`, `account`, `other`
                       → `{action, flows: [as in flows --json], text}`
    `sync`             body: `since` (a date), `accounts` (ids or names), `wait` → as `sync_state`; begins and returns
    `sync_state`       → `{running, sync, progress: [{id, state, line}], text}`, `sync` being `sync --json`
    `health`           → `healthcheck --json`
    """
    asked, past = _Operations(core), ReadingPast(core, _text)
    return {
        "report": asked.report,
        "pull": asked.pull,
        "backup": asked.back_up,
        "check": asked.check,
        "owner": asked.own,
        "import": TakingIn(core).take_in,
        "preferences": asked.prefer,
        "record": Recording(core, _text).record,
        "verdict": Verdict(core, _text).say,
        "sync": past.begin,
        "sync_state": past.state,
        "health": asked.health,
    }


class _Operations:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def report(self, body: Body) -> object:
        return await self._taken(REPORT, body)

    async def pull(self, body: Body) -> object:
        return await self._taken(PULL, body)

    async def check(self, body: Body) -> object:
        checks = await self._core.check.run()
        reader = self._core.reader(pull=TYPED_PULL)
        ok = all(view.failure is None for view in checks)
        text = _text(compose.check(checks, reader), body)
        return {"checks": checking.as_json(checks, reader), "text": text, "ok": ok}

    async def back_up(self, body: Body) -> object:
        made = await self._core.backups.make()
        one = made.backup
        view = BackupView(one.at, one.size, str(one.path), made.rows)
        told = {
            "file": view.path,
            "bytes": one.size,
            "rows": made.rows,
            "at": as_json.instant(one.at),
            "previous_at": None if made.previous is None else as_json.instant(made.previous),
        }
        document = compose.backed_up(view, made.previous, self._core.reader(pull=TYPED_PULL))
        return {"backup": told, "text": _text(document, body)}

    async def own(self, body: Body) -> object:
        action, account, what = (str(body.get(name) or "") for name in ("action", "account", "what"))
        said = await self._core.ownership.say(action, account, what)
        document = compose.owned(action, said.name, said.what, self._core.reader())
        return {"account": said.account, "name": said.name, "what": said.what, "text": _text(document, body)}

    async def prefer(self, body: Body) -> object:
        timetable = self._core.timetable
        if "interval" in body:
            view = await timetable.set_interval(str(body["interval"]), WHO)
        elif "window" in body:
            view = await timetable.set_window(str(body["window"]), WHO)
        elif "reset" in body:
            view = await timetable.reset(str(body["reset"]), WHO)
        else:
            view = await timetable.view()
        return self._schedule(view, body)

    async def health(self, _: Body) -> object:
        return (await self._core.doctor.look()).as_json()

    async def _taken(self, trigger: Trigger, body: Body) -> object:
        if body.get("send"):
            if self._core.snapshots.postman is None:
                raise UserError("", "nobody_to_send_to")
            trigger = replace(trigger, send=True)
        portfolio = await self._core.snapshots.take(trigger)
        if trigger.send and self._core.snapshots.waiting:
            # to say "sent" would be a promise that a stop could break
            raise StorageError(
                "The report is made, but the database cannot be written: it is sent once that works, if the service "
                "lives until then. Its log says why."
            )
        complete = isinstance(portfolio.total_usd, Complete)
        report = as_json.report(portfolio, self._core.guides)
        return {"report": report, "text": _text(await self._document(portfolio), body), "complete": complete}

    async def _document(self, portfolio: Portfolio) -> Document:
        history = self._core.history
        yesterday = await history.baseline()
        return compose.status(
            portfolio,
            self._core.reader(pull=TYPED_PULL),
            baseline=yesterday,
            crossed=await history.crossed(yesterday),
            breakdown=self._core.settings.include_crypto_breakdown,
        )

    def _schedule(self, view: ScheduleView, body: Body) -> object:
        return {
            "interval_minutes": int(view.interval.total_seconds() // 60),
            "window": list(view.window),
            "next_runs": [as_json.instant(moment) for moment in view.next_runs],
            "text": _text(compose.schedule(view, self._core.reader()), body),
        }


def _text(document: Document, body: Body) -> str:
    width = body.get("width")
    return terminal.text(document, width if isinstance(width, int) else 80, colour=body.get("colour") is True)
