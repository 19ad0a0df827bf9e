"""`portfolio-bot`: what is asked for is found here, and imported only then. `--help` costs one library."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter

import portfolio_bot
from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Here

app = App(
    name="portfolio-bot",
    help="One total for money held on several exchanges and brokers.",
    version=portfolio_bot.__version__,
    default_parameter=Parameter(negative=()),
    help_format="plaintext",  # markdown would cost half the time of --help
)
app["--help"].group = "Options"
app["--version"].group = "Options"
imports = App(name="import", help="Take in what was kept elsewhere.", help_format="plaintext")

_HERE = "portfolio_bot.cli"
app.command(f"{_HERE}.serve:run", help="The service: reports, snapshots and the bot, until it is stopped.")
app.command(f"{_HERE}.serve:demo", help="The whole service on simulated accounts, with a chat here: no key is needed.")
app.command(f"{_HERE}.fetch:report", help="Fetch and print one report, then exit.")
app.command(f"{_HERE}.fetch:pull", alias="pull_balance", help="Fetch everything anew and store a snapshot.")
app.command(f"{_HERE}.fetch:check", alias="test_connection", help="Try each key: does it work, what may it do?")
app.command(f"{_HERE}.stored:balance", alias="show_balance", help="Assets of the newest snapshot.")
app.command(f"{_HERE}.stored:history", help="Day closes, newest first.")
app.command(f"{_HERE}.stored:accounts", alias="list_accounts", help="Accounts and how they are.")
app.command(imports)
imports.command(f"{_HERE}.imports:history", help="Day closes of earlier years, from JSON or CSV.")
app.command(f"{_HERE}.health:healthcheck", help="Whether the service is well: for systemd and containers.")


@app.meta.default
def _with_options(
    *words: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    data_dir: Annotated[Path | None, Parameter(group="Options")] = None,
    env_file: Annotated[Path | None, Parameter(group="Options")] = None,
) -> int:
    """Options that every command knows, before or behind it.

    Parameters
    ----------
    data_dir
        The folder with the history (DATA_DIR; "data" in the working directory).
    env_file
        The file with the settings (".env" in the working directory).
    """
    command, bound, ignored = app.parse_args(words, exit_on_error=False, print_error=False)
    here = Here(data_dir, env_file)
    extra = {"here": here} if "here" in ignored else {}
    try:
        return int(command(*bound.args, **bound.kwargs, **extra) or outcome.GOOD)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the border to the shell: it gets a sentence and an exit code
        return outcome.of_error(error, here.redactor)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; the process' exit code.

    Nothing of the collector's work is worth doing while modules are imported: it is switched on before the work
    begins, with everything imported so far put aside for good.
    """
    gc.disable()
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no rouble sign is no reason to fail
    try:
        code = app.meta(
            list(sys.argv[1:] if words is None else words),
            exit_on_error=False,
            print_error=False,
            result_action="return_value",
        )
    except CycloptsError as error:
        return outcome.of_usage(error)
    except KeyboardInterrupt:
        return outcome.INTERRUPTED
    except BrokenPipeError:
        # whoever read us (head, less) has gone; Python would complain once more when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return outcome.PIPE_CLOSED
    return int(code or outcome.GOOD)
