"""Asking both sides about one address that no sync has read yet, so that the decision about it is a real one.

Only reads, and stores nothing.
"""

from collections.abc import Callable

from syncline.dataverse import Dataverse
from syncline.dataverse import NotFound as NoSuchTable
from syncline.dotdigital import Contact, Dotdigital, NotFound
from syncline.mapping.models import Entity
from syncline.people.facts import CrmFacts, PersonFacts, Place
from syncline.remote import RemoteError
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, PRIMARY_NAMES, Setting
from syncline.syncs.marketing_lists.stage_records import flags_of

ReachDataverse = Callable[[], Dataverse]
ReachDotdigital = Callable[[], Dotdigital]

MOST_RECORDS = 50
"""Rows of one table with one address that are looked at."""


def ask_dynamics(person: PersonFacts, setting: Setting, reach: ReachDataverse) -> str:
    """Add the rows that carry the address, with their places in static lists. What went wrong, or empty."""
    try:
        client = reach()
        for entity in Entity:
            person.records = [*person.records, *_records(client, setting, entity, person.key)]
    except RemoteError as error:
        return f"Dynamics could not be asked about records that no sync has read: {error}."
    return ""


def _records(client: Dataverse, setting: Setting, entity: Entity, key: str) -> list[CrmFacts]:
    quoted = key.replace("'", "''")
    try:
        page = next(
            client.pages(
                ENTITY_SETS[entity],
                select=setting.columns(entity.value),
                filter=f"emailaddress1 eq '{quoted}'",
                page_size=MOST_RECORDS,
            )
        )
    except NoSuchTable:
        return []  # An environment without leads, say.
    mapped = {rule.column for rule in setting.fields.get(entity.value, ())}
    return [
        CrmFacts(
            entity=entity.value,
            record_id=row[PRIMARY_IDS[entity]],
            name=row.get(PRIMARY_NAMES[entity]) or "",
            flags=flags_of(row),
            columns={column: row[column] for column in mapped if row.get(column) is not None},
            former_keys="",
            lists=_lists(client, setting, row[PRIMARY_IDS[entity]]),
        )
        for row in page.rows
    ]


def _lists(client: Dataverse, setting: Setting, record_id: str) -> list[int]:
    """Activated static lists of a row. A dynamic list holds no members: only a sync can tell."""
    ours = {row.list_id: row.pk for row in setting.lists}
    if not ours:
        return []
    pages = client.pages("listmembers", select=("_listid_value",), filter=f"_entityid_value eq {record_id}")
    return [ours[row["_listid_value"]] for page in pages for row in page.rows if row["_listid_value"] in ours]


def ask_dotdigital(person: PersonFacts, setting: Setting, reach: ReachDotdigital) -> str:
    """Add the contact with this address, if there is one. What went wrong, or empty."""
    try:
        contact = reach().get_contact(person.key)
    except NotFound:
        return ""
    except RemoteError as error:
        return f"Dotdigital could not be asked about a contact that no sync has read: {error}."
    _take_over(person, setting, contact)
    return ""


def _take_over(person: PersonFacts, setting: Setting, contact: Contact) -> None:
    forms = setting.canonical
    person.contact_id = contact.contact_id
    person.opt_in = (contact.opt_in or "").lower()
    person.status = (contact.email_status or contact.status).lower()
    person.remote = {
        label: value
        for label, raw in contact.data_fields.items()
        if label in forms and (value := forms[label](raw)) is not None
    }
    books = {row.address_book_id: row.pk for row in setting.lists if row.address_book_id is not None}
    person.places = {
        books[entry.id]: Place(entry.status.lower(), agreed=False)
        for entry in contact.lists
        if entry.id in books
    }
