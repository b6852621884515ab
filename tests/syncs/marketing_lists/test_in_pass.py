"""What is newer in Dotdigital reaches Dynamics before anything is sent back."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from syncline.ledger.models import RunPart
from syncline.lists.models import MembershipAction
from tests.syncs.world import World


def alice_in(world: World, **more: object) -> tuple[str, object]:
    values = {"firstname": "Alice", "lastname": "Hall", "emailaddress1": "alice@example.com", **more}
    alice = world.add("contacts", **values)
    news = world.add_list("News", [alice])
    world.sync()
    return alice, news


def test_a_changed_value_comes_back(world: World) -> None:
    alice, _ = alice_in(world)
    world.put([ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "Alicia"})])
    run = world.sync()
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Alicia"
    part = RunPart.objects.get(run=run, audit_type="MarketingListsDataIn")
    assert part.updated == 1
    # The full name follows from it, in Dynamics and in the same run in Dotdigital.
    assert world.contacts()["alice@example.com"].data_fields["FULLNAME"] == "Alicia Hall"


def test_what_came_back_is_not_sent_again(world: World) -> None:
    alice_in(world)
    world.put([ImportRow(email="alice@example.com", data_fields={"POSTCODE": "ZZ9 9ZZ"})])
    world.sync()
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_when_both_changed_dynamics_wins_and_the_loss_is_told(world: World) -> None:
    alice, _ = alice_in(world)
    world.put([ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "Bea"})])
    world.change("contacts", alice, firstname="Ann")
    run = world.sync()
    assert world.contacts()["alice@example.com"].data_fields["FIRSTNAME"] == "Ann"
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Ann"
    assert "'Bea'" in run.outcomes.get().detail


def test_known_people_are_let_into_a_static_list_where_it_says_so(world: World) -> None:
    bob = world.add("contacts", firstname="Bob", emailaddress1="bob@example.com")
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    news = world.add_list("News", [alice], membership_action=MembershipAction.ALLOW_KNOWN)
    world.sync()
    news.refresh_from_db()
    world.put(
        [
            ImportRow(email="bob@example.com", lists=[news.address_book_id]),
            ImportRow(email="unknown@example.com", lists=[news.address_book_id]),
        ]
    )
    world.sync()
    rows = [row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows]
    assert sorted(rows) == sorted([alice, bob])
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_one_refused_change_costs_one_record(world: World) -> None:
    ids = {
        name: world.add("contacts", firstname=name, emailaddress1=f"{name}@example.com")
        for name in ("a", "b", "c")
    }
    world.add_list("News", list(ids.values()))
    world.sync()
    world.put(
        [ImportRow(email=f"{name}@example.com", data_fields={"LASTNAME": f"New {name}"}) for name in ids]
    )
    world.sandbox_dataverse.control.fault("reject_record", match="New b", times=None)
    run = world.sync()
    assert run.rejected == 1
    assert world.crm_row("contacts", ids["a"], "lastname")["lastname"] == "New a"
    assert world.crm_row("contacts", ids["b"], "lastname")["lastname"] is None
    assert world.crm_row("contacts", ids["c"], "lastname")["lastname"] == "New c"


def test_someone_removed_there_by_hand_is_not_put_back(world: World) -> None:
    _, news = alice_in(world)
    news.refresh_from_db()
    contact = world.contact("alice@example.com")
    world.take_out(news, contact.contact_id)
    run = world.sync()
    assert world.in_book(news) == set()
    assert ("alice@example.com", "skipped", "removed_there") in world.outcomes(run)
