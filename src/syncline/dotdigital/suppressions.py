"""Who must not be mailed: suppressions and unsubscribes (v2; contract §4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from syncline.dotdigital import dates, words
from syncline.dotdigital.limits import LOW, MEDIUM
from syncline.dotdigital.offset_pages import offset_pages
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Permanent

MOST_SUPPRESSIONS_A_CALL = 1000


class Suppression(msgspec.Struct, frozen=True):
    """Someone who must not be mailed, and since when.

    `reason`: unsubscribed, softBounced, hardBounced, ispComplained, mailBlocked, directComplaint, suppressed,
    notAllowed, domainSuppression, noMxRecord, or a word of the vendor's not known here.
    """

    contact_id: int
    email: str
    reason: str
    removed_on: datetime | None


class SuppressionPage(msgspec.Struct, frozen=True):
    """`next_skip` may be stored; None says that nothing follows (such a page is empty)."""

    suppressions: list[Suppression]
    next_skip: int | None


class SuppressResult(msgspec.Struct, frozen=True):
    """Addresses in lower case; those not found are in no contact of the account."""

    suppressed: list[str]
    not_found: list[str]


class Suppressions(OnSession):
    def suppressed_since(self, when: datetime, *, skip: int = 0) -> Iterator[SuppressionPage]:
        """Everyone suppressed at or after `when`, for whatever reason, unsubscribes included."""
        route = "/v2/contacts/suppressed-since/{date}"
        return self._pages(f"/v2/contacts/suppressed-since/{dates.for_path(when)}", route, skip)

    def list_unsubscribed_since(
        self, book_id: int, when: datetime, *, skip: int = 0
    ) -> Iterator[SuppressionPage]:
        """Who left this list at or after `when`; who unsubscribed from everything is not among them."""
        path = f"/v2/address-books/{book_id}/contacts/unsubscribed-since/{dates.for_path(when)}"
        return self._pages(path, "/v2/address-books/{id}/contacts/unsubscribed-since/{date}", skip)

    def _pages(self, path: str, route: str, skip: int) -> Iterator[SuppressionPage]:
        for rows, next_skip in offset_pages(self._session, path, route=route, identity=_identity, skip=skip):
            yield SuppressionPage([_suppression(row) for row in rows], next_skip)

    def unsubscribe(self, email: str) -> Suppression | None:
        """Unsubscribe an address from everything; None where the answer does not describe it."""
        call = call_to(
            "POST",
            "/v2/contacts/unsubscribe",
            body={"email": email},
            record="An address",
            tier=MEDIUM,
            repeatable=True,
        )
        found = folded(self._session.json(call) or {})
        return _suppression(found) if found.get("suppressedcontact") else None

    def suppress(self, emails: Sequence[str]) -> SuppressResult:
        """Suppress contacts by address, at most 1,000. Raises nothing for addresses that are not there."""
        if not 1 <= len(emails) <= MOST_SUPPRESSIONS_A_CALL:
            raise Permanent(f"One call suppresses 1 to {MOST_SUPPRESSIONS_A_CALL} people, not {len(emails)}")
        body = [{"email": email} for email in emails]
        found = folded(
            self._session.json(call_to("PUT", "/v2/contacts/suppress-contacts", body=body, tier=LOW)) or {}
        )
        return SuppressResult(_emails(found.get("suppressed")), _emails(found.get("notfound")))


def _identity(row: dict[str, Any]) -> tuple[Any, Any]:
    contact = folded(row.get("suppressedcontact") or {})
    return contact.get("id"), contact.get("email")


def _suppression(row: dict[str, Any]) -> Suppression:
    contact = folded(row.get("suppressedcontact") or {})
    return Suppression(
        contact_id=int(contact.get("id") or 0),
        email=str(contact.get("email") or "").strip().lower(),
        reason=words.status(str(row.get("reason") or contact.get("status") or "")),
        removed_on=dates.parsed(row.get("dateremoved")),
    )


def _emails(entries: list[dict[str, Any]] | None) -> list[str]:
    return [str(folded(entry).get("email") or "").strip().lower() for entry in entries or []]
