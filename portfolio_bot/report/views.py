"""What a screen shows beyond the model's values: filled by services and faces, read by `compose`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum

from portfolio_bot.analytics.transfers import Matching
from portfolio_bot.model.days import Calendar
from portfolio_bot.model.failure import Failure
from portfolio_bot.model.flow import CashFlow
from portfolio_bot.model.instrument import Asset
from portfolio_bot.model.portfolio import AccountValue, KnownAccount
from portfolio_bot.model.statement import AccountId, Notice
from portfolio_bot.model.trade import ContractTrade, Trade


@dataclass(frozen=True, slots=True)
class LateNote:
    """A report that is sent long after it was due.

    Attributes:
        slot: when it was due.
        sent: when it goes out.
        offline: the network was away; else the service itself was.
        also: older slots that this report stands for, oldest first.
    """

    slot: datetime
    sent: datetime
    offline: bool = True
    also: tuple[datetime, ...] = ()


class Came(Enum):
    """Why something came or went since a day close."""

    FLOW = "flow"  # across the border of the portfolio: no gain and no loss
    INCOME = "income"
    FEE = "fee"
    UNTOLD = "untold"  # income and fees could not be read: the parts of the change cannot be told


@dataclass(frozen=True, slots=True)
class Crossed:
    """Money that came (+) or went (-) since a day close.

    Attributes:
        usd: at its own time; None while nobody knows, which only matters of a flow.
        cause: income and fees are a part of the gain; a flow is none.
    """

    account: AccountId
    usd: Decimal | None
    cause: Came = Came.FLOW


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """When pushes come.

    Attributes:
        interval: between two reports.
        window: first and last hour in which they may come; equal = always.
        next_runs: the coming ones, soonest first.
        paused: none comes until they are resumed.
    """

    interval: timedelta
    window: tuple[int, int]
    next_runs: tuple[datetime, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wish that cannot be met as it was put.

    Attributes:
        value: what was typed, cut; a stranger's word. "" for nothing in particular.
        name: which error it is, in the catalogue.
        values: what fills its words.
        more: what is to be said beside its mend, in the reader's words already.
    """

    value: str
    name: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    more: str = ""


class SettingOrigin(StrEnum):
    """Where the value in force comes from."""

    CHAT = "chat"
    ENVIRONMENT = "env"
    COMMAND = "command"
    ENV_FILE = ".env"
    FILE = "file"
    DEFAULT = "default"


class News(StrEnum):
    """Why a rule is shown."""

    ASKED = "asked"
    CHANGED = "changed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class SettingView:
    """A setting as `/settings` lists it.

    Attributes:
        name: its variable.
        value: as text in the form in which it is set; never a secret: of those only that they are set.
        origin: where the value comes from.
        default: what holds when nobody sets it; None if there is none.
        below: value in force once the chat's is reset; None unless `origin` is the chat.
        live: it can be changed in the chat, at once.
        changed_at: when somebody set it in the chat, aware UTC.
    """

    name: str
    value: str
    origin: SettingOrigin
    default: str | None = None
    below: str | None = None
    live: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HelpView:
    """A command in the help.

    Attributes:
        command: without its slash; what it gives stands in the words.
        argument: as it is typed: `[days=30]`; "" for none.
    """

    command: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class AccountDown:
    """An account stopped answering.

    Attributes:
        account: as it is valued now, with its failure and since when.
        times: failed fetches in a row.
        reminder: it was said before.
    """

    account: AccountValue
    times: int = 1
    reminder: bool = False


@dataclass(frozen=True, slots=True)
class AccountBack:
    """An account answers again.

    Attributes:
        since: when it had gone.
        before: USD that stood in meanwhile; None if nothing did.
        believed: its answer had been doubted, and a second one agreed with it.
    """

    account: KnownAccount
    since: datetime
    before: Decimal | None = None
    believed: bool = False


@dataclass(frozen=True, slots=True)
class KeyNews:
    """What is new about an account's key: what it may do, when it ends, how its clock and ours differ.

    Attributes:
        notices: only what was not so at the reading before.
    """

    account: KnownAccount
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class KeyMoved:
    """The key of an account opens another account of its platform than before: the owner is asked."""

    account: AccountValue


