"""Exit codes, and what is said when a command cannot do its work: one sentence, on standard error."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cyclopts import CycloptsError

    from portfolio_bot.net.redact import Redactor
    from portfolio_bot.report.views import Refusal
    from portfolio_bot.service.errors import UserError

GOOD: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_COMPLETE: Final = 3
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

_SPEAKING = frozenset(
    {
        "portfolio_bot.app.lock.LockHeldError",
        "portfolio_bot.cli.outcome.Refused",
        "portfolio_bot.control.client.ServiceFailed",
        "portfolio_bot.service.errors.UserError",
        "portfolio_bot.storage.errors.StorageError",
    }
)
"""Errors whose text is meant for people. By name: importing all of them would cost each command a database library."""

_SETTINGS = "portfolio_bot.settings.problems.SettingsError"


class Refused(Exception):
    """The command cannot be carried out as it was typed; the text is for people."""


class Mistyped(Refused):
    """The same, and the mistake is in the command line.

    Attributes:
        refusal: what is wrong, as data; None where the text says it.
    """

    def __init__(self, text: str, refusal: Refusal | None = None) -> None:
        super().__init__(text)
        self.refusal = refusal

    @classmethod
    def of(cls, error: UserError) -> Mistyped:
        """The same mistake, made in the command line."""
        return cls(str(error), error.refusal)


def say(text: str, *, fit: bool = True) -> None:
    """Lines on standard error, where they never mix with what a script reads.

    Args:
        fit: break them at the width of the terminal, if it is one.
    """
    if fit and sys.stderr.isatty():
        from portfolio_bot.cli.wrapping import wrapped

        text = wrapped(text, os.get_terminal_size(sys.stderr.fileno()).columns)
    print(text, file=sys.stderr, flush=True)


def of_usage(error: CycloptsError) -> int:
    """The command line was wrong."""
    from portfolio_bot.cli.usage import told

    say(told(error))
    return USAGE


def of_error(error: Exception, redactor: Redactor | None, *, language: str = "en", warned: bool = False) -> int:
    """A command ended by an error; the exit code for it.

    Args:
        redactor: knows the secrets of this run, once the settings are read.
        language: of who typed the command.
        warned: what else the settings make us wonder about was said already.
    """
    kinds = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    if _SETTINGS in kinds:
        warnings = () if warned else [f"⚠ {warning}" for warning in getattr(error, "warnings", ())]
        say("\n".join([str(error), *warnings, "Nothing was started."]))
        return USAGE
    spoken, code = True, FAILED
    if kinds & _SPEAKING:
        text, code = _told(error, language), USAGE if isinstance(error, Mistyped) else FAILED
    elif isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{error.filename}: {error.strerror}. Check that it exists and may be read and written."
    else:
        text, spoken = _bug(error), False
    say(redactor.log(text) if redactor else text, fit=spoken)
    return code


def _told(error: Exception, language: str) -> str:
    refusal: Refusal | None = getattr(error, "refusal", None)
    if refusal is None:
        return str(error)
    from portfolio_bot.report.refusals import sentence
    from portfolio_bot.report.voice import catalogue

    return sentence(refusal, catalogue(language))


def _bug(error: Exception) -> str:
    trace = "".join(traceback.format_exception(error))
    return f"{trace}\nThat is a bug of portfolio-bot: please report it with the lines above."
