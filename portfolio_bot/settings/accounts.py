"""Accounts: from `<SOURCE>_<LABEL>_API_KEY`-style names to one `AccountConfig` each."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from portfolio_bot.platforms.base import AccountConfig, Secret, SourceSpec
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.settings import names, values
from portfolio_bot.settings.layers import Found, Layers
from portfolio_bot.settings.problems import Problem

T = TypeVar("T")

LONGEST_NAME = 40
LONGEST_QUERY_ID = 20
WORDS: Mapping[str, str] = {
    "API_KEY": "key",
    "API_SECRET": "secret",
    "API_PASSPHRASE": "passphrase",
    "API_TOKEN": "token",
    "FLEX_TOKEN": "Flex token",
    "QUERY_ID": "query id",
}


@dataclass(slots=True)
class Accounts:
    """The accounts and what is wrong with them.

    Attributes:
        configs: in the order of the catalog, without a label first.
        base_urls: by the prefix of the source's variables, for what is asked there without a key.
        explained: strangers that a problem already names; they need no warning of their own.
    """

    configs: list[AccountConfig] = field(default_factory=list)
    base_urls: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)


def read(layers: Layers) -> Accounts:
    """Build every account; nothing is raised, problems are collected."""
    result = Accounts()
    for spec in SOURCES.values():
        reader = _Reader(spec, layers, result)
        reader.read()
    _name_them(layers, result)
    _refuse_twins(layers, result)
    return result


class _Reader:
    """Reads the variables of one source."""

    def __init__(self, spec: SourceSpec, layers: Layers, result: Accounts) -> None:
        self.spec = spec
        self.layers = layers
        self.result = result

    def read(self) -> None:
        """Add the accounts of this source to the result."""
        # what belongs to the source is checked even without an account: a wrong address is wrong today
        base_url = self.value("", "BASE_URL", values.base_url)
        regions = {
            region: url
            for region in list(self.spec.regions)[1:]
            if (url := self.value("", f"{region.upper()}_BASE_URL", values.base_url))
        }
        own_region = self.region("")
        ca_file = self.value("", "CA_FILE", _file)
        testnet = self.value("", "TESTNET", values.boolean) or False
        if base_url:
            self.result.base_urls[self.spec.prefix] = base_url
        for label in self.labels():
            secrets = self.secrets(label)
            config = AccountConfig(
                account=f"{self.spec.source}-{label.lower()}" if label else self.spec.source,
                source=self.spec.source,
                name=self.spec.title,
                secrets=secrets,
                base_url=base_url,
                region=(self.region(label) if label else None) or own_region,
                region_urls=regions,
                query_id=self.value(label, "QUERY_ID", _query_id),
                expires=self.value(label, "FLEX_TOKEN_EXPIRES", values.day),
                ca_file=ca_file,
                testnet=testnet,
            )
            if self.whole(label):
                self.result.configs.append(config)

    def labels(self) -> list[str]:
        """Labels under which something stands that makes a source; "" first."""
        parts = (names.account_name(canonical) for canonical in self.layers.found)
        wanted = names.needed(self.spec)
        return sorted({part.label for part in parts if part and part.spec is self.spec and part.part in wanted})

    def found(self, label: str, part: str) -> Found | None:
        """The variable of a part, if it is set."""
        return self.layers.found.get(names.AccountName(self.spec, label, part).canonical)

    def value(self, label: str, part: str, read: Callable[[str], T]) -> T | None:
        """The value of a part; None if it is not set or wrong (then the problem is noted)."""
        found = self.found(label, part)
        if found is None:
            return None
        try:
            return read(found.text)
        except ValueError as error:
            self.result.problems.append(Problem(found.name, str(error)))
            return None

    def region(self, label: str) -> str | None:
        """The fixed region, if any."""
        return self.value(label, "REGION", values.choice(*self.spec.regions)) if self.spec.regions else None

    def secrets(self, label: str) -> dict[str, Secret]:
        """The secrets that are there and well formed."""
        found = {part: self.value(label, part, _reader_of(part)) for part in self.spec.secrets}
        return {part: secret for part, secret in found.items() if secret is not None}

    def whole(self, label: str) -> bool:
        """Whether nothing is missing; a missing part is a problem that says what the source needs."""
        wanted = names.needed(self.spec)
        missing = [part for part in wanted if self.found(label, part) is None]
        for part in missing:
            if names.AccountName(self.spec, label, part).canonical not in self.layers.unread:
                self.result.problems.append(self.missing(label, part, wanted))
        return not missing

    def missing(self, label: str, part: str, wanted: tuple[str, ...]) -> Problem:
        """The problem of a half-configured source: a mistyped name where there is one, else what is missing."""
        absent = names.AccountName(self.spec, label, part).canonical
        for stranger, meant in self.layers.strangers.items():
            known = names.known(meant, self.layers.plain) if meant else None
            if known and known.canonical == absent:
                self.result.explained.add(stranger)
                return Problem(stranger, f"unknown: did you mean {meant}?")
        needs = _listed([WORDS[word] for word in wanted])
        return Problem(
            self.as_written(label, part), f"missing: {self.spec.title} needs {needs}. {self.spec.key_help}".strip()
        )

    def as_written(self, label: str, part: str) -> str:
        """A name in the spelling that the owner uses for the parts that are there (`GATE_…`, `KRAKEN_MAIN_…`)."""
        for other in names.needed(self.spec):
            found = self.found(label, other)
            base = found.name.removesuffix("_FILE") if found else ""
            if base.endswith(f"_{other}"):
                return base.removesuffix(other) + part
        return names.AccountName(self.spec, label, part).canonical


def _reader_of(part: str) -> Callable[[str], Secret]:
    return values.passphrase if part == "API_PASSPHRASE" else values.secret


def _query_id(text: str) -> str:
    if len(text) > LONGEST_QUERY_ID:
        # not repeated: it may well be the token, pasted into the wrong line
        raise ValueError(
            f"has {len(text)} characters, which is more like the Flex token: were the two swapped? "
            "IBKR shows a short number beside the Flex query."
        )
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise ValueError(f'"{text}" is no query id: IBKR shows a number beside the Flex query.')
    return text


def _file(text: str) -> str:
    path = values.folder(text)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file. Leave it out to use the certificate that comes along.")
    return str(path)


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else f"a {last}"


def _name_them(layers: Layers, result: Accounts) -> None:
    """Give each account the name that people see; a name that several share gets the source's title in front."""
    wanted = [_wanted_name(config, layers, result) for config in result.configs]
    for index, (config, name) in enumerate(zip(result.configs, wanted, strict=True)):
        label = config.account.partition("-")[2]
        shown = name or " ".join(filter(None, (SOURCES[config.source].title, label.capitalize())))
        if name and wanted.count(name) > 1:
            shown = f"{SOURCES[config.source].title} {name}"
        result.configs[index] = dataclasses.replace(config, name=shown)


