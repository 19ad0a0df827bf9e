"""`/people [123456 owner]`: who may use this bot; an owner raises and lowers the others."""

from __future__ import annotations

import contextlib

from portfolio_bot.bot import buttons
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.notify.base import Key
from portfolio_bot.report import compose
from portfolio_bot.report.people_views import PersonView
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.once import AlreadyDone, once
from portfolio_bot.service.people import OWNER, VIEWER

_MOST = 20
"""People with buttons: more fill a phone, and are changed by typing."""


async def people(house: House, request: Request) -> Answer:
    """The list, or somebody's new role."""
    if house.people is None:
        raise UserError("", "no_people")
    if not request.argument:
        return Answer(
            compose.people(house.people.all(), request.reader, asker=request.user), _rows(house.people.all(), request)
        )
    user, _, role = request.argument.partition(" ")
    person = next((one for one in house.people.all() if str(one.user) == user), None)
    with contextlib.suppress(AlreadyDone):
        person = await house.people.set_role(user, role.lower(), request.who, along=once(request.update))
    if person is None:
        raise UserError(user, "no_person")
    return Answer(compose.role_changed(person, request.reader), _back(person, request))


def _rows(persons: list[PersonView], request: Request) -> Rows:
    return tuple(_row(person, request) for person in persons[:_MOST] if not person.fixed)


def _row(person: PersonView, request: Request) -> tuple[Key, ...]:
    user = str(person.user)
    label, role = ("make_viewer", VIEWER) if person.owner else ("make_owner", OWNER)
    return (
        buttons.named(request.reader, label, "people", user, role, user=user),
        buttons.named(request.reader, "look_of", "look", user, user=user),
    )


def _back(person: PersonView, request: Request) -> Rows:
    role = VIEWER if person.owner else OWNER
    undo = (buttons.named(request.reader, "undo", "people", person.user, role),) if not person.fixed else ()
    return ((*undo, buttons.key("/people", "people")),)


COMMANDS = (Command("people", people, "[123456 owner]", changes=True),)
