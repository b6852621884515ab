"""What people do on either side between two syncs, and what both sides hold: the truth that a sync is
measured by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2

from syncline.dotdigital import Contact, ImportRow
from syncline.lists.linking import unlink
from syncline.lists.models import MarketingList
from syncline.people.facts import person_key
from syncline.people.models import BookMember
from tests.syncs.world import PRIMARY, TABLES, World

COLUMNS = ("firstname", "lastname", "address1_postalcode", "donotphone")
"""Columns that mappings carry both ways, with their labels in the same order below."""
LABELS = ("FIRSTNAME", "LASTNAME", "POSTCODE", "NO_CALLS")

CITY = "Leeds"
QUERY = (
    '<fetch><entity name="contact"><attribute name="contactid"/><filter>'
    f'<condition attribute="address1_city" operator="eq" value="{CITY}"/></filter></entity></fetch>'
)
"""The dynamic list."""

_SELECT = (
    "emailaddress1",
    "fullname",
    "donotbulkemail",
    "donotemail",
    "statecode",
    "address1_city",
    *COLUMNS,
)
_CLOSED = {"contacts": (1, 2), "leads": (2, 4)}
_OPEN = {"contacts": (0, 1), "leads": (0, 1)}


@dataclass(frozen=True)
class Record:
    """A contact or lead as Dynamics holds it."""

    set_name: str
    record_id: str
    key: str
    """Its address, trimmed and lower-cased; begins with `@` where there is none."""
    values: dict[str, Any]
    marked: bool
    """Do Not Bulk Email."""
    unmailable: bool
    """Do Not Email."""
    active: bool
    city: str | None
    """What the dynamic list asks for; mapped to nothing."""

    @property
    def refuses(self) -> bool:
        return self.marked or self.unmailable


@dataclass(frozen=True)
class Truth:
    """Both sides at one moment."""

    records: dict[str, Record]
    members: dict[int, set[str]]
    """Marketing list → records in it; only lists that are active."""
    contacts: dict[str, Contact]

    def at(self, key: str) -> list[Record]:
        return [record for record in self.records.values() if record.key == key]

    def in_book(self, book_id: int | None) -> set[str]:
        return {
            email
            for email, contact in self.contacts.items()
            if any(entry.id == book_id and entry.status == "subscribed" for entry in contact.lists)
        }

    def left(self, book_id: int | None) -> set[int]:
        """Contacts that left the list by themselves."""
        return {
            contact.contact_id
            for contact in self.contacts.values()
            if any(entry.id == book_id and entry.status == "suppressed" for entry in contact.lists)
        }


@dataclass
class TwoSides:
    """The edits. Each one does nothing where there is nothing to do it to."""

    world: World
    lists: list[MarketingList]
    static: list[MarketingList] = field(init=False)
    records: list[tuple[str, str]] = field(default_factory=list)
    """(set name, record id), in the order of their making."""
    taken_out: set[tuple[int, int]] = field(default_factory=set)
    """(contact id, Dotdigital list) of people taken out by hand where both sides had agreed on them."""
    gone: set[int] = field(default_factory=set)
    """Marketing lists that were deleted in Dynamics."""

    def __post_init__(self) -> None:
        self.static = [one for one in self.lists if not one.dynamic]

    # Dynamics.

    def add(self, set_name: str, **row: Any) -> None:
        self.records.append((set_name, self.world.add(set_name, **row)))

    def change(self, which: int, **values: Any) -> None:
        if self.records:
            self.world.change(*self.records[which % len(self.records)], **values)

    def set_state(self, which: int, *, active: bool) -> None:
        if self.records:
            set_name, record_id = self.records[which % len(self.records)]
            state, status = (_OPEN if active else _CLOSED)[set_name]
            self.world.change(set_name, record_id, statecode=state, statuscode=status)

    def swap_addresses(self, first: int, second: int) -> None:
        if self.records:
            chosen = [self.records[one % len(self.records)] for one in (first, second)]
            addresses = [self.world.crm_row(*one, "emailaddress1")["emailaddress1"] for one in chosen]
            for one, address in zip(chosen, reversed(addresses), strict=True):
                self.world.change(*one, emailaddress1=address)

    def delete(self, which: int) -> None:
        if self.records:
            self.world.crm.delete(*self.records.pop(which % len(self.records)))

    def enter(self, which: int) -> None:
        for marketing_list, record_id in self._static_of(which):
            self.world.crm.add_list_members(marketing_list.list_id, marketing_list.entity, [record_id])

    def leave(self, which: int) -> None:
        for marketing_list, record_id in self._static_of(which):
            inside = {
                row["_entityid_value"]
                for page in self.world.crm.list_members(marketing_list.list_id)
                for row in page.rows
            }
            if record_id in inside:
                self.world.crm.remove_list_member(marketing_list.list_id, record_id)

    def _static_of(self, which: int) -> list[tuple[MarketingList, str]]:
        """The record, with the static list for its table where that list is still there."""
        if not self.records:
            return []
        set_name, record_id = self.records[which % len(self.records)]
        return [
            (one, record_id)
            for one in self.static
            if one.entity == TABLES[set_name] and one.pk not in self.gone and self._is_open(one)
        ]

    def _is_open(self, marketing_list: MarketingList) -> bool:
        row = self.world.crm_row("lists", marketing_list.list_id, "statecode")
        return bool(row["statecode"] == 0)

    def turn(self, marketing_list: MarketingList, *, active: bool) -> None:
        if marketing_list.pk not in self.gone:
            state = (0, 0) if active else (1, 1)
            self.world.change("lists", marketing_list.list_id, statecode=state[0], statuscode=state[1])

    def delete_list(self, marketing_list: MarketingList) -> None:
        if marketing_list.pk not in self.gone:
            self.world.crm.delete("lists", marketing_list.list_id)
            self.gone.add(marketing_list.pk)

    # Dotdigital.

    def put(self, email: str, book_id: int | None, **fields: Any) -> None:
        self.world.put([ImportRow(email=email, data_fields=fields, lists=[book_id] if book_id else [])])
        contact = self.contact(email)
        if contact is not None and book_id is not None:
            self.taken_out.discard((contact.contact_id, book_id))

    def contact(self, email: str) -> Contact | None:
        return self.world.contacts().get(email)

    def rename(self, email: str, to: str) -> None:
        found = self.world.contacts()
        if email in found and to not in found:
            self._call("PATCH", f"/contacts/v3/email/{email}", {"identifiers": {"email": to}})

    def erase(self, email: str) -> None:
        contact = self.contact(email)
        if contact is not None:
            self._call("DELETE", f"/contacts/v3/contactId/{contact.contact_id}")

    def leave_book(self, email: str, marketing_list: MarketingList) -> None:
        if self.book_of(marketing_list) and self.contact(email) is not None:
            self.world.unsubscribe_from(marketing_list, email)

    def take_out(self, email: str, marketing_list: MarketingList) -> None:
        contact, book_id = self.contact(email), self.book_of(marketing_list)
        if contact is None or book_id is None:
            return
        if (book_id, "subscribed") not in {(entry.id, entry.status) for entry in contact.lists}:
            return
        self.world.take_out(marketing_list, contact.contact_id)
        place = BookMember.objects.filter(list_id=marketing_list.pk, person_key=email).first()
        if place is not None and place.agreed and place.status == "subscribed":
            self.taken_out.add((contact.contact_id, book_id))

    def delete_book(self, marketing_list: MarketingList) -> None:
        book_id = self.book_of(marketing_list)
        if book_id is not None:
            self.world.dd.delete_address_book(book_id)

    def unlink(self, marketing_list: MarketingList) -> None:
        """The operator's answer to a deleted Dotdigital list."""
        marketing_list.refresh_from_db()
        unlink(marketing_list)

    def book_of(self, marketing_list: MarketingList) -> int | None:
        """The Dotdigital list that a marketing list is linked to, where it still exists."""
        marketing_list.refresh_from_db()
        books = {book.id for book in self.world.dd.address_books()}
        return marketing_list.address_book_id if marketing_list.address_book_id in books else None

    def _call(self, method: str, path: str, body: Any = None) -> None:
        sandbox = self.world.sandbox_dotdigital
        httpx2.request(
            method,
            sandbox.base_url + path,
            json=body,
            auth=(sandbox.api_user, sandbox.api_password),
            timeout=30,
        ).raise_for_status()

    # Both.

    def truth(self) -> Truth:
        records = {
            row[PRIMARY[set_name]]: _record(set_name, row)
            for set_name in ("contacts", "leads")
            for page in self.world.crm.pages(set_name, select=_SELECT)
            for row in page.rows
        }
        members: dict[int, set[str]] = {}
        for one in self.lists:
            if one.pk in self.gone or not self._is_open(one):
                continue
            if one.dynamic:
                members[one.pk] = {
                    record.record_id
                    for record in records.values()
                    if record.set_name == "contacts" and record.city == CITY
                }
            else:
                pages = self.world.crm.list_members(one.list_id)
                members[one.pk] = {row["_entityid_value"] for page in pages for row in page.rows}
        return Truth(records, members, self.world.contacts())


def _record(set_name: str, row: dict[str, Any]) -> Record:
    record_id = row[PRIMARY[set_name]]
    return Record(
        set_name=set_name,
        record_id=record_id,
        key=person_key(row["emailaddress1"], record_id),
        values={column: row[column] for column in (*COLUMNS, "fullname")},
        marked=bool(row["donotbulkemail"]),
        unmailable=bool(row["donotemail"]),
        active=row["statecode"] == 0,
        city=row["address1_city"],
    )
