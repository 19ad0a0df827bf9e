"""Who may do what, who changed what, how a chat is written to: every screen of it."""

from __future__ import annotations

from datetime import timedelta

from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.people_views import ChangesView, ChangeView, LookRow, LookView, PersonView
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.views import SettingOrigin

ANN, BOB, EVE = 11, 22, 33
PEOPLE = (
    PersonView(ANN, owner=True, fixed=True, language="en"),
    PersonView(BOB, owner=True, fixed=False, language="ru"),
    PersonView(EVE, owner=False, fixed=False, language="en"),
)
ROWS = (
    LookRow("percent", "on", SettingOrigin.CHAT),
    LookRow("living", "off", SettingOrigin.ENV_FILE),
    LookRow("form", "auto", SettingOrigin.DEFAULT),
    LookRow("theme", "light", SettingOrigin.ENVIRONMENT),
)


def documents(reader: Reader) -> dict[str, Document]:
    """Every screen by name."""
    from tests.report import gallery

    made = [
        ("telegram:11", "POLL_INTERVAL_MINUTES", "60", "45"),
        ("telegram:22", "user:33 role", None, "owner"),
        ("telegram:22", "user:33 role", "owner", None),
        ("telegram:11", "user:11 language", "en", "ru"),
        ("telegram:11", "chat:-100123 percent_only", None, "yes"),
        ("telegram:11", "chat:11 theme", "light", None),
        ("terminal", "record:deposit", None, "1234.56 USD"),
        ("command line", "record:withdrawal", "-0.1503 BTC", None),
        ("telegram:22", "flow:kraken 1a2b3c", None, "external"),
        ("telegram:22", "account:Bybit", None, "gone"),
        ("telegram:11", "schedule:morning", "daily 08:00", "daily 09:00"),
        ("telegram:11", "alert drawdown", "10", "15"),
        ("telegram:11", "something new", "a", "b"),
    ]
    changes = [
        ChangeView(gallery.NOW - timedelta(hours=7 * place), who, what, before, after)
        for place, (who, what, before, after) in enumerate(made)
    ]
    return {
        "people": compose.people(PEOPLE, reader, asker=BOB),
        "people nobody": compose.people((), reader),
        "role owner": compose.role_changed(PEOPLE[1], reader),
        "role viewer": compose.role_changed(PEOPLE[2], reader),
        "changes": compose.changes(ChangesView(changes, 42, "telegram:11"), reader),
        "changes none": compose.changes(ChangesView((), 0), reader),
        "look": compose.look(LookView(ROWS), reader),
        "look of another": compose.look(LookView(ROWS, "33"), reader),
        "living": compose.living(compose.status(gallery.complete(), reader), reader, gallery.NOW),
        "living over": compose.living_over(reader),
    }
