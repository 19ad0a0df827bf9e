"""Which updates were acted upon: Telegram repeats those whose receipt it did not learn of."""

from __future__ import annotations

from portfolio_bot.storage.tables import handled_update
from portfolio_bot.storage.tx import Tx, add_new


async def seen(tx: Tx, update_id: int) -> bool:
    """Whether an update was seen before; it counts as seen from now on, if the transaction lands."""
    return not await add_new(tx, handled_update, {"update_id": update_id})
