"""Campaigns on their way out: a send at once, at a set moment, or when the account's people like to read."""

# ruff: noqa: S608 - queries are put together from our own constants; values are always parameters.

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from syncline_sandbox.dotdigital import activity, contacts, course, lists, sends
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.activity import Happening
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.course import Course
from syncline_sandbox.dotdigital.statuses import SUBSCRIBED
from syncline_sandbox.dotdigital.vocabulary import ALL_CONTACTS_LIST_ID, SEND_WAITING

NOT_SENT, SCHEDULED, SENDING = SEND_WAITING
SENT = "Sent"
# As the index over sends that wait has it.
WAITING_SQL = "('NotSent', 'Scheduled', 'Sending')"
_COLUMNS = "id, campaign_id, at, send_date, status, lists, contacts, course"


class Sending(NamedTuple):
    """``at`` is when the mails are out, ``send_date`` when that was to begin; the last three are JSON."""

    id: str
    campaign_id: int
    at: int
    send_date: int
    status: str
    lists: str
    contacts: str
    course: str | None


def start(
    account: Account,
    campaign_id: int,
    send_date: int,
    status: str,
    list_ids: Sequence[int],
    contact_ids: Sequence[int],
    plan: Course | None,
    *,
    delay_ms: int = 0,
) -> Sending:
    """A send that is carried out ``delay_ms`` after its date; neither lists nor contacts means everybody."""
    sending = Sending(
        str(uuid.uuid4()),
        campaign_id,
        send_date + delay_ms,
        send_date,
        status,
        msgspec.json.encode(list_ids).decode(),
        msgspec.json.encode(contact_ids).decode(),
        None if plan is None else msgspec.json.encode(plan).decode(),
    )
    account.connection.execute(f"INSERT INTO sendings ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sending)
    return sending


def find(account: Account, sending_id: str) -> Sending | None:
    row = account.connection.execute(
        f"SELECT {_COLUMNS} FROM sendings WHERE id = ?", (sending_id.lower(),)
    ).fetchone()
    return None if row is None else Sending(*row)


def next_due(account: Account, now: int) -> Sending | None:
    row = account.connection.execute(
        f"SELECT {_COLUMNS} FROM sendings WHERE status IN {WAITING_SQL} AND at <= ? "
        "ORDER BY at, rowid LIMIT 1",
        (now,),
    ).fetchone()
    return None if row is None else Sending(*row)


def carry_out(account: Account, sending: Sending) -> list[Happening]:
    """The mails go out to whoever may have them; what those people are going to do."""
    list_ids = msgspec.json.decode(sending.lists, type=list[int])
    chosen = msgspec.json.decode(sending.contacts, type=list[int])
    people = recipients(account, list_ids, chosen)
    mails = sends.add(
        account, sending.campaign_id, [(who, sending.at, who.email_type == "Html") for who in people]
    )
    account.connection.executemany(
        "INSERT OR IGNORE INTO campaign_lists VALUES (?, ?)",
        [
            (sending.campaign_id, list_id)
            for list_id in list_ids or ([] if chosen else [ALL_CONTACTS_LIST_ID])
        ],
    )
    account.connection.execute("UPDATE sendings SET status = ? WHERE id = ?", (SENT, sending.id))
    if not mails:
        # Sent to nobody is sent all the same.
        sends.mark_sent(account, sending.campaign_id, sending.at, sending.at)
    if sending.course is None:
        return []
    return planned(msgspec.json.decode(sending.course, type=Course), sending.campaign_id, mails, people)


def planned(
    plan: Course, campaign_id: int, mails: Sequence[sends.Send], people: Sequence[Contact]
) -> list[Happening]:
    """What the model says that these people are going to do with these mails."""
    return [
        Happening(campaign_id, act.kind, act.at, mail.id, activity.detail_of(act.kind, act.detail))
        for mail, who in zip(mails, people, strict=True)
        for act in course.acts(plan, campaign_id, who.id, who.email or "", mail.sent)
    ]


def recipients(account: Account, list_ids: Sequence[int], contact_ids: Sequence[int]) -> list[Contact]:
    """Everybody who may be mailed, once each: of these lists, and these persons."""
    if not list_ids and not contact_ids:
        list_ids = [ALL_CONTACTS_LIST_ID]
    found: dict[int, Contact] = {who.id: who for who in contacts.many_by_id(account.connection, contact_ids)}
    for list_id in list_ids:
        condition, parameters = lists.membership_condition(list_id)
        members = contacts.select(account.connection, f"WHERE {condition} ORDER BY id", parameters)
        found |= {who.id: who for who in members}
    return [who for who in found.values() if who.status == SUBSCRIBED and not who.suppressed]