def _wanted_name(config: AccountConfig, layers: Layers, result: Accounts) -> str | None:
    label = config.account.partition("-")[2].upper()
    own = layers.found.get(names.AccountName(SOURCES[config.source], label, "NAME").canonical)
    found = own or layers.shown_names.get(label)
    if found is None:
        return None
    name = " ".join(found.text.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        problem = Problem(found.name, f"is no name to show: {LONGEST_NAME} printable characters at most.")
        if problem not in result.problems:
            result.problems.append(problem)
        return None
    return name


def _refuse_twins(layers: Layers, result: Accounts) -> None:
    """One key under two labels: its money would count twice. IBKR's token may serve several queries."""
    seen: dict[tuple[object, ...], AccountConfig] = {}
    for config in result.configs:
        part = SOURCES[config.source].secrets[0]
        other = seen.setdefault((config.source, config.secrets.get(part), config.query_id), config)
        if other is not config:
            first, second = (_as_written(layers, one, part) for one in (other, config))
            reason = f"the same as {first}: {other.account} and {config.account} would be one account. Take one away."
            result.problems.append(Problem(second, reason))


def _as_written(layers: Layers, config: AccountConfig, part: str) -> str:
    """The variable of an account's part, as the owner wrote it."""
    label = config.account.partition("-")[2].upper()
    canonical = names.AccountName(SOURCES[config.source], label, part).canonical
    found = layers.found.get(canonical)
    return found.name if found else canonical


def secrets_of(configs: Iterable[AccountConfig]) -> Iterator[str]:
    """Every secret of the accounts, for the redactor."""
    for config in configs:
        for secret in config.secrets.values():
            yield secret.reveal()
