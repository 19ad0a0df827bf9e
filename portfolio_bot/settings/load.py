"""Read the settings: everything that is wrong is said at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from portfolio_bot.net.redact import Redactor
from portfolio_bot.platforms.base import Secret
from portfolio_bot.settings import accounts, names, values
from portfolio_bot.settings.accounts import Accounts
from portfolio_bot.settings.layers import Found, Layers, Origin, Places, gather
from portfolio_bot.settings.model import Analysis, Logs, Look, Settings, Telegram, Web
from portfolio_bot.settings.problems import Problem, SettingsError
from portfolio_bot.settings.variables import NOT_YET, PLAIN, Variables

LONG_TOKEN = 32
_FX = ("ECB", "CBR", "CBR_MIRROR", "FRANKFURTER")


def load(
    env: MutableMapping[str, str] | None = None,
    *,
    env_file: Path | None = None,
    data_dir: Path | None = None,
    demo: bool = False,
    container: bool | None = None,
) -> Settings:
    """The settings in force. Secrets are taken out of `env`, so that no child process inherits them.

    Args:
        env: the environment; None = this process' own.
        env_file: None = `.env` in the working directory, if there is one.
        data_dir: goes before `DATA_DIR`.
        demo: a demo whatever the variables say.
        container: whether this process lives in one; None = look.

    Raises:
        SettingsError: every problem, with what to do.
    """
    environment = os.environ if env is None else env
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    places = Places(
        environment=environment,
        env_file=env_file,
        credentials=Path(credentials) if credentials else None,
        trusted_owners=_trusted(data_dir or Path(environment.get("DATA_DIR") or "data")),
        container=container,
    )
    layers = gather(places, PLAIN)
    in_environment = frozenset(environment)
    for name in layers.secret_names:
        environment.pop(name, None)
    _zone_of_the_system(layers)
    read = accounts.read(layers)
    variables, problems = _variables(layers)
    wants_demo = demo or bool(variables and variables.demo_mode)
    if not wants_demo:
        problems = [*read.problems, *problems]
    # a demo asks no source, so nothing that is wrong with one stands in its way
    found = [row for row in layers.problems if not (wants_demo and names.is_of_a_source(row.variable))]
    problems = [*found, *problems, *_open_page(layers)]
    warnings = [*layers.warnings, *_about_strangers(layers, read), *read.warnings]
    if problems or variables is None:
        raise SettingsError(
            _without_secrets(problems, layers), warnings=warnings, where=_where(problems, layers, in_environment)
        )
    warnings += [*_about_values(variables, read, demo=wants_demo), *_about_later(layers)]
    return _settings(variables, layers, read, tuple(warnings), data_dir, demo=wants_demo)


def _without_secrets(problems: list[Problem], layers: Layers) -> list[Problem]:
    """The problems, also where a secret was pasted into the wrong line and its reason would repeat it."""
    secrets = (found.text for found in layers.found.values() if names.is_secret(found.name))
    redactor = Redactor(secrets)
    return [Problem(problem.variable, redactor.message(problem.reason)) for problem in problems]


def _where(problems: list[Problem], layers: Layers, environment: frozenset[str]) -> str:
    """Where to look for what is wrong: the file, the environment or both."""
    outside = {problem.variable for problem in problems} & environment
    if layers.where == "environment" or len(outside) == len(problems):
        return "environment"
    return f"{layers.where} and environment" if outside else layers.where


def _trusted(data_dir: Path) -> frozenset[int]:
    """Root may use files of the data folder's owner, whose place it takes before it opens anything there."""
    if os.geteuid() != 0:
        return frozenset()
    try:
        return frozenset({data_dir.stat().st_uid})
    except OSError:
        return frozenset()


def _zone_of_the_system(layers: Layers) -> None:
    """`TZ` counts only where `TIMEZONE` is not set, and what it doesn't know is no error."""
    system = layers.found.pop("TZ", None)
    if system is None or "TIMEZONE" in layers.found:
        return
    name = system.text.removeprefix(":")  # POSIX allows one in front of a name
    if values.is_zone(name):
        layers.found["TIMEZONE"] = Found(system.name, name, system.origin)


