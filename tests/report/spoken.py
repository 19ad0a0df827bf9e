"""What the program says: which names of the catalogue its source asks for, and which texts it says in English."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import portfolio_bot

HOUSE = Path(portfolio_bot.__file__).parent
KEY = re.compile(r"[a-z][a-z0-9_]+")
METHODS = frozenset({"say", "word", "chat", "count"})
NAMES = frozenset({
    "USD", "Nov", "rub", "detail", "ytd", "all", "total", "twr", "xirr", "pnl", "percent", "on", "owner",
    "list", "chart", "add", "ru", "accounts",
    "h", "d", "m",
})  # fmt: skip
"""Words in the arguments of commands that people type as they stand."""


@cache
def trees() -> tuple[tuple[str, ast.Module], ...]:
    """Every module but the catalogue's own.

    They are a million objects that stay: while they are made, and ever after, the collector has no need to look at
    them; that makes it five times as fast.
    """
    paths = [path for path in sorted(HOUSE.rglob("*.py")) if "languages" not in path.parts]
    gc.disable()
    try:
        return tuple((str(path.relative_to(HOUSE)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
    finally:
        gc.freeze()
        gc.enable()


def literals(node: ast.AST) -> Iterator[str]:
    """What an argument says literally: one text, or one of two."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.IfExp(_, one, other):
            yield from literals(one)
            yield from literals(other)


def said_by_name() -> dict[str, dict[str, str]]:
    """By method of a voice, the names that are asked for literally, each with a place where that is done."""
    found: dict[str, dict[str, str]] = {method: {} for method in METHODS}
    for where, tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(attr=method), args=[first, *_]) if method in METHODS:
                    for name in literals(first):
                        if KEY.fullmatch(name):
                            found[method].setdefault(name, f"{where}:{node.lineno}")
                case ast.Call(func=ast.Attribute(attr="_word" | "_remark"), args=[first, *_]):
                    for name in literals(first):
                        found["chat"].setdefault(name, f"{where}:{node.lineno}")
                case ast.Call(func=ast.Attribute(ast.Name("buttons"), "named"), args=[_, first, *_]):
                    for name in literals(first):
                        found["chat"].setdefault(name, f"{where}:{node.lineno}")
    return found


@cache
def _names() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every literal that may be a name, and the forms of those that are put together (`f"border_{cause}"`)."""
    plain: set[str] = set()
    composed: list[re.Pattern[str]] = []
    for _, tree in trees():
        for node in ast.walk(tree):
            match node:
                case ast.Constant(str(text)) if KEY.fullmatch(text):
                    plain.add(text)
                case ast.JoinedStr(values):
                    fixed = "".join(str(part.value) for part in values if isinstance(part, ast.Constant))
                    if re.fullmatch(r"[a-z_]{4,}", fixed) and "_" in fixed:
                        forms = (
                            re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z0-9_]+" for p in values
                        )
                        composed.append(re.compile("".join(forms)))
    return frozenset(plain), tuple(composed)


def spoken(name: str) -> bool:
    """Whether something in the source can ask for this name."""
    plain, composed = _names()
    return name in plain or any(form.fullmatch(name) for form in composed)


def of_a_stream() -> Iterator[str]:
    """How the parts of a platform's past are called, where that stands literally."""
    for where, tree in trees():
        if not where.startswith("platforms"):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name("Stream" | "_weekly" | "_monthly"), args=[_, ast.Constant(str(title)), *_]):
                    yield title
