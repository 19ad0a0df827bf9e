"""From the text of one variable to its value.

Every function takes the text without surrounding blanks and raises `ValueError` with a sentence that names the value,
the reason and the mend. Functions for secrets never repeat the value.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import re
import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from portfolio_bot.platforms.base import Secret

SHORTEST_SECRET = 6
LANGUAGES = ("en", "ru")

_PUBLISHED = (
    "AED AMD AUD AZN BDT BHD BOB BRL BYN CAD CHF CNY CUP CZK DKK DZD EGP ETB EUR GBP GEL HKD HUF IDR ILS INR IRR ISK "
    "JPY KGS KRW KZT MDL MMK MNT MXN MYR NGN NOK NZD OMR PHP PLN QAR RON RSD RUB SAR SEK SGD THB TJS TMT TRY UAH USD "
    "UZS VND ZAR"
)
CURRENCIES = frozenset(_PUBLISHED.split())
"""What the ECB or the Bank of Russia publish in 2026 (its XDR is no currency one can hold)."""

_YES = frozenset({"true", "1", "yes", "on"})
_NO = frozenset({"false", "0", "no", "off"})


def boolean(text: str) -> bool:
    """`true` or `false`, also 1/0, yes/no, on/off in any case."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError(f'"{text}" is neither true nor false.')


def whole(what: str, low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers of `what` within the bounds, both included."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,9}", text, re.ASCII):
            raise ValueError(f'"{text}" is no whole number of {what}: {low} to {high}.')
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f'"{text}" is out of range: {low} to {high} {what}.')
        return number

    return read


def seconds(low: int, high: int) -> Callable[[str], timedelta]:
    """A reader of spans in whole seconds."""
    read = whole("seconds", low, high)
    return lambda text: timedelta(seconds=read(text))


def number(low: str, high: str, hint: str) -> Callable[[str], Decimal]:
    """A reader of exact numbers within the bounds, both included; `hint` says the unit."""

    def read(text: str) -> Decimal:
        if not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,9})?", text, re.ASCII):
            raise ValueError(f'"{text}" is no number: {hint}.')
        value = Decimal(text)
        if not Decimal(low) <= value <= Decimal(high):
            raise ValueError(f'"{text}" is out of range: {hint}.')
        return value

    return read


def hour(text: str) -> int:
    """An hour of the day, 0 to 23."""
    if not re.fullmatch(r"\d{1,2}", text, re.ASCII) or int(text) > 23:
        raise ValueError(f'"{text}" is no hour: 0 to 23.')
    return int(text)


def port(text: str) -> int:
    """A port to listen on."""
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or not 1 <= int(text) <= 65535:
        raise ValueError(f'"{text}" is no port: 1 to 65535.')
    return int(text)


def clock_time(text: str) -> time:
    """A time of day, `00:05`."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text, re.ASCII)
    if not match or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f'"{text}" is no time of day: write it like 00:05.')
    return time(int(match[1]), int(match[2]))


def day(text: str) -> date:
    """A date, `2026-11-20`."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no date: write it like 2026-11-20.') from None


def past_day(text: str) -> date:
    """A date that is not in the future, in any zone."""
    found = day(text)
    if found > datetime.now(UTC).date() + timedelta(days=1):
        raise ValueError(f'"{text}" is still to come: write the first day that is to be read, like 2024-01-31.')
    return found


def zone(text: str) -> str:
    """The name of a time zone that this machine or the tzdata package knows."""
    if not is_zone(text):
        raise ValueError(f'"{text}" is no time zone: use a name like Europe/Paris, Asia/Dubai or UTC.')
    return text


def is_zone(text: str) -> bool:
    """Whether it names a time zone; never an error, because `TZ` belongs to the system too."""
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones raises OSError
        return False
    return True


def language(text: str) -> str:
    """The first entry of a colon list, its first two letters; what we do not know is English. Never an error."""
    first = text.split(":", maxsplit=1)[0][:2].lower()
    return first if first in LANGUAGES else "en"


