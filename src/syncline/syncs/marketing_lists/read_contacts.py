"""Reads what has changed in Dotdigital: contacts, suppressions, and who left which list.

One account-wide pass over `GET /contacts/v3?~modified=…` serves all lists (design.md). Its starting mark is
Dotdigital's own clock, taken before the pass, less an overlap for rows that become visible late.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from syncline.consent import in_dynamics, ledger, resubscriptions, suppressions
from syncline.consent.gate import DELETED, MOVED
from syncline.consent.ledger import Change
from syncline.dotdigital import Contact, ContactPage, NotFound, Suppression
from syncline.ledger import cursors
from syncline.lists.use import mark_used
from syncline.mapping.catalogue import columns_fingerprint
from syncline.people import store
from syncline.people.facts import Place, person_key
from syncline.people.store import choices
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists import consent_seen
from syncline.syncs.marketing_lists.consent_seen import Seen
from syncline.syncs.marketing_lists.setting import Setting

CONTACTS: Final = "dotdigital:contacts"
SUPPRESSIONS: Final = "dotdigital:suppressions"
OVERLAP: Final = timedelta(minutes=5)
BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before Dotdigital existed: asks for everything where a date has to be given."""


def read_contacts(context: RunContext, setting: Setting) -> Next | None:
    """One page of contacts changed since the last run; all of them the first time, or when other labels are
    mapped.
    """
    position = context.position
    if position.get("contacts_done"):
        return None
    if "since" not in position:
        mark = context.dotdigital.server_time()
        since_token = cursors.token(context.account, CONTACTS, _fingerprint(setting))
        tokens = {**position.get("tokens", {}), CONTACTS: [mark.isoformat(), _fingerprint(setting)]}
        context.save_position(since=since_token, mark=mark.isoformat(), tokens=tokens)
        return More()
    page = _page(context, setting, position["since"], position.get("marker"))
    with context.storing():
        stage_contacts(context, setting, page.contacts)
        context.save_position(
            marker=page.next_marker,
            contacts_done=not page.next_marker,
            contacts_read=position.get("contacts_read", 0) + len(page.contacts),
        )
        context.show("Reading contacts from Dotdigital", context.position["contacts_read"])
    return More()


def _page(context: RunContext, setting: Setting, since: str, marker: str | None) -> ContactPage:
    client = context.dotdigital

    def fetch(link: str) -> ContactPage:
        return next(
            client.contacts(
                modified_since=datetime.fromisoformat(since) - OVERLAP if since else None,
                include=("channelProperties", "lists"),
                data_fields=setting.labels,
                marker=link.partition(":")[2] or None,
            )
        )

    def link_to(marker: str | None) -> str:
        # A marker alone does not say which pass it belongs to.
        return f"{context.run.pk}:{marker or ''}"

    def next_link(page: ContactPage) -> str | None:
        return link_to(page.next_marker) if page.next_marker else None

    return read_ahead.page_at(context.account.pk, link_to(marker), fetch, next_link)


def _fingerprint(setting: Setting) -> str:
    return columns_fingerprint(setting.labels)


def stage_contacts(context: RunContext, setting: Setting, contacts: list[Contact]) -> set[str]:
    """Take over what Dotdigital holds, and touch everybody about whom it differs from what we knew. Returns
    their keys.
    """
    addresses = {contact.contact_id: address for contact in contacts if (address := contact.email)}
    contacts = [contact for contact in contacts if contact.contact_id in addresses]
    account_id = context.account.pk
    owners = store.keys_of_contacts(account_id, list(addresses))
    known = store.persons(account_id, list({*owners.values(), *addresses.values()}))
    keys = {id_: key_now(id_, address, owners.get(id_), known) for id_, address in addresses.items()}
    deserted = {owners[id_]: key for id_, key in keys.items() if owners.get(id_, key) != key}
    rows: list[tuple[Any, ...]] = [
        (account_id, former, None, key, MOVED, "{}", "{}", "")
        for former, key in deserted.items()
        if former not in keys.values()
    ]
    seen = Seen(account_id, context.run.pk, context.now())
    changes = [
        consent_seen.of_mark(seen, former, known[former][2], MOVED, known[former][0])
        for _, former, *_ in rows
    ]
    opt_ins: dict[str, list[str]] = {}
    for contact in contacts:
        key = keys[contact.contact_id]
        row = _person_row(account_id, key, contact, setting, known.get(key))
        if row is None:
            continue
        changes += consent_seen.of_contact(seen, key, contact, row[4], row[7], known.get(key))
        if key in known and known[key][:5] == row[2:7]:
            opt_ins.setdefault(row[7], []).append(key)  # Nothing that a list sync decides by.
        else:
            rows.append(row)
    store.save_contacts_read(rows)
    store.save_opt_ins(account_id, opt_ins)
    replaced = [
        keys[contact.contact_id]
        for contact in contacts
        if (before := known.get(keys[contact.contact_id])) and before[0] not in {None, contact.contact_id}
    ]
    choices.forget(account_id, replaced)
    for former, key in deserted.items():
        choices.follow(account_id, former, key)
    ledger.record(changes)
    updated = {contact.contact_id: at for contact in contacts if (at := contact.updated_on)}
    if setting.needs_clocks:
        clocks = [(int(at.timestamp() * 1000), keys[id_]) for id_, at in updated.items()]
        store.save_updated(account_id, clocks)
    touched = {row[1] for row in rows} | _stage_places(context, setting, contacts, keys)
    receiving = {contact.contact_id for contact in contacts if _receives(contact)}
    subscribed = [(keys[id_], at) for id_, at in updated.items() if id_ in receiving]
    touched |= set(suppressions.lift(account_id, subscribed, run_id=context.run.pk))
    resubscriptions.confirm(account_id, subscribed, run_id=context.run.pk)
    store.touch(account_id, touched)
    store.concern(account_id, touched.union(*opt_ins.values()))
    return touched


