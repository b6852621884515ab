"""Address books to Dynamics: what is new there comes in, and nothing goes out."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from syncline.ledger.models import RunPart
from syncline.lists.models import MembershipAction
from syncline.people.models import Touched
from tests.syncs.world import World


def in_step(world: World, *names: str) -> dict[str, str]:
    """People whom both sides know, in one list."""
    ids = {name: world.add("contacts", firstname=name, emailaddress1=f"{name}@example.com") for name in names}
    world.add_list("News", list(ids.values()), membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    return ids


def touched(world: World) -> set[str]:
    return set(Touched.objects.filter(account_id=world.account.pk).values_list("person_key", flat=True))


def test_a_changed_value_comes_in_and_whoever_is_in_step_is_settled(world: World) -> None:
    ids = in_step(world, "ann", "bob")
    world.put([ImportRow(email="ann@example.com", data_fields={"FIRSTNAME": "Anna"})])
    run = world.sync("lists_in")
    assert world.crm_row("contacts", ids["ann"], "firstname")["firstname"] == "Anna"
    part = RunPart.objects.get(run=run)
    assert (part.audit_type, part.name, part.updated) == ("MarketingListsDataIn", "News", 1)
    assert (run.read, run.updated) == (1, 1)
    # The full name, which Dynamics works out anew, is owed to Dotdigital.
    assert touched(world) == {"ann@example.com"}


def test_run_twice_it_writes_nothing_and_leaves_nobody_touched(world: World) -> None:
    in_step(world, "ann", "bob")
    world.put([ImportRow(email="ann@example.com", data_fields={"POSTCODE": "ZZ9 9ZZ"})])
    world.sync("lists_in")
    world.forget_calls()
    run = world.sync("lists_in")
    assert world.writes() == {}
    assert run.message == "No new objects to sync"
    assert touched(world) == set()


def test_what_is_owed_to_dotdigital_waits_for_the_two_way_sync(world: World) -> None:
    ids = in_step(world, "ann", "bob")
    world.change("contacts", ids["ann"], firstname="Anna")
    world.change("contacts", ids["bob"], donotbulkemail=True)
    world.forget_calls()
    world.sync("lists_in")
    assert world.writes() == {}
    assert touched(world) == {"ann@example.com", "bob@example.com"}
    world.sync()
    assert world.contacts()["ann@example.com"].data_fields["FIRSTNAME"] == "Anna"
    assert world.in_book(world.account.lists.get()) == {"ann@example.com"}
    assert touched(world) == set()


def test_known_people_are_let_in_and_no_list_is_made_in_dotdigital(world: World) -> None:
    ids = in_step(world, "ann")
    bob = world.add("contacts", firstname="bob", emailaddress1="bob@example.com")
    news = world.account.lists.get()
    world.add_list("Offers", [bob])
    world.put([ImportRow(email="bob@example.com", lists=[news.address_book_id or 0])])
    world.sync("lists_in")
    members = [row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows]
    assert sorted(members) == sorted([ids["ann"], bob])
    assert "Offers" not in {book.name for book in world.dd.address_books()}
    assert touched(world) == {"bob@example.com"}
    world.sync()
    assert world.in_book(world.account.lists.get(name="Offers")) == {"bob@example.com"}


def test_whoever_is_left_out_is_told_with_the_reason(world: World) -> None:
    in_step(world, "ann")
    world.dd.unsubscribe("ann@example.com")
    run = world.sync("lists_in")
    assert world.outcomes(run) == [("ann@example.com", "skipped", "suppressed")]
    assert touched(world) == set()


def test_a_plan_writes_nothing_and_settles_nobody(world: World) -> None:
    ids = in_step(world, "ann")
    world.put([ImportRow(email="ann@example.com", data_fields={"FIRSTNAME": "Anna"})])
    run = world.sync("lists_in", plan_only=True)
    assert world.outcomes(run) == [("ann@example.com", "planned", "")]
    assert run.updated == 1
    assert world.crm_row("contacts", ids["ann"], "firstname")["firstname"] == "ann"
    assert touched(world) == {"ann@example.com"}


def test_an_idle_run_does_not_hide_what_was_last_written(world: World) -> None:
    in_step(world, "ann")
    before = world.account.lists.get().last_result
    world.sync("lists_in")
    assert world.account.lists.get().last_result == before


def test_a_dotdigital_list_of_the_same_name_is_linked_and_let_in_from(world: World) -> None:
    book = world.dd.create_address_book("news")
    world.put([ImportRow(email="ann@example.com", lists=[book.id])])
    ann = world.add("contacts", firstname="Ann", emailaddress1="ann@example.com")
    news = world.add_list("News", membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync("lists_in")
    news.refresh_from_db()
    assert news.address_book_id == book.id
    members = [row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows]
    assert members == [ann]