def choice(*names: str, fold: Callable[[str], str] = str.lower) -> Callable[[str], str]:
    """A reader of one of a few words, in any case."""

    def read(text: str) -> str:
        if fold(text) not in names:
            raise ValueError(f'"{text}" is not known: {", ".join(names[:-1])} or {names[-1]}.')
        return fold(text)

    return read


def currency(text: str) -> str:
    """A currency that the ECB or the Bank of Russia publish."""
    code = text.upper()
    if code not in CURRENCIES:
        raise ValueError(f'"{text}" is no currency that the ECB or the Bank of Russia publish: USD, EUR, RUB, GBP, ….')
    return code


def chat(text: str) -> str:
    """A Telegram chat: a number (groups are negative) or the @name of a channel."""
    if ":" in text:
        raise ValueError("is no chat, but looks like a bot's token: that one belongs into TELEGRAM_BOT_TOKEN.")
    if not re.fullmatch(r"-?[1-9]\d{0,18}|@[A-Za-z]\w{3,31}", text, re.ASCII):
        raise ValueError(f'"{text}" is no chat: a number (send /id to your bot to learn it) or a channel\'s @name.')
    return text


def users(text: str) -> tuple[int, ...]:
    """Telegram user ids, divided by commas, in the owner's order, each once."""
    found: dict[int, None] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        if re.fullmatch(r"-\d+", part, re.ASCII):
            raise ValueError(f'"{part}" is a group, not a person: only user ids may stand here.')
        if not re.fullmatch(r"[1-9]\d{0,18}", part, re.ASCII):
            raise ValueError(f'"{part}" is no user id: whole numbers divided by commas (send /id to your bot).')
        found[int(part)] = None
    return tuple(found)


def assets(text: str) -> tuple[str, ...]:
    """Asset names, divided by commas, in upper case."""
    found: dict[str, None] = {}
    for part in filter(None, (part.strip().upper() for part in text.split(","))):
        if not re.fullmatch(r"[A-Z0-9][A-Z0-9.$_-]{0,31}", part, re.ASCII):
            raise ValueError(f'"{part}" is no asset: names divided by commas, like BTC,ETH,SOL.')
        found[part] = None
    return tuple(found)


def weights(text: str) -> tuple[tuple[str, Decimal], ...]:
    """Assets with their weights in percent, `BTC:50,ETH:50`; the weights add up to 100."""
    found: dict[str, Decimal] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"([A-Za-z0-9]{1,16})\s*:\s*(\d{1,3}(?:\.\d{1,6})?)", part, re.ASCII)
        if not match or not Decimal(match[2]):
            raise ValueError(f'"{part}" is no weight: write assets and percent like BTC:50,ETH:50.')
        if match[1].upper() in found:
            raise ValueError(f'"{match[1].upper()}" stands twice: give each asset one weight.')
        found[match[1].upper()] = Decimal(match[2])
    if sum(found.values()) != 100:
        raise ValueError(f"the weights add up to {sum(found.values())}, not to 100.")
    return tuple(found.items())


def origins(text: str) -> tuple[str, ...]:
    """Addresses of pages that may talk to ours: scheme and host, divided by commas."""
    found: dict[str, None] = {}
    for part in filter(None, (part.strip().rstrip("/") for part in text.split(","))):
        url = urlsplit(part)
        if url.scheme not in {"http", "https"} or not url.hostname or url.path or url.query:
            raise ValueError(f'"{part}" is no origin: scheme and host, like https://example.org (never *).')
        found[part.lower()] = None
    return tuple(found)


def host(text: str) -> str:
    """An address to listen on: an IP address or a host name."""
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}|\[[0-9A-Fa-f:]+\]", text, re.ASCII):
        raise ValueError(f'"{text}" is no address to listen on: 127.0.0.1 keeps it on this machine.')
    return text


def folder(text: str) -> Path:
    """A folder or file, `~` expanded, absolute: a later change of the working directory must not move it."""
    return Path(text).expanduser().absolute()


