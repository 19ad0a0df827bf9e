"""The tables. `migrations` makes the same ones; a test holds the two together.

Small snapshot heads and account values lie apart from the packed bodies, so that scans of NAV touch few pages; the
value of a holding is not stored, it is amount x price. SQL by hand works on heads, account values and all small
tables; what an account held is in `bodies`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from portfolio_bot.storage.columns import Exact, Instant

SCHEMA: Final = "0003"
"""The newest revision in `migrations/versions`: what this program reads and writes."""

APPLICATION_ID: Final = 0x50464254
"""`PFBT`: how SQLite's header tells our files from those of others."""

FIRST_INSTANT: Final = 1_577_836_800_000_000
"""2020-01-01 in microseconds: a clock that shows less is not set yet, and its snapshots are refused."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

alembic_version = Table(
    "alembic_version",
    MetaData(naming_convention={"pk": "%(table_name)s_pkc"}),
    Column("version_num", String(32), primary_key=True),
)
"""Alembic's own table, read here so that Alembic is loaded only when there is something to migrate."""

snapshot = Table(
    "snapshot",
    metadata,
    Column("at", Instant, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False, unique=True),  # the order of storing, whatever the clock did
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("nav", Exact),  # USD; only of a complete total, so that no mathematics meets a partial one
    Column("best_known", Exact),
    Column("at_least", Exact),
    Column("rub", Exact),
    CheckConstraint(f"at >= {FIRST_INSTANT}", name="clock"),
    CheckConstraint(
        "(state = 'complete' AND nav IS NOT NULL AND best_known IS NULL AND at_least IS NULL)"
        " OR (state = 'provisional' AND nav IS NULL AND best_known IS NOT NULL AND at_least IS NULL)"
        " OR (state = 'incomplete' AND nav IS NULL AND best_known IS NULL AND at_least IS NOT NULL)",
        name="total",
    ),
    CheckConstraint("rub IS NULL OR state = 'complete'", name="rub"),
    Index("ix_snapshot_complete", "at", sqlite_where=text("nav IS NOT NULL")),
)