def _variables(layers: Layers) -> tuple[Variables | None, list[Problem]]:
    try:
        return Variables(layers), []
    except ValidationError as error:
        return None, [
            _problem(str(details["loc"][0]).upper(), str(details.get("ctx", {}).get("error", "")), layers)
            for details in error.errors(include_input=False, include_url=False)
        ]


def _problem(canonical: str, reason: str, layers: Layers) -> Problem:
    found = layers.found.get(canonical)
    return Problem(found.name if found else canonical, reason or "is wrong.")


def _about_strangers(layers: Layers, read: Accounts) -> Iterator[str]:
    for name, meant in layers.strangers.items():
        if name not in read.explained:
            yield f"{name} is unknown: did you mean {meant}?" if meant else f"{name} is unknown and was left out."


def _about_values(variables: Variables, read: Accounts, *, demo: bool) -> Iterator[str]:
    """What works but deserves a word."""
    if demo and (read.configs or read.problems):
        yield "DEMO_MODE is on: every account is simulated, the keys are not used."
    if variables.telegram_chat_id and not variables.telegram_bot_token:
        yield "TELEGRAM_CHAT_ID is set, TELEGRAM_BOT_TOKEN is not: nothing can be sent."
    chat = variables.telegram_chat_id or ""
    if chat.startswith("-") and not variables.allowed_user_ids:
        yield "TELEGRAM_CHAT_ID is a group and ALLOWED_USER_IDS is empty: reports are sent, nobody can ask for one."
    url = variables.telegram_base_url
    if url and url.startswith("http:") and not values.is_loopback(urlsplit(url)):
        yield "TELEGRAM_BASE_URL is plain http: whoever listens on that network can take the bot over."
    if not values.is_loopback_host(variables.web_host) and variables.web_enabled:
        yield "WEB_HOST opens the page to other machines: put a proxy with TLS in front of it."


def _about_later(layers: Layers) -> Iterator[str]:
    early = sorted(layers.found[name].name for name in NOT_YET & layers.found.keys())
    if early:
        yield f"Understood, but not used by this version yet: {', '.join(early)}."


def _open_page(layers: Layers) -> Iterator[Problem]:
    """A page that other machines can reach wants a password that cannot be guessed."""
    host = layers.text("WEB_HOST") or "127.0.0.1"
    enabled = (layers.text("WEB_ENABLED") or "true").lower() not in {"false", "0", "no", "off"}
    if enabled and not values.is_loopback_host(host) and len(layers.text("WEB_TOKEN") or "") < LONG_TOKEN:
        yield Problem(
            "WEB_TOKEN",
            f"must have {LONG_TOKEN} characters or more when WEB_HOST opens the page to other machines: "
            "openssl rand -hex 32 makes one.",
        )


def _settings(
    variables: Variables,
    layers: Layers,
    read: Accounts,
    warnings: tuple[str, ...],
    data_dir: Path | None,
    *,
    demo: bool,
) -> Settings:
    folder = (data_dir.expanduser() if data_dir else variables.data_dir).absolute()
    return Settings(
        accounts=() if demo else tuple(read.configs),
        telegram=Telegram(
            token=variables.telegram_bot_token,
            chat_id=variables.telegram_chat_id,
            base_url=variables.telegram_base_url,
            proxy=variables.telegram_proxy_url or variables.proxy_url,
        ),
        allowed_user_ids=variables.allowed_user_ids,
        timezone=variables.timezone,
        language=variables.language,
        base_currency=variables.base_currency,
        poll_interval_minutes=variables.poll_interval_minutes,
        window=(variables.window_start_hour, variables.window_end_hour),
        snapshot_interval=variables.snapshot_interval,
        daily_snapshot_time=variables.daily_snapshot_time,
        balance_update_interval=variables.balance_update_interval,
        cache_ttl=variables.cache_ttl,
        include_crypto_breakdown=variables.include_crypto_breakdown,
        look=Look(
            variables.message_form,
            variables.percent_only,
            variables.living_message,
            light=variables.chart_theme == "light",
        ),
        alert_threshold_percent=variables.alert_threshold_percent,
        slack_webhook_url=variables.slack_webhook_url,
        fx_provider=variables.fx_provider,
        fx_ttl=timedelta(minutes=variables.fx_ttl_minutes),
        fx_base_urls={name: url for name in _FX if (url := getattr(variables, f"{name.lower()}_base_url"))},
        base_urls=dict(read.base_urls),
        data_dir=folder / "demo" if demo else folder,
        database_url=None if demo else variables.database_url,
        retention_days=variables.retention_days,
        logs=Logs(variables.log_level, variables.log_format, variables.log_file, variables.log_retention_days),
        proxy_url=variables.proxy_url,
        web=Web(
            variables.web_enabled,
            variables.web_host,
            variables.web_port,
            variables.web_token,
            variables.allowed_origins,
        ),
        analysis=_analysis(variables),
        demo=demo,
        file=layers.where if layers.where != "environment" else None,
        texts=_texts(variables, data_dir, demo=demo),
        defaults=defaults(),
        origins=_origins(layers, data_dir, demo=demo),
        warnings=warnings,
        redactor=Redactor(_secrets(variables, layers, read)),
    )


