"""IBKR's XML: safe parsing, what a body that is no statement is, and the values of attributes.

Only the attributes that are needed are ever parsed: others hold junk (`weight="0.0 (null)"`) and personal data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from portfolio_bot.model.exact import exact
from portfolio_bot.model.failure import FailureKind, SourceError

_HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"(?:^|[;, T])(\d{2}):?(\d{2}):?(\d{2})(?: ?[A-Z]{2,4})?$", re.ASCII)
_NULLS = {"", "-", "--", "N/A"}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def document(body: bytes) -> Element:
    """The root of an answer.

    Raises:
        SourceError: `unavailable` or `maintenance` for a web page, `bad_query` for a statement in another format,
            `bad_answer` for anything else that is no XML, or XML with a document type (entities are an attack).
    """
    if _HTML.match(body):
        raise page(body)
    try:
        root: Element = defusedxml.ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise _no_xml(body, error) from None
    return root


def page(body: bytes) -> SourceError:
    """What a web page instead of an answer means: an outage, or what it calls itself."""
    kind = FailureKind.MAINTENANCE if b"maintenance" in body[:100_000].lower() else FailureKind.UNAVAILABLE
    return SourceError.of(kind, "a web page instead of a statement")


def _no_xml(body: bytes, error: Exception) -> SourceError:
    head = body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        return SourceError.of(FailureKind.BAD_ANSWER, "empty answer")
    if not head.startswith((b"<", b"{", b"[")):
        first = head.splitlines()[0]
        if b"," in first or b"|" in first or b"\t" in first:
            return SourceError.of(FailureKind.BAD_QUERY, "the query's format is not XML: choose XML")
    return SourceError.of(FailureKind.BAD_ANSWER, f"no XML: {type(error).__name__}")


def value(row: Element, name: str) -> str | None:
    """An attribute; None for all the ways in which IBKR writes that there is none."""
    found = row.get(name)
    return None if found is None or found.strip() in _NULLS else found.strip()


def number(row: Element, name: str) -> Decimal | None:
    """An exact number; None for a null mark. Commas between thousands are allowed.

    Raises:
        SourceError: `bad_answer`, naming element and attribute.
    """
    found = value(row, name)
    if found is None:
        return None
    try:
        return exact(found.replace(",", "") if _GROUPED.fullmatch(found) else found)
    except ValueError:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"{row.tag} {name} is no number") from None


def dates(texts: Iterable[str]) -> Callable[[str], date]:
    """A reader of the dates of one file. A file has one format, the template's; which one, its dates tell together.

    Raises:
        SourceError: `bad_query` if they can be read in two ways, `bad_answer` if in none.
    """
    samples = sorted({_day_part(text) for text in texts})
    fitting = {name: read for name, read in _FORMATS.items() if all(_fits(read, sample) for sample in samples)}
    if not fitting:
        raise SourceError.of(FailureKind.BAD_ANSWER, f"dates like {samples[0][:20]!r} are not understood")
    meanings = {tuple(read(sample) for sample in samples) for read in fitting.values()}
    if len(meanings) > 1:
        why = f"dates like {samples[0][:20]!r} can be read in two ways: choose yyyyMMdd in the query"
        raise SourceError.of(FailureKind.BAD_QUERY, why)
    chosen = next(iter(fitting.values()))
    return lambda text: chosen(_day_part(text))


def time_of(text: str) -> time | None:
    """The time of day that follows a date, in New York; None if there is none."""
    found = _CLOCK.search(text.strip()[8:])
    if found is None:
        return None
    hour, minute, second = map(int, found.groups())
    return time(hour, minute, second) if max(minute, second) < 60 and hour < 24 else None


def _day_part(text: str) -> str:
    """Without the time of day, whatever stands between them."""
    day = re.split(r"[;, ]|(?<=\d)T(?=\d)", text.strip(), maxsplit=1)[0]
    return day[:8] if day.isdigit() and len(day) == 14 else day


def _pattern(form: str, order: str) -> Callable[[str], date]:
    """A reader for one format; `order` names the groups: `ymd`, `mdy`, `dmy`."""
    compiled = re.compile(form, re.ASCII)

    def read(text: str) -> date:
        match = compiled.fullmatch(text)
        if match is None:
            raise ValueError(text)
        parts = dict(zip(order, match.groups(), strict=True))
        month = parts["m"].upper()
        year = int(parts["y"])
        return date(
            year + 2000 if year < 100 else year,
            _MONTHS.index(month) + 1 if month in _MONTHS else int(month),
            int(parts["d"]),
        )

    return read


_FORMATS: Mapping[str, Callable[[str], date]] = {
    "yyyyMMdd": _pattern(r"(\d{4})(\d{2})(\d{2})", "ymd"),
    "yyyy-MM-dd": _pattern(r"(\d{4})-(\d{2})-(\d{2})", "ymd"),
    "MM/dd/yyyy": _pattern(r"(\d{2})/(\d{2})/(\d{4})", "mdy"),
    "MM/dd/yy": _pattern(r"(\d{2})/(\d{2})/(\d{2})", "mdy"),
    "dd/MM/yyyy": _pattern(r"(\d{2})/(\d{2})/(\d{4})", "dmy"),
    "dd-MMM-yy": _pattern(r"(\d{2})-([A-Za-z]{3})-(\d{2})", "dmy"),
}


def _fits(read: Callable[[str], date], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
