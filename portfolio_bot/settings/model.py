"""The settings as everybody gets them: plain frozen values, nothing left to read or to parse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

from portfolio_bot.net.redact import Redactor
from portfolio_bot.platforms.base import AccountConfig, Secret
from portfolio_bot.settings.layers import Origin
from portfolio_bot.settings.problems import Problem, SettingsError


@dataclass(frozen=True, slots=True)
class Telegram:
    """How Telegram is reached.

    Attributes:
        token: None = no bot.
        chat_id: where reports go, a number as text or a channel's @name; None with a token = set-up mode.
        base_url: a Bot API server of one's own.
        proxy: for Telegram, where it differs from everything else's; may hold a password.
    """

    token: Secret | None = None
    chat_id: str | None = None
    base_url: str | None = None
    proxy: str | None = field(default=None, repr=False)

    @property
    def setup_mode(self) -> bool:
        """A bot that knows nobody yet: it only tells people their own ids."""
        return self.token is not None and self.chat_id is None

    @property
    def private_user(self) -> int | None:
        """The user of a private chat; None for groups and channels."""
        return int(self.chat_id) if self.chat_id and self.chat_id.isdigit() else None


@dataclass(frozen=True, slots=True)
class Web:
    """The page. `token` None = one is made at the first start and kept in the data folder."""

    enabled: bool
    host: str
    port: int
    token: Secret | None
    allowed_origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Analysis:
    """Choices of the mathematics.

    Attributes:
        benchmark: assets with percent, adding up to 100.
        rebalance_day: 0 is Monday.
        rebalance_hour: UTC.
        risk_free_annual: a fraction: 0.04 is 4 %.
    """

    benchmark: tuple[tuple[str, Decimal], ...]
    rebalance_day: int
    rebalance_hour: int
    lot_scope: str
    unknown_basis: str
    twr_method: str
    risk_free_annual: Decimal
    tracked_assets: tuple[str, ...]
    historical_start_date: date | None


@dataclass(frozen=True, slots=True)
class Logs:
    """Where the log goes. `file` None = standard error only; `format` is text or json."""

    level: str
    format: Literal["text", "json"]
    file: Path | None
    retention_days: int


@dataclass(frozen=True, slots=True)
class Look:
    """How the chat looks, where nothing else was chosen in it.

    Attributes:
        form: of messages: auto, rich or classic.
        percent_only: shares and changes in percent, no amounts.
        living: one pinned message always shows the newest report.
        light: pictures are for a light chat.
    """

    form: str
    percent_only: bool
    living: bool
    light: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the owner decided.

    Attributes:
        accounts: in the order of the catalog; empty in a demo.
        telegram: the bot.
        allowed_user_ids: in the owner's order; the private chat's user is not added here (`people` has both).
        window: first and last hour at which reports are sent; the same twice = always.
        base_urls: by the prefix of a source's variables (`KRAKEN`), where one is set.
        fx_base_urls: by `ECB`, `CBR`, `CBR_MIRROR`, `FRANKFURTER`, where one is set.
        data_dir: absolute; a demo's own folder in a demo.
        database_url: None = `portfolio.db` in the data folder; may hold a password.
        demo: simulated accounts; no real service is ever asked about money.
        file: what people will look into: `.env`, another file, or a credential; None where only the environment spoke.
        texts: every variable as it is in force, as text; a secret is only "set".
        defaults: the same without anything set.
        origins: by variable: env, .env, file or default.
        warnings: sentences for the log and for `check`.
        redactor: knows every secret of these settings.
    """

    accounts: tuple[AccountConfig, ...]
    telegram: Telegram
    allowed_user_ids: tuple[int, ...]
    timezone: str
    language: str
    base_currency: str
    poll_interval_minutes: int
    window: tuple[int, int]
    snapshot_interval: timedelta
    daily_snapshot_time: time
    balance_update_interval: timedelta
    cache_ttl: timedelta
    include_crypto_breakdown: bool
    look: Look
    alert_threshold_percent: Decimal
    slack_webhook_url: Secret | None
    fx_provider: Literal["ECB", "CBR"]
    fx_ttl: timedelta
    fx_base_urls: Mapping[str, str]
    base_urls: Mapping[str, str]
    data_dir: Path
    database_url: str | None = field(repr=False)
    retention_days: int
    logs: Logs
    proxy_url: str | None = field(repr=False)
    web: Web
    analysis: Analysis
    demo: bool
    file: str | None
    texts: Mapping[str, str] = field(repr=False)
    defaults: Mapping[str, str] = field(repr=False)
    origins: Mapping[str, Origin] = field(repr=False)
    warnings: tuple[str, ...]
    redactor: Redactor

    @property
    def owner_id(self) -> int | None:
        """Who owns the bot: the user of a private chat, else the first who is allowed."""
        return self.telegram.private_user or next(iter(self.allowed_user_ids), None)

    @property
    def people(self) -> frozenset[int]:
        """User ids that may talk to the bot."""
        private = self.telegram.private_user
        return frozenset({*self.allowed_user_ids, *((private,) if private else ())})

    def require(self, *, source: bool = False, telegram: bool = False, chat: bool = False, face: bool = False) -> None:
        """Refuse to begin what cannot work with these settings.

        Args:
            source: there must be something to ask, or a demo.
            telegram: there must be a bot.
            chat: there must be a bot and a chat that it writes to, or Slack.
            face: there must be somewhere to speak: a bot, or Slack.

        Raises:
            SettingsError: names what is missing.
        """
        problems = []
        file = self.file or ".env"
        if source and not self.accounts and not self.demo:
            problems.append(
                Problem(
                    "a source",
                    f"put the keys of at least one into {file}, for instance BYBIT_API_KEY and BYBIT_API_SECRET "
                    "(.env.example has them all), or look at the demo: portfolio-bot demo.",
                )
            )
        slack = self.slack_webhook_url is not None
        if (telegram or ((chat or face) and not slack)) and self.telegram.token is None:
            problems.append(Problem("TELEGRAM_BOT_TOKEN", f"ask @BotFather for a bot and put its token into {file}."))
        if chat and not slack and self.telegram.chat_id is None:
            problems.append(
                Problem("TELEGRAM_CHAT_ID", "start the bot and send it /start; it answers with the number.")
            )
        if problems:
            where = self.file or f"there is no .env in {Path.cwd()}"
            raise SettingsError(problems, warnings=self.warnings, where=where, fault="missing")