def forget_contacts(context: RunContext, keys: list[str]) -> None:
    """Contacts that Dotdigital no longer has: nothing is made there again without a person deciding so."""
    account_id = context.account.pk
    seen = Seen(account_id, context.run.pk, context.now())
    ledger.record(
        consent_seen.of_mark(seen, key, status, DELETED, contact_id)
        for key, (contact_id, _, status, *_) in store.persons(account_id, keys).items()
        if status != DELETED
    )
    store.save_persons([(account_id, key, None, "", DELETED, "{}", "{}") for key in keys])
    store.drop_subscribed_places(account_id, keys)
    choices.forget(account_id, keys)


def key_now(contact_id: int, email: str, former: str | None, known: Mapping[str, tuple[Any, ...]]) -> str:
    """Under which key a contact is kept: its address, unless our own change of that is on its way there.

    `former`: the key that the contact has had; `known`: what `store.persons` tells of that key.
    """
    key = person_key(email, str(contact_id))
    return former if former is not None and known[former][1] == key else key


def _receives(contact: Contact) -> bool:
    return (contact.email_status or contact.status).lower() == "subscribed"


def _person_row(
    account_id: int, key: str, contact: Contact, setting: Setting, known: tuple[Any, ...] | None
) -> tuple[Any, ...] | None:
    """The new row, or None where nothing differs."""
    forms = setting.canonical
    values = {
        label: value
        for label, raw in contact.data_fields.items()
        if label in forms and (value := forms[label](raw)) is not None
    }
    remote = store.to_json(dict(sorted(values.items())))
    status = (contact.email_status or contact.status).lower()
    # With another contact at this address nothing has been agreed yet.
    known_as, agreed = (known[1], known[4]) if known and known[0] == contact.contact_id else ("", "{}")
    opt_in = (contact.opt_in or "").lower()
    row = (account_id, key, contact.contact_id, known_as, status, remote, agreed, opt_in)
    return None if known is not None and known == row[2:] else row


def _stage_places(
    context: RunContext, setting: Setting, contacts: list[Contact], keys: dict[int, str]
) -> set[str]:
    """Where each contact's lists differ from the places we know. A place that is no longer there was taken
    away there.
    """
    books = {row.address_book_id: row.pk for row in setting.lists if row.address_book_id is not None}
    if not books:
        return set()
    known: dict[str, dict[int, Place]] = {}
    for (list_id, key), place in store.places(list(books.values()), list(keys.values())).items():
        known.setdefault(key, {})[list_id] = place
    saves: list[tuple[int, str, str, bool, int]] = []
    drops: list[tuple[int, str]] = []
    seen, changes = Seen(context.account.pk, context.run.pk, context.now()), list[Change]()
    for contact in contacts:
        key = keys[contact.contact_id]
        before = known.get(key, {})
        now = {books[entry.id]: entry.status.lower() for entry in contact.lists if entry.id in books}
        for list_id in before.keys() | now.keys():
            change = changed_place(before.get(list_id), now.get(list_id))
            if change is not None and change.status:
                saves.append((list_id, key, change.status, change.agreed, context.run.pk))
                was = before[list_id].status if list_id in before else ""
                changes += consent_seen.of_place(
                    seen, key, list_id, was, change.status, contact.updated_on, contact.contact_id
                )
            elif change is not None:
                drops.append((list_id, key))
    store.save_places(saves)
    store.drop_places(drops)
    ledger.record(changes)
    mark_used({row[0] for row in saves} | {row[0] for row in drops}, context.now())
    return {row[1] for row in saves} | {row[1] for row in drops}


