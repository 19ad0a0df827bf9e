"""The way to Telegram, without a listening bot: enough to send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portfolio_bot.net.timing import Timing
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.letters import Letters

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core
    from portfolio_bot.bot.house import House
    from portfolio_bot.notify.telegram import BotApi
    from portfolio_bot.service.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Chat:
    """What sends to Telegram."""

    api: BotApi
    delivery: Delivery


@asynccontextmanager
async def open_chat(
    core: Core,
    *,
    timing: Timing | None = None,
    pace: Pace | None = None,
    house: Callable[[], House] | None = None,
) -> AsyncIterator[Chat | None]:
    """The way to the chat of the settings; None without a bot. While it is open, snapshots put their pushes there.

    Args:
        timing: deadlines of one call.
        pace: of sending to a private chat.
        house: whom contents are asked of that are not the report itself.
    """
    from portfolio_bot.bot.render import ChatRender
    from portfolio_bot.net.door import Door, hosts_of
    from portfolio_bot.notify.telegram import OFFICIAL, BotApi, TelegramSink
    from portfolio_bot.service.delivery import Delivery

    settings = core.settings
    if settings.telegram.token is None:
        yield None
        return
    base = settings.telegram.base_url or OFFICIAL
    session, proxy = await core.outside.session(settings.telegram.proxy)
    door = Door(session, hosts_of([base]), core.clock, timing or Timing(), proxy)
    api = BotApi(door, settings.telegram.token.reveal(), base)
    delivery = Delivery(
        core.store,
        TelegramSink(api, settings.redactor),
        core.clock,
        destination=settings.telegram.chat_id,
        reader=core.reader,
        pace=pace,
    )
    await delivery.restore()
    face = ChatRender(house, breakdown=settings.include_crypto_breakdown)
    if settings.telegram.chat_id:
        core.snapshots.postman = Letters(
            delivery,
            reader=lambda to: core.reader(chat=to),
            window_open=core.timetable.open_now,
            render=lambda _: face,
        )
    try:
        yield Chat(api, delivery)
    finally:
        core.snapshots.postman = None
