"""Everything that can happen has words, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import portfolio_bot
from portfolio_bot.analytics.borders import BorderCause
from portfolio_bot.analytics.lot_book import Flag, LotSource
from portfolio_bot.analytics.returns import Rule
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure, FailureKind
from portfolio_bot.model.figure import Note, Reason, Unknown
from portfolio_bot.model.flow import Confidence, FlowKind, MatchedBy
from portfolio_bot.model.instrument import FxProvider
from portfolio_bot.model.statement import UnreadableWallet, Wallet, WarningKind
from portfolio_bot.report.concerns import Concern
from portfolio_bot.report.document import Code, Foreign, plain
from portfolio_bot.report.numbers import Numbers
from portfolio_bot.report.reader import Guide
from portfolio_bot.report.views import SettingOrigin
from portfolio_bot.report.voice import CATALOGUES, Voice, catalogue
from portfolio_bot.report.words import Catalogue, fill, joined

NOW = datetime(2026, 11, 20, 13, 5, tzinfo=UTC)
SOURCE = Path(portfolio_bot.__file__).parent
PLAIN = Guide("KRAKEN", key_help="Where keys are made.")
REGIONAL = Guide("OKX", regions=("global", "eea"), takes=("CA_FILE", "QUERY_ID"))
LANGUAGES = pytest.mark.parametrize("words", CATALOGUES.values(), ids=CATALOGUES)
LIBRARY_WORDS = re.compile(r"exception|traceback|http|error:|ccxt|aiohttp|sorry|oops|!|please", re.IGNORECASE)


def voice(words: Catalogue, pull: str = "/pull") -> Voice:
    return Voice(words, Numbers(words.style, Calendar(UTC), NOW), pull)


def sentence(text: str) -> bool:
    """Whether it is a whole one, and says nothing in a library's words."""
    return text[-1] in ".`…" or (text.endswith("true") and not LIBRARY_WORDS.search(text))


@LANGUAGES
@pytest.mark.parametrize("kind", FailureKind)
@pytest.mark.parametrize("guide", [PLAIN, REGIONAL], ids=["plain", "regional"])
def test_every_failure_has_words(words: Catalogue, kind: FailureKind, guide: Guide) -> None:
    said = voice(words).failure("Kraken", Failure(kind, "EX:1", NOW + timedelta(minutes=9)), guide)
    assert plain(said.sentence).startswith("Kraken: ")
    assert sentence(plain(said.sentence))
    assert 0 < len(plain(said.short)) <= 40
    assert not plain(said.short).endswith(".")
    for text in (plain(said.sentence), plain(said.mend), plain(said.short)):
        assert not LIBRARY_WORDS.search(text), text
        assert not re.search(r"[{}`]|\(\)|  ", text), text


@LANGUAGES
@pytest.mark.parametrize("kind", FailureKind)
def test_what_does_not_end_by_itself_has_a_mend(words: Catalogue, kind: FailureKind) -> None:
    ends_by_itself = {
        FailureKind.MAINTENANCE, FailureKind.UNAVAILABLE, FailureKind.UNREACHABLE, FailureKind.TIMEOUT,
        FailureKind.SUSPECT, FailureKind.IN_PROGRESS, FailureKind.NO_RATE,
    }  # fmt: skip
    assert bool(words.failures[kind].mend) is (kind not in ends_by_itself)


@LANGUAGES
@pytest.mark.parametrize("kind", WarningKind)
def test_every_warning_has_words(words: Catalogue, kind: WarningKind) -> None:
    told = plain(voice(words).warning(Concern(kind, "kraken", "Kraken", "USDT")))
    assert sentence(told)
    if words.warnings[kind].many:
        assert "Bybit, OKX" in plain(voice(words).warning_of_many(kind, ["Bybit", "OKX"]))


@LANGUAGES
def test_every_closed_list_is_covered(words: Catalogue) -> None:
    assert set(words.wallets) == set(Wallet)
    assert set(words.providers) == set(FxProvider)
    assert set(words.origins) == set(SettingOrigin)
    assert set(words.notes) == set(Note)
    assert set(words.rules) == set(Rule)
    assert set(words.flags) == set(Flag)
    assert set(words.lots) == set(LotSource)
    assert set(words.flows) == set(FlowKind)
    assert set(words.matched) == set(MatchedBy)
    assert set(words.confidence) == set(Confidence)
    assert set(words.failures) == set(FailureKind)
    assert set(words.warnings) == set(WarningKind)
    assert {reason.value for reason in Reason} <= set(words.unknowns)


@LANGUAGES
@pytest.mark.parametrize("cause", BorderCause)
def test_every_way_into_the_total_has_words(words: Catalogue, cause: BorderCause) -> None:
    assert "Kraken" in voice(words).word(f"border_{cause}", name="Kraken", part="Futures")


