"""What can go wrong with an account or a figure, in English: what happened, and what mends it."""

from __future__ import annotations

from typing import Final

from portfolio_bot.model.failure import FailureKind
from portfolio_bot.model.statement import WarningKind
from portfolio_bot.report.words import FailureWords, WarningWords

_NEW_KEY = "Put a new read-only key into `{key}` and restart."

FAILURES: Final = {
    FailureKind.BAD_KEY: FailureWords(
        short="key refused",
        sentence="{account}: the key is refused{detail}.",
        mend="Check the key, its address list and its rights; a new one goes into `{key}`, then restart.",
        wants_key=True,
    ),
    FailureKind.KEY_EXPIRED: FailureWords(
        short="key expired",
        sentence="{account}: the key has expired{detail}.",
        mend=_NEW_KEY,
        wants_key=True,
    ),
    FailureKind.IP_NOT_ALLOWED: FailureWords(
        short="address not on the key's list",
        sentence="{account}: the key does not list this server's address{detail}.",
        mend="Add the address to the key's list, then {pull}.",
    ),
    FailureKind.MISSING_RIGHT: FailureWords(
        short="right missing",
        sentence="{account}: the key lacks a right to read{detail}.",
        mend="Tick it on the key, then {pull}.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.CLOCK_SKEW: FailureWords(
        short="clock wrong",
        sentence="{account}: this server's clock is wrong{detail}.",
        mend="Let it set its clock: `timedatectl set-ntp true`",
    ),
    FailureKind.RATE_LIMITED: FailureWords(
        short="rate limited{until}",
        sentence="{account}: too many requests, no more{until}{detail}.",
        mend="It is asked again by itself; if this lasts, it may be refusing this server's country.",
    ),
    FailureKind.GEO_BLOCKED: FailureWords(
        short="country refused",
        sentence="{account}: this server's country or address is refused{detail}.",
        mend="Run from another country, or set `PROXY_URL` and restart.",
        mend_with={
            "REGION": "If the account lives on a regional host, set `{region}` ({regions}) and restart; "
            "else run from another country."
        },
    ),
    FailureKind.MAINTENANCE: FailureWords("maintenance", "{account}: down for maintenance{detail}."),
    FailureKind.UNAVAILABLE: FailureWords("unavailable", "{account}: it answers with an error of its own{detail}."),
    FailureKind.UNREACHABLE: FailureWords("unreachable", "{account}: no connection{detail}."),
    FailureKind.TIMEOUT: FailureWords("too slow", "{account}: no answer in time{detail}."),
    FailureKind.TLS: FailureWords(
        short="certificate not trusted",
        sentence="{account}: its certificate is not trusted, so nothing was sent{detail}.",
        mend="See whether a proxy or a virus scanner stands in between.",
        mend_with={
            "CA_FILE": "Its certificate is issued by the Russian state CA: unset `{ca_file}` for the bundled root, "
            "or let it name a file that holds it."
        },
    ),
    FailureKind.BAD_ANSWER: FailureWords(
        short="answer not understood",
        sentence="{account}: the answer was not understood{detail}.",
        mend="If this lasts, look for an update.",
    ),
    FailureKind.SUSPECT: FailureWords(
        short="unconfirmed",
        sentence="{account}: its answer is hard to believe and not counted until it is confirmed{detail}.",
    ),
    FailureKind.BUG: FailureWords(
        short="our fault",
        sentence="{account}: reading it failed by a fault of ours; the log has it.",
        mend="Look for an update, or report it with the log.",
    ),
    FailureKind.ACCOUNT_FROZEN: FailureWords(
        short="account frozen",
        sentence="{account}: the account is frozen{detail}.",
        mend="Only its support can tell why; afterwards {pull}.",
    ),
    FailureKind.WRONG_REGION: FailureWords(
        short="wrong region",
        sentence="{account}: the key is good, but lives on another host{detail}.",
        mend="Set `{region}` and restart.",
        mend_with={"REGION": "Set `{region}` ({regions}) and restart."},
    ),
    FailureKind.IN_PROGRESS: FailureWords("statement being made", "{account}: its statement is being made{detail}."),
    FailureKind.BAD_QUERY: FailureWords(
        short="query refused",
        sentence="{account}: the query is refused or incomplete{detail}.",
        mend="Correct the query, or its number in `{query}`, and restart.",
        names_detail=True,
        wants_key=True,
    ),
    FailureKind.NO_ACCOUNT: FailureWords(
        short="no account visible",
        sentence="{account}: the key sees no open account{detail}.",
        mend="Make one that may read all accounts, put it into `{key}` and restart.",
        wants_key=True,
    ),
    FailureKind.NO_RATE: FailureWords(
        short="no current exchange rate",
        sentence="{account}: no current exchange rate for its currency{detail}.",
        names_detail=True,
    ),
}

