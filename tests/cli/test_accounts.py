"""The owner's word about accounts, on the command line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from portfolio_bot.cli import outcome
from portfolio_bot.service.errors import UserError
from tests.cli.test_fetch import Stub, run, serving


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("confirm", "okx"), {"action": "confirm", "account": "okx", "what": ""}),
        (("gone", "okx"), {"action": "gone", "account": "okx", "what": ""}),
        (("gone", "okx", "Simple Earn"), {"action": "gone", "account": "okx", "what": "Simple Earn"}),
        (("leave", "okx"), {"action": "leave", "account": "okx", "what": ""}),
        (("back", "okx"), {"action": "back", "account": "okx", "what": ""}),
    ],
)
async def test_the_service_is_told_and_its_answer_printed(words: tuple[str, ...], asked: Mapping[str, str]) -> None:
    heard: list[Mapping[str, object]] = []

    async def own(body: Mapping[str, object]) -> object:
        heard.append(body)
        return {"account": "okx", "name": "OKX", "what": asked["what"], "text": "done"}

    async with serving(Stub(), owner=own):
        done = await run("accounts", *words)
    assert (done.code, done.out, done.err) == (outcome.GOOD, "done\n", "")
    assert {name: heard[0][name] for name in asked} == asked


async def test_what_cannot_be_done_ends_with_its_reason() -> None:
    async def own(_: Mapping[str, object]) -> object:
        raise UserError("okx", "waits_for_no_answer")

    async with serving(Stub(), owner=own):
        done = await run("accounts", "confirm", "okx", "--json")
    assert done.code != outcome.GOOD
    assert '"okx" waits for no answer: its key' in done.err
    assert done.out == ""
