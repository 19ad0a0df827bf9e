"""Every variable that belongs to no source: type, default and meaning. `.env.example` is tested against this table."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, PlainValidator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from portfolio_bot.platforms.base import Secret
from portfolio_bot.settings import values
from portfolio_bot.settings.layers import Layers

WEEK_MINUTES = 7 * 24 * 60
DAY_SECONDS = 24 * 3600

Yes: TypeAlias = Annotated[bool, PlainValidator(values.boolean)]
Hour: TypeAlias = Annotated[int, PlainValidator(values.hour)]
Token: TypeAlias = Annotated[Secret | None, PlainValidator(values.secret)]
Proxy: TypeAlias = Annotated[str | None, PlainValidator(values.proxy)]
Address: TypeAlias = Annotated[str | None, PlainValidator(values.base_url)]
Assets: TypeAlias = Annotated[tuple[str, ...], PlainValidator(values.assets)]


def _whole(what: str, low: int, high: int) -> PlainValidator:
    return PlainValidator(values.whole(what, low, high))


def _seconds(low: int, high: int) -> PlainValidator:
    return PlainValidator(values.seconds(low, high))


def _one_of(*words: str, upper: bool = False) -> PlainValidator:
    return PlainValidator(values.choice(*words, fold=str.upper if upper else str.lower))


class Variables(BaseSettings):
    """One field per variable, named like it in lower case; the description is its explanation."""

    model_config = SettingsConfigDict(
        arbitrary_types_allowed=True, extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    telegram_bot_token: Annotated[Secret | None, PlainValidator(values.bot_token)] = Field(
        None, description="The bot's token, from @BotFather."
    )
    telegram_chat_id: Annotated[str | None, PlainValidator(values.chat)] = Field(
        None, description="Where reports go: a chat's number or a channel's @name. A private chat's user is the owner."
    )
    telegram_base_url: Annotated[str | None, PlainValidator(lambda text: values.base_url(text, private_hosts=True))] = (
        Field(None, description="A Bot API server of your own.")
    )
    telegram_proxy_url: Proxy = Field(None, description="A proxy for Telegram alone.")
    allowed_user_ids: Annotated[tuple[int, ...], PlainValidator(values.users)] = Field(
        (), description="Users who may talk to the bot, divided by commas; needed in groups."
    )

    message_form: Annotated[str, _one_of("auto", "rich", "classic")] = Field(
        "auto",
        description="Telegram's rich messages for details, where they work (auto), for every table, also in a chat in "
        "which they once failed (rich), or never (classic).",
    )
    percent_only: Yes = Field(
        False, description="Messages, pictures and files of the chat show shares and changes in percent, no amounts."
    )
    living_message: Yes = Field(
        False, description="Keep one pinned message in the chat that always shows the newest report."
    )
    chart_theme: Annotated[str, _one_of("dark", "light")] = Field(
        "dark", description="Pictures for a dark or a light chat."
    )

    timezone: Annotated[str, PlainValidator(values.zone)] = Field(
        "Europe/Paris",
        description="Your time zone: days, hours and times are meant in it. TZ counts where it is not set.",
    )
    language: Annotated[str, PlainValidator(values.language)] = Field(
        "en", description="en or ru: for everybody who chose none by /language. Unset, each one's Telegram says."
    )
    base_currency: Annotated[str, PlainValidator(values.currency)] = Field(
        "USD", description="The currency of the headline; USD and RUB are always there too."
    )
    poll_interval_minutes: Annotated[int, _whole("minutes", 1, WEEK_MINUTES)] = Field(
        120, description="Minutes between two reports. REPORT_INTERVAL is the same in seconds."
    )
    window_start_hour: Hour = Field(8, description="Reports are sent from this hour on …")
    window_end_hour: Hour = Field(20, description="… to this one; the same hour twice means always.")
    snapshot_interval: Annotated[timedelta, _seconds(1, DAY_SECONDS)] = Field(
        timedelta(seconds=3600), description="Seconds between two snapshots, day and night."
    )
    daily_snapshot_time: Annotated[time, PlainValidator(values.clock_time)] = Field(
        time(0, 5), description="A snapshot is taken at this time of every day."
    )
    balance_update_interval: Annotated[timedelta, _seconds(1, DAY_SECONDS)] = Field(
        timedelta(seconds=30), description="How old, in seconds, a value may be while the page is open."
    )
    cache_ttl: Annotated[timedelta, _seconds(0, 3600)] = Field(
        timedelta(seconds=60), description="How old, in seconds, a value may be in a report."
    )
    include_crypto_breakdown: Yes = Field(True, description="Show the subtotal of the exchanges.")
    tracked_assets: Assets = Field(
        (), description="Narrows profit and loss, trades and highlights to these; never a total. Empty = all."
    )
    historical_start_date: Annotated[date | None, PlainValidator(values.past_day)] = Field(
        None,
        description="Deposits, withdrawals and trades are read from this day on. Empty = as far as a source gives.",
    )
    alert_threshold_percent: Annotated[Decimal, PlainValidator(values.number("0.1", "100", "percent, 0.1 to 100"))] = (
        Field(Decimal("5.0"), description="An alert is sent when the total changes by this much in 24 h.")
    )
    slack_webhook_url: Annotated[Secret | None, PlainValidator(values.slack_webhook)] = Field(
        None, description="Slack's incoming webhook: reports and alerts go there too."
    )

    data_dir: Annotated[Path, PlainValidator(values.folder)] = Field(
        Path("data"), description="The folder with the history, the lock and the control socket."
    )
    database_url: Annotated[str | None, PlainValidator(values.database)] = Field(
        None,
        description="Keeps the history elsewhere: postgresql://user:password@host/name. Empty = DATA_DIR/portfolio.db.",
    )
    retention_days: Annotated[int, _whole("days", 0, 36500)] = Field(
        0, description="Snapshots older than this are thinned to one a day and those beside a flow; 0 keeps all."
    )
    log_level: Annotated[str, _one_of("DEBUG", "INFO", "WARNING", "ERROR", upper=True)] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Annotated[Literal["text", "json"], _one_of("text", "json")] = Field(
        "text", description="text for people, json for machines."
    )
    log_file: Annotated[Path | None, PlainValidator(values.folder)] = Field(
        None, description="A log file, new every day. Empty = standard error only."
    )
    log_retention_days: Annotated[int, _whole("days", 1, 3650)] = Field(30, description="Days that log files are kept.")
    proxy_url: Proxy = Field(None, description="A proxy for everything: http://, https:// or socks5:// (extra: socks).")

    fx_provider: Annotated[Literal["ECB", "CBR"], _one_of("ECB", "CBR", upper=True)] = Field(
        "ECB", description="ECB, with the Bank of Russia for roubles; or CBR, the Bank of Russia for everything."
    )
    fx_ttl_minutes: Annotated[int, _whole("minutes", 1, WEEK_MINUTES)] = Field(
        60, description="How often, in minutes, new exchange rates are asked for."
    )
    ecb_base_url: Address = Field(None, description="Another address for the ECB's rates.")
    cbr_base_url: Address = Field(None, description="Another address for the Bank of Russia's rates.")
    cbr_mirror_base_url: Address = Field(None, description="Another address for their JSON mirror.")
    frankfurter_base_url: Address = Field(None, description="Another address for Frankfurter's rates.")

    web_enabled: Yes = Field(True, description="Serve the page.")
    web_host: Annotated[str, PlainValidator(values.host)] = Field(
        "127.0.0.1", description="The address the page listens on; any but this machine's own needs a WEB_TOKEN."
    )
    web_port: Annotated[int, PlainValidator(values.port)] = Field(8000, description="The port the page listens on.")
    web_token: Token = Field(
        None,
        description="The page's password. Empty = one is made and kept in DATA_DIR/web-token. SECRET_KEY is the same.",
    )
    allowed_origins: Annotated[tuple[str, ...], PlainValidator(values.origins)] = Field(
        ("http://localhost",), description="Pages elsewhere that may talk to ours, divided by commas."
    )

    benchmark: Annotated[tuple[tuple[str, Decimal], ...], PlainValidator(values.weights)] = Field(
        (("BTC", Decimal(50)), ("ETH", Decimal(50))), description="What to compare with: assets and percent."
    )
    benchmark_rebalance_day: Annotated[int, _whole("day", 0, 6)] = Field(
        0, description="The benchmark is rebalanced on this day: 0 is Monday, 6 Sunday …"
    )
    benchmark_rebalance_hour: Hour = Field(12, description="… at this hour, UTC.")
    lot_scope: Annotated[str, _one_of("global", "account")] = Field(
        "global", description="First in, first out over all accounts (global), or within each (account)."
    )
    unknown_basis: Annotated[str, _one_of("exclude", "zero", "opening")] = Field(
        "exclude",
        description="A sale whose purchase is unknown: leave it out (exclude), count its cost as zero (zero), or work "
        "out what was there before records begin (opening).",
    )
    twr_method: Annotated[str, _one_of("auto", "start", "dietz", "pp")] = Field(
        "auto",
        description="How money that came between two values enters the return: auto picks a rule; start, dietz and pp "
        "force one.",
    )
    risk_free_annual: Annotated[
        Decimal, PlainValidator(values.number("-0.5", "1", "a fraction, like 0.04 for 4 %"))
    ] = Field(Decimal(0), description="The risk-free return of a year, as a fraction: 0.04 is 4 %.")
    demo_mode: Yes = Field(
        False, description="Simulated accounts instead of real ones: no key is needed. MOCK_MODE is the same."
    )

    def __init__(self, layers: Layers) -> None:
        super().__init__(layers=layers)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Our layers alone: pydantic's own sources know neither aliases that must agree nor where a value came from."""
        if not isinstance(init_settings, InitSettingsSource):
            raise TypeError("the layers come through __init__")
        return (LayersSource(settings_cls, init_settings.init_kwargs["layers"]),)


class LayersSource(PydanticBaseSettingsSource):
    """Gives pydantic the text of each variable that was found."""

    def __init__(self, settings_cls: type[BaseSettings], layers: Layers) -> None:
        super().__init__(settings_cls)
        self._layers = layers

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The text of one variable, under the name of its field."""
        return self._layers.text(field_name.upper()), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The text of every variable that was found."""
        texts = {name: self._layers.text(name.upper()) for name in self.settings_cls.model_fields}
        return {name: text for name, text in texts.items() if text is not None}


PLAIN = frozenset({*(name.upper() for name in Variables.model_fields), "TZ"})
"""Names of all variables that belong to no source; TZ is the system's and only stands in for TIMEZONE."""

NOT_YET = frozenset(
    {
        "ALLOWED_ORIGINS",
        "BALANCE_UPDATE_INTERVAL",
        "WEB_ENABLED",
        "WEB_HOST",
        "WEB_PORT",
        "WEB_TOKEN",
    }
)
"""Read and checked, but nothing uses them yet: whoever sets one is told."""
