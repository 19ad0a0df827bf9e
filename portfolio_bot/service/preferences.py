"""Settings in force: made in the chat > environment > `.env` > default, each with where it comes from."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from portfolio_bot.model.days import Clock
from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.errors import UserError
from portfolio_bot.storage import choices
from portfolio_bot.storage import preferences as stored
from portfolio_bot.storage.choices import Change
from portfolio_bot.storage.preferences import Preference
from portfolio_bot.storage.store import Store
from portfolio_bot.storage.tx import Tx

log = logging.getLogger(__name__)

INTERVAL = "POLL_INTERVAL_MINUTES"
WINDOW_START, WINDOW_END = "WINDOW_START_HOUR", "WINDOW_END_HOUR"

LIVE = (INTERVAL, WINDOW_START, WINDOW_END)
"""What can be changed without a restart."""

Along: TypeAlias = Callable[[Tx], Awaitable[None]]
"""What lands in the same transaction as a change: its confirmation, or the mark that it was carried out."""


class Preferences:
    """What was made in the chat, laid over what the settings say.

    Args:
        below: every setting as it is without the chat; secrets only as "set".
    """

    def __init__(self, store: Store, clock: Clock, below: Sequence[SettingView]) -> None:
        self._store, self._clock = store, clock
        self._below = {view.name: view for view in below}
        self._made: Mapping[str, Preference] = {}

    async def load(self) -> None:
        """Read what was made in an earlier life; a value that is no whole number any more is left out, with a word."""
        async with self._store.read() as tx:
            made = await stored.all(tx)
        for name, preference in made.items():
            if name in LIVE and not preference.value.isdigit():
                log.warning("%s was set to %r in the chat, which means nothing: left out", name, preference.value)
        self._made = {name: made[name] for name in LIVE if name in made and made[name].value.isdigit()}

    def whole(self, name: str) -> int:
        """A live setting in force."""
        return int(self._text(name))

    def _text(self, name: str) -> str:
        made = self._made.get(name)
        return made.value if made else self._below[name].value

    def listing(self) -> list[SettingView]:
        """Every setting as it is in force, in the order of the settings."""
        return [self._view(view) for view in self._below.values()]

    async def change(
        self,
        values: Mapping[str, int | None],
        who: str,
        *,
        along: Callable[[Tx, datetime], Awaitable[None]],
    ) -> None:
        """Set live settings, or take them back with None; all of it lands together or not at all.

        Args:
            who: for the record: `telegram:123456`, `terminal`.
            along: what lands in the same transaction; gets the moment of the change.
        """
        now = self._clock()
        made = {name: Preference(name, str(value), now, who) for name, value in values.items() if value is not None}

        async def remember(tx: Tx) -> None:
            for name, value in values.items():
                if name in made:
                    await stored.put(tx, made[name])
                else:
                    await stored.reset(tx, name)
                before, after = self._text(name), str(value) if value is not None else self._below[name].value
                if before != after:
                    await choices.note(tx, Change(now, who, name, before, after))
            await along(tx, now)

        await self._store.write(remember)
        kept = {name: preference for name, preference in self._made.items() if name not in values}
        self._made = {**kept, **made}
        log.info("%s changed by %s", ", ".join(f"{name}={value}" for name, value in values.items()), who)

    def _view(self, below: SettingView) -> SettingView:
        made = self._made.get(below.name)
        if made is None:
            return replace(below, live=below.name in LIVE)
        return replace(
            below,
            value=made.value,
            origin=SettingOrigin.CHAT,
            below=below.value,
            live=True,
            changed_at=made.changed_at,
        )


def live_name(text: str) -> str:
    """The live setting that somebody names.

    Raises:
        UserError: there is no such one.
    """
    name = text.strip().upper()
    if name not in LIVE:
        raise UserError(text, "not_a_live_setting", names=", ".join(LIVE))
    return name
