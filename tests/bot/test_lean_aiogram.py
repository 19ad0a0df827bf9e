"""The lean import gives the very types that the plain one gives, and gives way to it when anything is odd."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from functools import cache

import pytest

from portfolio_bot.bot import lean_aiogram

DESCRIBE = """
import hashlib, json, logging, sys
logging.basicConfig(level="WARNING", format="%(message)s")
if sys.argv[1] == "plain":  # by the first trial that fails
    import pydantic
    original = pydantic.BaseModel.__dict__["model_validate"]
    def once(cls, *args, **kwargs):
        pydantic.BaseModel.model_validate = original
        raise TypeError("not today")
    pydantic.BaseModel.model_validate = classmethod(once)
from portfolio_bot.bot import lean_aiogram
assert lean_aiogram.LEAN is (sys.argv[1] == "lean")
from aiogram import methods, types
raw = json.load(sys.stdin)
result = {}
for kind in (
    types.Update, types.Message, types.CallbackQuery, types.User, types.Chat, types.BotCommand, types.ChatMemberUpdated,
    methods.GetUpdates, methods.GetMe, methods.AnswerCallbackQuery, methods.SetMyCommands, methods.DeleteWebhook,
    methods.Response[list[types.Update]],
):
    schema = json.dumps(kind.model_json_schema(), sort_keys=True, default=str)
    result[kind.__name__] = hashlib.sha256(schema.encode()).hexdigest()
answer = methods.Response[list[types.Update]].model_validate({"ok": True, "result": raw})
result["round trip"] = [update.model_dump(mode="json", exclude_unset=True) for update in answer.result]
result["kinds"] = [update.event_type for update in answer.result]
result["frozen"] = types.Message.model_config["frozen"]
print(json.dumps(result))
"""


@cache
def described(way: str) -> tuple[str, str]:
    """What a fresh process found after importing in this way, and what it logged."""
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE, way],
        input=json.dumps(lean_aiogram.TRIAL_UPDATES),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, done.stderr


def test_both_ways_of_importing_give_the_same_types() -> None:
    lean, plain = (json.loads(described(way)[0]) for way in ("lean", "plain"))
    assert lean == plain
    assert lean["kinds"] == ["message", "callback_query"]


def test_a_failed_trial_falls_back_to_the_plain_import_with_one_line() -> None:
    told = [line for line in described("plain")[1].splitlines() if "slow way" in line]
    assert told == ["aiogram is imported the slow way: TypeError"]
    assert "slow way" not in described("lean")[1]


async def test_warming_up_builds_what_is_used() -> None:
    await lean_aiogram.warm_up()
    assert lean_aiogram.types.Update.__pydantic_complete__


@pytest.mark.parametrize("name", lean_aiogram.__all__)
def test_every_name_is_there(name: str) -> None:
    assert hasattr(lean_aiogram, name)


async def test_the_form_of_an_answer_is_built_once() -> None:
    await lean_aiogram.warm_up()
    form = weakref.ref(lean_aiogram.methods.Response[list[lean_aiogram.types.Update]])
    gc.collect()
    assert form() is not None
    assert lean_aiogram.response_of(list[lean_aiogram.types.Update]) is form()
