"""Lists, which the API calls address books (v2 only; contract §5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from syncline.dotdigital.data_fields import Visibility
from syncline.dotdigital.errors import NotFound
from syncline.dotdigital.limits import LOW, MEDIUM
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded, job_status
from syncline.remote import Permanent

MOST_REMOVALS_A_CALL = 5000

JobState = Literal["Started", "Completed", "Failed"]


class AddressBook(msgspec.Struct, frozen=True):
    """`contacts` is how many members it has. `Test` and `All Contacts` are the vendor's own lists."""

    id: int
    name: str
    visibility: str
    contacts: int


class AddressBooks(OnSession):
    """Names are unique over lists and segments, whatever their case; at most 128 characters."""

    def address_books(self) -> list[AddressBook]:
        """All lists of the account."""
        path = "/v2/address-books"
        pages = offset_pages(self._session, path, route=path, identity=lambda row: row["id"])
        # A list that moved by more than the overlap comes twice: the later answer counts.
        return list({row["id"]: _book(row) for rows, _ in pages for row in rows}.values())

    def get_address_book(self, book_id: int) -> AddressBook:
        """Raises `NotFound`."""
        call = call_to("GET", f"/v2/address-books/{book_id}", route="/v2/address-books/{id}")
        return _book(folded(self._session.json(call)))

    def create_address_book(self, name: str, *, visibility: Visibility = "Private") -> AddressBook:
        """Raises `Rejected` for a taken, reserved or bad name. Not repeated after a lost answer."""
        body = {"name": name, "visibility": visibility}
        call = call_to("POST", "/v2/address-books", body=body, record=f"List {name}", tier=MEDIUM)
        return _book({**folded(body), **folded(self._session.json(call))})

    def rename_address_book(
        self, book_id: int, name: str, *, visibility: Visibility = "Private"
    ) -> AddressBook:
        body = {"name": name, "visibility": visibility}
        call = call_to(
            "PUT",
            f"/v2/address-books/{book_id}",
            route="/v2/address-books/{id}",
            body=body,
            record=f"List {name}",
            tier=MEDIUM,
        )
        return _book({"id": book_id, **folded(body), **folded(self._session.json(call) or {})})

    def delete_address_book(self, book_id: int) -> bool:
        """Delete the list, not its members; False where it was gone already."""
        call = call_to(
            "DELETE",
            f"/v2/address-books/{book_id}",
            route="/v2/address-books/{id}",
            record=f"List {book_id}",
            tier=MEDIUM,
        )
        try:
            self._session.json(call)
        except NotFound:
            return False
        return True

    def remove_from_list(self, book_id: int, contact_ids: Sequence[int]) -> str:
        """Take contacts out of a list, which does not unsubscribe them; the id of the job that does it.

        At most 5,000 ids. Ids that are not in the list are passed over.
        """
        if not 1 <= len(contact_ids) <= MOST_REMOVALS_A_CALL:
            raise Permanent(f"A removal takes 1 to {MOST_REMOVALS_A_CALL} contacts, not {len(contact_ids)}")
        call = call_to(
            "POST",
            f"/v2/address-books/{book_id}/contacts/delete",
            route="/v2/address-books/{id}/contacts/delete",
            body=list(contact_ids),
            record=f"List {book_id}",
            tier=LOW,
            repeatable=True,
        )
        return str(folded(self._session.json(call))["id"])

    def deletion_status(self, job_id: str) -> JobState:
        """How far a removal is. Raises `NotFound`."""
        call = call_to("GET", f"/v2/contacts/deletion/{job_id}", route="/v2/contacts/deletion/{id}")
        status = job_status(str(folded(self._session.json(call)).get("status") or ""))
        if status in ("Finished", "Failed"):
            return "Completed" if status == "Finished" else "Failed"
        return "Started"


def _book(found: dict[str, Any]) -> AddressBook:
    return AddressBook(
        id=int(found["id"]),
        name=str(found["name"]),
        visibility=str(found.get("visibility") or "Private").capitalize(),
        contacts=int(found.get("contacts") or 0),
    )
