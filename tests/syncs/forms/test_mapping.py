"""Answers reach contacts and leads by the mapping of the form, and nobody becomes a record past the gate."""

from __future__ import annotations

from typing import Any

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.dotdigital import ImportRow
from syncline.engine.replay import replay
from syncline.forms.mapping import FormMappingRefusedError, WantedField, lines_of, save_form_mapping
from syncline.forms.models import UnappliedResponse
from syncline.ledger.models import Held, Outcome, Run, RunStatus
from syncline.onboarding.erasing import erase
from tests.syncs.consent.scene import put_on_crm_list
from tests.syncs.forms.scene import ALICE, BOB, CAROL, MONDAY, Scene
from tests.syncs.forms.scene import said as said_at

DAN = "dan@example.com"
LATER = "2026-03-05T13:00:00Z"
CONTACT = {"contact.address1_city": "Town", "contact.description": "Gear"}
LEAD = {"lead.address1_city": "Town"}


def said(email: str | None, at: str = "2026-03-05T12:30:00Z", /, **answers: Any) -> Any:
    """After the first sync and before the one that the test looks at."""
    return said_at(email, at, **answers)


def mapped(scene: Scene, creates: str = "", /, **columns: str) -> int:
    """A form that was synced once, and mapped then: `table.column` → question."""
    walk = scene.form()
    scene.sync()
    remap(scene, creates, columns or {**CONTACT, **LEAD})
    scene.control.set_clock(LATER)
    return walk


def remap(scene: Scene, creates: str, columns: dict[str, str]) -> bool:
    form = scene.known("Walk")
    numbers = {words: (question, line) for question, line, words in lines_of(form)}
    wanted = [
        WantedField(
            table=name.partition(".")[0],
            column=name.partition(".")[2],
            question=numbers[text][0],
            line=numbers[text][1],
        )
        for name, text in columns.items()
    ]
    return save_form_mapping(form, creates, wanted, by=OPERATOR)


def row(scene: Scene, set_: str, id_: str, *columns: str) -> dict[str, Any]:
    found = scene.world.crm.get(set_, id_, select=columns)
    return {column: found.get(column) for column in columns}


def everybody(scene: Scene, set_: str = "contacts") -> list[dict[str, Any]]:
    return [one for page in scene.world.crm.pages(set_, select=["emailaddress1"]) for one in page.rows]


def outcomes(run: Run) -> list[tuple[str, str, str, str]]:
    rows = Outcome.objects.filter(run=run).exclude(entity="form").order_by("person_key")
    return [(one.person_key, one.entity, one.result, one.reason) for one in rows]


def test_an_answer_updates_the_contact_or_lead_with_the_address(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE, firstname="Alice", address1_city="Rome")
    bob = scene.world.add("leads", emailaddress1=BOB, lastname="Bob")
    walk = mapped(scene)
    scene.answer(walk, said(ALICE, town="Bath", gear=["Tent", "Rope"]), said(BOB, town="York"))
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert row(scene, "contacts", alice, "address1_city", "description", "firstname") == {
        "address1_city": "Bath",
        "description": "Tent, Rope",
        "firstname": "Alice",
    }
    assert row(scene, "leads", bob, "address1_city")["address1_city"] == "York"
    assert outcomes(run) == [(ALICE, "contact", "updated", ""), (BOB, "lead", "updated", "")]
    fields = Outcome.objects.get(run=run, person_key=ALICE).fields
    assert '"address1_city":["Rome","Bath"]' in fields.replace(" ", "")
    scene.world.forget_calls()
    assert scene.sync().updated == 0
    assert scene.world.writes() == {}


