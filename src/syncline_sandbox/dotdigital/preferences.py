"""Marketing preferences: definitions in categories, and who opted in to what."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.moments import iso
from syncline_sandbox.dotdigital.storage import take_ids

FIRST_PREFERENCE_ID = 11
TOP_LEVEL = 0


def tree(account: Account) -> list[dict[str, Any]]:
    """All definitions, preferences nested in their categories."""
    return _nested(_rows(account), None)


def tree_for(account: Account, contact_id: int) -> list[dict[str, Any]]:
    """The whole tree with ``isOptedIn`` for one contact."""
    choices = {
        row[0]: bool(row[1])
        for row in account.connection.execute(
            "SELECT preference_id, opted_in FROM opt_ins WHERE contact_id = ?", (contact_id,)
        )
    }
    return _nested(_rows(account), choices)


def changed_since(account: Account, since: int) -> list[dict[str, Any]]:
    """Definitions changed since, each in its category."""
    rows = _rows(account)
    changed = {row["id"] for row in rows if row["modified"] >= since}
    parents = {row["category_id"] for row in rows if row["id"] in changed}
    return _nested([row for row in rows if row["id"] in changed | parents], None)


def create(account: Account, body: dict[str, Any]) -> dict[str, Any]:
    """A new definition. Raises ERROR_PREFERENCE_INVALID."""
    preference_id = take_ids(account.connection, "next_preference", FIRST_PREFERENCE_ID)
    private_name = str(body.get("privatename") or "").strip()
    is_preference = bool(body.get("ispreference"))
    category_id = body.get("categoryid") or TOP_LEVEL
    _check(account, private_name, is_preference, category_id)
    now = account.now_ms()
    account.connection.execute(
        "INSERT INTO preferences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            preference_id,
            category_id,
            is_preference,
            str(body.get("publicname") or private_name),
            private_name,
            str(body.get("order") or preference_id),
            body.get("ispublic", True) is not False,
            now,
            now,
        ),
    )
    return one(account, preference_id)


def change(account: Account, preference_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """Change what is sent; whether it is a category stays."""
    row = _row(account, preference_id)
    private_name = str(body.get("privatename", row["private_name"]) or "").strip()
    category_id = body.get("categoryid", row["category_id"]) or TOP_LEVEL
    _check(account, private_name, bool(row["is_preference"]), category_id)
    account.connection.execute(
        "UPDATE preferences SET category_id = ?, public_name = ?, private_name = ?, sort_order = ?, "
        "is_public = ?, modified = ? WHERE id = ?",
        (
            category_id,
            str(body.get("publicname") or row["public_name"]),
            private_name,
            str(body.get("order") or row["sort_order"]),
            body.get("ispublic", bool(row["is_public"])) is not False,
            account.now_ms(),
            preference_id,
        ),
    )
    return one(account, preference_id)


def delete(account: Account, preference_id: int) -> None:
    """Remove a definition and all choices; a category takes its preferences with it."""
    _row(account, preference_id)
    condition = "(SELECT id FROM preferences WHERE id = ? OR category_id = ?)"
    ids = (preference_id, preference_id)
    account.connection.execute(f"DELETE FROM opt_ins WHERE preference_id IN {condition}", ids)
    account.connection.execute("DELETE FROM preferences WHERE id = ? OR category_id = ?", ids)


def one(account: Account, preference_id: int) -> dict[str, Any]:
    """One definition, a category with its preferences. Raises ERROR_PREFERENCE_NOT_FOUND."""
    row = _row(account, preference_id)
    inside = [other for other in _rows(account) if other["category_id"] == preference_id]
    return _shown(row, inside, None)


def exists(account: Account, preference_id: int) -> None:
    """Raises ERROR_PREFERENCE_NOT_FOUND."""
    _row(account, preference_id)


def _check(account: Account, private_name: str, is_preference: bool, category_id: Any) -> None:
    if not private_name or type(category_id) is not int or abs(category_id) >= 2**31:
        raise V2Error("ERROR_PREFERENCE_INVALID")
    if category_id == TOP_LEVEL:
        return
    row = account.connection.execute(
        "SELECT is_preference FROM preferences WHERE id = ?", (category_id,)
    ).fetchone()
    # Only categories hold preferences, and no category holds a category.
    if row is None or row[0] or not is_preference:
        raise V2Error("ERROR_PREFERENCE_INVALID")


def _rows(account: Account) -> list[sqlite3.Row]:
    return account.connection.execute("SELECT * FROM preferences ORDER BY sort_order, id").fetchall()


def _row(account: Account, preference_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = account.connection.execute(
        "SELECT * FROM preferences WHERE id = ?", (preference_id,)
    ).fetchone()
    if row is None:
        raise V2Error("ERROR_PREFERENCE_NOT_FOUND")
    return row


def _nested(rows: Iterable[sqlite3.Row], choices: dict[int, bool] | None) -> list[dict[str, Any]]:
    inside: dict[int, list[sqlite3.Row]] = {}
    for row in rows:
        inside.setdefault(row["category_id"], []).append(row)
    return [_shown(row, inside.get(row["id"], []), choices) for row in inside.get(TOP_LEVEL, [])]


def _shown(
    row: sqlite3.Row, inside: Iterable[sqlite3.Row], choices: dict[int, bool] | None
) -> dict[str, Any]:
    members = [_shown(inner, [], choices) for inner in inside]
    opted_in = None
    if choices is not None and row["is_preference"]:
        opted_in = choices.get(row["id"], False)
    return {
        "id": row["id"],
        "publicName": row["public_name"],
        "privateName": row["private_name"],
        "isPreference": bool(row["is_preference"]),
        "order": row["sort_order"],
        "isPublic": bool(row["is_public"]),
        "categoryId": row["category_id"],
        "preferenceCount": len(members),
        "created": iso(row["created"]),
        "lastModified": iso(row["modified"]),
        "isOptedIn": opted_in,
        "preferences": members,
    }
