"""A plan is approved, and then exactly it is carried out; what changed in between is left out and told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import AdminLogEntry
from syncline.dotdigital import ImportRow
from syncline.engine.plans import PlanProblem, approve, discard, start_plan
from syncline.ledger.models import Approval, Outcome, PlanItem, Purpose, Run, RunStatus
from syncline.lists.models import MembershipAction
from syncline.people.models import Touched
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

MAYA = Actor("maya@northwind.example", "203.0.113.7")


def person(name: str, **more: object) -> dict[str, object]:
    return {"firstname": name, "lastname": "Hall", "emailaddress1": f"{name.lower()}@example.com", **more}


def make_plan(world: World, sync_type: str = "lists_out") -> Run:
    return world.carry_out(start_plan(world.account, sync_type, "maya"))


def carry_out(world: World, plan: Run) -> Run:
    return world.carry_out(approve(plan, MAYA))


def told(run: Run) -> dict[str, set[str]]:
    """Result → addresses."""
    found: dict[str, set[str]] = {}
    for row in Outcome.objects.filter(run=run):
        found.setdefault(row.result, set()).add(row.person_key)
    return found


def test_a_plan_waits_for_approval_and_holds_each_decision(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    assert (plan.status, plan.approval) == (RunStatus.COMPLETED, Approval.WAITING)
    assert list(PlanItem.objects.filter(run=plan).values_list("key", flat=True)) == ["alice@example.com"]
    [row] = Outcome.objects.filter(run=plan)
    assert (row.result, row.membership) == ("planned", "joined")
    assert '"FIRSTNAME":[null,"Alice"]' in row.fields


def test_what_is_approved_is_carried_out(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", **person("Alice"))])
    run = carry_out(world, make_plan(world))
    assert (run.purpose, run.status, run.created) == (Purpose.EXECUTE, RunStatus.COMPLETED, 1)
    assert world.in_book(news) == {"alice@example.com"}
    assert Outcome.objects.get(run=run).membership == "joined"
    assert not Touched.objects.exists()
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_people_who_are_not_in_the_plan_are_not_written_and_go_along_later(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    world.crm.add_list_members(news.list_id, "contact", [world.add("contacts", **person("Bob"))])
    run = carry_out(world, plan)
    assert world.in_book(news) == {"alice@example.com"}
    assert told(run) == {"created": {"alice@example.com"}}
    world.sync()
    assert world.in_book(news) == {"alice@example.com", "bob@example.com"}


def test_who_changed_in_between_is_left_out_with_the_reason(world: World) -> None:
    alice, bob = (world.add("contacts", **person(name)) for name in ("Alice", "Bob"))
    news = world.add_list("News", [alice, bob])
    plan = make_plan(world)
    world.change("contacts", alice, lastname="Liddell")
    run = carry_out(world, plan)
    assert world.in_book(news) == {"bob@example.com"}
    assert ("alice@example.com", "skipped", "changed_since_plan") in world.outcomes(run)
    assert run.message == "1 record was left out, for it has changed since the plan was made"
    world.sync()
    assert world.contacts()["alice@example.com"].data_fields["LASTNAME"] == "Liddell"


def test_what_both_sides_agree_on_by_now_counts_as_unchanged(world: World) -> None:
    alice = world.add("contacts", **person("Alice"))
    world.add_list("News", [alice, world.add("contacts", **person("Bob"))])
    world.sync()
    world.change("contacts", alice, lastname="Liddell")
    plan = make_plan(world)
    world.sync()
    world.forget_calls()
    run = carry_out(world, plan)
    assert world.writes() == {}
    assert world.outcomes(run) == [("alice@example.com", "unchanged", "")]


def test_the_consent_gate_is_asked_anew(world: World) -> None:
    news = world.add_list("News", [world.add("contacts", **person("Alice"))])
    world.put([ImportRow(email="alice@example.com")])
    plan = make_plan(world)
    world.dd.suppress(["alice@example.com"])
    run = carry_out(world, plan)
    assert world.in_book(news) == set()
    assert world.outcomes(run) == [("alice@example.com", "skipped", "suppressed")]


def test_both_passes_are_planned_and_carried_out(world: World) -> None:
    """Dotdigital's newer value goes to Dynamics; the full name that Dynamics computes follows later."""
    alice = world.add("contacts", **person("Alice"))
    world.add_list("News", [alice])
    world.sync()
    world.put([ImportRow(email="alice@example.com", data_fields={"FIRSTNAME": "Alicia"})])
    plan = make_plan(world)
    run = carry_out(world, plan)
    assert world.crm_row("contacts", alice, "firstname")["firstname"] == "Alicia"
    assert ("alice@example.com", "skipped", "follows_later") in world.outcomes(run)
    world.sync()
    assert world.contacts()["alice@example.com"].data_fields["FULLNAME"].startswith("Alicia")


def test_who_is_let_into_a_marketing_list_is_planned_with_their_values(world: World) -> None:
    alice = world.add("contacts", **person("Alice"))
    news = world.add_list("News", [alice], membership_action=MembershipAction.ALLOW_KNOWN)
    bob = world.add("contacts", **person("Bob"))
    world.sync()
    world.put([ImportRow(email="bob@example.com", lists=[fresh_book(world, news)])])
    plan = make_plan(world)
    [row] = Outcome.objects.filter(run=plan, side="dynamics")
    assert (row.person_key, row.result, row.membership) == ("bob@example.com", "planned", "joined")
    assert '"FIRSTNAME":[null,"Bob"]' in "".join(
        Outcome.objects.filter(run=plan).values_list("fields", flat=True)
    )
    carry_out(world, plan)
    members = {row["_entityid_value"] for page in world.crm.list_members(news.list_id) for row in page.rows}
    assert members == {alice, bob}
    assert world.contacts()["bob@example.com"].data_fields["FIRSTNAME"] == "Bob"
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def fresh_book(world: World, marketing_list) -> int:  # type: ignore[no-untyped-def]
    marketing_list.refresh_from_db()
    return int(marketing_list.address_book_id)


