"""Settings: environment, credentials and `.env` become one frozen value. Read by `app` and `cli` only."""

from portfolio_bot.settings.load import load
from portfolio_bot.settings.model import Analysis, Logs, Settings, Telegram, Web
from portfolio_bot.settings.problems import Problem, SettingsError

__all__ = ["Analysis", "Logs", "Problem", "Settings", "SettingsError", "Telegram", "Web", "load"]
