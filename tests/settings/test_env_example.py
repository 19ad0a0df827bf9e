"""`.env.example` and the settings say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.settings import load
from portfolio_bot.settings.load import defaults
from portfolio_bot.settings.names import label_parts, own_parts
from portfolio_bot.settings.variables import Variables

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINE = re.compile(r"(#?)([A-Z][A-Z0-9_]*)=(.*)")


def lines() -> list[tuple[int, str, str, bool]]:
    """Number, name, value and whether it is in force, of each assignment."""
    found = []
    for number, text in enumerate(EXAMPLE.read_text(encoding="utf-8").splitlines()):
        match = LINE.fullmatch(text)
        if match:
            found.append((number, match[2], match[3], not match[1]))
    return found


def expected() -> dict[str, str]:
    """Every variable with its default; what stands for a source with a label is explained in words."""
    result = defaults()
    for spec in SOURCES.values():
        shown = [part for part in own_parts(spec) if part not in {"NAME", "EXPIRES"}]
        result |= {f"{spec.prefix}_{part}": "" for part in shown}
    result["BINANCE_TESTNET"] = "false"
    return result


def test_every_variable_is_in_the_example_with_its_default() -> None:
    assert {name: value for _, name, value, _ in lines()} == expected()


def test_every_variable_stands_there_once() -> None:
    names = [name for _, name, _, _ in lines()]
    assert len(names) == len(set(names))


def test_every_variable_is_explained() -> None:
    texts = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for number, name, _, _ in lines():
        above = next(text for text in reversed(texts[:number]) if not LINE.fullmatch(text))
        assert re.match(r"# \S.{5,}", above), name


def test_what_is_in_force_is_empty() -> None:
    assert all(value == "" for _, _, value, in_force in lines() if in_force)


def test_every_field_has_a_description() -> None:
    for name, field in Variables.model_fields.items():
        assert len(field.description or "") > 5, name


@pytest.mark.parametrize("spec", SOURCES.values(), ids=lambda spec: spec.source)
def test_the_way_to_a_key_is_told(spec: object) -> None:
    row = next(row for row in SOURCES.values() if row is spec)
    words = " ".join(EXAMPLE.read_text(encoding="utf-8").replace("\n# ", " ").split())
    assert row.key_help.split(":")[0] in words
    assert label_parts(row)


def test_a_copy_of_the_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(EXAMPLE.read_bytes())
    settings = load({}, container=False)
    assert settings.warnings == ()
    assert settings.accounts == ()


def test_the_example_loads_with_every_default_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^#([A-Z][A-Z0-9_]*=)", r"\1", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    assert load({}, container=False).texts == defaults() | {"DATA_DIR": str(tmp_path / "data")}
