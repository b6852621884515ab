"""Nobody is looked at for a list that stays set aside; once it can be synced again, all its members are."""

from __future__ import annotations

from syncline.dotdigital import ImportRow
from syncline.ledger.models import Run
from syncline.lists.models import MarketingList, MembershipAction
from syncline.people.models import Touched
from syncline.syncs.contract import Done
from syncline.syncs.running import advance
from tests.syncs.test_undo import undo
from tests.syncs.world import World

ALICE, BOB = "alice@example.com", "bob@example.com"
QUERY = '<fetch><entity name="contact"><attribute name="contactid"/></entity></fetch>'
BROKEN = QUERY.replace(
    "</entity>", '<filter><condition attribute="nothing" operator="eq" value="1"/></filter></entity>'
)


def looked_at(world: World) -> set[str]:
    """Whom a sync looks at: the people who were touched after any of its steps."""
    run: Run = world.start("lists_out")
    found: set[str] = set()
    for _ in range(600):
        answer = advance(str(run.key))
        found.update(Touched.objects.filter(account_id=world.account.pk).values_list("person_key", flat=True))
        if isinstance(answer, Done):
            return found
    raise AssertionError("The run did not end")


def everybody(world: World) -> tuple[str, MarketingList]:
    """A dynamic list with Alice, whom both sides know."""
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    marketing_list = world.add_list("Everybody", query=QUERY)
    world.sync()
    return alice, marketing_list


def first_name(world: World) -> object:
    return world.contact(ALICE).data_fields.get("FIRSTNAME")


def test_nobody_is_looked_at_for_a_list_that_stays_set_aside(world: World) -> None:
    _, marketing_list = everybody(world)
    world.change("lists", marketing_list.list_id, query=BROKEN)
    looked_at(world)
    marketing_list.refresh_from_db()
    assert "cannot be run" in marketing_list.problem
    assert looked_at(world) == set()


def test_what_was_missed_meanwhile_is_carried_over_once_the_list_is_mended(world: World) -> None:
    alice, marketing_list = everybody(world)
    world.change("lists", marketing_list.list_id, query=BROKEN)
    world.sync()
    world.change("contacts", alice, firstname="Alicia")
    assert looked_at(world) == {ALICE}, "she is settled without regard to the list"
    assert first_name(world) == "Alice"
    world.change("lists", marketing_list.list_id, query=QUERY)
    assert looked_at(world) == {ALICE}
    assert first_name(world) == "Alicia"
    assert looked_at(world) == set()


def test_a_setting_that_changed_meanwhile_counts_once_the_list_is_mended(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", firstname="Alice", emailaddress1=ALICE)])
    world.sync()
    bob = world.add("contacts", firstname="Bob", emailaddress1=BOB)
    news.refresh_from_db()
    world.put([ImportRow(email=BOB, lists=[news.address_book_id or 0])])
    world.sync()
    world.change("lists", news.list_id, statecode=1, statuscode=1)
    world.sync()
    MarketingList.objects.filter(pk=news.pk).update(membership_action=MembershipAction.ALLOW_KNOWN)
    assert looked_at(world) == set()
    world.change("lists", news.list_id, statecode=0, statuscode=0)
    assert looked_at(world) == {ALICE, BOB}
    pages = world.crm.list_members(news.list_id)
    assert bob in {row["_entityid_value"] for page in pages for row in page.rows}
    assert looked_at(world) == set()


def test_what_was_undone_stays_so_while_another_list_of_the_person_is_set_aside(world: World) -> None:
    alice, marketing_list = everybody(world)
    world.add_list("News", [alice])
    world.sync()
    world.change("contacts", alice, firstname="Alicia")
    run = world.sync()
    world.change("lists", marketing_list.list_id, query=BROKEN)
    world.sync()
    undo(world, run)
    assert first_name(world) == "Alice"
    world.sync()
    assert first_name(world) == "Alice"