def _texts(variables: Variables, data_dir: Path | None, *, demo: bool) -> dict[str, str]:
    """What is in force, as people write it; what the command line decided goes before the variables."""
    texts = {name: values.masked(as_text(getattr(variables, name.lower()))) for name in _shown()}
    given = {"DATA_DIR": str(data_dir)} if data_dir else {}
    return texts | given | ({"DEMO_MODE": as_text(value=True)} if demo else {})


def _analysis(variables: Variables) -> Analysis:
    return Analysis(
        benchmark=variables.benchmark,
        rebalance_day=variables.benchmark_rebalance_day,
        rebalance_hour=variables.benchmark_rebalance_hour,
        lot_scope=variables.lot_scope,
        unknown_basis=variables.unknown_basis,
        twr_method=variables.twr_method,
        risk_free_annual=variables.risk_free_annual,
        tracked_assets=variables.tracked_assets,
        historical_start_date=variables.historical_start_date,
    )


def _secrets(variables: Variables, layers: Layers, read: Accounts) -> Iterator[str]:
    """Every secret that was read, of a demo's unused keys too: they may stand in a log that somebody pastes."""
    yield from accounts.secrets_of(read.configs)
    for secret in (variables.telegram_bot_token, variables.web_token, variables.slack_webhook_url):
        if secret is not None:
            yield secret.reveal()
    for url in (variables.database_url, variables.proxy_url, variables.telegram_proxy_url):
        password = values.password_of(url) if url else None
        if password:
            yield password
            yield unquote(password)
    for found in layers.found.values():
        if names.is_secret(found.name) and found.name != "DATABASE_URL":
            yield found.text


def _origins(layers: Layers, data_dir: Path | None, *, demo: bool) -> dict[str, Origin]:
    def origin(found: Found | None) -> Origin:
        return found.origin if found else "default"

    result = {name: origin(layers.found.get(name)) for name in _shown()}
    if data_dir:
        result["DATA_DIR"] = "command"
    if demo and layers.text("DEMO_MODE") is None:
        result["DEMO_MODE"] = "command"
    return result


def _shown() -> list[str]:
    return [name.upper() for name in Variables.model_fields]


def defaults() -> dict[str, str]:
    """Every variable that belongs to no source, with the text of its default."""
    return {name.upper(): as_text(field.default) for name, field in Variables.model_fields.items()}


def as_text(value: object) -> str:
    """A value as it is written in `.env`; a secret is only "set"."""
    match value:
        case None:
            return ""
        case Secret():
            return "set"
        case bool():
            return "true" if value else "false"
        case timedelta():
            return str(int(value.total_seconds()))
        case time():
            return value.strftime("%H:%M")
        case tuple():
            return ",".join(f"{part[0]}:{part[1]}" if isinstance(part, tuple) else str(part) for part in value)
        case Decimal():
            return str(value)
        case _:
            return str(value)
