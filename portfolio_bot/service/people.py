"""Who owns the bot and who only reads: by user id, as the settings say and as an owner raised them in the chat."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from portfolio_bot.report.people_views import PersonView
from portfolio_bot.service.choices import Choices, of_user
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.looks import Looks
from portfolio_bot.service.preferences import Along

ROLE: Final = "role"
OWNER, VIEWER = "owner", "viewer"


class People:
    """Everybody whom the settings let in, and what they may do.

    The owner by the settings stays one, so that there is always somebody who can let others in.

    Args:
        owner: by the settings; None where they name nobody, and then nobody changes anything.
        users: all who are let in.
    """

    def __init__(self, choices: Choices, looks: Looks, *, owner: int | None, users: Collection[int]) -> None:
        self._choices, self._looks = choices, looks
        self.owner = owner
        self._users = tuple(dict.fromkeys((*([owner] if owner is not None else []), *users)))
        self.on_change: list[Callable[[int], None]] = []

    def is_owner(self, user: int | None) -> bool:
        """Whether somebody may change things."""
        if user is None or user not in self._users:
            return False
        return user == self.owner or self._choices.get(of_user(user), ROLE) == OWNER

    def all(self) -> list[PersonView]:
        """Everybody, the owner of the settings first."""
        return [
            PersonView(user, self.is_owner(user), user == self.owner, self._looks.of(user).language)
            for user in self._users
        ]

    async def set_role(self, named: str, role: str, who: str, *, along: Along | None = None) -> PersonView:
        """Make somebody an owner, or a viewer again.

        Args:
            named: the user id, as it was typed.
            role: `owner` or `viewer`.
            who: for the record.
            along: lands in the same transaction.

        Raises:
            UserError: there is no such person or role, or it is the owner of the settings.
        """
        user = int(named) if named.isascii() and named.isdigit() and len(named) < 20 else None
        if user is None or user not in self._users:
            raise UserError(named, "no_person")
        if role not in {OWNER, VIEWER}:
            raise UserError(role, "no_role")
        if user == self.owner:
            if role != OWNER:
                raise UserError(named, "owner_by_settings")
        else:
            await self._choices.set(of_user(user), ROLE, OWNER if role == OWNER else None, who, along=along)
            for heard in self.on_change:
                heard(user)
        return next(person for person in self.all() if person.user == user)
