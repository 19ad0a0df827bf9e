"""aiogram, imported in a sixth of the time and a third of the memory. Import its names from here, never from itself.

At import aiogram builds each of its 440 pydantic types, and each build copies the graph of all others: 3 s and 110 MB
for a bot that uses a dozen. Here the builds are put off: while aiogram is imported, `model_rebuild` only remembers
the namespace that it was given; afterwards the base classes get one that supplies it, so that pydantic builds a type
when it is first used. A trial update is parsed at once, and whatever goes wrong leads to the plain import, with one
line in the log. The tests compare both ways in two processes.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict

log = logging.getLogger(__name__)

TRIAL_USER = {"id": 1, "is_bot": False, "first_name": "A"}
TRIAL_MESSAGE = {
    "message_id": 1,
    "date": 1,
    "chat": {"id": 1, "type": "private", "first_name": "A"},
    "from": TRIAL_USER,
    "text": "/start",
    "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
}
TRIAL_UPDATES: tuple[dict[str, object], ...] = (
    {"update_id": 1, "message": TRIAL_MESSAGE},
    {
        "update_id": 2,
        "callback_query": {
            "id": "1",
            "from": TRIAL_USER,
            "chat_instance": "1",
            "data": "status",
            "message": {
                **TRIAL_MESSAGE,
                "reply_markup": {"inline_keyboard": [[{"text": "Refresh", "callback_data": "status"}]]},
            },
        },
    },
)
"""One of each kind that the bot handles: the trial of a lean import, and what `warm_up` builds the types with."""


@contextmanager
def _builds_put_off(namespace: dict[str, object]) -> Iterator[None]:
    original = BaseModel.__dict__["model_rebuild"]  # the class method itself: what attribute access gives is bound
    build: Callable[..., bool | None] = original.__func__

    def remember(
        cls: type[BaseModel],
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, object] | None = None,
    ) -> bool | None:
        if _types_namespace is not None and cls.__module__.startswith("aiogram."):
            namespace.update(_types_namespace)
            return None
        return build(
            cls,
            force=force,
            raise_errors=raise_errors,
            _parent_namespace_depth=_parent_namespace_depth + 1,
            _types_namespace=_types_namespace,
        )

    setattr(BaseModel, "model_rebuild", classmethod(remember))  # noqa: B010 - a checker refuses the plain assignment
    config = BaseModel.model_config
    BaseModel.model_config = ConfigDict(**config, defer_build=True)  # inherited by aiogram's methods, which lack it
    try:
        yield
    finally:
        setattr(BaseModel, "model_rebuild", original)  # noqa: B010
        BaseModel.model_config = config


def _supply(base: type[BaseModel], namespace: Mapping[str, object]) -> None:
    """Give a base class of aiogram's a `model_rebuild` that knows the names of all its types."""
    build: Callable[..., bool | None] = BaseModel.__dict__["model_rebuild"].__func__

    def rebuild(
        cls: type[BaseModel],
        *,
        force: bool = False,
        raise_errors: bool = True,
        _parent_namespace_depth: int = 2,
        _types_namespace: Mapping[str, object] | None = None,
    ) -> bool | None:
        return build(
            cls,
            force=force,
            raise_errors=raise_errors,
            _parent_namespace_depth=_parent_namespace_depth + 1,
            _types_namespace={**namespace, **(_types_namespace or {})},
        )

    setattr(base, "model_rebuild", classmethod(rebuild))  # noqa: B010


def _import_lean() -> None:
    namespace: dict[str, object] = {}
    with _builds_put_off(namespace):
        importlib.import_module("aiogram")
    types = importlib.import_module("aiogram.types.base")
    methods = importlib.import_module("aiogram.methods.base")
    for base in (types.TelegramObject, methods.TelegramMethod, methods.Response):
        _supply(base, namespace)
    update = importlib.import_module("aiogram.types").Update
    if update.model_validate(TRIAL_UPDATES[0]).message.text != "/start":
        raise ImportError("the trial update came out wrong")


def _import() -> bool:
    """Import aiogram; True when it was done the lean way."""
    if "aiogram" in sys.modules:
        return False
    try:
        _import_lean()
    except Exception as error:  # noqa: BLE001 - a new pydantic or aiogram: slow is better than deaf
        log.warning("aiogram is imported the slow way: %s", type(error).__name__)
        for name in [name for name in sys.modules if name.partition(".")[0] == "aiogram"]:
            del sys.modules[name]
        importlib.import_module("aiogram")
        return False
    return True


LEAN = _import()
"""Whether the lean way worked; False also when somebody imported aiogram before."""

from aiogram import Bot, Dispatcher, methods, types  # noqa: E402 - after the lean import, that is the point
from aiogram.client.session.base import BaseSession  # noqa: E402
from aiogram.client.telegram import TelegramAPIServer  # noqa: E402
from aiogram.exceptions import AiogramError, ClientDecodeError, TelegramAPIError  # noqa: E402

__all__ = [
    "LEAN",
    "AiogramError",
    "BaseSession",
    "Bot",
    "ClientDecodeError",
    "Dispatcher",
    "TelegramAPIError",
    "TelegramAPIServer",
    "methods",
    "response_of",
    "types",
    "warm_up",
]


@cache
def response_of(returning: Any) -> Any:
    """The form of an answer that holds this, kept: pydantic forgets such a class as soon as nobody holds it.

    Without this every answer of Telegram, each poll among them, would build its form anew, ten milliseconds of work.
    """
    return methods.Response[returning]


async def warm_up() -> None:
    """Build the types in use, one per turn of the loop, so that the first message does not wait for them."""
    for build in (
        lambda: types.Update.model_validate(TRIAL_UPDATES[0]),
        lambda: types.Update.model_validate(TRIAL_UPDATES[1]),
        lambda: response_of(list[types.Update]).model_validate({"ok": True, "result": TRIAL_UPDATES}),
        lambda: response_of(types.User).model_validate({"ok": True, "result": TRIAL_USER}),
        lambda: response_of(bool).model_validate({"ok": True, "result": True}),
        lambda: methods.GetUpdates(timeout=1),
        lambda: methods.AnswerCallbackQuery(callback_query_id="1"),
        lambda: methods.SetMyCommands(commands=[types.BotCommand(command="help", description="What it can do")]),
    ):
        build()
        await asyncio.sleep(0)
