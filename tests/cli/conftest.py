"""Commands are run in this process, in an empty folder, with an empty environment of our names."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portfolio_bot.cli.main import main
from portfolio_bot.settings.names import is_ours
from portfolio_bot.settings.variables import PLAIN


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """Standard output, which must be JSON and nothing else."""
        answer: object = json.loads(self.out)
        return answer


Command = Callable[..., Done]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in list(os.environ):
        if name in PLAIN or is_ours(name):
            monkeypatch.delenv(name)
    umask = os.umask(0o077)
    yield
    os.umask(umask)
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str]) -> Command:
    """`command("report", "--demo")`."""

    def running(*words: str) -> Done:
        code = main(words)
        said = capfd.readouterr()
        return Done(code, said.out, said.err)

    return running
