"""What every command is given: where the settings and the data are, and how to print."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.owner import become_owner

if TYPE_CHECKING:
    from portfolio_bot.net.redact import Redactor
    from portfolio_bot.report.document import Document
    from portfolio_bot.report.reader import Reader
    from portfolio_bot.settings import Settings

T = TypeVar("T")

Flag: TypeAlias = Annotated[bool, Parameter(show_default=False)]
Json: TypeAlias = Annotated[Flag, Parameter(name="--json", help="Print JSON, and nothing else, on standard output.")]
Csv: TypeAlias = Annotated[Flag, Parameter(name="--csv", help="Print CSV, and nothing else, on standard output.")]
Demo: TypeAlias = Annotated[Flag, Parameter(name=["--demo", "--mock"], help="On simulated accounts: no key is needed.")]

NARROWEST, WIDEST = 40, 100
SIGN_AFTER = 1.0
"""Seconds without an answer until a sign of life is given."""


@dataclass(slots=True)
class Here:
    """Where this command works.

    Attributes:
        data_dir, env_file: as given on the command line.
        redactor: of the settings, once they are read.
        language: of the settings, once they are read.
        warned: what they make us wonder about was said.
    """

    data_dir: Path | None = None
    env_file: Path | None = None
    redactor: Redactor | None = field(default=None, repr=False)
    language: str = "en"
    warned: bool = False

    def settings(self, *, demo: bool = False, quiet: bool = False) -> Settings:
        """The settings in force. Run as root, this process then takes the place of the data folder's owner.

        What they make us wonder about is said on standard error, cron or not: a mistyped name is an account that is
        missing from every report.

        Args:
            quiet: it is said elsewhere, or too often.

        Raises:
            SettingsError: every problem, with what to do.
        """
        from portfolio_bot.settings import load

        settings = load(env_file=self.env_file, data_dir=self.data_dir, demo=demo)
        self.redactor, self.language = settings.redactor, settings.language
        if not quiet:
            self.warned = True
            for warning in settings.warnings:
                outcome.say(f"⚠ {warning}")
        become_owner(settings.data_dir.parent if settings.demo else settings.data_dir)
        return settings

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Carry out what was asked; the process ends soon after, so nothing needs collecting."""
        import asyncio

        return asyncio.run(work)

    def carry_out(self, settings: Settings, what: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Have the running service do something, or do it in this process; both answer alike."""
        from portfolio_bot.app.carry_out import carry_out

        self.quiet_log(settings)
        how = {"width": self.width, "colour": self.colour, **body}
        answer = self.run(_with_a_sign(carry_out(settings, what, how)))
        return answer if isinstance(answer, dict) else {}

    def quiet_log(self, settings: Settings) -> None:
        """A command speaks by its answer: of the log only what is wrong, and for eyes only what no answer can say."""
        from portfolio_bot.app import logs

        quiet = "ERROR" if sys.stderr.isatty() else "WARNING"
        level = settings.logs.level if settings.origins["LOG_LEVEL"] != "default" else quiet
        logs.configure(level=level, form=settings.logs.format, redactor=settings.redactor)

    def reader(self, settings: Settings) -> Reader:
        """Who reads what is printed here."""
        from portfolio_bot.model.days import Calendar
        from portfolio_bot.report.reader import Reader
        from portfolio_bot.settings.guides import guides

        return Reader(
            calendar=Calendar.of(settings.timezone),
            zone_name=settings.timezone,
            now=now(),
            language=settings.language,
            currency=settings.base_currency,
            demo=settings.demo,
            guides=guides(settings.accounts),
            pull="portfolio-bot pull",
            percent_only=settings.look.percent_only,
            light=settings.look.light,
        )

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        return min(max(shutil.get_terminal_size().columns, NARROWEST), WIDEST)

    @property
    def colour(self) -> bool:
        """Whether standard output is a terminal whose owner likes colour."""
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def show(self, document: Document, *, error: bool = False) -> None:
        """Print a document for people, as wide as the terminal."""
        from portfolio_bot.report import terminal

        if error:
            outcome.say(self.clean(terminal.text(document, self.width)))
        else:
            self.show_text(terminal.text(document, self.width, colour=self.colour))

    def show_text(self, text: object) -> None:
        """Print what a person reads."""
        print(self.clean(str(text)), flush=True)

    def show_json(self, answer: object) -> None:
        """Print JSON for machines."""
        print(self.clean(self.json_text(answer)), end="", flush=True)

    @staticmethod
    def json_text(answer: object) -> str:
        """JSON as files and standard output have it."""
        return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"

    def show_csv(self, text: str) -> None:
        """Print CSV for spreadsheets and other programs."""
        print(self.clean(text), end="", flush=True)

    def clean(self, text: str) -> str:
        """The text without any secret."""
        return self.redactor.message(text) if self.redactor else text


HereParameter: TypeAlias = Annotated[Here, Parameter(parse=False)]


def now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)


async def _with_a_sign(work: Coroutine[object, object, T]) -> T:
    """Say that something is going on, if it takes longer than a moment and somebody is looking."""
    import asyncio

    if not sys.stderr.isatty():
        return await work
    shown = asyncio.get_running_loop().call_later(
        SIGN_AFTER, lambda: print("↻ asking …", end="\r", file=sys.stderr, flush=True)
    )
    try:
        return await work
    finally:
        shown.cancel()
        print("\x1b[K", end="", file=sys.stderr, flush=True)
