"""Telegram's own menu of commands: what each person may use, in their language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from portfolio_bot.bot.lean_aiogram import AiogramError, Bot, TelegramAPIError, methods, types
from portfolio_bot.model.failure import SourceError
from portfolio_bot.notify.base import DeliveryError
from portfolio_bot.service.under_way import UnderWay

Menu = Callable[[int], Sequence[tuple[str, str]]]
"""Names and helps of the commands that a person may use, by user id."""

Scope = types.BotCommandScopeChat | types.BotCommandScopeChatMember


class OfferedMenu:
    """Offers to each what they may use; tried until it works, nobody waits for it.

    Args:
        destination: the chat of the reports, as it is now; None if there is none.
        again: seconds until it is tried again.
    """

    def __init__(self, bot: Bot, menu: Menu, destination: Callable[[], str | None], again: float) -> None:
        self._bot, self._menu, self._destination, self._again = bot, menu, destination, again
        self._offering = UnderWay()

    def offer(self, users: Collection[int]) -> None:
        """To these people: at the start, and when they may do more or less, or are spoken to in another language."""
        self._offering.begin(self._offer(users), name="telegram menu")

    async def close(self) -> None:
        """Whoever has none yet gets it after the next start."""
        await self._offering.close(0)

    async def _offer(self, users: Collection[int]) -> None:
        waiting = [(user, scope) for user in users for scope in _scopes(user, self._destination())]
        while waiting:
            user, scope = waiting.pop(0)
            commands = [types.BotCommand(command=name, description=text) for name, text in self._menu(user)]
            if not commands:
                continue
            try:
                await self._bot(methods.SetMyCommands(commands=commands, scope=scope))
            except TelegramAPIError:
                continue  # that person never opened the chat with the bot
            except (SourceError, DeliveryError, AiogramError):
                waiting.append((user, scope))
                await asyncio.sleep(self._again)


def _scopes(user: int, destination: str | None) -> list[Scope]:
    """Where the menu is offered: in a person's own chat, and to them alone in the group of the reports."""
    scopes: list[Scope] = [types.BotCommandScopeChat(chat_id=user)]
    if destination is not None and destination.startswith("-"):
        scopes.append(types.BotCommandScopeChatMember(chat_id=int(destination), user_id=user))
    return scopes
