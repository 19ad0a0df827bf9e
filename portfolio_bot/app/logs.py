"""Logs: text or JSON, one record one line, no secret.

Whatever library a record comes from, it leaves through one formatter whose last step is redaction, after the
traceback has become text. Libraries that print requests at DEBUG are pinned to WARNING whatever the settings say.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeAlias

from portfolio_bot.net.redact import MASK, Redactor

# structlog's console for developers takes rich where it finds it: 5 MB and 50 ms for colours that no log of ours has.
# None in sys.modules says "not installed", which structlog is prepared for.
_WITHOUT_RICH = "rich" not in sys.modules
if _WITHOUT_RICH:
    sys.modules["rich"] = None  # type: ignore[assignment]  # as documented for sys.modules
try:
    import structlog
finally:
    if _WITHOUT_RICH:
        del sys.modules["rich"]

LogFormat: TypeAlias = Literal["text", "json"]
_Event: TypeAlias = MutableMapping[str, object]

PINNED = ("aiogram", "aiohttp", "aiosqlite", "apscheduler", "asyncio", "ccxt", "sqlalchemy", "urllib3")
"""Loggers that tell too much below WARNING: requests with their keys, statements, every update."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\x1b"}
_SECRET_FIELD = re.compile(
    r"secret|token|passphrase|password|api[_-]?key|authorization|cookie|signature", re.IGNORECASE
)


def configure(
    *,
    level: str = "INFO",
    form: LogFormat = "text",
    file: Path | None = None,
    retention_days: int = 30,
    redactor: Redactor | None = None,
) -> None:
    """Send every log record of the process to standard error, and to `file` if there is one.

    May be called again: first with nothing known, then with the settings.

    Args:
        level: of our own loggers and of libraries that are not pinned.
        form: `text` for people, `json` for machines; one line per record either way.
        file: rotated at midnight UTC.
        retention_days: how many rotated files stay.
        redactor: knows the secrets; without it only what looks like one is masked.

    Raises:
        OSError: the file cannot be written.
    """
    formatter = _formatter(form, redactor or Redactor())
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file is not None:
        handlers.append(_rotated(file, retention_days))
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level.upper())
    for name in PINNED:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def one_line(text: str) -> str:
    """The text with line ends, other controls and marks that turn the reading direction made visible."""
    return _CONTROLS.sub(lambda found: _NAMES.get(found[0], f"\\u{ord(found[0]):04x}"), text)


def _formatter(form: LogFormat, redactor: Redactor) -> logging.Formatter:
    last: Callable[[object, str, _Event], str]
    last = _json(redactor) if form == "json" else _text(redactor)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
        processors=[
            _moment,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    )


def _moment(_: object, __: str, event: _Event) -> _Event:
    record = event.get("_record")
    created = record.created if isinstance(record, logging.LogRecord) else datetime.now(UTC).timestamp()
    event["time"] = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event


def _text(redactor: Redactor) -> Callable[[object, str, _Event], str]:
    def render(_: object, __: str, event: _Event) -> str:
        head = f"{event.pop('time')} {str(event.pop('level', '')).upper():<7} {event.pop('logger', '')}: "
        message = str(event.pop("event", ""))
        trace = event.pop("exception", None)
        fields = "".join(f" {name}={value!r}" for name, value in event.items())
        return redactor.log(one_line(head + message + fields + (f"\n{trace}" if trace else "")))

    return render


def _json(redactor: Redactor) -> Callable[[object, str, _Event], str]:
    """Each value is redacted before it is quoted: masking the finished line could eat a quote and break it."""
    render = structlog.processors.JSONRenderer(ensure_ascii=True)

    def rendered(logger: object, name: str, event: _Event) -> str:
        clean = {key: _clean(key, value, redactor) for key, value in event.items()}
        return str(render(logger, name, clean))

    return rendered


def _clean(name: str, value: object, redactor: Redactor) -> object:
    if _SECRET_FIELD.search(name):
        return MASK
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _clean(str(key), inner, redactor) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(name, inner, redactor) for inner in value]
    return redactor.log(str(value))


class _LogFile(logging.handlers.TimedRotatingFileHandler):
    """A file that may become full or go away: its records stand on standard error too, and need no trace each."""

    _failing = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Say once that the file is not written any more."""
        if not self._failing:
            self._failing = True
            print(f"{self.baseFilename} cannot be written: the log goes on here alone", file=sys.stderr)  # noqa: T201


def _rotated(file: Path, retention_days: int) -> logging.Handler:
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))  # refuses a folder now, not at each record
    return _LogFile(file, when="midnight", utc=True, backupCount=max(retention_days, 1), encoding="utf-8", delay=True)
