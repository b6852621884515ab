"""Bulk loading over the control address, past all rules of the API's own writes."""

from __future__ import annotations

from typing import Any

import msgspec

from syncline_sandbox.control import ControlError
from syncline_sandbox.dotdigital import contacts as store
from syncline_sandbox.dotdigital import lists, preferences
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.addresses import normal_email, normal_mobile
from syncline_sandbox.dotdigital.campaign_seeding import CampaignLoader, SeedCampaign
from syncline_sandbox.dotdigital.contacts import Contact
from syncline_sandbox.dotdigital.errors import V2Error
from syncline_sandbox.dotdigital.fields import FieldRefusal
from syncline_sandbox.dotdigital.form_seeding import FormLoader, SeedForm
from syncline_sandbox.dotdigital.happenings import Happenings
from syncline_sandbox.dotdigital.moments import read_iso
from syncline_sandbox.dotdigital.score_seeding import SeedScore, SeedSpread, load_scores
from syncline_sandbox.dotdigital.statuses import NO_SUBSCRIPTION, SUBSCRIBED, SUPPRESSION_REASONS
from syncline_sandbox.dotdigital.storage import Transaction, take_ids
from syncline_sandbox.dotdigital.vocabulary import FIRST_CONTACT_ID, MEMBER_SUPPRESSED
from syncline_sandbox.dotdigital.writing import Writer


class SeedContact(msgspec.Struct, forbid_unknown_fields=True):
    """One person. ``lists`` and ``left_lists`` hold names or ids; an unknown name makes a new list."""

    email: str | None = None
    mobile: str | None = None
    data_fields: dict[str, Any] = msgspec.field(default_factory=dict)
    opt_in_type: str = "Single"
    email_type: str = "Html"
    status: str = SUBSCRIBED
    removed_on: str | None = None
    created: str | None = None
    updated: str | None = None
    lists: list[str | int] = msgspec.field(default_factory=list)
    left_lists: list[str | int] = msgspec.field(default_factory=list)
    preferences: dict[str, bool] = msgspec.field(default_factory=dict)
    custom: dict[str, str] = msgspec.field(default_factory=dict)


