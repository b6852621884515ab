"""Marketing lists reach Dotdigital: members, values, kinds of lists, and what happens the second time."""

from __future__ import annotations

import pytest

from syncline.ledger.models import Held, Run, RunPart, RunStatus
from syncline.lists.models import MembershipAction
from syncline.mapping.models import FieldMapping
from tests.syncs.world import World


def person(name: str, **more: object) -> dict[str, object]:
    return {"firstname": name, "lastname": "Hall", "emailaddress1": f"{name.lower()}@example.com", **more}


def test_members_arrive_with_their_values_and_in_their_list(world: World) -> None:
    alice = world.add("contacts", **person("Alice", address1_postalcode="AB1 2CD"))
    bob = world.add("contacts", **person("Bob"))
    news = world.add_list("News", [alice, bob])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED, run.message
    assert (run.read, run.created) == (2, 2)
    assert world.in_book(news) == {"alice@example.com", "bob@example.com"}
    values = world.contacts()["alice@example.com"].data_fields
    assert values["FIRSTNAME"] == "Alice"
    assert values["FULLNAME"] == "Alice Hall"
    assert values["POSTCODE"] == "AB1 2CD"
    part = RunPart.objects.get(run=run)
    assert (part.name, part.audit_type, part.created) == ("News", "MarketingListsDataOut", 2)


