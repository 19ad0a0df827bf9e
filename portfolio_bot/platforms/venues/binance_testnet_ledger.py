"""The past of Binance's test network: spot trades. It is cleared about once a month."""

from __future__ import annotations

from portfolio_bot.platforms.ledger import Ledger
from portfolio_bot.platforms.venues.binance_ledger import BRIDGES, OPENED, found_on_testnet, price

LEDGER = Ledger(opened=OPENED, streams=(), found=found_on_testnet, price=price, bridges=BRIDGES)
