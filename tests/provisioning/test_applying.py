"""Making what Syncline needs in an environment: once, again, after an interruption, and against a clash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from dataverse.conftest import environment_of
from remote.stopped_clock import SandboxClock
from sandbox_process import Control, DataverseSandbox
from syncline import provisioning
from syncline.dataverse import Dataverse, Misconfigured, NewColumn, Patience, RemoteError
from syncline.provisioning.consent_tables import BY_HAND, OPT_IN_TYPES, SUPPRESSION_REASONS
from syncline.provisioning.declaration import DECLARATION, MARKETING_LIST, option
from syncline.provisioning.steps import Finish, Step


@pytest.fixture
def control(dataverse: DataverseSandbox) -> Control:
    return dataverse.control


@pytest.fixture
def clock(control: Control) -> SandboxClock:
    return SandboxClock(control)


@pytest.fixture
def client(dataverse: DataverseSandbox, clock: SandboxClock) -> Iterator[Dataverse]:
    with Dataverse(environment_of(dataverse), clock=clock, patience=Patience(attempts=2)) as client:
        yield client


def writes(control: Control) -> int:
    """Calls that may change something; asking for tokens is none."""
    routes = control.journal()["routes"]
    return sum(
        tally["calls"]
        for route, tally in routes.items()
        if not route.startswith("GET ") and not route.endswith("/token")
    )


def provision(client: Dataverse, clock: SandboxClock) -> list[Step]:
    return provisioning.apply(client, provisioning.plan(client), clock=clock)


def test_everything_declared_is_there_afterwards(
    client: Dataverse, clock: SandboxClock, control: Control
) -> None:
    plan = provisioning.plan(client)
    done: list[Step] = []
    made = provisioning.apply(client, plan, on_step=done.append, clock=clock)
    assert made == done == list(plan.steps)
    assert provisioning.plan(client).is_provisioned
    assert control.calls("POST /PublishXml") == 1
    row = {
        "listname": "Trail News",
        "createdfromcode": 2,
        "syncline_syncorder": 5,
        "syncline_membershipaction": option(2),
        "syncline_account": "northwind",
    }
    stored = client.get("lists", client.create("lists", row))
    assert stored["syncline_activated"] is False
    assert stored["syncline_membershipaction"] == option(2)


def test_a_sync_note_is_written_once_per_run_and_list(client: Dataverse, clock: SandboxClock) -> None:
    provision(client, clock)
    notes = client.table("syncline_syncnote").set_name
    trail = client.create("lists", {"listname": "Trail News", "createdfromcode": 2})
    key = {"syncline_runid": "run-1", "syncline_listid": trail}
    for count in (1, 2):
        note = {
            "syncline_name": "Trail News",
            "syncline_created": count,
            "syncline_status": option(1),
            "syncline_started": "2026-11-01T09:00:00Z",
            "syncline_List@odata.bind": f"/lists({trail})",
        }
        client.upsert(notes, key, note)
    (page,) = client.pages(notes)
    (row,) = page.rows
    assert (row["syncline_created"], row["_syncline_list_value"]) == (2, trail)


def test_consent_and_preferences_can_be_kept_in_dynamics(client: Dataverse, clock: SandboxClock) -> None:
    provision(client, clock)
    alice = client.create("contacts", {"lastname": "Archer", "syncline_optintype": OPT_IN_TYPES["Double"]})
    weekly = "7d1c9c6e-0000-5000-8000-000000000001"
    rows: dict[str, dict[str, Any]] = {
        "syncline_suppression": {
            "syncline_name": "Unsubscribed",
            "syncline_reason": SUPPRESSION_REASONS["Unsubscribed"],
            "syncline_suppressedon": "2026-03-29T01:30:00Z",
            "syncline_Contact@odata.bind": f"/contacts({alice})",
        },
        "syncline_suppressedemail": {"syncline_email": "a+b%c&d@example.com"},
        "syncline_preferencecategory": {"syncline_name": "How often", "syncline_dotdigitalid": 4},
        "syncline_contactpreference": {
            "syncline_optedin": True,
            "syncline_Preference@odata.bind": f"/syncline_preferences({weekly})",
        },
    }
    client.create_once("syncline_preferences", weekly, {"syncline_name": "Weekly"})
    stored = {}
    for table, row in rows.items():
        set_ = client.table(table).set_name
        stored[table] = client.get(set_, client.create(set_, row))
    assert stored["syncline_suppression"]["syncline_suppressedon"] == "2026-03-29T01:30:00Z"
    assert stored["syncline_suppression"]["_syncline_contact_value"] == alice
    assert stored["syncline_suppressedemail"]["syncline_addedby"] == BY_HAND
    assert stored["syncline_contactpreference"]["_syncline_preference_value"] == weekly
    (page,) = client.delta("syncline_suppressedemails", ["syncline_email"])
    assert (len(page.rows), page.delta_link is not None) == (1, True)


def test_an_environment_of_an_earlier_version_is_brought_up_to_date(
    client: Dataverse, clock: SandboxClock
) -> None:
    """Before, a membership action had three options; whoever chose one of them keeps it."""
    choice = next(one for one in MARKETING_LIST.columns if one.schema_name == "syncline_MembershipAction")
    earlier = msgspec.structs.replace(choice, options=choice.options[:3])
    columns = tuple(earlier if one is choice else one for one in MARKETING_LIST.columns)
    solution = replace(DECLARATION.solution, version="0.1.0.0")
    rest = DECLARATION.tables[1:]
    before = replace(DECLARATION, solution=solution, tables=(replace(MARKETING_LIST, columns=columns), *rest))
    provisioning.apply(client, provisioning.plan(client, before), clock=clock)
    row = {"listname": "News", "createdfromcode": 2, "syncline_membershipaction": option(2)}
    news = client.create("lists", row)

    done = provision(client, clock)
    assert [step.words for step in done] == [
        "Add the option Allow new people to list.syncline_membershipaction",
        "Publish, and mark the solution Syncline as 0.7.0.0",
    ]
    assert provisioning.plan(client).is_provisioned
    assert client.get("lists", news)["syncline_membershipaction"] == option(2)
    client.update("lists", news, {"syncline_membershipaction": option(3)})


def test_the_second_time_nothing_is_written(client: Dataverse, clock: SandboxClock, control: Control) -> None:
    provision(client, clock)
    control.clear_journal()
    assert provision(client, clock) == []
    assert writes(control) == 0


def test_planning_writes_nothing(client: Dataverse, control: Control) -> None:
    assert provisioning.plan(client).steps
    assert writes(control) == 0


@pytest.mark.parametrize("stops_at", [0, 1, 4, 12, -2, -1])
def test_an_interruption_anywhere_is_gone_on_from(
    client: Dataverse, clock: SandboxClock, stops_at: int
) -> None:
    plan = provisioning.plan(client)

    class Interrupted(Exception):
        pass

    def stop(step: Step) -> None:
        if step is plan.steps[stops_at]:
            raise Interrupted

    with pytest.raises(Interrupted):
        provisioning.apply(client, plan, on_step=stop, clock=clock)
    rest = provision(client, clock)
    assert [step.words for step in rest] == [step.words for step in plan.steps[stops_at:]]
    assert provisioning.plan(client).is_provisioned


def test_a_plan_grown_old_makes_nothing_twice(client: Dataverse, clock: SandboxClock) -> None:
    old = provisioning.plan(client)
    provision(client, clock)
    assert [type(step) for step in provisioning.apply(client, old, clock=clock)] == [Finish]
    assert provisioning.plan(client).is_provisioned


@pytest.mark.parametrize(
    "match", ["publishers", "solutions", "syncline_Activated", "syncline_SyncNote", "syncline_RunAndList"]
)
def test_a_lost_answer_makes_nothing_twice(
    client: Dataverse, clock: SandboxClock, control: Control, match: str
) -> None:
    control.fault("lost_answer", method="POST", match=match)
    provision(client, clock)
    assert provisioning.plan(client).is_provisioned
    (page,) = client.pages("publishers", filter="uniquename eq 'syncline'")
    assert len(page.rows) == 1


def test_a_column_of_another_type_is_refused_before_anything_is_made(
    client: Dataverse, clock: SandboxClock, control: Control
) -> None:
    fewer = replace(DECLARATION, tables=(replace(MARKETING_LIST, columns=()),))
    provisioning.apply(client, provisioning.plan(client, fewer), clock=clock)
    other = NewColumn(schema_name="syncline_SyncOrder", kind="text", label="Order")
    client.create_column("list", other, solution="Syncline")
    control.clear_journal()
    plan = provisioning.plan(client)
    assert [clash.what for clash in plan.clashes] == [
        "The column list.syncline_syncorder is there already, as String and not as Integer"
    ]
    with pytest.raises(Misconfigured, match="syncline_syncorder") as caught:
        provisioning.apply(client, plan, clock=clock)
    assert "Remove that column" in caught.value.what_to_do
    assert writes(control) == 0


def test_a_later_declaration_adds_only_what_is_new(client: Dataverse, clock: SandboxClock) -> None:
    provision(client, clock)
    extra = NewColumn(schema_name="syncline_Later", kind="text", label="Later")
    later = replace(
        DECLARATION,
        solution=replace(DECLARATION.solution, version="9.0.0.0"),
        tables=(replace(MARKETING_LIST, columns=(*MARKETING_LIST.columns, extra)), *DECLARATION.tables[1:]),
    )
    plan = provisioning.plan(client, later)
    assert [step.words for step in plan.steps] == [
        "Add the column Later (syncline_later, text) to list",
        "Publish, and mark the solution Syncline as 9.0.0.0",
    ]
    provisioning.apply(client, plan, clock=clock)
    assert provisioning.plan(client, later).is_provisioned


def test_the_index_of_the_key_is_waited_for(client: Dataverse, clock: SandboxClock, control: Control) -> None:
    control.settings(key_index_delay_s=30)
    provision(client, clock)
    assert sum(clock.slept_s) >= 28
    (key,) = client.keys("syncline_syncnote")
    assert key.index_status == "Active"


def test_an_index_that_takes_too_long_is_finished_another_time(
    client: Dataverse, clock: SandboxClock, control: Control
) -> None:
    control.settings(key_index_delay_s=3_000)
    plan = provisioning.plan(client)
    with pytest.raises(RemoteError, match="still being built"):
        provisioning.apply(client, plan, clock=clock, index_patience_s=20)
    assert [type(step) for step in provisioning.plan(client).steps] == [Finish]
    control.advance(3_000)
    provision(client, clock)
    assert provisioning.plan(client).is_provisioned


def test_an_environment_without_marketing_lists_is_told_so(client: Dataverse, control: Control) -> None:
    control.settings(hidden_tables=["list", "listmember"])
    plan = provisioning.plan(client)
    assert "no table list" in plan.clashes[0].what
