"""Insight data as it is stored: collections of records, of the account or of single contacts."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import re
import sqlite3
from typing import Any, NamedTuple

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import EmptyRefusal, V3Error, bad_request
from syncline_sandbox.dotdigital.vocabulary import (
    COLLECTION_NAME_PATTERN,
    COLLECTION_SCOPES,
    COLLECTION_TYPES,
)

ACCOUNT, CONTACT = "account", "contact"
WEB_INSIGHT = "webInsight"
_NAME = re.compile(COLLECTION_NAME_PATTERN)


class Collection(NamedTuple):
    """One collection; ``shape`` is what :mod:`insight_shape` makes of the values seen so far."""

    name: str
    type: str
    scope: str
    shape: dict[str, Any]


class Record(NamedTuple):
    """One record; ``json`` as it is stored, times in milliseconds."""

    number: int
    key: str
    owner: int | None
    json: str
    created: int
    updated: int


class NewRecord(NamedTuple):
    """What a write stores under its key; ``owner`` is None in a collection of the account."""

    key: str
    owner: int | None
    json: dict[str, Any]


def find(account: Account, name: str, scope: str | None = None) -> Collection:
    """Raises insightData:collectionNotFound, also for a collection of the other scope."""
    checked_name(name)
    found = look_up(account, name)
    if found is None or scope not in (None, found.scope):
        raise V3Error("insightData:collectionNotFound", f"The collection '{name}' could not be found", 404)
    return found


def look_up(account: Account, name: str) -> Collection | None:
    row = account.connection.execute("SELECT * FROM insight_collections WHERE name = ?", (name,)).fetchone()
    return None if row is None else _collection(row)


def checked_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise bad_request(f"'{name}' is not the name of a collection", "collectionName")


def checked_words(scope: str, type_: str) -> None:
    if scope not in COLLECTION_SCOPES:
        raise bad_request(f"'{scope}' is not a scope of a collection", "collectionScope")
    if type_ not in COLLECTION_TYPES:
        raise bad_request(f"'{type_}' is not a type of a collection", "collectionType")


def make(account: Account, name: str, scope: str, type_: str) -> bool:
    """Make an empty collection; False where there is one already. Raises the 412 of a full account."""
    if look_up(account, name) is not None:
        return False
    held = account.connection.execute("SELECT count(*) FROM insight_collections").fetchone()[0]
    if held >= account.settings.insight_collection_limit:
        raise EmptyRefusal(412)
    account.connection.execute("INSERT INTO insight_collections VALUES (?, ?, ?, '{}')", (name, type_, scope))
    return True


def keep_shape(account: Account, name: str, shape: dict[str, Any]) -> None:
    account.connection.execute(
        "UPDATE insight_collections SET shape = ? WHERE name = ?",
        (msgspec.json.encode(shape).decode(), name),
    )


def summaries(account: Account, scope: str | None = None, owner: int | None = None) -> list[dict[str, Any]]:
    """Collections with the number of their records; of one contact, only where there are any."""
    mine = " AND r.owner = :owner" if owner is not None else ""
    rows = account.connection.execute(
        f"SELECT c.name, c.type, c.scope, (SELECT count(*) FROM insight_records r WHERE "
        f"r.collection = c.name{mine}) AS held FROM insight_collections c "
        f"WHERE :scope IS NULL OR c.scope = :scope ORDER BY c.name",
        {"scope": scope, "owner": owner},
    )
    return [
        {
            "collectionName": row["name"],
            "collectionType": row["type"],
            "collectionScope": row["scope"],
            "recordCount": row["held"],
        }
        for row in rows
        if owner is None or row["held"]
    ]


def record(account: Account, name: str, key: str) -> Record | None:
    row = account.connection.execute(
        "SELECT number, key, owner, json, created, updated FROM insight_records "
        "WHERE collection = ? AND key = ?",
        (name, key),
    ).fetchone()
    return None if row is None else Record(*row)


def records(
    account: Account, name: str, owner: int | None, since: int, after: int, limit: int
) -> list[Record]:
    """Records in ascending order of their numbers; ``owner`` None means everybody's."""
    mine = " AND owner = :owner" if owner is not None else ""
    rows = account.connection.execute(
        f"SELECT number, key, owner, json, created, updated FROM insight_records "
        f"WHERE collection = :name AND number > :after AND updated >= :since{mine} "
        f"ORDER BY number LIMIT :limit",
        {"name": name, "owner": owner, "after": after, "since": since, "limit": limit},
    )
    return [Record(*row) for row in rows]


def store(account: Account, name: str, new: NewRecord, now: int) -> bool:
    """Write or replace a record; whether it is new."""
    text = msgspec.json.encode(new.json).decode()
    changed = account.connection.execute(
        "UPDATE insight_records SET json = ?, updated = ? WHERE collection = ? AND key = ?",
        (text, now, name, new.key),
    ).rowcount
    if changed:
        return False
    account.connection.execute(
        "INSERT INTO insight_records (collection, key, owner, json, created, updated) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (name, new.key, new.owner, text, now, now),
    )
    return True


def delete(account: Account, name: str, key: str, owner: int | None) -> bool:
    """Remove one record; whether there was one of this owner."""
    found = record(account, name, key)
    if found is None or found.owner != owner:
        return False
    account.connection.execute("DELETE FROM insight_records WHERE number = ?", (found.number,))
    return True


def empty(account: Account, name: str, owner: int | None) -> int:
    """Remove all records, or those of one contact; how many."""
    mine = " AND owner = ?" if owner is not None else ""
    parameters = (name,) if owner is None else (name, owner)
    return account.connection.execute(
        f"DELETE FROM insight_records WHERE collection = ?{mine}", parameters
    ).rowcount


def drop(account: Account, name: str) -> None:
    account.connection.execute("DELETE FROM insight_collections WHERE name = ?", (name,))


def _collection(row: sqlite3.Row) -> Collection:
    return Collection(row["name"], row["type"], row["scope"], msgspec.json.decode(row["shape"]))
