"""Where the rows live: SQLite in the home folder, or a PostgreSQL named by a URL. One code serves both."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from syncline.config.environment import SettingError

SQLITE_START = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;"
)

CONNECTS_WITHIN_S = "10"
"""A server that takes the connection and then says nothing would hold a page for two minutes (psycopg's own
limit), and with a few pages every thread of the console. The URL may say otherwise."""


def django_database(url: str, home: Path) -> dict[str, Any]:
    """Django's DATABASES entry for a URL, or for SQLite when the URL is empty."""
    return _postgres(url) if url else _sqlite(home)


def _sqlite(home: Path) -> dict[str, Any]:
    home.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(home / "syncline.sqlite3"),
        "OPTIONS": {
            "timeout": 30,
            # Taking the write lock at BEGIN keeps two writers from deadlocking half way through.
            "transaction_mode": "IMMEDIATE",
            "init_command": SQLITE_START,
        },
        "TEST": {"NAME": str(home / "test.sqlite3")},
    }


def _postgres(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingError(
            f"SYNCLINE_DATABASE_URL starts with {parts.scheme!r}; it must be postgresql://user:password@host/name."
        )
    options: dict[str, Any] = {"connect_timeout": CONNECTS_WITHIN_S, **dict(parse_qsl(parts.query))}
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "syncline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 300,
        "OPTIONS": options,
    }