class SeedList(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    visibility: str = "Private"


class SeedField(msgspec.Struct, forbid_unknown_fields=True):
    """``used_in``, such as ``"Campaign:17"`` or any text, keeps the field from being deleted."""

    name: str
    type: str = "String"
    visibility: str = "Private"
    default: Any = None
    used_in: str | None = None


class SeedSegment(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    rule: dict[str, Any] = msgspec.field(default_factory=dict)


class SeedCategory(msgspec.Struct, forbid_unknown_fields=True):
    """A category and the names of its preferences."""

    name: str
    preferences: list[str]


class SeedBody(msgspec.Struct, forbid_unknown_fields=True):
    """Everything at once or any part of it; parts are loaded in this order."""

    data_fields: list[SeedField] = msgspec.field(default_factory=list)
    lists: list[SeedList] = msgspec.field(default_factory=list)
    preferences: list[SeedCategory] = msgspec.field(default_factory=list)
    custom_identifiers: list[str] = msgspec.field(default_factory=list)
    contacts: list[SeedContact] = msgspec.field(default_factory=list)
    # So many made-up persons contact<N>@<domain>, N counting from ``first``, on the list ``list``.
    count: int = 0
    first: int = 0
    domain: str = "seeded.example"
    on_list: str | None = msgspec.field(default=None, name="list")
    globally_suppressed: list[str] = msgspec.field(default_factory=list)
    suppressed_domains: list[str] = msgspec.field(default_factory=list)
    blocked: list[str] = msgspec.field(default_factory=list)
    segments: list[SeedSegment] = msgspec.field(default_factory=list)
    campaigns: list[SeedCampaign] = msgspec.field(default_factory=list)
    scores: list[SeedScore] = msgspec.field(default_factory=list)
    score_everybody: SeedSpread | None = None
    forms: list[SeedForm] = msgspec.field(default_factory=list)


def seed(account: Account, happenings: Happenings, body: dict[str, Any]) -> dict[str, Any]:
    """Load all that the body holds; answers ids of lists, segments, preferences (by name) and contacts."""
    try:
        wanted = msgspec.convert(body, SeedBody)
        with Transaction(account.connection):
            return _Loader(account, happenings).load(wanted)
    except (ValueError, V2Error, FieldRefusal) as error:
        happenings.reload()
        raise ControlError(str(error)) from error


class _Loader:
    def __init__(self, account: Account, happenings: Happenings) -> None:
        self._account = account
        self._happenings = happenings
        self._now = account.now_ms()
        self._writer = Writer(account, self._now)
        self._lists = {entry.name.lower(): entry.id for entry in lists.every(account)}
        self._preferences: dict[str, int] = {
            row[0]: row[1] for row in account.connection.execute("SELECT private_name, id FROM preferences")
        }

    def load(self, body: SeedBody) -> dict[str, Any]:
        account = self._account
        for field in body.data_fields:
            if account.fields.find(field.name) is None:
                account.fields.create(
                    field.name, field.type, field.visibility, field.default, account.settings
                )
            if field.used_in is not None:
                account.fields.mark_used(field.name, field.used_in)
        for entry in body.lists:
            self._list(entry.name, entry.visibility)
        self._add_preferences(body.preferences)
        account.connection.executemany(
            "INSERT OR IGNORE INTO custom_identifiers VALUES (?, ?, ?)",
            [(name, self._now, self._now) for name in body.custom_identifiers],
        )
        ids = self._add_contacts(body.contacts)
        counted = self._add_numbered(body)
        self._writer.flush()
        self._ban(body)
        segments = {entry.name: self._segment(entry).id for entry in body.segments}
        campaigns = CampaignLoader(self._account, self._happenings, self._list).load(body.campaigns)
        load_scores(self._account, body.scores, body.score_everybody)
        return {
            "contacts": ids,
            "counted": counted,
            "lists": {entry.name: entry.id for entry in lists.every(account)},
            "segments": segments,
            "preferences": self._preferences,
            "campaigns": campaigns,
            **FormLoader(self._account, self._list).load(body.forms),
        }

    def _add_contacts(self, entries: list[SeedContact]) -> list[int]:
        if not entries:
            return []
        contact_id = take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, len(entries))
        ids = []
        for entry in entries:
            known = store.by_email(self._account.connection, entry.email) if entry.email else None
            if known is not None:
                # Seeding somebody again replaces them, id included.
                store.delete(self._account.connection, [known.id])
            self._add(contact_id if known is None else known.id, entry)
            ids.append(contact_id if known is None else known.id)
            contact_id += known is None
        return ids

    def _add(self, contact_id: int, entry: SeedContact) -> None:
        created = self._now if entry.created is None else read_iso(entry.created)
        updated = created if entry.updated is None else read_iso(entry.updated)
        removed = entry.status in SUPPRESSION_REASONS
        email = normal_email(entry.email) if entry.email else None
        contact = Contact(
            id=contact_id,
            email=email,
            mobile=normal_mobile(entry.mobile) if entry.mobile else None,
            status=entry.status if email else NO_SUBSCRIPTION,
            opt_in=entry.opt_in_type,
            email_type=entry.email_type,
            created=created,
            updated=updated,
            subscribed=created,
            reason=entry.status if removed else None,
            removed_on=(read_iso(entry.removed_on) if entry.removed_on else updated) if removed else None,
            sms_status="subscribed" if entry.mobile else None,
            whatsapp_status=None,
            fields={
                name: value
                for name, value in self._account.fields.convert(entry.data_fields).items()
                if value is not None
            },
        )
        self._writer.insert(contact)
        self._writer.join(contact, [self._list(name) for name in entry.lists])
        self._account.connection.executemany(
            "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)",
            [(self._list(name), contact_id, MEMBER_SUPPRESSED, updated) for name in entry.left_lists],
        )
        self._writer.opt_in(
            contact_id, [(self._preferences[name], value) for name, value in entry.preferences.items()]
        )
        if entry.custom:
            self._writer.identify(contact_id, entry.custom)

    def _add_numbered(self, body: SeedBody) -> int:
        if body.count <= 0:
            return 0
        first_id = take_ids(self._account.connection, "next_contact", FIRST_CONTACT_ID, body.count)
        joined = [self._list(body.on_list)] if body.on_list else []
        for place in range(body.count):
            number = body.first + place
            contact = Contact(
                id=first_id + place,
                email=f"contact{number}@{body.domain}",
                mobile=None,
                status=SUBSCRIBED,
                opt_in="Single",
                email_type="Html",
                created=self._now,
                updated=self._now,
                subscribed=self._now,
                reason=None,
                removed_on=None,
                sms_status=None,
                whatsapp_status=None,
                fields={"FIRSTNAME": f"First{number}", "LASTNAME": f"Last{number}"},
            )
            self._writer.insert(contact)
            self._writer.join(contact, joined)
        return body.count

    def _list(self, name: str | int, visibility: str = "Private") -> int:
        if isinstance(name, int):
            return lists.find(self._account, name).id
        known = self._lists.get(name.lower())
        if known is None:
            known = self._lists[name.lower()] = lists.create(self._account, name, visibility).id
        return known

    def _add_preferences(self, categories: list[SeedCategory]) -> None:
        for category in categories:
            parent = preferences.create(
                self._account, {"privatename": category.name, "publicname": category.name}
            )
            self._preferences[category.name] = parent["id"]
            for name in category.preferences:
                body = {"privatename": name, "ispreference": True, "categoryid": parent["id"]}
                self._preferences[name] = preferences.create(self._account, body)["id"]

    def _ban(self, body: SeedBody) -> None:
        for kind, values in (
            ("global", body.globally_suppressed),
            ("domain", body.suppressed_domains),
            ("blocked", body.blocked),
        ):
            self._account.banned.update((kind, normal_email(value)) for value in values)
        self._account.connection.executemany(
            "INSERT OR IGNORE INTO banned VALUES (?, ?)", sorted(self._account.banned)
        )

    def _segment(self, entry: SeedSegment) -> lists.ContactList:
        return lists.create_segment(self._account, entry.name, entry.rule)