@LANGUAGES
def test_every_reason_of_an_unknown_figure_has_words(words: Catalogue) -> None:
    used = {found for text in sources() for found in re.findall(r'Unknown\(\s*"(\w+)"', text)}
    assert "no_rate" in used
    assert used <= set(words.unknowns)
    for reason in words.unknowns:
        assert voice(words).unknown(Unknown(reason, "RUB")).startswith(words.phrases["unknown"])


@LANGUAGES
def test_every_reason_of_an_unread_wallet_has_words(words: Catalogue) -> None:
    used = {found for text in sources() for found in re.findall(r'UnreadableWallet\([^)]*"(\w+)"\)', text)}
    assert used | {"missing_right"} <= set(words.unreadable)


@LANGUAGES
def test_what_is_said_beside_a_figure_is_a_whole_sentence(words: Catalogue) -> None:
    for text in (*words.notes.values(), *words.flags.values()):
        assert text.endswith(".")
        assert not LIBRARY_WORDS.search(text)


def sources(package: str = "") -> list[str]:
    """All source texts of a package."""
    return [path.read_text(encoding="utf-8") for path in sorted((SOURCE / package).rglob("*.py"))]


def test_an_unknown_language_is_english() -> None:
    assert catalogue("tlh") is CATALOGUES["en"]


def test_what_is_filled_in_is_never_read_as_a_template() -> None:
    assert fill("{account}: put `{key}_X`", {"account": "{key} `x`", "key": "K"}) == ("{key} `x`: put ", Code("K_X"))


def test_a_missing_value_is_a_bug_and_not_a_gap() -> None:
    with pytest.raises(KeyError):
        fill("{account}", {})


def test_a_text_without_marks_is_a_plain_string() -> None:
    assert fill("a {b} c", {"b": "x"}) == "a x c"
    assert joined("", "a", "", "b") == "a b"
    assert joined("a", (Foreign("b"),)) == ("a ", Foreign("b"))


def test_a_mend_names_the_variables_of_its_account() -> None:
    speak = voice(CATALOGUES["en"])
    said = speak.failure("Kraken", Failure(FailureKind.BAD_KEY), PLAIN)
    assert (Code("KRAKEN_API_KEY") in said.mend, said.where) == (True, "Where keys are made.")
    region = plain(speak.failure("OKX", Failure(FailureKind.WRONG_REGION), REGIONAL).mend)
    assert region == "Set OKX_REGION (global, eea) and restart."
    blocked = plain(speak.failure("Kraken", Failure(FailureKind.GEO_BLOCKED), PLAIN).mend)
    assert blocked == "Run from another country, or set PROXY_URL and restart."


def test_a_mend_names_what_this_reader_types() -> None:
    failure = Failure(FailureKind.IP_NOT_ALLOWED)
    assert plain(voice(CATALOGUES["en"], "portfolio-bot pull").failure("X", failure, PLAIN).mend).endswith(
        "then portfolio-bot pull."
    )


def test_a_detail_is_a_stranger_s_word_in_brackets() -> None:
    said = voice(CATALOGUES["en"]).failure("Kraken", Failure(FailureKind.BAD_KEY, "<b>x"), PLAIN)
    assert said.sentence == ("Kraken: the key is refused (", Foreign("<b>x"), ").")


def test_lists_are_cut_only_where_it_saves_something() -> None:
    speak = voice(CATALOGUES["en"])
    assert speak.listed(["a", "b", "c", "d"]) == "a, b, c, d"
    assert speak.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert (speak.all_of(["a"]), speak.all_of(["a", "b", "c"])) == ("a", "a, b and c")


def test_numbers_of_things_take_their_form() -> None:
    speak = voice(CATALOGUES["en"])
    assert [speak.count("assets", n) for n in (0, 1, 2, 1234)] == ["0 assets", "1 asset", "2 assets", "1,234 assets"]


def test_a_day_in_a_warning_is_told_as_a_day() -> None:
    concern = Concern(WarningKind.KEY_EXPIRES, "ibkr", "IBKR", "2027-03-12")
    assert (
        plain(voice(CATALOGUES["en"]).warning(concern)).replace("\u00a0", " ") == "IBKR: the key ends on 12 Mar 2027."
    )


def test_an_unread_wallet_says_why() -> None:
    told = voice(CATALOGUES["en"]).all_unreadable(
        "Bybit",
        [UnreadableWallet("Bots", "not_built"), UnreadableWallet("Earn"), UnreadableWallet("Loans", "not_built")],
    )
    assert [plain(text) for text in told] == [
        "Bybit, not in the total: Bots, Loans (not read yet).",
        "Bybit, not in the total: Earn (the key may not read it).",
    ]
