"""Whether the service is well: for systemd, containers and whoever watches."""

from __future__ import annotations

from portfolio_bot.cli import outcome
from portfolio_bot.cli.here import Demo, HereParameter, Json

PATIENCE = 8.0
"""Seconds: less than a container engine waits for its health check."""


def healthcheck(*, json: Json = False, demo: Demo = False, here: HereParameter) -> int:
    """Whether the service is well, by what it did lately."""
    from portfolio_bot.control.client import NoService, ask

    settings = here.settings(demo=demo, quiet=True)  # asked every few seconds
    try:
        answer = here.run(ask(settings.data_dir, "health", patience=PATIENCE))
    except NoService:
        trouble = f"No service runs on {settings.data_dir}."
        outcome.say(trouble)
        if json:
            here.show_json({"ok": False, "troubles": [trouble]})
        return outcome.FAILED
    health = answer if isinstance(answer, dict) else {}
    if json:
        here.show_json(health)
    elif health.get("ok"):
        print(f"well: version {health.get('version')}, process {health.get('pid')}")
    else:
        troubles = health.get("troubles")
        for trouble in troubles if isinstance(troubles, list) else ["the service gave no sensible answer"]:
            outcome.say(str(trouble))
    return outcome.GOOD if health.get("ok") else outcome.FAILED
