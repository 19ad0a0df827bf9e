"""`/export_returns [limit]`: daily returns as a CSV file."""

from __future__ import annotations

from portfolio_bot.bot.commands.export import exporting
from portfolio_bot.bot.dialog import Command
from portfolio_bot.service.taking_out import Files

COMMANDS = (Command("export_returns", exporting("returns", Files.returns, Files.percents), "[limit]"),)
