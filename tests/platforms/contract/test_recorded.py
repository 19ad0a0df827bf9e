"""Every refusal that was recorded from a venue has its cause, with the status and the words that it came with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portfolio_bot.model.failure import FailureKind as Kind
from portfolio_bot.model.failure import SourceError
from tests.peers import faults
from tests.peers.venue import FIXTURES, venue_server
from tests.platforms.contract.peers import in_a_hurry, opened

RECORDED = [
    (file.parent.name, row["http_status"], row["body"])
    for file in sorted(FIXTURES.glob("*/errors.json"))
    for row in json.loads(file.read_text())
]
CAUSES = {
    10003: Kind.BAD_KEY, 10005: Kind.MISSING_RIGHT, 10006: Kind.RATE_LIMITED,
    "50119": Kind.BAD_KEY, "50101": Kind.WRONG_REGION,
    -2015: Kind.BAD_KEY, -1021: Kind.CLOCK_SKEW,
    "EAPI:Invalid nonce": Kind.CLOCK_SKEW, "EGeneral:Permission denied": Kind.MISSING_RIGHT,
    "EAPI:Rate limit exceeded": Kind.RATE_LIMITED, "authenticationError": Kind.BAD_KEY,
    "400007": Kind.MISSING_RIGHT, "429000": Kind.RATE_LIMITED,
    "FORBIDDEN": Kind.IP_NOT_ALLOWED, "INVALID_SIGNATURE": Kind.BAD_KEY, "SERVER_ERROR": Kind.UNAVAILABLE,
    700002: Kind.BAD_KEY,
}  # fmt: skip


def code_of(body: dict[str, Any]) -> Any:
    """Where each venue puts it."""
    found = next(body[name] for name in ("retCode", "code", "label", "error") if name in body)
    return found[0] if isinstance(found, list) else found


@pytest.mark.parametrize(
    ("folder", "status", "body"), RECORDED, ids=[f"{row[0]} {code_of(row[2])}" for row in RECORDED]
)
async def test_a_recorded_refusal_has_its_cause(folder: str, status: int, body: dict[str, Any]) -> None:
    async with venue_server(folder) as peer:
        peer.fail(faults.status(status, body))
        async with in_a_hurry(), opened("gateio" if folder == "gate" else folder, peer.url) as source:
            with pytest.raises(SourceError) as caught:
                await source.read()
    kind = CAUSES[code_of(body)]
    assert caught.value.failure.kind is kind
    assert (caught.value.failure.retry_at is None) == (kind is not Kind.RATE_LIMITED)