def secret(text: str, *, blanks: bool = False) -> Secret:
    """A secret: printable ASCII of 6 characters or more, without blanks unless it is a passphrase.

    Shorter ones are refused because they cannot be kept out of a log: they would match everywhere.
    """
    if len(text) < SHORTEST_SECRET:
        count = "1 character" if len(text) == 1 else f"{len(text)} characters"
        raise ValueError(
            f"only {count}: a secret under {SHORTEST_SECRET} cannot be kept out of logs. "
            "Make a new one, or paste it again if a part got lost."
        )
    if not text.isascii() or not text.isprintable():
        raise ValueError("holds a character that no key has (a line break or a letter with an accent): paste it again.")
    if " " in text and not blanks:
        raise ValueError("holds a blank: paste it again, without what stands around it.")
    return Secret(text)


def passphrase(text: str) -> Secret:
    """The passphrase of a key, which its owner chose: it may hold blanks."""
    return secret(text, blanks=True)


def bot_token(text: str) -> Secret:
    """A Telegram bot's token, `<number>:<letters>`."""
    if not re.fullmatch(r"\d{3,20}:[\w-]{3,}", text, re.ASCII):
        raise ValueError("is no bot token: @BotFather gives one as a number, a colon and about 35 letters.")
    return secret(text)


def slack_webhook(text: str) -> Secret:
    """Slack's incoming webhook, all of it secret."""
    url = urlsplit(text)
    if url.scheme != "https" and not is_loopback(url):
        raise ValueError("is no webhook: Slack gives one that begins with https://hooks.slack.com/services/.")
    return secret(text)


def database(text: str) -> str:
    """Where the history is kept: `sqlite:///…` or `postgresql://…`; the text may hold a password."""
    scheme = text.split("://", maxsplit=1)[0].lower()
    if scheme in {"sqlite", "sqlite+aiosqlite"}:
        return text
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError(
            "begins with neither sqlite:/// nor postgresql://. Leave it out to keep the history in DATA_DIR."
        )
    if importlib.util.find_spec("psycopg") is None:
        raise ValueError("PostgreSQL needs its driver: make venv EXTRAS=postgres puts it into .venv.")
    return text


def proxy(text: str) -> str:
    """A proxy: http(s), or socks5 with the extra `socks`; the text may hold a password."""
    url = _split(text)
    if url is None or url.scheme not in {"http", "https", "socks5"} or not url.hostname:
        raise ValueError("is no proxy: write it like http://host:3128 or socks5://host:1080.")
    if url.scheme == "socks5" and importlib.util.find_spec("aiohttp_socks") is None:
        raise ValueError("a socks5 proxy needs one more package: make venv EXTRAS=socks puts it into .venv.")
    return text


def base_url(text: str, *, private_hosts: bool = False) -> str:
    """An address that replaces scheme, host and port of a source; a path in it is put in front.

    Args:
        text: the address.
        private_hosts: plain http may also go to hosts of a private network (a Bot API server of one's own).
    """
    url = _split(text)
    if url is None or url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError(f'"{masked(text)[:80]}" is no address: write it like https://api.example.org.')
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("an address has no name, password or query in it: scheme, host, port and path only.")
    if url.scheme == "http" and not is_loopback(url) and not (private_hosts and is_private(url)):
        raise ValueError(f'"{masked(text)[:80]}" would send your key unprotected: use https (http only for 127.0.0.1).')
    return text.rstrip("/")


def is_loopback(url: SplitResult) -> bool:
    """localhost, 127.0.0.0/8 or ::1."""
    return is_loopback_host(url.hostname or "")


def is_loopback_host(name: str) -> bool:
    """The same for a bare host name or address."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_private(url: SplitResult) -> bool:
    """An address of a private network, or a name without a dot (a neighbour in a Compose file)."""
    name = url.hostname or ""
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return "." not in name or name.endswith((".local", ".internal", ".lan", ".home.arpa"))


def password_of(url: str) -> str | None:
    """The password inside an address, if it has one."""
    parts = _split(url)
    return parts.password if parts else None


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        _ = url.port  # a port that is no number raises here
    except ValueError:
        return None
    return url


def masked(text: str) -> str:
    """An address without what might be a password in it."""
    return re.sub(r"//[^/@]*@", "//***@", text)
