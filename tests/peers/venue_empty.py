"""What a venue answers about a wallet, a flow or a trade that is not there: worth 0, and no failure."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tests.peers.faults import Reply, Seen

Body: TypeAlias = object | Callable[[Seen], object]


def empty(venue: str, seen: Seen) -> Reply | None:
    """The venue's empty answer; None for a path that is none of its endpoints."""
    for pattern, body in _TABLES[venue].items():
        if re.fullmatch(pattern, seen.path):
            made = body(seen) if callable(body) else body
            return made if isinstance(made, Reply) else Reply.of(made)
    return None


def _bybit(result: object) -> object:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1772449025426}


def _kraken(result: object) -> object:
    return {"error": [], "result": result}


def _kucoin(data: object) -> object:
    return {"code": "200000", "data": data}


_KUCOIN_PAGE = _kucoin({"currentPage": 1, "pageSize": 50, "totalNum": 0, "totalPage": 0, "items": []})


def _kucoin_overview(seen: Seen) -> object:
    names = ("accountEquity", "unrealisedPNL", "marginBalance", "positionMargin", "orderMargin", "frozenFunds")
    zeros: dict[str, object] = dict.fromkeys((*names, "availableBalance"), 0)
    return _kucoin({**zeros, "currency": seen.fields.get("currency", "USDT")})


def _kucoin_overview_all(seen: Seen) -> object:
    currency = seen.fields.get("currency", "USDT")
    zeros: dict[str, object] = dict.fromkeys(("accountEquity", "unrealisedPNL", "marginBalance"), 0)
    row = {**zeros, "currency": currency, "accountName": "main"}
    return _kucoin({"summary": {"accountEquityTotal": 0, "currency": currency}, "accounts": [row]})


def _gate_futures(seen: Seen) -> object:
    settle = seen.path.split("/")[4].upper()
    names = ("total", "unrealised_pnl", "available", "position_margin", "order_margin", "point", "bonus")
    return {**dict.fromkeys(names, "0"), "currency": settle, "user": 1}


_GATE_NO_UNIFIED = Reply.of({"label": "USER_NOT_FOUND", "message": "The user has not opened a unified account"}, 400)
_GATE_KINDS = (
    "cross_margin", "spot", "finance", "margin", "quant", "futures", "delivery", "warrant", "cbbc", "options",
)  # fmt: skip
_GATE_TOTAL = {
    "details": {kind: {"currency": "USDT", "amount": "0"} for kind in _GATE_KINDS},
    "total": {"currency": "USDT", "amount": "0", "unrealised_pnl": "0", "borrowed": "0"},
}
_BINANCE_WALLETS = (
    "Spot", "Funding", "Cross Margin", "Isolated Margin", "USD-M Futures", "COIN-M Futures", "Earn", "Options",
)  # fmt: skip
_BINANCE_NOTHING = {"rows": [], "list": [], "userAssetDribblets": [], "total": 0}
_MARGIN_TOTALS = {"totalAssetOfBtc": "0", "totalLiabilityOfBtc": "0", "totalNetAssetOfBtc": "0"}
_BYBIT_UNIFIED = {
    "accountType": "UNIFIED", "totalEquity": "0", "totalWalletBalance": "0", "totalAvailableBalance": "0",
    "totalMarginBalance": "0", "totalPerpUPL": "0", "coin": [],
}  # fmt: skip
_FLEX = {
    "type": "multiCollateralMarginAccount", "currencies": {}, "portfolioValue": 0.0, "balanceValue": 0.0,
    "marginEquity": 0.0, "collateralValue": 0.0, "pnl": 0.0, "unrealizedFunding": 0.0, "totalUnrealized": 0.0,
}  # fmt: skip
_KRAKEN_BALANCE = dict.fromkeys(("eb", "tb", "m", "n", "c", "v", "e", "mf"), "0.0000")


def _now(scale: int) -> int:
    return int(time.time() * scale)


