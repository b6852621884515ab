"""Whether the tables are as this version of Syncline needs them."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop


def pending_migrations() -> list[str]:
    """What has not been applied yet, as `room.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Bring the tables up to date; what was applied. Two processes that start at once take turns."""
    with _one_at_a_time():
        pending = pending_migrations()
        if pending:
            call_command("migrate", interactive=False, verbosity=0)
    return pending


def be_ready() -> None:
    """Bring a single machine's SQLite up to date unasked. A shared PostgreSQL is its operator's to change."""
    try:
        pending = pending_migrations()
    except OperationalError as error:
        raise Stop(
            f"The database cannot be reached: {str(error).strip()}",
            "Check that it runs, and SYNCLINE_DATABASE_URL.",
            ExitCode.LATER,
        ) from error
    if not pending:
        return
    if connection.vendor != "sqlite":
        raise Stop(
            f"The database is behind this version of Syncline by {len(pending)} migrations.",
            "Stop the workers, run `syncline migrate`, and start them again.",
        )
    migrate()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """By a lock on a file for SQLite, whose own locks end with a transaction; else by PostgreSQL's own."""
    if connection.vendor == "sqlite":
        with (settings.HOME / "migrate.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


_LOCK = 0x53796E63
"""Any number that nobody else locks by."""