def test_a_plan_that_would_change_nothing_waits_for_nobody(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    world.sync()
    plan = make_plan(world)
    assert plan.approval == Approval.NONE
    with pytest.raises(PlanProblem, match="would change nothing"):
        approve(plan, MAYA)


def test_a_plan_is_used_once(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    approve(plan, MAYA)
    with pytest.raises(PlanProblem, match="approved already, by maya"):
        approve(plan, MAYA)
    with pytest.raises(PlanProblem):
        discard(plan, MAYA)
    assert Run.objects.filter(subject=plan).count() == 1


def test_an_old_plan_has_to_be_made_anew(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    Run.objects.filter(pk=plan.pk).update(ended_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(PlanProblem, match="older than 24 hours") as caught:
        approve(plan, MAYA)
    assert caught.value.code == "too_old"
    discard(plan, MAYA)


def test_a_run_that_is_no_plan_cannot_be_approved(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    with pytest.raises(PlanProblem, match="is no plan"):
        approve(world.sync(), MAYA)


def test_approval_and_discarding_are_in_the_admin_log(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    discard(make_plan(world), MAYA)
    plan = make_plan(world)
    approve(plan, MAYA)
    rows = AdminLogEntry.objects.filter(account=world.account, action__startswith="plan").order_by("pk")
    assert [(row.actor, row.origin, row.action) for row in rows] == [
        ("maya@northwind.example", "203.0.113.7", "plan discarded"),
        ("maya@northwind.example", "203.0.113.7", "plan approved"),
    ]
    assert rows[1].after == {"plan": plan.pk, "sync_type": "lists_out"}


def test_a_list_that_was_activated_after_the_plan_is_not_made_by_it(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    world.add_list("Offers", [world.add("contacts", **person("Bob"))])
    carry_out(world, plan)
    assert {book.name for book in world.dd.address_books()} & {"News", "Offers"} == {"News"}


def test_a_plan_waits_until_its_labels_are_in_dotdigital(world: World) -> None:
    world.add_list("News", [world.add("contacts", **person("Alice"))])
    plan = make_plan(world)
    world.account.labels.filter(name="POSTCODE").update(in_dotdigital=False)
    with pytest.raises(PlanProblem, match="POSTCODE"):
        approve(plan, MAYA)
    world.sync("labels")
    assert carry_out(world, plan).status == RunStatus.COMPLETED


# Labels and columns, by name.


def test_new_labels_are_planned_and_made_once_approved(world: World) -> None:
    world.account.labels.create(name="SHOESIZE", type="Numeric")
    world.dd.create_data_field("HOBBY", "String")
    plan = make_plan(world, "labels")
    assert told(plan)["planned"] == {"SHOESIZE", "HOBBY"}
    assert "SHOESIZE" not in {field.name for field in world.dd.data_fields()}
    run = carry_out(world, plan)
    assert (run.purpose, run.status, run.created) == (Purpose.EXECUTE, RunStatus.COMPLETED, 2)
    assert "SHOESIZE" in {field.name for field in world.dd.data_fields()}
    assert world.account.labels.filter(name="HOBBY", in_dotdigital=True).exists()


def test_only_approved_labels_are_made_and_changed_ones_are_left_out(world: World) -> None:
    shoes = world.account.labels.create(name="SHOESIZE", type="Numeric")
    plan = make_plan(world, "labels")
    shoes.type = "Text"
    shoes.save()
    world.account.labels.create(name="HATSIZE", type="Numeric")
    world.forget_calls()
    run = carry_out(world, plan)
    assert world.writes() == {}
    assert world.outcomes(run) == [("SHOESIZE", "skipped", "changed_since_plan")]
    assert run.message == "1 record was left out, for it has changed since the plan was made"


def test_a_label_that_is_there_by_now_counts_as_unchanged(world: World) -> None:
    world.account.labels.create(name="SHOESIZE", type="Numeric")
    plan = make_plan(world, "labels")
    world.sync("labels")
    run = carry_out(world, plan)
    assert (run.read, run.unchanged) == (1, 1)


def test_columns_are_planned_and_taken_over_once_approved(world: World) -> None:
    fields = world.account.crm_fields
    fields.filter(logical_name="firstname").delete()
    fields.filter(entity="contact", logical_name="lastname").update(display_name="Surname")
    plan = make_plan(world, "crm_metadata")
    assert told(plan) == {"planned": {"firstname", "lastname"}}
    fields.filter(entity="contact", logical_name="lastname").update(display_name="Family name")
    run = carry_out(world, plan)
    assert fields.filter(entity="contact", logical_name="firstname").exists()
    assert ("lastname", "skipped", "changed_since_plan") in world.outcomes(run)
    assert fields.get(entity="contact", logical_name="lastname").display_name == "Family name"


# People who come in from Dotdigital.


def test_what_comes_in_is_planned_and_taken_over_once_approved(world: World) -> None:
    alice = world.add("contacts", **person("Alice"))
    world.add_list("News", [alice])
    world.sync()
    world.put([ImportRow(email="alice@example.com", data_fields={"LASTNAME": "Liddell"})])
    plan = make_plan(world, "lists_in")
    assert told(plan)["planned"] == {"alice@example.com"}
    run = carry_out(world, plan)
    assert (run.sync_type, run.status) == ("lists_in", RunStatus.COMPLETED)
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Liddell"
