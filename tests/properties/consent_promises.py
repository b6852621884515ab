"""What Syncline promises about consent, held against both sides and against every call that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import httpx2

from syncline.ledger.models import Held
from syncline.people.store import CONSENT_SYNCS
from tests.properties.opted_out import OptedOut, marks_changed
from tests.properties.two_sides import Record, Truth, TwoSides
from tests.syncs.world import TABLES, World

_SUBSCRIBES = re.compile(rb'"status"\s*:\s*"subscribed"', re.IGNORECASE)


@contextmanager
def no_call_subscribes(world: World) -> Iterator[None]:
    """Every request to Dotdigital on the wire: none asks for somebody to be subscribed (again)."""
    send = httpx2.Client.send

    def watched(client: httpx2.Client, request: httpx2.Request, **more: Any) -> httpx2.Response:
        if str(request.url).startswith(world.sandbox_dotdigital.base_url):
            assert "resubscribe" not in request.url.path
            assert not _SUBSCRIBES.search(request.read()), request.read()
        return send(client, request, **more)

    with mock.patch.object(httpx2.Client, "send", watched):
        yield


def nobody_is_mailed_again(left_alone: set[str], before: Truth, after: Truth) -> None:
    """Nobody of these was made a subscribed contact, or joined a list."""
    for key in left_alone & after.contacts.keys():
        then, now = before.contacts.get(key), after.contacts[key]
        status = then.email_status if then else None
        assert now.email_status in {status, "suppressed"}, f"{key} was {status} and is {now.email_status}"
        already = {entry.id for entry in then.lists} if then else set()
        joined = {entry.id for entry in now.lists if entry.status == "subscribed"} - already
        assert not joined, f"{key} joined {joined}"


def only_listed_people_are_suppressed(world: World, before: Truth, after: Truth) -> None:
    """A sync suppresses in Dotdigital only whom somebody put on the CRM suppression list. That stands, also
    against a form filled in before any sync had read it: the more restrictive side wins.
    """
    fresh = {
        email
        for email, contact in after.contacts.items()
        if contact.email_status == "suppressed"
        and (email not in before.contacts or before.contacts[email].email_status == "subscribed")
    }
    if fresh:
        others = fresh - _listed(world)
        assert not others, f"{others} were suppressed by a sync"


def _listed(world: World) -> set[str]:
    """Addresses on the CRM suppression list, but for entries about another account of the environment."""
    columns = ("syncline_email", "syncline_account")
    pages = world.crm.pages("syncline_suppressedemails", select=columns)
    rows = [row for page in pages for row in page.rows]
    return {row["syncline_email"].strip().lower() for row in rows if _is_about(world, row)}


def _is_about(world: World, row: dict[str, Any]) -> bool:
    return (row["syncline_account"] or "") in ("", str(world.account.connector_key))


def marks_of_people_stay(left_alone: set[str], opted_out: OptedOut, before: Truth, after: Truth) -> None:
    """A sync clears Do Not Bulk Email only where a sync had set it, and only of who has come back."""
    for record_id, _, now in marks_changed(before, after):
        key = before.records[record_id].key
        if not now:
            assert record_id not in opted_out.hand_marks, f"{key}: a person had set the mark"
            assert record_id in opted_out.synced_marks, f"{key}: no sync had set the mark"
            assert key not in left_alone, f"{key} opted out, and the mark was cleared"
    for record_id, record in before.records.items():
        if record_id in after.records:
            assert after.records[record_id].unmailable == record.unmailable, "Do Not Email is people's own"


def nobody_enters_what_they_left(left_alone: set[str], sides: TwoSides, before: Truth, after: Truth) -> None:
    """Nor does a sync put somebody who opted out into a marketing list."""
    for one in sides.static:
        left = before.left(one.address_book_id)
        for record_id in after.members.get(one.pk, set()) - before.members.get(one.pk, set()):
            key = after.records[record_id].key
            assert key not in left_alone, f"{key} was put into {one}"
            contact = before.contacts.get(key)
            assert contact is None or contact.contact_id not in left, f"{key} was put back into {one}"


class Agreement:
    """Both sides once nothing is left to be written, with both settings on.

    `loose`: addresses whose Dotdigital contact was erased or given another address by hand. Such an address
    stays restricted in Dynamics, though Dotdigital does not know it any more.
    `elsewhere`: addresses that another account of the environment suppresses. What is on the CRM suppression
    list stays there for them.
    """

    def __init__(self, sides: TwoSides, loose: set[str], elsewhere: set[str] | None = None) -> None:
        self._sides, self._loose = sides, loose
        self._elsewhere = elsewhere or set()
        self._truth = sides.truth()
        self._suppressed = {
            email for email, one in self._truth.contacts.items() if one.email_status != "subscribed"
        }

    def check(self) -> None:
        held = Held.objects.filter(account=self._sides.world.account, sync_type__in=CONSENT_SYNCS)
        assert not held.exists(), list(held.values_list("person_key", "reason"))
        self._check_people()
        self._check_crm_list()
        self._check_lists()

    def _check_people(self) -> None:
        recorded = self._recorded()
        for key in self._suppressed:
            for record in self._truth.at(key):
                assert record.marked, f"{key} is suppressed and not marked"
                assert (key, record.record_id) in recorded, f"{key} is suppressed and not recorded"
        for key, record_id in recorded:
            assert key in self._suppressed | self._loose, f"{key} ({record_id}) has a record and is free"

    def _recorded(self) -> set[tuple[str, str]]:
        """(address, contact or lead) of suppression records that are about all mail."""
        columns = (
            "syncline_email",
            "syncline_account",
            "_syncline_list_value",
            "_syncline_contact_value",
            "_syncline_lead_value",
        )
        rows = [
            row
            for page in self._sides.world.crm.pages("syncline_suppressions", select=columns)
            for row in page.rows
            if not row["_syncline_list_value"] and _is_about(self._sides.world, row)
        ]
        found = {
            (row["syncline_email"], row["_syncline_contact_value"] or row["_syncline_lead_value"])
            for row in rows
        }
        return {(key, record_id) for key, record_id in found if record_id in self._truth.records}

    def _check_crm_list(self) -> None:
        listed = _listed(self._sides.world)
        assert self._suppressed <= listed, f"not on the CRM list: {self._suppressed - listed}"
        free = listed - self._suppressed - self._loose - self._elsewhere
        assert not free, f"on the CRM list and not suppressed: {free}"

    def _check_lists(self) -> None:
        for one in self._sides.static:
            one.refresh_from_db()
            left = self._truth.left(one.address_book_id)
            for email, contact in self._truth.contacts.items():
                inside = {record.record_id for record in self._of(one.entity, email)}
                still = inside & self._truth.members[one.pk]
                assert contact.contact_id not in left or not still, f"{email} left {one} and is a member"

    def _of(self, entity: str, key: str) -> list[Record]:
        return [record for record in self._truth.at(key) if TABLES[record.set_name] == entity]