def changed_place(known: Place | None, now: str | None) -> Place | None:
    """What to store about a place, or None where nothing changed; an empty status means: forget it.

    Somebody whom both sides had in the list and who is gone there is kept as `removed`: nobody is put back
    without a person deciding so.
    """
    if now is not None:
        return (
            None
            if known is not None and known.status == now
            else Place(now, known.agreed if known else False)
        )
    if known is None or known.status == "removed":
        return None
    if known.status == "subscribed" and not known.agreed:
        return Place("", agreed=False)
    # Left or removed: either way they are not put back.
    return Place("removed", known.agreed) if known.status == "subscribed" else None


def read_suppressions(context: RunContext, setting: Setting) -> Next | None:
    """One page of addresses put on the suppression list since the last run."""
    del setting
    position = context.position
    if position.get("suppressions_done"):
        return None
    if "suppressed_since" not in position:
        token = cursors.token(context.account, SUPPRESSIONS)
        tokens = {**position.get("tokens", {}), SUPPRESSIONS: [position["mark"], ""]}
        context.save_position(suppressed_since=token, tokens=tokens)
    since_text = context.position["suppressed_since"]
    since = datetime.fromisoformat(since_text) - OVERLAP if since_text else BEGINNING
    page = next(context.dotdigital.suppressed_since(since, skip=position.get("suppressed_skip", 0)))
    with context.storing():
        rows = suppression_rows(page.suppressions)
        fresh = suppressions.save(context.account.pk, rows, run_id=context.run.pk)
        store.touch(context.account.pk, fresh)
        store.concern(context.account.pk, fresh)
        context.save_position(suppressed_skip=page.next_skip, suppressions_done=page.next_skip is None)
    return More()


def suppression_rows(found: list[Suppression]) -> list[tuple[str, str, datetime]]:
    return [
        (person_key(one.email, str(one.contact_id)), one.reason, one.removed_on or BEGINNING)
        for one in found
        if one.email
    ]


def read_unsubscribers(context: RunContext, setting: Setting) -> Next | None:
    """One page of people who left one of our lists since the last run; list after list."""
    position = context.position
    pending = position.get("unsubscribers")
    if pending is None:
        pending = [
            row.pk for row in setting.lists if row.address_book_id is not None and setting.takes_part(row)
        ]
    if not pending:
        context.save_position(unsubscribers=[])
        return None
    marketing_list = next((row for row in setting.lists if row.pk == pending[0]), None)
    if marketing_list is None or marketing_list.address_book_id is None:
        context.save_position(unsubscribers=pending[1:], unsubscribers_skip=0)
        return More()
    since_text = marketing_list.unsubscribed_since
    since = datetime.fromisoformat(since_text) - OVERLAP if since_text else BEGINNING
    pages = context.dotdigital.list_unsubscribed_since(
        marketing_list.address_book_id, since, skip=position.get("unsubscribers_skip", 0)
    )
    try:
        page = next(pages)
    except NotFound:
        # The list was deleted in Dotdigital, which the reading of all lists will tell.
        context.save_position(unsubscribers=pending[1:], unsubscribers_skip=0)
        return More()
    with context.storing():
        _stage_leavers(context, marketing_list.pk, page.suppressions)
        if page.next_skip is None:
            marks = {**position.get("unsubscriber_marks", {}), str(marketing_list.pk): position["mark"]}
            context.save_position(unsubscribers=pending[1:], unsubscribers_skip=0, unsubscriber_marks=marks)
        else:
            context.save_position(unsubscribers=pending, unsubscribers_skip=page.next_skip)
    return More()


def _stage_leavers(context: RunContext, list_id: int, found: list[Suppression]) -> None:
    leavers = {person_key(one.email, str(one.contact_id)): one for one in found if one.email}
    known = store.places([list_id], list(leavers))
    was = {key: place for (_, key), place in known.items()}
    fresh = {key: one for key, one in leavers.items() if key not in was or was[key].status != "suppressed"}
    store.save_places(
        [(list_id, key, "suppressed", key in was and was[key].agreed, context.run.pk) for key in fresh]
    )
    seen = Seen(context.account.pk, context.run.pk, context.now())
    ledger.record(
        change
        for key, one in fresh.items()
        for change in consent_seen.of_place(
            seen,
            key,
            list_id,
            was[key].status if key in was else "",
            "suppressed",
            one.removed_on,
            one.contact_id,
        )
    )
    store.touch(context.account.pk, fresh)
    left = [(person_key(one.email, ""), one.removed_on) for one in found if one.email and one.removed_on]
    in_dynamics.note_leavers(list_id, left)
    store.concern(context.account.pk, leavers)
