"""Contacts, as v3 gives them (contract §3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from syncline.dotdigital import dates, words
from syncline.dotdigital.limits import HIGH, LOW
from syncline.dotdigital.marker_pages import MarkedPage
from syncline.dotdigital.session import Call, OnSession, call_to

Include = Literal["channelProperties", "lists", "preferences", "consentRecords"]

MOST_CONTACTS_A_PAGE = 5000
ALL_DATA_FIELDS = ("[[ALL]]",)


class ListStatus(msgspec.Struct, frozen=True):
    """Membership of one list; `status`: subscribed, suppressed (left this list) or pending."""

    id: int
    name: str = ""
    status: str = ""


class PreferenceState(msgspec.Struct, frozen=True, rename="camel"):
    id: int
    is_opted_in: bool
    public_name: str = ""
    private_name: str = ""


class EmailChannel(msgspec.Struct, frozen=True, rename="camel"):
    status: str | None = None
    opt_in_type: str | None = None
    email_type: str | None = None


class Channels(msgspec.Struct, frozen=True):
    email: EmailChannel | None = None


class Contact(msgspec.Struct, rename="camel"):
    """A contact. What was not asked for with `include` is empty.

    Words of the vendor are in one spelling each (`syncline.dotdigital.words`): `email_status` for example
    subscribed, unsubscribed, hardBounced, suppressed, pendingOptIn; `opt_in` unknown, single, double or
    verifiedDouble. Names of data fields are in upper case.
    """

    contact_id: int
    status: str = ""
    created: str = ""
    updated: str = ""
    identifiers: dict[str, Any] = {}
    channel_properties: Channels | None = None
    consent_records: list[dict[str, Any]] | None = None
    # As they come, which may be null; the properties below are what callers use.
    sent_fields: dict[str, Any] | None = msgspec.field(name="dataFields", default=None)
    sent_lists: list[ListStatus] | None = msgspec.field(name="lists", default=None)
    sent_preferences: list[PreferenceState] | None = msgspec.field(name="preferences", default=None)

    def __post_init__(self) -> None:
        self.status = words.status(self.status)
        if self.sent_fields:
            self.sent_fields = {name.upper(): value for name, value in self.sent_fields.items()}

    @property
    def data_fields(self) -> dict[str, Any]:
        return self.sent_fields or {}

    @property
    def lists(self) -> list[ListStatus]:
        return self.sent_lists or []

    @property
    def preferences(self) -> list[PreferenceState]:
        return self.sent_preferences or []

    @property
    def email(self) -> str:
        """The address, trimmed and in lower case; empty where the contact has none."""
        return str(self.identifiers.get("email") or "").strip().lower()

    @property
    def email_status(self) -> str | None:
        channel = self._email_channel
        return words.status(channel.status) if channel and channel.status else None

    @property
    def opt_in(self) -> str | None:
        channel = self._email_channel
        return words.opt_in(channel.opt_in_type) if channel and channel.opt_in_type else None

    @property
    def email_type(self) -> str | None:
        channel = self._email_channel
        return words.email_type(channel.email_type) if channel and channel.email_type else None

    @property
    def updated_on(self) -> datetime | None:
        return dates.parsed(self.updated)

    @property
    def _email_channel(self) -> EmailChannel | None:
        return self.channel_properties.email if self.channel_properties else None


class ContactPage(msgspec.Struct, frozen=True):
    """Up to 5,000 contacts in the order of their ids; `next_marker` may be stored, None on the last page."""

    contacts: list[Contact]
    next_marker: str | None


class _Page(MarkedPage):
    items: list[Contact] = msgspec.field(name="_items", default_factory=list)


class Contacts(OnSession):
    def contacts(
        self,
        *,
        modified_since: datetime | None = None,
        list_id: int | None = None,
        include: Sequence[Include] = (),
        data_fields: Sequence[str] = (),
        limit: int = MOST_CONTACTS_A_PAGE,
        marker: str | None = None,
    ) -> Iterator[ContactPage]:
        """Contacts of the account or of one list. To resume, give the stored marker and the same filters.

        `channelProperties` carries e-mail status and opt-in type. `modified_since` includes that moment;
        whether joining or leaving a list counts as a modification is not documented.
        """
        params = {"limit": str(limit)}
        if modified_since is not None:
            params["~modified"] = dates.for_filter(modified_since)
        if list_id is not None:
            params["~listId"] = str(list_id)
        if include:
            params["include"] = "|".join(include)
        if data_fields:
            params["data-fields"] = "|".join(data_fields)
        while True:
            if marker is not None:
                params["marker"] = marker
            page = self._session.decoded(call_to("GET", "/contacts/v3", params=dict(params), tier=LOW), _Page)
            marker = page.next_marker
            yield ContactPage(page.items, marker)
            if marker is None:
                return

    def get_contact(self, value: str | int, *, identifier: str = "email") -> Contact:
        """One contact with everything, by `email`, `contactId` or another identifier. Raises `NotFound`."""
        call = Call(
            method="GET",
            path=f"/contacts/v3/{quote(identifier, safe='')}/{quote(str(value), safe='')}",
            route=f"/contacts/v3/{identifier}/…",
            tier=HIGH,
        )
        return self._session.decoded(call, Contact)