account_value = Table(
    "account_value",
    metadata,
    # the instant first: rows are appended, so pages stay full, and those of one snapshot lie together
    Column("at", Instant, ForeignKey("snapshot.at", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("nav", Exact),  # USD; of a stale account its last good value
    CheckConstraint("(state = 'failed') = (nav IS NULL)", name="known"),
    sqlite_with_rowid=False,
)

snapshot_body = Table(
    "snapshot_body",
    metadata,
    Column("at", Instant, ForeignKey("snapshot.at", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

body_key = Table(
    "body_key",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),  # days since 1970 UTC
    Column("body", LargeBinary, nullable=False),
)
"""The first body of a day, against which the day's bodies are packed. Apart, so that thinning is a plain DELETE."""

last_good = Table(
    "last_good",
    metadata,
    Column("account", Text, primary_key=True),
    Column("as_of", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

known_quote = Table(
    "known_quote",
    metadata,
    Column("account", Text, primary_key=True),
    Column("asset", Text, primary_key=True),
    Column("price", Exact, nullable=False),
    Column("source", Text, nullable=False),
    Column("as_of", Instant, nullable=False),
    sqlite_with_rowid=False,
)

account_state = Table(
    "account_state",
    metadata,
    Column("account", Text, primary_key=True),
    Column("failure", Text),
    Column("detail", Text, nullable=False),
    Column("retry_at", Instant),
    Column("final", Boolean, nullable=False),
    Column("since", Instant),
    Column("failures_in_row", Integer, nullable=False),
    Column("paused_until", Instant),
    Column("suspicion", Text),
    Column("suspected_at", Instant),
    Column("suspect", LargeBinary),
    CheckConstraint(
        "(suspicion IS NULL) = (suspected_at IS NULL) AND (suspicion IS NULL) = (suspect IS NULL)", name="suspicion"
    ),
)

fx_rate = Table(
    "fx_rate",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("base", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("rate", Exact, nullable=False),
    Column("provider", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("crossed", Boolean, nullable=False),
)

dollar = Table(
    "dollar",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("price", Exact, nullable=False),
    Column("source", Text, nullable=False),
    Column("as_of", Instant, nullable=False),
)

preference = Table(
    "preference",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("chat", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", Instant),
    Column("last_seen_message_id", BigInteger),
    Column("message_ids", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("done_at", Instant),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead', 'collapsed')", name="state"),
    Index("ix_outbox_unsent", "chat", "id", sqlite_where=text("state IN ('pending', 'sending')")),
    sqlite_autoincrement=True,
)

own_message = Table(
    "own_message",
    metadata,
    Column("chat", Text, primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

chat = Table(
    "chat",
    metadata,
    Column("chat", Text, primary_key=True),
    Column("highest_message_id", BigInteger, nullable=False),
)

slot = Table(
    "slot",
    metadata,
    Column("schedule", Text, primary_key=True),
    Column("last", Instant, nullable=False),
)

memory = Table(
    "memory",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

handled_update = Table(
    "handled_update",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
)

imported_day = Table(
    "imported_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("usd", Exact),
    Column("rub", Exact),
    CheckConstraint("usd IS NOT NULL OR rub IS NOT NULL", name="figure"),
)

imported_instant = Table(
    "imported_instant",
    metadata,
    Column("at", Instant, primary_key=True, autoincrement=False),
    Column("usd", Exact),
    Column("rub", Exact),
    CheckConstraint("usd IS NOT NULL OR rub IS NOT NULL", name="figure"),
)

flow = Table(
    "flow",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),  # midnight UTC where only the owner's day is known
    Column("day_only", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", Exact, nullable=False),
    Column("usd", Exact),
    Column("usd_source", Text),
    Column("priced_at", Instant),
    Column("priced", Boolean, nullable=False),  # it and its fee have a value
    Column("tried_at", Instant),  # when a value was last looked for in vain
    Column("fees", Text, nullable=False),
    Column("txid", Text),
    Column("detail", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("cost", Exact),
    Column("settled", Boolean, nullable=False),
    Column("wallets", Text, nullable=False),
    Column("stream", Text, nullable=False),  # which one brought it; empty if it was typed or imported
    CheckConstraint("(usd IS NULL) = (usd_source IS NULL)", name="worth"),
    Index("ix_flow_at", "at"),
    Index("ix_flow_unpriced", "account", sqlite_where=text("NOT priced")),
    Index("ix_flow_unsettled", "account", sqlite_where=text("NOT settled")),
)

trade = Table(
    "trade",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("side", Text, nullable=False),
    Column("base", Text, nullable=False),  # of a contract its name
    Column("quote", Text, nullable=False),  # of a contract what settles it
    Column("amount", Exact, nullable=False),
    Column("cost", Exact),
    Column("price", Exact),
    Column("market", Text, nullable=False),
    Column("usd", Exact),
    Column("usd_source", Text),
    Column("priced_at", Instant),
    Column("priced", Boolean, nullable=False),
    Column("tried_at", Instant),
    Column("fees", Text, nullable=False),
    Column("realised", Exact),
    Column("detail", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("stream", Text, nullable=False),
    CheckConstraint("(market = 'futures') = (cost IS NULL)", name="cost"),
    CheckConstraint("(usd IS NULL) = (usd_source IS NULL)", name="worth"),
    Index("ix_trade_at", "at"),
    Index("ix_trade_unpriced", "account", sqlite_where=text("NOT priced")),
)
"""Fills of every market together: of coins (`spot`, `margin`) and of contracts (`futures`)."""

stream_progress = Table(
    "stream_progress",
    metadata,
    Column("account", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("token", Text, nullable=False),
    # a span that is read in parts: which one, and where to go on in it
    Column("part_since", Instant),
    Column("part_until", Instant),
    Column("part_token", Text),
    Column("keeps", BigInteger),  # microseconds that the venue goes back
    Column("failure", Text),
    Column("failure_detail", Text, nullable=False),
    Column("retry_at", Instant),
    Column("final", Boolean, nullable=False),
    Column("tried_at", Instant),
    Column("gaps", Text, nullable=False),
    Column("holes", Text, nullable=False),
    CheckConstraint(
        "(part_since IS NULL) = (part_until IS NULL) AND (part_since IS NULL) = (part_token IS NULL)", name="part"
    ),
    sqlite_with_rowid=False,
)

verdict = Table(
    "verdict",
    metadata,
    Column("account", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("other_account", Text, primary_key=True),  # empty for a flow that is spoken of alone
    Column("other_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    CheckConstraint("kind IN ('joined', 'parted', 'external')", name="kind"),
    CheckConstraint("(kind = 'external') = (other_id = '')", name="other"),
    sqlite_with_rowid=False,
)

asset_price = Table(
    "asset_price",
    metadata,
    Column("asset", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("usd", Exact, nullable=False),
    Column("origin", Text, nullable=False),  # `imported`, or `live` beside a snapshot that does not hold the asset
    CheckConstraint("origin IN ('imported', 'live')", name="origin"),
    sqlite_with_rowid=False,
)


border = Table(
    "border",
    metadata,
    Column("at", Instant, ForeignKey("snapshot.at", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("account", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("inside", Text, primary_key=True),  # empty for an asset of the account as a whole
    Column("asset", Text, primary_key=True),  # empty where nobody can tell
    Column("entered", Boolean, nullable=False),
    Column("usd", Exact, nullable=False),
    CheckConstraint("cause IN ('readable', 'gone', 'opened', 'closed', 'priced', 'unpriced', 'moved')", name="cause"),
    sqlite_with_rowid=False,
)
"""What came into the total or left it inside accounts, at the snapshot just after which it counts."""


def meant_for_postgresql() -> None:
    """Make partial indexes partial there too. Said apart: the option itself loads that dialect, 3 MB for everybody."""
    for table in metadata.tables.values():
        for index in table.indexes:
            where = index.dialect_options["sqlite"]["where"]
            if where is not None:
                index.dialect_kwargs["postgresql_where"] = where


schedule = Table(
    "schedule",
    metadata,
    Column("name", Text, primary_key=True),
    Column("spec", Text, nullable=False),  # JSON
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

choice = Table(
    "choice",
    metadata,
    Column("scope", Text, primary_key=True),  # `chat:-100123`, `user:123`, `alert`, …
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    sqlite_autoincrement=True,
)

alert = Table(
    "alert",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),  # an account, an asset, a flow; "" for the whole
    Column("state", Text, nullable=False),  # JSON
    Column("changed_at", Instant, nullable=False),
)
