"""Where a figure comes from, so that anybody can work it out again. No source is asked, nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from portfolio_bot.cli import outcome
from portfolio_bot.cli.figures import Currency, Days, asking, kept_of, window_of
from portfolio_bot.cli.here import Demo, HereParameter, Json
from portfolio_bot.cli.outcome import Mistyped
from portfolio_bot.cli.stored import From, To, shown_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portfolio_bot.model.portfolio import Portfolio
    from portfolio_bot.report.document import Document
    from portfolio_bot.report.reader import Reader
    from portfolio_bot.service.figures import Figures
    from portfolio_bot.settings import Settings

Figure = Annotated[Literal["total", "twr", "xirr", "pnl"], Parameter(help="Which figure.")]


def explain(
    figure: Figure,
    asset: Annotated[str | None, Parameter(help="Of pnl: only this coin or security, lot by lot.")] = None,
    /,
    *,
    days: Days = None,
    since: From = None,
    until: To = None,
    currency: Currency = None,
    json: Json = False,
    demo: Demo = False,
    here: HereParameter,
) -> int:
    """Where a figure comes from: snapshots, prices, rates, flows, lots and the formula."""
    if asset is not None and figure != "pnl":
        raise Mistyped(f'"{asset[:20]}" says nothing here: only pnl is explained for a single asset.')
    if figure == "total" and (days is not None or since or until or currency):
        raise Mistyped("The total is that of the newest snapshot: it takes no period and no currency.")
    if figure == "pnl" and currency is not None:
        raise Mistyped("Lots are counted in USD: pnl takes no --currency.")
    settings = here.settings(demo=demo)
    if figure == "total":
        return _total(settings, json=json, here=here)
    window = window_of(settings, since, until, days)
    kept = kept_of(settings, currency, json=json)
    reader = here.reader(settings)

    async def look(figures: Figures) -> tuple[object, Document]:
        from portfolio_bot.report import compose, explain_json, explain_pnl_json

        names = shown_names(settings, await figures.explanations.total())
        if figure == "twr":
            twr = await figures.explanations.twr(window, kept)
            return explain_json.twr(twr) if json else None, compose.explain_twr(twr, names, reader)
        if figure == "xirr":
            xirr = await figures.explanations.xirr(window, kept)
            return explain_json.xirr(xirr), compose.explain_xirr(xirr, names, reader)
        pnl = await figures.explanations.pnl(await figures.lots(window), asset)
        return explain_pnl_json.pnl(pnl), compose.explain_pnl(pnl, reader)

    answer, document = here.run(asking(settings, look))
    if json:
        here.show_json(answer)
    else:
        here.show(document)
    return outcome.GOOD


def _total(settings: Settings, *, json: bool, here: HereParameter) -> int:
    from portfolio_bot.model.history import NavPoint
    from portfolio_bot.report import compose, explain_json

    async def look(figures: Figures) -> Portfolio | NavPoint | None:
        return await figures.explanations.total() or await figures.explanations.imported_total()

    found = here.run(asking(settings, look))
    reader: Reader = here.reader(settings)
    answer: Mapping[str, object]
    if found is None:
        answer, document = {}, compose.explain_nothing(reader)
    elif isinstance(found, NavPoint):
        answer, document = explain_json.imported_total(found), compose.explain_imported_total(found, reader)
    else:
        answer, document = explain_json.total(found, reader.guides), compose.explain_total(found, reader)
    if json:
        here.show_json(answer)
    else:
        here.show(document)
    return outcome.GOOD
