"""Where settings come from: the environment, credentials, `.env`; what each variable says, and where it was found.

Order: environment (with `<NAME>_FILE`), single credentials of systemd, its credential `env`, the `.env` file.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from dotenv.parser import parse_stream

from portfolio_bot.settings import guard, names, values
from portfolio_bot.settings.problems import Problem

Origin: TypeAlias = Literal["env", ".env", "file", "command", "default"]
CREDENTIAL_ENV = "env"
"""The credential that is a whole file in `.env` format; every other one holds the value of one variable."""


@dataclass(frozen=True, slots=True)
class Found:
    """A variable as it was found.

    Attributes:
        name: as written, for errors.
        text: its value, without blanks around it; never empty.
        origin: what `/settings` shows.
    """

    name: str
    text: str = field(repr=False)
    origin: Origin


@dataclass(slots=True)
class Layers:
    """Everything that was found.

    Attributes:
        found: by canonical name; the highest layer won.
        strangers: names that mean nothing here → the name that was probably meant, or None.
        shown_names: what the owner calls the accounts: by label, "" for those without one.
        secret_names: names of secrets as written in the environment.
        unread: canonical names whose file gave nothing: a problem says so, so that they are not missed as well.
        where: the file that people will look into first, for the heading of the errors.
    """

    plain: Collection[str]
    found: dict[str, Found] = field(default_factory=dict)
    strangers: dict[str, str | None] = field(default_factory=dict)
    shown_names: dict[str, Found] = field(default_factory=dict)
    secret_names: list[str] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    where: str = "environment"

    def text(self, canonical: str) -> str | None:
        """What a variable says, or None."""
        found = self.found.get(canonical)
        return found.text if found else None

    def labels(self) -> set[str]:
        """Labels of accounts, upper case; `MAIN` if somebody writes it out."""
        parts = (names.account_name(canonical) for canonical in self.found)
        main = any(f"_{names.MAIN_LABEL}_" in found.name for found in self.found.values())
        return {part.label for part in parts if part and part.label} | ({names.MAIN_LABEL} if main else set())


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look.

    Attributes:
        environment: the process environment.
        env_file: named by the owner, must exist; None = `.env` in the working directory if there is one.
        credentials: `$CREDENTIALS_DIRECTORY`.
        trusted_owners: user ids that may own secret files beside the one that runs this process.
        container: whether this process lives in one; None = look.
    """

    environment: Mapping[str, str]
    env_file: Path | None = None
    credentials: Path | None = None
    trusted_owners: frozenset[int] = frozenset()
    container: bool | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """One assignment of a layer."""

    name: str
    text: str
    origin: Origin


def gather(places: Places, plain: Collection[str]) -> Layers:
    """Read all places; what is wrong is collected in the result, nothing is raised.

    Args:
        places: where to look.
        plain: names of the variables that belong to no source.
    """
    layers = Layers(plain)
    levels = [
        [_Line(name, text, "env") for name, text in places.environment.items()],
        *_credentials(places, layers),
        _env_file(places, layers),
    ]
    layers.secret_names = [line.name for line in levels[0] if _holds_secret(line, plain)]
    pending: list[_Line] = []
    for lines in levels:
        pending += _take(lines, places, layers)
    _place_the_rest(pending, layers)
    layers.secret_names += [
        name
        for name, meant in layers.strangers.items()
        if meant and names.is_secret(meant) and name in places.environment
    ]
    return layers


def _credentials(places: Places, layers: Layers) -> list[list[_Line]]:
    """Single secrets, then the credential `env`. Their owner is not checked: systemd makes them root's."""
    folder = places.credentials
    if folder is None:
        return []
    singles: list[_Line] = []
    whole: list[_Line] = []
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        layers.problems.append(Problem("CREDENTIALS_DIRECTORY", f"{folder} cannot be read: {error.strerror}."))
        return []
    for path in files:
        try:
            text = guard.read_text(path)
        except ValueError as error:
            layers.problems.append(Problem(path.name, str(error)))
            continue
        if path.name == CREDENTIAL_ENV:
            layers.where = "credential env"
            whole = _assignments(text, str(path), layers)
        else:
            singles.append(_Line(path.name, text, "file"))
    return [singles, whole]


def _env_file(places: Places, layers: Layers) -> list[_Line]:
    path = places.env_file or Path(".env")
    if places.env_file is None and not _is_there(path):
        return []
    layers.where = str(path)
    try:
        text = guard.read_text(path)
    except ValueError as error:
        layers.problems.append(Problem("--env-file" if places.env_file else ".env", str(error)))
        return []
    lines = _assignments(text, str(path), layers)
    if any(line.text and _is_secret_value(line) for line in lines):
        _judge(path, "--env-file" if places.env_file else ".env", places, layers)
    return lines


def _is_there(path: Path) -> bool:
    """False also in a working directory that may not be looked into, as for a service's user in root's home."""
    try:
        return path.exists()
    except OSError:
        return False


