"""The SQLite file behind an organisation: transactions, the version counter, tombstones, and small state."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

# Real organisations have version numbers of seven digits and more; clients must not expect small ones.
FIRST_VERSION = 1_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS _state (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _metadata (kind TEXT, name TEXT, value BLOB, PRIMARY KEY (kind, name)) WITHOUT
ROWID; CREATE TABLE IF NOT EXISTS _deleted (
    "table" TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, deleted_ms INTEGER NOT NULL,
    PRIMARY KEY ("table", version)
) WITHOUT ROWID;
"""


class Database:
    """One writer connection; every request runs to its end before the next begins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None, cached_statements=1024)
        self._depth = 0
        self._saved_version = 0
        self.version = FIRST_VERSION
        for pragma in (
            "journal_mode=WAL",
            # A killed process loses nothing; only a power cut could, and then a sandbox may.
            "synchronous=OFF",
            "cache_size=-131072",
            "temp_store=MEMORY",
        ):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.create_function("fold", 1, _fold, deterministic=True)
        self.connection.create_function("sql_like", 2, _sql_like, deterministic=True)
        self.prepare()

    def prepare(self) -> None:
        """Make the sandbox's own tables and read the version counter; also after the file's content was
        replaced.
        """
        self.connection.executescript(_SCHEMA)
        self.version = self._saved_version = int(self.state("version") or FIRST_VERSION)

    def close(self) -> None:
        self.connection.close()

    def next_version(self) -> int:
        """The next row version; organisation-wide and never given twice."""
        self.version += 1
        return self.version

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested ones become savepoints."""
        depth = self._depth
        name = f"level{depth}"
        self.connection.execute("BEGIN IMMEDIATE" if depth == 0 else f"SAVEPOINT {name}")
        self._depth = depth + 1
        try:
            yield
        except BaseException:
            self._depth = depth
            if depth == 0:
                self.connection.execute("ROLLBACK")
            else:
                self.connection.execute(f"ROLLBACK TO {name}")
                self.connection.execute(f"RELEASE {name}")
            raise
        self._depth = depth
        if depth == 0:
            self._save_version()
            self.connection.execute("COMMIT")
        else:
            self.connection.execute(f"RELEASE {name}")

    def _save_version(self) -> None:
        if self.version != self._saved_version:
            self.set_state("version", self.version)
            self._saved_version = self.version

    def execute(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> sqlite3.Cursor:
        return self.connection.execute(sql, parameters)

    def rows(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.connection.execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> Any:
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def state(self, name: str) -> Any:
        """A small thing kept beside the rows, or None."""
        raw = self.value("SELECT value FROM _state WHERE name = ?", (name,))
        return None if raw is None else msgspec.json.decode(raw)

    def set_state(self, name: str, value: Any) -> None:
        self.execute("INSERT OR REPLACE INTO _state VALUES (?, ?)", (name, msgspec.json.encode(value)))

    def tables(self) -> list[str]:
        return [
            name
            for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]


def quoted(name: str) -> str:
    """A SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _fold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _sql_like(pattern: str, text: str | None) -> bool | None:
    """LIKE as SQL Server does it: ``%``, ``_`` and ``[...]``, case-insensitive beyond ASCII."""
    return None if text is None else _like_pattern(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _like_pattern(pattern: str) -> re.Pattern[str]:
    out: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        end = pattern.find("]", position + 2) if char == "[" else -1
        if char == "%":
            out.append(".*")
        elif char == "_":
            out.append(".")
        elif end > 0:
            inside = pattern[position + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out.append(f"[{inside}]")
            position = end
        else:
            out.append(re.escape(char))
        position += 1
    return re.compile("".join(out), re.IGNORECASE | re.DOTALL)
