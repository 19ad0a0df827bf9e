"""No prose stands in the code: whatever somebody reads in a chat or on a screen comes from the catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.report.spoken import trees

ROOMS = ("report/compose/", "report/voice.py", "bot/", "service/")
SHOWN = frozenset({"Line", "Headline", "Heading", "Foot", "Folded", "Cell", "Column"})
"""What makes a part of a screen: not even one word is given to it literally."""

WORD = re.compile(r"[A-Za-z]{2,}")
PROSE = re.compile(r"(?:^|\s)[A-Za-z]{2,}\s|\s[A-Za-z]{2,}[.,:;]?(?=\s|$)")
TYPED = re.compile(r"^(?:\[|/|portfolio-bot |(?:explain|pnl|twr|drawdown|asset|share|depeg|weekly) |status$)")
"""What people type, or a button says for them."""

FOR_MACHINES = {
    "bot/lean_aiogram.py": "help of a library, never shown",
    "bot/session.py": "for the log",
    "service/draw_png.py": "for the log",
    "service/pictures.py": "for the log",
    "service/csv_table.py": "what is wrong with a line of a file, for the command line",
    "service/file_lines.py": "what is wrong with a line of a file, for the command line",
    "service/history_import.py": "what is wrong with a line of a file, for the command line",
    "service/ledger_csv.py": "what is wrong with a line of a file, for the command line",
    "service/ledger_import.py": "what is wrong with a line of a file, for the command line",
    "service/health.py": "for whatever watches the service",
    "service/housekeeping.py": "for the log",
}
"""Where English stays, and why."""

KNOWN = frozenset({
    "query is too old", "query id is invalid", "what there is to read", "more in one millisecond than can be told",
    "the place to go on came twice", "fate of a try unknown", "command line",
    "T | None", "f'past of {first}'", "f'{stream.title} of {part.span.start:%Y-%m-%d}'",
    "f'alert {subject.rule} {subject.name}'",
})  # fmt: skip
"""What is compared with, stored or logged, and never shown."""


def prose(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts with words in them that are neither logged, raised as a bug, the name of a task, nor documentation."""
    silent = {id(inner) for node in ast.walk(tree) if _is_silent(node) for inner in ast.walk(node)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        match node:
            case ast.JoinedStr(values):
                fixed = "\0".join(str(part.value) if isinstance(part, ast.Constant) else "" for part in values)
                if PROSE.search(fixed.replace("\0", " ")) and not TYPED.match(fixed) and ast.unparse(node) not in KNOWN:
                    yield node.lineno, ast.unparse(node)
            case ast.Constant(str(text)) if PROSE.search(text.strip()) and not TYPED.match(text) and text not in KNOWN:
                yield node.lineno, text
            case ast.Call(func=ast.Name(name)) if name in SHOWN:
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                for word in (one.value for one in given if isinstance(one, ast.Constant)):
                    if isinstance(word, str) and WORD.search(word) and not TYPED.match(word):
                        yield node.lineno, word


def _is_silent(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()):
            return True  # documentation
        case ast.Raise(exc=ast.Call(func=ast.Name(name))):
            return name not in {"UserError", "MomentError"}
        case ast.Call(func=ast.Attribute(value=ast.Name("log" | "_log"))):
            return True
        case ast.Call(func=ast.Name(name) | ast.Attribute(attr=name)):
            return name in {"spawn", "create_task", "Task", "compile", "assert_never", "TypeVar"}
        case ast.keyword(arg="name" | "task"):
            return True
        case ast.Assert():
            return True
    return False


@pytest.mark.parametrize("room", ROOMS)
def test_no_prose_stands_in_the_code(room: str) -> None:
    found = [
        f"{where}:{line}: {text}"
        for where, tree in trees()
        if where.startswith(room) and not where.startswith(tuple(FOR_MACHINES))
        for line, text in prose(tree)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "code",
    ['Line("no answer yet")', 'Column(title="flows")', 'Headline(f"{n} of {m} accounts")', 'x = f"{size} MB"',
     'raise UserError("x", "is no such thing")', 'x = "deposits and withdrawals"'],
)  # fmt: skip
def test_prose_is_found(code: str) -> None:
    assert list(prose(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ['Line(voice.say("no_answer"))', 'log.info("no answer yet")', 'f"{a} · {b}"', 'Column(title="%")',
     'raise ValueError("a button of 3 bytes")', 'Line("/flows read")', '"""What it is for."""'],
)  # fmt: skip
def test_what_nobody_reads_is_left_alone(code: str) -> None:
    assert not list(prose(ast.parse(code)))
