"""A changed address takes its Dotdigital contact along, with its consent, values and places in lists.

It comes once all records have been read, for only then is it known which addresses Dynamics still has. Where
the contact cannot go along, for Dotdigital has one for the new address as well, nothing is written and the
case is held (`second_contact`): two contacts of one person are for somebody to look at.

Where there is an opt-out on either address it stays where it was made, and the gate finds it from there.
"""

from collections.abc import Collection
from typing import Final

from syncline.consent import suppressions
from syncline.consent.gate import RECEIVES_MAIL
from syncline.dotdigital import NotFound
from syncline.people import store
from syncline.people.facts import NO_ADDRESS, former_addresses
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000
"""People a step."""


def follow_addresses(context: RunContext, setting: Setting) -> Next | None:
    """One page of touched people who had another address before; again from the start where a contact moved,
    for that may have made room for another.
    """
    del setting
    account_id = context.account.pk
    former = store.touched_with_former_keys(account_id, context.position.get("followed_after", ""), PAGE)
    if not former:
        if not context.position.get("followed"):
            return None
        context.save_position(followed_after="", followed=False)
        return More()
    known = store.persons(account_id, list(former))
    gone = _gone_meanwhile(context, list(known))
    with context.storing():
        store.forget_contacts(account_id, gone)
        moved = _follow(
            account_id,
            {key: text for key, text in former.items() if key not in known and key[0] != NO_ADDRESS},
        )
        if moved:
            context.save_position(followed=True)
        context.save_position(followed_after=next(reversed(former)))
    return More()


def _follow(account_id: int, former: dict[str, str]) -> bool:
    """Give each of these addresses, of which Dotdigital knows nothing, the contact of the one before it.
    Whether any contact moved.
    """
    before = {key: former_addresses(text) for key, text in former.items()}
    every = sorted({address for addresses in before.values() for address in addresses})
    there = store.persons(account_id, every)
    kept = _claimed(account_id, every)
    opted_out = suppressions.among(account_id, [*every, *former])
    moved = []
    for key, addresses in sorted(before.items()):
        old = next((address for address in addresses if address in there), None)
        if old is None or old in kept or {old, key} & opted_out:
            continue
        contact_id, _, status = there[old][:3]
        if contact_id is not None and status in RECEIVES_MAIL:
            store.follow_address(account_id, old, key)
            kept.add(old)
            moved.append(key)
    store.concern(account_id, moved)
    return bool(moved)


def _claimed(account_id: int, addresses: list[str]) -> set[str]:
    """Those of the addresses whose contact belongs to a record that has the address now: not to one that has
    only just come there from another address, whose contact is still to follow it.
    """
    taken = sorted(store.keys_with_records(account_id, addresses))
    return {person.key for person in store.load(account_id, [], taken) if not person.left_behind}


def _gone_meanwhile(context: RunContext, keys: Collection[str]) -> list[str]:
    """Former addresses whose contact stood in somebody's way and was deleted in Dotdigital since.

    Deletions have no feed, so those few are asked for one by one.
    """
    people = store.load(context.account.pk, [], list(keys))
    gone = []
    for address in sorted({person.left_behind for person in people if person.left_behind}):
        try:
            context.dotdigital.get_contact(address)
        except NotFound:
            gone.append(address)
    return gone
