"""How each venue says no: its own codes, and the cause that people must hear."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from portfolio_bot.model.failure import FailureKind as Kind
from tests.peers.faults import Reply


def _bybit(code: str) -> Reply:
    return Reply.of({"retCode": int(code), "retMsg": "secret-page-text", "result": {}, "time": 1})


def _okx(code: str) -> Reply:
    return Reply.of({"code": code, "msg": "secret-page-text", "data": []}, 401 if code.startswith("501") else 200)


def _binance(code: str) -> Reply:
    return Reply.of({"code": int(code), "msg": "secret-page-text"}, 401 if code in {"-2015", "-2014"} else 400)


def _kraken(code: str) -> Reply:
    return Reply.of({"error": [code]})


def _krakenfutures(code: str) -> Reply:
    return Reply.of({"result": "error", "error": code, "serverTime": "2025-11-17T00:34:37.524Z"})


def _kucoin(code: str) -> Reply:
    return Reply.of({"code": code, "msg": "secret-page-text"})


def _gate(code: str) -> Reply:
    label, _, message = code.partition(" ")
    return Reply.of({"label": label, "message": message or "secret-page-text"}, 403 if label == "FORBIDDEN" else 400)


def _mexc(code: str) -> Reply:
    return Reply.of({"code": int(code), "msg": "secret-page-text", "success": False}, 400)


SAYS_NO: Mapping[str, Callable[[str], Reply]] = {
    "bybit": _bybit,
    "okx": _okx,
    "binance": _binance,
    "kraken": _kraken,
    "krakenfutures": _krakenfutures,
    "kucoin": _kucoin,
    "gateio": _gate,
    "mexc": _mexc,
}

CAUSES: Mapping[str, Mapping[Kind, tuple[str, ...]]] = {
    "bybit": {
        Kind.BAD_KEY: ("10003", "10004", "10007"),
        Kind.KEY_EXPIRED: ("33004",),
        Kind.IP_NOT_ALLOWED: ("10010",),
        Kind.MISSING_RIGHT: ("10005",),
        Kind.CLOCK_SKEW: ("10002",),
        Kind.RATE_LIMITED: ("10006", "10018"),
        Kind.GEO_BLOCKED: ("10009", "10024"),
        Kind.UNAVAILABLE: ("10016", "10000"),
        Kind.ACCOUNT_FROZEN: ("10008",),
    },
    "okx": {
        Kind.BAD_KEY: ("50111", "50113", "50114", "50105", "50119"),
        Kind.IP_NOT_ALLOWED: ("50110",),
        Kind.MISSING_RIGHT: ("50120", "50030"),
        Kind.CLOCK_SKEW: ("50102", "50112"),
        Kind.RATE_LIMITED: ("50011",),
        Kind.MAINTENANCE: ("50001",),
        Kind.UNAVAILABLE: ("50026", "50004"),
        Kind.WRONG_REGION: ("50101",),
    },
    "binance": {
        Kind.BAD_KEY: ("-2015", "-2014", "-1022", "-2008"),
        Kind.CLOCK_SKEW: ("-1021",),
        Kind.RATE_LIMITED: ("-1003",),
        Kind.UNAVAILABLE: ("-1001",),
    },
    "kraken": {
        Kind.BAD_KEY: ("EAPI:Invalid key", "EAPI:Invalid signature"),
        Kind.MISSING_RIGHT: ("EGeneral:Permission denied",),
        Kind.CLOCK_SKEW: ("EAPI:Invalid nonce",),
        Kind.RATE_LIMITED: (
            "EAPI:Rate limit exceeded",
            "EGeneral:Temporary lockout",
            "EGeneral:Too many requests",
            "EService:Throttled",
        ),
        Kind.UNAVAILABLE: (
            "EService:Unavailable",
            "EService:Busy",
            "EGeneral:Internal error",
            "EService:Timeout",
            "EService:Deadline elapsed",
        ),
        Kind.MAINTENANCE: ("EService:Market in cancel_only mode",),
        Kind.ACCOUNT_FROZEN: ("EAuth:Account temporary disabled",),
    },
    "krakenfutures": {
        Kind.BAD_KEY: ("authenticationError",),
        Kind.MISSING_RIGHT: ("insufficientPrivilege",),
        Kind.CLOCK_SKEW: ("nonceBelowThreshold",),
        Kind.RATE_LIMITED: ("apiLimitExceeded",),
        Kind.UNAVAILABLE: ("Unavailable", "Server Error"),
        Kind.ACCOUNT_FROZEN: ("accountInactive",),
    },
    "kucoin": {
        Kind.BAD_KEY: ("400003", "400004", "400005"),
        Kind.IP_NOT_ALLOWED: ("400006",),
        Kind.MISSING_RIGHT: ("400007",),
        Kind.CLOCK_SKEW: ("400002",),
        Kind.RATE_LIMITED: ("429000",),
        Kind.GEO_BLOCKED: ("400302", "403"),
        Kind.UNAVAILABLE: ("500000",),
        Kind.ACCOUNT_FROZEN: ("411100",),
    },
    "gateio": {
        Kind.BAD_KEY: ("INVALID_KEY", "INVALID_SIGNATURE"),
        Kind.IP_NOT_ALLOWED: ("FORBIDDEN Request IP not in whitelist: 1.1.1.1", "FORBIDDEN this ip is not allowed"),
        Kind.MISSING_RIGHT: ("FORBIDDEN no permission", "FORBIDDEN your membership", "READ_ONLY"),
        Kind.CLOCK_SKEW: ("REQUEST_EXPIRED",),
        Kind.RATE_LIMITED: ("TOO_MANY_REQUESTS",),
        Kind.UNAVAILABLE: ("SERVER_ERROR", "INTERNAL", "SERVICE_UNAVAILABLE"),
        Kind.ACCOUNT_FROZEN: ("ACCOUNT_LOCKED",),
    },
    "mexc": {
        Kind.BAD_KEY: ("700002", "602", "401", "10072"),
        Kind.KEY_EXPIRED: ("402",),
        Kind.IP_NOT_ALLOWED: ("406", "700006"),
        Kind.MISSING_RIGHT: ("700007",),
        Kind.CLOCK_SKEW: ("700003", "10073"),
        Kind.RATE_LIMITED: ("510", "429"),
        Kind.UNAVAILABLE: ("503",),
    },
}
"""Codes by cause."""


Refusal: TypeAlias = tuple[str, Reply, Kind]


def refusals(source: str) -> tuple[Refusal, ...]:
    """Every code of a source with its answer and the cause that it must become."""
    return tuple((code, SAYS_NO[source](code), kind) for kind, codes in CAUSES[source].items() for code in codes)


def tbank_refusals() -> tuple[Refusal, ...]:
    """T-Bank's codes, in the forms that its gateway was seen to give them."""
    kinds = {
        "40003": Kind.BAD_KEY,
        "40002": Kind.MISSING_RIGHT,
        "30082": Kind.ACCOUNT_FROZEN,
        "70001": Kind.UNAVAILABLE,
        "80002": Kind.RATE_LIMITED,
        "50004": Kind.BAD_ANSWER,
        "12001": Kind.BAD_ANSWER,
    }
    return tuple(
        (code, Reply.of({"code": 13, "message": "secret-page-text", "description": code}, 400), kind)
        for code, kind in kinds.items()
    )


def no_right(source: str) -> Reply:
    """The source's answer to a key that may not read this."""
    return SAYS_NO[source](CAUSES[source].get(Kind.MISSING_RIGHT, ("-2015",))[0])