def _assignments(text: str, shown: str, layers: Layers) -> list[_Line]:
    """The assignments of a file in `.env` format. `$` has no meaning in it: secrets may contain one."""
    found: dict[str, tuple[str, int]] = {}
    for binding in parse_stream(io.StringIO(text)):
        number = binding.original.line + _leading_lines(binding.original.string)
        if binding.error or (binding.key is not None and binding.value is None):
            layers.problems.append(Problem(f"{shown} line {number}", "is no assignment: write NAME=value."))
        elif binding.key is not None and binding.value is not None:
            before = found.get(binding.key)
            if before and before[0] and binding.value and before[0] != binding.value:
                reason = f"stands in {shown} twice with different values (lines {before[1]} and {number}): keep one."
                layers.problems.append(Problem(binding.key, reason))
            if binding.value or not before:
                found[binding.key] = (binding.value, number)
    return [_Line(name, value, ".env") for name, (value, _) in found.items()]


def _leading_lines(text: str) -> int:
    """Blank lines that the parser counts to the statement behind them."""
    return text[: len(text) - len(text.lstrip())].count("\n")


def _take(lines: Iterable[_Line], places: Places, layers: Layers) -> list[_Line]:
    """Add one layer below those already taken; what is not known by itself comes back."""
    level: dict[str, Found] = {}
    strangers: list[_Line] = []
    for line in lines:
        try:
            known = names.known(line.name, layers.plain)
        except names.ReservedLabelError as error:
            layers.problems.append(Problem(line.name, f"{error}."))
            continue
        text = line.text.strip()
        if not text:
            continue  # NAME= means: not set
        if known is None:
            strangers.append(line)
            continue
        found = Found(line.name, text, line.origin)
        if known.in_file:
            read = _secret_file(found, places, layers)
            if read is None:
                layers.unread.add(known.canonical)
                continue
            found = read
        _enter(level, known.canonical, found, layers)
    for canonical, found in level.items():
        layers.found.setdefault(canonical, found)
    return strangers


def _enter(level: dict[str, Found], canonical: str, found: Found, layers: Layers) -> None:
    """Put a variable into its layer; two names of one thing must agree."""
    if found.name == "REPORT_INTERVAL":
        try:
            found = Found(found.name, str(_minutes(found.text)), found.origin)
        except ValueError as error:
            layers.problems.append(Problem(found.name, str(error)))
            return
    before = level.get(canonical)
    if before is not None and not _agree(canonical, before.text, found.text):
        reason = f"and {found.name} mean the same but differ: keep one of them."
        layers.problems.append(Problem(before.name, reason))
        return
    level.setdefault(canonical, found)


def _agree(canonical: str, one: str, other: str) -> bool:
    """Whether two texts say the same: `true` and `1` do."""
    if one == other or canonical != "DEMO_MODE":
        return one == other
    try:
        return values.boolean(one) is values.boolean(other)
    except ValueError:
        return False


def _minutes(text: str) -> int:
    """`REPORT_INTERVAL` has kept its unit: seconds."""
    seconds = values.whole("seconds", 60, 7 * 24 * 3600)(text)
    if seconds % 60:
        raise ValueError(f'"{text}" seconds are no whole minutes: use POLL_INTERVAL_MINUTES={round(seconds / 60)}.')
    return seconds // 60


def _secret_file(found: Found, places: Places, layers: Layers) -> Found | None:
    path = Path(found.text).expanduser()
    try:
        text = guard.read_text(path).strip()
    except ValueError as error:
        layers.problems.append(Problem(found.name, str(error)))
        return None
    if not text:
        layers.problems.append(Problem(found.name, f"{path} is empty: put the secret into it."))
        return None
    if places.credentials is None or places.credentials not in path.parents:
        _judge(path, found.name, places, layers)
    return Found(found.name, text, "file")


def _judge(path: Path, name: str, places: Places, layers: Layers) -> None:
    verdict = guard.judge(path, trusted_owners=places.trusted_owners, container=places.container)
    if verdict.fatal:
        layers.problems.append(Problem(name, verdict.reason))
    elif verdict.reason:
        layers.warnings.append(f"{name}: {verdict.reason}")


def _place_the_rest(lines: Iterable[_Line], layers: Layers) -> None:
    """Names of accounts (`ACCOUNT1_ID`), retired names, and what nobody knows."""
    labels = layers.labels()
    said: set[str] = set()
    for line in lines:
        label = names.named_by(line.name, labels)
        gone = names.retired(line.name)
        if label is not None:
            layers.shown_names.setdefault(label, Found(line.name, line.text, line.origin))
        elif gone is not None:
            if line.name not in said:
                layers.warnings.append(f"{line.name} is not used here: {gone}")
            said.add(line.name)
        elif line.origin != "env" or names.is_ours(line.name):
            layers.strangers[line.name] = names.nearest(line.name, layers.plain, labels)
        else:
            meant = names.slip(line.name, layers.plain)
            if meant is not None:
                layers.strangers[line.name] = meant


def _holds_secret(line: _Line, plain: Collection[str]) -> bool:
    """A secret of ours, mistyped ones included: no child process shall inherit it."""
    ours = line.name in plain or line.name in names.ALIASES or names.is_ours(line.name)
    return (ours or names.retired(line.name) is not None) and _is_secret_value(line)


def _is_secret_value(line: _Line) -> bool:
    """Whether an assignment of a file holds a secret; of an address only its password is one."""
    if line.name == "DATABASE_URL" or line.name.endswith("PROXY_URL"):
        return values.password_of(line.text) is not None
    return names.is_secret(line.name)
