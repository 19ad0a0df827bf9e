"""Reading the past, with a line per account that shows how far it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, HereParameter, Json, now
from portfolio_bot.cli.moments import day
from portfolio_bot.cli.outcome import Mistyped

if TYPE_CHECKING:
    from portfolio_bot.app.carry_out import Do
    from portfolio_bot.settings import Settings

VALUING = "↻ looking up values …"
"""Everything is read, and still something goes on."""

_UNDER_WAY = frozenset({"running", "waiting"})

LOOK_EVERY = 0.5
"""Seconds between two looks at how it goes."""


def sync(
    *accounts: str,
    since: Annotated[str | None, Parameter(name="--since")] = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Read deposits, withdrawals and trades of the past.

    Parameters
    ----------
    accounts
        Only these: their ids or names. All, if left out.
    since
        From this day on (2024-01-31), also if it was read before; else HISTORICAL_START_DATE, else all there is.
    """
    from portfolio_bot.model.days import Calendar
    from portfolio_bot.service.errors import UserError

    settings = here.settings(demo=demo)
    body: dict[str, object] = {"width": here.width, "colour": here.colour}
    if since is not None:
        today = Calendar.of(settings.timezone).day(now())
        body["since"] = day(since, "--since", today=today).isoformat()
    if accounts:
        body["accounts"] = list(accounts)
    here.quiet_log(settings)
    try:
        answer = here.run(_followed(settings, body, Lines()))
    except UserError as error:
        raise Mistyped.of(error) from None
    if json:
        here.show_json(answer.get("sync"))
    else:
        here.show_text(answer.get("text"))
    states = [row.get("state") for row in _progress(answer)]
    return outcome.FAILED if "failed" in states else outcome.GOOD


class Lines:
    """One line per account on standard error: redrawn on a terminal; elsewhere a new one when something is over."""

    def __init__(self) -> None:
        self._drawn = 0
        self._states: dict[object, object] = {}
        self._terminal = sys.stderr.isatty()

    def show(self, rows: Sequence[Mapping[str, object]]) -> None:
        """How it goes now."""
        if self._terminal:
            read = not any(row.get("state") in _UNDER_WAY for row in rows)
            self._redraw([*(str(row.get("line")) for row in rows), *([VALUING] if read else [])])
            return
        for row in rows:
            account, state = row.get("id"), row.get("state")
            if self._states.get(account) != state and state not in {"waiting", "none"}:
                outcome.say(str(row.get("line")))
            self._states[account] = state

    def end(self, rows: Sequence[Mapping[str, object]]) -> None:
        """It is over: on a terminal the result takes their place."""
        if not self._terminal:
            self.show(rows)
        elif self._drawn:
            print(f"\x1b[{self._drawn}A\x1b[J", end="", file=sys.stderr, flush=True)
            self._drawn = 0

    def _redraw(self, lines: Sequence[str]) -> None:
        width = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # some terminals do not tell
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        print(up + "".join(f"\x1b[K{line[: width - 1]}\n" for line in lines), end="", file=sys.stderr, flush=True)
        self._drawn = len(lines)


async def _followed(settings: Settings, body: Mapping[str, object], lines: Lines) -> Mapping[str, object]:
    from portfolio_bot.app.carry_out import in_touch

    async def follow(do: Do) -> Mapping[str, object]:
        import asyncio

        await do("sync", body)
        while True:
            state = await do("sync_state", body)
            answer = state if isinstance(state, dict) else {}
            if answer.get("running") is not True:
                lines.end(_progress(answer))
                return answer
            lines.show(_progress(answer))
            await asyncio.sleep(LOOK_EVERY)

    return await in_touch(settings, follow)


def _progress(answer: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    found = answer.get("progress")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
