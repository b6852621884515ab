"""Campaigns as they are stored: finding, paging, changing, deleting."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.storage import take_ids
from syncline_sandbox.dotdigital.vocabulary import DEFAULT_FROM_ADDRESS, FIRST_CAMPAIGN_ID

UNSENT, SENDING, SENT, TRIGGERED_STATUS = "Unsent", "Sending", "Sent", "Triggered"
STANDARD, TRIGGERED = "Standard", "Triggered"

COLUMNS = (
    "id, name, subject, from_name, from_address, html, plain, reply_action, reply_to, custom_reply_to, type, "
    "status, tags, split_test, first_sent, last_sent, scheduled, updated, last_activity, version"
)


class Campaign(msgspec.Struct, frozen=True):
    """One row of the table. Times are milliseconds; ``tags`` and ``split_test`` are JSON."""

    id: int
    name: str
    subject: str
    from_name: str
    from_address: int
    html: str
    plain: str
    reply_action: str
    reply_to: str | None
    custom_reply_to: str | None
    type: str
    status: str
    tags: str
    split_test: str | None
    first_sent: int | None
    last_sent: int | None
    scheduled: int | None
    updated: int
    last_activity: int | None
    version: int

    @property
    def tag_names(self) -> list[str]:
        return msgspec.json.decode(self.tags, type=list[str])


def add_default_address(account: Account) -> None:
    """The account's own from address, which every new account has."""
    from_address(account, DEFAULT_FROM_ADDRESS)


def from_address(account: Account, email: str) -> int:
    """The id of a custom from address, which is registered when it is new."""
    account.connection.execute("INSERT OR IGNORE INTO from_addresses (email) VALUES (?)", (email,))
    row = account.connection.execute("SELECT id FROM from_addresses WHERE email = ?", (email,)).fetchone()
    return int(row[0])


def from_addresses(account: Account) -> dict[int, str]:
    rows = account.connection.execute("SELECT id, email FROM from_addresses ORDER BY id")
    return {row[0]: row[1] for row in rows}


def create(account: Account, updated: int, **values: Any) -> Campaign:
    """A new campaign of these columns, never sent."""
    campaign_id = take_ids(account.connection, "next_campaign", FIRST_CAMPAIGN_ID)
    names = ["id", *values, "updated", "version"]
    marks = ",".join("?" * len(names))
    account.connection.execute(
        f"INSERT INTO campaigns ({', '.join(names)}) VALUES ({marks})",
        (campaign_id, *values.values(), updated, 0),
    )
    return find(account, campaign_id)


def change(account: Account, campaign_id: int, **values: Any) -> None:
    """Set columns of a campaign; its version grows, so that nobody goes on with old figures."""
    columns = "".join(f"{name} = ?, " for name in values)
    account.connection.execute(
        f"UPDATE campaigns SET {columns} version = version + 1 WHERE id = ?",
        (*values.values(), campaign_id),
    )


def find(account: Account, campaign_id: int) -> Campaign:
    """Raises ERROR_CAMPAIGN_NOT_FOUND, also for what was deleted."""
    found = select(account, "WHERE id = ?", (campaign_id,)) if campaign_id < 2**63 else []
    if not found:
        raise V2Error("ERROR_CAMPAIGN_NOT_FOUND")
    return found[0]


def select(account: Account, tail: str, parameters: Sequence[Any] = ()) -> list[Campaign]:
    """Campaigns by a query that goes on after ``SELECT … FROM campaigns``."""
    rows = account.connection.execute(f"SELECT {COLUMNS} FROM campaigns {tail}", parameters)
    return [Campaign(*row) for row in rows]


def order_by(account: Account) -> str:
    """Last change first, and activity is a change: rows shift while they are paged."""
    return "updated DESC, id DESC" if account.settings.v2_order == "changed" else "id"


def delete(account: Account, campaign_id: int) -> None:
    """Remove a campaign with everything that is known of it. Raises ERROR_CAMPAIGN_NOT_FOUND."""
    find(account, campaign_id)
    for table in ("sends", "activity", "planned", "sendings", "campaign_lists"):
        account.connection.execute(f"DELETE FROM {table} WHERE campaign_id = ?", (campaign_id,))
    account.connection.execute("DELETE FROM campaigns WHERE id = ?", (campaign_id,))


def lists_of(account: Account, campaign_id: int) -> list[int]:
    """Lists and segments that the campaign was ever sent to, as far as they still exist."""
    rows = account.connection.execute(
        "SELECT l.id FROM campaign_lists c JOIN lists l ON l.id = c.list_id WHERE c.campaign_id = ? "
        "ORDER BY l.id",
        (campaign_id,),
    )
    return [row[0] for row in rows]
