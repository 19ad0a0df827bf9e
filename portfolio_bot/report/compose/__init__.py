"""What is said: values become documents. Decided once, for every face."""

from portfolio_bot.report.compose.alerts import alert_rule, alerts
from portfolio_bot.report.compose.alerts import pressed as alert_pressed
from portfolio_bot.report.compose.alerts import said as alert_said
from portfolio_bot.report.compose.assets import balance
from portfolio_bot.report.compose.backup import backed_up, backup_sent, backups
from portfolio_bot.report.compose.benchmark import benchmark
from portfolio_bot.report.compose.explain import imported_total as explain_imported_total
from portfolio_bot.report.compose.explain import nothing as explain_nothing
from portfolio_bot.report.compose.explain import total as explain_total
from portfolio_bot.report.compose.explain import twr as explain_twr
from portfolio_bot.report.compose.explain import which as explain_which
from portfolio_bot.report.compose.explain import xirr as explain_xirr
from portfolio_bot.report.compose.explain_pnl import hidden as explain_pnl_hidden
from portfolio_bot.report.compose.explain_pnl import pnl as explain_pnl
from portfolio_bot.report.compose.flow import flow, forgotten, joined, made_external, parted, transfer
from portfolio_bot.report.compose.flows import flows
from portfolio_bot.report.compose.hand import file_taken, hand_question, record_asked, recorded
from portfolio_bot.report.compose.overview import status
from portfolio_bot.report.compose.past import history
from portfolio_bot.report.compose.people import changes, living, living_over, look, people, role_changed
from portfolio_bot.report.compose.performance import performance
from portfolio_bot.report.compose.profit import pnl
from portfolio_bot.report.compose.returns import returns
from portfolio_bot.report.compose.rules import schedule, setting_reset, settings, window
from portfolio_bot.report.compose.schedules import (
    one_schedule,
    schedule_gone,
    schedule_question,
    schedule_removal,
    schedule_step,
    schedules,
)
from portfolio_bot.report.compose.slack_report import slack_report
from portfolio_bot.report.compose.sources import accounts, check, notice, owned, todo
from portfolio_bot.report.compose.speaking import language
from portfolio_bot.report.compose.sync import history_read, reading, sync
from portfolio_bot.report.compose.talk import (
    broken,
    error,
    help,  # noqa: A004 - named like its command
    ids,
    late,
    progress,
    repeated,
    said,
    setup_mode,
    start,
    too_old,
    topic_gone,
    unknown_command,
    user_error,
)
from portfolio_bot.report.compose.trades import trades

__all__ = [
    "accounts",
    "alert_pressed",
    "alert_rule",
    "alert_said",
    "alerts",
    "backed_up",
    "backup_sent",
    "backups",
    "balance",
    "benchmark",
    "broken",
    "changes",
    "check",
    "error",
    "explain_imported_total",
    "explain_nothing",
    "explain_pnl",
    "explain_pnl_hidden",
    "explain_total",
    "explain_twr",
    "explain_which",
    "explain_xirr",
    "file_taken",
    "flow",
    "flows",
    "forgotten",
    "hand_question",
    "help",
    "history",
    "history_read",
    "ids",
    "joined",
    "language",
    "late",
    "living",
    "living_over",
    "look",
    "made_external",
    "notice",
    "one_schedule",
    "owned",
    "parted",
    "people",
    "performance",
    "pnl",
    "progress",
    "reading",
    "record_asked",
    "recorded",
    "repeated",
    "returns",
    "role_changed",
    "said",
    "schedule",
    "schedule_gone",
    "schedule_question",
    "schedule_removal",
    "schedule_step",
    "schedules",
    "setting_reset",
    "settings",
    "setup_mode",
    "slack_report",
    "start",
    "status",
    "sync",
    "todo",
    "too_old",
    "topic_gone",
    "trades",
    "transfer",
    "unknown_command",
    "user_error",
    "window",
]
