"""What the settings say about what people may choose in a chat: it holds until somebody does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portfolio_bot.report.views import SettingOrigin, SettingView
from portfolio_bot.service.choices import Choices
from portfolio_bot.service.looks import Look, Looks

if TYPE_CHECKING:
    from portfolio_bot.settings import Settings


def looks_of(settings: Settings, choices: Choices) -> Looks:
    """How each chat looks: what the settings say, under what was chosen in it."""
    said = settings.look
    return Looks(
        choices,
        Look(settings.language, said.form, said.percent_only, said.living, said.light),
        language_is_set=settings.origins.get("LANGUAGE", "default") != "default",
        origins={name: SettingOrigin(str(origin)) for name, origin in settings.origins.items()},
    )


def views(settings: Settings) -> list[SettingView]:
    """Every setting as it is without the chat."""
    return [
        SettingView(
            name,
            settings.texts[name],
            SettingOrigin(str(settings.origins.get(name, SettingOrigin.DEFAULT))),
            settings.defaults.get(name),
        )
        for name in settings.texts
    ]
