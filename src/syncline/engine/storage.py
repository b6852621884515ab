"""Where the durable engine keeps its own rows: a SQLite file beside the application's, or a schema of its own
in the same PostgreSQL."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import sqlalchemy as sa
from dbos import DBOS, DBOSPortableJSONSerializer
from django.conf import settings
from django.db import connection
from sqlalchemy import event

APPLICATION: Final = "syncline"
APPLICATION_VERSION: Final = "1"
"""Never changed: the engine would leave the runs of an older version lying where they are."""
SCHEMA: Final = "syncline_engine"
SERIALIZER: Final = DBOSPortableJSONSerializer()
"""JSON, so that nothing in the queue can carry code as a pickle could."""


def engine_url() -> str:
    """SQLAlchemy's URL of the engine's database."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql"):
        return f"sqlite:///{settings.HOME / 'engine.sqlite3'}"
    options = {key: str(value) for key, value in database.get("OPTIONS", {}).items()}
    host = database["HOST"] or None
    if host and host.startswith("/"):
        # The folder of a Unix socket has no place in the host part of a URL.
        options["host"], host = host, None
    url = sa.URL.create(
        "postgresql",
        username=database["USER"] or None,
        password=database["PASSWORD"] or None,
        host=host,
        port=int(database["PORT"]) if database["PORT"] else None,
        database=database["NAME"],
        query=options,
    )
    return url.render_as_string(hide_password=False)


@lru_cache(maxsize=8)
def prepare(url: str) -> None:
    """Bring the engine's tables up to date; once a process."""
    DBOS.migrate(url, schema=SCHEMA)


def discard_queue() -> None:
    """Throw away all that the engine knows, after the application's rows have been replaced: it is made anew
    from the runs that are under way in them (handover.py). Nobody else may be at work.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE')
    else:
        for ending in ("", "-wal", "-shm"):
            (settings.HOME / f"engine.sqlite3{ending}").unlink(missing_ok=True)
    prepare.cache_clear()


def sqlite_engine(url: str) -> sa.Engine | None:
    """A SQLAlchemy engine for SQLite; None for PostgreSQL, where DBOS makes a good one itself.

    DBOS leaves SQLite in its slow default journal and waits for the disk at every commit. What a power cut
    may take from the engine's file is put back from the application's own rows (handover.py).
    """
    if not url.startswith("sqlite"):
        return None
    engine = sa.create_engine(url, pool_size=20, max_overflow=0, pool_timeout=30)

    @event.listens_for(engine, "connect")
    def set_up(opened: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        # Taking the write lock at BEGIN, as DBOS does on the connections it makes itself.
        opened.isolation_level = "IMMEDIATE"
        cursor = opened.cursor()
        for setting in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    return engine
