"""A list that lets new people in makes contacts or leads of whom Dynamics does not know."""

from __future__ import annotations

from typing import Any
from unittest import mock

import httpx2
import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import close_clients
from syncline.dotdigital import ImportRow
from syncline.engine.plans import approve
from syncline.ledger.models import Held, Run, RunStatus
from syncline.lists.models import MarketingList, MembershipAction
from syncline.mapping.models import ConflictRule, CrmField, Direction, FieldMapping, Label, LabelType
from syncline.people.models import CrmRecord
from syncline.syncs.running import advance
from tests.faults.dying import Death
from tests.syncs.world import TABLES, World


def open_list(world: World, of: str = "contacts", name: str = "News", **settings: Any) -> MarketingList:
    """A linked list that lets everybody in."""
    made = world.add_list(name, of=of, membership_action=MembershipAction.ALLOW_NEW, **settings)
    world.sync()
    made.refresh_from_db()
    return made


def enter(world: World, marketing_list: MarketingList, email: str, **fields: Any) -> None:
    world.put([ImportRow(email=email, data_fields=fields, lists=[marketing_list.address_book_id or 0])])


def rows(world: World, set_name: str, *select: str) -> list[dict[str, Any]]:
    pages = world.crm.pages(set_name, select=("emailaddress1", "lastname", *select))
    return [row for page in pages for row in page.rows]


def members(world: World, marketing_list: MarketingList) -> set[str]:
    pages = world.crm.list_members(marketing_list.list_id)
    return {row["_entityid_value"] for page in pages for row in page.rows}


@pytest.mark.parametrize("sync_type", ["lists_in", "lists_out"])
@pytest.mark.parametrize("of", ["contacts", "leads"])
def test_somebody_new_becomes_a_record_and_a_member_in_one_run(world: World, of: str, sync_type: str) -> None:
    news = open_list(world, of)
    enter(world, news, "new.one@example.com", FIRSTNAME="Nia", POSTCODE="AB1 2CD")
    run = world.sync(sync_type)
    subject = ("subject",) if of == "leads" else ()
    [made] = rows(world, of, "firstname", "address1_postalcode", *subject)
    assert made["emailaddress1"] == "new.one@example.com"
    assert (made["firstname"], made["lastname"]) == ("Nia", "new.one")
    assert made["address1_postalcode"] == "AB1 2CD"
    if of == "leads":
        assert made["subject"] == "E-mail contact: new.one@example.com"
    assert members(world, news) == {made[f"{TABLES[of]}id"]}
    told = [(row.action, row.reason, row.result) for row in run.outcomes.filter(side="dynamics")]
    assert told[:2] == [("create", "new_person", "created"), ("create", "known_contact", "created")]


def test_a_plan_says_who_would_be_made_and_is_carried_out_as_approved(world: World) -> None:
    news = open_list(world)
    enter(world, news, "nia@example.com", FIRSTNAME="Nia")
    plan = world.sync("lists_in", plan_only=True)
    assert rows(world, "contacts") == []
    told = [(row.action, row.reason, row.result) for row in plan.outcomes.filter(side="dynamics")]
    assert ("create", "new_person", "planned") in told
    assert ("create", "known_contact", "planned") in told
    run = approve(plan, OPERATOR)
    world.carry_out(run)
    [made] = rows(world, "contacts", "firstname")
    assert made["firstname"] == "Nia"
    assert members(world, news) == {made["contactid"]}


@pytest.mark.parametrize("sync_type", ["lists_in", "lists_out"])
def test_nothing_is_written_the_second_time(world: World, sync_type: str) -> None:
    news = open_list(world)
    enter(world, news, "new@example.com", FIRSTNAME="Nia", LASTNAME="Neal")
    world.sync()
    world.forget_calls()
    world.sync(sync_type)
    assert world.writes() == {}
    assert [row["lastname"] for row in rows(world, "contacts")] == ["Neal"]


def test_a_mapped_name_goes_before_our_own_words(world: World) -> None:
    news = open_list(world)
    enter(world, news, "nia@example.com", LASTNAME="Neal")
    world.sync("lists_in")
    assert [row["lastname"] for row in rows(world, "contacts")] == ["Neal"]


def test_the_topic_of_a_lead_is_cut_to_what_the_column_holds(world: World) -> None:
    CrmField.objects.filter(account=world.account, entity="lead", logical_name="subject").update(
        max_length=20
    )
    news = open_list(world, "leads")
    enter(world, news, "nia@example.com")
    world.sync("lists_in")
    assert [row["subject"] for row in rows(world, "leads", "subject")] == ["E-mail contact: nia@"]


def test_whoever_opted_out_is_not_made_a_record(world: World) -> None:
    news = open_list(world)
    enter(world, news, "gone@example.com")
    world.dd.unsubscribe("gone@example.com")
    enter(world, news, "left@example.com")
    world.unsubscribe_from(news, "left@example.com")
    world.sync("lists_in")
    assert rows(world, "contacts") == []