_TABLES: Mapping[str, Mapping[str, Body]] = {
    "bybit": {
        r"/v5/account/wallet-balance": _bybit({"list": [_BYBIT_UNIFIED]}),
        r"/v5/asset/transfer/query-account-coins-balance": _bybit({"accountType": "FUND", "balance": []}),
        r"/v5/asset/asset-overview": _bybit({"totalEquity": "0", "list": []}),
        r"/v5/user/query-api": _bybit({"readOnly": 1, "permissions": {}, "ips": ["*"], "uta": 1}),
        r"/v5/market/time": lambda _: _bybit({"timeSecond": str(_now(1)), "timeNano": str(_now(10**9))}),
        r"/v5/asset/covert/small-balance-history": _bybit({"records": [], "cursor": "1", "totalCount": "0"}),
        r"/v5/earn/token/position": _bybit({"totalAmount": "0", "totalYield": "0"}),
        r"/v5/market/kline": _bybit({"category": "spot", "list": []}),
        r"/v5/(asset|earn|account|execution|position|order)/.*": _bybit({"list": [], "rows": [], "nextPageCursor": ""}),
    },
    "okx": {
        r"/api/v5/account/balance": {
            "code": "0", "msg": "", "data": [{"totalEq": "0", "details": [], "uTime": "1637566660769"}],
        },
        r"/api/v5/asset/asset-valuation": {
            "code": "0", "msg": "",
            "data": [{"details": dict.fromkeys(("classic", "earn", "funding", "trading"), "0"), "totalBal": "0"}],
        },
        r"/api/v5/public/time": lambda _: {"code": "0", "msg": "", "data": [{"ts": str(_now(1000))}]},
        r"/api/v5/market/(history-)?candles": {"code": "0", "msg": "", "data": []},
        r"/api/v5/(account|asset|finance|trade|tradingBot|users)/.*": {"code": "0", "msg": "", "data": []},
    },
    "binance": {
        r"/api/v3/account": {"accountType": "SPOT", "balances": [], "permissions": ["SPOT"], "canTrade": True},
        r"/sapi/v3/asset/getUserAsset|/sapi/v1/asset/get-funding-asset": [],
        r"/sapi/v1/asset/wallet/balance": [
            {"activate": True, "balance": "0", "walletName": name} for name in _BINANCE_WALLETS
        ],
        r"/sapi/v1/simple-earn/(flexible|locked)/position": {"rows": [], "total": 0},
        r"/sapi/v1/margin/account": {**_MARGIN_TOTALS, "userAssets": [], "accountType": "MARGIN_1"},
        r"/sapi/v1/margin/isolated/account": {**_MARGIN_TOTALS, "assets": []},
        r"/fapi/v[23]/account": {"totalMarginBalance": "0", "totalWalletBalance": "0", "assets": [], "positions": []},
        r"/dapi/v1/account": {"assets": [], "positions": []},
        r"/papi/v1/balance": [],
        r"/eapi/v1/account": {"asset": [], "greek": [], "time": 1592449455993},
        r"/api/v3/time": lambda _: {"serverTime": _now(1000)},
        r"/sapi/v2/eth-staking/account": {"holdingInETH": "0", "holdings": {"wbethAmount": "0", "bethAmount": "0"}},
        r"/sapi/v1/sol-staking/account": {"bnsolAmount": "0", "holdingInSOL": "0"},
        r"/sapi/v1/dci/product/accounts": {"totalAmountInBTC": "0", "totalAmountInUSDT": "0"},
        r"/sapi/v1/(dci/product/positions|asset/transfer|convert/.*|simple-earn/.*/history/.*)": _BINANCE_NOTHING,
        r"/sapi/v1/(asset/(dribblet|assetDividend)|margin/interestHistory)": _BINANCE_NOTHING,
        r"/sapi/v1/(fiat|pay|c2c)/.*": {
            "code": "000000", "message": "success", "data": [], "total": 0, "success": True,
        },
        r"/sapi/v1/sub-account/list": {"subAccounts": []},
        r"/sapi/v1/sub-account/universalTransfer": {"result": [], "totalCount": 0},
        r"/sapi/v4/sub-account/assets": {"balances": []},
        r"/sapi/v2/sub-account/futures/account": {
            "futureAccountResp": {"assets": []}, "deliveryAccountResp": {"assets": []},
        },
        r"/sapi/v1/account/info": {
            "vipLevel": 0, "isMarginEnabled": True, "isFutureEnabled": True, "isOptionsEnabled": True,
            "isPortfolioMarginRetailEnabled": False,
        },
        r"/papi/v1/margin/marginInterestHistory": _BINANCE_NOTHING,
        r"/fapi/v1/ticker/price": [{"symbol": "BTCUSDT", "price": "60100"}, {"symbol": "ETHUSDT", "price": "2404"}],
        r"/dapi/v1/ticker/price": [{"symbol": "BTCUSD_PERP", "ps": "BTCUSD", "price": "60100"}],
        r"/sapi/v1/(eth|sol)-staking/.*/history/.*": _BINANCE_NOTHING,
        r"/(sapi|fapi|dapi|eapi|api|papi)/.*": [],
    },
    "kraken": {
        r"/0/private/TradeBalance": _kraken(_KRAKEN_BALANCE),
        r"/0/private/Earn/Allocations": _kraken({"items": [], "next_cursor": None, "total_allocated": "0"}),
        r"/0/public/Time": lambda _: _kraken({"unixtime": _now(1)}),
        r"/0/private/(DepositStatus|WithdrawStatus)": _kraken([]),
        r"/0/private/.*": _kraken({}),
    },
    "krakenfutures": {
        r"/derivatives/api/v3/accounts": {
            "result": "success", "serverTime": "2025-11-17T00:34:37.524Z",
            "accounts": {"cash": {"type": "cashAccount", "balances": {}}, "flex": _FLEX},
        },
        r"/derivatives/api/v3/fills": {"result": "success", "fills": [], "serverTime": "2025-11-17T00:34:37.524Z"},
        r"/api/history/v[23]/.*": {"accountUid": "x", "logs": [], "elements": []},
    },
    "kucoin": {
        r"/api/ua/v1/account/mode": _kucoin(
            {"selfAccountMode": "CLASSIC", "unifiedSubAccount": [], "classicSubAccount": []}
        ),
        r"/api/v1/accounts": _kucoin([]),
        r"/api/v3/margin/accounts": _kucoin(
            {"totalAssetOfQuoteCurrency": "0", "totalLiabilityOfQuoteCurrency": "0", "debtRatio": "0", "accounts": []}
        ),
        r"/api/v3/isolated/accounts": _kucoin(
            {"totalAssetOfQuoteCurrency": "0", "totalLiabilityOfQuoteCurrency": "0", "timestamp": 1, "assets": []}
        ),
        r"/api/v1/account-overview": _kucoin_overview,
        r"/api/v1/account-overview-all": _kucoin_overview_all,
        r"/api/ua/v1/(unified/account/balance|account/balance)": _kucoin({"accounts": []}),
        r"/api/v1/timestamp": lambda _: _kucoin(_now(1000)),
        r"/api/v[13]/.*": _KUCOIN_PAGE,
    },
    "gate": {
        r"/api/v4/unified/.*": _GATE_NO_UNIFIED,
        r"/api/v4/account/main_keys": [],
        r"/api/v4/account/detail": {"user_id": 10001, "ip_whitelist": [], "key": {"mode": 1}, "tier": 0},
        r"/api/v4/(futures|delivery)/[a-z]+/accounts": _gate_futures,
        r"/api/v4/options/accounts": {"currency": "USDT", "total": "0", "equity": "0", "unrealised_pnl": "0"},
        r"/api/v4/margin/cross/accounts": {"balances": {}, "total": "0", "net": "0", "locked": False},
        r"/api/v4/wallet/total_balance": _GATE_TOTAL,
        r"/api/v4/spot/time": lambda _: {"server_time": _now(1000)},
        r"/api/v4/earn/fixed-term/user/lend": {"code": 0, "message": "", "data": {"list": [], "total": 0}},
        r"/api/v4/(spot|margin|wallet|earn|futures|delivery|options)/.*": [],
    },
    "mexc": {
        r"/api/v3/account": {"accountType": "SPOT", "balances": [], "canTrade": True, "permissions": ["SPOT"]},
        r"/api/v3/time": lambda _: {"serverTime": _now(1000)},
        r"/api/v1/contract/ping": lambda _: {"success": True, "code": 0, "data": _now(1000)},
        r"/api/v1/private/(account/transfer_record|position/funding_records)": {
            "success": True, "code": 0,
            "data": {"pageSize": 100, "totalCount": 0, "totalPage": 0, "currentPage": 1, "resultList": []},
        },
        r"/api/v1/(private|contract)/.*": {"success": True, "code": 0, "data": []},
        r"/api/v3/capital/transfer": {"rows": [], "total": 0},
        r"/api/v3/capital/(transfer/internal|convert)": {"data": [], "totalRecords": 0, "page": 1, "totalPageNum": 0},
        r"/api/v3/uid": {"uid": "209383"},
        r"/api/v3/sub-account/list": {"subAccounts": []},
        r"/api/v3/(capital/.*|myTrades|klines)": [],
    },
}  # fmt: skip
