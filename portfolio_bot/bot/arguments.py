"""What stands behind a command: read strictly, refused in words that say what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from portfolio_bot.model.exact import exact
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.errors import UserError

_PAGE = re.compile(r"p([1-9]\d{0,3})", re.ASCII)
_COMMA = re.compile(r"(\d+),(\d+)", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?", re.ASCII)

DETAIL, FRESH = "detail", "fresh"


@dataclass(frozen=True, slots=True)
class View:
    """How something is to be shown: the words that buttons put first.

    Attributes:
        page: `p2`; from 1.
        currency: `rub`: of the headline and the tables; "" = the reader's own.
        detail: `detail`.
        fresh: `fresh`: ask the accounts before.
    """

    page: int = 1
    currency: str = ""
    detail: bool = False
    fresh: bool = False

    def __str__(self) -> str:
        words = (
            FRESH if self.fresh else "",
            DETAIL if self.detail else "",
            self.currency,
            f"p{self.page}" if self.page > 1 else "",
        )
        return " ".join(word for word in words if word)

    def to(
        self, *, page: int = 1, currency: str | None = None, detail: bool | None = None, fresh: bool = False
    ) -> View:
        """The same view but for these; on its first page and without asking anew unless that is said."""
        return View(
            page,
            self.currency if currency is None else currency,
            self.detail if detail is None else detail,
            fresh,
        )

    def turning(self, command: str, *rest: object) -> str:
        """The line that shows another page of this view, as `Answer.turn` wants it."""
        words = (command, str(self.to()), "p{page}", *map(str, rest))
        return " ".join(word for word in words if word)

    def reader(self, reader: Reader) -> Reader:
        """The reader in the currency that is wanted."""
        return replace(reader, currency=self.currency.upper()) if self.currency else reader


def view_of(argument: str, reader: Reader, *, whole: Callable[[str], bool] = lambda _: False) -> tuple[View, str]:
    """The words of a view at the beginning of an argument, those that people say also at its end, and the rest.

    Args:
        whole: whether words are one name, of which the last must not be taken: `Savings USD`.
    """
    view, words = View(), argument.split()
    for place in (0, -1):
        while words and not (place and whole(" ".join(words))):
            seen = _seen(view, words[place].lower(), reader)
            if seen is None or (place and (seen.page, seen.fresh) != (view.page, view.fresh)):
                break
            view = seen
            words.pop(place)
    return view, " ".join(words)


def _seen(view: View, word: str, reader: Reader) -> View | None:
    """The view with one more word; None if that is none of its words."""
    page = _PAGE.fullmatch(word)
    if page:
        return replace(view, page=int(page[1]))
    if word == DETAIL:
        return replace(view, detail=True)
    if word == FRESH:
        return replace(view, fresh=True)
    return replace(view, currency=word) if word.upper() in {"USD", "RUB", reader.currency} else None


def number(text: str) -> Decimal:
    """A number with the point or the comma as its decimal mark, and with spaces between thousands or without.

    Three digits behind a comma could be thousands, as in `1,000`, unless what stands before it cannot: `0,125`.

    Raises:
        ValueError: it is none, or could be two.
    """
    digits = text.replace(" ", "") if _THOUSANDS.fullmatch(text) else text
    comma = _COMMA.fullmatch(digits)
    if comma is not None:
        whole, fraction = comma.groups()
        if len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0") and " " not in text:
            raise ValueError(f"{text!r} could be thousands or a fraction")
        digits = f"{whole}.{fraction}"
    return exact(digits)


def whole_number(text: str, *, default: int, low: int, high: int, example: int = 0) -> int:
    """A whole number as people type it.

    Args:
        example: for who typed something else; 0 = the default.

    Raises:
        UserError: it is none, or out of bounds.
    """
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise UserError(text, "no_whole_number", low=low, high=high, default=example or default)
    if not low <= int(text[:9]) <= high:
        raise UserError(text, "out_of_range", low=low, high=high, default=example or default)
    return int(text)
