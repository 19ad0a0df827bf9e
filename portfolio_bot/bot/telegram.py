"""The chat in Telegram: aiogram listens, the dialog answers, the delivery sends.

Who may speak is decided first, on the update as a whole. One handler takes every message and one every press; which
command it is stands in a table. Nothing is awaited that could make one person wait for another, beyond eight at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portfolio_bot.bot.access import Access, Strangers, Verdict
from portfolio_bot.bot.dialog import Answer, Dialog, Line, Request
from portfolio_bot.bot.lean_aiogram import Bot, Dispatcher, TelegramAPIError, methods, types, warm_up
from portfolio_bot.bot.progress import ProgressBoard, ProgressPace
from portfolio_bot.bot.render import for_telegram
from portfolio_bot.bot.session import DoorSession, Ear, Hearing, PollPace
from portfolio_bot.bot.telegram_menu import Menu, OfferedMenu
from portfolio_bot.bot.telegram_updates import Spot, author, sender_of
from portfolio_bot.model.days import Clock
from portfolio_bot.model.failure import SourceError
from portfolio_bot.notify.base import DeliveryError
from portfolio_bot.notify.telegram import BotApi
from portfolio_bot.report import compose, refusals
from portfolio_bot.report.document import Document, Headline
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.choices import of_user
from portfolio_bot.service.delivery import Delivery
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import CLIENT_LANGUAGE
from portfolio_bot.storage.errors import StorageError

log = logging.getLogger(__name__)

UPDATES = ["message", "callback_query", "my_chat_member"]
AT_ONCE = 8
TOO_OLD = timedelta(minutes=10)
"""A command that waited longer, because the bot was away, is not carried out any more."""

_OLD_PRESS = ("query is too old", "query id is invalid")

Next = Callable[[types.TelegramObject, dict[str, object]], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class FacePace:
    """Patience of the face.

    Attributes:
        gather: seconds in which commands that came too late are gathered into one remark.
        handlers: seconds that answers in hand get when the bot stops.
        menu_again: seconds until the command menu is tried again.
    """

    poll: PollPace = field(default_factory=PollPace)
    progress: ProgressPace = field(default_factory=ProgressPace)
    gather: float = 1.0
    handlers: float = 5.0
    menu_again: float = 60.0


class TelegramFace:
    """The bot. A component: it serves until it is told to stop.

    Args:
        menu: names and helps of the commands that a person may use, by user id, for Telegram's own menu.
    """

    name = "telegram"

    def __init__(
        self,
        api: BotApi,
        access: Access,
        dialog: Dialog,
        delivery: Delivery,
        clock: Clock,
        *,
        menu: Menu = lambda _: (),
        pace: FacePace | None = None,
    ) -> None:
        self._access, self._dialog, self._delivery, self._clock = access, dialog, delivery, clock
        self._pace = pace or FacePace()
        self._strangers = Strangers(clock)
        self._session = DoorSession(api, clock, self._pace.poll)
        self._session.hearing.last_poll = clock()
        self._bot = Bot(api.token, session=self._session)
        self._dispatcher = Dispatcher(disable_fsm=True)
        self._dispatcher.update.outer_middleware(self._gate)
        self._dispatcher.message.register(self._on_message)
        self._dispatcher.callback_query.register(self._on_press)
        self._dispatcher.my_chat_member.register(self._on_membership)
        self._in_hand: set[asyncio.Task[object]] = set()
        self._handled: deque[int] = deque(maxlen=500)
        self._pressed: set[tuple[str, int]] = set()
        self._late: dict[str, list[str]] = {}
        self._offered = OfferedMenu(self._bot, menu, lambda: delivery.destination, self._pace.menu_again)
        if dialog.house.people is not None:
            dialog.house.people.on_change.append(self._offer_again)
        if dialog.house.looks is not None:
            dialog.house.looks.on_language.append(self._offer_again)
        self._stopping = asyncio.Event()

    @property
    def hearing(self) -> Hearing:
        """How well the bot hears, and when it last heard."""
        return self._session.hearing

    @property
    def busy(self) -> bool:
        """Answers are in hand."""
        return bool(self._in_hand)

    def polled(self) -> datetime | None:
        """When the last poll succeeded or, before the first, when polling began; for health."""
        return self.hearing.last_poll

    async def serve(self, stop: asyncio.Event) -> None:
        """Listen until told to stop; then answer what was heard."""
        self._stopping.clear()
        await warm_up()
        polling = asyncio.create_task(self._poll(), name="telegram polling")
        self._offered.offer(self._access.users)
        try:
            await stop.wait()
        finally:
            self._stopping.set()
            await self._offered.close()
            await self._stop_polling(polling)
            await self._finish()

    async def _poll(self) -> None:
        """Poll for ever. A task that aiogram polls in is never cancelled: that leaves an orphan poller behind."""
        while not self._stopping.is_set():
            try:
                await self._dispatcher.start_polling(
                    self._bot,
                    polling_timeout=self._pace.poll.timeout,
                    allowed_updates=UPDATES,
                    tasks_concurrency_limit=AT_ONCE,
                    handle_signals=False,
                    close_bot_session=False,
                )
            except Exception:  # a bug in the framework must not make the bot deaf for ever
                log.exception("polling broke down and begins again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pace.poll.first_wait):
                    await self._stopping.wait()

    async def _stop_polling(self, polling: asyncio.Task[None]) -> None:
        while not polling.done():
            with contextlib.suppress(RuntimeError):  # it is not polling at this very moment
                await self._dispatcher.stop_polling()
            await asyncio.wait([polling], timeout=0.01)

    async def _finish(self) -> None:
        """Let answers in hand be given; then tell Telegram what was heard, so that it does not repeat it."""
        if self._in_hand:
            _, cut_off = await asyncio.wait(self._in_hand, timeout=self._pace.handlers)
            for task in cut_off:
                task.cancel()
            if cut_off:
                await asyncio.wait(cut_off)
                return
        if self._handled and self.hearing.state is Ear.LISTENING:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._bot(methods.GetUpdates(offset=max(self._handled) + 1, limit=1, timeout=0))

    def _offer_again(self, user: int) -> None:
        self._offered.offer([user])

    async def _note_language(self, user: types.User | None) -> None:
        """Remember what a person's Telegram is set to, where nobody chose a language for them."""
        house = self._dialog.house
        choices = house.choices
        code = (user.language_code or "")[:2].lower() if user else ""
        if user is None or choices is None or not code or user.id not in self._access.users:
            return
        scope, before = of_user(user.id), house.reader_for(user.id, None).language
        if choices.get(scope, CLIENT_LANGUAGE) == code:
            return
        try:
            await choices.set(scope, CLIENT_LANGUAGE, code, author(user), noted=False)
        except StorageError as error:
            log.warning("the language of user %d is not kept: %s", user.id, error)
        if house.reader_for(user.id, None).language != before:
            self._offer_again(user.id)

    async def _gate(self, handler: Next, update: types.TelegramObject, data: dict[str, object]) -> object:
        """In front of everything: who may speak, each update once, nothing escapes."""
        if not isinstance(update, types.Update):
            return None
        sender = sender_of(update)
        if sender is None:
            return None
        self._note_id(update)
        if update.message is not None and update.message.migrate_to_chat_id is not None:
            await self._moved(update.message.chat.id, update.message.migrate_to_chat_id)
            return None
        if update.my_chat_member is None:
            verdict = self._access.judge(sender)
            if verdict is not Verdict.ALLOWED:
                await self._turn_away(update, verdict)
                return None
        if update.update_id in self._handled:
            return None
        self._handled.append(update.update_id)
        task = asyncio.current_task()
        if task is not None:
            self._in_hand.add(task)
        try:
            return await handler(update, data)
        except Exception:  # whatever breaks in one answer must not reach the framework's own log, which prints too much
            log.exception("update %d could not be handled", update.update_id)
            return None
        finally:
            if task is not None:
                self._in_hand.discard(task)

    def _note_id(self, update: types.Update) -> None:
        """Ids rise with everybody's messages: for the whole bot in private chats, for each group in groups."""
        if update.message is not None:
            self._delivery.saw(str(update.message.chat.id), update.message.message_id)

    async def _moved(self, chat: int, to: int) -> None:
        """A word of Telegram's own: whoever made the group a supergroup, it is the same chat."""
        try:
            await self._delivery.moved(str(chat), str(to))
        except StorageError as error:
            log.warning("that chat %d moved is not kept: %s", chat, error)

    async def _turn_away(self, update: types.Update, verdict: Verdict) -> None:
        """Silence, but for somebody who asks for their own ids."""
        message = update.message
        user = message.from_user if message else None
        line = Line.typed(message.text or "") if message and verdict is Verdict.IDS_ONLY else None
        asks = line is not None and (line.name == "id" or (line.name == "start" and self._access.setting_up))
        if message is None or user is None or not asks or not self._strangers.may_ask(user.id):
            who = user or (update.callback_query.from_user if update.callback_query else None)
            self._strangers.note(who.id if who else None)
            return
        chat = message.chat.id
        reader = self._dialog.house.reader_for(user.id, str(chat))
        if self._access.setting_up:
            document = compose.setup_mode(reader, chat=chat, user=user.id)
        else:
            document = compose.ids(reader, user=user.id, chat=chat)
        await self._delivery.aside(str(chat), for_telegram(Answer(document)))

    async def _on_message(self, message: types.Message, event_update: types.Update) -> None:
        chat = str(message.chat.id)
        self._delivery.heard_from(chat)
        line = Line.typed(message.text or "", own_name=(await self._bot.me()).username or "")
        if self._clock() - message.date > TOO_OLD:
            if line is not None and self._dialog.knows(line):
                self._came_late(chat, line.name)
            return
        line = line or self._dialog.reply(message.text or "", author(message.from_user))
        if line is None:
            if message.chat.type == "private" and not (message.text or "").startswith("/"):
                await self._say(chat, self._remark("no_command", chat))
            return
        await self._respond(Spot.after(message), line, event_update, message.from_user)

    async def _on_press(self, press: types.CallbackQuery, event_update: types.Update) -> None:
        message = press.message
        if message is None:
            return
        chat = str(message.chat.id)
        self._delivery.heard_from(chat)
        place = (chat, message.message_id)
        if place in self._pressed:
            reader = self._dialog.house.reader_for(press.from_user.id, chat)
            await self._acknowledge(press, Voice.of(reader).chat("busy"))
            return
        self._pressed.add(place)
        try:
            line = Line.pressed(press.data or "")
            house = self._dialog.house
            if self._dialog.forbids(line, owner=house.owns(press.from_user.id)):
                # others read the message too: it stays as it is, and who pressed hears why
                await self._acknowledge(press, _forbidden(house.reader_for(press.from_user.id, chat)))
                return
            if not await self._acknowledge(press) or not self._dialog.knows(line):
                return
            await self._respond(Spot.of(message), line, event_update, press.from_user)
        finally:
            self._pressed.discard(place)

    async def _on_membership(self, change: types.ChatMemberUpdated) -> None:
        if change.new_chat_member.status not in {"left", "kicked"}:
            self._delivery.heard_from(str(change.chat.id))

    async def _respond(self, spot: Spot, line: Line, update: types.Update, user: types.User | None) -> None:
        """Answer a line: what it takes is shown in the message that the answer then replaces.

        Below that message, if it is a picture, or if the answer is no.
        """
        asked_at, house = self._clock(), self._dialog.house
        await self._note_language(user)
        reader = house.reader_for(user.id if user else None, spot.chat)
        board = ProgressBoard(house.names, reader, self._pace.progress)
        place, untouched = spot.edit, True

        async def put(document: Document) -> None:
            nonlocal place, untouched
            untouched = False
            state = for_telegram(Answer(document), topic=spot.topic)
            place = await self._delivery.show(spot.chat, state, edit=place, picture=spot.picture and place == spot.edit)

        request = Request(
            line.argument,
            reader,
            who=author(user),
            user=user.id if user else None,
            chat=int(spot.chat),
            owner=house.owns(user.id if user else None),
            update=update.update_id,
            topic=spot.topic,
            progress=board,
            reading=board.reading,
        )
        async with board.shown(put):
            answer = await self._dialog.answer(line, request)
        shown: int | None = None
        if answer.refused and untouched:
            place = None  # others may need what stands there
        if answer.file is not None and not answer.file.picture:
            # a file that is asked for comes by itself; what told of its making goes
            shown, place = (None if place == spot.edit else place), None
        message = for_telegram(answer, topic=spot.topic, form=reader.form)
        picture = spot.picture and place == spot.edit
        await self._delivery.answer(spot.chat, message, edit=place, picture=picture, asked_at=asked_at)
        if shown is not None:
            await self._delivery.remove(spot.chat, shown)

    async def _acknowledge(self, press: types.CallbackQuery, text: str | None = None) -> bool:
        """Stop the button's spinner. False if the press is so old that Telegram has given it up, and so do we."""
        try:
            await self._bot(methods.AnswerCallbackQuery(callback_query_id=press.id, text=text))
        except TelegramAPIError as error:
            return not any(words in str(error).lower() for words in _OLD_PRESS)
        except (SourceError, DeliveryError):
            return True
        return True

    def _came_late(self, chat: str, command: str) -> None:
        """Gather the commands that came while the bot was away, and say once that they were not carried out."""
        gathered = self._late.setdefault(chat, [])
        gathered.append(command)
        if len(gathered) == 1:
            task: asyncio.Task[object] = asyncio.create_task(self._say_late(chat))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    async def _say_late(self, chat: str) -> None:
        await asyncio.sleep(self._pace.gather)
        commands = self._late.pop(chat)
        await self._say(chat, compose.too_old(commands, self._dialog.house.reader_for(None, chat)))

    async def _say(self, chat: str, document: Document) -> None:
        await self._delivery.answer(chat, for_telegram(Answer(document)))

    def _remark(self, name: str, chat: str) -> Document:
        reader = self._dialog.house.reader_for(None, chat)
        return compose.said(reader, Headline(Voice.of(reader).chat(name)))


def _forbidden(reader: Reader) -> str:
    return refusals.sentence(UserError("", "only_an_owner").refusal, Voice.of(reader).words)
