"""Names of variables: what each means, which are secret, which are the same, and what a mistyped one may have meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from portfolio_bot.platforms.base import SourceSpec
from portfolio_bot.platforms.catalog import SOURCES

RESERVED_LABELS = frozenset({"API", "BASE", "CA", "EEA", "EU", "FLEX", "FUTURES", "QUERY", "REGION", "TESTNET", "US"})
MAIN_LABEL = "MAIN"
SECRET_ENDS = ("_API_KEY", "_API_SECRET", "_API_PASSPHRASE", "_TOKEN", "_WEBHOOK_URL")

ALIASES: Mapping[str, str] = {
    "MOCK_MODE": "DEMO_MODE",
    "SECRET_KEY": "WEB_TOKEN",
    "REPORT_INTERVAL": "POLL_INTERVAL_MINUTES",
}
"""Older names of a variable; `REPORT_INTERVAL` keeps its unit, seconds."""

RETIRED: Mapping[str, str] = {
    "MAX_LOG_ENTRIES": "nothing needs it any more: LOG_RETENTION_DAYS says how many days of LOG_FILE are kept.",
    "POSTGRES_DB_NAME": "use DATABASE_URL=postgresql://user:password@host/name, or leave it out: SQLite needs nothing.",
    "DB_USER": "use DATABASE_URL=postgresql://user:password@host/name, or leave it out: SQLite needs nothing.",
    "DB_PASSWORD": "use DATABASE_URL=postgresql://user:password@host/name, or leave it out: SQLite needs nothing.",
}
SUPABASE = "no outside service keeps the history any more; it lies in DATA_DIR, or where DATABASE_URL says."

_LABEL = re.compile(r"[A-Z][A-Z0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class AccountName:
    """The name of a variable of a source, taken apart.

    Attributes:
        spec: the source's row in the catalog.
        label: upper case; "" for the account without a label.
        part: what stands behind prefix and label: `API_KEY`, `REGION`, `EU_BASE_URL`, ….
    """

    spec: SourceSpec
    label: str
    part: str

    @property
    def canonical(self) -> str:
        """One spelling for all aliases."""
        return "_".join(filter(None, (self.spec.prefix, self.label, self.part)))


@dataclass(frozen=True, slots=True)
class Known:
    """A name that means something.

    Attributes:
        canonical: one spelling for all aliases, without `_FILE`.
        account: set if the variable belongs to a source.
        in_file: the value is the path of a file that holds the secret.
    """

    canonical: str
    account: AccountName | None = None
    in_file: bool = False


class ReservedLabelError(ValueError):
    """A secret under a label that cannot be one: ignoring it would make the total silently lower."""


def is_secret(name: str) -> bool:
    """Whether the value of a variable must never be shown; by its name alone, so that mistyped ones count too."""
    return name.endswith(SECRET_ENDS) or name in {"DATABASE_URL", "SECRET_KEY"} or name.startswith("SUPABASE_")


def known(name: str, plain: Collection[str]) -> Known | None:
    """What a name means; None if it means nothing here.

    Args:
        name: as written.
        plain: the variables that belong to no source.

    Raises:
        ReservedLabelError: the label cannot be one.
    """
    direct = _known(name, plain)
    if direct is not None or not name.endswith("_FILE"):
        return direct
    base = name.removesuffix("_FILE")
    found = _known(base, plain)
    return Known(found.canonical, found.account, in_file=True) if found and is_secret(base) else None


def _known(name: str, plain: Collection[str]) -> Known | None:
    if name in plain:
        return Known(name)
    if name in ALIASES:
        return Known(ALIASES[name])
    account = account_name(name)
    return Known(account.canonical, account) if account else None


def account_name(name: str) -> AccountName | None:
    """Take apart `<SOURCE>_<PART>` or `<SOURCE>_<LABEL>_<PART>`; None if it is neither.

    Raises:
        ReservedLabelError: a label that cannot be one stands before the name of a secret.
    """
    for prefix, spec in PREFIXES.items():
        if not name.startswith(f"{prefix}_"):
            continue
        rest = name.removeprefix(f"{prefix}_").removeprefix(f"{MAIN_LABEL}_")
        if rest in own_parts(spec):
            return AccountName(spec, "", _PART_ALIASES.get(rest, rest))
        return _labelled(spec, rest, name)
    return None


def is_of_a_source(name: str) -> bool:
    """Whether a variable configures a source, well or badly; with or without `_FILE`."""
    try:
        return any(account_name(form) for form in (name, name.removesuffix("_FILE")))
    except ReservedLabelError:
        return True


def _labelled(spec: SourceSpec, rest: str, name: str) -> AccountName | None:
    for part in sorted(label_parts(spec), key=len, reverse=True):
        label = rest.removesuffix(f"_{part}")
        if label == rest or not _LABEL.fullmatch(label):
            continue
        if label in RESERVED_LABELS:
            raise ReservedLabelError(
                f'"{label}" has a meaning of its own and cannot be a label: take another, like {label}1 ({name})'
            )
        return AccountName(spec, label, _PART_ALIASES.get(part, part))
    return None


_PART_ALIASES = {"EXPIRES": "FLEX_TOKEN_EXPIRES"}


def own_parts(spec: SourceSpec) -> tuple[str, ...]:
    """What may stand behind a source's prefix."""
    regions = [region.upper() for region in list(spec.regions)[1:]]
    return (
        *label_parts(spec),
        *(part for part in spec.takes if part not in label_parts(spec)),
        "BASE_URL",
        *(f"{region}_BASE_URL" for region in regions),
    )


