"""Snapshots of a SQLite store, kept as files beside it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class UnknownSnapshot(ValueError):
    """No snapshot has this name, or the name is not letters, digits, ``-`` and ``_``."""


def save(connection: sqlite3.Connection, folder: Path, name: str) -> None:
    """Copy the whole store into ``folder/name.sqlite``; an older snapshot of this name is replaced."""
    path = _path(folder, name)
    folder.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    target = sqlite3.connect(path)
    try:
        connection.backup(target)
    finally:
        target.close()


def load(connection: sqlite3.Connection, folder: Path, name: str) -> None:
    """Make the store what it was; the open connection stays valid."""
    path = _path(folder, name)
    if not path.exists():
        raise UnknownSnapshot(f"there is no snapshot named {name!r}")
    source = sqlite3.connect(path)
    try:
        source.backup(connection)
    finally:
        source.close()


def _path(folder: Path, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise UnknownSnapshot(f"{name!r} is not a usable snapshot name (letters, digits, - and _)")
    return folder / f"{name}.sqlite"
