"""All pictures in both themes and languages, to be looked at: `python -m tests.report.charts_gallery FOLDER [PART]`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.reader import Reader
from portfolio_bot.service.pictures import Pictures
from tests.report import gallery
from tests.report.chart_samples import Past, curve_svg, hourly, months_svg, only, past, reader, split_svg

FLOWS = ((80, 3_000.0), (62, 1_500.0), (41, -2_500.0), (20, 2_000.0), (18, -800.0))
QUARTER = past(90, flows=FLOWS, without=(33, 34, 35, 36, 37, 52))
YEARS = past(3650, start=3_000, drift=0.0006, noise=0.02, flows=[(30 * n, 250.0) for n in range(1, 120)])
LONG = past(900, drift=0.0005, noise=0.018)


def debtor() -> Portfolio:
    """Owes roubles and a coin, and holds things without a price."""
    bybit = gallery.account("bybit", "BTC unified 0.51 @ 67123.45, USDT unified -9500 @ 1, WEIRD<b>&COIN spot 12")
    other = gallery.account("okx", "ETH unified 3.2 @ 3104, SOL unified -12 @ 150, DOGE spot 9 @ 0.2, ADA spot 1 @ 0.7")
    return gallery.portfolio(bybit, other, gallery.failed("kraken"))


def _curve(kind: ChartKind, told: Past, **more: object) -> Callable[[Reader], str]:
    return lambda who: curve_svg(kind, told, _changed(who, **more))


def _changed(who: Reader, **more: object) -> Reader:
    return reader(language=who.language, light=who.light, **more)  # type: ignore[arg-type]


def _split(kind: ChartKind, portfolio: Portfolio, **more: object) -> Callable[[Reader], str]:
    return lambda who: split_svg(kind, portfolio, _changed(who, **more))


WORTH, TWR, FALL = ChartKind.WORTH, ChartKind.TWR, ChartKind.DRAWDOWN

PICTURES: Mapping[str, Callable[[Reader], str]] = {
    "worth": _curve(WORTH, QUARTER),
    "worth-demo": _curve(WORTH, QUARTER, demo=True),
    "worth-percent": _curve(WORTH, QUARTER, percent_only=True),
    "worth-roubles": _curve(WORTH, past(365, start=3_500_000, flows=((200, 400_000.0),)), currency="RUB"),
    "worth-years": _curve(WORTH, YEARS),
    "worth-day": _curve(WORTH, hourly(25)),
    "worth-week": _curve(WORTH, hourly(24 * 7)),
    "worth-one": _curve(WORTH, only(45_310)),
    "worth-two": _curve(WORTH, only(45_310, 46_000)),
    "worth-flat": _curve(WORTH, only(*[45_310.02, 45_310.8] * 20)),
    "worth-debt": _curve(WORTH, only(900, 400, -120, -800, -300, 250, 700, 1_100)),
    "worth-small": _curve(WORTH, only(0.5, 0.8, 0.2, 0.9)),
    "twr": _curve(TWR, QUARTER),
    "twr-years": _curve(TWR, YEARS),
    "twr-two": _curve(TWR, only(100, 99)),
    "drawdown": _curve(FALL, LONG),
    "drawdown-quarter": _curve(FALL, QUARTER),
    "drawdown-none": _curve(FALL, only(100, 101, 102, 103)),
    "months": partial(months_svg, LONG),
    "months-years": partial(months_svg, YEARS),
    "months-one": partial(months_svg, past(12)),
    "assets": _split(ChartKind.ASSETS, gallery.complete()),
    "assets-demo": _split(ChartKind.ASSETS, gallery.ten(), demo=True),
    "assets-debt": _split(ChartKind.ASSETS, debtor()),
    "assets-percent": _split(ChartKind.ASSETS, gallery.complete(), percent_only=True),
    "accounts": _split(ChartKind.ACCOUNTS, gallery.provisional()),
    "accounts-ten": _split(ChartKind.ACCOUNTS, gallery.ten(), currency="RUB"),
}


async def main(folder: Path, wanted: str = "") -> None:
    """Draw them all."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = Pictures()
    for name, make in PICTURES.items():
        for language in ("en", "ru"):
            for light in (False, True):
                whole = f"{name}-{language}-{'light' if light else 'dark'}"
                if wanted not in whole:
                    continue
                svg = make(reader(language=language, light=light))
                (folder / f"{whole}.svg").write_text(svg, encoding="utf-8")
                (folder / f"{whole}.png").write_bytes(await pictures.png(svg))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:3]))
