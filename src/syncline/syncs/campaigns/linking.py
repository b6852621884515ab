"""Which contact or lead of Dynamics a row belongs to."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from syncline.dataverse import bind
from syncline.people import store
from syncline.syncs.campaigns.activity_rows import ActivityRow
from syncline.syncs.context import RunContext

_LOOKUPS: Final = {"contact": ("syncline_Contact", "contacts"), "lead": ("syncline_Lead", "leads")}


class Link(NamedTuple):
    entity: str
    record_id: str

    @property
    def columns(self) -> dict[str, str]:
        lookup, set_ = _LOOKUPS[self.entity]
        return {f"{lookup}@odata.bind": bind(set_, self.record_id)}


def links_of(context: RunContext, keys: Sequence[str]) -> Mapping[str, Link]:
    """Person key → the contact or lead that stands for the person, of whom Dynamics knows one."""
    order = context.account.record_priority.split(",")
    found = store.linkable(context.account.pk, keys, {table: place for place, table in enumerate(order)})
    return {key: Link(*record) for key, record in found.items()}


def links_of_rows(context: RunContext, rows: Sequence[ActivityRow]) -> Mapping[str, Link]:
    """The same for rows as they are read. A row names the address that the campaign was sent to; whoever has
    another one by now is found by the number of their contact.
    """
    links = dict(links_of(context, sorted({row.person_key for row in rows})))
    strangers = {row.contact_id: row.person_key for row in rows if row.person_key not in links}
    strangers.pop(0, None)
    now = store.keys_of_contacts(context.account.pk, sorted(strangers))
    by_address = links_of(context, sorted(set(now.values())))
    for contact_id, key in now.items():
        if key in by_address:
            links[strangers[contact_id]] = by_address[key]
    return links
