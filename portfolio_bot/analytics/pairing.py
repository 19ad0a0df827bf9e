"""Pairs, one to one: the best first, and as many of them as there can be."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from typing import TypeVar

_Left = TypeVar("_Left", bound=Hashable)
_Right = TypeVar("_Right", bound=Hashable)


def pair_up(fixed: Sequence[tuple[_Left, _Right]], loose: Sequence[tuple[_Left, _Right]]) -> list[tuple[_Left, _Right]]:
    """Choose pairs so that nothing is in two of them.

    Args:
        fixed: the best first; what is chosen among these stays.
        loose: the best first; the best are chosen too, and then rearranged only where that makes a pair more.

    Returns:
        No pair could be added, and none of the loose ones exchanged for two.
    """
    right_of: dict[_Left, _Right] = {}
    left_of: dict[_Right, _Left] = {}
    for left, right in fixed:
        if left not in right_of and right not in left_of:
            right_of[left], left_of[right] = right, left
    kept = dict(right_of)
    choices: dict[_Left, list[_Right]] = {}
    kept_rights = frozenset(left_of)
    for left, right in loose:
        if left in kept or right in kept_rights:
            continue
        choices.setdefault(left, []).append(right)
        if left not in right_of and right not in left_of:
            right_of[left], left_of[right] = right, left
    for left in choices:
        if left not in right_of:
            _make_room(left, choices, right_of, left_of)
    return list(right_of.items())


def _make_room(
    start: _Left,
    choices: dict[_Left, list[_Right]],
    right_of: dict[_Left, _Right],
    left_of: dict[_Right, _Left],
) -> None:
    """Find a partner for `start` by letting others take their next choices: the shortest chain of changes."""
    asked_by: dict[_Right, _Left] = {}
    waiting = deque([start])
    while waiting:
        asking = waiting.popleft()
        for right in choices[asking]:
            if right in asked_by:
                continue
            asked_by[right] = asking
            if right in left_of:
                waiting.append(left_of[right])
                continue
            free: _Right | None = right
            while free is not None:  # hand the partners on along the chain, back to where it began
                taker = asked_by[free]
                left_of[free] = taker
                previous = right_of.get(taker)
                right_of[taker] = free
                free = previous
            return
