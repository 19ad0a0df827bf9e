"""Screens that are there for their words: explanations, records by hand, notices, and everything that can go wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portfolio_bot.analytics.lot_report import Disposal, DisposalKind
from portfolio_bot.analytics.membership import Joint
from portfolio_bot.analytics.returns import Method, twr, weights
from portfolio_bot.analytics.series import Flow
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Known, Unknown
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.history import NavPoint, Origin
from portfolio_bot.model.identity import ANOTHER
from portfolio_bot.model.statement import Notice, WarningKind
from portfolio_bot.report import compose
from portfolio_bot.report.compose.hand import Altered, Question, Recorded, amount_of, place_of
from portfolio_bot.report.concerns import Concern
from portfolio_bot.report.document import Code, Document, Headline, Line, Text
from portfolio_bot.report.explain_views import Counted, Link, Paid, PnlView, TwrView, Valued, XirrView
from portfolio_bot.report.people_views import SpokenBy
from portfolio_bot.report.reader import Guide, Reader
from portfolio_bot.report.views import AccountDown, KeyMoved, KeyNews, NoClose, Refusal
from portfolio_bot.report.voice import Voice
from portfolio_bot.report.words import Value
from tests.report import figures, gallery, ledgers
from tests.report.gallery import KRAKEN, NOW, TITLES

_PLACE = re.compile(r"\{([a-z_]+)\}")
EVERYTHING: Mapping[str, str | int] = {
    "account": "kraken", "names": "BTC, ETH", "kinds": "deposit, fee", "values": "on, off", "low": 1, "high": 1440,
    "default": 10, "most": 200, "size": 52, "rows": 1200, "id": "W-1", "first": "bybit:W-1", "command": "deposit",
}  # fmt: skip
"""What fills an error's places where it matters what stands there; any other is filled with its own name."""


def documents(me: Reader) -> dict[str, Document]:
    """Every one of them by name."""
    return {**_explained(me), **_by_hand(me), **_notices(me), **_words(me)}


def _explained(me: Reader) -> dict[str, Document]:
    found = figures.performance().figures
    period = found.period
    assert not isinstance(period, Unknown)
    links, growth = [], Decimal(1)
    for one in twr(period.valuations, period.flows).intervals:
        inside = [flow for flow in period.flows if one.start.at <= flow.at < one.end.at]
        growth *= 1 + (one.value or 0)
        counted = tuple((_counted(flow), part) for flow, part in zip(inside, weights(one, inside), strict=True))
        links.append(Link(one, counted, one.start.value + 1000 if inside else None, growth))
    start, end = period.start, period.end
    moved = [_counted(flow) for flow in period.flows]
    paid = [
        Paid(start.at, -start.value, Decimal(0), -start.value, None),
        *(Paid(one.flow.at, -one.flow.amount, Decimal("7.5"), -one.flow.amount, one) for one in moved),
        Paid(end.at, end.value, Decimal(19), end.value - 300, None),
    ]
    rate = found.xirr.annual if isinstance(found.xirr.annual, Known) else Known(Decimal("0.5"))
    priced = {"BTC": Valued(Decimal("67123.45"), "venue_ticker", NOW)}
    lots = PnlView(figures.lots(), "global", "exclude", None, priced)
    records = tuple(flow for flow in ledgers.november() if flow.asset == "BTC")
    sold = Disposal(
        NOW - timedelta(days=5), "BTC", "bybit", DisposalKind.TRADE, "t1", Decimal("0.05"), Decimal(3097),
        Decimal(2002), Decimal(1095), Decimal(0), Decimal(0), (),
    )  # fmt: skip
    disposals = tuple(sold._replace(kind=kind) for kind in DisposalKind)
    mine = replace(lots, asset="BTC", flows=records, disposals=disposals, left_out=7)
    return {
        "explain": compose.explain_which(me),
        "explain nothing": compose.explain_nothing(me),
        "explain total": compose.explain_total(gallery.remarkable(), me),
        "explain total, provisional": compose.explain_total(gallery.provisional(), me),
        "explain imported": compose.explain_imported_total(
            NavPoint(NOW, Decimal(43000), Decimal(3379800), Origin.IMPORTED), me
        ),
        "explain twr": compose.explain_twr(TwrView("30d", "USD", found, Method.AUTO, tuple(links), {}), TITLES, me),
        "explain xirr": compose.explain_xirr(XirrView("30d", "USD", found, rate, tuple(paid), {}), TITLES, me),
        "explain pnl": compose.explain_pnl(lots, me),
        "explain pnl BTC": compose.explain_pnl(mine, me),
        "explain pnl nothing": compose.explain_pnl(replace(lots, asset="XMR"), me),
    }


def _counted(flow: Flow) -> Counted:
    if flow.amount > 0:
        return Counted(flow, record=replace(_deposit(), at=flow.at))
    return Counted(flow, joint=Joint(flow.at, "kraken", flow.amount, joined=False))


def _deposit() -> CashFlow:
    return ledgers.flow("bybit deposit 2000 USD = 2000", NOW - timedelta(days=2), note="salary")


