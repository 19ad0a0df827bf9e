"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# as the columns were when this was written: a migration never follows later changes of the types
INSTANT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Make every table."""
    history()
    accounts()
    delivery()


def history() -> None:
    """Snapshots, and closes from elsewhere."""
    op.create_table(
        "snapshot",
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nav", EXACT, nullable=True),
        sa.Column("best_known", EXACT, nullable=True),
        sa.Column("at_least", EXACT, nullable=True),
        sa.Column("rub", EXACT, nullable=True),
        sa.CheckConstraint("at >= 1577836800000000", name=op.f("ck_snapshot_clock")),
        sa.CheckConstraint(
            "(state = 'complete' AND nav IS NOT NULL AND best_known IS NULL AND at_least IS NULL)"
            " OR (state = 'provisional' AND nav IS NULL AND best_known IS NOT NULL AND at_least IS NULL)"
            " OR (state = 'incomplete' AND nav IS NULL AND best_known IS NULL AND at_least IS NOT NULL)",
            name=op.f("ck_snapshot_total"),
        ),
        sa.CheckConstraint("rub IS NULL OR state = 'complete'", name=op.f("ck_snapshot_rub")),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("seq", name=op.f("uq_snapshot_seq")),
    )
    op.create_index(
        "ix_snapshot_complete",
        "snapshot",
        ["at"],
        unique=False,
        sqlite_where=sa.text("nav IS NOT NULL"),
        postgresql_where=sa.text("nav IS NOT NULL"),
    )
    op.create_table(
        "account_value",
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nav", EXACT, nullable=True),
        sa.CheckConstraint("(state = 'failed') = (nav IS NULL)", name=op.f("ck_account_value_known")),
        sa.ForeignKeyConstraint(["at"], ["snapshot.at"], name=op.f("fk_account_value_at"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("at", "account", name=op.f("pk_account_value")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot_body",
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["at"], ["snapshot.at"], name=op.f("fk_snapshot_body_at"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_snapshot_body")),
    )
    op.create_table(
        "body_key",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_body_key")),
    )
    op.create_table(
        "imported_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("usd", EXACT, nullable=True),
        sa.Column("rub", EXACT, nullable=True),
        sa.CheckConstraint("usd IS NOT NULL OR rub IS NOT NULL", name=op.f("ck_imported_day_figure")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_imported_day")),
    )
    op.create_table(
        "imported_instant",
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("usd", EXACT, nullable=True),
        sa.Column("rub", EXACT, nullable=True),
        sa.CheckConstraint("usd IS NOT NULL OR rub IS NOT NULL", name=op.f("ck_imported_instant_figure")),
        sa.PrimaryKeyConstraint("at", name=op.f("pk_imported_instant")),
    )


def accounts() -> None:
    """What is remembered of accounts, rates and sources."""
    op.create_table(
        "last_good",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_last_good")),
    )
    op.create_table(
        "known_quote",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("price", EXACT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account", "asset", name=op.f("pk_known_quote")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "account_state",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.Column("paused_until", INSTANT, nullable=True),
        sa.Column("suspicion", sa.Text(), nullable=True),
        sa.Column("suspected_at", INSTANT, nullable=True),
        sa.Column("suspect", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(suspicion IS NULL) = (suspected_at IS NULL) AND (suspicion IS NULL) = (suspect IS NULL)",
            name=op.f("ck_account_state_suspicion"),
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_state")),
    )
    op.create_table(
        "memory",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_memory")),
    )
    op.create_table(
        "fx_rate",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate", EXACT, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("crossed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("currency", name=op.f("pk_fx_rate")),
    )
    op.create_table(
        "dollar",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("price", EXACT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("asset", name=op.f("pk_dollar")),
    )


def delivery() -> None:
    """Settings made in the chat, what is due and what is on its way."""
    op.create_table(
        "preference",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_preference")),
    )
    op.create_table(
        "slot",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("last", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("schedule", name=op.f("pk_slot")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("last_seen_message_id", sa.BigInteger(), nullable=True),
        sa.Column("message_ids", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'sent', 'dead', 'collapsed')", name=op.f("ck_outbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["chat", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "own_message",
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("chat", "message_id", name=op.f("pk_own_message")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "chat",
        sa.Column("chat", sa.Text(), nullable=False),
        sa.Column("highest_message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chat", name=op.f("pk_chat")),
    )
    op.create_table(
        "handled_update",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("update_id", name=op.f("pk_handled_update")),
    )
