"""Which variables mend which account: what the words of a failure point to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portfolio_bot.model.statement import AccountId
from portfolio_bot.platforms.base import AccountConfig
from portfolio_bot.platforms.catalog import SOURCES
from portfolio_bot.report.reader import Guide


def guides(accounts: Iterable[AccountConfig]) -> Mapping[AccountId, Guide]:
    """For each account, the names of its variables and the way to a new key."""
    return {config.account: _guide(config) for config in accounts}


def _guide(config: AccountConfig) -> Guide:
    spec = SOURCES[config.source]
    label = config.account.partition("-")[2].upper()
    return Guide(
        prefix="_".join(filter(None, (spec.prefix, label))),
        secrets=spec.secrets,
        key_help=spec.key_help,
        regions=tuple(spec.regions),
        takes=spec.takes,
    )
