"""Asking the running service. A few lines of HTTP by hand: an HTTP client would cost a command a third of a second."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import portfolio_bot
from portfolio_bot.control.place import VERSION_HEADER, socket_of
from portfolio_bot.report.views import Refusal
from portfolio_bot.service.errors import UserError

PATIENCE = 90.0
"""Seconds: longer than any collection, so that the service's own deadlines speak first."""


class NoService(Exception):
    """No service runs on this data folder."""


class ServiceFailed(Exception):
    """The service could not do it; the text says why, for people."""


class ServiceOfOtherVersion(ServiceFailed):
    """The service is of another version than this command line, so neither would understand the other.

    Attributes:
        service, ours: the versions.
    """

    def __init__(self, service: str, ours: str) -> None:
        self.service, self.ours = service, ours
        super().__init__(
            f"The running service is version {service}, this command is {ours}. "
            f"Restart the service, or use the command of its version."
        )


async def ask(
    data_dir: Path, what: str, body: Mapping[str, object] | None = None, *, patience: float = PATIENCE
) -> object:
    """Have the service do something.

    Args:
        data_dir: whose service.
        what: the name of the operation: `report`, `health`, …
        body: what it needs, as JSON can hold it.
        patience: seconds.

    Returns:
        What the operation answers, as JSON gave it.

    Raises:
        NoService: nobody listens there.
        ServiceOfOtherVersion: it is of another version; nothing was done.
        UserError: what was asked cannot be done as it was put.
        ServiceFailed: it broke, or did not answer in time.
    """
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket_of(data_dir)), limit=64 * 1024)
    except OSError:
        raise NoService from None
    try:
        async with asyncio.timeout(patience):
            writer.write(_request(what, body or {}))
            await writer.drain()
            raw = await reader.read(-1)
    except TimeoutError:
        raise ServiceFailed(f"The service did not answer within {patience:g} s.") from None
    except OSError:
        raise ServiceFailed("The service went away before it answered.") from None
    finally:
        writer.close()
    return _answer(raw)


def _request(what: str, body: Mapping[str, object]) -> bytes:
    content = json.dumps(body).encode()
    head = (
        f"POST /{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"{VERSION_HEADER}: {portfolio_bot.__version__}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("ascii") + content


def _answer(raw: bytes) -> object:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    theirs = headers.get(VERSION_HEADER.lower())
    if theirs and theirs != portfolio_bot.__version__:
        raise ServiceOfOtherVersion(theirs, portfolio_bot.__version__)
    if int(headers.get("content-length", -1)) != len(body):
        raise ServiceFailed("The service went away before it answered.")
    try:
        status, answer = int(first.split()[1]), json.loads(body)
    except (ValueError, IndexError):
        raise ServiceFailed("What listens there is no service of ours.") from None
    if status == 200:
        return answer
    if isinstance(answer, dict) and isinstance(answer.get("refusal"), dict):
        raise UserError.again(_refusal(answer["refusal"]))
    text = answer.get("error") if isinstance(answer, dict) else None
    raise ServiceFailed(str(text or f"The service answered with status {status}."))


def _refusal(data: Mapping[str, object]) -> Refusal:
    told = {name: str(data.get(name, "")) for name in ("value", "name", "more")}
    values = data.get("values")
    return Refusal(told["value"], told["name"], values if isinstance(values, dict) else {}, told["more"])
