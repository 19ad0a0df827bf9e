"""One record is one line, and no secret is in it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from portfolio_bot.app import logs
from portfolio_bot.net.redact import Redactor

SECRET = "hunter2-and-more"
log = logging.getLogger("portfolio_bot.tests")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def fail_with(text: str) -> None:
    try:
        raise RuntimeError(text)
    except RuntimeError:
        log.exception("it broke")


def test_a_line_tells_when_how_bad_who_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    log.warning("kraken is down: %s", "bad_key")
    line = capsys.readouterr().err
    assert line.endswith("Z WARNING portfolio_bot.tests: kraken is down: bad_key\n")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_in_a_traceback_is_masked(form: logs.LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form=form, redactor=Redactor([SECRET]))
    fail_with(f"refused: {SECRET}")
    written = capsys.readouterr().err
    assert "RuntimeError" in written
    assert SECRET not in written


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_record_is_one_line_whatever_is_in_it(form: logs.LogFormat, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form=form)
    log.warning("first\r\nsecond \x1b[31mred \u202eright to left")
    fail_with("a\nb")
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 2
    assert "\x1b" not in written
    assert "\u202e" not in written


def test_json_stays_json_though_values_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form="json", redactor=Redactor([SECRET]))
    log.warning('token: "%s", the rest', SECRET)
    line = json.loads(capsys.readouterr().err)
    assert line["level"] == "warning"
    assert "***" in line["event"]


def test_a_field_with_a_secret_name_is_masked_though_nobody_knows_its_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(form="json")
    structlog.get_logger("portfolio_bot.tests").warning("asked", api_key="never-seen-before", account="kraken")
    line = json.loads(capsys.readouterr().err)
    assert (line["api_key"], line["account"]) == ("***", "kraken")


@pytest.mark.parametrize("name", ["ccxt.base.exchange", "aiohttp.access", "aiosqlite", "urllib3", "aiogram.event"])
def test_chatty_libraries_are_silent_below_warning_even_at_debug(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="DEBUG")
    logging.getLogger(name).info("GET /?signature=abc")
    logging.getLogger(name).warning("trouble")
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_is_no_log_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        logs.configure(file=tmp_path)


def test_a_file_that_cannot_be_written_any_more_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bot.log"
    logs.configure(file=file)
    file.unlink()
    file.mkdir()
    for word in ("one", "two"):
        logging.getLogger("test").warning(word)
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.count("cannot be written") == 1
    assert "two" in said


def test_a_log_file_is_written_for_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "logs" / "bot.log"
    logs.configure(file=file)
    log.warning("hello")
    assert "hello" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hello" in capsys.readouterr().err


def test_configuring_again_writes_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.configure()
    log.warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_the_log_does_not_load_what_it_does_not_use() -> None:
    code = (
        "import sys; from portfolio_bot.app import logs; logs.configure(); assert 'rich' not in sys.modules\n"
        "import rich.console, structlog; structlog.dev.ConsoleRenderer()(None, 'info', {'event': 'still there'})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
