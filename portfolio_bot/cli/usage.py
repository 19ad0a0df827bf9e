"""A command line that was typed wrong, in a sentence: what, why, and what would be right."""

from __future__ import annotations

import re
from typing import Final

from cyclopts.exceptions import (
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnusedCliTokensError,
)

IN_THE_CHAT: Final = {"status": "report", "help": "--help", "start": "run"}
"""What the bot calls by another name than the command line."""


def told(error: CycloptsError) -> str:
    """The sentence, and where to read more."""
    chain = " ".join(error.command_chain or ())
    return f"{_sentence(error, chain)}\nportfolio-bot {f'{chain} ' if chain else ''}--help shows what there is."


def _sentence(error: CycloptsError, chain: str) -> str:
    plain = " ".join(str(error).split())
    match error:
        case UnknownCommandError():
            return _no_command(plain)
        case UnusedCliTokensError(unused_tokens=[*tokens]):
            return f'{chain or "portfolio-bot"} does not know what to do with "{" ".join(map(str, tokens))}".'
        case CoercionError(token=token) if token is not None and error.target_type is int:
            return f'"{token.value}" is no whole number for {token.keyword}.'
        case CoercionError(token=token) if token is not None and error.target_type is bool:
            return f'{token.keyword} stands alone, without "{token.value}".'
        case MissingArgumentError(argument=argument) if argument is not None:
            name = argument.name
            if name.startswith("-"):
                return f"{name} needs a value behind it."
            return f"{chain} needs {'an' if name[0] in 'AEIOU' else 'a'} {name}."
        case RepeatArgumentError(token=token):
            return f"{token.keyword} stands there twice: give it once."
        case _:
            return _out_of_range(plain) or _none_of_them(plain) or plain


def _no_command(plain: str) -> str:
    """Without the list of what there is, which `--help` shows whole."""
    typed = re.search(r'"(.*?)"', plain)
    other = IN_THE_CHAT.get(typed[1]) if typed else None
    if other:
        return f'Unknown command "{typed[1] if typed else ""}": here it is portfolio-bot {other}.'
    return re.sub(r" Available commands: .*", "", plain)


def _out_of_range(plain: str) -> str | None:
    found = re.fullmatch(r'Invalid value "(.*)" for (\S+)\. Must be ([<>]=) (\d+)\.', plain)
    if found is None:
        return None
    value, name, sign, bound = found.groups()
    return f'"{value}" is out of range for {name}: {f"{bound} or more" if sign == ">=" else f"at most {bound}"}.'


def _none_of_them(plain: str) -> str | None:
    found = re.fullmatch(r'Invalid value "(.*)" for (\S+)\. Choose from: (.*)\.', plain)
    if found is None:
        return None
    value, name, choices = found.groups()
    return f'"{value}" is nothing for {name}: it takes {choices.replace(chr(34), "")}.'