def test_of_two_responses_the_later_stands_and_a_blank_overwrites_nothing(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    walk = mapped(scene)
    scene.answer(
        walk,
        said(ALICE, "2026-03-05T12:50:00Z", town="York"),
        said(ALICE, "2026-03-05T12:40:00Z", town="Bath", gear=["Tent"]),
        said(ALICE, "2026-03-05T12:55:00Z"),
    )
    scene.sync()
    assert row(scene, "contacts", alice, "address1_city", "description") == {
        "address1_city": "York",
        "description": "Tent",
    }


def test_what_is_there_already_is_not_written_again(scene: Scene) -> None:
    scene.world.add("contacts", emailaddress1=ALICE, address1_city="Bath")
    walk = mapped(scene)
    scene.answer(walk, said(ALICE, town="Bath"))
    scene.world.forget_calls()
    scene.sync()
    assert not [call for call in scene.world.writes() if "/contacts" in call]
    assert not UnappliedResponse.objects.exists()


def test_only_responses_that_come_after_the_mapping_count(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    scene.form("Walk", said(ALICE, MONDAY, town="Bath"))
    scene.sync()
    remap(scene, "", CONTACT)
    scene.control.set_clock(LATER)
    scene.sync()
    assert row(scene, "contacts", alice, "address1_city")["address1_city"] is None


def test_without_a_mapping_dynamics_is_not_asked_about_people(scene: Scene) -> None:
    walk = scene.form()
    scene.sync()
    scene.control.set_clock(LATER)
    scene.answer(walk, said(ALICE, town="Bath"))
    scene.world.forget_calls()
    scene.sync()
    routes = scene.world.sandbox_dataverse.control.journal()["routes"]
    assert not [route for route in routes if "contacts" in route or "leads" in route]


@pytest.mark.parametrize(("table", "set_"), [("contact", "contacts"), ("lead", "leads")])
def test_a_stranger_becomes_a_contact_or_lead_where_the_form_says_so(
    scene: Scene, table: str, set_: str
) -> None:
    walk = mapped(scene, table, **{f"{table}.address1_city": "Town"})
    scene.answer(walk, said(ALICE, town="Bath"), said(None, town="York"))
    run = scene.sync()
    assert (ALICE, table, "created", "new_person") in outcomes(run)
    columns = ("emailaddress1", "address1_city", "lastname")
    (made,) = [one for page in scene.world.crm.pages(set_, select=columns) for one in page.rows]
    assert [made[column] for column in columns] == [ALICE, "Bath", "alice"]
    linked = scene.links()[ALICE]
    assert made[f"{table}id"] in linked, "the response is linked in the same run"
    scene.answer(walk, said(ALICE, "2026-03-05T12:59:00Z", town="York"))
    run = scene.sync()
    assert outcomes(run) == [(ALICE, table, "updated", "")]
    assert row(scene, set_, made[f"{table}id"], "address1_city")["address1_city"] == "York"


def test_a_stranger_is_let_alone_where_the_form_makes_nobody(scene: Scene) -> None:
    walk = mapped(scene)
    scene.answer(walk, said(ALICE, town="Bath"))
    run = scene.sync()
    assert outcomes(run) == [(ALICE, "", "skipped", "unknown_person")]
    assert not UnappliedResponse.objects.exists()
    assert scene.who() == [ALICE], "the response itself is there"


@pytest.mark.parametrize("status", ["Unsubscribed", "HardBounced", "IspComplained"])
def test_nobody_who_is_stopped_becomes_a_record(scene: Scene, status: str) -> None:
    """A new record says nothing against mail, so whoever must not be mailed does not become one."""
    scene.control.seed(contacts=[{"email": ALICE, "status": status}])
    scene.know()
    walk = mapped(scene, "contact")
    scene.answer(walk, said(ALICE, town="Bath"), said(BOB, town="York"))
    run = scene.sync()
    told = {key: (result, reason) for key, _, result, reason in outcomes(run)}
    assert told == {ALICE: ("skipped", "suppressed"), BOB: ("created", "new_person")}
    pages = scene.world.crm.pages("contacts", select=["emailaddress1"])
    assert [one["emailaddress1"] for page in pages for one in page.rows] == [BOB]


def test_whom_no_sync_has_read_yet_is_read_before_they_become_a_record(scene: Scene) -> None:
    """Alice bounced, Bob left, Carol was put on the CRM list by hand: nothing here has heard of that."""
    scene.control.seed(contacts=[{"email": ALICE, "status": "HardBounced"}])
    scene.world.put([ImportRow(email=BOB)])
    walk = mapped(scene, "contact")
    scene.world.dd.unsubscribe(BOB)
    put_on_crm_list(scene.world, CAROL)
    scene.answer(walk, *(said(email, town="Bath") for email in (ALICE, BOB, CAROL, DAN)))
    run = scene.sync()
    told = {key: (result, reason) for key, _, result, reason in outcomes(run)}
    assert told == {
        ALICE: ("skipped", "suppressed"),
        BOB: ("skipped", "suppressed"),
        CAROL: ("skipped", "on_crm_list"),
        DAN: ("created", "new_person"),
    }
    assert [one["emailaddress1"] for one in everybody(scene)] == [DAN]


def test_who_comes_back_by_the_form_itself_becomes_a_record(scene: Scene) -> None:
    """What was known of them is from before they came back. Where the address is on the CRM list too, it has
    to be off that first, which is for Suppressions to do.
    """
    EmailAccount.objects.filter(pk=scene.world.account.pk).update(keep_crm_suppression_list=False)
    scene.world.put([ImportRow(email=ALICE)])
    scene.world.dd.unsubscribe(ALICE)
    scene.know()
    walk = mapped(scene, "contact")
    scene.world.resubscribe(ALICE)
    scene.answer(walk, said(ALICE, town="Bath"))
    assert outcomes(scene.sync()) == [(ALICE, "contact", "created", "new_person")]


def test_dotdigital_is_not_asked_about_people_whom_dynamics_knows(scene: Scene) -> None:
    scene.world.add("contacts", emailaddress1=ALICE)
    walk = mapped(scene, "contact")
    scene.answer(walk, said(ALICE, town="Bath"))
    scene.world.forget_calls()
    scene.sync()
    assert not [route for route in scene.calls() if "contacts" in route]


def test_nobody_becomes_a_record_while_a_table_that_may_hold_them_is_shut(scene: Scene) -> None:
    """A lead with a mark may be in it. Who is known is updated, and the others follow by themselves."""
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    scene.world.add("leads", emailaddress1=BOB, lastname="Bob", donotbulkemail=True)
    walk = mapped(scene, "contact")
    scene.answer(walk, said(ALICE, town="Bath"), said(BOB, town="York"), said(DAN, town="Leeds"))
    control = scene.world.sandbox_dataverse.control
    control.fault("status", status=403, route="GET /leads*", times=None)
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 2)
    told = {key: (result, reason) for key, _, result, reason in outcomes(run)}
    assert told == {
        ALICE: ("updated", ""),
        BOB: ("rejected", "people_unreadable"),
        DAN: ("rejected", "people_unreadable"),
    }
    assert row(scene, "contacts", alice, "address1_city")["address1_city"] == "Bath"
    assert "leads" in Held.objects.get(person_key=DAN).detail

    control.clear_faults()
    told = {key: (entity, result) for key, entity, result, _ in outcomes(scene.sync())}
    assert told == {BOB: ("lead", "updated"), DAN: ("contact", "created")}
    assert not Held.objects.exists()


def test_a_table_that_may_not_be_read_costs_its_own_people(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    bob = scene.world.add("leads", emailaddress1=BOB, lastname="Bob")
    scene.know()
    walk = mapped(scene)
    scene.answer(walk, said(ALICE, town="Bath"), said(BOB, town="York"))
    control = scene.world.sandbox_dataverse.control
    control.fault("status", status=403, route="GET /contacts*", times=None)
    run = scene.sync()
    assert outcomes(run) == [(ALICE, "", "rejected", "people_unreadable"), (BOB, "lead", "updated", "")]
    assert row(scene, "leads", bob, "address1_city")["address1_city"] == "York"
    control.clear_faults()
    assert outcomes(scene.sync()) == [(ALICE, "contact", "updated", "")]
    assert row(scene, "contacts", alice, "address1_city")["address1_city"] == "Bath"


def test_whoever_is_stopped_and_known_is_updated_and_stays_stopped(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE, donotbulkemail=True)
    scene.know()
    walk = mapped(scene, "contact")
    scene.answer(walk, said(ALICE, town="Bath"))
    scene.sync()
    assert row(scene, "contacts", alice, "address1_city", "donotbulkemail") == {
        "address1_city": "Bath",
        "donotbulkemail": True,
    }


def test_a_record_that_is_not_active_is_let_alone(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE, statecode=1)
    walk = mapped(scene, "contact")
    scene.answer(walk, said(ALICE, town="Bath"))
    run = scene.sync()
    assert outcomes(run) == [(ALICE, "", "skipped", "not_active")]
    assert row(scene, "contacts", alice, "address1_city")["address1_city"] is None


def test_an_answer_that_does_not_fit_is_held_with_the_reason_and_replays(scene: Scene) -> None:
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    bob = scene.world.add("contacts", emailaddress1=BOB)
    walk = mapped(scene, **{"contact.numberofchildren": "Town"})
    scene.answer(walk, said(ALICE, town="three"), said(BOB, town="3"))
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    assert row(scene, "contacts", bob, "numberofchildren")["numberofchildren"] == 3
    held = Held.objects.get()
    assert (held.sync_type, held.person_key, held.reason) == ("forms", ALICE, "conversion")
    remap(scene, "", {"contact.address1_city": "Town"})
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    run = scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert (run.status, run.rejected) == (RunStatus.COMPLETED, 0)
    assert row(scene, "contacts", alice, "address1_city")["address1_city"] == "three"
    assert not Held.objects.exists() and not UnappliedResponse.objects.exists()


@pytest.mark.parametrize(
    "refused", ["Poisonville", '"address1_city":"Poisonville"'], ids=["the response itself", "its record"]
)
def test_a_held_answer_that_was_overtaken_does_not_come_back(scene: Scene, refused: str) -> None:
    """What it says beside that still does."""
    alice = scene.world.add("contacts", emailaddress1=ALICE)
    walk = mapped(scene)
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match=refused, times=None)
    scene.answer(walk, said(ALICE, town="Poisonville", gear=["Tent"]))
    assert scene.sync().rejected == 1
    scene.answer(walk, said(ALICE, "2026-03-05T12:59:00Z", town="York"))
    assert outcomes(scene.sync()) == [(ALICE, "contact", "updated", "")]
    control.clear_faults()
    (again,) = replay(scene.world.account, Held.objects.all(), OPERATOR, asked={}).runs
    scene.world.carry_out(Run.objects.get(pk=again.pk))
    assert row(scene, "contacts", alice, "address1_city", "description") == {
        "address1_city": "York",
        "description": "Tent",
    }
    assert not Held.objects.exists() and not UnappliedResponse.objects.exists()


def test_a_record_that_dynamics_refuses_costs_one_record(scene: Scene) -> None:
    scene.world.add("contacts", emailaddress1=ALICE)
    bob = scene.world.add("contacts", emailaddress1=BOB)
    walk = mapped(scene, **{"contact.address1_city": "Town"})
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match='"address1_city": "poison"', times=None)
    control.fault("reject_record", match='"address1_city":"poison"', times=None)
    scene.answer(walk, said(ALICE, town="poison"), said(BOB, town="York"))
    run = scene.sync()
    assert run.rejected == 1
    assert row(scene, "contacts", bob, "address1_city")["address1_city"] == "York"
    assert Held.objects.get().reason == "refused_by_dynamics"


