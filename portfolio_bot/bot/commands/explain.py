"""`/explain total|twr|xirr|pnl [asset] [period]`: where a figure comes from, step by step."""

from __future__ import annotations

from typing import Final

from portfolio_bot.bot import buttons, periods
from portfolio_bot.bot.arguments import view_of
from portfolio_bot.bot.dialog import Answer, Command, Request, Rows
from portfolio_bot.bot.house import House
from portfolio_bot.report import compose
from portfolio_bot.report.reader import Reader
from portfolio_bot.report.voice import Voice
from portfolio_bot.service.errors import UserError
from portfolio_bot.service.performance import Window

_FIGURES: Final = {
    "total": "explain_total",
    "twr": "explain_twr",
    "xirr": "explain_xirr",
    "pnl": "explain_pnl",
}
_DEFAULT: Final = "30d"
_MOST_ASSETS: Final = 6
_SIDE_BY_SIDE: Final = 3


async def explain(house: House, request: Request) -> Answer:
    """Without a figure: which there are."""
    figure, _, rest = request.argument.partition(" ")
    figure = figure.lower()
    if not figure:
        return Answer(compose.explain_which(request.reader), _choices(request.reader))
    if figure not in _FIGURES:
        raise UserError(figure, "no_explained_figure", figures=", ".join(_FIGURES))
    if figure == "total":
        return await _total(house, request.reader, rest)
    if figure == "pnl":
        return await _pnl(house, request.reader, rest)
    return await _return(house, request.reader, figure, rest)


async def _total(house: House, reader: Reader, rest: str) -> Answer:
    view, left = view_of(rest, reader)
    if left:
        raise UserError(left, "total_takes_nothing")
    portfolio = await house.figures.explanations.total()
    if portfolio is None:
        point = await house.figures.explanations.imported_total()
        nothing = compose.explain_nothing(reader)
        document = nothing if point is None else compose.explain_imported_total(point, reader)
        return Answer(document, _choices(reader))
    document = compose.explain_total(portfolio, view.reader(reader))
    return Answer(document, _choices(reader, "total"), view.page, view.turning("explain total"))


async def _return(house: House, reader: Reader, figure: str, rest: str) -> Answer:
    what = periods.asked(rest, reader, default=_DEFAULT)
    explanations, command = house.figures.explanations, f"explain {figure}"
    if figure == "twr":
        document = compose.explain_twr(await explanations.twr(what.window, what.currency), house.names, reader)
    else:
        document = compose.explain_xirr(await explanations.xirr(what.window, what.currency), house.names, reader)
    rows = (*periods.keys(reader, command, what), *_choices(reader, figure))
    return Answer(document, rows, what.view.page, what.view.turning(command, what.name))


async def _pnl(house: House, reader: Reader, rest: str) -> Answer:
    words = rest.split()
    named = [word for word in words if Window.named(word, reader.calendar) is None and view_of(word, reader)[1]]
    asset = named[0] if named else None
    others = [word for word in words if word not in named[:1]]
    what = periods.asked(" ".join(others), reader, default="all")
    if reader.percent_only:  # nothing of it is left to choose from
        return Answer(compose.explain_pnl_hidden(reader), _choices(reader, "pnl"))
    view = await house.figures.explanations.pnl(await house.figures.lots(what.window), asset)
    command = "explain pnl" if asset is None else f"explain pnl {view.asset}"
    assets = [one.asset for one in view.profit.end.assets if one.asset != view.asset and one.asset.isalnum()]
    to_assets = buttons.in_rows(
        (
            buttons.named(reader, "explain_asset", "explain", "pnl", one, what.name, asset=one)
            for one in assets[:_MOST_ASSETS]
        ),
        _SIDE_BY_SIDE,
    )
    rows = (*periods.keys(reader, command, what, currency=False), *to_assets, *_choices(reader, "pnl"))
    return Answer(compose.explain_pnl(view, reader), rows, what.view.page, what.view.turning(command, what.name))


def _choices(reader: Reader, shown: str = "") -> Rows:
    """The other figures."""
    voice = Voice.of(reader)
    keys = (buttons.key(voice.chat(name), "explain", figure) for figure, name in _FIGURES.items() if figure != shown)
    return (tuple(keys),)


COMMANDS = (Command("explain", explain, "[total|twr|xirr|pnl]"),)
"""What stands behind it is typed or pressed: an asset, and a period."""
