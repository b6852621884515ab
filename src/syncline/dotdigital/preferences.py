"""What people chose to be told about (v2; contract §10).

A choice of one contact is a yes or a no with its time. Who never chose has none, and is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.limits import HIGH, LOW, MEDIUM
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Permanent

TOP_LEVEL: Final = 0


class Preference(msgspec.Struct, frozen=True):
    """A preference, or a category of them."""

    id: int
    public_name: str
    private_name: str
    is_category: bool
    category: int
    """The category it is in; 0 at the top."""


class PreferenceChoice(msgspec.Struct, frozen=True):
    """What one contact last chose about one preference."""

    contact_id: int
    email: str
    """In lower case; empty where the contact has none."""
    preference: int
    chosen: bool
    changed_on: datetime | None


class PreferenceChoices(msgspec.Struct, frozen=True):
    """`next_id` may be stored; None says that nothing follows (such a page is empty)."""

    choices: list[PreferenceChoice]
    next_id: int | None


class Preferences(OnSession):
    def preferences(self) -> list[Preference]:
        """All of them, each category before what is in it."""
        call = call_to("GET", "/v2/preferences", tier=LOW)
        return list(_flat(_rows(self._session.json(call), call.label)))

    def choices_since(
        self, preference: int, when: datetime, *, from_id: int = 0
    ) -> Iterator[PreferenceChoices]:
        """Who chose yes or no at or after `when`, in pages of up to 1,000 contacts, by contact id.

        Only an empty page is the end: a short one need not be. Raises NotFound once the preference is gone.
        """
        at: int | None = from_id
        while at is not None:
            call = call_to(
                "GET",
                f"/v2/contacts/with-preference/{preference}/opt-ins-since/{dates.for_path(when)}",
                route="/v2/contacts/with-preference/{id}/opt-ins-since/{date}",
                params={"minContactId": str(at)},
                tier=LOW,
            )
            rows = _rows(self._session.json(call), call.label)
            found = [choice for row in rows for choice in _choices(row, preference)]
            at = max(_contact(row)[0] for row in rows) + 1 if rows else None
            yield PreferenceChoices(found, at)

    def choices_of(self, email: str) -> list[PreferenceChoice]:
        """Everything that the contact with this address has chosen. Raises NotFound."""
        call = call_to(
            "GET",
            f"/v2/contacts/{quote(email, safe='')}/subscriptions",
            route="/v2/contacts/{email}/subscriptions",
            record="A contact",
            tier=HIGH,
        )
        found = folded(self._session.json(call) or {})
        named = {
            int(folded(one).get("marketingpreferenceid") or 0)
            for one in found.get("marketingpreferenceoptins") or []
        }
        return [choice for number in sorted(named) for choice in _choices(found, number)]

    def choose(self, contact_id: int, choices: Iterable[tuple[int, bool]]) -> None:
        """Set what a contact chose, (preference, yes) each. Not repeated after a lost answer, for the contact
        may have chosen otherwise meanwhile. Raises NotFound and Rejected.
        """
        body = [{"id": id_, "isPreference": True, "isOptedIn": chosen} for id_, chosen in choices]
        self._session.json(
            call_to(
                "PUT",
                f"/v2/contacts/{contact_id}/preferences",
                route="/v2/contacts/{id}/preferences",
                body=body,
                record="A contact",
                tier=MEDIUM,
                repeatable=False,
            )
        )


def _rows(found: object, label: str) -> list[dict[str, Any]]:
    if not isinstance(found, list):
        raise Permanent(f"{label}: a list was expected")
    return [folded(row) for row in found]


def _flat(rows: Sequence[dict[str, Any]]) -> Iterator[Preference]:
    for row in rows:
        yield Preference(
            id=int(row.get("id") or 0),
            public_name=str(row.get("publicname") or row.get("privatename") or ""),
            private_name=str(row.get("privatename") or ""),
            is_category=not row.get("ispreference"),
            category=int(row.get("categoryid") or TOP_LEVEL),
        )
        yield from _flat([folded(inner) for inner in row.get("preferences") or []])


def _contact(row: dict[str, Any]) -> tuple[int, str]:
    contact = folded(row.get("contact") or {})
    return int(contact.get("id") or 0), str(contact.get("email") or "").strip().lower()


def _choices(row: dict[str, Any], preference: int) -> Iterator[PreferenceChoice]:
    """The one choice about a preference. An answer may name it once for each list: the latest counts, and of
    two of one time, or without any, the no.
    """
    contact_id, email = _contact(row)
    made = [folded(one) for one in row.get("marketingpreferenceoptins") or []]
    about = [
        PreferenceChoice(
            contact_id,
            email,
            preference,
            bool(one.get("isoptedin")),
            # The vendor's definition misspells it.
            dates.parsed(one.get("datemodifed") or one.get("datemodified")),
        )
        for one in made
        if int(one.get("marketingpreferenceid") or 0) == preference
    ]
    if any(one.changed_on is None and not one.chosen for one in about):
        yield PreferenceChoice(contact_id, email, preference, chosen=False, changed_on=None)
    elif about:
        yield max(about, key=_weight)


def _weight(choice: PreferenceChoice) -> tuple[float, bool]:
    return (choice.changed_on.timestamp() if choice.changed_on else 0.0, not choice.chosen)
