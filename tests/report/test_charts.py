"""Pictures as text: what stands in them, and what must not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio_bot.model.portfolio import Portfolio
from portfolio_bot.report.charts.canvas import HEIGHT, SMALLEST, WIDTH, width_of
from portfolio_bot.report.charts.theme import DARK, LIGHT
from portfolio_bot.report.charts.views import ChartKind
from portfolio_bot.report.compose.curves import curve_caption, months_caption
from portfolio_bot.report.compose.split import split, split_caption
from portfolio_bot.report.reader import Reader
from tests.report import gallery
from tests.report.chart_samples import (
    Past,
    curve_svg,
    hourly,
    months_of,
    months_svg,
    only,
    past,
    reader,
    split_svg,
    view_of,
)
from tests.report.charts_gallery import FLOWS, LONG, PICTURES, QUARTER, YEARS, debtor
from tests.report.shown import text

WORTH, TWR, FALL = ChartKind.WORTH, ChartKind.TWR, ChartKind.DRAWDOWN
SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> list[str]:
    """Every text of a picture, rims left out."""
    return [
        (one.text or "").replace("\u00a0", " ")
        for one in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if one.get("fill") != "none"
    ]


def paths(svg: str, colour: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(svg).iter(f"{SVG}path") if one.get("stroke") == colour]


def dashes(svg: str, colour: str = DARK.main) -> int:
    return sum(one.get("stroke-dasharray") is not None for one in paths(svg, colour))


def triangles(svg: str, colour: str) -> int:
    found = ElementTree.fromstring(svg).iter(f"{SVG}path")
    return sum(one.get("class") == "mark" and one.get("fill") == colour for one in found)


def boxes(svg: str) -> Iterator[tuple[float, float, float, float, str]]:
    """Where texts stand: left, top, right, bottom."""
    for one in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if one.get("fill") == "none" or one.get("opacity"):
            continue
        size, x, y = (float(one.get(name) or 0) for name in ("font-size", "x", "y"))
        wide = width_of(one.text or "", size, bold=one.get("font-weight") == "bold")
        left = x - {"middle": wide / 2, "end": wide}.get(one.get("text-anchor") or "", 0.0)
        yield left, y - size * 0.72, left + wide, y, one.text or ""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("name", PICTURES)
def test_no_text_is_small_lies_on_another_or_leaves_the_picture(name: str, language: str, *, light: bool) -> None:
    svg = PICTURES[name](reader(language=language, light=light))
    sizes = [float(one.get("font-size") or 0) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert min(sizes) >= SMALLEST
    found = list(boxes(svg))
    for left, top, right, bottom, told in found:
        assert left >= 0, told
        assert top >= 0, told
        assert right <= WIDTH, told
        assert bottom <= HEIGHT, told
    for one, other in combinations(found, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, f"{one[4]} lies on {other[4]}"


def test_worth_says_the_answer_first_and_the_last_value_at_the_end_of_its_line() -> None:
    svg = curve_svg(WORTH, QUARTER, reader())
    assert words(svg)[:2] == ["$49,669 · +15.29%* in 89 days", "23 Aug 23:55 – 20 Nov 14:05 Paris"]
    assert words(svg)[-3:] == ["$49,669", "BTC + ETH", "$46,753"]


def test_worth_has_a_triangle_for_what_came_in_and_one_for_what_went_out() -> None:
    svg = curve_svg(WORTH, QUARTER, reader())
    assert sum(amount > 0 for _, amount in FLOWS) == triangles(svg, DARK.main) == 3
    assert sum(amount < 0 for _, amount in FLOWS) == triangles(svg, DARK.other) == 2
    assert triangles(curve_svg(WORTH, past(90), reader()), DARK.main) == 0


def test_triangles_that_would_lie_on_one_another_are_one() -> None:
    daily = past(365, flows=[(ago, 10.0) for ago in range(1, 364)])
    assert 20 < triangles(curve_svg(WORTH, daily, reader()), DARK.main) < 45


def test_stretches_without_a_complete_close_are_dashed() -> None:
    assert dashes(curve_svg(WORTH, QUARTER, reader())) == 2
    assert dashes(curve_svg(WORTH, past(90), reader())) == 0
    assert dashes(curve_svg(TWR, QUARTER, reader())) == 2
    assert dashes(curve_svg(FALL, QUARTER, reader()), DARK.other) == 2
    caption = text(curve_caption(WORTH, view_of(WORTH, QUARTER), reader()))
    assert "Dashed: no complete close on 29 Sep and 14–18 Oct." in caption


def test_many_stretches_without_a_close_are_counted() -> None:
    holed = past(90, without=range(10, 60, 4))
    assert "Dashed: 13 days without a complete close, the last 10 Nov." in text(
        curve_caption(WORTH, view_of(WORTH, holed), reader())
    )


def test_the_benchmark_is_thinner_and_grey() -> None:
    svg = curve_svg(WORTH, QUARTER, reader())
    (own, *_), (beside, *_) = paths(svg, DARK.main), paths(svg, DARK.beside)
    assert float(own.get("stroke-width") or 0) > float(beside.get("stroke-width") or 0)
    assert not paths(curve_svg(WORTH, QUARTER, reader(), benchmark=False), DARK.beside)


def test_ten_years_are_no_more_points_than_can_be_seen() -> None:
    svg = curve_svg(WORTH, YEARS, reader())
    points = sum((one.get("d") or "").count("L") for one in paths(svg, DARK.main))
    assert 500 < points < 1_300
    assert len(svg) < 60_000


def test_a_drawdown_is_filled_below_zero_and_names_its_depth() -> None:
    svg = curve_svg(FALL, LONG, reader())
    assert words(svg)[0] == "−33.69% at worst in 899 days, −23.26% now"
    assert "−33.69%" in words(svg)[1:]
    assert "fill-opacity" in svg
    assert words(curve_svg(FALL, only(1, 2, 3, 4), reader()))[0] == "Never below its peak in 3 days"


def test_months_have_their_figure_with_its_sign_in_each_cell() -> None:
    told = words(months_svg(LONG, reader()))
    assert told[0] == "+3.51% in Nov 2026"
    assert "Best +17.80% in Aug 2024, worst −14.45% in Oct 2024" in told
    assert {"+4.5", "−8.2", "−13", "+3.5*", "+0.1"} <= set(told)
    cells = [one for one in told if re.fullmatch(r"[+−]?[\d.k]+\*?", one) and not one.startswith("20")]
    assert len(cells) == 30 + 3
    assert all(one[0] in "+−" or set(one) <= set("0.*") for one in cells)


def test_a_month_that_stands_alone_is_in_the_nominative() -> None:
    told = words(months_svg(LONG, reader(language="ru")))
    assert told[0].replace("\u00a0", " ") == "+3,51 % за ноябрь 2026"
    assert "май" in told
    assert "мая" not in told
    axis = words(curve_svg(WORTH, only(*range(1, 400)), reader(language="ru")))
    assert "май" in axis
    assert "мая" not in axis


def test_a_month_links_its_days_and_a_year_its_months() -> None:
    view = months_of(LONG)
    linked = Decimal(1)
    for month in range(1, 13):
        linked *= 1 + (view.months[2025, month].value or 0)
    assert view.years[2025].value is not None
    assert abs(view.years[2025].value - (linked - 1)) < Decimal("1e-30")
    assert not view.years[2025].partly
    assert view.months[2026, 11].partly
    assert view.months[2024, 6].partly


def test_a_month_with_a_hole_over_its_border_says_so() -> None:
    today = past(70, without=range(19, 22))  # 30 Oct to 1 Nov
    assert months_of(today).months[2026, 10].partly
    assert not months_of(past(70)).months[2026, 10].partly


def test_a_split_is_sorted_with_dust_together_and_debts_last() -> None:
    told = words(split_svg(ChartKind.ASSETS, debtor(), reader()))
    assert told[0] == "BTC 104.2% of at least $32,868"
    names = [one for one in told if one in {"BTC", "ETH", "2 more", "SOL", "USDT"}]
    assert names == ["BTC", "ETH", "2 more", "SOL", "USDT"]
    assert {"−5.5%", "−28.9%", "−$9,500.00"} <= set(told)
    caption = text(split_caption(split(ChartKind.ASSETS, debtor(), reader())))
    assert "No price: WEIRD<b>&COIN." in caption
    assert "Unknown: Kraken." in caption
    assert "all shares together are 100%" in caption


def test_a_split_by_account_marks_what_stands_in() -> None:
    told = words(split_svg(ChartKind.ACCOUNTS, gallery.provisional(), reader()))
    assert told[0] == "Bybit 27.3% of $45,304*"
    assert "Kraken*" in told
    assert "* Kraken: key refused" in text(split_caption(split(ChartKind.ACCOUNTS, gallery.provisional(), reader())))


def test_more_debt_than_assets_has_shares_of_what_is_owned() -> None:
    poor = gallery.portfolio(gallery.account("bybit", "BTC unified 0.01 @ 60000, USDT unified -2000 @ 1"))
    told = words(split_svg(ChartKind.ASSETS, poor, reader()))
    assert {"100.0%", "−333.3%"} <= set(told)
    assert told[0] == "−$1,400.00"
    hidden = split_svg(ChartKind.ASSETS, poor, reader(percent_only=True))
    assert {"100.0%", "−333.3%"} <= set(words(hidden))


def test_bars_are_as_long_as_their_values_and_no_whole_stands_behind_them() -> None:
    svg = split_svg(ChartKind.ACCOUNTS, gallery.provisional(), reader())
    [paper, *drawn] = [float(one.get("width") or 0) for one in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    shares = [float(one.rstrip("%")) for one in words(svg) if one.endswith("%")]
    assert (paper, len(drawn)) == (WIDTH, len(shares))
    for width, share in zip(drawn, shares, strict=True):
        assert width / drawn[0] == pytest.approx(share / shares[0], rel=0.01)


@pytest.mark.parametrize("kind", [ChartKind.ASSETS, ChartKind.ACCOUNTS])
def test_where_nothing_is_held_nothing_is_drawn(kind: ChartKind) -> None:
    nothing = gallery.portfolio(gallery.account("bybit", "XYZ spot 5"))
    view = split(kind, nothing, reader())
    assert not view.bars
    assert text(split_caption(view)) == "Nothing to draw: everything is worth 0."
    dark = split(kind, gallery.portfolio(gallery.failed("kraken")), reader())
    assert text(split_caption(dark)) == "Nothing to draw: no account has a value."


def test_names_of_strangers_are_text_and_nothing_else() -> None:
    nasty = '</text><script>"&\u202e比'
    held = gallery.account("bybit", "BTC unified 0.5 @ 60000", name=nasty)
    svg = split_svg(ChartKind.ACCOUNTS, gallery.portfolio(held), reader())
    assert '</text><script>"&□' in words(svg)
    assert "<script>" not in svg


@pytest.mark.parametrize("light", [False, True])
def test_the_demo_says_so(*, light: bool) -> None:
    who = reader(demo=True, light=light)
    for svg in (curve_svg(WORTH, QUARTER, who), months_svg(LONG, who)):
        assert words(svg).count("Demo: simulated accounts") == 2
    assert (LIGHT if light else DARK).paper in curve_svg(WORTH, QUARTER, reader(light=light))


CURVES = st.lists(st.integers(-50_000, 90_000), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(CURVES, st.booleans(), st.sampled_from(["en", "ru"]))
def test_any_past_can_be_drawn(values: list[int], percent_only: bool, language: str) -> None:
    told = only(*(float(one) for one in values))
    who = reader(percent_only=percent_only, language=language)
    for kind in (WORTH, TWR, FALL):
        if view_of(kind, told).curve:
            ElementTree.fromstring(curve_svg(kind, told, who))
        text(curve_caption(kind, view_of(kind, told), who))


MAKERS: dict[str, Callable[[Past, Portfolio, Reader], str]] = {
    "worth": lambda told, _, who: curve_svg(WORTH, told, who),
    "twr": lambda told, _, who: curve_svg(TWR, told, who),
    "drawdown": lambda told, _, who: curve_svg(FALL, told, who),
    "months": lambda told, _, who: months_svg(told, who),
    "assets": lambda _, held, who: split_svg(ChartKind.ASSETS, held, who),
    "accounts": lambda _, held, who: split_svg(ChartKind.ACCOUNTS, held, who),
    "captions": lambda told, held, who: "".join(
        [
            *(text(curve_caption(kind, view_of(kind, told), who)) for kind in (WORTH, TWR, FALL)),
            text(months_caption(months_of(told), who)),
            *(text(split_caption(split(kind, held, who))) for kind in (ChartKind.ASSETS, ChartKind.ACCOUNTS)),
        ]
    ),
}


@settings(max_examples=8, deadline=None)
@given(st.integers(1_000, 90_000_000), st.integers(0, 10**6), st.sampled_from(["en", "ru"]))
@pytest.mark.parametrize("name", MAKERS)
def test_percent_only_pictures_hold_no_amount(name: str, start: int, seed: int, language: str) -> None:
    """All that differs between somebody poor and somebody a thousand times as rich is what may be shown: nothing."""
    pictures = []
    for factor in (1, 1000):
        told = past(40, seed=seed, start=start * factor, flows=((20, start * factor / 8), (9, -start * factor / 5)))
        held = gallery.portfolio(
            gallery.account("bybit", f"BTC unified {factor * 3} @ {start}, USDT unified -{factor * start} @ 1"),
            gallery.account("okx", f"ETH unified {factor} @ {start / 2:.2f}"),
        )
        pictures.append(MAKERS[name](told, held, reader(percent_only=True, language=language)))
    for one in pictures:  # the rate of the day is everybody's
        assert not set("$₽") & set(re.sub(r"₽?78[.,]60\s?₽?", "", one))
    assert _figures(pictures[0]) == _figures(pictures[1])


def _figures(svg: str) -> list[str]:
    """All texts; what is rounded to cents before it is measured may differ in its last digit."""
    shown = words(svg) if svg.startswith("<svg") else svg.splitlines()
    return [re.sub(r"[\d.,]+", lambda found: found[0][: max(len(found[0]) - 3, 1)], one) for one in shown]


def test_an_amount_would_be_found() -> None:
    rich, poor = (curve_svg(WORTH, past(40, start=start), reader()) for start in (5_000, 5_000_000))
    assert _figures(rich) != _figures(poor)


def test_a_day_is_drawn_by_its_hours() -> None:
    svg = curve_svg(WORTH, hourly(25), reader())
    assert {"20 Nov", "03:00"} <= set(words(svg))
    assert sum((one.get("d") or "").count("L") for one in paths(svg, DARK.main)) == 24


def test_without_amounts_the_title_of_worth_says_where_its_line_ends() -> None:
    told = words(curve_svg(WORTH, QUARTER, reader(percent_only=True)))
    index = re.fullmatch(r"100 → ([\d.]+) · .*", told[0])
    assert index is not None
    assert index[1] in told[1:]
