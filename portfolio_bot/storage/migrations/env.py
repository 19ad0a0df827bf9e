"""Alembic's entry: always in-process, on the connection and in the transaction of `schema.migrate`."""

from __future__ import annotations

from alembic import context

from portfolio_bot.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    # the caller's transaction is the only one: either all steps land, or none
    transactional_ddl=True,
)
context.run_migrations()
