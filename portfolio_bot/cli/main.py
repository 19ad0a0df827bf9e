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
    help=(
        "One total for money held on several exchanges and brokers.\n\n"
        "Exit codes: 0 good, 1 failed, 2 wrong usage or settings, 3 report made but not complete."
    ),
    version=portfolio_bot.__version__,
    default_parameter=Parameter(negative=()),
    help_format="plaintext",  # markdown would cost half the time of --help
)
app["--help"].group = "Options"
app["--version"].group = "Options"
imports = App(name="import", help="Take in what was kept elsewhere.", help_format="plaintext")
app.command(imports)
exports = App(name="export", help="Take out what is stored, as import takes it.", help_format="plaintext")
app.command(exports)

_COMMANDS: Sequence[tuple[App, str, str | None, str]] = (
    (app, "serve:run", None, "The service: reports, snapshots and the bot, until it is stopped (Ctrl-C, SIGTERM)."),
    (
        app, "serve:demo", None,
        "The whole service on simulated accounts, with a chat here: no key is needed.\n\n"
        "Type a command (/help) or the number of a button; Ctrl-D ends it. Without a terminal it prints the report "
        "and each push until it is stopped.",
    ),
    (app, "fetch:report", None, "Fetch, store and print one report, then exit: for cron and for the curious."),
    (app, "fetch:pull", "pull_balance", "Fetch everything anew, whatever is remembered, and store a snapshot."),
    (
        app, "fetch:check", "test_connection",
        "Try each key: does it work, what may it do?\n\nExit code 1 means that at least one does not work.",
    ),
    (app, "stored:balance", "show_balance", "Assets of the newest snapshot."),
    (app, "stored:history", None, "Day closes, newest first; today is open."),
    (app, "figures:returns", "show_returns", "Gain of each day that is over, newest first."),
    (app, "figures:latest_return", None, "Gain of the newest day that is over."),
    (
        app, "figures:performance", None,
        "How well it went in a period: return, drawdown, volatility, and the benchmark beside it.",
    ),
    (
        app, "figures:pnl", None,
        "Why it changed, and the profit of each asset, first in first out.\n\n"
        "pnl 30d; pnl --asset BTC; pnl --year 2025 --csv for the year's disposals, lot by lot.",
    ),
    (
        app, "explaining:explain", None,
        "Where a figure comes from, step by step: total, twr, xirr or pnl, of pnl also a single asset.\n\n"
        "The snapshots, prices, rates, flows and lots behind it, and the formula: with --json every digit.",
    ),
    (app, "figures:benchmark", None, "The portfolio beside the same money in a basket of coins."),
    (app, "accounts:accounts", "list_accounts", "Accounts and how they are: state, age, coverage, warnings."),
    (app, "ledger:flows", None, "Deposits, withdrawals, own transfers; newest first, and your word about a match."),
    (app, "ledger:trades", None, "What was bought and sold, newest first."),
    (
        app, "sync:sync", None,
        "Read deposits, withdrawals and trades of the past, as far back as each source goes.\n\n"
        "What was read stays; it may be stopped at any moment and goes on where it was.",
    ),
    (
        imports, "imports:history", None,
        "Day closes of earlier years, from JSON or CSV; all or nothing, and the same file twice changes nothing.\n\n"
        'JSON: {"23-02-2026": {"USD": 42500.00, "RUB": 3932500.00}}\nCSV: time,total_usd,total_rub\n\n'
        "One of the two figures may be missing; what is stored of it then stays. A date alone is that day's close; "
        "of several instants (2026-02-23T08:00Z) the last of a day is.",
    ),
    (
        imports, "imports:flows", None,
        "Deposits, withdrawals and whatever else moved, from CSV; all or nothing, and the same file twice changes "
        "nothing.\n\n"
        "Columns: time,account,kind,asset,amount,usd_value,fee_asset,fee_amount,txid,id,note; needed are time, kind, "
        "asset and amount.\n\n"
        "Kinds: deposit, withdrawal, transfer, income, fee, funding, futures_pnl, opening, conversion. What came in is "
        "above 0, what went out below. Without usd_value the price of that time counts. A row is known by its id.",
    ),
    (
        imports, "imports:trades", None,
        "What was bought and sold, from CSV; all or nothing, and the same file twice changes nothing.\n\n"
        "Columns: time,account,id,side,base,quote,amount,price,cost,fee_asset,fee_amount,market; one of price and cost "
        "may be empty, market is spot or margin.",
    ),
    (
        imports, "imports:prices", None,
        "What coins and securities were worth, from CSV; all or nothing.\n\n"
        "Columns: time,asset,usd. They value records without a price, and what is held where there is no snapshot.",
    ),
    (
        exports, "exports:history", None,
        "Day closes: time,total_usd,total_rub, newest first; --json gives the JSON that import history reads.\n\n"
        "A closed day is a date, today's newest close an instant; what was imported comes out as it went in.",
    ),
    (
        exports, "exports:returns", None,
        "Returns from close to close, newest first: date,from,span_days,usd,percent,flows_usd.",
    ),
    (
        exports, "exports:trades", None,
        "What was bought and sold, newest first, as import trades reads it; --json as trades --json.",
    ),
    (
        exports, "exports:flows", None,
        "Whatever else moved, newest first, as import flows reads it; --json as flows --json.",
    ),
    (
        app, "backups:backup", None,
        "Copy the database beside its work, and check the copy.\n\n"
        "The running service makes one each night, and keeps the newest of 7 days and 4 weeks: DATA_DIR/backups.",
    ),
    (
        app, "backups:restore", None,
        "Put a backup in the place of the database; what it replaces is kept.\n\n"
        "The service must be stopped. A backup of an older version is brought up to date.",
    ),
    (
        app, "health:healthcheck", None,
        "Whether the service is well, by what it did lately.\n\nExit code 1 means that it is not, or does not run.",
    ),
)  # fmt: skip
for _to, _what, _alias, _help in _COMMANDS:
    _to.command(f"portfolio_bot.cli.{_what}", alias=_alias, help=_help)


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
        return outcome.of_error(error, here.redactor, language=here.language, warned=here.warned)


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
