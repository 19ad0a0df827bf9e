"""The lean import gives the very types that the plain one gives."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from portfolio_bot.bot import lean_aiogram

DESCRIBE = """
import hashlib, json, sys
if sys.argv[1] == "lean":
    from portfolio_bot.bot import lean_aiogram
    assert lean_aiogram.LEAN
else:
    import aiogram
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


def describe(way: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", DESCRIBE, way],
        input=json.dumps(lean_aiogram.TRIAL_UPDATES),
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, object] = json.loads(done.stdout)
    return result


def test_both_ways_of_importing_give_the_same_types() -> None:
    lean, plain = describe("lean"), describe("plain")
    assert lean == plain
    assert lean["kinds"] == ["message", "callback_query"]


def test_a_failed_trial_falls_back_to_the_plain_import() -> None:
    spoilt = (
        "import logging; logging.basicConfig(level='WARNING', format='%(message)s')\n"
        "import portfolio_bot.bot.lean_aiogram as lean\n"
    )
    program = (
        "import pydantic\n"
        "original = pydantic.BaseModel.model_validate.__func__\n"
        "def once(cls, *args, **kwargs):\n"
        "    pydantic.BaseModel.model_validate = classmethod(original)\n"
        "    raise TypeError('not today')\n"
        "pydantic.BaseModel.model_validate = classmethod(once)\n" + spoilt + "assert not lean.LEAN\n"
        "print(lean.types.Update.model_validate(lean.TRIAL_UPDATES[0]).message.text)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "/start"
    assert "the slow way: TypeError" in done.stderr


async def test_warming_up_builds_what_is_used() -> None:
    await lean_aiogram.warm_up()
    assert lean_aiogram.types.Update.__pydantic_complete__


@pytest.mark.parametrize("name", lean_aiogram.__all__)
def test_every_name_is_there(name: str) -> None:
    assert hasattr(lean_aiogram, name)
