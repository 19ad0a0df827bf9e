"""`/withdraw [500 USD 18 Nov to bank]`: money that went out and that no account tells."""

from __future__ import annotations

from portfolio_bot.bot.commands.deposit import recording
from portfolio_bot.bot.dialog import Command
from portfolio_bot.model.flow import FlowKind

COMMANDS = (Command("withdraw", recording(FlowKind.WITHDRAWAL), "[500 USD 18 Nov]", changes=True),)
