"""Who has an address in Dynamics, for rows that are linked to a contact or lead."""

from collections.abc import Mapping, Sequence

from syncline.bulk import fetch, given, pack
from syncline.people.facts import CrmFlag
from syncline.people.store.sql import chunks


def linkable(account_id: int, keys: Sequence[str], priority: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Person key → (entity, record id) of the contact or lead that stands for the person.

    Of several the same one decides as in the lists: active before inactive, then by the order of tables.
    """
    best: dict[str, tuple[int, int, str, str]] = {}
    for chunk in chunks(keys):
        rows = fetch(
            "SELECT person_key, entity, record_id, flags FROM people_crmrecord WHERE account_id = %s "
            f"AND entity IN ('contact', 'lead') AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )
        for key, entity, record_id, flags in rows:
            rank = (flags & CrmFlag.INACTIVE, priority[entity], record_id, entity)
            best[key] = min(best.get(key, rank), rank)
    return {key: (entity, record_id) for key, (_, _, record_id, entity) in best.items()}