def test_a_lost_answer_makes_nobody_twice_and_tells_every_change(scene: Scene) -> None:
    scene.world.add("contacts", emailaddress1=ALICE)
    walk = mapped(scene, "contact")
    control = scene.world.sandbox_dataverse.control
    control.fault("lost_answer", route="POST /contacts/*", times=2)
    scene.answer(walk, said(ALICE, town="Bath"), said(BOB, town="York"))
    run = scene.sync()
    assert [(key, result) for key, _, result, _ in outcomes(run)] == [(ALICE, "updated"), (BOB, "created")]
    assert scene.world.crm.count("contacts") == 2


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ("contact.donotbulkemail", "speaks of consent"),
        ("contact.donotemail", "speaks of consent"),
        ("contact.syncline_optintype", "speaks of consent"),
        ("lead.donotphone", "speaks of consent"),
        ("contact.emailaddress1", "what people are known by"),
        ("contact.statecode", "record's state"),
        ("contact.fullname", "read only"),
        ("contact.no_such_column", "no column no_such_column"),
        ("account.name", "not one of contact and lead"),
    ],
)
def test_a_column_that_no_form_may_write_is_refused(scene: Scene, column: str, says: str) -> None:
    scene.form()
    scene.world.sync("crm_metadata")
    scene.sync()
    with pytest.raises(FormMappingRefusedError, match=says):
        remap(scene, "", {column: "Town"})
    assert not scene.known("Walk").fields.exists()