def test_whom_dynamics_knows_as_a_lead_is_not_made_a_contact(world: World) -> None:
    news = open_list(world)
    world.add("leads", lastname="Lee", emailaddress1="lee@example.com")
    enter(world, news, "lee@example.com")
    run = world.sync("lists_in")
    assert rows(world, "contacts") == []
    assert world.outcomes(run) == [("lee@example.com", "skipped", "other_kind")]


def test_in_two_lists_of_two_kinds_the_first_one_decides(world: World) -> None:
    leads = open_list(world, "leads", "Leads", sync_order=1)
    contacts = open_list(world, "contacts", "Contacts", sync_order=2)
    books = [leads.address_book_id or 0, contacts.address_book_id or 0]
    world.put([ImportRow(email="nia@example.com", lists=books)])
    run = world.sync()
    assert len(rows(world, "leads")) == 1
    assert rows(world, "contacts") == []
    assert ("nia@example.com", "skipped", "other_kind") in world.outcomes(run)


def test_a_list_of_accounts_makes_no_companies_of_people(world: World) -> None:
    news = open_list(world, "accounts")
    enter(world, news, "nia@example.com")
    run = world.sync("lists_in")
    assert [row for page in world.crm.pages("accounts", select=("name",)) for row in page.rows] == []
    assert world.outcomes(run) == [("nia@example.com", "skipped", "not_in_marketing_list")]


def test_a_required_column_that_nothing_fills_holds_the_person_until_something_does(world: World) -> None:
    news = open_list(world)
    CrmField.objects.filter(account=world.account, entity="contact", logical_name="jobtitle").update(
        required="ApplicationRequired"
    )
    enter(world, news, "nia@example.com")
    run = world.sync("lists_in")
    assert run.rejected == 1
    held = Held.objects.get(account=world.account)
    assert held.reason == "required_column"
    assert held.detail == "Dynamics requires Job Title (jobtitle)."
    Label.objects.create(account=world.account, name="JOB", type=LabelType.TEXT)
    FieldMapping.objects.create(
        account=world.account, entity="contact", crm_field="jobtitle", label="JOB", direction=Direction.BOTH
    )
    world.sync("labels")
    enter(world, news, "nia@example.com", JOB="Baker")
    world.sync("lists_in")
    assert [row["jobtitle"] for row in rows(world, "contacts", "jobtitle")] == ["Baker"]
    world.sync()
    assert not Held.objects.filter(account=world.account).exists()


def test_one_refused_row_costs_one_person(world: World) -> None:
    news = open_list(world)
    for name in ("a", "b", "c"):
        enter(world, news, f"{name}@example.com", FIRSTNAME=f"First {name}")
    world.sandbox_dataverse.control.fault("reject_record", match="First b", times=None)
    run = world.sync("lists_in")
    assert run.rejected == 1
    assert sorted(row["emailaddress1"] for row in rows(world, "contacts")) == [
        "a@example.com",
        "c@example.com",
    ]
    assert len(members(world, news)) == 2


def test_whoever_was_deleted_in_dynamics_is_not_made_again_by_itself(world: World) -> None:
    news = open_list(world)
    for email in ("nia@example.com", "ned@example.com"):
        enter(world, news, email)
    world.sync()
    [made] = [row for row in rows(world, "contacts") if row["lastname"] == "nia"]
    world.crm.delete("contacts", made["contactid"])
    world.sync()
    world.sync()
    assert [row["lastname"] for row in rows(world, "contacts")] == ["ned"]
    assert world.in_book(news) == {"ned@example.com"}


def test_a_row_that_has_another_address_by_now_is_left_alone(world: World) -> None:
    news = open_list(world)
    enter(world, news, "nia@example.com")
    world.sync()
    [made] = rows(world, "contacts")
    world.change("contacts", made["contactid"], emailaddress1="nia@elsewhere.example")
    world.sync()
    # As if Syncline had died before it kept the row, and first read it with its new address.
    CrmRecord.objects.filter(record_id=made["contactid"]).update(former_keys="")
    enter(world, news, "nia@example.com")
    run = world.sync()
    assert [row["emailaddress1"] for row in rows(world, "contacts")] == ["nia@elsewhere.example"]
    assert ("nia@example.com", "rejected", "made_before") in world.outcomes(run)


def test_a_lost_answer_makes_nobody_twice(world: World) -> None:
    news = open_list(world)
    enter(world, news, "nia@example.com")
    world.sandbox_dataverse.control.fault("lost_answer", match="CreateMultiple", times=1)
    run = world.sync()
    assert (run.status, run.created, run.rejected) == (RunStatus.COMPLETED, 2, 0)
    assert len(rows(world, "contacts")) == 1
    assert len(members(world, news)) == 1