@dataclass(frozen=True, slots=True)
class NoClose:
    """For days no snapshot was complete: the owner is asked what is to become of the accounts that do not answer.

    Attributes:
        accounts: those that do not answer.
        days: whole days since the last complete snapshot.
    """

    accounts: tuple[AccountValue, ...]
    days: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """What `check` found out about one key; None where it cannot be told.

    Attributes:
        failure: why it does not work; None if it does.
        skew: our clock less the venue's, seconds.
        statement: report date of a broker's statement.
        region: where the key lives, if there is a choice.
        identified: its account is known, so that the same one under another label would be noticed.
        notices: what its owner should see to although it works.
        notes: short facts in plain words.
        seconds: how long it took.
    """

    account: AccountId
    name: str
    failure: Failure | None = None
    read_only: bool | None = None
    can_trade: bool | None = None
    can_transfer: bool | None = None
    can_withdraw: bool | None = None
    ip_bound: bool | None = None
    expires: date | None = None
    never_expires: bool = False
    skew: Decimal | None = None
    statement: date | None = None
    region: str | None = None
    identified: bool = False
    notices: tuple[Notice, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class SyncState(StrEnum):
    """How reading the past stands, of a stream or an account (public names)."""

    DONE = "done"
    RUNNING = "running"
    WAITING = "waiting"  # its turn comes
    FAILED = "failed"
    NONE = "none"  # this source tells nothing of its past


@dataclass(frozen=True, slots=True)
class StreamView:
    """One stream of an account's history.

    Attributes:
        name: unique within the account.
        title: as people see it: `deposits`.
        since: from when on it was read, aware UTC; None while nothing was.
        until: up to when; what lies between the two is stored.
        keeps: how far back the venue goes; None: to its beginning.
        failure: why it is not whole; None if it is.
        gaps: stretches in between that could not be read, aware UTC: the start belongs to one, the end does not.
    """

    name: str
    title: str
    since: datetime | None = None
    until: datetime | None = None
    keeps: timedelta | None = None
    state: SyncState = SyncState.WAITING
    failure: Failure | None = None
    gaps: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class AccountSyncView:
    """An account's history: what is stored of it, and what is being read.

    Attributes:
        name: as shown.
        state: failed if any stream is.
        flows, trades: records stored.
        new: of them, those that came with the present or the last run.
        unclassified: flows of a type that we do not know.
        unpriced: records without a value in USD.
        fraction: of the present run that is done, 0 to 1.
    """

    account: AccountId
    name: str
    state: SyncState = SyncState.WAITING
    flows: int = 0
    trades: int = 0
    new: int = 0
    unclassified: int = 0
    unpriced: int = 0
    fraction: Decimal = Decimal(0)
    streams: tuple[StreamView, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncView:
    """Reading the past, of all accounts.

    Attributes:
        running: right now.
        accounts: in the order of the settings.
        since: from when on the owner wants it; None: as far back as each venue goes.
        finished_at: when the last run ended, aware UTC; None if none did.
    """

    running: bool = False
    accounts: tuple[AccountSyncView, ...] = ()
    since: date | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the past is shown.

    Attributes:
        account, asset: only this one.
        since, until: aware UTC; the first belongs to it, the second does not. None for no bound.
        every: with what moved inside an account, and each flow on its own line.
    """

    account: AccountId | None = None
    asset: Asset | None = None
    since: datetime | None = None
    until: datetime | None = None
    every: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return (self.account, self.asset, self.since, self.until) == (None, None, None, None)

    def about(self, flow: CashFlow) -> bool:
        """Whether a flow is of the account and the asset, at whatever time."""
        return self.account in {None, flow.account} and self.asset in {None, flow.asset}

    def holds(self, flow: CashFlow, calendar: Calendar) -> bool:
        """Whether a flow lies in it."""
        if not self.about(flow):
            return False
        first, _ = flow.span(calendar)
        return (self.since is None or first >= self.since) and (self.until is None or first < self.until)


@dataclass(frozen=True, slots=True)
class FlowsView:
    """Cash flows, and what is known about their other sides.

    Attributes:
        flows: those to list, newest first.
        matching: of all that is stored, whatever is listed.
        names: shown names by account.
        sync: how far the past is read; None where nobody reads it here.
        more: older ones were left out.
    """

    flows: Sequence[CashFlow]
    matching: Matching
    names: Mapping[AccountId, str] = field(default_factory=dict)
    sync: SyncView | None = None
    asked: Asked = field(default_factory=Asked)
    more: bool = False


@dataclass(frozen=True, slots=True)
class TradesView:
    """Trades, newest first; else like `FlowsView`."""

    trades: Sequence[Trade | ContractTrade]
    names: Mapping[AccountId, str] = field(default_factory=dict)
    sync: SyncView | None = None
    asked: Asked = field(default_factory=Asked)
    more: bool = False