def test_a_mapping_is_logged_and_one_that_changes_nothing_is_not(scene: Scene) -> None:
    scene.form()
    scene.sync()
    assert remap(scene, "lead", LEAD)
    assert not remap(scene, "lead", LEAD)
    entry = AdminLogEntry.objects.get(action="mapping of a form")
    (after,) = entry.after.values()
    assert after[1:] == ["creates a lead"]
    assert after[0].startswith("lead.address1_city ← ")
    with pytest.raises(FormMappingRefusedError, match="not one of contact and lead"):
        remap(scene, "account", {})
    form = scene.known("Walk")
    wrong = [WantedField(table="contact", column="address1_city", question=999)]
    with pytest.raises(FormMappingRefusedError, match="no question 999"):
        save_form_mapping(form, "", wrong, by=OPERATOR)


def test_an_erased_person_is_not_on_the_way_any_more(scene: Scene) -> None:
    scene.world.add("contacts", emailaddress1=CAROL)
    walk = mapped(scene, **{"contact.numberofchildren": "Town"})
    scene.answer(walk, said(CAROL, town="many"))
    scene.sync()
    told = erase(CAROL, by=OPERATOR)
    assert told.removed["responses to forms on their way to a contact or lead"] == 1
    assert not UnappliedResponse.objects.exists()