def _by_hand(me: Reader) -> dict[str, Document]:
    voice = Voice.of(me)
    came, left = _deposit(), ledgers.flow("kraken withdrawal -0.5 BTC", NOW)
    unvalued = replace(left, usd=Unknown("not_priced"))
    half, bybit = amount_of(voice, Decimal("0.5"), "BTC"), place_of(voice, came.kind, "Bybit")
    values: dict[str, Value] = {"asset": "BTC", "place": bybit, "amount": half, "command": "/deposit"}
    values["example"] = Code("/deposit 500 USD 18 Nov")
    changed = Recorded(
        "changed", came, (Altered("note", "", "salary"), Altered("amount", "1000", "2000")), names=TITLES
    )
    return {
        "record asked": compose.record_asked(came, [came], TITLES, me),
        "record asked, out": compose.record_asked(left, [], TITLES, me),
        "record added": compose.recorded(Recorded("added", unvalued, names=TITLES), me),
        "record added, typed": compose.recorded(
            Recorded("added", came, new_account=True, back="portfolio-bot flows remove x", names=TITLES), me
        ),
        "record changed": compose.recorded(changed, me),
        "record removed": compose.recorded(Recorded("removed", came, other=left, names=TITLES), me),
        **{f"question {one.name.lower()}": compose.hand_question(one, me, **values) for one in Question},
        "file": compose.file_taken("history", 121, me),
        **{f"language {by.value}": compose.language(by, me) for by in SpokenBy},
    }


def _notices(me: Reader) -> dict[str, Document]:
    moved = replace(gallery.stale(KRAKEN), failure=Failure(FailureKind.SUSPECT, ANOTHER))
    news = (Notice(WarningKind.KEY_MAY_WITHDRAW), Notice(WarningKind.KEY_EXPIRES, "2026-12-01"))
    complete = gallery.complete()
    actions = {"confirm": "", "gone": "", "leave": "", "back": "", "wait": "", "gone of a part": "Futures"}
    return {
        "key news": compose.notice(KeyNews(KRAKEN, news), me, complete),
        "key moved": compose.notice(KeyMoved(moved), me, complete),
        "no close": compose.notice(NoClose((gallery.failed("kraken"), gallery.failed("okx")), 3), me, complete),
        "down, often": compose.notice(AccountDown(gallery.failed("kraken"), 22), me, gallery.incomplete()),
        **{f"owner says {what}": compose.owned(what.split()[0], "Kraken", part, me) for what, part in actions.items()},
    }


def _words(me: Reader) -> dict[str, Document]:
    """Tables of the catalogue that only appear where something goes wrong, each as one screen."""
    voice = Voice.of(me)
    guides = (Guide("KRAKEN"), Guide("OKX", regions=("global", "eea"), takes=("CA_FILE",)))
    causes = [voice.failure("Kraken", Failure(kind, "EX:1"), guides[0]) for kind in FailureKind]
    elsewhere = [voice.failure("OKX", Failure(kind), guides[1]) for kind in (FailureKind.GEO_BLOCKED, FailureKind.TLS)]
    warnings: list[Text] = []
    for kind, words in voice.words.warnings.items():
        concern = _concern(kind)
        warnings += [voice.warning(concern)]
        warnings += [voice.warning_of_many(kind, ["Bybit", "OKX"])] if words.many else []
    unknown = [voice.unknown(Unknown(reason, "RUB")) for reason in voice.words.unknowns]
    tables = (
        voice.words.flows, voice.words.lots, voice.words.wallets, voice.words.matched, voice.words.confidence,
        voice.words.rules, voice.words.origins, voice.words.providers, voice.words.notes, voice.words.flags,
    )  # fmt: skip
    errors = [line for name in voice.words.errors for line in _error(name, me)]
    return {
        "words of failures": _listed(
            [text for one in (*causes, *elsewhere) for text in (one.sentence, one.mend) if text]
        ),
        "words of warnings": _listed(warnings),
        "words of unknown figures": _listed(unknown),
        "words of tables": _listed([word for table in tables for word in table.values()]),
        "words of helps": _listed([f"/{name} – {text}" for name, text in voice.words.helps.items()]),
        "words of errors": _listed(errors),
        "words of counts": _listed(
            [voice.count(things, n, all="30") for things in voice.words.counts for n in (1, 3, 5)]
        ),
    }


def _concern(kind: WarningKind) -> Concern:
    """A warning of this kind, about something."""
    return Concern(kind, "kraken", "Kraken", "2026-12-01" if kind is WarningKind.KEY_EXPIRES else "USDT")


def _error(name: str, me: Reader) -> list[Text]:
    words = Voice.of(me).words.errors[name]
    values: dict[str, str | int] = {
        place: EVERYTHING.get(place, place) for place in _PLACE.findall(words.reason + words.mend)
    }
    document = compose.error(Refusal("ten", name, values), me)
    return [block.text for block in document.blocks if isinstance(block, Headline | Line)]


def _listed(texts: list[Text] | list[str]) -> Document:
    return Document(tuple(Line(text) for text in texts))
