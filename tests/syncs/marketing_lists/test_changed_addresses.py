"""A changed address: the person keeps their Dotdigital contact, or the case is held and explained."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Held
from syncline.people import store
from tests.syncs.world import World

OLD, NEW = "alice@old.example", "alice@new.example"


def synced(world: World, name: str, address: str, of: str = "contacts") -> tuple[str, int]:
    """A record in a list of its own, known to both sides; its id and that of its Dotdigital contact."""
    record = world.add(of, firstname=name, emailaddress1=address)
    world.add_list(f"List of {name}", [record], of=of)
    world.sync()
    return record, world.contact(address).contact_id


def test_a_changed_address_takes_the_contact_along(world: World) -> None:
    alice, contact_id = synced(world, "Alice", OLD)
    world.change("contacts", alice, emailaddress1=NEW)
    world.sync()
    assert world.contact(NEW).contact_id == contact_id
    assert set(world.contacts()) == {NEW}


def test_an_address_that_was_away_for_a_while_makes_no_second_contact(world: World) -> None:
    alice, contact_id = synced(world, "Alice", OLD)
    world.change("contacts", alice, emailaddress1=None)
    world.sync()
    world.change("contacts", alice, emailaddress1=NEW)
    world.sync()
    assert world.contact(NEW).contact_id == contact_id
    assert set(world.contacts()) == {NEW}


def test_an_address_that_somebody_of_another_table_gives_up_meanwhile_is_free(world: World) -> None:
    """Contacts are read before leads, so the lead's address looks taken when the contact's change is read."""
    alice, alices_contact = synced(world, "Alice", OLD)
    bob, bobs_contact = synced(world, "Bob", NEW, of="leads")
    world.change("contacts", alice, emailaddress1=NEW)
    world.change("leads", bob, emailaddress1="bob@example.com")
    world.sync()
    assert world.contact("bob@example.com").contact_id == bobs_contact
    world.sync()
    ids = {contact.contact_id for contact in world.contacts().values()}
    assert ids == {alices_contact, bobs_contact}


def test_where_the_new_address_has_a_contact_the_case_is_held_and_goes_on_when_one_is_deleted(
    world: World,
) -> None:
    alice, contact_id = synced(world, "Alice", OLD)
    world.put([ImportRow(email=NEW, data_fields={"FIRSTNAME": "Somebody"})])
    world.sync()
    world.change("contacts", alice, emailaddress1=NEW)
    run = world.sync()
    assert (NEW, "rejected", "second_contact") in world.outcomes(run)
    held = Held.objects.get(account=world.account, person_key=NEW)
    assert held.reason == "second_contact"
    assert OLD in held.detail
    assert world.contact(NEW).data_fields["FIRSTNAME"] == "Somebody"
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Alice"

    world.erase(contact_id)
    store.touch(world.account.pk, [NEW])
    world.sync()
    assert world.contact(NEW).data_fields["FIRSTNAME"] == "Alice"
    assert not Held.objects.filter(account=world.account).exists()
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_an_opt_out_under_the_former_address_is_kept(world: World) -> None:
    alice, _ = synced(world, "Alice", OLD)
    world.dd.unsubscribe(OLD)
    world.change("contacts", alice, emailaddress1=NEW)
    run = world.sync()
    assert (NEW, "skipped", "opted_out_before") in world.outcomes(run)
    assert set(world.contacts()) == {OLD}


def test_who_always_had_the_address_owns_its_contact(world: World) -> None:
    alice, _ = synced(world, "Alice", OLD)
    _, annes_contact = synced(world, "Anne", NEW)
    world.change("contacts", alice, emailaddress1=NEW)
    run = world.sync()
    assert "second_contact" not in {reason for _, _, reason in world.outcomes(run)}
    assert world.contact(NEW).contact_id == annes_contact