def test_the_second_run_writes_nothing(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    world.sync()
    world.forget_calls()
    run = world.sync()
    assert world.writes() == {}
    assert run.read == 0
    assert run.message == "No new objects to sync"


def test_only_changes_are_sent(world: World) -> None:
    ids = [world.add("contacts", **person(name)) for name in ("Alice", "Bob", "Carol")]
    world.add_list("News", ids)
    world.sync()
    world.change("contacts", ids[1], firstname="Robert")
    run = world.sync()
    assert world.outcomes(run) == [("bob@example.com", "updated", "")]
    assert world.contacts()["bob@example.com"].data_fields["FIRSTNAME"] == "Robert"


def test_leads_and_accounts_are_members_too(world: World) -> None:
    lead = world.add("leads", **person("Leo"))
    company = world.add("accounts", name="Fabrikam", emailaddress1="office@fabrikam.example")
    leads = world.add_list("Leads", [lead], of="leads")
    companies = world.add_list("Companies", [company], of="accounts")
    run = world.sync()
    assert run.created == 2
    assert world.in_book(leads) == {"leo@example.com"}
    assert world.in_book(companies) == {"office@fabrikam.example"}
    assert world.contacts()["office@fabrikam.example"].data_fields["FULLNAME"] == "Fabrikam"


def test_a_dynamic_list_follows_its_query(world: World) -> None:
    ids = {name: world.add("contacts", **person(name, address1_city="Leeds")) for name in ("Alice", "Bob")}
    query = (
        '<fetch><entity name="contact"><attribute name="contactid"/><filter>'
        '<condition attribute="address1_city" operator="eq" value="Leeds"/></filter></entity></fetch>'
    )
    leeds = world.add_list("Leeds", query=query)
    world.sync()
    assert world.in_book(leeds) == {"alice@example.com", "bob@example.com"}
    world.change("contacts", ids["Bob"], address1_city="York")
    run = world.sync()
    assert world.in_book(leeds) == {"alice@example.com"}
    assert world.outcomes(run) == [("bob@example.com", "removed", "left_marketing_list")]


def test_leaving_and_joining_a_static_list(world: World) -> None:
    alice, bob = (world.add("contacts", **person(name)) for name in ("Alice", "Bob"))
    news = world.add_list("News", [alice])
    world.sync()
    world.crm.remove_list_member(news.list_id, alice)
    world.crm.add_list_members(news.list_id, "contact", [bob])
    run = world.sync()
    assert (run.created, run.removed) == (1, 1)
    assert world.in_book(news) == {"bob@example.com"}


def test_someone_in_several_lists_is_sent_once(world: World) -> None:
    alice = world.add("contacts", **person("Alice"))
    lists = [world.add_list(f"List {n}", [alice], sync_order=n) for n in (3, 1, 2)]
    world.forget_calls()
    run = world.sync()
    assert world.writes()["PUT /contacts/v3/import"] == 1
    assert run.created == 3
    for one in lists:
        assert world.in_book(one) == {"alice@example.com"}
    assert list(run.parts.values_list("name", flat=True)) == ["List 1", "List 2", "List 3"]


def test_a_list_of_the_same_name_is_linked_and_not_made_again(world: World) -> None:
    book = world.dd.create_address_book("news")
    news = world.add_list("News", [world.add("contacts", **person("Alice"))])
    world.sync()
    news.refresh_from_db()
    assert news.address_book_id == book.id


def test_of_two_lists_of_one_name_the_second_is_not_linked_to_the_same(world: World) -> None:
    alice, bob = (world.add("contacts", **person(name)) for name in ("Alice", "Bob"))
    first, second = world.add_list("News", [alice], sync_order=1), world.add_list("news", [bob], sync_order=2)
    run = world.sync()
    second.refresh_from_db()
    assert second.address_book_id is None
    assert "is linked to the marketing list “News” already" in second.problem
    assert run.message.startswith("news: The Dotdigital list “News” is linked")
    assert world.in_book(first) == {"alice@example.com"}


@pytest.mark.parametrize("name", ["Test", "All contacts"])
def test_reserved_names_are_refused_with_a_remedy(world: World, name: str) -> None:
    world.add_list(name, [world.add("contacts", **person("Alice"))])
    other = world.add_list("News", [world.add("contacts", **person("Bob"))])
    run = world.sync()
    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert "Rename the marketing list" in RunPart.objects.get(run=run, name=name).message
    assert world.in_book(other) == {"bob@example.com"}


def test_people_without_or_with_bad_addresses_are_told_and_the_rest_goes_on(world: World) -> None:
    ids = [
        world.add("contacts", firstname="Nobody", lastname="Here"),
        world.add("contacts", firstname="Broken", emailaddress1="not an address"),
        world.add("contacts", **person("Alice")),
    ]
    news = world.add_list("News", ids)
    run = world.sync()
    assert sorted(reason for _, _, reason in world.outcomes(run)) == ["", "invalid_address", "no_address"]
    assert (run.read, run.created, run.skipped) == (3, 1, 2)
    assert world.in_book(news) == {"alice@example.com"}


def test_addresses_that_differ_in_case_are_one_person(world: World) -> None:
    first = world.add("contacts", firstname="Alice", emailaddress1="Alice@Example.com")
    second = world.add("contacts", firstname="Alice", emailaddress1=" alice@example.COM ")
    news = world.add_list("News", [first, second])
    run = world.sync()
    assert run.created == 1
    assert {reason for _, _, reason in world.outcomes(run)} == {"", "shared_address"}
    assert world.in_book(news) == {"alice@example.com"}


def test_one_value_that_cannot_be_carried_costs_one_record(world: World) -> None:
    FieldMapping.objects.create(
        account=world.account, entity="contact", crm_field="description", label="NOTES_CRM"
    )
    world.account.labels.create(name="NOTES_CRM", type="String")
    ids = [
        world.add("contacts", **person("Alice", description="x" * 1001)),
        world.add("contacts", **person("Bob", description="short 😀 שלום")),
    ]
    news = world.add_list("News", ids)
    run = world.sync()
    assert (run.created, run.rejected) == (1, 1)
    held = Held.objects.get(account=world.account)
    assert held.person_key == "alice@example.com"
    assert "1,000" in held.detail or "1000" in held.detail
    assert world.in_book(news) == {"bob@example.com"}
    world.change("contacts", ids[0], description="short now")
    assert world.sync().created == 1
    assert not Held.objects.filter(account=world.account).exists()


def test_a_label_that_fails_keeps_the_lists_from_starting(world: World) -> None:
    world.account.labels.create(name="EMAIL", type="String")
    FieldMapping.objects.create(account=world.account, entity="contact", crm_field="jobtitle", label="EMAIL")
    world.add_list("News", [world.add("contacts", **person("Alice", jobtitle="Buyer"))])
    run = world.sync()
    assert run.status == RunStatus.FAILED
    assert run.message == "Marketing list sync didn't start as Data Label sync failed"
    assert world.contacts() == {}


def test_strangers_are_removed_where_the_list_says_so(world: World) -> None:
    from syncline.dotdigital import ImportRow

    book = world.dd.create_address_book("News")
    world.put([ImportRow(email="stranger@example.com", lists=[book.id])])
    news = world.add_list(
        "News", [world.add("contacts", **person("Alice"))], membership_action=MembershipAction.REMOVE
    )
    world.sync()
    assert world.in_book(news) == {"alice@example.com"}


def test_a_plan_shows_everything_and_writes_nothing(world: World) -> None:
    alice = world.add("contacts", **person("Alice"))
    world.add_list("News", [alice])
    world.forget_calls()
    plan = world.sync(plan_only=True)
    assert world.writes() == {}
    assert plan.created == 1
    assert world.outcomes(plan) == [("alice@example.com", "planned", "")]
    run = world.sync()
    assert run.created == 1


def test_the_columns_of_dynamics_are_read_first_where_that_was_never_done(world: World) -> None:
    world.account.crm_fields.all().delete()
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    world.sync()
    assert world.contacts()["alice@example.com"].data_fields["FIRSTNAME"] == "Alice"
    inner = Run.objects.filter(account=world.account, sync_type="crm_metadata").latest("pk")
    assert inner.status == RunStatus.COMPLETED
