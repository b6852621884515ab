"""What is known of one contact or lead: whether they may be mailed, their lists and scores, as the last syncs
read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import LinkedRecord
from syncline.consent.models import Suppression
from syncline.consent.suppression_list import suppression_of
from syncline.consent.suppression_reasons import SuppressionReason, reason_of
from syncline.dataverse import Dataverse
from syncline.lists.models import MarketingList
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.people.facts import NO_ADDRESS, CrmFacts, CrmFlag, PersonFacts, person_key
from syncline.people.models import CrmRecord
from syncline.people.store.scores import Scored, scores
from syncline.syncs.marketing_lists.explain_gates import consent_gates, first_shut
from syncline.syncs.marketing_lists.explained import Asked
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_NAMES, Setting

OPT_IN: Final = {
    "unknown": "Unknown",
    "single": "Single",
    "double": "Double",
    "verifieddouble": "Verified double",
}

_MARKS: Final = (
    (CrmFlag.DO_NOT_BULK_EMAIL, "Do Not Bulk Email"),
    (CrmFlag.DO_NOT_EMAIL, "Do Not Email"),
    (CrmFlag.INACTIVE, "Not active"),
)
_PLACES: Final = {
    "subscribed": "Subscribed",
    "suppressed": "Left this list",
    "pending": "On its way",
    "removed": "Taken out",
}


class Named(NamedTuple):
    name: str
    key: str
    """The address; of a record without one, a made-up key that says nothing to anybody."""
    was_read: bool
    """False where no sync has read the record yet and Dynamics was asked now."""


@dataclass(frozen=True)
class ListPlace:
    name: str
    in_dynamics: bool
    """Whether this very record is a member of the marketing list."""
    in_dotdigital: str
    """In words; empty where the list there does not have the address."""


@dataclass(frozen=True)
class RecordFacts:
    name: str
    key: str
    was_read: bool
    """Both as in `Named`."""
    marks: list[str]
    opt_in: str
    """In words; empty where Dotdigital has not told."""
    suppression: Suppression | None
    reason: SuppressionReason | None
    on_crm_list: bool
    stop: Asked | None
    """The first gate of consent that is shut; None where they may be mailed."""
    is_known_there: bool
    """Whether Dotdigital has a contact with the address."""
    lists: list[ListPlace]
    scored: Scored | None
    evaluated_at: datetime | None

    @property
    def address(self) -> str:
        return "" if self.key.startswith(NO_ADDRESS) else self.key


def known_record(account: EmailAccount, record: LinkedRecord) -> Named | None:
    """As a sync last read it; None where none has."""
    rows = CrmRecord.objects.filter(account_id=account.pk, entity=record.table, record_id=record.record_id)
    row = rows.first()
    return Named(row.name, row.person_key or person_key(None, record.record_id), True) if row else None


def ask_dynamics(client: Dataverse, record: LinkedRecord) -> Named:
    """About one that no sync has read. Raises RemoteError, and of it NotFound where there is none."""
    entity = Entity(record.table)
    name = PRIMARY_NAMES[entity]
    row = client.get(ENTITY_SETS[entity], record.record_id, select=(name, "emailaddress1"))
    return Named(row.get(name) or "", person_key(row.get("emailaddress1"), record.record_id), False)


def facts_of(account: EmailAccount, record: LinkedRecord, named: Named) -> RecordFacts:
    setting = Setting(account)
    [person] = store.load(account.pk, setting.list_ids, [named.key])
    row = next((one for one in person.records if one.record_id == record.record_id), None)
    found = suppression_of(account.pk, named.key)
    scored = scores(account.pk, [named.key]).get(named.key)
    return RecordFacts(
        name=named.name,
        key=named.key,
        was_read=named.was_read,
        marks=[words for flag, words in _MARKS if row and row.flags & flag],
        opt_in=OPT_IN.get(person.opt_in, person.opt_in.capitalize()),
        suppression=found,
        reason=reason_of(found.reason) if found else None,
        on_crm_list=person.on_crm_list,
        stop=first_shut(consent_gates(person)),
        is_known_there=bool(person.status),
        lists=_places(setting.lists, person, row),
        scored=scored,
        evaluated_at=datetime.fromisoformat(scored.evaluated_on) if scored and scored.evaluated_on else None,
    )


def _places(lists: Sequence[MarketingList], person: PersonFacts, row: CrmFacts | None) -> list[ListPlace]:
    """Activated lists alone: of others nothing is read."""
    mine = set(row.lists) if row else set()
    return [
        ListPlace(
            one.name,
            one.pk in mine,
            _PLACES.get(person.places[one.pk].status, person.places[one.pk].status)
            if one.pk in person.places
            else "",
        )
        for one in lists
        if one.pk in mine or one.pk in person.places
    ]
