"""Cash flows and trades, how far each was read, what the owner said about them, and what came into view."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Make the tables; nothing that is stored changes."""
    flows()
    trades()
    about_them()
    borders()


def flows() -> None:
    """What came in and went out."""
    op.create_table(
        "flow",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("day_only", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("amount", EXACT, nullable=False),
        sa.Column("usd", EXACT, nullable=True),
        sa.Column("usd_source", sa.Text(), nullable=True),
        sa.Column("priced_at", INSTANT, nullable=True),
        sa.Column("priced", sa.Boolean(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("txid", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("cost", EXACT, nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("wallets", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.CheckConstraint("(usd IS NULL) = (usd_source IS NULL)", name=op.f("ck_flow_worth")),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_flow")),
    )
    op.create_index("ix_flow_at", "flow", ["at"], unique=False)
    _partial("ix_flow_unpriced", "flow", "account", "NOT priced")
    _partial("ix_flow_unsettled", "flow", "account", "NOT settled")


def trades() -> None:
    """What was bought and sold."""
    op.create_table(
        "trade",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("amount", EXACT, nullable=False),
        sa.Column("cost", EXACT, nullable=True),
        sa.Column("price", EXACT, nullable=True),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("usd", EXACT, nullable=True),
        sa.Column("usd_source", sa.Text(), nullable=True),
        sa.Column("priced_at", INSTANT, nullable=True),
        sa.Column("priced", sa.Boolean(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("fees", sa.Text(), nullable=False),
        sa.Column("realised", EXACT, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.CheckConstraint("(market = 'futures') = (cost IS NULL)", name=op.f("ck_trade_cost")),
        sa.CheckConstraint("(usd IS NULL) = (usd_source IS NULL)", name=op.f("ck_trade_worth")),
        sa.PrimaryKeyConstraint("account", "id", name=op.f("pk_trade")),
    )
    op.create_index("ix_trade_at", "trade", ["at"], unique=False)
    _partial("ix_trade_unpriced", "trade", "account", "NOT priced")


def about_them() -> None:
    """How far each stream was read, what the owner said of transfers, prices from elsewhere."""
    op.create_table(
        "stream_progress",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("part_since", INSTANT, nullable=True),
        sa.Column("part_until", INSTANT, nullable=True),
        sa.Column("part_token", sa.Text(), nullable=True),
        sa.Column("keeps", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_detail", sa.Text(), nullable=False),
        sa.Column("retry_at", INSTANT, nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("gaps", sa.Text(), nullable=False),
        sa.Column("holes", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(part_since IS NULL) = (part_until IS NULL) AND (part_since IS NULL) = (part_token IS NULL)",
            name=op.f("ck_stream_progress_part"),
        ),
        sa.PrimaryKeyConstraint("account", "stream", name=op.f("pk_stream_progress")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("other_account", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('joined', 'parted', 'external')", name=op.f("ck_verdict_kind")),
        sa.CheckConstraint("(kind = 'external') = (other_id = '')", name=op.f("ck_verdict_other")),
        sa.PrimaryKeyConstraint("account", "id", "other_account", "other_id", name=op.f("pk_verdict")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asset_price",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("usd", EXACT, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('imported', 'live')", name=op.f("ck_asset_price_origin")),
        sa.PrimaryKeyConstraint("asset", "at", name=op.f("pk_asset_price")),
        sqlite_with_rowid=False,
    )


def borders() -> None:
    """What came into the total or left it inside accounts."""
    op.create_table(
        "border",
        sa.Column("at", INSTANT, autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("inside", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.Column("usd", EXACT, nullable=False),
        sa.CheckConstraint(
            "cause IN ('readable', 'gone', 'opened', 'closed', 'priced', 'unpriced', 'moved')",
            name=op.f("ck_border_cause"),
        ),
        sa.ForeignKeyConstraint(["at"], ["snapshot.at"], name=op.f("fk_border_at"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("at", "account", "cause", "inside", "asset", name=op.f("pk_border")),
        sqlite_with_rowid=False,
    )


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
