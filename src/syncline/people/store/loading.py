"""A page of people with everything known about them."""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from syncline.bulk import Row, fetch, given, marks, pack
from syncline.consent import erased
from syncline.people.facts import ERASED, CrmFacts, PersonFacts, former_addresses
from syncline.people.store.contacts import keys_with_records, persons
from syncline.people.store.places import places
from syncline.people.store.sql import chunks, decode, in_lists

MOVED_AT_A_TIME: Final = 2000
"""Rows with another address before, looked through at a time."""

MOST_RENAMES: Final = 5
"""How far a contact is followed from address to address. Further on, any doubt is a stop."""


def touched_page(
    account_id: int, after: str, limit: int, *, known_only: bool = False, list_ids: Sequence[int] = ()
) -> list[str]:
    """The next keys in the database's own order. `known_only` leaves out people whom Dotdigital has never
    seen, `list_ids` those who are in none of these lists, on neither side.
    """
    in_these, values = in_lists("t", list_ids)
    join = (
        "JOIN people_person p ON p.account_id = t.account_id AND p.person_key = t.person_key "
        if known_only
        else ""
    )
    rows = fetch(
        f"SELECT t.person_key FROM people_touched t {join}WHERE t.account_id = %s AND t.person_key > %s"
        f"{in_these} ORDER BY t.person_key LIMIT %s",
        [account_id, after, *values, limit],
    )
    return [row[0] for row in rows]


def touched_with_former_keys(account_id: int, after: str, limit: int) -> dict[str, str]:
    """The next touched people who had another address before: key → former keys of their rows, one a line.

    CROSS JOIN and `|| ''` tell SQLite to look up the rows of each touched person: it would walk all rows.
    """
    if not _anybody_moved(account_id):
        return {}
    rows = fetch(
        "SELECT t.person_key, r.entity, r.record_id, r.former_keys "
        "FROM people_touched t CROSS JOIN people_crmrecord r WHERE t.account_id = %s AND t.person_key > %s "
        "AND r.account_id = t.account_id AND r.person_key = t.person_key || '' AND r.former_keys > '' "
        "ORDER BY t.person_key LIMIT %s",
        [account_id, after, limit],
    )
    found: dict[str, list[Row]] = {}
    for key, *record in rows:
        found.setdefault(key, []).append(tuple(record))
    if len(rows) == limit and len(found) > 1:
        found.popitem()  # It may have more rows, which the next page begins with.
    return {key: "\n".join(former for *_, former in sorted(records)) for key, records in found.items()}


def _anybody_moved(account_id: int) -> bool:
    """Whether any row of the account had another address before. Asked of an index that holds only those."""
    sql = "SELECT 1 FROM people_crmrecord WHERE account_id = %s AND former_keys > '' LIMIT 1"
    return bool(fetch(sql, [account_id]))


def load(account_id: int, list_ids: Sequence[int], keys: Sequence[str]) -> list[PersonFacts]:
    """Everything known about these people, in the order of `keys`."""
    people = {key: PersonFacts(key) for key in keys}
    by_record: dict[str, CrmFacts] = {}
    for chunk in chunks(keys):
        _load_records(account_id, chunk, people, by_record)
        _load_persons(account_id, chunk, people)
        for (list_id, key), place in places(list_ids, chunk).items():
            people[key].places[list_id] = place
        _load_suppressions(account_id, chunk, people)
    _load_lists(list_ids, by_record)
    _load_former_standing(account_id, list_ids, people)
    _load_left_behind(account_id, people)
    _load_former_owners(account_id, people)
    _load_erased(account_id, people)
    return list(people.values())


def _load_records(
    account_id: int, keys: Sequence[str], people: dict[str, PersonFacts], by_record: dict[str, CrmFacts]
) -> None:
    rows = fetch(
        "SELECT person_key, entity, record_id, name, flags, columns, former_keys, modified_ms "
        "FROM people_crmrecord "
        f"WHERE account_id = %s AND person_key IN {given()}",
        [account_id, pack(keys)],
    )
    for key, entity, record_id, name, flags, columns, former, modified_ms in rows:
        record = CrmFacts(entity, record_id, name, flags, decode(columns), former, [], modified_ms)
        people[key].records.append(record)
        by_record[record_id] = record


def _load_persons(account_id: int, keys: Sequence[str], people: dict[str, PersonFacts]) -> None:
    rows = fetch(
        "SELECT person_key, contact_id, known_as, status, remote, agreed, opt_in, updated_ms "
        f"FROM people_person WHERE account_id = %s AND person_key IN {given()}",
        [account_id, pack(keys)],
    )
    for key, contact_id, known_as, status, remote, agreed, opt_in, updated_ms in rows:
        person = people[key]
        person.contact_id, person.known_as, person.status = contact_id, known_as, status
        person.opt_in, person.updated_ms = opt_in, updated_ms
        person.remote = decode(remote)
        person.agreed = person.remote if agreed == remote else decode(agreed)