WARNINGS: Final = {
    WarningKind.KEY_MAY_TRADE: WarningWords(
        "{account}: this key may trade.", "{accounts}: these keys may trade.", "A read-only key is enough."
    ),
    WarningKind.KEY_MAY_TRANSFER: WarningWords(
        "{account}: this key may move money.", "{accounts}: these keys may move money.", "A read-only key is enough."
    ),
    WarningKind.KEY_MAY_WITHDRAW: WarningWords(
        "{account}: this key may withdraw.", "{accounts}: these keys may withdraw.", "Make a read-only one instead."
    ),
    WarningKind.KEY_EXPIRES: WarningWords("{account}: the key ends on {detail}.", mend="Make the next one in time."),
    WarningKind.CLOCK_SKEW: WarningWords(
        "{account}: this server's clock is off by {detail}.",
        mend="Let it set its clock: `timedatectl set-ntp true`",
    ),
    WarningKind.COVERAGE: WarningWords("{account}: not explained by what was read: {detail}."),
    WarningKind.UNREADABLE_WALLET: WarningWords("{account}: {detail} is not in the total."),
    WarningKind.ASSUMED_PAR: WarningWords(
        "{account}: no price for {detail} anywhere, counted at 1 USD.",
        "{accounts}: no price for a stablecoin anywhere, counted at 1 USD.",
    ),
    WarningKind.MARKED_AT_PAR: WarningWords("{account}: the platform counts {detail} at par."),
    WarningKind.DEPEG: WarningWords("{account}: {detail} is off its dollar."),
    WarningKind.RECONSTRUCTED: WarningWords("{account}: value from cash and positions, without accruals."),
    WarningKind.FX_DEVIATION: WarningWords("Rouble rate: official and T-Bank's differ ({detail})."),
    WarningKind.STALE_PRICE: WarningWords("{account}: {detail}"),
    WarningKind.COUNTED_ONCE: WarningWords("{account}: counted once, with another account: {detail}."),
}

UNKNOWNS: Final = {
    "no_rate": "unknown: no rate for {detail}",
    "incomplete": "unknown without {detail}",
    "too_few_closes": "unknown: fewer than two complete closes",
    "no_close": "unknown: no complete close",
    "not_priced": "unknown: no price at that time yet",
    "unpriced": "unknown: an event of {detail} has no price yet",
    "nothing_held": "unknown: no {detail} is held",
    "no_price": "unknown: no price of {detail}",
    "no_benchmark": "unknown: there is nothing to compare with",
    "benchmark_empty": "unknown: nothing is left in the benchmark",
    "unknown_basis": "unknown: what {detail} cost is not known",
    "no_cost": "unknown: {detail} cost nothing",
}

UNREADABLE: Final = {
    "missing_right": "{account}, not in the total: {wallets} (the key may not read it).",
    "not_built": "{account}, not in the total: {wallets} (not read yet).",
    "not_valued": "{account}, not in the total: {wallets} (the platform does not value it).",
}
