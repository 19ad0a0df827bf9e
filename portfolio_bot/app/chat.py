"""The ways to Telegram and Slack, without a listening bot: enough to send."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portfolio_bot.net.timing import Timing
from portfolio_bot.service.lane import Pace
from portfolio_bot.service.letters import Letters
from portfolio_bot.service.posts import MAIN, SLACK, Post

if TYPE_CHECKING:
    from portfolio_bot.app.core import Core
    from portfolio_bot.bot.house import House
    from portfolio_bot.notify.base import Sink
    from portfolio_bot.notify.telegram import BotApi
    from portfolio_bot.service.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Chat:
    """What sends.

    Attributes:
        api: the bot; None where Slack alone is written to.
    """

    api: BotApi | None
    delivery: Delivery


@asynccontextmanager
async def open_chat(
    core: Core,
    *,
    timing: Timing | None = None,
    pace: Pace | None = None,
    house: Callable[[], House] | None = None,
) -> AsyncIterator[Chat | None]:
    """The way to the chats of the settings; None without any. While it is open, snapshots put their pushes there.

    Without a bot's chat Slack is the main one.

    Args:
        timing: deadlines of one call.
        pace: of sending to a private chat.
        house: whom contents are asked of that are not the report itself.
    """
    from portfolio_bot.bot.render import ChatRender
    from portfolio_bot.bot.slack import SlackRender
    from portfolio_bot.service.delivery import Delivery
    from portfolio_bot.service.forms import Forms

    settings, timing = core.settings, timing or Timing()
    api, slack = await _bot(core, timing), await _slack(core, timing)
    if api is None and slack is None:
        yield None
        return
    main = settings.telegram.chat_id if api is not None else SLACK
    delivery = Delivery(
        core.store,
        _sink(api, core),
        core.clock,
        destination=main,
        reader=lambda to: core.reader(chat=to),
        others={SLACK: slack} if slack is not None else {},
        forms=Forms(core.choices, settings.look.form),
        pace=pace,
    )
    await delivery.restore()
    face, channel = ChatRender(house, breakdown=settings.include_crypto_breakdown), SlackRender(house)
    if main is not None or slack is not None:
        core.snapshots.postman = Letters(
            delivery,
            reader=lambda to: core.reader(chat=to),
            window_open=core.timetable.open_now,
            render=lambda to: (channel if to == SLACK else face) if delivery.leads_to(to) else None,
            posts=(MAIN, Post(SLACK)) if slack is not None and main != SLACK else (MAIN,),
        )
    try:
        yield Chat(api, delivery)
    finally:
        core.snapshots.postman = None


async def _bot(core: Core, timing: Timing) -> BotApi | None:
    from portfolio_bot.net.door import Door, hosts_of
    from portfolio_bot.notify.telegram import OFFICIAL, BotApi

    telegram = core.settings.telegram
    if telegram.token is None:
        return None
    base = telegram.base_url or OFFICIAL
    session, proxy = await core.outside.session(telegram.proxy)
    return BotApi(Door(session, hosts_of([base]), core.clock, timing, proxy), telegram.token.reveal(), base)


def _sink(api: BotApi | None, core: Core) -> Sink | None:
    from portfolio_bot.notify.telegram import TelegramSink

    return None if api is None else TelegramSink(api, core.settings.redactor)


async def _slack(core: Core, timing: Timing) -> Sink | None:
    from portfolio_bot.net.door import Door, hosts_of
    from portfolio_bot.notify.slack import SlackSink

    settings = core.settings
    if settings.slack_webhook_url is None:
        return None
    webhook = settings.slack_webhook_url.reveal()
    session, proxy = await core.outside.session(settings.proxy_url)
    door = Door(session, hosts_of([webhook]), core.clock, timing, proxy)
    return SlackSink(door, webhook, core.clock, settings.redactor)
