"""The whole of the application's tables into one file, and back: SQLite by its own backup interface,
PostgreSQL by its own programs.

The engine's queue is left out: workers make it anew from the runs (engine/handover.py).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from django.apps import apps
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import Stop
from syncline.engine.storage import SCHEMA

PAGES_AT_A_TIME: Final = 2000
"""Of SQLite's, some MiB: between two such steps others may write."""


def copy_out(to: Path) -> None:
    """The database as it is at one moment, while others go on working."""
    if connection.vendor == "sqlite":
        source = Path(connection.settings_dict["NAME"])
        if not source.exists():
            raise Stop(f"There is no database at {source}.", "Check SYNCLINE_HOME.", ExitCode.NOT_FOUND)
        with closing(_sqlite(source)) as database, closing(sqlite3.connect(to)) as copy:
            database.backup(copy, pages=PAGES_AT_A_TIME, sleep=0.01)
        return
    _program(
        "pg_dump",
        *("--format=plain", "--no-owner", "--no-privileges", f"--exclude-schema={SCHEMA}"),
        *(f"--file={to}", f"--dbname={_conninfo()}"),
    )


def copy_in(source: Path) -> None:
    """Put the copy in the place of what is there, all of it or nothing."""
    drops = _drops()
    connections.close_all()
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        with closing(_sqlite(source)) as copy, closing(_sqlite(target)) as database:
            _is_whole(copy)
            copy.backup(database)
        return
    with tempfile.TemporaryDirectory() as folder:
        clearing = Path(folder) / "clearing.sql"
        clearing.write_text("".join(f"DROP {thing} CASCADE;\n" for thing in drops))
        _program(
            "psql",
            *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *("--output=/dev/null", f"--dbname={_conninfo()}", f"--file={clearing}", f"--file={source}"),
        )


def _is_whole(copy: sqlite3.Connection) -> None:
    try:
        if copy.execute("PRAGMA quick_check").fetchone() == ("ok",):
            return
    except sqlite3.DatabaseError:
        pass
    raise Stop(
        "The copy of the database in the backup is damaged. Nothing was changed.", "Take another backup."
    )


def _sqlite(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=30)


def _drops() -> list[str]:
    """The tables and functions of this installation in PostgreSQL, of an older or newer version too; what
    somebody else keeps in the same database stays.
    """
    if connection.vendor == "sqlite":
        return []
    rooms = tuple({f"{app.label}_" for app in apps.get_app_configs()} | {"django_"})
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
        )
        functions = [name for (name,) in cursor.fetchall()]
    return [
        *(f'TABLE "{table}"' for table in tables if table.startswith(rooms)),
        *(f"FUNCTION {function}" for function in functions if function.startswith(rooms)),
    ]


def _conninfo() -> str:
    """Without the password, which anybody on this machine could see among the arguments."""
    told = connection.settings_dict
    return make_conninfo(
        dbname=told["NAME"],
        user=told["USER"] or None,
        host=told["HOST"] or None,
        port=told["PORT"] or None,
        **{name: str(value) for name, value in told["OPTIONS"].items()},
    )


def _program(name: str, *arguments: str) -> None:
    program = shutil.which(name)
    if program is None:
        raise Stop(
            f"{name} is not installed here, and PostgreSQL is copied by its own programs.",
            "Install PostgreSQL's client programs (postgresql-client), of the server's version or newer.",
        )
    secret = connection.settings_dict["PASSWORD"]
    environment = {**os.environ, **({"PGPASSWORD": secret} if secret else {})}
    ended = subprocess.run(  # noqa: S603 - the arguments are our own settings
        [program, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Stop(
            f"{name} failed: {ended.stderr.strip()}",
            "Nothing was changed. PostgreSQL's own words say what is wrong; a program older than the server "
            "has to be replaced by a newer one.",
        )
