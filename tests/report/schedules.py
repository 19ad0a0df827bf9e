"""What comes by itself: every screen of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from portfolio_bot.model.rhythm import Cron, Daily, Every, Monthly, Weekly
from portfolio_bot.report import compose
from portfolio_bot.report.document import Document
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.schedule_views import NamedSchedule, Place, PlaceKind, ScheduleNews
from portfolio_bot.report.views import News, Refusal

HERE, MAIN, SLACK = (Place(kind) for kind in (PlaceKind.HERE, PlaceKind.MAIN, PlaceKind.SLACK))


def runs(*texts: str) -> tuple[datetime, ...]:
    return tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts)


DEFAULT = NamedSchedule(
    "default", Every(timedelta(hours=2)), "report", (HERE,), (8, 20), runs=runs("2026-11-20T15:05", "2026-11-20T17:05")
)
MORNING = NamedSchedule(
    "morning",
    Daily((time(8, 30),)),
    "report",
    (HERE,),
    runs=runs("2026-11-21T07:30", "2026-11-22T07:30", "2026-11-23T07:30"),
)
FRIDAY = NamedSchedule(
    "friday", Weekly((4,), (time(18),)), "performance", (SLACK,), silent=True, runs=runs("2026-11-20T17:00")
)
CLOSE = NamedSchedule("close", Monthly(None, (time(21),)), "chart", (MAIN, SLACK), runs=runs("2026-11-30T20:00"))
WORK = NamedSchedule(
    "work",
    Cron("0 9-18/3 * * mon-fri"),
    "details",
    (Place(PlaceKind.CHAT, "-100123/5"),),
    (9, 18),
    paused=True,
)
PAY = NamedSchedule("pay", Monthly(15, (time(9), time(18))), "allocation", (HERE,), runs=runs("2026-12-15T08:00"))


def documents(me: Reader) -> dict[str, Document]:
    """Every screen by name."""
    nine = replace(
        MORNING, rhythm=Daily((time(9),)), runs=runs("2026-11-21T08:00", "2026-11-22T08:00", "2026-11-23T08:00")
    )
    typed = "/schedules add morning daily 08:30 report"
    return {
        "schedules": compose.schedules([DEFAULT, CLOSE, FRIDAY, MORNING, PAY, WORK], me),
        "schedules one": compose.one_schedule(ScheduleNews(WORK), me),
        "schedules made": compose.one_schedule(ScheduleNews(MORNING, News.CHANGED, made=True), me),
        "schedules changed": compose.one_schedule(ScheduleNews(nine, News.CHANGED, MORNING.runs), me),
        "schedules undone": compose.one_schedule(ScheduleNews(MORNING, News.UNDONE, nine.runs), me),
        "schedules resumed": compose.one_schedule(ScheduleNews(FRIDAY, News.CHANGED), me),
        "schedules new": compose.schedule_step("kind", me, example=typed),
        "schedules when": compose.schedule_step("rhythm", me, example="/schedules work daily 08:30,20:00"),
        "schedules question": compose.schedule_question(FRIDAY, me),
        "schedules remove": compose.schedule_removal(CLOSE, me),
        "schedules removed": compose.schedule_removal(CLOSE, me, done=True),
        "schedules taken back": compose.schedule_gone("morning", me),
        "schedules wrong time": compose.error(Refusal("noon", "schedule_no_time"), me),
        "schedules wrong rhythm": compose.error(Refusal("often", "schedule_no_rhythm"), me),
        "schedules unknown": compose.error(Refusal("evening", "schedule_unknown", {"names": "default, work"}), me),
    }
