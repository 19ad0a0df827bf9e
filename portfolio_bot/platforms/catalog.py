"""The one list of sources. Settings, `.env.example`, the README's table and `check` follow it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from portfolio_bot.platforms.base import AccountConfig, Memory, OpenSource, Source, SourceSpec, Surroundings

KEY_AND_SECRET = ("API_KEY", "API_SECRET")
WITH_PASSPHRASE = (*KEY_AND_SECRET, "API_PASSPHRASE")


def _module(name: str) -> OpenSource:
    """Opens a source through `open_source` of a module that is imported only when such an account is configured."""

    async def opened(config: AccountConfig, around: Surroundings, memory: Memory) -> Source:
        module = importlib.import_module(f"portfolio_bot.platforms.{name}")
        source: Source = await module.open_source(config, around, memory)
        return source

    return opened


def _ccxt(venue: str) -> OpenSource:
    """Opens a venue that ccxt signs for: `platforms/venues/<venue>.py` holds its `VENUE`."""

    async def opened(config: AccountConfig, around: Surroundings, memory: Memory) -> Source:
        adapter = importlib.import_module("portfolio_bot.platforms.ccxt_venue")
        row = importlib.import_module(f"portfolio_bot.platforms.venues.{venue}").VENUE
        source: Source = adapter.CcxtSource(row, config, around, memory, SOURCES[row.source].regions)
        return source

    return opened


_ROWS = (
    SourceSpec(
        "bybit", "Bybit", "BYBIT", KEY_AND_SECRET, _ccxt("bybit"),
        regions={"global": "https://api.bybit.com", "eu": "https://api.bybit.eu"},
        key_help="Bybit → API: a system-generated, read-only key with Unified Trading, Assets and Earn ticked.",
    ),
    SourceSpec(
        "okx", "OKX", "OKX", WITH_PASSPHRASE, _ccxt("okx"),
        regions={"global": "https://www.okx.com", "eea": "https://eea.okx.com", "us": "https://us.okx.com"},
        key_help="OKX → API: permission Read only; the passphrase is the one you choose when you make the key.",
    ),
    SourceSpec(
        "binance", "Binance", "BINANCE", KEY_AND_SECRET, _ccxt("binance"), takes=("TESTNET",),
        key_help="Binance → API management: Enable Reading only, restricted to this server's address.",
    ),
    SourceSpec(
        "kraken", "Kraken", "KRAKEN", KEY_AND_SECRET, _ccxt("kraken"),
        key_help='Kraken → Settings → API: "Query funds"; "Query ledger", "Query closed orders & trades" for history.',
    ),
    SourceSpec(
        "krakenfutures", "Kraken Futures", "KRAKENFUTURES", KEY_AND_SECRET, _ccxt("krakenfutures"),
        aliases=("KRAKEN_FUTURES",),
        key_help="Kraken Futures → Settings → API: General API read only, Withdrawal no access.",
    ),
    SourceSpec(
        "kucoin", "KuCoin", "KUCOIN", WITH_PASSPHRASE, _ccxt("kucoin"),
        key_help="KuCoin → API: permission General; add Futures to read the futures account, nothing else.",
    ),
    SourceSpec(
        "gateio", "Gate.io", "GATEIO", KEY_AND_SECRET, _ccxt("gate"), aliases=("GATE",),
        regions={"global": "https://api.gateio.ws", "eu": "https://api.gateeu.com"},
        key_help="Gate.io → API keys: every product Read only.",
    ),
    SourceSpec(
        "mexc", "MEXC", "MEXC", KEY_AND_SECRET, _ccxt("mexc"),
        key_help="MEXC → API: View account details for spot and futures, bound to this server's address.",
    ),
    SourceSpec(
        "tbank", "T-Bank", "TBANK", ("API_TOKEN",), _module("tbank"), is_exchange=False, takes=("CA_FILE",),
        key_help="T-Invest → Settings → T-Invest API token: read-only, for all accounts.",
    ),
    SourceSpec(
        "ibkr", "IBKR", "IBKR", ("FLEX_TOKEN",), _module("ibkr_flex"), is_exchange=False,
        takes=("QUERY_ID", "FLEX_TOKEN_EXPIRES"),
        key_help=(
            "IBKR → Performance & Reports → Flex Queries: an Activity Flex query (XML, all accounts, "
            '"Net Asset Value (NAV) in Base", "Cash Transactions" and "Transfers" ticked) and a Flex Web Service token.'
        ),
    ),
)  # fmt: skip

SOURCES: Mapping[str, SourceSpec] = {row.source: row for row in _ROWS}