def test_what_somebody_changed_after_a_lost_answer_stands(world: World) -> None:
    """The worker dies before it hears that Nia was made; somebody mends her name before the next one."""
    news = open_list(world)
    enter(world, news, "nia@example.com", FIRSTNAME="Nia")
    run = world.start("lists_out")
    dies_after(run, "CreateMultiple")
    [made] = rows(world, "contacts", "contactid")
    world.change("contacts", made["contactid"], firstname="Mia", address1_postalcode="AB1 2CD")
    world.carry_out(run)
    [row] = rows(world, "contacts", "firstname", "address1_postalcode")
    assert (row["firstname"], row["address1_postalcode"]) == ("Mia", "AB1 2CD")
    there = world.contact("nia@example.com").data_fields
    assert (there["FIRSTNAME"], there["POSTCODE"]) == ("Mia", "AB1 2CD"), "a change like any other"
    assert members(world, news) == {made["contactid"]}
    world.forget_calls()
    world.sync()
    assert world.writes() == {}


def test_who_refuses_mail_after_a_lost_answer_does_so_still(world: World) -> None:
    news = open_list(world)
    enter(world, news, "nia@example.com", FIRSTNAME="Nia")
    run = world.start("lists_out")
    dies_after(run, "CreateMultiple")
    [made] = rows(world, "contacts", "contactid")
    world.change("contacts", made["contactid"], donotbulkemail=True)
    world.carry_out(run)
    assert rows(world, "contacts", "donotbulkemail")[0]["donotbulkemail"] is True
    assert world.in_book(news) == set()


def test_many_new_people_are_made_by_one_call(world: World) -> None:
    news = open_list(world)
    for number in range(30):
        enter(world, news, f"p{number}@example.com")
    world.forget_calls()
    world.sync("lists_in")
    assert len(rows(world, "contacts")) == 30
    calls = {route: count for route, count in world.writes().items() if "CreateMultiple" in route}
    assert list(calls.values()) == [1]
    assert not [route for route in world.writes() if "batch" in route]


def dies_after(run: Run, call: str) -> None:
    """Carry a run on until its worker dies with the answer to a call that it will never have heard."""
    send = httpx2.Client.send

    def send_and_die(client: httpx2.Client, request: httpx2.Request, **more: Any) -> httpx2.Response:
        answer = send(client, request, **more)
        if request.url.path.endswith(call):
            raise Death
        return answer

    with mock.patch.object(httpx2.Client, "send", send_and_die), pytest.raises(Death):
        for _ in range(600):
            advance(str(run.key))
    close_clients()


def test_a_former_address_of_somebody_who_wants_no_mail_is_nobody_new(world: World) -> None:
    ann = world.add("contacts", firstname="Ann", emailaddress1="ann.old@example.com")
    news = open_list(world)
    # Dotdigital has a contact for either address, so the old one stays behind when Ann moves.
    for email in ("ann.old@example.com", "ann.new@example.com"):
        world.put([ImportRow(email=email)])
    world.sync()
    world.change("contacts", ann, emailaddress1="ann.new@example.com", donotbulkemail=True)
    world.sync()
    enter(world, news, "ann.old@example.com")
    run = world.sync()
    assert [row["contactid"] for row in rows(world, "contacts", "contactid")] == [ann]
    assert ("ann.old@example.com", "skipped", "former_address") in world.outcomes(run)
    world.add("contacts", firstname="Another Ann", emailaddress1="ann.old@example.com")
    world.sync()
    assert len(members(world, news)) == 1, "somebody with a record of their own comes in"


def test_a_no_to_a_mark_is_not_written_where_it_might_take_back_a_yes(world: World) -> None:
    """Dynamics says No of a new row by itself, or begins it with a Yes that is not ours to take back."""
    Label.objects.create(account=world.account, name="NO_CALLS", type=LabelType.YES_NO)
    FieldMapping.objects.create(
        account=world.account,
        entity="contact",
        crm_field="donotphone",
        label="NO_CALLS",
        conflict_rule=ConflictRule.MOST_RESTRICTIVE_WINS,
    )
    world.sync("labels")
    news = open_list(world)
    enter(world, news, "nia@example.com", NO_CALLS=False)
    enter(world, news, "ned@example.com", NO_CALLS=True)
    run = world.sync()
    marks = {row["emailaddress1"]: row["donotphone"] for row in rows(world, "contacts", "donotphone")}
    assert marks == {"nia@example.com": False, "ned@example.com": True}
    made = run.outcomes.filter(reason="new_person").values_list("person_key", "fields")
    assert {key: "donotphone" in fields for key, fields in made} == {
        "nia@example.com": False,
        "ned@example.com": True,
    }
    world.forget_calls()
    world.sync()
    assert world.writes() == {}
