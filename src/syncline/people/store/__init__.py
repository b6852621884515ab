"""Reads and writes of the people tables, a page at a time. All SQL about people is in this folder."""

from syncline.people.store.audience import audience
from syncline.people.store.clocks import save_modified, save_updated
from syncline.people.store.contacts import (
    contacts_between,
    follow_address,
    forget_contacts,
    keys_of_contacts,
    keys_with_records,
    persons,
    save_contacts_read,
    save_opt_ins,
    save_persons,
)
from syncline.people.store.counting import (
    count_known,
    count_touched_known,
    count_touched_places,
)
from syncline.people.store.list_people import list_people_after
from syncline.people.store.loading import load, touched_page, touched_with_former_keys
from syncline.people.store.members import (
    count_members,
    count_seen,
    drop_member,
    drop_unseen_members,
    has_no_members,
    known_members,
    save_members,
)
from syncline.people.store.names import keys_pointing_at, looked_up, save_looked_up
from syncline.people.store.places import (
    count_places,
    drop_places,
    drop_subscribed_places,
    forget_book,
    mark_places_seen,
    places,
    retire_unseen_places,
    save_places,
)
from syncline.people.store.records import (
    crm_records,
    delete_crm_records,
    forget_entered,
    forget_unseen_records,
    keys_of_records,
    mark_entered,
    mark_records_seen,
    save_columns,
    save_crm_records,
)
from syncline.people.store.samples import sample_records
from syncline.people.store.sql import to_json
from syncline.people.store.touched import (
    count_touched,
    is_touched,
    touch,
    touch_members,
    touch_records,
    untouch,
)

__all__ = [
    "audience",
    "contacts_between",
    "count_known",
    "count_members",
    "count_places",
    "count_seen",
    "count_touched",
    "count_touched_known",
    "count_touched_places",
    "crm_records",
    "delete_crm_records",
    "drop_member",
    "drop_places",
    "drop_subscribed_places",
    "drop_unseen_members",
    "follow_address",
    "forget_book",
    "forget_contacts",
    "forget_entered",
    "forget_unseen_records",
    "has_no_members",
    "is_touched",
    "keys_of_contacts",
    "keys_of_records",
    "keys_pointing_at",
    "keys_with_records",
    "known_members",
    "list_people_after",
    "load",
    "looked_up",
    "mark_entered",
    "mark_places_seen",
    "mark_records_seen",
    "persons",
    "places",
    "retire_unseen_places",
    "sample_records",
    "save_columns",
    "save_contacts_read",
    "save_crm_records",
    "save_looked_up",
    "save_members",
    "save_modified",
    "save_opt_ins",
    "save_persons",
    "save_places",
    "save_updated",
    "to_json",
    "touch",
    "touch_members",
    "touch_records",
    "touched_page",
    "touched_with_former_keys",
    "untouch",
]
