"""Texts that stand in English where they are made, in Russian.

Where keys are made, what the parts of a history are called, what kept an order of somebody's own company, and the
arguments of commands. What a platform calls its own pages and rights stays as its pages show it.
"""

from __future__ import annotations

from typing import Final

_KEYS: Final = {
    "Bybit → API: a system-generated, read-only key with Unified Trading, Assets and Earn ticked.": (
        "Bybit → API: системный ключ только для чтения, отметить Unified Trading, Assets и Earn."
    ),
    "OKX → API: permission Read only; the passphrase is the one you choose when you make the key.": (
        "OKX → API: право только Read; пароль (passphrase) – тот, что задан при создании ключа."
    ),
    "Binance → API management: Enable Reading only, restricted to this server's address.": (
        "Binance → API management: только Enable Reading, с ограничением по адресу этого сервера."
    ),
    'Kraken → Settings → API: "Query funds"; "Query ledger", "Query closed orders & trades" for history.': (
        "Kraken → Settings → API: «Query funds»; для истории «Query ledger», «Query closed orders & trades»."
    ),
    "Kraken Futures → Settings → API: General API read only, Withdrawal no access.": (
        "Kraken Futures → Settings → API: General API – read only, Withdrawal – no access."
    ),
    "KuCoin → API: permission General; add Futures to read the futures account, nothing else.": (
        "KuCoin → API: право General; для фьючерсов ещё Futures, больше ничего."
    ),
    "Gate.io → API keys: every product Read only.": "Gate.io → API keys: все продукты Read only.",
    "MEXC → API: View account details for spot and futures, bound to this server's address.": (
        "MEXC → API: View account details для спота и фьючерсов, с привязкой к адресу этого сервера."
    ),
    "T-Invest → Settings → T-Invest API token: read-only, for all accounts.": (
        "Т-Инвестиции → Настройки → токен T-Invest API: только чтение, все счета."
    ),
    "IBKR → Performance & Reports → Flex Queries: an Activity Flex query (XML, all accounts, "
    '"Net Asset Value (NAV) in Base", "Cash Transactions" and "Transfers" ticked) and a Flex Web Service token.': (
        "IBKR → Performance & Reports → Flex Queries: запрос Activity Flex (XML, все счета, отмечены "
        "«Net Asset Value (NAV) in Base», «Cash Transactions» и «Transfers») и токен Flex Web Service."
    ),
}

_PARTS_OF_A_HISTORY: Final = {
    "deposits": "пополнения",
    "withdrawals": "выводы",
    "transfers": "переводы",
    "trades": "сделки",
    "options": "опционы",
    "conversions": "обмены",
    "corporate actions": "корпоративные действия",
    "deposits, withdrawals and income": "пополнения, выводы и доход",
    "deposits, withdrawals, income and fees": "пополнения, выводы, доход и комиссии",
    "deposits, dividends, interest and fees": "пополнения, дивиденды, проценты и комиссии",
    "deposits from Bybit users": "пополнения от пользователей Bybit",
    "card purchases": "покупки картой",
    "bank transfers": "банковские переводы",
    "Binance Pay": "Binance Pay",
    "P2P trades": "сделки P2P",
    "transfers to sub-accounts": "переводы на субсчета",
    "transfers with sub-accounts": "переводы с субсчетами",
    "transfers with the main account": "переводы с основным счётом",
    "transfers between users": "переводы между пользователями",
    "transfers to and from other users": "переводы с другими пользователями",
    "transfers between own wallets": "переводы между своими кошельками",
    "moves between wallets": "переводы между кошельками",
    "main account": "основной счёт",
    "funding account": "счёт финансирования",
    "funding wallet": "кошелёк финансирования",
    "trading account": "торговый счёт",
    "unified account": "единый счёт",
    "spot account book": "записи спот-счёта",
    "trading account and its trades": "торговый счёт и его сделки",
    "margin account and its trades": "маржинальный счёт и его сделки",
    "spot trades of the former account": "спот-сделки прежнего счёта",
    "margin interest": "проценты по марже",
    "interest on margin": "проценты по марже",
    "interest of flexible savings": "проценты гибких накоплений",
    "interest of simple earn": "проценты Simple Earn",
    "interest of Lend & Earn": "проценты Lend & Earn",
    "rewards of on-chain earn": "награды On-Chain Earn",
    "distributions and Earn rewards": "раздачи и награды Earn",
    "staking of ETH and SOL": "стейкинг ETH и SOL",
    "small balances": "мелкие остатки",
    "small balances converted": "обмен мелких остатков",
    "dust conversions": "обмен мелких остатков",
    "transfers, results and funding": "переводы, результаты и фандинг",
    "futures results and transfers": "результаты фьючерсов и переводы",
    "futures results and funding in": "результаты фьючерсов и фандинг в",
    "futures trades": "сделки с фьючерсами",
    "futures trades in": "сделки с фьючерсами в",
    "delivery results": "результаты поставочных контрактов",
    "delivery trades": "сделки с поставочными контрактами",
    "funding of contracts": "фандинг контрактов",
    "contract deals": "сделки с контрактами",
    "spot trades": "спот-сделки",
    "margin trades": "маржинальные сделки",
    "swap trades": "сделки со свопами",
    "option trades": "сделки с опционами",
    "trades of the unified account": "сделки единого счёта",
    "options results": "результаты опционов",
    "linear trades": "линейные контракты",
    "inverse trades": "обратные контракты",
    "cross trades": "сделки с кросс-маржой",
    "USDⓈ-M futures": "фьючерсы USDⓈ-M",
    "COIN-M futures": "фьючерсы COIN-M",
}

_WORDS_OF_PLATFORMS: Final = {
    "liquidation": "ликвидация",
    "adl": "автосокращение",
    "delivery": "поставка",
    "bank transfer": "банковский перевод",
    "broker fee": "комиссия брокера",
    "dividend": "дивиденд",
    "dividend tax": "налог на дивиденды",
    "coupon": "купон",
    "dust": "мелкие остатки",
    "interest": "проценты",
    "interest reinvest": "проценты, вложены снова",
    "Broker Interest Received": "проценты брокера",
    "Other Fees": "прочие комиссии",
    "flexible savings": "гибкие накопления",
    "locked staking": "стейкинг с блокировкой",
    "internal transfer": "внутренний перевод",
    "margin": "маржа",
    "push": "перевод пользователю",
    "simple earn": "Simple Earn",
    "staking": "стейкинг",
}

_ARGUMENTS: Final = {
    "[account]": "[счёт]",
    "[days]": "[дни]",
    "[days=10]": "[дни=10]",
    "[days=30]": "[дни=30]",
    "[limit]": "[сколько]",
    "[limit=20]": "[сколько=20]",
    "[500 USD 18 Nov]": "[500 USD 18 ноя]",
    "[45m]": "[45м]",
    "[reset NAME]": "[reset ИМЯ]",
    "[add NAME …]": "[add ИМЯ …]",
}

_SETTINGS: Final = {"set": "задано"}

_EXAMPLES: Final = {
    "/deposit 500 USD 18 Nov from bank": "/deposit 500 USD 18 ноя из банка",
    "/withdraw 500 USD 18 Nov to bank": "/withdraw 500 USD 18 ноя в банк",
    "/schedules add morning daily 08:30 report": "/schedules add утро ежедневно 08:30 отчёт",
}

TERMS: Final = {**_KEYS, **_PARTS_OF_A_HISTORY, **_WORDS_OF_PLATFORMS, **_ARGUMENTS, **_SETTINGS, **_EXAMPLES}