def label_parts(spec: SourceSpec) -> tuple[str, ...]:
    """What may stand behind a source's prefix and a label."""
    return (
        *needed(spec),
        "NAME",
        *(("REGION",) if spec.regions else ()),
        *(("FLEX_TOKEN_EXPIRES", "EXPIRES") if "FLEX_TOKEN_EXPIRES" in spec.takes else ()),
    )


def needed(spec: SourceSpec) -> tuple[str, ...]:
    """What makes a source: its secrets, and IBKR's query. Any of them asks for all of them."""
    return (*spec.secrets, *(part for part in spec.takes if part == "QUERY_ID"))


def named_by(name: str, labels: Collection[str]) -> str | None:
    """Whose account `<LABEL>_ID` gives a name to show: the label, "" for those without one, None for nobody's.

    Args:
        labels: those in use; `MAIN` among them if somebody wrote it out.
    """
    label = name.removesuffix("_ID")
    if label == name:
        return None
    if label in labels:
        return "" if label == MAIN_LABEL else label
    return "" if label == "ACCOUNT" else None


def retired(name: str) -> str | None:
    """What took the place of a variable of an earlier program; None if it is none of theirs."""
    return SUPABASE if name.startswith("SUPABASE_") else RETIRED.get(name)


def is_ours(name: str) -> bool:
    """Whether a name in the environment begins like one of ours, so that a stranger there is worth a word."""
    return name.startswith(_OUR_BEGINNINGS)


def nearest(name: str, plain: Iterable[str], labels: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    wanted = name.upper()
    candidates = [*plain, *ALIASES]
    for prefix, spec in PREFIXES.items():
        candidates += [f"{prefix}_{part}" for part in own_parts(spec)]
        candidates += [f"{prefix}_{label}_{part}" for label in labels for part in label_parts(spec)]
        candidates += [
            f"{prefix}_{guess}_{part}" for guess in _guesses(wanted, prefix, spec) for part in label_parts(spec)
        ]
    candidates += [f"{candidate}_FILE" for candidate in candidates if is_secret(candidate)]
    if wanted in candidates:
        return wanted
    found = difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.8)
    return found[0] if found else _kin(wanted, plain)


def slip(name: str, plain: Iterable[str]) -> str | None:
    """The variable of ours that a foreign-looking name in the environment misspells by a letter or two.

    Strict and quick on purpose: the environment is full of other programs' variables.
    """
    near = [other for other in (*plain, *ALIASES) if other[:4] == name[:4].upper() and abs(len(other) - len(name)) <= 1]
    found = difflib.get_close_matches(name.upper(), [other for other in near if len(other) > 7], n=1, cutoff=0.9)
    if found:
        return found[0]
    return _kin(name.upper(), plain) if name.partition("_")[0] in _OUR_FIRST_WORDS else None


def _kin(name: str, plain: Iterable[str]) -> str | None:
    """The variable that goes on where it ends, or that has its first word and looks most like it."""
    word = name.partition("_")[0] + "_"
    kin = [other for other in (*plain, *ALIASES) if "_" in name and other.startswith(word)]
    longer = [other for other in kin if other.startswith(f"{name}_")]
    found = longer or difflib.get_close_matches(name, kin, n=1, cutoff=0.7)
    return found[0] if found else None


def _guesses(name: str, prefix: str, spec: SourceSpec) -> list[str]:
    """Labels that a mistyped name may hold: what stands between the prefix and the words of a part, squeezed."""
    if not name.startswith(f"{prefix}_"):
        return []
    words = name.removeprefix(f"{prefix}_").split("_")
    lengths = {part.count("_") + 1 for part in label_parts(spec)}
    found = ("".join(words[: len(words) - length]) for length in sorted(lengths))
    return [label for label in found if _LABEL.fullmatch(label) and label not in RESERVED_LABELS]


PREFIXES: Mapping[str, SourceSpec] = dict(
    sorted(
        ((prefix, spec) for spec in SOURCES.values() for prefix in (spec.prefix, *spec.aliases)),
        key=lambda pair: -len(pair[0]),
    )
)
"""Longest first: `KRAKEN_FUTURES_API_KEY` belongs to Kraken Futures, not to a label of Kraken."""

_OUR_FIRST_WORDS = frozenset(
    ("ALERT", "BALANCE", "BENCHMARK", "CACHE", "DAILY", "FX", "HISTORICAL", "POLL", "REPORT", "RETENTION", "RISK",
     "SNAPSHOT", "TRACKED", "TWR", "WINDOW")
)  # fmt: skip
"""First words of variables of ours that other programs hardly use."""

_OUR_BEGINNINGS = tuple(f"{prefix}_" for prefix in (*PREFIXES, "TELEGRAM", "ECB", "CBR", "FRANKFURTER"))
