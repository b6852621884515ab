"""Opt-in status to Dynamics (product.md §4, no. 11): the value there is only ever raised."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import httpx2
import pytest

from syncline import provisioning
from syncline.accounts.admin_log import OPERATOR, Actor
from syncline.consent import erased
from syncline.consent.models import Due
from syncline.dotdigital import ImportRow
from syncline.dotdigital.imports import OptIn
from syncline.engine.plans import approve
from syncline.engine.repairs import UndoProblem, start_undo
from syncline.engine.replay import replay
from syncline.ledger.fuse import Limit, set_limit
from syncline.ledger.models import FuseKind, Held, Outcome, Run, RunStatus
from syncline.ledger.queue import request_cancel
from syncline.onboarding.erasing import erase
from syncline.provisioning.consent_tables import CONTACT, OPT_IN_TYPES
from syncline.provisioning.list_tables import MEMBERSHIP_ACTIONS
from syncline.syncs.consent import compared
from syncline.syncs.contract import Done
from syncline.syncs.running import advance
from tests.syncs.consent.scene import address, contact
from tests.syncs.consent.test_suppressions import went_well
from tests.syncs.consent.test_unsubscribers import synced_list
from tests.syncs.world import World

SYNC = "opt_in"
COLUMN = "syncline_optintype"
MAYA = Actor("maya", "test")
ALLOW_NEW = MEMBERSHIP_ACTIONS[3][0]
WORDS = {value: word for word, value in OPT_IN_TYPES.items()}


def agreed(world: World, name: str, how: OptIn) -> None:
    """Dotdigital holds this opt-in type from now on, however strong the one before was."""
    world.put([ImportRow(email=address(name), opt_in=how)])


def in_dynamics(world: World, record_id: str, of: str = "contacts") -> str | None:
    """The opt-in type of a row; None where it is blank."""
    value = world.crm_row(of, record_id, COLUMN)[COLUMN]
    return None if value is None else WORDS[value]


def by_hand(world: World, record_id: str, word: str, of: str = "contacts") -> None:
    world.change(of, record_id, **{COLUMN: OPT_IN_TYPES[word]})


def told(run: Run) -> list[tuple[str, str, Any, Any]]:
    """Outcomes of a run: (person, result, old value, new value)."""
    rows = Outcome.objects.filter(run=run).order_by("person_key", "pk")
    return [(row.person_key, row.result, *json.loads(row.fields)[COLUMN]) for row in rows]


@contextmanager
def just_before(call: str, happens: Callable[[], object]) -> Iterator[None]:
    """Something happens in the moment before Syncline first makes a call, once."""
    send, waiting = httpx2.Client.send, [happens]

    def send_after(client: httpx2.Client, request: httpx2.Request, **more: Any) -> httpx2.Response:
        if waiting and f"{request.method} {request.url.path}".endswith(call):
            waiting.pop()()
        return send(client, request, **more)

    with mock.patch.object(httpx2.Client, "send", send_after):
        yield
    assert not waiting, f"{call} was never called"


def test_the_opt_in_type_goes_to_contacts_and_leads_with_the_address(provisioned: World) -> None:
    world = provisioned
    alice, twin, bob = contact(world, "Alice"), contact(world, "Alice"), contact(world, "Bob")
    lead = world.add("leads", firstname="Alice", emailaddress1="ALICE@example.com ")
    company = world.add("accounts", emailaddress1=address("Alice"))
    agreed(world, "Alice", "double")
    agreed(world, "Nobody", "double")

    run = went_well(world.sync(SYNC))

    assert [in_dynamics(world, one) for one in (alice, twin, bob)] == ["Double", "Double", None]
    assert in_dynamics(world, lead, "leads") == "Double"
    assert told(run) == [(address("Alice"), "updated", None, "Double")] * 3
    assert {row.record_id for row in run.outcomes.all()} == {alice, twin, lead}
    assert company not in {row.record_id for row in run.outcomes.all()}
    assert (run.read, run.updated) == (3, 3)


def test_the_second_run_writes_nothing(provisioned: World) -> None:
    world = provisioned
    contact(world, "Alice")
    agreed(world, "Alice", "single")
    world.sync(SYNC)
    world.forget_calls()

    run = went_well(world.sync(SYNC))

    assert world.writes() == {}
    assert run.read == run.unchanged


@pytest.mark.parametrize(
    ("here", "there", "then"),
    [
        (None, "unknown", "Unknown"),
        ("Unknown", "single", "Single"),
        ("Single", "double", "Double"),
        ("Double", "double", "Double"),
        ("Double", "single", "Double"),
        ("VerifiedDouble", "double", "VerifiedDouble"),
        ("Single", "unknown", "Single"),
    ],
)
def test_what_a_person_entered_is_only_ever_raised(
    provisioned: World, here: str | None, there: OptIn, then: str
) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    if here:
        by_hand(world, alice, here)
    agreed(world, "Alice", there)

    run = went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == then
    assert run.updated == (then != here)


def test_a_confirmed_double_opt_in_is_the_strongest(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    by_hand(world, alice, "Double")
    world.sandbox_dotdigital.control.seed(
        contacts=[{"email": address("Alice"), "opt_in_type": "VerifiedDouble"}]
    )

    run = went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == "VerifiedDouble"
    assert told(run) == [(address("Alice"), "updated", "Double", "Verified double")]


def test_a_weaker_type_in_dotdigital_lowers_nothing(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    agreed(world, "Alice", "double")
    world.sync(SYNC)

    agreed(world, "Alice", "unknown")
    world.forget_calls()
    went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == "Double"
    assert world.writes() == {}


def test_a_change_that_another_sync_has_read_is_not_lost(provisioned: World) -> None:
    """Nothing but the opt-in type has changed, which is no news for a list."""
    world = provisioned
    alice = contact(world, "Alice")
    synced_list(world, "News", alice)
    agreed(world, "Alice", "single")
    world.sync(SYNC)

    agreed(world, "Alice", "double")
    world.sync("suppressions")
    went_well(world.sync(SYNC))

    assert in_dynamics(world, alice) == "Double"


def test_records_and_contacts_that_appear_later_get_theirs(provisioned: World) -> None:
    world = provisioned
    agreed(world, "Alice", "double")
    bob = contact(world, "Bob")
    went_well(world.sync(SYNC))

    alice = contact(world, "Alice")
    agreed(world, "Bob", "single")
    went_well(world.sync(SYNC))

    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ("Double", "Single")


def test_who_becomes_a_contact_by_a_list_sync_gets_theirs_too(provisioned: World) -> None:
    world = provisioned
    went_well(world.sync(SYNC))
    news = synced_list(world, "News")
    world.change("lists", news.list_id, syncline_membershipaction=ALLOW_NEW)
    world.put(
        [
            ImportRow(
                email=address("Zoe"),
                opt_in="double",
                lists=(news.address_book_id or 0,),
                data_fields={"FIRSTNAME": "Zoe", "LASTNAME": "Zed"},
            )
        ]
    )
    world.sync("lists_out")
    page = next(world.crm.pages("contacts", filter=f"emailaddress1 eq '{address('Zoe')}'"))
    assert len(page.rows) == 1

    went_well(world.sync(SYNC))

    assert in_dynamics(world, page.rows[0]["contactid"]) == "Double"


def test_it_follows_a_changed_address(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    synced_list(world, "News", alice)
    went_well(world.sync(SYNC))

    world.change("contacts", alice, emailaddress1=address("Alicia"))
    agreed(world, "Alice", "double")
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice) != "Double"
    world.sync("lists_out")
    went_well(world.sync(SYNC))

    assert world.contact(address("Alicia")).opt_in == "double"
    assert in_dynamics(world, alice) == "Double"


def test_two_accounts_on_one_environment_only_raise(provisioned: World, south: World) -> None:
    north = provisioned
    alice, bob = contact(north, "Alice"), contact(north, "Bob")
    agreed(north, "Alice", "double")
    agreed(south, "Alice", "single")
    agreed(north, "Bob", "unknown")
    agreed(south, "Bob", "double")

    went_well(north.sync(SYNC))
    run = went_well(south.sync(SYNC))

    assert (in_dynamics(north, alice), in_dynamics(north, bob)) == ("Double", "Double")
    assert told(run) == [(address("Bob"), "updated", "Unknown", "Double")]
    for world in (north, south):
        world.forget_calls()
        went_well(world.sync(SYNC))
        assert world.writes() == {}


def test_an_account_that_writes_in_the_same_moment_is_not_overwritten(
    provisioned: World, south: World
) -> None:
    north = provisioned
    alice, bob = contact(north, "Alice"), contact(north, "Bob")
    for name in ("Alice", "Bob"):
        agreed(north, name, "single")
    agreed(south, "Alice", "double")

    with just_before("POST /api/data/v9.2/$batch", lambda: south.sync(SYNC)):
        run = went_well(north.sync(SYNC))

    assert (in_dynamics(north, alice), in_dynamics(north, bob)) == ("Double", "Single")
    assert told(run) == [(address("Bob"), "updated", None, "Single")]


def test_a_row_that_changes_in_the_same_moment_is_read_again(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    for name in ("Alice", "Bob"):
        agreed(world, name, "double")

    def meanwhile() -> None:
        by_hand(world, alice, "Single")
        world.change("contacts", bob, firstname="Robert")

    with just_before("POST /api/data/v9.2/$batch", meanwhile):
        run = went_well(world.sync(SYNC))

    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ("Double", "Double")
    assert told(run) == [
        (address("Alice"), "updated", "Single", "Double"),
        (address("Bob"), "updated", None, "Double"),
    ]
    assert (run.read, run.updated) == (2, 2)


def test_a_plan_writes_nothing_and_is_then_carried_out(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    by_hand(world, alice, "Single")
    for name in ("Alice", "Bob"):
        agreed(world, name, "double")
    world.forget_calls()

    plan = world.sync(SYNC, plan_only=True)

    assert world.writes() == {}
    assert plan.approval == "waiting"
    assert told(plan) == [
        (address("Alice"), "planned", "Single", "Double"),
        (address("Bob"), "planned", None, "Double"),
    ]
    world.change("contacts", bob, firstname="Robert")
    run = world.carry_out(approve(plan, MAYA))
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 2), run.message
    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ("Double", "Double")


def test_who_changed_since_the_plan_is_left_out_and_comes_next(provisioned: World) -> None:
    world = provisioned
    alice, bob = contact(world, "Alice"), contact(world, "Bob")
    agreed(world, "Alice", "double")
    plan = world.sync(SYNC, plan_only=True)

    by_hand(world, alice, "Single")
    agreed(world, "Bob", "double")
    run = world.carry_out(approve(plan, MAYA))

    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ("Single", None)
    assert (run.skipped, run.message_code) == (1, "changed_since_plan")
    went_well(world.sync(SYNC))
    assert (in_dynamics(world, alice), in_dynamics(world, bob)) == ("Double", "Double")


def test_values_that_would_be_replaced_trip_the_fuse_and_blanks_do_not(provisioned: World) -> None:
    world = provisioned
    people = [contact(world, f"Person{number}") for number in range(4)]
    for number in range(4):
        agreed(world, f"Person{number}", "single")
    set_limit(world.account, SYNC, FuseKind.OVERWRITES, Limit(50, 1), OPERATOR)
    went_well(world.sync(SYNC))
    for number in range(3):
        agreed(world, f"Person{number}", "double")

    run = world.sync(SYNC)

    assert run.status == RunStatus.WAITING
    assert run.fuse == ["Would overwrite values of 3 of 4 people; the fuse is set to 50 % and 1 people."]
    assert {in_dynamics(world, one) for one in people} == {"Single"}
    world.carry_out(approve(run, MAYA))
    assert [in_dynamics(world, one) for one in people] == ["Double"] * 3 + ["Single"]


def test_one_record_that_dynamics_refuses_is_held_and_replayed(provisioned: World) -> None:
    world = provisioned
    alice, poison = contact(world, "Alice"), contact(world, "Poison")
    agreed(world, "Alice", "single")
    agreed(world, "Poison", "double")
    control = world.sandbox_dataverse.control
    control.fault("reject_record", match=f'"{COLUMN}":{OPT_IN_TYPES["Double"]}', times=None)

    run = world.sync(SYNC)

    assert run.status == RunStatus.COMPLETED_WITH_ERRORS
    assert told(run) == [
        (address("Alice"), "updated", None, "Single"),
        (address("Poison"), "rejected", None, "Double"),
    ]
    held = Held.objects.get()
    assert (held.sync_type, held.person_key, held.reason) == (SYNC, address("Poison"), "refused_by_dynamics")
    world.forget_calls()
    world.sync(SYNC)
    assert world.writes() == {}

    control.clear_faults()
    (again,) = replay(world.account, Held.objects.all(), OPERATOR, asked={}).runs
    went_well(world.carry_out(again))
    assert (in_dynamics(world, alice), in_dynamics(world, poison)) == ("Single", "Double")
    assert not Held.objects.exists()


def test_a_cancelled_run_stops_between_pages_and_the_next_goes_on(
    provisioned: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = provisioned
    monkeypatch.setattr(compared, "PAGE", 1)
    people = [contact(world, name) for name in ("Alice", "Bob", "Cat")]
    for name in ("Alice", "Bob", "Cat"):
        agreed(world, name, "double")
    run = world.start(SYNC)
    while not run.updated:
        assert not isinstance(advance(str(run.key)), Done)
        run.refresh_from_db()

    assert request_cancel(run, "maya")
    world.carry_out(run)

    assert (run.status, run.updated) == (RunStatus.CANCELLED, 1)
    assert [in_dynamics(world, one) for one in people].count("Double") == 1
    went_well(world.sync(SYNC))
    assert [in_dynamics(world, one) for one in people] == ["Double"] * 3


def test_without_the_column_the_run_says_what_to_do(world: World) -> None:
    alice = contact(world, "Alice")
    agreed(world, "Alice", "double")

    run = world.sync(SYNC)

    assert (run.status, run.message_code) == (RunStatus.FAILED, "no_opt_in_column")
    assert run.message == "Dynamics has no column Opt-in Type on contact yet"
    assert "syncline provision" in run.remedy
    world.crm.create_column("contact", CONTACT.columns[0], solution="Default")
    run = world.sync(SYNC)
    assert run.message == "Dynamics has no column Opt-in Type on lead yet"
    provisioning.apply(world.crm, provisioning.plan(world.crm))
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice) == "Double"


def test_a_run_is_never_undone(provisioned: World) -> None:
    """It could only lower what somebody agreed to; and of many accounts none knows what the others say."""
    world = provisioned
    contact(world, "Alice")
    agreed(world, "Alice", "double")
    run = world.sync(SYNC)

    with pytest.raises(UndoProblem, match="Consent is never undone"):
        start_undo(run, MAYA)


def test_an_erased_person_leaves_no_trace_and_who_had_opted_out_is_left_alone(provisioned: World) -> None:
    world = provisioned
    alice = contact(world, "Alice")
    agreed(world, "Alice", "single")
    went_well(world.sync(SYNC))
    agreed(world, "Alice", "double")
    world.sync(SYNC, plan_only=True)
    world.dd.unsubscribe(address("Alice"))
    world.sync("suppressions")
    assert Due.objects.filter(sync_type=SYNC).exists()

    erase(address("Alice"), by=OPERATOR)

    assert not Due.objects.filter(person_key=address("Alice")).exists()
    assert erased.anybody()
    world.change("contacts", alice, firstname="Alicia")
    agreed(world, "Alice", "double")
    went_well(world.sync(SYNC))
    assert in_dynamics(world, alice) == "Single"