def _load_suppressions(account_id: int, keys: Sequence[str], people: dict[str, PersonFacts]) -> None:
    rows = fetch(
        f"SELECT person_key, reason FROM consent_suppression WHERE account_id = %s AND person_key IN "
        f"{given()}",
        [account_id, pack(keys)],
    )
    for key, reason in rows:
        people[key].suppressed_for = reason
    listed = fetch(
        f"SELECT person_key FROM consent_crmsuppressed WHERE account_id = %s AND person_key IN {given()}",
        [account_id, pack(keys)],
    )
    for (key,) in listed:
        people[key].on_crm_list = True


def _load_lists(list_ids: Sequence[int], by_record: dict[str, CrmFacts]) -> None:
    if not list_ids:
        return
    for chunk in chunks(list(by_record)):
        rows = fetch(
            "SELECT record_id, list_id FROM people_crmmember "
            f"WHERE list_id IN {marks(len(list_ids))} AND record_id IN {given()}",
            [*list_ids, pack(chunk)],
        )
        for record_id, list_id in rows:
            by_record[record_id].lists.append(list_id)


def _load_former_standing(account_id: int, list_ids: Sequence[int], people: dict[str, PersonFacts]) -> None:
    """Mark people whose former address had opted out, of everything or of a list: an opt-out follows the
    person to a new address.
    """
    former: dict[str, list[PersonFacts]] = {}
    for person in people.values():
        for record in person.records:
            for key in record.former_keys.split("\n") if record.former_keys else ():
                former.setdefault(key, []).append(person)
    for chunk in chunks(list(former)):
        opted_out = _opted_out(account_id, chunk)
        rows = fetch(
            f"SELECT person_key FROM consent_suppression WHERE account_id = %s AND person_key IN {given()}",
            [account_id, pack(chunk)],
        )
        for key in opted_out.union(row[0] for row in rows):
            for person in former[key]:
                person.opted_out_as = key
        for (list_id, key), place in places(list_ids, chunk).items():
            if place.status != "subscribed":
                for person in former[key]:
                    person.places.setdefault(list_id, place)


def _load_left_behind(account_id: int, people: dict[str, PersonFacts]) -> None:
    """Mark people who have two contacts, one of them under an address that no Dynamics row has any more.

    Somebody at the address who never had another one owns its contact; then there is nothing to mark.
    """
    before = {
        key: [(former_addresses(record.former_keys) or [""])[0] for record in person.records]
        for key, person in people.items()
        if person.contact_id is not None and any(record.former_keys for record in person.records)
    }
    suspects = {key: addresses for key, addresses in before.items() if all(addresses)}
    for chunk in chunks(sorted({address for addresses in suspects.values() for address in addresses})):
        live = {
            key
            for key, (contact_id, _, status, *_) in persons(account_id, chunk).items()
            if contact_id is not None and status in {"", "subscribed"}
        }
        live -= keys_with_records(account_id, sorted(live))
        for key, addresses in suspects.items():
            if live.issuperset(addresses):
                people[key].left_behind = addresses[0]


def _load_former_owners(account_id: int, people: dict[str, PersonFacts]) -> None:
    """Mark addresses that no Dynamics row has, and that one of them had before: they are nobody new."""
    strangers = {key for key, person in people.items() if person.places and not person.records}
    if not strangers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT former_keys FROM people_crmrecord WHERE account_id = %s AND former_keys > ''",
            [account_id],
        )
        while rows := cursor.fetchmany(MOVED_AT_A_TIME):
            for (former,) in rows:
                for key in strangers.intersection(former_addresses(former)):
                    people[key].was_anothers = True


def _load_erased(account_id: int, people: dict[str, PersonFacts]) -> None:
    """Mark people who were erased having opted out, and those whose former address was such a one's."""
    if not erased.anybody():
        return
    former: dict[str, list[PersonFacts]] = {}
    for person in people.values():
        for record in person.records:
            for key in record.former_keys.split("\n") if ERASED in record.former_keys else ():
                if key.startswith(ERASED):
                    former.setdefault(key.removeprefix(ERASED), []).append(person)
    for chunk in chunks(list(people)):
        for key in erased.stopped(account_id, chunk):
            people[key].erased = True
    for digest in erased.stopped_digests(account_id, list(former)):
        for person in former[digest]:
            person.erased = True


def _opted_out(account_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the addresses whose contact is not subscribed. One that Dotdigital gave another address is
    looked for there.
    """
    found: set[str] = set()
    trails = {key: key for key in keys}
    for _ in range(MOST_RENAMES):
        rows = persons(account_id, list(set(trails.values())))
        moved = {}
        for key, now in trails.items():
            contact_id, known_as, status = rows[now][:3] if now in rows else (None, "", "")
            if contact_id is None and known_as:
                moved[key] = known_as
            elif status not in {"", "subscribed"}:
                found.add(key)
        trails = moved
        if not trails:
            return found
    return found | trails.keys()
